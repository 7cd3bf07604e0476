"""What is recognised in noise is kept apart from what is said, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.describe.library import Library, Pack

from vitascope.base.content import Extraction, Signal, SignalKind, TranscriptLine
from vitascope.base.media import Asset, Probe
from vitascope.base.ports.models import ModelInfo, Models, Speech
from vitascope.base.records import AssetKey, ItemKey
from vitascope.base.time import Span, media_time
from vitascope.describe import DescribeConfig
from vitascope.describe.extractors._transcript import Transcript, _chants
from vitascope.describe.extractors._work import Work


def span(start: float, end: float) -> Span:
    return Span(start=media_time(start), end=media_time(end))


def line(text: str, start: float = 0.0, confidence: float = 0.9) -> TranscriptLine:
    return TranscriptLine(span=span(start, start + 4), text=text, confidence=confidence)


class Hears:
    """A recogniser that says what a test lets it say."""

    info = ModelInfo(id="scripted", sha256="00", licence="none", languages=("*",))

    def __init__(self, *lines: TranscriptLine) -> None:
        self._lines = lines

    def listen(self, pcm: Any, speech: Any, language: str | None = None) -> Speech:
        return Speech(language="en", language_score=1.0, lines=self._lines)


def heard(lines: list[TranscriptLine], like_speech: float) -> tuple[list[str], list[str]]:
    """What is believed, and the reasons of what is not."""
    import numpy as np

    probe = Probe(container="wav", duration=media_time(40), streams=())
    asset = Asset(
        key=AssetKey(1),
        item=ItemKey(1),
        uri="/a.wav",
        sha256="0" * 64,
        bytes=1,
        modified=0.0,
        probe=probe,
        duration=media_time(40),
    )
    work = Work(asset, None, Pack(None, speech=Hears(*lines)), DescribeConfig(), lambda: pytest.fail("not decoded"))
    work.__dict__["pcm"] = np.zeros(16_000, np.int16)
    work.__dict__["decoded"] = type("Decoded", (), {"audio_rate": 16_000, "subtitles": ()})()
    kind = Signal(kind=SignalKind.AUDIO_KIND, value="speech", span=span(0, 40), score=like_speech)
    voice = Signal(kind=SignalKind.SOUND, value="voice", span=span(0, 40), score=0.9)
    for name, signal in (("audio_kind", kind), ("voice", voice)):
        work.found[name] = Extraction(key=name, asset=AssetKey(1), provenance=(), signals=(signal,))
    found = Transcript()._heard(work)
    return (
        [s.value for s in found.signals if s.kind is SignalKind.TRANSCRIPT],
        [s.label for s in found.signals if s.kind is SignalKind.DROPPED_SPEECH],
    )


def test_unsure_words_in_what_sounds_like_noise_are_not_believed() -> None:
    assert heard([line("I am very pleased.", confidence=0.46)], 0.2) == (
        [],
        ["sounds more like noise or music than speech, and its words are unsure"],
    )


@pytest.mark.parametrize(("confidence", "like_speech"), [(0.62, 0.35), (0.3, 0.9)])
def test_one_doubt_alone_drops_nothing(confidence: float, like_speech: float) -> None:
    assert heard([line("Hello there.", confidence=confidence)], like_speech)[0] == ["Hello there."]


def test_a_cry_over_and_over_is_no_speech_and_what_is_said_between_is() -> None:
    lines = [line("Ah!", n) for n in range(6)] + [line("Who is there?", 10), line("Ah!", 20)]
    said, why = heard(lines, 0.9)
    assert said == ["Who is there?"]
    assert set(why) == {"the same few words over and over"}


def test_a_refrain_of_a_few_times_stays() -> None:
    assert _chants([line("No.") for _ in range(4)]) == frozenset()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["PartyNoise.wav", "Laugh-male1.wav"])
def test_no_words_are_invented_in_the_noise_of_people(
    library: Library, models: Models, shared: Path, name: str
) -> None:
    key = library.add(shared / "media" / "dev" / "sound" / f"scratch__{name}")
    library.describer(models, language_model=False).run()
    assert library.description(key).transcript == ()
