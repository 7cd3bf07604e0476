"""Lists of many people at once are the lists that each would have got alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.taste_home import NOW, Taste

from vitascope.assemble._plugins import components
from vitascope.base.histories import Histories, from_events
from vitascope.base.people import Event, EventType, Surface
from vitascope.base.ports.components import Crowd
from vitascope.base.ranking import Request
from vitascope.base.records import ItemKey, PersonKey
from vitascope.base.shelf import Shelf
from vitascope.recommend import pipeline
from vitascope.recommend._draft import Draft, drafts
from vitascope.recommend.scorers import Scores
from vitascope.recommend.sources import New

KINDS = (EventType.COMPLETE, EventType.HIDE, EventType.CLICK)


class Newest(New):
    """The same, asked for each person."""

    for_everyone = False


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    taste = Taste(tmp_path_factory.mktemp("plain"))
    taste.library()
    return taste.recommender._shelves.shelf()


def histories(shelf: Shelf, people: int, acts: int, random: np.random.Generator) -> Histories:
    events = [
        [
            Event(
                person=PersonKey(p + 1),
                item=ItemKey(int(random.choice(shelf.table.items))),
                type=KINDS[int(random.integers(len(KINDS)))],
                time=NOW + i,
                identity=f"{p}-{i}",
                number=1 + p * acts + i,
            )
            for i in range(int(random.integers(acts + 1)))
        ]
        for p in range(people)
    ]
    return from_events([PersonKey(p + 1) for p in range(people)], events, shelf.table.items)


@pytest.mark.parametrize("seed", range(12))
def test_at_once_is_as_one_by_one(shelf: Shelf, seed: int) -> None:
    random, people, size = np.random.default_rng(seed), 7, len(shelf)
    n, top, copies, seen = (int(random.integers(1, most)) for most in (30, 30, 3, 3))
    if copies == 2:  # three works of several copies each
        group = np.arange(size)
        group[[4, 9]], group[[11, 20, 21]], group[17] = 2, 10, 16
        works = {
            r: tuple(np.flatnonzero(group == group[r]).tolist()) for r in range(size) if (group == group[r]).sum() > 1
        }
        shelf = replace(shelf, group=group, copies=works)
    built = pipeline.build(Surface.VIDEO, components(), None)
    sources = tuple((source, max(1, min(size, top + i))) for i, (source, _) in enumerate(built.sources))
    alone = tuple((Newest() if isinstance(source, New) else source, most) for source, most in sources)
    scores = {
        name: (random.normal(size=(people, size)) * (random.random((people, size)) < 0.7)).astype(np.float32)
        for name in built.plan.scorers
    }
    popular = random.random(size).astype(np.float32)
    scored = Scores(scores, scores, Crowd(lambda: popular[None], lambda: popular[None], popular, 5))
    weights = [{name: float(random.choice([0.0, 0.4, 1.0])) for name in scores} for _ in range(people)]
    request = Request(person=None, surface=Surface.VIDEO, n=n, now=NOW, include_seen=seen == 2)
    mine = histories(shelf, people, 12, random)

    def made(parts: tuple[tuple[object, int], ...]) -> list[Draft]:
        return list(drafts(request, replace(built, sources=parts), weights, scored, mine, shelf))  # type: ignore[arg-type]

    for together, one in zip(made(sources), made(alone), strict=True):
        assert together.rows == one.rows
        assert together.sources == one.sources
        assert np.allclose(together.scores, one.scores, atol=1e-6)


def test_an_empty_library_gives_an_empty_list(tmp_path: Path) -> None:
    taste = Taste(tmp_path)
    request = Request(person=None, surface=Surface.VIDEO, n=5, now=NOW)
    assert [line.items for line in taste.recommender.recommend_many([PersonKey(1)], request)] == [()]
    assert taste.recommender.recommend(request).items == ()
