"""Describing by an engine's workers gives what this process would give: in any order, twice, with copies and with failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.describe.library import Library, Pack

from vitascope.backends.media import PyAvReader
from vitascope.base.content import Description
from vitascope.base.moderation import ModerationPolicy
from vitascope.base.ports.media import Limits
from vitascope.base.ports.work import Job, Outcome, Task
from vitascope.describe import DescribeConfig, Describer
from vitascope.describe.away import AwayDescriber, DescribeTask
from vitascope.describe.extractors import BUILT_IN

JOB = Job(opens="vitascope.nowhere:job", settings="", version="")


class Backwards:
    """An engine in this process: the last task first, each one done twice; some fail."""

    name = "backwards"

    def __init__(self, reader: PyAvReader, failing: tuple[str, ...] = ()) -> None:
        self._describe = AwayDescriber(
            reader,
            lambda accounts: Pack(None),
            DescribeConfig(),
            time.time,
            limits=Limits(),
            extractors=BUILT_IN,
            policy=ModerationPolicy(),
        )
        self._failing = failing
        self.tasks: list[DescribeTask] = []

    def run(self, job: Job, tasks: Sequence[Task], stop: Callable[[], bool] = lambda: False) -> Iterator[Outcome]:
        for task in reversed(tasks):
            asked = DescribeTask.model_validate_json(task.body)
            self.tasks.append(asked)
            if asked.item.item_id in self._failing:
                yield Outcome(key=task.key, error="its process ended (signal 11)")
                continue
            self._describe(asked)
            yield Outcome(key=task.key, body=self._describe(asked).model_dump_json())


def describer(library: Library, engine: Backwards | None = None) -> Describer:
    s = library.stores
    parts = (s.items, s.descriptions, s.duplicates, library.reader, Pack(None), DescribeConfig(), time.time)
    return Describer(*parts, problems=s.problems, away=(engine, JOB) if engine else None)


def plain(description: Description) -> dict[str, Any]:
    return description.model_dump(mode="json", exclude={"described_at"})


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three short sounds; the third has the bytes of the first."""
    import wave

    folder = tmp_path_factory.mktemp("clips")
    rng = np.random.default_rng(0)
    made = []
    for name, hertz in (("a", 440), ("b", 220)):
        path = folder / f"{name}.wav"
        samples = 9_000 * np.sin(2 * np.pi * hertz * np.arange(24_000) / 16_000) + rng.normal(0, 99, 24_000)
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(16_000)
            out.writeframes(samples.astype("<i2").tobytes())
        made.append(path)
    copy = folder / "c.wav"
    copy.write_bytes(made[0].read_bytes())
    return [*made, copy]


def filled(folder: Path, reader: PyAvReader, clips: list[Path]) -> Library:
    folder.mkdir(exist_ok=True)
    library = Library(folder, reader)
    for path in clips:
        library.add(path, title=f"A tone called {path.stem}")
    return library


def test_it_is_what_this_process_makes(tmp_path: Path, reader: PyAvReader, clips: list[Path]) -> None:
    here, away = filled(tmp_path / "here", reader, clips), filled(tmp_path / "away", reader, clips)
    engine = Backwards(reader)
    try:
        assert describer(here).run().described == 3
        report = describer(away, engine).run()
        assert (report.described, report.failed) == (3, 0)
        for path in clips:
            assert plain(away.description(path.name)) == plain(here.description(path.name))
        for key in ("sound", "chars"):
            assert key in here.stores.vectors.keys()  # noqa: SIM118 - no dictionary
            ours, theirs = away.stores.vectors.matrix(key), here.stores.vectors.matrix(key)
            assert np.array_equal(ours[0], theirs[0])
            assert np.array_equal(ours[1], theirs[1])
        assert describer(away).pending() == 0
        known = {t.item.item_id: len(t.known) for t in engine.tasks}
        assert known["a.wav"] == known["b.wav"] == 0
        assert known["c.wav"] > 0  # the same bytes wait for the first of them
    finally:
        here.stores.close()
        away.stores.close()


def test_a_worker_that_dies_with_an_item_leaves_the_others(
    tmp_path: Path, reader: PyAvReader, clips: list[Path]
) -> None:
    library = filled(tmp_path, reader, clips)
    try:
        report = describer(library, Backwards(reader, failing=("b.wav",))).run()
        assert (report.described, report.failed) == (2, 1)
        assert [p.item_id for p in library.stores.problems.iter() if "signal 11" in p.reason] == ["b.wav"]
        assert describer(library).pending() == 1
        assert describer(library, Backwards(reader)).run().described == 1
    finally:
        library.stores.close()
