"""What stands on the screen: readings become lines with their stretch; texts of .7 s are read; textures are no text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.describe.library import Library, Pack
from tests.media import make_clips

from vitascope.backends.picture.rapid import Line, surest
from vitascope.base.content import ScreenText
from vitascope.base.media import Asset, Decoded, Probe, ReadingRef
from vitascope.base.ports.models import ModelInfo, Models
from vitascope.base.records import AssetKey, ItemKey
from vitascope.describe import DescribeConfig
from vitascope.describe.extractors import Work
from vitascope.describe.extractors._screen_text import OnScreen, believed, same, squeezed


class Reads:
    """A reader that says what it was told to, picture by picture."""

    info = ModelInfo(id="told", sha256="", licence="none")

    def __init__(self, *pictures: Sequence[tuple[str, float]]) -> None:
        self._pictures = iter(pictures)

    def read(self, picture: Any, span: Any) -> tuple[ScreenText, ...]:
        """The next picture's lines."""
        return tuple(ScreenText(span=span, text=text, score=score) for text, score in next(self._pictures))


def lines(folder: Path, *pictures: Sequence[tuple[str, float]]) -> list[tuple[str, float, float]]:
    """Lines found where a picture was taken every 2 s and stood for 1.5 s."""
    path = folder / "p.jpg"
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path)
    readings = tuple(
        ReadingRef(
            time=Fraction(2 * n + 1), path=path, width=8, height=8, shot=0, since=Fraction(2 * n),
            until=Fraction(4 * n + 3, 2),
        )
        for n in range(len(pictures))
    )  # fmt: skip
    probe = Probe(container="x", duration=None, streams=())
    decoded = Decoded(sha256="", probe=probe, duration=Fraction(60), readings=readings)
    asset = Asset(
        key=AssetKey(1), item=ItemKey(1), uri="x", sha256="", bytes=0, modified=0.0, probe=probe, duration=None
    )
    work = Work(asset, None, Pack(None, screen=Reads(*pictures)), DescribeConfig(), lambda: decoded)
    found = [s for s in OnScreen()(work).signals if s.span is not None]
    return [(s.value, float(s.span.start), float(s.span.end)) for s in found if s.span is not None]


def test_one_text_over_pictures_is_one_line(tmp_path: Path) -> None:
    found = lines(tmp_path, [("HOT FIRE TEST", 0.97)], [("HOTFIRETEST", 1.0)], [("HOT FlRE TEST", 0.9)], [])
    assert found == [("HOT FIRE TEST", 0.0, 5.5)]


def test_a_text_that_comes_in_is_kept_whole(tmp_path: Path) -> None:
    assert lines(tmp_path, [("RAL SESSIO", 1.0)], [("SPIRAL SESSIONS", 0.95)]) == [("SPIRAL SESSIONS", 0.0, 3.5)]


def test_a_text_that_returns_is_another_line(tmp_path: Path) -> None:
    found = lines(tmp_path, [("CHAPTER ONE", 1.0)], [], [("CHAPTER ONE", 1.0)])
    assert [start for _, start, _ in found] == [0.0, 4.0]


@pytest.mark.parametrize(
    ("text", "score", "is_text"),
    [
        ("HELLO", 0.85, True),
        ("HELLO", 0.5, False),
        ("A", 1.0, False),
        ("VP9", 0.99, True),
        ("VP9", 0.85, False),
        ("回回回", 1.0, False),
        ("新闻", 0.99, True),
        ("国日", 0.87, False),
        ("今日新闻", 0.87, True),
        ("!!..", 1.0, False),
    ],
)
def test_what_is_believed(text: str, score: float, is_text: bool) -> None:
    assert believed(text, score, DescribeConfig().screen_belief) is is_text


def test_the_same_text_is_told_by_its_letters() -> None:
    assert same("4 ENGINES", "4ENGINES")
    assert not same("BIG", "BUNNY")
    assert not same("CHAPTER ONE", "THE END")


def test_of_two_sizes_the_surer_reading_stays() -> None:
    merged = Line((0, 0, 100, 40), "1.6 MOLLION", 0.84, 640)
    apart = [Line((0, 0, 45, 40), "1.6", 1.0, 320), Line((50, 0, 100, 18), "MILLION", 1.0, 320)]
    below = Line((0, 60, 100, 80), "OF THRUST", 0.7, 0)
    assert set(surest([merged, *apart, below])) == {*apart, below}
    assert surest([]) == []


def test_titles_of_a_moment_are_read(library: Library, models: Models, tmp_path: Path) -> None:
    titles = (("HELLO WORLD", 0.8, 1.5, 0.0), ("SECOND LINE", 1.9, 2.6, 0.0))
    name = library.add(make_clips.titled(tmp_path / "titles.mp4", titles))
    only = Pack(None, screen=models.screen)
    assert library.describer(only).run().failed == 0
    found = {squeezed(line.text): line.span for line in library.description(name).screen_text}
    assert set(found) == {"helloworld", "secondline"}  # it overlooks gaps between words now and then
    assert 0.7 < float(found["helloworld"].start) < 1.2 < float(found["helloworld"].end) < 1.8
    empty = library.add(make_clips.titled(tmp_path / "none.mp4", (), moving=True))
    library.describer(only).run()
    assert library.description(empty).screen_text == ()
