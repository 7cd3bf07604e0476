"""The demo as a whole on a real library: made clips, the stated audience, lists, and an exchange that moves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vitascope.assemble import System, open_system
from vitascope.backends.demo import ClipTable, Haul, clip_table, make_clips
from vitascope.base.ports.service import Progress
from vitascope.cli._audience import simulate_events
from vitascope.cli._demo import DemoOptions, run_demo
from vitascope.cli._simulated import history, interval, make_world


def test_the_audience_does_what_is_stated() -> None:
    table = clip_table()
    events = simulate_events(table.person, table.clips(), now=1_000_000_000.0)
    again = simulate_events(table.person, table.clips(), now=1_000_500_000.0)
    assert [e.event_id for e in events]
    assert {e.event_id for e in events} == {e.event_id for e in again}
    assert all(float(e.timestamp or 0) < 1_000_000_000.0 for e in events)
    group = {c.id: c.group for c in table.clips()}
    for person in table.person:
        own = [e for e in events if e.user_id == person.id]
        finished = {group[e.item_id or ""] for e in own if e.type == "complete"}
        skipped = {group[e.item_id or ""] for e in own if e.type == "skip"}
        assert finished == set(person.likes)
        assert not skipped & set(person.likes)
        for liked in person.likes:
            members = [c for c in table.clips() if c.group == liked and c.same_work_as is None]
            watched = {e.item_id for e in own if e.type == "complete" and group[e.item_id or ""] == liked}
            assert len(watched) == max(1, len(members) // 2)


def made(table: ClipTable, folder: Path, short: bool, progress: Progress) -> Haul:
    return make_clips(folder, short=True, progress=progress)


@pytest.fixture
def plain_library() -> Callable[[Path], System]:
    """A library without the language model: quick, and says so."""
    return lambda home: open_system(home, settings={"describe": {"language_model": False}})


def test_the_scripted_exchange_moves_the_lists(tmp_path: Path, plain_library: Callable[[Path], System]) -> None:
    said: list[str] = []
    options = DemoOptions(home=tmp_path / "home", quiet=True, clips=tmp_path / "clips")
    assert run_demo(plain_library, options, fetch=made, say=said.append, interactive=False) == 0
    text = "\n".join(said)
    assert "clips were MADE here" in text
    assert "SIMULATED audience" in text
    for name in ("Ana", "Chen", "Dora", "Finn"):
        assert f"For {name}, who" in text
    assert "because" in text
    before = said.index("Ana's list:")
    moved = said.index("What moved and why:")
    after = said.index("Ana's list now:")
    assert before < moved < after
    assert any("gone" in line for line in said[moved:after])
    first = next(line for line in said[before + 1 :] if line.startswith("  1. "))
    assert first not in said[after : after + 3]
    assert "make serve" in said[-2]

    # a second run knows everything and ends as well; this time somebody types
    typed = iter(["喜欢1", "nonsense \x1b[2J", "why 1", "undo", "person finn", "search chords", "like 1", "rate 1 9"])
    prompts: list[str] = []

    def read(prompt: str) -> str:
        prompts.append(prompt)
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    again: list[str] = []
    assert run_demo(plain_library, options, fetch=made, read=read, say=again.append, interactive=True) == 0
    assert "Stars go from 1 to 5." in again
    assert any("0 events recorded" in line for line in again)
    assert not any("\x1b" in line for line in again)
    assert prompts[0] == "Ana> "
    assert prompts[-1] == "Finn> "


def test_the_simulated_world_keeps_its_count_and_its_seed() -> None:
    world = make_world(30, 40, seed=3)
    rows = history(world, 100, seed=3, now=1_000_000_000.0)
    assert len(rows) == 100
    assert len({(e.user_id, e.item_id) for e in rows}) == 100
    assert len({e.user_id for e in rows}) == 30
    assert [r.model_dump() for r in rows] == [r.model_dump() for r in history(world, 100, seed=3, now=1_000_000_000.0)]
    assert 0.05 < world.takes.mean() < 0.5
    mean, half = interval([1.0, 2.0, 3.0])
    assert mean == 2.0
    assert half == pytest.approx(2.484, abs=1e-3)
