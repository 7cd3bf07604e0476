"""Port of connectors: what turns an archive or an address of someone's into items and acts.

A connector is a small class with a name, found through the entry point group `vitascope.connectors`; the built-in ones come
through the same door. It is given a `Source`, never a path: whatever it reads is bounded and stays inside what the user named.
It knows no person: whose acts they are, the command that runs it says. Contract suite: tests/catalog/test_connectors.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from vitascope.base.items import ItemDraft
from vitascope.base.records import Record


class SourceItem(Record):
    """An item that a source holds."""

    draft: ItemDraft
    uri: str | None = None
    """An http(s) address of its media."""
    file: str | None = None
    """Name of a file of the source that is its media."""


class Act(Record):
    """Something that the person whose source this is did. Types and values: the events' contract."""

    type: str
    item_id: str | None = None
    value: float | None = None
    timestamp: float | None = None
    """Seconds since 1970; None: the source does not say when, so the act has no time and no order."""
    surface: str | None = None
    text: str | None = None
    target: str | None = None
    event_id: str | None = None
    """The same act in another export of the same source has the same id."""
    place: str = ""
    """File and entry."""


class Fault(Record):
    """Something in a source that could not be used."""

    place: str
    reason: str
    remedy: str
    kept: bool = False
    """Only a part of it: the rest of the entry was taken."""


class Source(Protocol):
    """A file, a folder, an archive file or an address, read within bounds."""

    @property
    def address(self) -> str:
        """As the user named it."""
        ...

    def names(self) -> tuple[str, ...]:
        """Names of its files, "/" between their parts; none of an address."""
        ...

    def head(self, name: str, n: int) -> bytes:
        """The first bytes of a file, fewer where it is shorter. Raises InputError."""
        ...

    def read(self, name: str) -> bytes:
        """A file's bytes. Raises InputError where it is longer than `catalog.archive.file_bytes`, packed like a bomb,
        encrypted or damaged."""
        ...

    def keep(self, name: str, folder: Path) -> Path:
        """Copy a file to a folder under a name made of its content. Raises InputError."""
        ...

    def fetch(self, url: str, limit: int) -> bytes:
        """The bytes at an http(s) address, at most `limit`; never of this machine or its network unless allowed.

        Raises FetchError or Refused.
        """
        ...

    def faults(self) -> tuple[Fault, ...]:
        """What of the source itself was left out, such as names that lead out of an archive."""
        ...


class Connector(Protocol):
    """Reads one kind of source."""

    @property
    def name(self) -> str:
        """Also the scheme of its addresses: "name:..."."""
        ...

    def claims(self, source: Source) -> bool:
        """Whether the source is of its kind. Quick: it looks at names and heads. Never raises for what is in them."""
        ...

    def read(self, source: Source) -> Iterator[SourceItem | Act | Fault]:
        """Everything in it; an item before the acts on it. Raises InputError where it is unreadable as a whole."""
        ...


class ArchiveReport(Record):
    """What an archive brought."""

    connector: str
    items_new: int = 0
    items_known: int = 0
    added: int = 0
    known: int = 0
    set_aside: int = 0
