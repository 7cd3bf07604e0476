"""Lists of many people at once where nothing but the blend orders them: whole matrices instead of a person at a time.

Takes score matrices and what may be shown, gives rows with the source that spoke. Knows no re-ranker, ranker or exploration:
those look at one person's moment (`_draft.py`). What it gives is what `_draft.py` would have given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.people import EventType
from vitascope.base.shelf import Shelf
from vitascope.base.strength import SEEN_CODES
from vitascope.recommend.pipeline import Built
from vitascope.recommend.scorers import Scores

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_COPIES = 20
"""Places looked at beyond the wanted length where works have copies, which are taken out after."""


@dataclass(frozen=True, eq=False)
class Plain:
    """The best of each of p people, k or fewer."""

    rows: Ints
    """Shape (p, k), best first; only the first `count` of a person are meant."""
    scores: Floats
    source: Ints
    """Which of the pipeline's sources spoke, shape (p, k)."""
    count: Ints
    """Shape (p,). A person with fewer than were wanted needs the fallback, or a look at which of equals come first."""


def visible(histories: Histories, shelf: Shelf, base: Mask, seen_out: bool) -> Mask:
    """What may be shown to each person, shape (p, n): not what they hid or, where asked, saw; copies of a work alike."""
    out = histories.type == EventType.HIDE.code
    if seen_out:
        out |= np.isin(histories.type, SEEN_CODES)
    gone = np.zeros((len(histories), len(shelf)), np.bool_)
    gone[histories.owner[out], shelf.group[histories.item[out]]] = True
    if shelf.copies:
        gone = gone[:, shelf.group]
    return base & ~gone


def plain(
    built: Built, weights: Sequence[Mapping[str, float]], scored: Scores, may: Mask, prefer: Floats, named: dict[str, Ints],
    shelf: Shelf, n: int,
) -> Plain:  # fmt: skip
    """The n best by the blend among what the sources name.

    Args:
        weights: of each person's scorers.
        may: what may be shown, shape (p, n_items).
        named: rows that sources without a scorer name for everyone, best first.
    """
    p, items = may.shape
    lowest = np.float32(-np.inf)
    counts = {name: np.array([w.get(name, 0.0) for w in weights], np.float32) for name in built.plan.scorers}
    blend = np.repeat(prefer[None, :], p, axis=0)
    for name in built.plan.scorers:
        if counts[name].any():
            blend += counts[name][:, None] * scored.normalised[name]
    given = {
        source.name: _first(may, named[source.name], top) for source, top in built.sources if source.scorer is None
    }
    value = np.where(may, blend, lowest)
    k = min(items, n + (_COPIES if shelf.copies else 0))
    best = np.argpartition(-value, k - 1, axis=1)[:, :k] if k < items else np.tile(np.arange(items), (p, 1))
    found = np.take_along_axis(value, best, axis=1)
    order = np.lexsort((best, -found), axis=1)
    best, found = np.take_along_axis(best, order, axis=1), np.take_along_axis(found, order, axis=1)
    there = found > lowest
    last = found[:, -1:]
    torn = (last[:, 0] > lowest) & ((value == last).sum(axis=1) > (found == last).sum(axis=1))
    amount = _amounts(built, counts, scored, best, given)
    # what no source names is not meant: it stands this high where little speaks, and such a person is looked at alone
    torn |= (there & ~np.isfinite(amount).any(axis=0)).any(axis=1)
    spoke = np.asarray(np.argmax(amount, axis=0), np.int64)
    if shelf.copies:
        there &= _first_of_work(shelf.group[best])
        order = np.argsort(~there, axis=1, kind="stable")
        best, found, spoke = (np.take_along_axis(part, order, axis=1) for part in (best, found, spoke))
    count = np.where(torn, 0, np.minimum(there.sum(axis=1), n))
    return Plain(best[:, :n], found[:, :n], spoke[:, :n], count)


def _first(may: Mask, rows: Ints, top: int) -> tuple[Ints, Mask]:
    """The first `top` of rows that each person may see: the rows that had to be looked at, and which of them, (p, r)."""
    looked = min(len(rows), 2 * top + 16)
    while True:
        part = may[:, rows[:looked]]
        nth = np.cumsum(part, axis=1, dtype=np.int32)
        if looked == len(rows) or (nth[:, -1] >= top).all():
            return rows[:looked], part & (nth <= top)
        looked = min(len(rows), 4 * looked)


def _first_of_work(work: Ints) -> Mask:
    """Whether each of a row's entries is the first with its value."""
    order = np.argsort(work, axis=1, kind="stable")
    ranked = np.take_along_axis(work, order, axis=1)
    fresh = np.ones_like(ranked, np.bool_)
    fresh[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    out = np.zeros_like(fresh)
    np.put_along_axis(out, order, fresh, axis=1)
    return out


def _amounts(
    built: Built,
    counts: dict[str, Floats],
    scored: Scores,
    best: Ints,
    given: dict[str, tuple[Ints, Mask]],
) -> Floats:
    """What each source gives each of the rows, shape (sources, p, k); minus infinity where it does not name it."""
    amount = np.full((len(built.sources), *best.shape), -np.inf, np.float32)
    for place, (source, _) in enumerate(built.sources):
        if source.scorer is None:
            rows, mine = given[source.name]
            if not len(rows):
                continue
            column = np.full(int(best.max(initial=0)) + 1, -1, np.int64)
            low = rows < len(column)
            column[rows[low]] = np.flatnonzero(low)
            at = column[best]
            inside = (at >= 0) & np.take_along_axis(mine, np.maximum(at, 0), axis=1)
            amount[place][inside] = 0.0
            continue
        if source.scorer in scored.normalised:
            scores = np.take_along_axis(scored.normalised[source.scorer], best, axis=1)
            inside = scores > 0
            amount[place][inside] = (counts[source.scorer][:, None] * scores)[inside]
    return amount
