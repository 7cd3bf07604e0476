"""An acknowledged event changes the very next list, whichever of two server processes took it and whichever is asked."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from vitascope.assemble import open_system
from vitascope.base.items import ItemDraft
from vitascope.base.ports.service import Ask, RawEvent

ITEMS, PEOPLE, NOW = 14, ("ann", "ben", "cy"), 1_800_000_000.0
SEEN = ("complete", "play", "like", "dislike")
Lists = dict[str, list[str]]


def _library(home: Path) -> None:
    system = open_system(home)
    system.rooms.stores.items.put(
        [ItemDraft(item_id=f"i{n}", title=f"{n}", tags=(("piano", "rockets")[n % 2],)) for n in range(ITEMS)]
    )
    system.rooms.touch()
    system.close()


class _Server:
    """What one server process does, without its sockets."""

    def __init__(self, home: Path) -> None:
        self.system = open_system(home, clock=lambda: NOW)

    def record(self, events: list[tuple[str, str, str, str]]) -> int:
        made = [
            RawEvent(
                user_id=user,
                item_id=item,
                type="undo" if kind.startswith("undo") else kind,
                value=kind.partition(" ")[2] or None,
                timestamp=NOW - 1e6 + float(identity),
                event_id=identity,
            )
            for user, item, kind, identity in events
        ]
        return self.system.record(made).added

    def lists(self) -> Lists:
        ask = Ask(surface="video", n=ITEMS)
        return {
            user: [i.item_id for i in self.system.recommend(ask.model_copy(update={"user_id": user})).items]
            for user in PEOPLE
        }

    def heads(self) -> dict[str, int]:
        return self.system.heads(PEOPLE)


def _serve(home: Path, line: Connection) -> None:
    server = _Server(home)
    line.send("ready")
    while (asked := line.recv()) is not None:
        name, arguments = asked
        line.send(getattr(server, name)(*arguments))
    server.system.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Callable[..., object], Callable[..., object]]]:
    """Two processes over one home: this one and another."""
    home = tmp_path / "home"
    _library(home)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    other = context.Process(target=_serve, args=(home, there), daemon=True)
    other.start()
    mine = _Server(home)

    def ours(name: str, *arguments: object) -> object:
        return getattr(mine, name)(*arguments)

    def theirs(name: str, *arguments: object) -> object:
        here.send((name, arguments))
        assert here.poll(60), "the other process does not answer"
        return here.recv()

    assert here.poll(60)
    here.recv()
    yield ours, theirs
    here.send(None)
    other.join(10)
    mine.system.close()


def interleave(two: tuple[Callable[..., object], Callable[..., object]], steps: int, seed: int) -> None:
    """Random steps: an event or a few by either process, then the lists of either; each is what the log says."""
    draw = random.Random(seed)
    kinds: dict[tuple[str, str], list[str]] = {}
    heads = dict.fromkeys(PEOPLE, 0)
    for step in range(steps):
        events = []
        for part in range(draw.choice((1, 1, 1, 3))):
            user, item = draw.choice(PEOPLE), f"i{draw.randrange(ITEMS)}"
            done = kinds.setdefault((user, item), [])
            kind = draw.choice((*SEEN, "skip", "hide", "impression"))
            if done and draw.random() < 0.6:  # taken back, so that lists never run dry
                kind = f"undo {done.pop()}"
            elif kind != "impression":
                done.append(kind)
            events.append((user, item, kind, str(10 * step + part)))
        assert draw.choice(two)("record", events) == len(events)
        lists, moved = draw.choice(two)("lists"), draw.choice(two)("heads")
        assert isinstance(lists, dict)
        assert isinstance(moved, dict)
        for user in PEOPLE:
            gone = {i for (who, i), done in kinds.items() if who == user and set(done) & {*SEEN, "hide"}}
            assert set(lists[user]) == {f"i{n}" for n in range(ITEMS)} - gone, (step, user)
            told = any(event[0] == user for event in events)
            assert (moved[user] > heads[user]) == told, "the feed looks at these heads"
        heads = moved
        if draw.random() < 0.2:
            assert two[0]("lists") == two[1]("lists"), "both rank alike"


def test_two_processes_know_every_acknowledged_event(two: tuple[Callable[..., object], Callable[..., object]]) -> None:
    interleave(two, 25, seed=1)


@pytest.mark.slow
def test_two_hundred_interleavings(two: tuple[Callable[..., object], Callable[..., object]]) -> None:
    interleave(two, 200, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_ten_thousand_interleavings(two: tuple[Callable[..., object], Callable[..., object]]) -> None:
    interleave(two, 10_000, seed=2)
