"""Text vectors from an OpenAI-compatible endpoint (`/embeddings`): vLLM, llama.cpp, Ollama, a vendor.

Takes texts of any length, gives rows of unit length; a text longer than a window is the mean of its windows. What is sent is
made safe first (base.policy). The numbers that come back are believed only where there are as many as were asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import EndpointConfig
from vitascope.backends.runtimes import Endpoint
from vitascope.base.personal import Mask
from vitascope.base.policy import safe_text, stays_here
from vitascope.base.ports.models import ModelInfo

_BATCH = 32
_WINDOW_CHARS = 1_000
"""About 256 tokens of English and fewer than 1,000 of any script: within every embedding model's context of 1,024 and more."""
_WINDOWS = 16


class EndpointText:
    """Fulfils `TextEmbedder`."""

    def __init__(self, config: EndpointConfig, prefix: str = "") -> None:
        self._endpoint, self._prefix = Endpoint(config, "models.endpoints.text_embedding"), prefix
        self._dimensions = config.dimensions

    @property
    def info(self) -> ModelInfo:
        """What it is; its vectors' length is asked for once where the settings do not state it."""
        config = self._endpoint.config
        return ModelInfo(
            id=config.model or "endpoint",
            sha256="",
            licence="as its provider says",
            languages=config.languages,
            dimensions=self._length(),
        )

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Shape (len(texts), dimensions)."""
        windows = [
            (row, self._masked(safe_text(self._prefix + text[i : i + _WINDOW_CHARS])))
            for row, text in enumerate(texts)
            for i in range(0, min(len(text), _WINDOW_CHARS * _WINDOWS), _WINDOW_CHARS)
            if text[i : i + _WINDOW_CHARS].strip()
        ]
        vectors = np.zeros((len(texts), self._length()), np.float32)
        for first in range(0, len(windows), _BATCH):
            batch = windows[first : first + _BATCH]
            for (row, text), vector in zip(batch, self._ask([t for _, t in batch]), strict=True):
                vectors[row] += vector * len(text)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0), np.float32)

    def _masked(self, text: str) -> str:
        """What is sent: with marks in place of personal data, where it leaves this machine."""
        config = self._endpoint.config
        return Mask().hide(text) if config.mask and not stays_here(config.url) else text

    def close(self) -> None:
        """Close the connection."""
        self._endpoint.close()

    def _length(self) -> int:
        if self._dimensions is None:
            self._dimensions = self._ask(["a"]).shape[1]
        return self._dimensions

    def _ask(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit rows for texts, in their order."""
        body = {"model": self._endpoint.config.model, "input": list(texts), "encoding_format": "float"}
        answer = self._endpoint.post("embeddings", body)
        try:
            rows = sorted(answer["data"], key=lambda row: int(row["index"]))
            found = np.asarray([row["embedding"] for row in rows], np.float32)
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise self._endpoint.failed("no vectors in its reply") from error
        if found.ndim != 2 or found.shape[0] != len(texts) or not np.isfinite(found).all():
            raise self._endpoint.failed("not one vector of numbers for each text")
        if found.shape[1] > 65_536 or self._dimensions not in (None, found.shape[1]):
            raise self._endpoint.failed(f"vectors of {found.shape[1]} numbers where {self._dimensions} are expected")
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(lengths, 1e-9), np.float32)
