"""Contract suites of the ports in `base.ports.models`, one class a port. An implementation's test is three lines:

class TestMine(TextEmbedderContract):
    @pytest.fixture(scope="class")
    def model(self) -> TextEmbedder: return Mine()
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from vitascope.base.errors import ModelFailed
from vitascope.base.policy import safe_text
from vitascope.base.ports import models as ports
from vitascope.base.time import Span

RATE = 16_000


def clip(shared: Path, name: str) -> npt.NDArray[np.int16]:
    """16 kHz mono samples of a dev clip."""
    import av

    with av.open(str(shared / "media/dev" / name)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([f.to_ndarray().reshape(-1) for f in frames]).astype(np.int16)


def says(text: str) -> npt.NDArray[np.uint8]:
    """A white picture with black letters."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (640, 200), "white")
    ImageDraw.Draw(picture).text((40, 60), text, fill="black", font=ImageFont.load_default(64))
    return np.asarray(picture)


class VoiceActivityContract:
    """A probability for every step of any length; voice is told from silence; a memory map will do."""

    def test_finds_voice(self, model: ports.VoiceActivity, shared: Path) -> None:
        pcm = clip(shared, "speech/CosyVoice__zero_shot_prompt.wav")
        found, step = model.probabilities(np.concatenate([np.zeros(2 * RATE, np.int16), pcm]))
        assert found.min() >= 0
        assert found.max() <= 1
        assert len(found) * step == pytest.approx(2 + len(pcm) / RATE, abs=2 * step)
        quiet = int(1.5 / step)
        assert found[:quiet].max() < 0.5 < found[quiet:].max()

    def test_long_sound_is_as_short_sound(self, model: ports.VoiceActivity, shared: Path, tmp_path: Path) -> None:
        pcm = clip(shared, "speech/CosyVoice__zero_shot_prompt.wav")
        long = np.memmap(tmp_path / "pcm", np.int16, "w+", shape=(310 * RATE,))
        long[302 * RATE : 302 * RATE + len(pcm)] = pcm  # behind five minutes of silence
        found, step = model.probabilities(long)
        assert found[int(302 / step) :].max() > 0.5
        assert found[: int(300 / step)].max() < 0.5

    def test_nothing_gives_nothing(self, model: ports.VoiceActivity) -> None:
        assert len(model.probabilities(np.zeros(0, np.int16))[0]) == 0


class NoiseSuppressorContract:
    """Same length; steady noise gets weaker; silence stays silence."""

    def test_noise_gets_weaker(self, model: ports.NoiseSuppressor, shared: Path) -> None:
        voice = clip(shared, "speech/CosyVoice__zero_shot_prompt.wav")
        pause = np.zeros(RATE, np.int16)
        noise = np.random.default_rng(0).normal(0, 300, len(voice) + RATE)
        dirty = np.clip(np.concatenate([pause, voice]) + noise, -32768, 32767).astype(np.int16)
        clean = model.clean(dirty)
        assert (clean.shape, clean.dtype) == (dirty.shape, np.dtype(np.int16))
        before, after = dirty[:RATE].astype(float).std(), clean[:RATE].astype(float).std()
        assert after < before * 0.7
        assert clean[RATE:].astype(float).std() > 0.5 * voice.astype(float).std()

    def test_silence_stays(self, model: ports.NoiseSuppressor) -> None:
        assert not model.clean(np.zeros(RATE, np.int16)).any()


class SpeechToTextContract:
    """Words with times inside the spans, in order; a language that is given is kept; without speech nothing."""

    def test_hears_in_its_own_time(self, model: ports.SpeechToText, shared: Path) -> None:
        pcm = clip(shared, "speech/librivox__sonnet1.mp3")[: 12 * RATE]
        shifted = np.concatenate([np.zeros(40 * RATE, np.int16), pcm])
        heard = model.listen(shifted, [Span(start=40, end=52)], "en")
        assert heard.language == "en"
        said = " ".join(line.text for line in heard.lines).lower()
        assert "fairest creatures" in said
        times = [word.span for line in heard.lines for word in line.words]
        assert times == sorted(times, key=lambda s: s.start)
        assert all(Fraction(39) <= span.start <= span.end <= Fraction(53) for span in times)

    def test_no_speech_no_words(self, model: ports.SpeechToText) -> None:
        assert model.listen(np.zeros(RATE, np.int16), []).lines == ()


class TextEmbedderContract:
    """Rows of unit length, a zero row for an empty text, the same for a text alone or among others, long ones too."""

    def test_rows(self, model: ports.TextEmbedder) -> None:
        texts = ["A rocket flies to the moon.", "", "word " * 3_000, "Onion soup with bread."]
        rows = model.embed(texts)
        assert rows.shape == (4, model.info.dimensions)
        assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 1, 1], abs=1e-4)
        assert model.embed(texts[:1])[0] == pytest.approx(rows[0], abs=1e-4)
        assert model.embed([]).shape == (0, model.info.dimensions)

    def test_meaning(self, model: ports.TextEmbedder) -> None:
        soup, bread, rocket = model.embed(["how to cook soup", "a recipe for bread", "a rocket is launched"])
        assert soup @ bread > soup @ rocket + 0.1


class PictureModelContract:
    """As many labels as asked for, best first; vectors of unit length; any picture size."""

    def test_looks(self, model: ports.PictureModel) -> None:
        noise = np.random.default_rng(0).integers(0, 255, (37, 301, 3), np.uint8)
        grey = np.full((480, 640, 3), 127, np.uint8)
        results, vectors = model.look([noise, grey, noise], top=3)
        assert vectors.shape == (3, model.info.dimensions)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-4)
        assert vectors[0] == pytest.approx(vectors[2], abs=1e-3)
        for result in results:
            scores = [label.score for label in result.labels]
            assert len(scores) == 3
            assert scores == sorted(scores, reverse=True)
            assert all(0 <= s <= 1 for s in scores)
        assert model.look([])[1].shape == (0, model.info.dimensions)


class SoundModelContract:
    """As many labels as asked for, best first; vectors of unit length, beside texts; silence and any length will do."""

    def test_hears(self, model: ports.SoundModel) -> None:
        noise = np.random.default_rng(0).integers(-9_000, 9_000, 20_000).astype(np.int16)
        results, vectors = model.hear([noise, np.zeros(RATE, np.int16), noise], top=2)
        assert vectors.shape == (3, model.info.dimensions)
        assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-4)
        assert vectors[0] == pytest.approx(vectors[2], abs=1e-3)
        for result in results:
            scores = [label.score for label in result.labels]
            assert len(scores) == 2
            assert scores == sorted(scores, reverse=True)
            assert all(0 <= s <= 1 for s in scores)
        assert model.hear([])[1].shape == (0, model.info.dimensions)
        assert model.hear([np.zeros(0, np.int16)])[1].shape == (1, model.info.dimensions)

    def test_texts_stand_beside(self, model: ports.SoundModel) -> None:
        rows = model.embed_texts(["low", ""])
        assert rows.shape == (2, model.info.dimensions)
        assert not rows[1].any()


class PictureLanguageContract:
    """An answer about a picture that fits its schema, or none."""

    def test_sees(self, model: ports.PictureLanguageModel) -> None:
        schema = {
            "type": "object",
            "properties": {"colour": {"enum": ["red", "green", "blue"]}},
            "required": ["colour"],
            "additionalProperties": False,
        }
        red = np.zeros((90, 160, 3), np.uint8)
        red[..., 0] = 250
        answer = model.see("You name the main colour of a picture.", safe_text("Which colour?"), [red], schema)
        assert answer == {"colour": "red"}
        narrow = schema | {"properties": {"colour": {"enum": ["mauve"]}}}
        with pytest.raises(ModelFailed):
            model.see("You name a colour.", safe_text("Which colour?"), [red], narrow)


class UnsafePictureContract:
    """A probability per picture; plain ones are safe."""

    def test_plain_pictures_are_safe(self, model: ports.UnsafePictureModel) -> None:
        found = model.unsafe([np.full((90, 160, 3), c, np.uint8) for c in (0, 127, 255)])
        assert found.shape == (3,)
        assert ((found >= 0) & (found < 0.5)).all()
        assert model.unsafe([]).shape == (0,)


class ScreenReaderContract:
    """Lines with the span they were given; nothing where nothing stands; no single characters."""

    def test_reads(self, model: ports.ScreenReader) -> None:
        span = Span(start=1, end=2)
        lines = model.read(says("HELLO WORLD"), span)
        assert " ".join(line.text for line in lines).upper().replace(" ", "") == "HELLOWORLD"
        assert all(line.span == span and 0 < line.score <= 1 for line in lines)
        assert model.read(says("x"), span) == ()
        assert model.read(np.full((200, 640, 3), 127, np.uint8), span) == ()


class LanguageModelContract:
    """Text, the same text twice, text in pieces, and answers that fit their schema or none."""

    def test_writes(self, model: ports.LanguageModel) -> None:
        asked = ("You answer in one sentence.", safe_text("What is the capital of France?"), 16)
        text = model.write(*asked)
        assert "Paris" in text
        assert model.write(*asked) == text
        assert "Paris" in "".join(model.stream(*asked))

    def test_answers_fit(self, model: ports.LanguageModel) -> None:
        schema = {
            "type": "object",
            "properties": {"topic": {"enum": ["space", "food"]}},
            "required": ["topic"],
            "additionalProperties": False,
        }
        answer = model.answer("You say what a text is about.", safe_text("A rocket was launched by NASA."), schema)
        assert answer["topic"] in ("space", "food")
        long = {"type": "object", "properties": {"text": {"type": "string", "minLength": 400}}, "required": ["text"]}
        with pytest.raises(ModelFailed):
            model.answer("You write.", safe_text("Tell a long story."), long, max_tokens=4)
