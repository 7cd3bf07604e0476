"""Turns: no creator and no topic fills a list; a stated share of places goes to a stated kind of item."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from vitascope.base.ports.components import Choosing, Glance
from vitascope.base.records import RoomConfig

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class TurnsConfig(RoomConfig):
    """Settings of `creators` and `topics`."""

    most: int = Field(default=3, ge=1)
    """Items of one before all others had their turn."""


class Creators:
    """No creator fills a list."""

    name = "creators"
    config = TurnsConfig

    def start(self, config: TurnsConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        return _Turns(config.most, glance.shelf.creator[rows])


class Topics:
    """No leading topic fills a list."""

    name = "topics"
    config = TurnsConfig

    def start(self, config: TurnsConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list."""
        return _Turns(config.most, glance.shelf.topic[rows])


class _Turns:
    def __init__(self, most: int, whose: Ints) -> None:
        self._most, self._whose = most, whose
        self._values = np.zeros(len(whose), np.float32)
        self._had: dict[int, int] = {}

    def values(self) -> Floats:
        return self._values

    def took(self, at: int) -> None:
        one = int(self._whose[at])
        if one < 0:
            return
        self._had[one] = self._had.get(one, 0) + 1
        if self._had[one] >= self._most:
            self._values[self._whose == one] = -np.inf


class QuotaConfig(RoomConfig):
    """Settings of `quota`: a share for new items, or for those that have a feature."""

    share: float = Field(default=0.2, gt=0, le=1)
    """Of the places of every head of the list, as far as there are such items."""
    days: float | None = Field(default=None, gt=0)
    """For items that arrived in so many days."""
    feature: str | None = None
    """For items that have this feature: "kind:live", "language:zh"."""

    @model_validator(mode="after")
    def _one(self) -> QuotaConfig:
        if self.days is not None and self.feature is not None:
            raise ValueError("a quota is for new items (days) or for a feature, not for both; name two quotas")
        return self


class Quota:
    """Keeps a share of the places: after each n places, at least share x n of them went to such items."""

    name = "quota"
    config = QuotaConfig

    def start(self, config: QuotaConfig, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list. Without `days` and `feature`, new means a week."""
        shelf = glance.shelf
        if config.feature is not None:
            inside = shelf.feature(config.feature)[rows] > 0
        else:
            age = glance.request.now - shelf.arrived[rows]
            inside = age <= (7.0 if config.days is None else config.days) * 86_400
        return _Share(config.share, inside)


class _Share:
    def __init__(self, share: float, inside: npt.NDArray[np.bool_]) -> None:
        self._share, self._inside = share, inside
        self._left = inside.copy()
        self._places = self._had = 0

    def values(self) -> Floats:
        owed = math.floor(self._share * (self._places + 1) + 1e-9)
        if self._had >= owed or not self._left.any():
            return np.zeros(len(self._inside), np.float32)
        return np.where(self._inside, 0, -np.inf).astype(np.float32)

    def took(self, at: int) -> None:
        self._places += 1
        self._had += int(self._inside[at])
        self._left[at] = False
