"""What every scorer, candidate source and re-ranker keeps to, whoever brings it.

Each suite runs over all components that are installed, so that a new one is covered by its entry point alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from tests.taste_home import NOW, Taste, did

from vitascope.assemble._plugins import components, extractors, found
from vitascope.base.histories import Histories, from_columns
from vitascope.base.ports.components import Crowd, Glance, Reranker, Scorer, Source
from vitascope.base.ports.ranking import Artifacts
from vitascope.base.shelf import Shelf
from vitascope.recommend.rerankers import reorder
from vitascope.train import ArtifactFolder, TrainConfig

ALL = components()


@dataclass(frozen=True)
class Bench:
    """A library with people, a model, and an item that came after the model was fitted."""

    taste: Taste
    shelf: Shelf
    histories: Histories
    crowd: Crowd
    artifacts: Artifacts

    def crowd_of(self, histories: Histories) -> Crowd:
        people = [self.taste.person(f"p{i}") for i in range(len(histories))]
        return Crowd(
            lambda: self.taste.profiler.tastes(histories, self.shelf.table).values,
            lambda: self.taste.profiler.weights(people, self.shelf.table),
            self.crowd.popular,
            20,
        )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    taste = Taste(tmp_path_factory.mktemp("components"))
    items = taste.library()
    for i in range(12):
        watched = [n for n in range(24) if n % 3 == i % 3][: 3 + i % 4]
        taste.record(
            *(did(f"p{i}", f"i{n}", "complete", NOW - 9_000 + 60 * at, value=1.0) for at, n in enumerate(watched))
        )
    taste.record(did("p0", "i1", "skip", NOW - 100, value=0.02))
    taste.person("p12")  # known, and nothing done
    taste.trainer_with(TrainConfig(few=4)).fit(promote="always")
    from vitascope.base.items import ItemDraft

    taste.stores.items.put([ItemDraft(item_id="late", title="A late rocket", tags=("rockets",))])
    shelf = taste.recommender._shelves.shelf()
    assert len(shelf) == len(items) + 1
    people = np.array([taste.person(f"p{i}") for i in range(13)], np.int64)
    histories = from_columns(taste.stores.events.columns(), shelf.table.items, people)
    current = taste.stores.registry.current()
    assert current is not None
    popular = taste.recommender._shelves.popularity(shelf)
    bare = Bench(
        taste,
        shelf,
        histories,
        Crowd(lambda: popular, lambda: popular, popular, 20),
        ArtifactFolder(taste.folder / "models")(current.path),
    )
    return Bench(taste, shelf, histories, bare.crowd_of(histories), bare.artifacts)


@pytest.mark.parametrize("scorer", ALL.scorers.values(), ids=lambda s: s.name)
class TestScorers:
    """The contract of `base.ports.components.Scorer`."""

    @pytest.mark.parametrize("fitted", [False, True])
    def test_a_finite_score_for_everyone_and_everything(self, scorer: Scorer, bench: Bench, fitted: bool) -> None:
        state = scorer.load(bench.artifacts if fitted else None, bench.shelf)
        made = scorer.scores(bench.histories, state, bench.shelf, bench.crowd)
        assert made.shape == (13, 25)
        assert made.dtype == np.float32
        assert np.isfinite(made).all()

    def test_the_answer_does_not_hang_on_who_else_is_asked_for(self, scorer: Scorer, bench: Bench) -> None:
        state = scorer.load(bench.artifacts, bench.shelf)
        together = scorer.scores(bench.histories, state, bench.shelf, bench.crowd)
        for place in (0, 5, 12):
            alone = bench.histories.chunk(place, place + 1)
            made = scorer.scores(alone, state, bench.shelf, bench.crowd.one(place))
            np.testing.assert_allclose(made[0], together[place], rtol=1e-4, atol=1e-5)

    def test_the_same_question_has_the_same_answer_and_changes_nothing(self, scorer: Scorer, bench: Bench) -> None:
        before = {name: getattr(bench.histories, name).copy() for name in ("item", "strength", "time", "start")}
        state = scorer.load(bench.artifacts, bench.shelf)
        first = scorer.scores(bench.histories, state, bench.shelf, bench.crowd).copy()
        second = scorer.scores(bench.histories, scorer.load(bench.artifacts, bench.shelf), bench.shelf, bench.crowd)
        np.testing.assert_array_equal(first, second)
        for name, array in before.items():
            np.testing.assert_array_equal(array, getattr(bench.histories, name))

    def test_who_did_nothing_is_told_nothing_of_his_own(self, scorer: Scorer, bench: Bench) -> None:
        state = scorer.load(bench.artifacts, bench.shelf)
        nobody = bench.histories.select(np.zeros(len(bench.histories.item), np.bool_))
        made = scorer.scores(nobody, state, bench.shelf, bench.crowd_of(nobody))
        np.testing.assert_allclose(made, np.repeat(made[:1], len(made), axis=0))

    def test_an_act_pulls_or_does_not_and_never_pushes(self, scorer: Scorer, bench: Bench) -> None:
        state = scorer.load(bench.artifacts, bench.shelf)
        mine = bench.histories.chunk(0, 1)
        for row in range(len(bench.shelf)):
            pulls = scorer.pulls(mine, state, row, bench.shelf, bench.crowd.one(0))
            if pulls is not None:
                assert pulls.shape == mine.item.shape
                assert np.isfinite(pulls).all()
                assert (pulls >= 0).all()

    def test_it_weighs_something_where_no_fit_chose(self, scorer: Scorer, bench: Bench) -> None:
        assert 0 <= scorer.weight <= 2


@pytest.mark.parametrize("source", ALL.sources.values(), ids=lambda s: s.name)
class TestSources:
    """The contract of `base.ports.components.Source`."""

    def test_it_follows_a_scorer_that_is_there_or_names_what_may_be_shown(self, source: Source, bench: Bench) -> None:
        may = np.arange(len(bench.shelf)) % 2 == 0
        rows = source.rows(Glance(bench.taste.ask("p0"), bench.shelf, bench.histories.chunk(0, 1), may))
        if source.scorer is not None:
            assert source.scorer in ALL.scorers
            assert not len(rows)
        else:
            assert len(rows) == len(set(rows.tolist()))
            assert may[rows].all()

    def test_it_says_whether_an_act_led_to_it(self, source: Source, bench: Bench) -> None:
        assert isinstance(source.caused, bool)

    def test_it_names_the_same_for_everyone_where_it_says_so(self, source: Source, bench: Bench) -> None:
        assert isinstance(source.for_everyone, bool)
        made = [
            source.rows(Glance(bench.taste.ask("p0"), bench.shelf, bench.histories.chunk(p, q), bench.shelf.shown))
            for p, q in ((0, 0), (0, 1), (5, 6))
        ]
        assert not source.for_everyone or all(np.array_equal(rows, made[0]) for rows in made)


@pytest.mark.parametrize("reranker", ALL.rerankers.values(), ids=lambda r: r.name)
class TestRerankers:
    """The contract of `base.ports.components.Reranker`."""

    def test_nobody_is_lost_and_nobody_comes_twice(self, reranker: Reranker, bench: Bench) -> None:
        random = np.random.default_rng(5)
        for m in (0, 1, 2, 17):
            rows = random.permutation(len(bench.shelf))[:m].astype(np.int64)
            may = np.ones(len(bench.shelf), np.bool_)
            glance = Glance(bench.taste.ask("p0"), bench.shelf, bench.histories.chunk(0, 1), may)
            choosing = reranker.start(reranker.config(), rows, glance)
            assert choosing.values().shape == (m,)
            assert not np.isnan(choosing.values()).any()
            score = random.random(m).astype(np.float32)
            assert sorted(reorder(score, [choosing]).tolist()) == list(range(m))

    def test_its_settings_all_have_a_default(self, reranker: Reranker, bench: Bench) -> None:
        assert reranker.config().model_dump() is not None


def test_the_built_in_ones_come_through_the_door() -> None:
    assert list(ALL.scorers) == sorted(ALL.scorers)
    assert {"taste", "content", "collaborative", "popular"} <= set(ALL.scorers)
    assert {"personal", "collaborative", "similar", "popular", "new"} <= set(ALL.sources)
    assert {"diversity", "creators", "fatigue"} <= set(ALL.rerankers)
    for group in ("scorers", "sources", "rerankers", "extractors"):
        for name, component in found(f"vitascope.{group}").items():
            assert component.name == name


def test_extractors_come_after_those_whose_results_they_read() -> None:
    from vitascope.describe.extractors import BUILT_IN

    order = [one.name for one in extractors()]
    assert {one.name for one in BUILT_IN} <= set(order)
    for one in extractors():
        assert all(order.index(name) < order.index(one.name) for name in one.after)
