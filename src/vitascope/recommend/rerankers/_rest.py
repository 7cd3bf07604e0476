"""Rest and age: what was just heard rests, what was shown in vain is shown less, what is new stands higher."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from vitascope.base.histories import Histories, rows_of
from vitascope.base.people import EventType
from vitascope.base.ports.components import Choosing, Glance
from vitascope.base.records import RoomConfig
from vitascope.base.shelf import Shelf
from vitascope.base.strength import WATCH_CODES
from vitascope.recommend.rerankers._order import Fixed
from vitascope.recommend.rerankers._variety import unit

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
_UNLIKE, _LIKE = 0.2, 0.6
"""Cosines from which two items count as a little, and as wholly, alike."""
_IMPRESSION = EventType.IMPRESSION.code


class FatigueConfig(RoomConfig):
    """Settings of `fatigue`."""

    hours: float = Field(default=24.0, gt=0)
    """Rest after which something heard is half as fresh again."""


class Fatigue:
    """What was just heard rests: a whole point down, half of it after `hours`."""

    name = "fatigue"
    config = FatigueConfig

    def start(self, config: FatigueConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        history = glance.history
        last = np.full(len(glance.shelf), -np.inf)
        watched = np.isin(history.type, WATCH_CODES) & ~np.isnan(history.time)
        np.maximum.at(last, history.item[watched], history.time[watched])
        rest = np.maximum(glance.request.now - last[rows], 0) / (config.hours * 3600)
        return Fixed(np.asarray(-np.exp2(-rest), np.float32))


class VainConfig(RoomConfig):
    """Settings of `vain`."""

    weight: float = Field(default=0.3, ge=0, le=1)
    """What it costs an item whose creator or topic was only ever shown in vain."""
    acts: int = Field(default=60, ge=1)
    """Newest events of the person that are looked at."""
    pause: int = Field(default=3, ge=1)
    """Showings in vain that count half."""
    alike: float = Field(default=0.0, ge=0, le=2)
    """What it costs an item that is wholly like what was just turned away from (a skip, a dislike); half five turns later."""


class Vain:
    """Creators and topics that were shown lately and not taken up are shown less."""

    name = "vain"
    config = VainConfig

    def start(self, config: VainConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list. The cost is weight x vain / (vain + 2 x taken + pause), the larger of creator's and topic's."""
        history, shelf = glance.history, glance.shelf
        items = history.item[-config.acts :]
        strength, kind = history.strength[-config.acts :], history.type[-config.acts :]
        vain = (strength < 0) | ((kind == _IMPRESSION) & (strength <= 0))
        cost = np.zeros(len(rows), np.float32)
        for whose in (shelf.creator, shelf.topic):
            mine, theirs = whose[items], whose[rows]
            known = np.unique(mine[mine >= 0])
            if not len(known):
                continue
            place = rows_of(known, mine)
            lost = np.bincount(place[vain & (place >= 0)], minlength=len(known))
            won = np.bincount(place[(strength > 0) & (place >= 0)], minlength=len(known))
            at = rows_of(known, theirs)
            each = np.append(lost / (lost + 2 * won + config.pause), 0.0)  # -1, somebody new, falls on the last place
            cost = np.maximum(cost, each[at]).astype(np.float32)
        worth = -config.weight * cost
        if config.alike:
            worth = worth - config.alike * _turned_away(history, shelf, rows, config.acts)
        return Fixed(np.asarray(worth, np.float32))


def _turned_away(history: Histories, shelf: Shelf, rows: Ints, acts: int) -> Floats:
    """How much more was turned away from than taken to, lately, of what is like each item, 0..2, shape (m,).

    The sum of the strengths of the newest acts, each half as much three acts later, times how alike it is; so that one skip in
    a row of likes says little, and a few in a row say that this is over.
    """
    told = np.flatnonzero(history.strength != 0)[-acts:]
    if not (history.strength[told] < 0).any() or not shelf.vectors:
        return np.zeros(len(rows), np.float32)
    fade = np.exp2(-(len(told) - 1 - np.arange(len(told))) / 3.0).astype(np.float32)
    near = np.clip((unit(shelf, rows) @ unit(shelf, history.item[told]).T - _UNLIKE) / (_LIKE - _UNLIKE), 0, 1)
    return np.asarray(np.clip(-(near @ (history.strength[told] * fade)), 0, 2), np.float32)


class FreshnessConfig(RoomConfig):
    """Settings of `freshness`."""

    weight: float = Field(default=0.1, ge=0, le=1)
    """What an item gains that arrived this moment."""
    days: float = Field(default=7.0, gt=0)
    """Age at which half of that is left."""


class Freshness:
    """What is new stands higher."""

    name = "freshness"
    config = FreshnessConfig

    def start(self, config: FreshnessConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        age = np.maximum(glance.request.now - glance.shelf.arrived[rows], 0) / 86_400
        return Fixed(np.asarray(config.weight * np.exp2(-age / config.days), np.float32))
