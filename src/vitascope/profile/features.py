"""The library's named features as one sparse table, which tastes and scores share.

Takes items and descriptions from their stores. Gives a `FeatureTable` over all items, rebuilt only in what changed. An
item that is not described yet has the features that its owner states (tags, creator). Knows no person.
"""

from __future__ import annotations

import threading
import time
import unicodedata
from collections.abc import Callable, Mapping
from hashlib import blake2b

import numpy as np

from vitascope.base.content import Feature
from vitascope.base.items import Item
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.ports.stores import LIBRARY_VERSION, DescriptionStore, ItemStore, SettingsStore
from vitascope.base.records import ItemKey

_MOST_TAGS = 50
_LOOK_AGAIN = 2.0
_BATCH = 500

Entries = tuple[tuple[str, float], ...]


def plain(text: str) -> str:
    """A name as features write it: NFKC, folded case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def stated(item: Item) -> Entries:
    """Features of an item that nobody described: what its owner says of it."""
    out: dict[str, float] = {}
    for tag in item.tags[:_MOST_TAGS]:
        if name := plain(tag)[:100]:
            out[f"tag:{name}"] = 1.0
    if item.creator and (name := plain(item.creator)[:200]):
        out[f"creator:{name}"] = 1.0
    return tuple(out.items())


class FeatureLibrary:
    """Builds the table and keeps it up to date. Implements the port FeatureTables; safe from several threads.

    Args:
        clock: seconds that only grow; how often the stores are asked whether something changed elsewhere.
    """

    def __init__(
        self,
        items: ItemStore,
        descriptions: DescriptionStore,
        settings: SettingsStore,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._items, self._descriptions, self._settings, self._clock = items, descriptions, settings, clock
        self._lock = threading.Lock()
        self._table: FeatureTable | None = None
        self._described: dict[ItemKey, tuple[str, Entries]] = {}
        self._version: tuple[str | None, tuple[int, int, int]] | None = None
        self._looked = float("-inf")
        self._again = _LOOK_AGAIN
        self._counts = (0, 0, 0)
        self._by_plain: tuple[str, dict[str, int]] = ("", {})

    def table(self) -> FeatureTable:
        """The newest table; the same object as long as nothing changed."""
        with self._lock:
            version = self._look()
            if self._table is None or version != self._version:
                self._table = self._build()
                self._version = version
            return self._table

    def version(self) -> str:
        """Changes whenever items or descriptions did, here or in another process."""
        with self._lock:
            return repr(self._look())

    def column(self, table: FeatureTable, name: str) -> int | None:
        """The column of a feature, case and spacing aside."""
        if self._by_plain[0] != table.version:
            self._by_plain = (table.version, {plain(n): i for i, n in enumerate(table.names)})
        return self._by_plain[1].get(plain(name))

    def _look(self) -> tuple[str | None, tuple[int, int, int]]:
        stamp = self._settings.get(LIBRARY_VERSION)
        now = self._clock()
        if now - self._looked >= self._again or self._version is None or self._version[0] != stamp:
            began = time.perf_counter()
            counts = self._items.counts()
            self._counts = (counts.items, counts.available, counts.described)
            self._looked = now
            self._again = max(
                _LOOK_AGAIN, 100 * (time.perf_counter() - began)
            )  # counting a large library takes its time
        return stamp, self._counts

    def _build(self) -> FeatureTable:
        prints = self._descriptions.fingerprints()
        changed = [key for key, print_ in prints.items() if self._described.get(key, ("",))[0] != print_]
        for first in range(0, len(changed), _BATCH):
            for key, description in self._descriptions.many(changed[first : first + _BATCH]).items():
                self._described[key] = (description.fingerprint, entries(description.features))
        for key in [key for key in self._described if key not in prints]:
            del self._described[key]
        rows: list[tuple[ItemKey, Entries]] = []
        for item in self._items.iter():
            known = self._described.get(item.key)
            rows.append((item.key, known[1] if known and known[1] else stated(item)))
        return build_table(rows)


def entries(features: tuple[Feature, ...]) -> Entries:
    """Features as (name, value), the largest value of a name that comes twice."""
    out: dict[str, float] = {}
    for feature in features:
        if feature.value > 0:
            out[feature.name] = max(out.get(feature.name, 0.0), feature.value)
    return tuple(out.items())


def build_table(rows: list[tuple[ItemKey, Entries]]) -> FeatureTable:
    """A table of items (any order) with their features; columns in order of their name, so that it is the same each time."""
    rows = sorted(rows, key=lambda row: row[0])
    names = sorted({name for _, features in rows for name, _ in features})
    place = {name: i for i, name in enumerate(names)}
    start = np.zeros(len(rows) + 1, np.int64)
    start[1:] = np.cumsum([len(features) for _, features in rows])
    column = np.array([place[name] for _, features in rows for name, _ in sorted(features)], np.int64)
    value = np.array([v for _, features in rows for _, v in sorted(features)], np.float32)
    keys = np.array([key for key, _ in rows], np.int64)
    digest = blake2b(digest_size=12)
    for part in (keys, start, column, value):
        digest.update(part.tobytes())
    digest.update("\0".join(names).encode("utf-8", "surrogatepass"))
    frequency = np.bincount(column, minlength=len(names)).astype(np.float32)
    n = len(rows)
    rarity = np.log((n + 1) / (frequency + 0.5)) / np.log((n + 1) / 1.5) if n > 1 else np.ones(len(names))
    return FeatureTable(
        version=digest.hexdigest(),
        items=keys,
        names=tuple(names),
        start=start,
        column=column,
        value=value,
        rarity=np.clip(rarity, 0.02, 1).astype(np.float32),
    )


def columns_of(names: Mapping[str, float], table: FeatureTable) -> dict[int, float]:
    """Values by column of those names that the table has."""
    place = {name: i for i, name in enumerate(table.names)} if len(names) > 8 else None
    if place is not None:
        return {place[name]: value for name, value in names.items() if name in place}
    return {i: names[name] for i, name in enumerate(table.names) if name in names} if names else {}
