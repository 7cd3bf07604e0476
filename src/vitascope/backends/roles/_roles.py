"""The roles of a pack: which adapter speaks for each, one keeper and one cache for all. Fulfils the port `Models`.

Making it loads nothing: an adapter loads its model at its first call. A role that the pack lacks or the owner switched off
is None, and `gaps` says so. For each role the owner's endpoint (settings) comes before the pack's own, and that before its files,
which the adapter that the pack names reads (`ADAPTERS`; without a name, the built-in one of the role).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property
from typing import Protocol, TypeVar

from vitascope.backends.models import EndpointConfig, ModelCache, ModelsConfig, RoleSpec, load_pack
from vitascope.backends.runtimes import Keeper, may_hold_media
from vitascope.base.errors import ConfigError
from vitascope.base.ports.accounts import AccountStore
from vitascope.base.ports.models import (
    LanguageModel,
    NoiseSuppressor,
    PictureLanguageModel,
    PictureModel,
    ScreenReader,
    SoundModel,
    SpeechToText,
    TextEmbedder,
    UnsafePictureModel,
    VoiceActivity,
)

_MOST_THREADS = 4

ADAPTERS = {
    "text_embedding": ("", "hf-text"),
    "picture": ("", "hf-picture-text", "hf-classifier"),
    "unsafe_picture": ("", "hf-classifier"),
    "sound": ("hf-clap",),
}
"""What may read the files of a role; "" is the built-in one. Roles that are not named here have the built-in one alone."""

ENDPOINTS = frozenset({"language_model", "text_embedding", "speech", "vision"})
"""Roles that an OpenAI-compatible endpoint can do."""

_MEDIA = frozenset({"speech", "vision"})
_ASKS = {"picture": "what the pictures show", "speech": "what is said", "vision": "pictures in whole sentences"}
_ASKS |= {
    "text_embedding": "what texts mean",
    "language_model": "a written summary",
    "screen_text": "text on the screen",
}
_ASKS |= {"sound": "named sounds and kinds of music", "voice_activity": "where somebody speaks"}
_ASKS |= {"unsafe_picture": "whether pictures are fit for everyone"}


class _Closes(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=_Closes)


def open_models(
    config: ModelsConfig, accounts: AccountStore | None = None, clock: Callable[[], float] = time.time
) -> PackModels:
    """The models of the configured pack; raises ConfigError where there is no such pack.

    Args:
        accounts: where language model calls are counted and held to the budget; None: neither.
        clock: seconds since 1970, for the day of the budget.
    """
    return PackModels(config, ModelCache(offline=config.offline), accounts, clock)


class PackModels:
    """Fulfils `Models`."""

    def __init__(
        self,
        config: ModelsConfig,
        cache: ModelCache,
        accounts: AccountStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config, self._cache = config, cache
        self._accounts, self._clock = accounts, clock
        self._pack = load_pack(config.pack)
        self._keeper = Keeper(config.idle_seconds, config.memory_bytes)
        self._clients: list[_Closes] = []
        self._threads = config.threads or min(_MOST_THREADS, os.cpu_count() or 2)

    def _role(self, name: str) -> RoleSpec | None:
        role = None if name in self._config.off else self._pack.role(name)
        if role is not None and role.adapter not in ADAPTERS.get(name, ("",)):
            raise ConfigError(
                f"no adapter {role.adapter!r} for the role {name}",
                place=f"pack {self._pack.name}",
                remedy=f"one of {', '.join(map(repr, ADAPTERS.get(name, ('',))))}",
            )
        return role if (role is not None and role.files) or name == "noise" else None

    def _endpoint(self, name: str) -> EndpointConfig | None:
        """The endpoint that does a role; None where none is set, it is switched off, or media may not be sent there."""
        found = self._stated_endpoint(name)
        return None if found is None or (name in _MEDIA and not may_hold_media(found)) else found

    def _stated_endpoint(self, name: str) -> EndpointConfig | None:
        if name in self._config.off or name not in ENDPOINTS:
            return None
        stated = self._config.endpoints.get(name)
        if stated is None and name == "language_model":
            stated = self._config.endpoint
        if stated is not None and stated.url:
            return stated
        role = self._pack.role(name)
        if role is None or role.endpoint is None:
            return None
        return EndpointConfig(
            url=role.endpoint.url,
            model=role.endpoint.model,
            languages=role.languages,
            dimensions=role.options.dimensions,
        )

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
        """An endpoint that transcribes, else Whisper (a CTranslate2 folder)."""
        from vitascope.backends.speech import WHISPER_LANGUAGES, EndpointSpeech, WhisperSpeech

        if endpoint := self._endpoint("speech"):
            return self._opened(EndpointSpeech(endpoint))
        role = self._role("speech_fast" if self._config.fast_english else "speech")
        languages = self._config.languages or WHISPER_LANGUAGES
        return WhisperSpeech(self._cache, role, self._keeper, self._threads, languages) if role else None

    @cached_property
    def text(self) -> TextEmbedder | None:
        """An endpoint that embeds, an encoder in Hugging Face layout, or MiniLM."""
        from vitascope.backends.text import EndpointText, HfText, MiniLmText

        if endpoint := self._endpoint("text_embedding"):
            stated = self._pack.role("text_embedding")
            prefix = stated.options.prefix if stated is not None and stated.endpoint is not None else ""
            return self._opened(EndpointText(endpoint, prefix))
        role = self._role("text_embedding")
        if role is None:
            return None
        adapter = HfText if role.adapter == "hf-text" else MiniLmText
        return adapter(self._cache, role, self._keeper, self._threads)

    @cached_property
    def picture(self) -> PictureModel | None:
        """A picture and text model or a classifier in Hugging Face layout, or EfficientNet-Lite0."""
        from vitascope.backends.picture import HfClassifier, HfPictures, Lite0Pictures

        role = self._role("picture")
        if role is None:
            return None
        if role.adapter == "hf-picture-text":
            return HfPictures(self._cache, role, self._keeper, self._threads)
        adapter = HfClassifier if role.adapter else Lite0Pictures
        return adapter(self._cache, role, self._keeper, self._threads)

    @cached_property
    def sound(self) -> SoundModel | None:
        """CLAP in Hugging Face layout."""
        from vitascope.backends.sound import ClapSound

        role = self._role("sound")
        return ClapSound(self._cache, role, self._keeper, self._threads) if role else None

    @cached_property
    def vision(self) -> PictureLanguageModel | None:
        """A vision-language model behind an endpoint; its calls are counted."""
        from vitascope.backends.llm import EndpointVision, MeteredVision

        endpoint = self._endpoint("vision")
        if endpoint is None:
            return None
        model = self._opened(EndpointVision(endpoint))
        if self._accounts is None:
            return model
        return MeteredVision(model, self._accounts, self._config.budget, self._clock)

    @cached_property
    def unsafe(self) -> UnsafePictureModel | None:
        """A classifier in Hugging Face layout, or OpenNSFW."""
        from vitascope.backends.picture import HfUnsafe, OpenNsfw

        role = self._role("unsafe_picture")
        if role is None:
            return None
        adapter = HfUnsafe if role.adapter == "hf-classifier" else OpenNsfw
        return adapter(self._cache, role, self._keeper, self._threads)

    @cached_property
    def screen(self) -> ScreenReader | None:
        """PP-OCR."""
        from vitascope.backends.picture import RapidScreenReader

        role = self._role("screen_text")
        return RapidScreenReader(self._cache, role, self._keeper, self._threads) if role else None

    @cached_property
    def language(self) -> LanguageModel | None:
        """The owner's endpoint where one is set, the pack's, else the pack's model on this machine; its calls are counted."""
        from vitascope.backends.llm import EndpointLanguageModel, LocalLanguageModel, MeteredLanguageModel

        model: EndpointLanguageModel | LocalLanguageModel | None = None
        if endpoint := self._endpoint("language_model"):
            model = self._opened(EndpointLanguageModel(endpoint))
        elif role := self._role("language_model"):
            model = LocalLanguageModel(self._cache, role, self._keeper, self._threads)
        if model is None or self._accounts is None:
            return model
        return MeteredLanguageModel(model, self._accounts, self._config.budget, self._clock)

    def gaps(self) -> tuple[str, ...]:
        """Named gaps, one sentence each."""
        said = [f"{gap.role}: {gap.note}" for gap in self._pack.gaps]
        named = {gap.role for gap in self._pack.gaps} | set(self._config.off)
        for role, what in _ASKS.items():
            endpoint = self._stated_endpoint(role)
            spec = self._pack.role(role)
            if endpoint is not None and self._endpoint(role) is None:
                said.append(
                    f"{role}: {endpoint.url} is on another machine, and models.endpoints.{role}.media does not let pictures and "
                    f"sound go there"
                )
            elif endpoint is None and (spec is None or not spec.files) and role not in named:
                said.append(f"{role}: the pack has no model for {what}")
        said += [f"{role}: switched off in the settings (models.off)" for role in self._config.off]
        return tuple(said)

    def _opened(self, client: C) -> C:
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Unload everything and stop what was started."""
        for client in self._clients:
            client.close()
        language = self.__dict__.get("language")
        if language is not None and hasattr(language, "close"):
            language.close()
        self._keeper.close()
