"""Exploring logs the chance with which an item came: off-policy evaluation is worth what that figure is worth."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from vitascope.base.histories import from_events
from vitascope.base.people import Surface
from vitascope.base.ports.components import Glance
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.ranking import Request
from vitascope.base.shelf import Shelf
from vitascope.recommend._draft import Draft, _explore

ITEMS = np.arange(10, 16, dtype=np.int64)


def empty_shelf() -> Shelf:
    """A shelf nobody looks at."""
    none = np.zeros(0, np.int64)
    table = FeatureTable("x", none, (), np.zeros(1, np.int64), none, np.zeros(0, np.float32), np.zeros(0, np.float32))
    return Shelf(table, (), np.zeros(0, np.bool_), none, np.zeros(0), none, {})


def explored(seed: int, pool: list[int], n: int = 1, share: float = 0.3) -> Draft:
    draft = Draft()
    request = Request(person=None, surface=Surface.VIDEO, n=n, now=0.0, seed=seed)
    _explore(
        draft,
        Glance(request, empty_shelf(), from_events([0], [[]], ITEMS), np.ones(len(ITEMS), np.bool_)),
        np.array(pool, np.int64),
        np.arange(len(ITEMS)),
        np.zeros(len(ITEMS), np.float32),
        lambda row: "popular",
        share,
    )
    return draft


def test_the_logged_chance_is_how_often_it_happens() -> None:
    drafts = [explored(seed, [3, 1]) for seed in range(4_000)]
    often = Counter(d.rows[0] for d in drafts)
    logged = {d.rows[0]: d.propensities[0] for d in drafts}
    assert logged[3] == pytest.approx(0.7 + 0.3 / 6)
    assert logged[1] == pytest.approx(0.3 / 6)
    assert sum(p for p in logged.values() if p is not None) == pytest.approx(1)
    for row, chance in logged.items():
        assert often[row] / len(drafts) == pytest.approx(chance, abs=0.03)


def test_once_the_ranked_are_used_up_all_that_is_left_is_alike() -> None:
    draft = explored(1, [], n=6)
    assert sorted(draft.rows) == list(range(6))
    assert draft.propensities == [pytest.approx(1 / left) for left in (6, 5, 4, 3, 2, 1)]
