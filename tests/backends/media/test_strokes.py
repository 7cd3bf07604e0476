"""Which pictures are worth reading: letters that stand for .7 s are found, moving things and still pictures cost little."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.media import sha
from tests.media import make_clips

from vitascope.backends.media import PyAvReader
from vitascope.backends.media._strokes import StrokeWatch
from vitascope.base.media import Decoded
from vitascope.base.ports.media import Limits


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PyAvReader]:
    opened = PyAvReader(tmp_path_factory.mktemp("cache"))
    yield opened
    opened.close()


def decoded(reader: PyAvReader, path: Path, **limits: int) -> Decoded:
    return reader.decode(path, sha(path), Limits(**limits))


def test_a_short_title_is_caught_while_it_stands(reader: PyAvReader, tmp_path: Path) -> None:
    found = decoded(reader, make_clips.titled(tmp_path / "a.mp4")).readings
    standing = [r for r in found if 1.0 <= float(r.time) < 1.7]
    assert len(standing) == 1
    assert len(found) <= 2  # the background before it, and the title
    assert 1.0 <= float(standing[0].since) <= 1.3
    assert 1.4 <= float(standing[0].until) <= 1.75
    assert standing[0].path.is_file()


def test_a_title_over_moving_pictures(reader: PyAvReader, tmp_path: Path) -> None:
    path = make_clips.titled(tmp_path / "a.mp4", (("HELLO WORLD", 1.0, 2.2, 0.0),), moving=True)
    assert [r for r in decoded(reader, path).readings if 1.0 <= float(r.time) < 2.2]


def test_without_letters_little_is_read(reader: PyAvReader, tmp_path: Path) -> None:
    path = make_clips.titled(tmp_path / "a.mp4", (), seconds=6)
    assert len(decoded(reader, path).readings) <= 1


def test_the_number_is_bounded_and_nought_is_none(reader: PyAvReader, tmp_path: Path) -> None:
    titles = tuple((f"TITLE {n}", n * 0.8, n * 0.8 + 0.7, 0.0) for n in range(3))
    path = make_clips.titled(tmp_path / "a.mp4", titles)
    assert decoded(reader, path, readings=0).readings == ()
    other = make_clips.titled(tmp_path / "b.mp4", titles, seconds=2.9)
    assert 3 <= len(decoded(reader, other).readings) <= 5


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    steps=st.lists(st.integers(1, 40), min_size=1, max_size=40),
    room=st.integers(4, 12),
    sizes=st.booleans(),
)
def test_times_are_in_order_and_memory_is_bounded(seed: int, steps: list[int], room: int, sizes: bool) -> None:
    random = np.random.default_rng(seed)
    watch, time = StrokeWatch(room), Fraction(0)
    for step in steps:
        time += Fraction(step, 20)
        height = int(random.integers(1, 60)) if sizes else 60
        image = np.asarray(random.integers(0, 2, (height, 90, 3)) * 255, np.uint8)
        if watch.wants(time) and watch.feed(time, image):
            watch.keep(image)
    found = watch.result()
    assert len(found) <= room
    assert [r.time for r in found] == sorted(r.time for r in found)
    assert all(0 <= r.since <= r.time <= r.until <= time for r in found)
    assert all(r.data for r in found)
