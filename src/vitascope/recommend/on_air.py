"""What this very moment adds to scores: what happens in live channels now, and what a person watches at this time of day.

Takes a request, tastes, histories; gives what each item gains, for each person. Knows no store and no clock.

live   R(u, now) = sum of w_i u_i v_i over the features of the channel's last minute, and how many watch it and act in it
tv     the middle of what was watched around this hour less the middle of all that was watched, on named features
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, rows_of
from vitascope.base.people import Surface
from vitascope.base.ports.components import Crowd
from vitascope.base.ranking import Request
from vitascope.base.shelf import Shelf
from vitascope.base.strength import WATCH_CODES
from vitascope.recommend.scorers._matrices import features

Floats = npt.NDArray[np.float32]

TASTE, HEAT, HOUR = 0.8, 0.4, 0.3
"""What the best of each gains; the scores of a list are of that size."""
STALE = 300.0
"""Seconds after which what happened says nothing of now."""
_HOURS = 1.5
"""Standard deviation of "around this hour"."""
_DAY = 24.0


def lift(request: Request, histories: Histories, crowd: Crowd, shelf: Shelf) -> Floats | None:
    """What each item gains for each person, shape (p, n); None where the moment says nothing."""
    out: Floats | None = None
    if request.happening and request.surface is Surface.LIVE:
        out = _happening(request, histories, crowd, shelf)
    if request.utc_offset is not None:
        hour = _hour(request, histories, shelf)
        out = hour if out is None else out + hour
    return out


def _happening(request: Request, histories: Histories, crowd: Crowd, shelf: Shelf) -> Floats:
    out = np.zeros((len(histories), len(shelf)), np.float32)
    rows = rows_of(shelf.table.items, np.array([h.item for h in request.happening], np.int64))
    taste = crowd.tastes * crowd.weights
    said = np.zeros((len(histories), len(rows)), np.float32)
    heat = np.zeros(len(rows), np.float32)
    for at, now in enumerate(request.happening):
        heat[at] = np.log1p(now.viewers) + 0.5 * np.log1p(now.rate)
        if request.now - now.at > STALE:
            continue
        known = [(shelf.column[name], value) for name, value in now.features if name in shelf.column]
        if known:
            columns, values = np.array([c for c, _ in known]), np.array([v for _, v in known], np.float32)
            said[:, at] = taste[:, columns] @ values
    top = np.abs(said).max(axis=1, keepdims=True)
    said = np.divide(said, top, out=np.zeros_like(said), where=top > 1e-9)
    heat = heat / heat.max() if heat.max(initial=0) > 0 else heat
    there = rows >= 0
    out[:, rows[there]] = (TASTE * said + HEAT * heat[None, :])[:, there]
    return out


def _hour(request: Request, histories: Histories, shelf: Shelf) -> Floats:
    out = np.zeros((len(histories), len(shelf)), np.float32)
    table = shelf.table
    if not len(table.names) or request.utc_offset is None:
        return out
    matrix = features(table)
    now = (request.now / 3_600 + request.utc_offset) % _DAY
    for place in range(len(histories)):
        mine = histories.chunk(place, place + 1)
        told = np.isin(mine.type, WATCH_CODES) & ~np.isnan(mine.time) & (mine.strength > 0)
        if int(told.sum()) < 5:
            continue
        hour = (mine.time[told] / 3_600 + request.utc_offset) % _DAY
        apart = np.minimum(np.abs(hour - now), _DAY - np.abs(hour - now))
        near = np.exp(-0.5 * (apart / _HOURS) ** 2)
        if near.sum() < 1.5:
            continue  # one evening is no habit
        watched = matrix[mine.item[told]]
        habit = np.asarray(watched.T @ (near / near.sum())) - np.asarray(watched.mean(axis=0)).ravel()
        made = np.asarray(matrix @ (habit * table.rarity), np.float32)
        top = float(np.abs(made).max(initial=0))
        out[place] = HOUR / top * made if top > 1e-9 else 0
    return out
