"""The whole training on made histories: it learns an order, places an item nobody touched by its content, and repeats itself."""

from __future__ import annotations

import numpy as np
import pytest

from vitascope.base.histories import Histories
from vitascope.base.people import EventType
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.tokens import tokens
from vitascope.recommend import sequence as served
from vitascope.train.artifacts import MemoryArtifacts
from vitascope.train.config import TrainConfig
from vitascope.train.sequence import ready

torch = pytest.importorskip("torch")

N = 24
CONFIG = TrainConfig(
    sequence_from=100,
    sequence_width=16,
    sequence_length=12,
    sequence_epochs=16,
    sequence_dropout=0.0,
    sequence_threads=1,
)


def table(n: int = N) -> FeatureTable:
    """Items 0, 1, 2, ...; item i has the feature i mod 3."""
    return FeatureTable(
        version=str(n),
        items=np.arange(n, dtype=np.int64),
        names=("zero", "one", "two"),
        start=np.arange(n + 1, dtype=np.int64),
        column=np.arange(n, dtype=np.int64) % 3,
        value=np.ones(n, np.float32),
        rarity=np.ones(3, np.float32),
    )


def walks(people: int, steps: int, dated: bool, left_out: int = -1) -> tuple[Histories, np.ndarray]:
    """People who go from an item of one class to a random item of the next class; and each one's next item."""
    random = np.random.default_rng(3)
    item = np.zeros((people, steps + 1), np.int64)
    item[:, 0] = random.integers(0, N, people)
    for step in range(1, steps + 1):
        drawn = 3 * random.integers(0, N // 3, people) + (item[:, step - 1] + 1) % 3
        item[:, step] = np.where(drawn == left_out, (drawn + 3) % N, drawn)
    n = people * steps
    time = np.tile(np.arange(steps) * 3_600.0, people) if dated else np.full(n, np.nan)
    made = Histories(
        people=np.arange(people),
        start=np.arange(people + 1, dtype=np.int64) * steps,
        item=item[:, :-1].ravel(),
        type=np.full(n, EventType.PLAY.code, np.int8),
        value=np.full(n, np.nan, np.float32),
        time=time,
        number=np.arange(n),
        session=np.full(n, -1),
        strength=np.full(n, 0.4, np.float32),
    )
    return made, item[:, -1]


def test_sets_and_small_libraries_have_no_sequence() -> None:
    assert ready(walks(20, 9, True)[0], CONFIG)
    assert not ready(walks(20, 9, False)[0], CONFIG)
    assert not ready(walks(20, 9, True)[0], CONFIG.model_copy(update={"sequence_from": 181}))
    assert not ready(walks(20, 9, True)[0], CONFIG.model_copy(update={"sequence_minutes": 0}))


def test_it_learns_an_order_and_places_an_item_nobody_touched() -> None:
    from vitascope.train.sequence.learn import first, last

    untouched = 7
    histories, answer = walks(200, 10, True, left_out=untouched)
    learned = first(histories, answer, table(), {}, CONFIG, seed=1)
    assert learned.looks
    learned = last(histories, learned)

    weights = served.read(MemoryArtifacts("v", learned.arrays, learned.texts))
    assert weights is not None
    assert not weights.unseen  # these walks come back to items, so what was seen may come again
    bigger = table(N + 3)  # three items came after the fit
    vectors = served.item_vectors(weights, bigger, {})
    data = tokens(histories)
    scores = served.states(weights, vectors, data) @ vectors.T
    newest = histories.item[histories.start[1:] - 1]
    following = np.arange(N + 3)[None, :] % 3 == ((newest + 1) % 3)[:, None]
    best = np.argsort(-scores, axis=1)[:, :6]
    assert np.take_along_axis(following, best, 1).mean() > 0.95
    for item in (untouched, N, N + 1, N + 2):  # and these stand with their class
        mine = following[:, item]
        assert scores[mine, item].mean() > scores[~mine, item].mean() + 0.3


def test_one_seed_makes_one_model() -> None:
    from vitascope.train.sequence.learn import first

    short = CONFIG.model_copy(update={"sequence_epochs": 1})
    made = [first(*walks(60, 10, True), table(), {}, short, seed=seed) for seed in (1, 1, 2)]
    assert all(np.array_equal(made[0].arrays[name], made[1].arrays[name]) for name in made[0].arrays)
    assert not np.array_equal(made[0].arrays["sequence_identity"], made[2].arrays["sequence_identity"])
