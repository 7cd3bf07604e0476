"""The ranker learns what no weighted sum can say, is used only where it ranks better, and serves what was judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.taste_home import NOW, Taste, did

from vitascope.base.items import ItemDraft
from vitascope.base.people import EventType, Surface
from vitascope.base.ports.service import RawEvent
from vitascope.base.ranking import FitReport
from vitascope.recommend.outcomes import names
from vitascope.train import TrainConfig
from vitascope.train.ranker import outcomes_of

DAY = 86_400.0
ITEMS, PEOPLE = 90, 400
CONFIG = TrainConfig(few=20)


def filled(folder: Path, fresh: bool) -> Taste:
    """Everyone keeps to a theme; in the `fresh` world they also take only what came out in the ten days before."""
    taste = Taste(folder)
    themes = ("piano", "rockets", "cooking")
    born = [NOW - (5 + 60 * (n // 3) / (ITEMS // 3)) * DAY for n in range(ITEMS)]
    taste.stores.items.put(
        [
            ItemDraft(item_id=f"i{n}", title=f"Number {n}", tags=(themes[n % 3],), published_at=born[n])
            for n in range(ITEMS)
        ]
    )
    random = np.random.default_rng(11)
    events: list[RawEvent] = []
    for person in range(PEOPLE):
        mine = [n for n in range(ITEMS) if n % 3 == person % 3]
        when = NOW - 50 * DAY + random.random() * 20 * DAY
        for _ in range(6):
            when += random.random() * 5 * DAY
            able = [n for n in mine if born[n] < when and (not fresh or when - born[n] < 10 * DAY)]
            if able:
                chosen = able[int(random.integers(len(able)))]
                events.append(did(f"p{person}", f"i{chosen}", "complete", when, value=1.0))
    report = taste.intake.record(events, now=NOW).report
    assert report.rejected_total == 0
    return taste


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Taste:
    taste = filled(tmp_path_factory.mktemp("fresh"), True)
    taste.trainer_with(CONFIG).fit(promote="always")
    return taste


@pytest.fixture(scope="module")
def without(fresh: Taste) -> FitReport:
    """A fit of the same without a ranker."""
    return fresh.trainer_with(CONFIG.model_copy(update={"ranker": False})).fit()


def test_it_learns_that_people_take_what_is_new(fresh: Taste, without: FitReport) -> None:
    current = fresh.stores.registry.current()
    assert current is not None
    assert "ranker on (take, watch, complete)" in current.note, current.note
    assert "take" in fresh.recommender.flow(Surface.VIDEO)
    assert not without.promoted, "the model that serves is judged with its ranker"
    told, plain = ({m.name: m.value for m in model.evaluation} for model in (current, without.model))
    assert told["NDCG@10"] > plain["NDCG@10"] + 0.1
    assert told["popular NDCG@10"] == plain["popular NDCG@10"]


def test_it_serves_what_it_learnt(fresh: Taste, without: FitReport) -> None:
    born = {i.key: i.published_at or 0 for i in fresh.stores.items.iter()}

    def age(answer_of: Taste, name: str) -> float:
        events = fresh.stores.events.of(fresh.person(name))
        last = max(e.time or 0 for e in events)
        items = answer_of.recommender.recommend(answer_of.ask(name, n=5)).items
        return float(np.mean([max(last - born[i.item], 0) / DAY for i in items]))

    ranked = [age(fresh, f"p{n}") for n in range(0, 60, 3)]
    assert without.compared_with is not None
    fresh.stores.registry.promote(without.model.version)
    try:
        assert np.mean(ranked) < 0.7 * np.mean([age(fresh, f"p{n}") for n in range(0, 60, 3)])
    finally:
        fresh.stores.registry.promote(without.compared_with)


def test_an_explained_list_is_the_served_list(fresh: Taste) -> None:
    plain = fresh.recommender.recommend(fresh.ask("p1"))
    told = fresh.recommender.recommend(fresh.ask("p1", explain=True))
    assert [i.item_id for i in plain.items] == [i.item_id for i in told.items]
    scores = [i.score for i in plain.items]
    assert scores == sorted(scores, reverse=True)


def test_what_a_ranker_said_is_told_in_parts_that_sum_to_the_score(fresh: Taste) -> None:
    told = 0
    for n in range(0, 60, 6):
        request = fresh.ask(f"p{n}", explain=True)
        for place, item in enumerate(fresh.recommender.recommend(request).items, 1):
            assert item.explanation is not None
            (why,) = item.explanation.told
            assert why.score == pytest.approx(item.score, abs=1e-6), "rounded to six places in the list"
            assert why.base + sum(r.amount for r in why.reasons) == pytest.approx(why.score, abs=1e-6)
            assert why.method == "shap"
            assert {r.name for r in why.reasons} <= set(names(tuple(fresh.recommender.scorers())))
            told += 1
            if place in (1, 4):
                one = fresh.recommender.explain(request, item.item).items[0]
                assert one.score == item.score, "one item is told by the numbers of the whole list"
                assert one.explanation is not None
                assert one.explanation.told == item.explanation.told
    assert told >= 50


def test_where_it_gains_nothing_it_is_left_off(tmp_path: Path) -> None:
    taste = filled(tmp_path, False)
    model = taste.trainer_with(CONFIG).fit().model
    assert "ranker" in model.note
    on = "ranker on" in model.note
    assert on == ("outcomes" in taste.recommender._load(model.path).arrays)  # type: ignore[attr-defined]
    few = taste.trainer_with(TrainConfig(few=300)).fit(promote="never").model
    assert "ranker on" not in few.note, "too few people to learn from some and judge by others"


@pytest.mark.parametrize(
    ("acts", "came"),
    [
        ([("complete", None)], {"take", "watch", "complete"}),
        ([("progress", 0.6)], {"take", "watch"}),
        ([("progress", 0.2)], {"take"}),
        ([("skip", 0.05), ("impression", None)], set()),
        ([("rate", 5.0)], {"take", "like"}),
        ([("rate", 1.0)], {"take", "hide"}),
        ([("play", None), ("share", None)], {"take", "share"}),
        ([("hide", None)], {"hide"}),
        ([], set()),
    ],
)
def test_what_came_of_an_item(acts: list[tuple[str, float | None]], came: set[str]) -> None:
    kind = np.array([EventType(name).code for name, _ in acts], np.int8)
    value = np.array([np.nan if v is None else v for _, v in acts], np.float32)
    assert {name for name, said in outcomes_of(kind, value).items() if said} == came
