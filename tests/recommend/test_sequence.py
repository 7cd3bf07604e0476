"""The scorer of the sequential model: what it says of the seen, of sets, of items it never met, and which acts it names."""

from __future__ import annotations

import numpy as np
import pytest

from vitascope.base.histories import Histories, from_columns
from vitascope.base.items import Item
from vitascope.base.people import EventColumns, EventType
from vitascope.base.ports.components import Crowd
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.records import ItemKey
from vitascope.base.shelf import Shelf
from vitascope.base.tokens import GAPS, MARKS
from vitascope.recommend.scorers import Sequence
from vitascope.train.artifacts import MemoryArtifacts

N, D = 12, 8
CROWD = Crowd(lambda: np.zeros((0, 0), np.float32), lambda: np.zeros((0, 0), np.float32), np.zeros(N, np.float32), 20)


def shelf(n: int = N) -> Shelf:
    table = FeatureTable(
        version=str(n),
        items=np.arange(10, 10 + n, dtype=np.int64),
        names=("even", "odd"),
        start=np.arange(n + 1, dtype=np.int64),
        column=np.arange(n, dtype=np.int64) % 2,
        value=np.ones(n, np.float32),
        rarity=np.ones(2, np.float32),
    )
    items = tuple(Item(key=ItemKey(10 + i), item_id=f"i{i}", created_at=0.0) for i in range(n))
    zero = np.zeros(n)
    return Shelf(table, items, np.ones(n, np.bool_), np.arange(n), zero, np.full(n, -1), {})


def model(unseen: bool = True) -> MemoryArtifacts:
    """An untrained network with one block; what it says is arbitrary and not constant."""
    random = np.random.default_rng(4)

    def some(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32) * 0.5

    arrays = {
        "items": np.arange(10, 10 + N, dtype=np.int64),
        "identity": some(N, D),
        "mark": some(MARKS, D),
        "gap": some(GAPS, D),
        "norm": np.ones(D, np.float32),
        "features": some(2, D),
        "0_norm_a": np.ones(D, np.float32),
        "0_qkvg": some(4 * D, D),
        "0_bias": some(2, 6),
        "0_out": some(D, D),
        "0_norm_b": np.ones(D, np.float32),
        "0_up": some(4 * D, D),
        "0_down": some(D, 2 * D),
    }
    text = f'{{"blocks": 1, "kinds": [], "features": ["even", "odd"], "unseen": {str(unseen).lower()}}}'
    return MemoryArtifacts("v", {f"sequence_{k}": v for k, v in arrays.items()}, {"sequence": text})


def histories(timed: bool = True) -> Histories:
    """Person 0 played items 0 to 4, person 1 played 5 twice, person 2 nothing."""
    rows = [(0, i) for i in range(5)] + [(1, 5), (1, 6), (1, 5)]
    n = len(rows)
    columns = EventColumns(
        number=np.arange(1, n + 1),
        person=np.array([p for p, _ in rows]),
        item=np.array([10 + i for _, i in rows]),
        type=np.full(n, EventType.PLAY.code, np.int8),
        value=np.full(n, np.nan, np.float32),
        time=np.arange(n, dtype=np.float64) * 600 if timed else np.full(n, np.nan),
        surface=np.full(n, -1, np.int8),
        session=np.full(n, -1),
        imported=np.zeros(n, np.bool_),
    )
    return from_columns(columns, shelf().table.items, np.arange(3))


def test_nothing_is_said_without_a_model_or_without_times() -> None:
    scorer = Sequence()
    assert not scorer.scores(histories(), scorer.load(None, shelf()), shelf(), CROWD).any()
    made = scorer.scores(histories(timed=False), scorer.load(model(), shelf()), shelf(), CROWD)
    assert not made.any()
    assert not scorer.pulls(histories(timed=False).chunk(0, 1), scorer.load(model(), shelf()), 3, shelf(), CROWD).any()


@pytest.mark.parametrize("unseen", [True, False])
def test_seen_items_stand_out_only_where_they_may_come_again(unseen: bool) -> None:
    scorer = Sequence()
    made = scorer.scores(histories(), scorer.load(model(unseen), shelf()), shelf(), CROWD)
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    assert made[:2].any(axis=1).all()
    assert not made[2].any()
    seen, rest = made[0, :5], made[0, 5:]
    assert (seen.max() <= rest.max()) or not unseen
    free = scorer.scores(histories(), scorer.load(model(False), shelf()), shelf(), CROWD)
    np.testing.assert_allclose(made[0, 5:], free[0, 5:])


def test_items_that_came_later_are_scored_by_what_they_contain() -> None:
    scorer = Sequence()
    bigger = shelf(N + 2)
    state = scorer.load(model(), bigger)
    assert state is not None
    np.testing.assert_allclose(state.items[N:], np.asarray(model().array("sequence_features")), rtol=1e-6)
    made = scorer.scores(histories(), state, bigger, CROWD)
    assert made.shape == (3, N + 2)
    assert made[0, N] != made[0, N + 1]


def test_the_acts_it_names_are_those_without_which_the_item_stands_lower() -> None:
    scorer = Sequence()
    state = scorer.load(model(), shelf())
    mine = histories().chunk(0, 1)
    for row in range(N):
        pulls = scorer.pulls(mine, state, row, shelf(), CROWD)
        whole = scorer.scores(mine, state, shelf(), CROWD)[0, row]
        for event in range(5) if row > 4 else ():
            fewer = mine.select(np.arange(5) != event)
            assert (pulls[event] > 1e-4) == (whole - scorer.scores(fewer, state, shelf(), CROWD)[0, row] > 1e-4)
