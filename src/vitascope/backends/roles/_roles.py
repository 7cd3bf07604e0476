"""The roles of a pack: which adapter speaks for each, one keeper and one cache for all. Fulfils the port `Models`.

Making it loads nothing: an adapter loads its model at its first call. A role that the pack lacks or the owner switched off
is None, and `gaps` says so.
"""

from __future__ import annotations

import os
from functools import cached_property

from vitascope.backends.models import ModelCache, ModelsConfig, RoleSpec, load_pack
from vitascope.backends.runtimes import Keeper
from vitascope.base.ports.models import (
    LanguageModel,
    NoiseSuppressor,
    PictureModel,
    ScreenReader,
    SpeechToText,
    TextEmbedder,
    UnsafePictureModel,
    VoiceActivity,
)

_MOST_THREADS = 4


def open_models(config: ModelsConfig) -> PackModels:
    """The models of the configured pack; raises ConfigError where there is no such pack."""
    return PackModels(config, ModelCache(offline=config.offline))


class PackModels:
    """Fulfils `Models`."""

    def __init__(self, config: ModelsConfig, cache: ModelCache) -> None:
        self._config, self._cache = config, cache
        self._pack = load_pack(config.pack)
        self._keeper = Keeper(config.idle_seconds, config.memory_bytes)
        self._threads = config.threads or min(_MOST_THREADS, os.cpu_count() or 2)

    def _role(self, name: str) -> RoleSpec | None:
        return None if name in self._config.off else self._pack.role(name)

    @cached_property
    def voice_activity(self) -> VoiceActivity | None:
        """Silero VAD."""
        from vitascope.backends.speech import SileroVoiceActivity

        role = self._role("voice_activity")
        return SileroVoiceActivity(self._cache, role, self._keeper) if role else None

    @cached_property
    def noise(self) -> NoiseSuppressor | None:
        """Spectral gating."""
        from vitascope.backends.speech import SpectralGate

        role = self._role("noise")
        return SpectralGate(role) if role else None

    @cached_property
    def speech(self) -> SpeechToText | None:
        """Whisper."""
        from vitascope.backends.speech import WHISPER_LANGUAGES, WhisperSpeech

        role = self._role("speech_fast" if self._config.fast_english else "speech")
        languages = self._config.languages or WHISPER_LANGUAGES
        return WhisperSpeech(self._cache, role, self._keeper, self._threads, languages) if role else None

    @cached_property
    def text(self) -> TextEmbedder | None:
        """MiniLM."""
        from vitascope.backends.text import MiniLmText

        role = self._role("text_embedding")
        return MiniLmText(self._cache, role, self._keeper, self._threads) if role else None

    @cached_property
    def picture(self) -> PictureModel | None:
        """EfficientNet-Lite0."""
        from vitascope.backends.picture import Lite0Pictures

        role = self._role("picture")
        return Lite0Pictures(self._cache, role, self._keeper, self._threads) if role else None

    @cached_property
    def unsafe(self) -> UnsafePictureModel | None:
        """OpenNSFW."""
        from vitascope.backends.picture import OpenNsfw

        role = self._role("unsafe_picture")
        return OpenNsfw(self._cache, role, self._keeper, self._threads) if role else None

    @cached_property
    def screen(self) -> ScreenReader | None:
        """PP-OCR."""
        from vitascope.backends.picture import RapidScreenReader

        role = self._role("screen_text")
        return RapidScreenReader(self._cache, role, self._keeper, self._threads) if role else None

    @cached_property
    def language(self) -> LanguageModel | None:
        """The owner's endpoint where one is set, else the pack's model on this machine."""
        from vitascope.backends.llm import EndpointLanguageModel, LocalLanguageModel

        if "language_model" in self._config.off:
            return None
        if self._config.endpoint.url:
            return EndpointLanguageModel(self._config.endpoint)
        role = self._role("language_model")
        return LocalLanguageModel(self._cache, role, self._keeper, self._threads) if role else None

    def gaps(self) -> tuple[str, ...]:
        """Named gaps, one sentence each."""
        off = tuple(f"{role}: switched off in the settings (models.off)" for role in self._config.off)
        return (*(f"{gap.role}: {gap.note}" for gap in self._pack.gaps), *off)

    def close(self) -> None:
        """Unload everything and stop what was started."""
        language = self.__dict__.get("language")
        if language is not None and hasattr(language, "close"):
            language.close()
        self._keeper.close()
