"""The model cache: pull, verify, list, remove, and the verified files of a role for whoever runs it.

Takes packs and a folder (`VITASCOPE_MODELS`, else the user's cache folder); gives paths whose bytes were checked. A
damaged file is fetched once more and then refused. It does not load models.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vitascope.base.errors import FetchError, ModelCorrupt, ModelFailed, ModelMissing

from ._archives import file_hash
from ._derive import RECIPES, derived, derived_place, made_intact
from ._pack import FIRST_USE, FileSpec, InstalledSource, Pack, RoleSpec
from ._pull import Counter, Progress, Puller, Want, piece_hash
from ._store import BlobStore

State = Literal["ok", "absent", "damaged"]


@dataclass(frozen=True)
class ModelFiles:
    """A role's files, checked. `sha256` is that of the main file, `folder` holds them all under their names."""

    role: RoleSpec
    folder: Path
    paths: tuple[tuple[str, Path], ...]
    sha256: str

    def path(self, name: str) -> Path:
        """The file of that name."""
        return dict(self.paths)[name]


@dataclass(frozen=True)
class FileState:
    """What became of one file of a pack."""

    role: str
    model: str
    file: str
    state: State
    bytes: int
    path: Path | None


@dataclass(frozen=True)
class RoleState:
    """One line of `vitascope models list`."""

    pack: str
    role: str
    model: str
    task: str
    languages: tuple[str, ...]
    licence: str
    credit: str
    note: str
    sources: tuple[str, ...]
    bytes: int
    optional: bool
    pinned: bool
    """False where the pack states no hash for a file, so the first download is believed."""
    state: State


@dataclass(frozen=True)
class PullReport:
    """What a pull did."""

    pack: str
    roles: tuple[str, ...]
    fetched_bytes: int
    bytes: int


def default_cache_folder() -> Path:
    """`VITASCOPE_MODELS`, else the user's cache folder."""
    import platformdirs

    said = os.environ.get("VITASCOPE_MODELS")
    return Path(said).expanduser() if said else Path(platformdirs.user_cache_dir("vitascope")) / "models"


def default_source_folders() -> tuple[Path, ...]:
    """The operator's own folders, from `VITASCOPE_MODEL_SOURCES` (separated as PATH is)."""
    return tuple(Path(p).expanduser() for p in os.environ.get("VITASCOPE_MODEL_SOURCES", "").split(os.pathsep) if p)


class ModelCache:
    """Files of models, by content. Safe for several processes at once.

    Args:
        root: the cache folder; default `VITASCOPE_MODELS`, else the user's cache folder.
        folders: the operator's own folders, asked before every other source; default `VITASCOPE_MODEL_SOURCES`.
        offline: use local folders and indexes only.
    """

    def __init__(
        self, root: Path | None = None, *, folders: Sequence[Path] | None = None, offline: bool = False
    ) -> None:
        self.store = BlobStore(root if root is not None else default_cache_folder())
        self._folders = tuple(folders) if folders is not None else default_source_folders()
        self._offline = offline

    # -- what an operator asks -------------------------------------------------------------------------------------

    def pull(self, pack: Pack, *, roles: Collection[str] | None = None, progress: Progress | None = None) -> PullReport:
        """Fetch what is missing or damaged; all roles that are not optional, or those named.

        Goes on where an interrupted pull stopped (whole files are kept). Raises FetchError saying what each source said.
        """
        chosen = frozenset(roles) if roles is not None else None
        files = [(r, f) for r, f in pack.files(chosen) if f.installed is None]
        with self.store.lock("pull"):  # another process that pulls is waited for, and then finds everything here
            wants = [want for role, file in files for want in self._missing(role, file)]
            wants = list({(w.piece.sha256, w.piece.sources, w.model, w.name): w for w in wants}.values())
            fetched = Puller(self.store, self._folders, offline=self._offline, progress=progress).pull(wants)
            counter = Counter(fetched, progress)
            for role, file in files:
                if file.parts and not self.store.intact(file.sha256):
                    counter.set("join", fetched, "join", f"{role.model}/{file.name}")
                    self.store.join([p.sha256 for p in file.parts], file.sha256, file.bytes)
        for role in {r.role: r for r, _ in files}.values():
            if role.derive and not self._derived_there(role):
                counter.set("derive", fetched, "derive", role.model)
                self.derived(self.files(role))
        names = tuple(dict.fromkeys(r.role for r, _ in pack.files(chosen)))
        return PullReport(pack.name, names, fetched, sum(f.bytes for _, f in files))

    def verify(self, pack: Pack, *, roles: Collection[str] | None = None) -> tuple[FileState, ...]:
        """Hash every file of the pack anew and say which are whole, absent or damaged."""
        chosen = frozenset(roles) if roles is not None else frozenset(r.role for r in pack.roles)
        found = []
        for role, file in pack.files(chosen):
            sha256 = piece_hash(file.whole, self.store.pins())
            if sha256 is not None:
                self.store.forget(sha256)
            state, path = self._state(file)
            found.append(FileState(role.role, role.model, file.name, state, file.bytes, path))
            main = RECIPES.get(role.derive)
            if main == file.name and state == "ok" and sha256 is not None:
                made = derived_place(self.store, role.derive, sha256)
                state = "ok" if made_intact(made) else "damaged" if made.exists() else "absent"
                size = made.stat().st_size if made.exists() else 0
                found.append(FileState(role.role, role.model, f"{role.derive} (made here)", state, size, made))
        return tuple(found)

    def list(self, packs: Iterable[Pack]) -> tuple[RoleState, ...]:
        """Every role of the packs with licence, sources, size, languages, task and whether it is here (sizes, not hashes)."""
        lines = []
        for pack in packs:
            for role in pack.roles:
                states = [self._glance(f) for f in role.files]
                state: State = "absent" if "absent" in states else "damaged" if "damaged" in states else "ok"
                sources = [s for f in role.files for s in (f.sources or f.parts[0].sources)]
                lines.append(
                    RoleState(
                        pack=pack.name,
                        role=role.role,
                        model=role.model,
                        task=role.task,
                        languages=role.languages,
                        licence=role.licence,
                        credit=role.credit,
                        note=role.note,
                        sources=tuple(dict.fromkeys(str(s) for s in sources))
                        or ((f"endpoint {role.endpoint.url}",) if role.endpoint else ()),
                        bytes=role.bytes,
                        optional=role.optional,
                        pinned=all(f.sha256 != FIRST_USE for f in role.files),
                        state=state,
                    )
                )
        return tuple(lines)

    def remove(self, pack: Pack, *, keep: Iterable[Pack] = ()) -> int:
        """Delete the pack's files, except those that `keep` packs need too; gives the bytes freed.

        A pack of `keep` counts only where it was pulled: a file of its own, which the removed pack lacks, is here.
        """
        pins = self.store.pins()
        own = {piece_hash(f.whole, pins) for r in pack.roles for f in r.files}
        kept: set[str | None] = set()
        for other in keep:
            needs = {piece_hash(f.whole, pins) for r in other.roles for f in r.files if f.installed is None}
            if any(h is not None and self.store.path(h).is_file() for h in needs - own):
                kept |= needs
        freed = 0
        for role in pack.roles:
            hashes = [(f, piece_hash(f.whole, pins)) for f in role.files if f.installed is None]
            for file, sha256 in hashes:
                if sha256 is None or sha256 in kept:
                    continue
                if RECIPES.get(role.derive) == file.name:
                    made = derived_place(self.store, role.derive, sha256)
                    if made.exists():
                        freed += made.stat().st_size
                        shutil.rmtree(made.parent, ignore_errors=True)
                freed += self.store.drop(sha256)
                for part in file.parts:
                    freed += self.store.drop(part.sha256)
        self._drop_dead_folders()
        return freed

    # -- what runs models asks ------------------------------------------------------------------------------------

    def files(self, role: RoleSpec) -> ModelFiles:
        """The role's files with their bytes checked.

        Raises ModelMissing where one is not here, ModelCorrupt where one is damaged and could not be fetched anew.
        """
        paths: list[tuple[str, Path]] = []
        links: list[tuple[str, str]] = []
        for file in role.files:
            state, path = self._state(file)
            if state == "damaged" and file.installed is None:
                state, path = self._repair(role, file)
            if state == "damaged":
                raise ModelCorrupt(
                    f"the file {file.name} of {role.model} is not what was published",
                    place=str(path),
                    remedy="install Vitascope's dependencies again"
                    if file.installed
                    else "run `vitascope models pull`",
                )
            if state == "absent" or path is None:
                raise missing(role, file.name)
            paths.append((file.name, path))
            if file.installed is None:
                sha256 = piece_hash(file.whole, self.store.pins())
                links.append((file.name, sha256 or ""))
        folder = self.store.folder(links) if links else (paths[0][1].parent if paths else self.store.root)
        if links:
            paths = [(name, folder / name) for name, _ in links]
        main = (piece_hash(role.files[0].whole, self.store.pins()) or "") if role.files else ""
        return ModelFiles(role, folder, tuple(paths), main)

    def main_hash(self, role: RoleSpec) -> str:
        """SHA-256 of the role's main file: stated, or written down when it was first fetched; "" before that."""
        return (piece_hash(role.files[0].whole, self.store.pins()) or "") if role.files else ""

    def derived(self, files: ModelFiles) -> Path:
        """What the role's recipe makes of its files, made now where it is not here."""
        name = RECIPES[files.role.derive]
        spec = next(f for f in files.role.files if f.name == name)
        sha256 = piece_hash(spec.whole, self.store.pins()) or ""
        try:
            return derived(self.store, files.role.derive, files.path(name), sha256)
        except OSError as error:
            raise ModelFailed(
                f"the model could not be made ready: {error}",
                place=files.role.model,
                remedy="check the model cache's disk",
            ) from error

    def renew(self, role: RoleSpec) -> bool:
        """Hash the role's files anew (after a model would not load); True when one is damaged.

        The next `files` or `derived` call then fetches or makes it once more.
        """
        damaged = False
        for file in role.files:
            sha256 = piece_hash(file.whole, self.store.pins())
            if sha256:
                self.store.forget(sha256)
            damaged |= self._state(file)[0] == "damaged"
            if sha256 and RECIPES.get(role.derive) == file.name:
                damaged |= not made_intact(derived_place(self.store, role.derive, sha256))
        return damaged

    # -- inside -----------------------------------------------------------------------------------------------------

    def _state(self, file: FileSpec) -> tuple[State, Path | None]:
        if file.installed is not None:
            path = installed_path(file.installed)
            if path is None or not path.is_file():
                return "absent", None
            return ("ok" if file_hash(path) == file.sha256 else "damaged"), path
        sha256 = piece_hash(file.whole, self.store.pins())
        if sha256 is None or not self.store.path(sha256).is_file():
            return "absent", None
        return ("ok" if self.store.intact(sha256) else "damaged"), self.store.path(sha256)

    def _glance(self, file: FileSpec) -> State:
        if file.installed is not None:
            path = installed_path(file.installed)
        else:
            sha256 = piece_hash(file.whole, self.store.pins())
            path = self.store.path(sha256) if sha256 else None
        if path is None or not path.is_file():
            return "absent"
        return "ok" if file.sha256 == FIRST_USE or path.stat().st_size == file.bytes else "damaged"

    def _missing(self, role: RoleSpec, file: FileSpec) -> Sequence[Want]:
        sha256 = piece_hash(file.whole, self.store.pins())
        if sha256 is not None and self.store.intact(sha256):
            return []
        if sha256 is not None:
            self.store.drop(sha256)
        if file.sources:
            return [Want(file.whole, file.name, role.model)]
        parts = [
            Want(p, f"{file.name}.part{i}", role.model)
            for i, p in enumerate(file.parts, 1)
            if not self.store.intact(p.sha256)
        ]
        with contextlib.suppress(FetchError):  # a local folder may hold the joined file itself
            Puller(self.store, self._folders, offline=True, progress=None).pull(
                [Want(file.whole, file.name, role.model)]
            )
            return []
        return parts

    def _repair(self, role: RoleSpec, file: FileSpec) -> tuple[State, Path | None]:
        """Fetch a damaged file once more."""
        try:
            with self.store.lock("pull"):
                wants = self._missing(role, file)
                Puller(self.store, self._folders, offline=self._offline, progress=None).pull(wants)
                if file.parts and not self.store.intact(file.sha256):
                    self.store.join([p.sha256 for p in file.parts], file.sha256, file.bytes)
        except FetchError as error:
            raise ModelCorrupt(
                f"the file {file.name} of {role.model} was damaged and could not be fetched anew: {error.thing}",
                place=str(self.store.root),
                remedy="check the network and run `vitascope models pull`",
            ) from error
        return self._state(file)

    def _derived_there(self, role: RoleSpec) -> bool:
        spec = next(f for f in role.files if f.name == RECIPES.get(role.derive, role.files[0].name))
        sha256 = piece_hash(spec.whole, self.store.pins())
        return sha256 is not None and made_intact(derived_place(self.store, role.derive, sha256))

    def _drop_dead_folders(self) -> None:
        base = self.store.root / "folders"
        for folder in base.iterdir() if base.is_dir() else ():
            # a hard link that is the only one left has outlived its blob
            if any(
                not f.exists() or (f.is_file() and f.stat().st_nlink == 1 and not f.is_symlink())
                for f in folder.rglob("*")
            ):
                shutil.rmtree(folder, ignore_errors=True)


def installed_path(source: InstalledSource) -> Path | None:
    """Where a dependency's data file lies, found without importing the dependency."""
    try:
        return Path(str(importlib.metadata.distribution(source.installed).locate_file(source.path)))
    except importlib.metadata.PackageNotFoundError:
        return None


def missing(role: RoleSpec, file: str = "") -> ModelMissing:
    """The error for a model that is not here."""
    return ModelMissing(
        f"the model {role.model} is not here yet" + (f" ({file} is missing)" if file else ""),
        place=f"role {role.role}",
        remedy="run `vitascope models pull embedded`, or the pack you use",
    )
