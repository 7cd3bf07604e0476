"""A spoken request over a real home: decoded like any file, heard by the pack's model, not kept."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from vitascope.assemble import System, open_system
from vitascope.base.content import TranscriptLine
from vitascope.base.errors import UnreadableMedia, UsageError
from vitascope.base.ports.models import ModelInfo, Pcm, Speech
from vitascope.base.time import Span, media_time


class FakeSpeech:
    """Says how long the clip was."""

    info = ModelInfo(id="fake", sha256="", licence="none", languages=("*",))

    def listen(self, pcm: Pcm, speech: Sequence[Span], language: str | None = None) -> Speech:
        line = TranscriptLine(
            span=Span(start=media_time(0), end=media_time(1)), text=f"calm music, {len(pcm) // 16_000}"
        )
        return Speech(language=language or "en", language_score=1.0, lines=(line,) if np.abs(pcm).max() > 100 else ())


class FakeModels:
    """A pack with speech alone."""

    speech = FakeSpeech()

    def __getattr__(self, _name: str) -> None:
        return None


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    made = open_system(tmp_path / "home")
    made.rooms.__dict__["models"] = FakeModels()
    yield made
    made.close()


def _wav(seconds: int, loud: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        wave_ = loud * 9_000 * np.sin(2 * np.pi * 300 * np.arange(16_000 * seconds) / 16_000)
        file.writeframes(wave_.astype("<i2").tobytes())
    return out.getvalue()


def test_a_spoken_request_is_heard_and_not_kept(system: System) -> None:
    assert system.heard(_wav(3, 1.0)) == "calm music, 3"
    with pytest.raises(UsageError):
        system.heard(_wav(1, 0.0))
    with pytest.raises(UnreadableMedia):
        system.heard(b"not a sound")
    kept = [f for f in system.rooms.home.cache.rglob("*") if f.is_file() and f.suffix != ".lock"]
    assert kept == []


def test_what_is_said_needs_words(system: System) -> None:
    with pytest.raises(UsageError):
        system.talk("ada", "  ")
    assert system.talk("ada", "calm music").items == ()
