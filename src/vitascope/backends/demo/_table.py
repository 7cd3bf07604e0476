"""The table of the demo's clips and people, read from `demo_media.toml`.

Takes the packaged file; gives frozen records: which clip lies where in which package, under which licence, and which
groups of clips each demo person is openly said to like. It fetches nothing and knows no library.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from pathlib import PurePosixPath
from typing import Literal

from vitascope.base.items import ItemKind
from vitascope.base.records import Record


class Clip(Record):
    """One clip of the demo and where it comes from."""

    id: str
    title: str
    creator: str
    credit: str
    licence: str
    licence_source: str
    """Where the licence is stated: a file inside the package, or the file's own tag."""
    group: str
    """What the demo's people are said to like; Vitascope is never told it."""
    kind: ItemKind
    seconds: float
    language: str | None = None
    short: bool = False
    """Part of the short demo too."""
    same_work_as: str | None = None
    """The clip that this is another container of: a near-duplicate on purpose, not a work of its own."""
    path: str
    """Its path inside the archive."""
    bytes: int | None = None
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name in the cache."""
        return self.id + PurePosixPath(self.path).suffix


class Package(Record):
    """A released package that holds clips."""

    requirement: str
    """"NAME==VERSION"."""
    archive: Literal["wheel", "sdist", "deb"]
    sha256: str | None = None
    """Of the whole archive, where the index that gives it states none (Debian)."""
    clip: tuple[Clip, ...]


class DemoPerson(Record):
    """A person of the audience, with the taste that is stated openly."""

    id: str
    name: str
    says: str
    says_zh: str
    likes: tuple[str, ...]
    """Groups of clips."""


class ClipTable(Record):
    """All of it."""

    package: tuple[Package, ...]
    person: tuple[DemoPerson, ...]

    def clips(self, short: bool = False) -> tuple[Clip, ...]:
        """All clips, or those of the short demo."""
        return tuple(c for p in self.package for c in p.clip if c.short or not short)


@functools.cache
def clip_table() -> ClipTable:
    """The packaged table."""
    text = resources.files(__package__).joinpath("demo_media.toml").read_text(encoding="utf-8")
    return ClipTable.model_validate(tomllib.loads(text))
