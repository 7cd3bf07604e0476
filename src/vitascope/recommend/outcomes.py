"""The ranker: figures about a person and an item, and what a surface makes of the chances that come of them.

Takes scores, a shelf and one person's history; gives figures for candidates, the same for serving and for training.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.outcomes import OutcomeModel
from vitascope.base.shelf import Shelf
from vitascope.base.strength import SEEN_CODES
from vitascope.recommend.scorers import Scores

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

POOL = 200
"""Candidates of one list that the ranker looks at, the best by the blend."""
_DAY = 86_400.0


def names(scorers: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the figures, in the order of the columns."""
    return (
        *(f"scorer:{name}" for name in scorers),
        "blend",
        "place",
        "popular",
        "age_days",
        "acts",
        "liked_share",
        "mainstream",
        "creator_share",
        "creator_strength",
        "topic_share",
        "topic_strength",
        "hours_since_topic",
    )


def figures(
    scored: Scores, place: int, blend: Floats, rows: Ints, history: Histories, shelf: Shelf, now: float
) -> Floats:
    """Figures of one person's candidates, shape (m, len(names)).

    Args:
        place: the person's row in the scores.
        blend: the weighted sum over all items, shape (n,).
        rows: candidates.
        now: seconds since 1970; NaN where nothing has a time.
    """
    columns: list[npt.NDArray[Any]] = [matrix[place, rows] for matrix in scored.normalised.values()]
    mine = blend[rows]
    order = np.empty(len(rows), np.float32)
    order[np.argsort(-mine, kind="stable")] = np.arange(len(rows))
    popular = scored.crowd.popular
    taken = np.isin(history.type, SEEN_CODES)
    items, strength = history.item[taken], history.strength[taken]
    when = history.time[taken]
    liked = strength > 0
    usual = float(popular[items].mean()) if len(items) else float("nan")
    columns += [
        mine,
        order,
        popular[rows],
        np.maximum(now - shelf.arrived[rows], 0) / _DAY,
        np.full(len(rows), np.log1p(len(items))),
        np.full(len(rows), liked.mean() if len(items) else np.nan),
        popular[rows] - usual,
    ]
    for whose in (shelf.creator, shelf.topic):
        theirs, own = whose[rows], whose[items]
        share = np.zeros(len(rows), np.float32)
        felt = np.full(len(rows), np.nan, np.float32)
        for one in np.unique(theirs[theirs >= 0]):
            same = own == one
            if same.any():
                here = theirs == one
                share[here], felt[here] = same.mean(), strength[same].mean()
        columns += [share, felt]
    since = np.full(len(rows), np.nan, np.float32)
    dated = ~np.isnan(when)
    if dated.any() and not np.isnan(now):
        topics = shelf.topic[items[dated]]
        newest = np.full(int(shelf.topic.max(initial=-1)) + 2, -np.inf)
        np.maximum.at(newest, topics, when[dated])  # -1, no topic, falls on the last place
        last = newest[shelf.topic[rows]]
        since = np.where((shelf.topic[rows] >= 0) & np.isfinite(last), (now - last) / 3_600, np.nan).astype(np.float32)
    columns.append(since)
    return np.stack([np.asarray(c, np.float32) for c in columns], axis=1)


def value(model: OutcomeModel, objective: Mapping[str, float], x: Floats) -> Floats:
    """The surface's objective: weighted chances, shape (m,). Outcomes that the model does not know count nothing."""
    weights = np.array([objective.get(name, 0.0) for name in model.outcomes], np.float32)
    return np.asarray(model.chances(x) @ weights, np.float32)


def lifted(blend: Floats, pool: Ints, worth: Floats) -> Floats:
    """The blend with the pool's places by worth: the pool's best at 1, all other items below the pool, order kept."""
    out = blend.copy()
    top = float(np.abs(worth).max(initial=0.0))
    mine = worth / top if top > 0 else worth
    others = np.ones(len(blend), np.bool_)
    others[pool] = False
    if others.any():
        out[others] += np.float32(float(mine.min(initial=0.0)) - 0.01) - blend[others].max()
    out[pool] = mine
    return out
