"""Ports of the models: what a model means, not what runs it. Contract suites: tests/contracts/models_*.py.

Every port states its `info`: id, licence, languages. A call on a model whose files are missing raises ModelMissing;
one that gives no usable answer raises ModelFailed. Loading is lazy: making an adapter costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Provenance, ScreenText, TranscriptLine
from vitascope.base.policy import SafeText
from vitascope.base.records import Record
from vitascope.base.time import Span

Pcm = npt.NDArray[np.int16]
"""Mono 16 kHz samples (may be a memory map), shape (n,)."""

Picture = npt.NDArray[np.uint8]
"""Upright RGB picture, shape (height, width, 3)."""


class ModelInfo(Record):
    """What a model is."""

    id: str
    sha256: str
    """Of its main file; "" for an endpoint."""
    licence: str
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes; ("*",) for any; empty where language means nothing."""
    dimensions: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    """Settings of it that change what it says."""


class Speech(Record):
    """What speech recognition gave."""

    language: str | None
    language_score: float
    lines: tuple[TranscriptLine, ...]
    dropped: tuple[tuple[TranscriptLine, str], ...] = ()
    """Lines that were not believed, with the reason (loop, no speech there, music)."""
    options: tuple[tuple[str, str], ...] = ()


class PictureLabel(Record):
    """One label of a picture."""

    label: str
    score: float


class LookResult(Record):
    """Labels of one picture, best first. Its vector stands beside, in `PictureModel.look`'s second value."""

    labels: tuple[PictureLabel, ...]


@runtime_checkable
class VoiceActivity(Protocol):
    """Finds where somebody speaks."""

    @property
    def info(self) -> ModelInfo: ...

    def probabilities(self, pcm: Pcm) -> tuple[npt.NDArray[np.float32], float]:
        """Speech probability per step, shape (steps,), and the step in seconds. Bounded memory for any length."""
        ...


@runtime_checkable
class NoiseSuppressor(Protocol):
    """Takes noise out of speech."""

    @property
    def info(self) -> ModelInfo: ...

    def clean(self, pcm: Pcm) -> Pcm:
        """Same length, same rate."""
        ...


@runtime_checkable
class SpeechToText(Protocol):
    """Language first, then words with times."""

    @property
    def info(self) -> ModelInfo: ...

    def listen(self, pcm: Pcm, speech: Sequence[Span], language: str | None = None) -> Speech:
        """Recognise what is said within the `speech` spans (from voice activity); `language` where it is known."""
        ...


@runtime_checkable
class TextEmbedder(Protocol):
    """Texts to vectors of unit length."""

    @property
    def info(self) -> ModelInfo: ...

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Shape (len(texts), dimensions), rows of unit length (zero row for an empty text)."""
        ...


@runtime_checkable
class PictureModel(Protocol):
    """Labels and vectors of pictures."""

    @property
    def info(self) -> ModelInfo: ...

    def look(self, pictures: Sequence[Picture], top: int = 5) -> tuple[list[LookResult], npt.NDArray[np.float32]]:
        """Results in order, and vectors of unit length, shape (len(pictures), dimensions)."""
        ...


@runtime_checkable
class PictureTextModel(PictureModel, Protocol):
    """A picture model whose vectors can be compared with those of texts."""

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """In the space of the pictures' vectors: shape (len(texts), dimensions), unit length (zero row for an empty text)."""
        ...


@runtime_checkable
class SoundModel(Protocol):
    """Names and vectors of sounds and music."""

    @property
    def info(self) -> ModelInfo: ...

    def hear(self, clips: Sequence[Pcm], top: int = 5) -> tuple[list[LookResult], npt.NDArray[np.float32]]:
        """Labels of each clip (about ten seconds; longer ones are read in parts), best first, and vectors of unit length."""
        ...

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """In the space of the sounds' vectors: shape (len(texts), dimensions), unit length (zero row for an empty text)."""
        ...


@runtime_checkable
class PictureLanguageModel(Protocol):
    """A language model that is shown pictures."""

    @property
    def info(self) -> ModelInfo: ...

    def see(
        self,
        system: str,
        prompt: SafeText,
        pictures: Sequence[Picture],
        schema: dict[str, Any],
        max_tokens: int = 256,
        seed: int = 0,
    ) -> dict[str, Any]:
        """An answer about the pictures, constrained by a JSON schema and validated against it. Raises ModelFailed."""
        ...


@runtime_checkable
class UnsafePictureModel(Protocol):
    """How likely a picture is unfit for a general audience."""

    @property
    def info(self) -> ModelInfo: ...

    def unsafe(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        """Probability per picture, shape (len(pictures),)."""
        ...


@runtime_checkable
class ScreenReader(Protocol):
    """Reads text off pictures."""

    @property
    def info(self) -> ModelInfo: ...

    def read(self, picture: Picture, span: Span) -> tuple[ScreenText, ...]:
        """Lines top to bottom with confidence; single characters dropped."""
        ...


@runtime_checkable
class LanguageModel(Protocol):
    """A language model behind an OpenAI-compatible endpoint, in process or far away. Takes SafeText only."""

    @property
    def info(self) -> ModelInfo: ...

    def write(self, system: str, prompt: SafeText, max_tokens: int = 128, seed: int = 0) -> str:
        """Free text at temperature 0, `system` being a prompt of our own."""
        ...

    def answer(
        self, system: str, prompt: SafeText, schema: dict[str, Any], max_tokens: int = 256, seed: int = 0
    ) -> dict[str, Any]:
        """An answer constrained by a JSON schema and validated against it. Raises ModelFailed if it does not fit."""
        ...

    def stream(self, system: str, prompt: SafeText, max_tokens: int = 256, seed: int = 0) -> Iterator[str]:
        """As `write`, piece by piece."""
        ...


class Models(Protocol):
    """All model roles of the configured pack. A role is None where the pack has a named gap or it is switched off."""

    @property
    def voice_activity(self) -> VoiceActivity | None: ...
    @property
    def noise(self) -> NoiseSuppressor | None: ...
    @property
    def speech(self) -> SpeechToText | None: ...
    @property
    def text(self) -> TextEmbedder | None: ...
    @property
    def picture(self) -> PictureModel | None: ...
    @property
    def unsafe(self) -> UnsafePictureModel | None: ...
    @property
    def screen(self) -> ScreenReader | None: ...
    @property
    def language(self) -> LanguageModel | None: ...
    @property
    def sound(self) -> SoundModel | None: ...
    @property
    def vision(self) -> PictureLanguageModel | None: ...

    def gaps(self) -> tuple[str, ...]:
        """Named gaps: what this pack cannot do, one sentence each."""
        ...

    def close(self) -> None:
        """Unload everything and stop what was started."""
        ...


def provenance(extractor: str, info: ModelInfo, **options: str) -> Provenance:
    """Provenance of something `info`'s model produced."""
    return Provenance(
        extractor=extractor, model=info.id, model_sha256=info.sha256 or None, options=tuple(sorted(options.items()))
    )
