"""Keeps the shelf and popularity as the library changes.

Takes stores; gives one frozen state, made anew in the parts that changed. Knows no person.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Description, Moderation
from vitascope.base.histories import Histories, rows_of
from vitascope.base.items import Item
from vitascope.base.moderation import ModerationPolicy
from vitascope.base.people import EventColumns
from vitascope.base.ports.moderation import ModerationStore
from vitascope.base.ports.people import EventStore
from vitascope.base.ports.ranking import FeatureTable, FeatureTables
from vitascope.base.ports.stores import DescriptionStore, DuplicateStore, ItemStore, VectorStore
from vitascope.base.records import ItemKey, PersonKey
from vitascope.base.shelf import Shelf, Sounds
from vitascope.base.strength import strength
from vitascope.recommend._judged import Judged
from vitascope.recommend._popularity import Popularity, counted, scaled

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_DAY = 86_400.0
_BATCH = 500


class Shelves:
    """Keeps the shelf and popularity up to date; safe from several threads."""

    def __init__(
        self,
        items: ItemStore,
        descriptions: DescriptionStore,
        duplicates: DuplicateStore,
        vectors: VectorStore,
        events: EventStore,
        features: FeatureTables,
        half_life_days: float,
        moderation: ModerationStore | None = None,
        policy: ModerationPolicy | None = None,
        show_empty: bool = False,
        allowed: Callable[[PersonKey], frozenset[ItemKey]] | None = None,
    ) -> None:
        self._items, self._descriptions, self._duplicates = items, descriptions, duplicates
        self._vectors, self._events, self._features = vectors, events, features
        self._half_life = half_life_days * _DAY
        self._moderation, self._policy = moderation, policy or ModerationPolicy()
        self._show_empty, self._allowed = show_empty, allowed
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None
        self._counted = self._removals = -1
        self._columns: EventColumns | None = None
        self._popular: Floats = np.zeros(0, np.float32)
        self._popular_of: tuple[str, int] = ("", -1)
        self._voices: Popularity | None = None
        self._fresh: tuple[EventColumns, ...] | None = None

    def shelf(self) -> Shelf:
        """The newest state; the same object as long as nothing changed."""
        table = self._features.table()
        with self._lock:
            if self._shelf is None or self._shelf.table is not table:
                self._shelf = self._build(table)
            return self._shelf

    def columns(self) -> EventColumns:
        """All events, kept in memory; the log is append-only, so only the newest are read, unless some were erased."""
        with self._lock:
            return self._take_up()

    def _take_up(self) -> EventColumns:
        removals, last = self._events.removals(), self._events.last_number()
        if removals != self._removals:
            self._removals, self._columns, self._counted, self._popular_of = removals, None, -1, ("", -1)
        if self._columns is None or last != self._counted:
            fresh = self._events.columns(max(self._counted, 0))
            old = self._columns
            undone = self._events.undone_since(max(self._counted, 0)) if old is not None else {}
            if old is not None and undone:
                old = old.take(~np.isin(old.number, np.fromiter(undone, np.int64)))
            # None: popularity begins anew (the first reading, or something was taken back)
            self._fresh = None if old is None or undone or self._fresh is None else (*self._fresh, fresh)
            self._columns = fresh if old is None else _join(old, fresh)
            self._counted = last
        return self._columns

    def popularity(self, shelf: Shelf) -> Floats:
        """People who took to an item, newer acts counting more; log scale, 0..1, shape (n,)."""
        with self._lock:
            columns = self._take_up()
            state = (shelf.table.version, self._counted)
            if state != self._popular_of:
                self._voices = self._hear(shelf, columns)
                self._popular = scaled(self._voices.counts())
                self._popular_of = state
            return self._popular

    def _hear(self, shelf: Shelf, columns: EventColumns) -> Popularity:
        """The voices so far: those of the newest events put to those known, or all anew where that cannot be."""
        voices, fresh = self._voices, self._fresh
        self._fresh = ()
        known = self._popular_of[0] == shelf.table.version
        if (
            voices is not None
            and fresh is not None
            and known
            and all(voices.add(*_said(shelf, part)) for part in fresh)
        ):
            return voices
        made = Popularity(len(shelf), self._half_life)
        made.fill(*_said(shelf, columns))
        return made

    def _build(self, table: FeatureTable) -> Shelf:
        items = tuple(sorted(_slim(self._items.iter()), key=lambda i: i.key))
        if len(items) != len(table.items):  # something arrived between the two reads
            known = set(table.items.tolist())
            items = tuple(i for i in items if i.key in known)
        keys = table.items
        kept_out = np.zeros(len(keys), np.bool_)
        all_keys = [ItemKey(int(k)) for k in keys]
        described: dict[ItemKey, Moderation] = {}
        heard: dict[int, tuple[float | None, float | None, int]] = {}
        light: set[ItemKey] = set()
        for first in range(0, len(all_keys), _BATCH):
            for key, description in self._descriptions.many(all_keys[first : first + _BATCH]).items():
                described[key] = description.moderation
                if description.light:
                    light.add(key)
                if description.tempo or description.loudness is not None or description.sounds:
                    heard[int(np.searchsorted(keys, key))] = (
                        description.tempo,
                        description.loudness,
                        key_of(description),
                    )
                if description.empty and not self._show_empty:
                    kept_out[np.searchsorted(keys, key)] = True
        groups = self._duplicates.groups()
        standing = self._moderation.standing() if self._moderation is not None else {}
        judged = Judged(items, described, light, groups, standing, self._policy, self._allowed)
        group = np.arange(len(keys))
        copies: dict[int, list[int]] = {}
        for key, first_key in groups.items():
            rows = rows_of(keys, np.array([key, first_key], np.int64))
            if (rows >= 0).all():
                group[rows[0]] = rows[1]
        for row in np.flatnonzero(group != np.arange(len(keys))):
            copies.setdefault(int(group[row]), [int(group[row])]).append(int(row))
        by_row = {row: tuple(rows) for rows in copies.values() for row in rows}
        names = {name: i for i, name in enumerate(sorted({i.creator for i in items if i.creator}))}
        return Shelf(
            table=table,
            items=items,
            shown=np.array([i.available for i in items], np.bool_) & judged(None, None) & ~kept_out,
            group=group,
            arrived=np.array([i.published_at or i.created_at for i in items], np.float64),
            creator=np.array([names.get(i.creator or "", -1) for i in items], np.int64),
            vectors=self._read_vectors(keys),
            copies=by_row,
            judged=judged,
            sounds=_sounds(heard, len(keys)),
        )

    def _read_vectors(self, keys: Ints) -> dict[str, Floats]:
        out: dict[str, Floats] = {}
        for kind in self._vectors.keys():  # noqa: SIM118 (a port, no dict)
            owners, matrix = self._vectors.matrix(kind)
            if not matrix.size:
                continue
            rows = rows_of(keys, owners)
            full = np.zeros((len(keys), matrix.shape[1]), np.float32)
            full[rows[rows >= 0]] = matrix[rows >= 0]
            out[kind] = full
        return out


def _slim(items: Iterable[Item]) -> Iterator[Item]:
    """The same items with what many of them hold alike held once."""
    once: dict[object, Any] = {}
    known: set[str] = set()
    for item in items:
        if item.model_fields_set != known:
            known = set(item.model_fields_set)
        # fresh from the store, so that nobody else holds them; what they say does not change
        object.__setattr__(item, "__pydantic_fields_set__", known)
        values = item.__dict__
        for name in ("text_fields", "creator", "language", "licence", "credit", "origin"):
            values[name] = once.setdefault(values[name], values[name])
        values["tags"] = once.setdefault(item.tags, tuple(once.setdefault(tag, tag) for tag in item.tags))
        yield item


_PITCHES = {
    name: place
    for place, names in enumerate(
        ("C", "C# Db", "D", "D# Eb", "E Fb", "F E#", "F# Gb", "G", "G# Ab", "A", "A# Bb", "B Cb")
    )
    for name in names.split()
}


def key_of(description: Description) -> int:
    """Where a description's key stands on the circle of fifths, a minor key at its relative major; -1 without one."""
    for sound in description.sounds:
        words = sound.label.replace("\u266f", "#").replace("\u266d", "b").split()
        if len(words) == 3 and words[0] == "key" and words[2] in ("major", "minor"):
            pitch = _PITCHES.get(words[1][:1].upper() + words[1][1:])
            if pitch is not None:
                return (pitch + (3 if words[2] == "minor" else 0)) * 7 % 12
    return -1


def _sounds(heard: dict[int, tuple[float | None, float | None, int]], n: int) -> Sounds | None:
    if not heard:
        return None
    tempo, loudness, key = np.full(n, np.nan, np.float32), np.full(n, np.nan, np.float32), np.full(n, -1, np.int64)
    for row, (beats, loud, place) in heard.items():
        tempo[row] = beats if beats else np.nan
        loudness[row] = np.nan if loud is None else loud
        key[row] = place
    return Sounds(tempo, loudness, key)


def _said(shelf: Shelf, columns: EventColumns) -> tuple[Ints, Floats, Ints, npt.NDArray[np.float64]]:
    """Row, strength, person and time of events."""
    return (
        rows_of(shelf.table.items, columns.item),
        strength(columns.type, columns.value),
        columns.person,
        columns.time,
    )


def _join(old: EventColumns, new: EventColumns) -> EventColumns:
    if not len(new):
        return old
    names = old.__dataclass_fields__
    return EventColumns(**{name: np.concatenate([getattr(old, name), getattr(new, name)]) for name in names})


def popularity_of(histories: Histories, n: int, half_life_days: float) -> Floats:
    """Popularity made of these histories alone, shape (n,)."""
    people = histories.people[histories.owner]
    return counted(histories.item, histories.strength, people, histories.time, n, half_life_days * _DAY)
