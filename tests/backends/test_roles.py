"""The embedded pack's models, for real: what each role promises, on a clip or a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vitascope.backends.llm._chat import object_of
from vitascope.backends.media import PyAvReader
from vitascope.backends.models import FIRST_USE, ModelCache, ModelsConfig, load_pack
from vitascope.backends.roles import PackModels, open_models
from vitascope.base.errors import ModelFailed, ModelMissing
from vitascope.base.policy import safe_text
from vitascope.base.ports import models as ports
from vitascope.base.ports.media import Limits
from vitascope.base.time import Span

SCHEMA = {
    "type": "object",
    "properties": {"colour": {"type": "string", "maxLength": 30}, "count": {"type": "integer"}},
    "required": ["colour", "count"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def models() -> Iterator[PackModels]:
    opened = open_models(ModelsConfig(threads=2))
    yield opened
    opened.close()


def test_every_role_fulfils_its_port(models: PackModels) -> None:
    wanted = {
        "voice_activity": ports.VoiceActivity,
        "noise": ports.NoiseSuppressor,
        "speech": ports.SpeechToText,
        "text": ports.TextEmbedder,
        "picture": ports.PictureModel,
        "unsafe": ports.UnsafePictureModel,
        "screen": ports.ScreenReader,
        "language": ports.LanguageModel,
    }
    for name, port in wanted.items():
        role = getattr(models, name)
        assert isinstance(role, port), name
        assert role.info.id
        assert role.info.licence


def test_gaps_are_named_and_a_role_can_be_off() -> None:
    models = open_models(ModelsConfig(off=("language_model", "speech")))
    assert models.language is None
    assert models.speech is None
    assert any("music" in gap for gap in models.gaps())
    assert any("switched off" in gap for gap in models.gaps())


def test_the_language_model_answers_within_a_schema_and_asks_for_its_key(models: PackModels) -> None:
    import httpx

    language = models.language
    assert language is not None
    answer = language.answer("You answer in JSON.", safe_text("Name a colour and a small number."), SCHEMA)
    assert set(answer) == {"colour", "count"}
    assert language.write("You write one word.", safe_text("Say hello."), max_tokens=8)
    assert "".join(language.stream("You write one word.", safe_text("Say hello."), max_tokens=8))
    slot = next(s for key, s in models._keeper._slots.items() if key.startswith("language_model"))
    address = slot.thing.server.address
    assert address.startswith("http://127.0.0.1:")
    for headers in ({}, {"Authorization": "Bearer guess"}):
        refused = httpx.post(f"{address}/v1/chat/completions", json={"messages": []}, headers=headers)
        assert refused.status_code == 401
    told = httpx.get(address, headers={"Origin": "http://evil.example"}).headers.get("access-control-allow-origin")
    assert told not in ("*", "http://evil.example")


def test_a_language_model_that_died_is_started_anew(models: PackModels) -> None:
    import os
    import signal

    language = models.language
    assert language is not None
    language.write("You write one word.", safe_text("Say hello."), max_tokens=4)
    slot = next(s for key, s in models._keeper._slots.items() if key.startswith("language_model"))
    os.kill(slot.thing.server.pid, signal.SIGKILL)
    slot.thing.server._child.wait()
    assert language.write("You write one word.", safe_text("Say hello."), max_tokens=4)


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"colour": "red"}', '{"colour": 3, "count": 1}', '{"colour": "r", "count": true}',
             '{"colour": "r", "count": 1, "more": 2}']
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_no_answer(text: str) -> None:
    with pytest.raises(ModelFailed):
        object_of(text, SCHEMA)


def test_texts_alike_are_near(models: PackModels) -> None:
    text = models.text
    assert text is not None
    vectors = text.embed(["a rocket flies to the moon", "a spacecraft in orbit", "onion soup with bread", ""])
    assert vectors.shape == (4, text.info.dimensions or 384)
    near = vectors @ vectors.T
    assert near[0, 1] > near[0, 2] + 0.2
    assert not vectors[3].any()


def test_speech_is_heard_and_silence_is_not(models: PackModels, shared: Path, tmp_path: Path) -> None:
    clip = next(p for p in sorted((shared / "media/dev/speech").glob("*.wav")) if "pocketsphinx" in p.name.lower())
    reader = PyAvReader(tmp_path)
    try:
        decoded = reader.decode(clip, "0" * 64, Limits())
    finally:
        reader.close()
    assert decoded.audio is not None
    pcm = np.memmap(decoded.audio, "<i2", "r")
    vad, speech = models.voice_activity, models.speech
    assert vad is not None
    assert speech is not None
    probability, step = vad.probabilities(pcm)
    assert probability.max() > 0.5
    assert len(probability) * step == pytest.approx(len(pcm) / 16_000, abs=0.5)
    heard = speech.listen(pcm, [Span(start=0, end=Fraction(len(pcm), 16_000))], "en")
    assert heard.language == "en"
    assert heard.lines
    assert heard.lines[0].words
    quiet = np.zeros(32_000, np.int16)
    assert vad.probabilities(quiet)[0].max() < 0.5
    assert speech.listen(quiet, []).lines == ()


def test_pictures_are_named_and_grey_is_not_unsafe(models: PackModels) -> None:
    grey = np.full((240, 320, 3), 127, np.uint8)
    look, unsafe = models.picture, models.unsafe
    assert look is not None
    assert unsafe is not None
    labels, vectors = look.look([grey, grey])
    assert len(labels) == 2
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-3)
    assert unsafe.unsafe([grey])[0] < 0.5


def test_a_pack_that_was_not_pulled_says_how(tmp_path: Path) -> None:
    models = PackModels(ModelsConfig(offline=True), ModelCache(tmp_path, folders=(), offline=True))
    assert models.text is not None
    with pytest.raises(ModelMissing, match="models pull"):
        models.text.embed(["a"])


def test_a_damaged_file_is_found_and_refused_offline(tmp_path: Path) -> None:
    whole = ModelCache()
    pack = load_pack("embedded")
    role = next(r for r in pack.roles if r.role == "unsafe_picture")
    source = whole.files(role).path(role.files[0].name)
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / role.files[0].name).write_bytes(b"tampered" + source.read_bytes()[8:])
    cache = ModelCache(tmp_path / "cache", folders=(folder,), offline=True)
    with pytest.raises(Exception, match=r"pull|found|offline|switched off|checksum|SHA"):
        cache.pull(pack, roles=["unsafe_picture"])
    assert role.files[0].sha256 != FIRST_USE
    assert all(s.state == "absent" for s in cache.verify(pack, roles=["unsafe_picture"]))
