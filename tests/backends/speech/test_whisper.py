"""Whisper listens no further than is worth it, tells a second language in its own window, and looks twice where it is unsure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.contracts.models_ports import RATE, clip

from vitascope.backends.models import ModelCache, ModelsConfig, load_pack
from vitascope.backends.roles import PackModels, open_models
from vitascope.backends.runtimes import WindowEnds
from vitascope.backends.speech import WhisperSpeech
from vitascope.base.time import Span


@pytest.fixture(scope="module")
def models() -> Iterator[PackModels]:
    """The embedded pack; skips where it was not pulled."""
    if any(s.state != "ok" for s in ModelCache().list([load_pack("embedded")]) if s.model.startswith("whisper-base")):
        pytest.skip("models are not pulled (vitascope models pull)")
    opened = open_models(ModelsConfig())
    yield opened
    opened.close()


class Library:
    """Stands for the library: guesses a language, recognises parts, and asks before each one that costs an encoding."""

    def __init__(self, guess: dict[str, float], parts: dict[str, list[tuple[str, float, float]]]) -> None:
        self._guess, self._parts = guess, parts
        self.worth: Any = None
        self.encoded = 0
        self.supported_languages = list(parts)
        self.feature_extractor = lambda sound: np.zeros((80, len(sound) // 160 + 1), np.float32)

    def detect_language(self, features: Any) -> tuple[str, float, list[tuple[str, float]]]:
        """The guess."""
        return "", 0.0, list(self._guess.items())

    def transcribe(self, sound: Any, language: str, **_: Any) -> tuple[Iterator[Any], None]:
        """Parts of (text, log probability, end)."""
        return self._each(len(sound) / RATE, language), None

    def _each(self, length: float, language: str) -> Iterator[Any]:
        start = 0.0
        for text, belief, end in self._parts[language]:
            if self.worth is not None and not self.worth(length - start):
                raise WindowEnds
            self.encoded += 1
            yield SimpleNamespace(
                text=text, start=start, end=end, words=(), tokens=text.split(), avg_logprob=belief, no_speech_prob=0.0
            )
            start = end


def whisper(models: PackModels, library: Library, monkeypatch: pytest.MonkeyPatch, languages: str) -> WhisperSpeech:
    """The adapter around that library."""
    real = models.speech
    assert isinstance(real, WhisperSpeech)
    monkeypatch.setattr(real, "_languages", tuple(languages.split()))
    held = type("Held", (), {"__enter__": lambda _: library, "__exit__": lambda *_: None})
    monkeypatch.setattr(real, "_keeper", SimpleNamespace(hold=lambda _: held()))
    return real


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(1).integers(-900, 900, int(seconds * RATE)).astype(np.int16)


def test_a_short_or_silent_rest_is_not_encoded(models: PackModels, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library({"en": 1.0}, {"en": [("one two", -0.2, 4.5), ("invented", -0.2, 5.0)]})
    heard = whisper(models, library, monkeypatch, "en").listen(noise(5), [Span(start=0, end=5)], "en")
    assert [line.text for line in heard.lines] == ["one two"]
    assert library.encoded == 1
    library = Library({"en": 1.0}, {"en": [("one two", -0.2, 4.0), ("three", -0.2, 9.5)]})
    heard = whisper(models, library, monkeypatch, "en").listen(noise(10), [Span(start=0, end=10)], "en")
    assert [line.text for line in heard.lines] == ["one two", "three"]


def test_an_unsure_guess_is_settled_by_the_words(models: PackModels, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"it": [("a b c d", -0.53, 3.0)], "es": [("e f g h", -0.31, 3.0)], "en": [("x", -0.1, 3.0)]}
    speech = [Span(start=0, end=3)]
    unsure = Library({"it": 0.5, "es": 0.4, "en": 0.05}, parts)
    heard = whisper(models, unsure, monkeypatch, "it es en").listen(noise(3), speech)
    assert (heard.language, heard.lines[0].text) == ("es", "e f g h")  # and English was no rival
    sure = Library({"it": 0.95, "es": 0.04, "en": 0.01}, parts)
    heard = whisper(models, sure, monkeypatch, "it es en").listen(noise(3), speech)
    assert heard.language == "it"
    assert sure.encoded == 1


def test_a_language_of_a_window_of_its_own(models: PackModels, shared: Path) -> None:
    """Two real recordings joined: English for over 25 s, then German."""
    english = clip(shared, "speech/librivox__sonnet1.mp3")[: 26 * RATE]
    german = clip(shared, "speech/leopard__test_de.wav")
    pcm = np.concatenate([english, np.zeros(4 * RATE, np.int16), german])
    spans = [Span(start=0, end=26), Span(start=30, end=30 + len(german) // RATE)]
    assert models.speech is not None
    heard = models.speech.listen(pcm, spans)
    said = " ".join(line.text for line in heard.lines)
    assert heard.language == "en"
    assert dict(heard.options)["languages"] == "en de"
    assert "creatures" in said
    assert "portal" in said.lower()
