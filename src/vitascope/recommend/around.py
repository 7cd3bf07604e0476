"""Around lists: which items fit filters, what is popular, new or rising, and who took to the same things.

Takes the shelf, the log as columns and a moment in time. Gives masks, rows and scores. Knows no store and no clock.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import rows_of
from vitascope.base.people import EventColumns
from vitascope.base.ranking import Filters
from vitascope.base.shelf import Shelf
from vitascope.base.strength import strength

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_DAY = 86_400.0
RISING_DAYS, BEFORE_DAYS = 7.0, 28.0
"""What rises is told from the last week against the four weeks before it."""


def plain(text: str) -> str:
    """A name as features write it."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def fitting(shelf: Shelf, filters: Filters, seconds: npt.NDArray[np.float64] | None) -> Mask:
    """Rows that fit, shape (n,).

    Args:
        seconds: the length of each item, NaN where unknown, shape (n,); wanted where a bound is set.
    """
    fits = np.ones(len(shelf), np.bool_)
    for name, wanted in (("kind", filters.kind), ("language", filters.language), ("creator", filters.creator)):
        if wanted is not None:
            told = shelf.stated(name) == plain(wanted)
            fits &= told | (shelf.feature(f"{name}:{plain(wanted)}") > 0)
    if filters.categories:
        fits &= np.any([shelf.feature(f"category:{plain(name)}") > 0 for name in filters.categories], axis=0)
    if seconds is not None:
        if filters.shortest is not None:
            fits &= seconds >= filters.shortest  # NaN fits nothing
        if filters.longest is not None:
            fits &= seconds <= filters.longest
    return fits


def categories(shelf: Shelf, audience: str | None) -> list[tuple[str, int]]:
    """Categories of what may be shown and how many items have each, most first."""
    table = shelf.table
    owner = np.repeat(np.arange(len(shelf)), np.diff(table.start))
    counts = np.bincount(table.column[shelf.may(None, audience)[owner]], minlength=len(table.names))
    found = [
        (name.removeprefix("category:"), int(counts[column]))
        for column, name in enumerate(table.names)
        if name.startswith("category:") and counts[column]
    ]
    return sorted(found, key=lambda f: (-f[1], f[0]))


def rising(shelf: Shelf, columns: EventColumns, now: float) -> Floats:
    """How much more often an item was taken up in the last week than in the four before, shape (n,); 0: not more.

    One voice a person and item and period. (seen - expected) / sqrt(expected + 1) with the expectation of a steady
    stream: the Poisson deviation, so that one view of an unknown item is no trend and twenty are.
    """
    row = rows_of(shelf.table.items, columns.item)
    keep = (row >= 0) & (strength(columns.type, columns.value) > 0)
    age = (now - columns.time) / _DAY
    with np.errstate(invalid="ignore"):
        lately = _voices(row, columns.person, keep & (age >= 0) & (age < RISING_DAYS), len(shelf))
        past = keep & (age >= RISING_DAYS) & (age < RISING_DAYS + BEFORE_DAYS)
    before = _voices(row, columns.person, past, len(shelf))
    expected = before * (RISING_DAYS / BEFORE_DAYS)
    return np.maximum((lately - expected) / np.sqrt(expected + 1), 0).astype(np.float32)


def _voices(row: Ints, person: Ints, keep: Mask, n: int) -> npt.NDArray[np.float64]:
    pairs = np.unique(np.stack([row[keep], person[keep]]), axis=1)
    return np.bincount(pairs[0], minlength=n).astype(np.float64)


def alike(shelf: Shelf, columns: EventColumns, person: int, n: int) -> list[tuple[int, float, int]]:
    """People by the cosine between what they and `person` took to: (person, cosine, items in common), best first.

    Of several acts on an item the strongest speaks; acts against an item do not (user-based neighbours as in Resnick et
    al., GroupLens, 1994, over implicit strengths).
    """
    row = rows_of(shelf.table.items, columns.item)
    good = strength(columns.type, columns.value)
    keep = (row >= 0) & (good > 0)
    row, who, good = row[keep], columns.person[keep], good[keep].astype(np.float64)
    order = np.lexsort((good, row, who))
    row, who, good = row[order], who[order], good[order]
    last = np.ones(len(row), np.bool_)
    last[:-1] = (row[1:] != row[:-1]) | (who[1:] != who[:-1])
    row, who, good = row[last], who[last], good[last]
    mine = np.zeros(len(shelf))
    of = who == person
    mine[row[of]] = good[of]
    length = float(np.linalg.norm(mine))
    if length == 0:
        return []
    people, place = np.unique(who, return_inverse=True)
    dot = np.bincount(place, weights=good * mine[row], minlength=len(people))
    norm = np.sqrt(np.bincount(place, weights=good * good, minlength=len(people)))
    common = np.bincount(place, weights=mine[row] > 0, minlength=len(people)).astype(np.int64)
    cosine = dot / (norm * length)
    cosine[people == person] = 0
    best = np.lexsort((people, -cosine))[:n]
    return [(int(people[i]), round(min(float(cosine[i]), 1.0), 6), int(common[i])) for i in best if cosine[i] > 0]
