"""How lively a voice is: made voices, and acted ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from benchmarks.describe.voice_feeling import LOW, RAISED, auc, label
from benchmarks.referee import rows_of, sound_of
from hypothesis import given
from hypothesis import strategies as st

from vitascope.base.content import Sentiment, Signal, SignalKind
from vitascope.base.time import Span, media_time
from vitascope.describe._moods import moods
from vitascope.describe.extractors import AROUSAL
from vitascope.describe.extractors._feeling import arousal, voice_figures


def voice(hertz: float, fall: float, seconds: float = 1.0) -> npt.NDArray[np.int16]:
    """Harmonics of a pitch; each octave is `fall` dB weaker."""
    time = np.arange(int(16_000 * seconds)) / 16_000
    harmonics = np.arange(1, int(4_000 / hertz))
    sound = sum(10 ** (-fall * np.log2(h) / 20) * np.sin(2 * np.pi * hertz * h * time + h) for h in harmonics)
    return (sound / np.abs(sound).max() * 12_000).astype(np.int16)


@given(st.floats(90, 380), st.floats(3, 18))
def test_the_pitch_is_found(hertz: float, fall: float) -> None:
    found = voice_figures(voice(hertz, fall, 0.5))
    assert found is not None
    assert abs(found["pitch"] - 12 * np.log2(hertz / 100)) < 0.6


def test_a_higher_and_brighter_voice_is_livelier_at_any_loudness() -> None:
    low, high = voice(110, 15), voice(280, 5)
    calm, raised = voice_figures(low), voice_figures(high)
    assert calm is not None
    assert raised is not None
    assert arousal(calm) < 0.3
    assert arousal(raised) > 0.7
    quiet = voice_figures((high * 0.1).astype(np.int16))
    assert quiet is not None
    assert abs(arousal(quiet) - arousal(raised)) < 0.02


def test_nothing_is_said_of_noise_or_of_a_moment() -> None:
    assert voice_figures(np.random.default_rng(0).integers(-9_000, 9_000, 16_000).astype(np.int16)) is None
    assert voice_figures(voice(150, 6, 0.05)) is None
    assert voice_figures(np.zeros(0, dtype=np.int16)) is None


def test_acted_anger_is_above_acted_sadness(shared: Path) -> None:
    scores: dict[str, list[float]] = {}
    for row in rows_of(shared / "media", "emotion"):
        found = voice_figures(sound_of(shared / "media" / row["path"]))
        assert found is not None
        scores.setdefault(label(row, "emotion"), []).append(arousal(found))
    assert min(scores["anger"]) > max(scores["sadness"])
    assert auc([s for e in RAISED for s in scores[e]], [s for e in LOW for s in scores[e]]) > 0.8


@pytest.mark.parametrize(
    ("heard", "said", "mood"),
    [(0.9, 0.8, "happy"), (0.9, -0.8, "angry"), (0.1, 0.8, "calm"), (0.1, -0.8, "sad"), (0.9, None, "energetic")],
)
def test_words_say_which_feeling_a_lively_voice_has(heard: float, said: float | None, mood: str) -> None:
    span = Span(start=media_time(1), end=media_time(4))
    signal = Signal(kind=SignalKind.MOOD, value=AROUSAL, label="200 Hz, tilt 3 dB", span=span, score=heard)
    feeling = None if said is None else Sentiment(label="positive" if said > 0 else "negative", score=said)
    feel = moods([], [signal], 0.0, feeling, english=True)
    assert feel.moods[mood] >= 0.3
    assert any(e.span == span for e in feel.evidence[f"mood:{mood}"])


def test_an_even_voice_says_nothing() -> None:
    span = Span(start=media_time(0), end=media_time(9))
    signal = Signal(kind=SignalKind.MOOD, value=AROUSAL, span=span, score=0.5)
    assert moods([], [signal], 0.0, None, english=True).moods == {}
