"""The pack's language model, run by llama.cpp in a child process behind a loopback endpoint with a random key.

Loaded at the first question, unloaded when idle. A child that died is started anew for one more try.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, LlamaServer, role_info, role_loader
from vitascope.base.errors import ModelFailed
from vitascope.base.policy import SafeText
from vitascope.base.ports.models import ModelInfo

from ._chat import Chat, object_of

_TIMEOUT = 120.0
_CONTEXT = 4096
_MODEL = "model.gguf"


@dataclass(frozen=True)
class _Running:
    server: LlamaServer
    chat: Chat

    def close(self) -> None:
        self.chat.close()
        self.server.close()


class LocalLanguageModel:
    """Fulfils `LanguageModel`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._info = keeper, role_info(role)

        def load(files: ModelFiles) -> _Running:
            server = LlamaServer(files.path(_MODEL), threads=threads, context=_CONTEXT)
            return _Running(server, Chat(f"{server.address}/v1", server.key, role.model, _TIMEOUT))

        self._loader = role_loader(cache, role, load, _Running.close)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def write(self, system: str, prompt: SafeText, max_tokens: int = 128, seed: int = 0) -> str:
        """Free text at temperature 0."""
        return self._ask(system, prompt, max_tokens, seed, None).strip()

    def answer(
        self, system: str, prompt: SafeText, schema: dict[str, Any], max_tokens: int = 256, seed: int = 0
    ) -> dict[str, Any]:
        """An answer constrained by a JSON schema (a grammar in the sampler) and checked against it."""
        return object_of(self._ask(system, prompt, max_tokens, seed, schema), schema)

    def stream(self, system: str, prompt: SafeText, max_tokens: int = 256, seed: int = 0) -> Iterator[str]:
        """As `write`, piece by piece."""
        with self._keeper.hold(self._loader) as running:
            yield from running.chat.pieces(system, prompt, max_tokens, seed)

    def _ask(self, system: str, prompt: SafeText, max_tokens: int, seed: int, schema: dict[str, Any] | None) -> str:
        with self._keeper.hold(self._loader) as running:
            try:
                return running.chat.text(system, prompt, max_tokens, seed, schema)
            except ModelFailed:
                if running.server.alive:
                    raise
        self._keeper.drop(self._loader.key)
        with self._keeper.hold(self._loader) as running:
            return running.chat.text(system, prompt, max_tokens, seed, schema)
