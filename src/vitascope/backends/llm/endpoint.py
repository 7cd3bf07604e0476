"""A language model behind an endpoint of the owner's choice. What leaves the machine is SafeText and prompts of our own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from vitascope.backends.models import EndpointConfig
from vitascope.backends.runtimes import Patience
from vitascope.base.policy import SafeText, stays_here
from vitascope.base.ports.models import ModelInfo

from ._chat import Chat, Said
from ._speaks import Writes


class EndpointLanguageModel(Writes):
    """Fulfils `LanguageModel`. A JSON schema is sent along as `response_format`."""

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
        config = self._config
        key = config.key.get_secret_value() if config.key else None
        patience = Patience(config.timeout_seconds, config.retries, config.failures, config.rest_seconds)
        return Chat(config.url, key, config.model, patience, config.mask and not stays_here(config.url))

    def say(
        self, system: str, prompt: SafeText, max_tokens: int, seed: int, schema: dict[str, Any] | None = None
    ) -> Said:
        """An answer with its tokens."""
        return self._chat.say(system, prompt, max_tokens, seed, schema)

    def stream(self, system: str, prompt: SafeText, max_tokens: int = 256, seed: int = 0) -> Iterator[str]:
        """As `write`, piece by piece."""
        yield from self._chat.pieces(system, prompt, max_tokens, seed)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if "_chat" in self.__dict__:
            self._chat.close()
