"""How much an event speaks for or against an item: one table for profiles, models and evaluation.

Takes event types and values as arrays, gives signed strengths. Knows no person, no time and no store.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.people import EVENT_TYPES, SEEN_TYPES, WATCH_TYPES, EventType

Strengths = npt.NDArray[np.float32]

_BASE: dict[EventType, float] = {
    EventType.IMPRESSION: 0.0,
    EventType.CLICK: 0.2,
    EventType.PLAY: 0.4,
    EventType.PROGRESS: 0.4,
    EventType.COMPLETE: 0.8,
    EventType.SKIP: -0.5,
    EventType.LIKE: 1.0,
    EventType.DISLIKE: -1.0,
    EventType.FAVOURITE: 1.0,
    EventType.SHARE: 0.9,
    EventType.RATE: 0.1,
    EventType.COMMENT: 0.5,
    EventType.HIDE: -1.0,
    EventType.FOLLOW: 0.8,
    EventType.UNDO: 0.0,
}
_TABLE = np.array([_BASE[kind] for kind in EVENT_TYPES], np.float32)
_STARS = np.array([0.1, -1.0, -0.5, 0.1, 0.6, 1.0], np.float32)

VERDICTS = frozenset({EventType.LIKE, EventType.DISLIKE, EventType.FAVOURITE, EventType.RATE, EventType.HIDE})
"""Of one person and item, the last verdict stands; those before it say nothing any more."""


def codes(kinds: frozenset[EventType]) -> npt.NDArray[np.int8]:
    """The storage codes of event types, sorted."""
    return np.array(sorted(kind.code for kind in kinds), np.int8)


SEEN_CODES = codes(SEEN_TYPES)
WATCH_CODES = codes(WATCH_TYPES)
VERDICT_CODES = codes(VERDICTS)


def strength(kind: npt.NDArray[np.int8], value: npt.NDArray[np.float32]) -> Strengths:
    """Signed strength of each event, in [-1, 1].

    A rating counts by its stars (1 and 2 against, 3 hardly, 4 and 5 for), a progress by the watched fraction f as
    0.1 + 0.7 f, a skip as -0.6 (1 - f): who leaves at the end was not put off. Without a value a kind counts by the table.

    Args:
        kind: `EventType.code` of each event, shape (n,).
        value: stars or watched fraction, NaN where there is none, shape (n,).
    """
    out = _TABLE[kind].copy()
    known = ~np.isnan(value)
    rated = known & (kind == EventType.RATE.code)
    out[rated] = _STARS[np.clip(np.rint(value[rated]), 1, 5).astype(np.int64)]
    watched = known & (kind == EventType.PROGRESS.code)
    out[watched] = 0.1 + 0.7 * np.clip(value[watched], 0, 1)
    left = known & (kind == EventType.SKIP.code)
    out[left] = -0.6 * (1 - np.clip(value[left], 0, 1))
    return out


def standing(
    person: npt.NDArray[np.int64], item: npt.NDArray[np.int64], kind: npt.NDArray[np.int8]
) -> npt.NDArray[np.bool_]:
    """Which events still stand: verdicts that a later verdict on the same item took the place of do not.

    Events must be in order (oldest first) within a person. Shape (n,).
    """
    out = np.ones(len(person), np.bool_)
    at = np.flatnonzero(np.isin(kind, VERDICT_CODES))
    if len(at) < 2:
        return out
    order = at[np.lexsort((at, item[at], person[at]))]
    same = (person[order[1:]] == person[order[:-1]]) & (item[order[1:]] == item[order[:-1]])
    out[order[:-1][same]] = False
    return out
