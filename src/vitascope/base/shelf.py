"""The library as arrays over the rows of the feature table: what may be shown, copies, age, creators, vectors.

One frozen state that every component of a pipeline looks at. Knows no person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import rows_of
from vitascope.base.items import Item, ItemKind
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.records import ItemKey

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

VECTOR_WEIGHTS: dict[str, float] = {"text": 1.0, "chars": 0.3, "picture": 0.6, "sound": 0.6}
"""How much each kind of our vectors counts in likeness; the owner's own count as text does."""

_KEPT = 64
"""Features whose values over all items are kept at once."""

TOPICAL = ("category:", "topic:", "tag:")
"""Families of features that say what an item is about."""


@dataclass(frozen=True, eq=False)
class Sounds:
    """What is known of the sound of n items; NaN, and -1 for a key, where it is not."""

    tempo: Floats
    """Beats a minute."""
    loudness: Floats
    """LUFS."""
    key: Ints
    """Place on the circle of fifths, 0 (C major, A minor) to 11 (F major, D minor)."""


@dataclass(frozen=True, eq=False)
class Shelf:
    """n items in the order of their keys."""

    table: FeatureTable
    items: tuple[Item, ...]
    shown: Mask
    """Available, and not blocked by moderation for everybody everywhere (see `may`)."""
    group: Ints
    """Row of the first of an item's whole-work copies (its own row where it has none)."""
    arrived: npt.NDArray[np.float64]
    """When published, else taken in; seconds since 1970."""
    creator: Ints
    """Number of the creator, -1 where unknown."""
    vectors: dict[str, Floats]
    """Kind -> (n, d), rows of unit length or zero where missing."""
    copies: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Row -> rows of all its whole-work copies, itself included."""
    judged: Callable[[str | None, str | None], Mask] | None = None
    """For a surface and an audience: which rows moderation lets through. None: the policy is what `shown` says."""
    sounds: Sounds | None = None
    """None: of no item anything is known."""
    _features: dict[str, Floats] = field(default_factory=dict)
    _allowed: dict[tuple[str | None, str | None], Mask] = field(default_factory=dict)
    _stated: dict[str, npt.NDArray[np.str_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.items)

    def may(self, surface: str | None = None, audience: str | None = None) -> Mask:
        """Rows that may be shown to an audience on a surface, shape (n,)."""
        if self.judged is None:
            return self.shown
        if (surface, audience) not in self._allowed:
            self._allowed[surface, audience] = self.shown & self.judged(surface, audience)
        return self._allowed[surface, audience]

    @cached_property
    def has(self) -> dict[str, Floats]:
        """Kind of vector -> 1 where an item has one, 0 where not, shape (n,)."""
        return {kind: np.asarray(matrix.any(axis=1), np.float32) for kind, matrix in self.vectors.items()}

    @cached_property
    def all_have(self) -> frozenset[str]:
        """Kinds of vector that no item lacks."""
        return frozenset(kind for kind, has in self.has.items() if bool(has.all()))

    @cached_property
    def live(self) -> Mask:
        """Which items are live channels, shape (n,)."""
        return np.array([item.kind is ItemKind.LIVE for item in self.items], np.bool_)

    @cached_property
    def showing(self) -> Floats:
        """Weights of a mean over the shown items, shape (n,), sum 1 (0 where nothing is shown)."""
        weight = self.shown.astype(np.float32)
        return weight / np.float32(max(float(weight.sum()), 1.0))

    @cached_property
    def column(self) -> dict[str, int]:
        """Name of a feature -> its column."""
        return {name: i for i, name in enumerate(self.table.names)}

    @cached_property
    def newest(self) -> Ints:
        """All rows, what arrived last first."""
        return np.lexsort((np.arange(len(self)), -self.arrived)).astype(np.int64)

    @cached_property
    def topic(self) -> Ints:
        """Column of each item's leading topic (value x rarity, of category, topic and tag), -1 without one."""
        table = self.table
        topical = np.array([name.startswith(TOPICAL) for name in table.names], np.bool_)
        lead = np.full(len(self), -1, np.int64)
        if not topical.any():
            return lead
        worth = np.where(topical[table.column], table.value * table.rarity[table.column], 0)
        owner = np.repeat(np.arange(len(self)), np.diff(table.start))
        order = np.lexsort((table.column, -worth, owner))
        first = order[np.searchsorted(owner[order], np.unique(owner))]
        first = first[worth[first] > 0]
        lead[owner[first]] = table.column[first]
        return lead

    def stated(self, name: str) -> npt.NDArray[np.str_]:
        """What each item itself states as its kind, language or creator, folded as features are; "" where nothing, (n,)."""
        if name not in self._stated:
            said = (str(getattr(item, name) or "") for item in self.items)
            folded = [" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in said]
            self._stated[name] = np.array(folded, np.str_)
        return self._stated[name]

    def feature(self, name: str) -> Floats:
        """Each item's value of a named feature, 0 without it, shape (n,)."""
        if name not in self._features:
            out = np.zeros(len(self), np.float32)
            if name in self.column:
                entries = np.flatnonzero(self.table.column == self.column[name])
                out[np.searchsorted(self.table.start, entries, side="right") - 1] = self.table.value[entries]
            if len(self._features) > _KEPT:
                self._features.clear()
            out.flags.writeable = False
            self._features[name] = out
        return self._features[name]

    def row(self, key: ItemKey) -> int | None:
        """The row of an item."""
        at = int(rows_of(self.table.items, np.array([key], np.int64))[0])
        return at if at >= 0 else None

    def likeness(self, rows: Ints, weight: Floats | None = None) -> Floats:
        """Cosine of every item to the weighted middle of `rows`, kinds fused, missing ones masked; shape (n,)."""
        total = np.zeros(len(self), np.float32)
        share = np.zeros(len(self), np.float32)
        for kind, matrix in self.vectors.items():
            mine = matrix[rows] if weight is None else matrix[rows] * weight[:, None]
            middle = mine.sum(axis=0)
            length = float(np.linalg.norm(middle))
            if length < 1e-6:
                continue
            has = self.has[kind]
            counts = VECTOR_WEIGHTS.get(kind, 1.0)
            total += counts * has * (matrix @ (middle / length))
            share += counts * has
        return np.divide(total, share, out=np.zeros_like(total), where=share > 0)
