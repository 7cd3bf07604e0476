"""Real models on a few real clips: what is said, heard, shown and written on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.describe.library import Library, Pack

from vitascope.base.content import Description
from vitascope.base.ports.models import Models


def described(library: Library, models: Models, path: Path, **config: object) -> Description:
    name = library.add(path)
    report = library.describer(Pack(models, language=None), **config).run()
    assert (report.described, report.failed) == (1, 0)
    return library.description(name)


def dev(shared: Path, name: str) -> Path:
    return shared / "media" / "dev" / name


def test_english_speech(library: Library, models: Models, shared: Path) -> None:
    found = described(library, models, dev(shared, "speech/librivox__austen-0930.wav"))
    assert "amiable" in " ".join(t.text for t in found.transcript).lower()
    assert found.language == "en"
    assert found.audio is not None
    assert found.audio.speech > 0.5
    assert found.sentiment is not None
    record = next(p for p in found.provenance if p.extractor.startswith("transcript/"))
    assert record.model
    assert record.model_sha256
    assert "speech_to_noise_db" in dict(record.options) or "noise_suppression" in dict(record.options)
    assert all(k.text in e.quote for k in found.keywords for e in k.evidence)


def test_german_speech_says_what_is_missing_and_that_the_voice_is_raised(
    library: Library, models: Models, shared: Path
) -> None:
    found = described(library, models, dev(shared, "emotion/emodb__11a07Wc.wav"))
    assert found.language == "de"
    assert "Stunden" in " ".join(t.text for t in found.transcript)
    assert found.sentiment is None
    assert any(g.startswith("sentiment") for g in found.gaps)
    assert dict(found.moods)["energetic"] > 0.3
    lively = next(f for f in found.features if f.name == "sound:lively voice")
    assert lively.value > 0.7
    mood = next(f for f in found.features if f.name == "mood:energetic")
    assert any(e.span is not None and "Hz" in e.quote for e in mood.evidence)


def test_music_is_not_heard_as_speech(library: Library, models: Models, shared: Path) -> None:
    found = described(library, models, dev(shared, "music/wesnoth__frantic.ogg"))
    assert found.audio is not None
    assert found.audio.music > 0.5
    assert found.category == "music"
    assert found.transcript == ()
    assert found.loudness is not None
    assert {f.name for f in found.features} >= {"category:music", "sound:music", "kind:audio", "length:short"}
    assert library.stores.vectors.matrix("sound")[1].shape[0] == 1


def test_a_sound(library: Library, models: Models, shared: Path) -> None:
    found = described(library, models, dev(shared, "sound/tuxpaint__cow.ogg"))
    assert found.audio is not None
    assert found.audio.other > 0.5
    assert found.category == "sound"


def test_pictures_and_screen_text(library: Library, models: Models, shared: Path) -> None:
    found = described(library, models, dev(shared, "video/moviepy__big_buck_bunny_0_30.webm"), screen_pictures=5)
    assert len(found.shots) >= 3
    assert found.screen_text
    assert found.thumbnail_time is not None
    assert found.moderation.decision.value == "allow"
    assert library.stores.vectors.matrix("picture")[1].shape == (1, 1280)


@pytest.mark.slow
def test_the_language_model_says_nothing_that_is_not_there(library: Library, models: Models, shared: Path) -> None:
    name = library.add(
        dev(shared, "sound/tuxpaint__cow.ogg"),
        title="A cow on a farm",
        description="A brown cow stands in a green meadow and moos twice, while the farmer mends the wooden gate behind it.",
    )
    library.describer(models).run()
    found = library.description(name)
    assert found.summary
    record = next(p for p in found.provenance if p.extractor.startswith("summary/"))
    assert record.note
    if record.model:
        assert record.prompt == "summary/1"
