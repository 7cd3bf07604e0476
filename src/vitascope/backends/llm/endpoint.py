"""A language model behind an endpoint of the owner's choice. What leaves the machine is SafeText and prompts of our own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from vitascope.backends.models import EndpointConfig
from vitascope.base.policy import SafeText
from vitascope.base.ports.models import ModelInfo

from ._chat import Chat, object_of


class EndpointLanguageModel:
    """Fulfils `LanguageModel`."""

    def __init__(self, config: EndpointConfig) -> None:
        self._config = config

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(
            id=self._config.model or "endpoint",
            sha256="",
            licence="as its provider says",
            languages=self._config.languages,
        )

    @cached_property
    def _chat(self) -> Chat:
        key = self._config.key.get_secret_value() if self._config.key else None
        return Chat(self._config.url, key, self._config.model, self._config.timeout_seconds)

    def write(self, system: str, prompt: SafeText, max_tokens: int = 128, seed: int = 0) -> str:
        """Free text at temperature 0."""
        return self._chat.text(system, prompt, max_tokens, seed).strip()

    def answer(
        self, system: str, prompt: SafeText, schema: dict[str, Any], max_tokens: int = 256, seed: int = 0
    ) -> dict[str, Any]:
        """An answer constrained by a JSON schema and checked against it."""
        return object_of(self._chat.text(system, prompt, max_tokens, seed, schema), schema)

    def stream(self, system: str, prompt: SafeText, max_tokens: int = 256, seed: int = 0) -> Iterator[str]:
        """As `write`, piece by piece."""
        yield from self._chat.pieces(system, prompt, max_tokens, seed)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if "_chat" in self.__dict__:
            self._chat.close()
