"""Ports of the stores that know no person. Contract suite: tests/contracts/test_stores.py.

Every write is durable when the call returns. Calls are safe from several threads and processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Description, Extraction, SharedSpan
from vitascope.base.items import Item, ItemDraft, OwnVector
from vitascope.base.media import Asset, Loudness, Probe, Problem
from vitascope.base.records import AssetKey, ItemKey, Record
from vitascope.base.time import MediaTime


class AssetDraft(Record):
    """An asset before it has an internal id. One `uri` is one asset."""

    uri: str
    sha256: str
    bytes: int
    modified: float
    probe: Probe | None
    duration: MediaTime | None
    loudness: Loudness | None = None


class Counts(Record):
    """Sizes of a library."""

    items: int
    available: int
    assets: int
    described: int
    pending: int
    people: int
    events: int
    problems: int


class ItemStore(Protocol):
    """Items and their assets."""

    def put(self, drafts: Sequence[ItemDraft]) -> list[Item]:
        """Insert or update by `item_id` in one transaction; a statement replaces the fields it states (a None or
        empty field of a draft leaves what is stored). Answers the items in order."""
        ...

    def put_assets(self, item: ItemKey, drafts: Sequence[AssetDraft]) -> list[Asset]:
        """Insert or update by uri, and bind them to the item."""
        ...

    def get(self, item_id: str) -> Item | None: ...
    def by_key(self, keys: Sequence[ItemKey]) -> dict[ItemKey, Item]: ...
    def keys(self, item_ids: Iterable[str]) -> dict[str, ItemKey]: ...
    def iter(self, available: bool | None = None, after: int = 0) -> Iterator[Item]:
        """All items in order of their key, those with a larger one than `after`."""
        ...

    def assets(self, items: Sequence[ItemKey]) -> dict[ItemKey, list[Asset]]: ...
    def durations(self) -> dict[ItemKey, float]:
        """Seconds of each item's first asset; items without one, or of unknown length, are left out."""
        ...

    def clear(self, item: ItemKey, fields: Sequence[str]) -> None:
        """Take away what was stated: title, description, tags, language, published_at, creator, licence, credit, extra."""
        ...

    def asset_by_uri(self, uri: str) -> Asset | None: ...
    def assets_by_sha256(self, sha256: str) -> list[Asset]: ...
    def assets_under(self, folder: str) -> list[Asset]:
        """Assets whose uri is a local path below the folder."""
        ...

    def move_asset(self, asset: AssetKey, uri: str, modified: float) -> None: ...
    def set_available(self, items: Sequence[ItemKey], available: bool) -> None: ...
    def delete(self, items: Sequence[ItemKey]) -> None:
        """Take items out for good; events of them stay in the log."""
        ...

    def root_id(self, folder: str) -> str:
        """The id of a watched root, made once and kept; a root that moved keeps its id if its marker is found."""
        ...

    def counts(self) -> Counts: ...


class Neighbour(Record):
    """A near or exact duplicate link: `item` is a copy of `other`, 0..1 how sure."""

    item: ItemKey
    other: ItemKey
    score: float
    exact: bool


class Fingerprint(Record):
    """What near-duplicates are found by; small enough to keep for every asset."""

    asset: AssetKey
    item: ItemKey
    duration: MediaTime
    picture: bytes
    """uint64 hashes, little endian."""
    picture_step: float
    audio: bytes
    """Sub-fingerprints as `base.media.Decoded.audio_print` has them."""
    audio_step: float


class DuplicateStore(Protocol):
    """Links between copies; nothing is ever deleted by finding one."""

    def put_fingerprint(self, fingerprint: Fingerprint) -> None: ...
    def fingerprints(self) -> Iterator[Fingerprint]: ...
    def replace(self, item: ItemKey, copies: Sequence[Neighbour], shares: Sequence[SharedSpan]) -> None:
        """Set the links of one item (a link counts in both directions for `copies_of`)."""
        ...

    def copies_of(self, items: Sequence[ItemKey]) -> dict[ItemKey, tuple[ItemKey, ...]]:
        """Whole-work duplicates, transitive, the item itself left out."""
        ...

    def groups(self) -> dict[ItemKey, ItemKey]:
        """item -> the smallest key of its group, for items that have a duplicate."""
        ...

    def shares(self, item: ItemKey) -> tuple[SharedSpan, ...]: ...


class DescriptionStore(Protocol):
    """Extractions (by content hash) and descriptions (by item)."""

    def extraction(self, key: str) -> Extraction | None: ...
    def extractions_of(self, sha256: str) -> tuple[Extraction, ...]:
        """All that was found in these bytes, whichever asset they stood for then."""
        ...

    def put_extraction(self, extraction: Extraction) -> None: ...
    def put(self, description: Description, vectors: dict[str, npt.NDArray[np.float32]]) -> None:
        """Save a description with its vectors (kind -> vector of unit length) in one transaction."""
        ...

    def get(self, item: ItemKey) -> Description | None: ...
    def many(self, items: Sequence[ItemKey]) -> dict[ItemKey, Description]: ...
    def iter(self) -> Iterator[Description]: ...
    def fingerprints(self) -> dict[ItemKey, str]: ...


class SignalCache(Protocol):
    """Extractions by content that several libraries share: bounded, and allowed to forget anything at any time."""

    def get(self, key: str) -> Extraction | None:
        """What was kept under that key; its `asset` is 0."""
        ...

    def put(self, extraction: Extraction) -> None:
        """Keep it, if there is room. Raises nothing."""
        ...


class VectorStore(Protocol):
    """Vectors by item and key, fp16 in the database."""

    def put(self, key: str, model: str, vectors: dict[ItemKey, npt.NDArray[np.float32]]) -> None: ...
    def put_own(self, item: ItemKey, vectors: Sequence[OwnVector]) -> list[str]:
        """Keep the owner's vectors, normalised, under "own:KEY". Answers the keys refused for another length."""
        ...

    def matrix(self, key: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """All vectors of a key: item keys (n,), rows (n, d), in order of the item key. (0, 0) where there is none."""
        ...

    def keys(self) -> tuple[str, ...]: ...
    def models(self, key: str) -> dict[ItemKey, str]:
        """Which model or text hash made each vector of a key: "MODEL@HASH"."""
        ...


class ProblemStore(Protocol):
    """Inputs that were set aside."""

    def add(self, problems: Sequence[Problem]) -> None:
        """Same kind and place: one problem, counted."""
        ...

    def clear(self, places: Iterable[str]) -> int:
        """Forget problems at these places (the file reads well now)."""
        ...

    def iter(self, kind: str | None = None) -> Iterator[Problem]: ...


LIBRARY_VERSION = "version:library"
"""Name in the settings store; whoever changes items or descriptions sets it anew, and every reader looks at it."""


class SettingsStore(Protocol):
    """Small named texts of the home (schema version apart): "seed", "demo", "index:version" ..."""

    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str | None) -> None: ...


class JobStore(Protocol):
    """A lease table: who works on what, until when."""

    def put(self, kind: str, subjects: Sequence[str]) -> int:
        """Queue subjects that are not waiting or running already; answers how many were new."""
        ...

    def lease(self, kind: str, worker: str, seconds: float, n: int = 1) -> list[str]:
        """Take up to n subjects whose lease is free or over."""
        ...

    def done(self, kind: str, subjects: Sequence[str]) -> None: ...
    def failed(self, kind: str, subject: str, reason: str) -> None: ...
    def waiting(self, kind: str) -> int: ...
