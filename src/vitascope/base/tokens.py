"""Histories as tokens: what a sequential model reads, the same where it is trained and where it serves.

Takes Histories, gives flat arrays. A token is one meeting of a person with an item: events of one item that follow each
other directly (play, progress, complete, like) are one token, with the strongest of their strengths. Only events with a
time count: a set has no order, so nothing sequential may be made of it. Knows no model.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.people import EventType
from vitascope.base.strength import SEEN_CODES

Ints = npt.NDArray[np.int64]

MARKS = 6
"""Kinds of token: 0 none, 1 against, 2 glanced at (impressions do not count at all), 3 taken up, 4 much of it, 5 loved."""
GAPS = 9
"""Steps of the time since the token before: 0 none or first, then below 2 min, 10 min, 1 h, 6 h, 1 d, 7 d, 60 d, above."""

_EDGES = np.array([-0.05, 0.3, 0.45, 0.85], np.float32)
_GAP_EDGES = np.array([120.0, 600.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0, 5_184_000.0])
_MUTE = np.array([EventType.IMPRESSION.code, EventType.UNDO.code, EventType.FOLLOW.code], np.int8)


@dataclass(frozen=True, eq=False)
class Tokens:
    """Tokens of p people, t in all: person j has those from `start[j]` to `start[j + 1]`, oldest first."""

    start: Ints
    item: Ints
    """Row of the item, shape (t,)."""
    mark: Ints
    """How the person met it, 1 to MARKS - 1, shape (t,)."""
    gap: Ints
    """How long after the token before, 0 to GAPS - 1, shape (t,)."""
    wanted: npt.NDArray[np.bool_]
    """Taken up and not turned away from: what a model may learn to foresee, shape (t,)."""
    event: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """Place in the histories of the last event of each token, shape (t,); empty where nobody asks."""


def tokens(histories: Histories, most: int | None = None) -> Tokens:
    """The tokens of histories; of each person the newest `most` where given."""
    keep = np.flatnonzero(~np.isnan(histories.time) & ~np.isin(histories.type, _MUTE))
    owner, item = histories.owner[keep], histories.item[keep]
    strength, time = histories.strength[keep], histories.time[keep]
    taken = np.isin(histories.type[keep], SEEN_CODES)
    n = len(keep)
    opens = np.ones(n, np.bool_)
    opens[1:] = (owner[1:] != owner[:-1]) | (item[1:] != item[:-1])
    at = np.flatnonzero(opens)
    people = len(histories)
    if not len(at):
        empty = np.zeros(0, np.int64)
        return Tokens(np.zeros(people + 1, np.int64), empty, empty, empty, np.zeros(0, np.bool_))
    # the strongest word on the item stands; of a like and a dislike in one run the dislike does
    low, high = np.minimum.reduceat(strength, at), np.maximum.reduceat(strength, at)
    said = np.where(-low > high, low, high)
    seen = np.logical_or.reduceat(taken, at)
    event = keep[np.append(at[1:], n) - 1]
    owner, item, time = owner[at], item[at], time[at]
    since = np.zeros(len(at))
    since[1:] = time[1:] - time[:-1]
    first = np.ones(len(at), np.bool_)
    first[1:] = owner[1:] != owner[:-1]
    gap = np.where(first, 0, 1 + np.searchsorted(_GAP_EDGES, since, side="right"))
    mark = 1 + np.searchsorted(_EDGES, said, side="right")
    wanted = seen & (said > -0.05)
    if most is not None:
        counts = np.bincount(owner, minlength=people)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        newest = place >= np.repeat(counts, counts) - most
        owner, item, mark, gap = owner[newest], item[newest], mark[newest], gap[newest]
        wanted, event = wanted[newest], event[newest]
    start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=people))]).astype(np.int64)
    return Tokens(start, item.astype(np.int64), mark.astype(np.int64), gap.astype(np.int64), wanted, event)
