"""What every language model here is made of: one way to say something, and the port's calls built on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from vitascope.base.policy import SafeText
from vitascope.base.ports.models import ModelInfo

from ._chat import Said, object_of


class Speaks(Protocol):
    """A language model that says what an answer took."""

    @property
    def info(self) -> ModelInfo: ...

    def say(
        self, system: str, prompt: SafeText, max_tokens: int, seed: int, schema: dict[str, Any] | None = None
    ) -> Said:
        """An answer at temperature 0 with its tokens. Raises ModelError."""
        ...

    def stream(self, system: str, prompt: SafeText, max_tokens: int = 256, seed: int = 0) -> Iterator[str]: ...
    def close(self) -> None: ...


class Writes:
    """`write` and `answer` of the port `LanguageModel`, over `say`."""

    def say(
        self, system: str, prompt: SafeText, max_tokens: int, seed: int, schema: dict[str, Any] | None = None
    ) -> Said:
        """An answer with its tokens."""
        raise NotImplementedError

    def write(self, system: str, prompt: SafeText, max_tokens: int = 128, seed: int = 0) -> str:
        """Free text at temperature 0."""
        return self.say(system, prompt, max_tokens, seed).text.strip()

    def answer(
        self, system: str, prompt: SafeText, schema: dict[str, Any], max_tokens: int = 256, seed: int = 0
    ) -> dict[str, Any]:
        """An answer constrained by a JSON schema and checked against it."""
        return object_of(self.say(system, prompt, max_tokens, seed, schema).text, schema)
