"""Exploring logs the chance with which an item came: off-policy evaluation is worth what that figure is worth."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from vitascope.base.histories import from_events
from vitascope.base.items import Item, ItemDraft
from vitascope.base.people import Event, EventType, Surface
from vitascope.base.ports.components import Glance
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.ranking import Request
from vitascope.base.records import ItemKey, PersonKey
from vitascope.base.shelf import Shelf
from vitascope.recommend.explore import Explored, explored, policies, posterior

NONE = np.zeros(0, np.int64)
ITEMS = np.arange(10, 16, dtype=np.int64)


def shelf(vectors: np.ndarray | None = None) -> Shelf:
    """Six items."""
    n = len(ITEMS)
    table = FeatureTable(
        "x", ITEMS, (), np.zeros(n + 1, np.int64), NONE, np.zeros(0, np.float32), np.zeros(0, np.float32)
    )
    items = tuple(
        Item(**ItemDraft(item_id=f"i{k}").model_dump(), key=ItemKey(int(k)), created_at=0.0) for k in ITEMS.tolist()
    )
    found = {} if vectors is None else {"text": vectors.astype(np.float32)}
    return Shelf(table, items, np.ones(n, np.bool_), np.arange(n), np.zeros(n), np.zeros(n, np.int64), found)


def glance(seed: int = 0, n: int = 1, made: Shelf | None = None, *acts: tuple[int, EventType]) -> Glance:
    events = [
        Event(person=PersonKey(1), item=ItemKey(int(ITEMS[row])), type=kind, time=1.0, identity=str(at), number=at + 1)
        for at, (row, kind) in enumerate(acts)
    ]
    request = Request(person=None, surface=Surface.VIDEO, n=n, now=0.0, seed=seed)
    return Glance(request, made or shelf(), from_events([1], [events], ITEMS), np.ones(len(ITEMS), np.bool_))


def run(
    seed: int, pool: list[int], n: int = 1, share: float = 0.3, chances: np.ndarray | None = None
) -> list[Explored]:
    moment = glance(seed, n)
    every = np.arange(len(ITEMS))
    how = policies["even"](moment, every) if chances is None else chances
    return list(explored(moment, np.array(pool, np.int64), every, how, share))


@pytest.mark.parametrize("chances", [np.ones(6), np.array([0.05, 0.1, 0.15, 0.2, 0.2, 0.3])])
def test_the_logged_chance_is_how_often_it_happens(chances: np.ndarray) -> None:
    chances = chances / chances.sum()
    lists = [run(seed, [3, 1], n=2, chances=chances) for seed in range(6_000)]
    first = Counter(made[0].row for made in lists)
    logged = {made[0].row: made[0].propensity for made in lists}
    assert logged[3] == pytest.approx(0.7 + 0.3 * chances[3])
    assert logged[1] == pytest.approx(0.3 * chances[1])
    assert sum(logged.values()) == pytest.approx(1)
    for row, chance in logged.items():
        assert first[row] / len(lists) == pytest.approx(chance, abs=0.03)
    second = [made[1] for made in lists if made[0].row == 3]
    told = {one.row: one.propensity for one in second}
    often = Counter(one.row for one in second)
    assert sum(told.values()) == pytest.approx(1)
    for row, chance in told.items():
        assert often[row] / len(second) == pytest.approx(chance, abs=0.03)


def test_once_the_ranked_are_used_up_all_that_is_left_is_alike() -> None:
    made = run(1, [], n=6)
    assert sorted(one.row for one in made) == list(range(6))
    assert [one.propensity for one in made] == [pytest.approx(1 / left) for left in (6, 5, 4, 3, 2, 1)]


def test_what_is_unlike_all_that_is_known_is_tried_most_and_what_was_turned_away_least() -> None:
    """Rows 0 and 1 are of a kind that was liked, 2 and 3 of one that was skipped, 4 and 5 of one nobody asked about."""
    kinds = np.repeat(np.eye(3), 2, axis=0)
    moment = glance(0, 1, shelf(kinds), *[(0, EventType.LIKE)] * 4, *[(2, EventType.DISLIKE)] * 4)
    chances = policies["uncertain"](moment, np.arange(6))
    assert chances.sum() == pytest.approx(1)
    assert chances[3] < min(chances[1], chances[5])
    assert chances[3] > 0, "nothing that may be shown is out of reach"
    nobody = policies["uncertain"](glance(0, 1, shelf(kinds)), np.arange(6))
    np.testing.assert_allclose(nobody, 1 / 6)


def test_it_is_the_ridge_regression_that_it_says_it_is() -> None:
    """Mean and deviation by the dual form equal those of LinUCB's own matrices."""
    random = np.random.default_rng(2)
    vectors = random.normal(size=(6, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    moment = glance(0, 1, shelf(vectors), (0, EventType.LIKE), (1, EventType.COMPLETE), (2, EventType.DISLIKE))
    mean, deviation = posterior(moment, np.arange(6))
    x, y = vectors[:3], moment.history.strength.astype(np.float64)
    a = x.T @ x + np.eye(4)
    theta = np.linalg.solve(a, x.T @ y)
    np.testing.assert_allclose(mean, vectors @ theta, atol=1e-5)
    spread = np.sqrt(np.einsum("ij,jk,ik->i", vectors, np.linalg.inv(a), vectors))
    np.testing.assert_allclose(deviation, spread, atol=1e-5)
