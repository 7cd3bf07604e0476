"""A log with known chances and a world whose truth is known: the estimates hold it, and use nothing that came later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.taste_home import NOW, Taste

from vitascope.base.histories import Histories, from_events
from vitascope.base.people import Event, EventType, Surface
from vitascope.base.ports.service import silent
from vitascope.base.ranking import EvaluationReport, Request
from vitascope.base.records import ItemKey, PersonKey
from vitascope.train import logged
from vitascope.train.artifacts import MemoryArtifacts

ITEMS, PEOPLE, LISTS, PLACES, SHARE = 12, 300, 2, 3, 0.5
REQUEST = Request(person=None, surface=Surface.VIDEO, n=10, include_seen=False, now=NOW)


class World:
    """Half of the people take up even items often, the others odd ones; the log ranks from the first to the last item and gives
    half of its places to chance."""

    def __init__(self) -> None:
        random = np.random.default_rng(5)
        self.rate = np.where(np.arange(ITEMS) % 2 == np.arange(2)[:, None], 0.7, 0.2)
        self.chance: dict[int, float] = {}
        events: list[list[Event]] = []
        self.number = 0
        self.best: list[npt.NDArray[np.int64]] = [np.argsort(-rate, kind="stable") for rate in self.rate]
        self.truth: list[float] = []
        for person in range(PEOPLE):
            mine: list[Event] = []
            for turn in range(LISTS):
                when = NOW + 1_000_000 * turn + person
                above: list[int] = []
                for _ in range(PLACES):
                    left = [i for i in range(ITEMS) if i not in above]
                    shown = left[0] if random.random() >= SHARE else int(random.choice(left))
                    chance = SHARE / len(left) + (1 - SHARE if shown == left[0] else 0)
                    mine.append(self.event(person, shown, EventType.IMPRESSION, when))
                    self.chance[self.number] = chance
                    if turn == LISTS - 1:
                        next_best = next(i for i in self.best[person % 2].tolist() if i not in above)
                        self.truth.append(float(self.rate[person % 2, next_best]))
                    above.append(shown)
                for item in above:
                    if random.random() < self.rate[person % 2, item]:
                        mine.append(self.event(person, item, EventType.COMPLETE, when + 60))
            events.append(mine)
        self.histories: Histories = from_events(list(range(PEOPLE)), events, np.arange(ITEMS))

    def event(self, person: int, item: int, kind: EventType, when: float) -> Event:
        self.number += 1
        return Event(
            person=PersonKey(person),
            item=ItemKey(item),
            type=kind,
            time=when,
            identity=str(self.number),
            number=self.number,
        )


class Bench:
    """Ranks by the truth; as popularity, by the item's number from the last to the first."""

    def __init__(self, world: World) -> None:
        self.world, self.newest, self.learnt = world, 0, 0

    def lists(
        self, known: Histories, model: Any, request: Request, weights: Mapping[str, float] | None = None
    ) -> list[npt.NDArray[np.int64]]:
        self.newest = max(self.newest, int(known.number.max(initial=0)))
        best = [np.arange(ITEMS)[::-1] if weights else self.world.best[int(p) % 2] for p in known.people]
        return [rows[: request.n] for rows in best]

    def figures(
        self, known: Histories, model: Any, request: Request, rows: Sequence[npt.NDArray[np.int64]]
    ) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
        x = [[i, i % 2 == p % 2, np.nan] for p, mine in zip(known.people, rows, strict=True) for i in mine]
        return np.array(x, np.float32), ("item", "alike", "place")

    def learn(self, train: Histories) -> MemoryArtifacts:
        self.learnt = int(train.number.max())
        return MemoryArtifacts("")


@pytest.fixture(scope="module")
def made() -> tuple[World, Bench, EvaluationReport]:
    world = World()
    bench = Bench(world)
    report = logged.evaluate(
        world.histories, world.chance, bench, bench.learn, REQUEST, 10_000, 0, silent  # type: ignore[arg-type]
    )  # fmt: skip
    return world, bench, report


def test_the_estimates_hold_the_truth(made: tuple[World, Bench, EvaluationReport]) -> None:
    world, _, report = made
    assert (report.split, report.people, report.held_out) == ("logged", PEOPLE, PEOPLE * PLACES)
    told = {way.what: {f.name: f for f in way.figures} for way in report.ways}
    truth = float(np.mean(world.truth))
    for name in ("IPS", "SNIPS", "DR"):
        figure = told["vitascope"][name]
        assert figure.low - 0.02 <= truth <= figure.high + 0.02, (name, figure, truth)
    assert told["vitascope"]["DR"].low > told["as logged"]["IPS"].high, "it is seen to be better than what was shown"
    assert told["vitascope"]["DR"].low > told["popular"]["DR"].value
    assert told["popular"]["rests on"].value < PEOPLE * PLACES


def test_nothing_that_came_later_is_known(made: tuple[World, Bench, EvaluationReport]) -> None:
    world, bench, _ = made
    lists = logged.lists_of(world.histories, world.chance, NOW + 500_000)
    assert bench.learnt < min(one.before for one in lists)
    assert bench.newest < max(one.before for one in lists)
    known = logged.known_before(world.histories, lists[:5])
    for place, one in enumerate(lists[:5]):
        assert known.number[known.start[place] : known.start[place + 1]].max() < one.before
    assert all(len(one.rows) == PLACES for one in lists)


def test_what_a_policy_would_have_put_there() -> None:
    ranked, shown = np.array([4, 2, 7]), np.array([2, 9, 4, 1])
    assert logged.wanted_rows(shown, ranked).tolist() == [4, 4, 4, 7]
    assert logged.wanted_rows(np.array([4, 2, 7, 1]), ranked).tolist() == [4, 2, 7, -1]


def test_a_home_without_such_a_log_says_what_to_do(tmp_path: Path) -> None:
    taste = Taste(tmp_path)
    taste.library(5)
    (report,) = taste.trainer.evaluate(REQUEST, ("logged",))
    assert "list with exploration" in report.note
