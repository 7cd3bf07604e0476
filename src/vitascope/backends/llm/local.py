"""The pack's language model, run by llama.cpp in a child process behind a loopback endpoint with a random key.

Loaded at the first question, unloaded when idle. A child that died is started anew for one more try.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, LlamaServer, Patience, role_info, role_loader
from vitascope.base.errors import ModelFailed
from vitascope.base.policy import SafeText
from vitascope.base.ports.models import ModelInfo

from ._chat import Chat, Said
from ._speaks import Writes

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


class LocalLanguageModel(Writes):
    """Fulfils `LanguageModel`. A JSON schema becomes a grammar in the sampler."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._info = keeper, role_info(role)

        def load(files: ModelFiles) -> _Running:
            # llama.cpp's threads wait for one another by spinning: where one has to share its core, the others burn theirs (two
            # threads on two busy cores took fourteen times the CPU time of one), so half of the cores are left to the rest
            server = LlamaServer(files.path(_MODEL), threads=max(1, threads // 2), context=_CONTEXT)
            return _Running(
                server, Chat(f"{server.address}/v1", server.key, role.model, Patience(_TIMEOUT, retries=0, failures=0))
            )

        self._loader = role_loader(cache, role, load, _Running.close)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def stream(self, system: str, prompt: SafeText, max_tokens: int = 256, seed: int = 0) -> Iterator[str]:
        """As `write`, piece by piece."""
        with self._keeper.hold(self._loader) as running:
            yield from running.chat.pieces(system, prompt, max_tokens, seed)

    def say(
        self, system: str, prompt: SafeText, max_tokens: int, seed: int, schema: dict[str, Any] | None = None
    ) -> Said:
        """An answer with its tokens; where the child died of it or before, once more with a new one."""
        with self._keeper.hold(self._loader) as running:
            try:
                return running.chat.say(system, prompt, max_tokens, seed, schema)
            except ModelFailed:
                if running.server.alive:
                    raise
        self._keeper.drop(self._loader.key)
        with self._keeper.hold(self._loader) as running:
            return running.chat.say(system, prompt, max_tokens, seed, schema)

    def close(self) -> None:
        """Nothing of its own: the keeper stops the child."""
