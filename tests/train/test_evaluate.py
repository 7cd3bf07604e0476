"""The evaluation an owner can believe: nothing held out is seen, chance is exact, an interval holds its mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.taste_home import NOW, Taste, did

from vitascope.base.histories import Histories, from_columns
from vitascope.base.items import OwnVector
from vitascope.base.people import Surface
from vitascope.base.ranking import EvaluationReport, Request
from vitascope.train import TrainConfig, evaluate

REQUEST = Request(person=None, surface=Surface.VIDEO, n=5, include_seen=False, now=NOW)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Taste:
    """48 people who each watch one of three themes, in order."""
    taste = Taste(tmp_path_factory.mktemp("evaluate"))
    items = taste.library(60)
    random = np.random.default_rng(3)
    for n, item in enumerate(items):
        look = np.eye(4)[n % 3] + 0.4 * random.normal(size=4)
        taste.stores.vectors.put_own(item.key, [OwnVector(key="look", values=tuple(look))])
    events = []
    for i in range(48):
        mine = random.permutation([n for n in range(60) if n % 3 == i % 3])[:8]
        events += [
            did(f"p{i}", f"i{n}", "complete", NOW - 90_000 + 1_000 * at + i, value=1.0) for at, n in enumerate(mine)
        ]
    taken = taste.intake.record(events, now=NOW)
    assert taken.report.rejected_total == 0
    return taste


@pytest.fixture(scope="module")
def reports(crowd: Taste) -> dict[str, EvaluationReport]:
    made = crowd.trainer_with(TrainConfig(few=10)).evaluate(REQUEST, seed=1)
    return {report.split: report for report in made}


def value(report: EvaluationReport, what: str, name: str) -> float:
    way = next(w for w in (*report.ways, *report.prices) if w.what == what)
    return next(f.value for f in way.figures if f.name == name)


def histories_of(taste: Taste) -> Histories:
    return from_columns(taste.stores.events.columns(), taste.features.table().items)


@pytest.mark.parametrize("split", ["last", "time"])
def test_taste_is_worth_more_than_popularity_and_chance(reports: dict[str, EvaluationReport], split: str) -> None:
    report = reports[split]
    assert report.people > 20
    assert value(report, "vitascope", "recall") > 1.5 * value(report, "chance", "recall")
    assert value(report, "vitascope", "NDCG") > 1.5 * value(report, "popular", "NDCG")
    for way in (*report.ways, *report.prices):
        for figure in way.figures:
            assert figure.low <= figure.value <= figure.high


def test_each_reranker_has_its_price(reports: dict[str, EvaluationReport]) -> None:
    report = reports["last"]
    together = "diversity + creators + vain"
    assert [p.what for p in report.prices] == ["diversity", "creators", "vain", together]
    assert value(report, together, "variety") > 0
    assert value(report, together, "NDCG") <= 0.02, "variety is not for nothing here"


def test_nothing_that_is_held_out_is_in_what_was_learnt(crowd: Taste) -> None:
    histories = histories_of(crowd)
    for held in (evaluate.last(histories, 1), evaluate.after(histories)):
        assert sum(map(len, held.answers)) > 20
        for place, answer in enumerate(held.answers):
            a, b = int(held.train.start[place]), int(held.train.start[place + 1])
            assert not np.isin(answer, held.train.item[a:b]).any()
    late = evaluate.after(histories)
    kept = float(late.train.time.max())
    for place, answer in enumerate(late.answers):
        a, b = int(histories.start[place]), int(histories.start[place + 1])
        assert (histories.time[a:b][np.isin(histories.item[a:b], answer)] > kept).all()


def test_the_current_model_stays_and_the_same_seed_gives_the_same(crowd: Taste) -> None:
    trainer = crowd.trainer_with(TrainConfig(few=10))
    before = crowd.stores.registry.current()
    first = trainer.evaluate(REQUEST, ("last",), people=20, seed=4)
    assert trainer.evaluate(REQUEST, ("last",), people=20, seed=4) == first
    assert first[0].people == 20
    assert crowd.stores.registry.current() == before


def test_who_did_too_little_is_told_so(tmp_path: Path) -> None:
    taste = Taste(tmp_path)
    taste.library(5)
    taste.record(did("ann", "i1", "like"))
    for report in taste.trainer.evaluate(REQUEST):
        assert report.people == 0
        assert "nothing can be held out" in report.note


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 40), st.integers(1, 10), st.integers(1, 12), st.integers(0, 2**31))
def test_chance_is_what_drawing_gives(shown: int, k: int, many: int, seed: int) -> None:
    many = min(many, shown)
    random = np.random.default_rng(seed)
    nothing = np.zeros(0, np.int64)
    nobody = Histories(
        people=np.array([1]),
        start=np.array([0, 0]),
        item=nothing,
        type=nothing.astype(np.int8),
        value=nothing.astype(np.float32),
        time=nothing.astype(np.float64),
        number=nothing,
        session=nothing,
        strength=nothing.astype(np.float32),
    )
    answer = np.arange(many)
    told = evaluate._chance(nobody, [answer], k, shown)
    gain = 1 / np.log2(np.arange(k) + 2)
    drawn = [np.isin(random.permutation(shown)[:k], answer) for _ in range(1_000)]
    for name, values in {
        "HR": [float(hit.any()) for hit in drawn],
        "recall": [hit.sum() / many for hit in drawn],
        "NDCG": [(hit * gain[: len(hit)]).sum() / gain[: min(many, k)].sum() for hit in drawn],
    }.items():
        spread = float(np.std(values)) / np.sqrt(len(values))
        assert abs(float(np.mean(values)) - told[name][0]) < 6 * spread + 0.02  # 1,000 draws may miss what is rare
