"""What counts as empty: sound and picture must both hold nothing, or a still picture says that it stands for another."""

from __future__ import annotations

import numpy as np
import pytest
from tests.media.bad_clips import BARS, bars, tone
from tests.media.make_clips import picture, sound

from vitascope.base.content import Signal, SignalKind
from vitascope.base.time import Span, media_time
from vitascope.describe._empty import emptiness, placeholder_words, said_of
from vitascope.describe.extractors._emptiness import colour_bars, steady_tone


def names(*values: str, seconds: float = 20.0, picture: bool = True, sound: bool = True, **more: str) -> list[str]:
    whole = Span(start=media_time(0), end=media_time(seconds))
    signals = [Signal(kind=SignalKind.EMPTY, value=v, label="measured", span=whole) for v in values]
    signals += [Signal(kind=SignalKind(kind), value=text, span=whole) for kind, text in more.items()]
    found = emptiness(signals, has_picture=picture, has_sound=sound)
    assert len(said_of(found)) == len(found)
    assert all(f.evidence[0].quote for f in found)
    return [f.name for f in found]


def test_both_must_hold_nothing() -> None:
    assert names("silent", picture=False) == ["empty:silent"]
    assert names("silent") == []
    assert names("black", "still") == []
    assert names("black", "still", sound=False) == ["empty:black"]
    assert names("black", "still", "silent") == ["empty:black", "empty:silent"]
    assert names("tone", picture=False) == [], "a tone may be what somebody looks for"
    assert names("test card", "still", "tone") == ["empty:test card", "empty:tone"]
    assert names() == []


def test_a_mute_photograph_is_no_still_film() -> None:
    assert names("still", seconds=9, sound=False) == []
    assert names("still", seconds=11, sound=False) == ["empty:still"]
    assert names("still", seconds=11) == [], "music over one picture"


def test_a_placeholder_is_still_says_so_and_nobody_speaks() -> None:
    assert names("still", screen_text="Video unavailable") == ["empty:placeholder"]
    assert names("still", screen_text="视频不可用") == ["empty:placeholder"]
    assert names("still", screen_text="Video unavailable", transcript="Welcome back") == []
    assert names("still", screen_text="Sunday, 9 pm") == []
    assert names(screen_text="Video unavailable") == []


def test_a_page_about_test_cards_is_none() -> None:
    assert placeholder_words(["TEST CARD", "F"]) == "test card"
    assert placeholder_words(["The history of the test card, from 1936 to the end of analogue broadcasting"]) is None


@pytest.mark.parametrize("dim", [0.75, 1.0])
def test_colour_bars(dim: float) -> None:
    noise = np.random.default_rng(3).normal(0, 5, (120, 168, 3))
    assert colour_bars(np.clip(bars(dim=dim) + noise, 0, 255).astype(np.uint8))
    wide = np.zeros((90, 320, 3), np.uint8) + 102  # bars of high definition stand between grey sides
    for i, colour in enumerate(BARS):
        wide[:, 40 + 34 * i : 74 + 34 * i] = np.asarray(colour) * dim
    assert colour_bars(wide)


def test_what_is_no_test_card() -> None:
    assert not colour_bars(picture(2, 5))
    assert not colour_bars(np.ascontiguousarray(bars()[:, ::-1]))
    assert not colour_bars(np.zeros((40, 60, 3), np.uint8))
    assert not colour_bars(np.random.default_rng(1).integers(0, 256, (60, 80, 3)).astype(np.uint8))


def test_a_steady_tone() -> None:
    found = steady_tone(tone(3, 1_000))
    assert found == pytest.approx(1_000, abs=4)
    assert steady_tone(sound(3)) is None
    assert steady_tone(np.concatenate([tone(2, 440), tone(2, 880)])) is None
    assert steady_tone((tone(3) * np.linspace(0.1, 1, 48_000)).astype(np.int16)) is None, "it swells"
    assert steady_tone(tone(0.1)) is None
