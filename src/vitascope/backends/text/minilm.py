"""English text vectors with all-MiniLM-L6-v2 (ONNX and its tokenizer).

Takes texts of any length, gives rows of unit length. A text longer than one window of 256 tokens is the mean of its
windows, up to 16. It does not know a text's language: who asks must not embed what `info.languages` leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, onnx_session, role_info, role_loader
from vitascope.base.ports.models import ModelInfo

_DIMENSIONS = 384
_WINDOW = 254
_WINDOWS = 16
_BATCH_TOKENS = 4_096
_MAX_CHARS = 40_000  # 16 windows of English are about 16,000


@dataclass(frozen=True)
class _Loaded:
    session: Any
    tokenizer: Any


class MiniLmText:
    """Fulfils `TextEmbedder`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._info = keeper, role_info(role, _DIMENSIONS)

        def load(files: ModelFiles) -> _Loaded:
            from tokenizers import Tokenizer

            tokenizer = Tokenizer.from_file(str(files.path("tokenizer.json")))
            tokenizer.no_truncation()
            tokenizer.no_padding()
            return _Loaded(onnx_session(cache.derived(files), threads), tokenizer)

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Shape (len(texts), 384)."""
        vectors = np.zeros((len(texts), _DIMENSIONS), np.float32)
        if not any(t.strip() for t in texts):
            return vectors
        with self._keeper.hold(self._loader) as model:
            encoded = model.tokenizer.encode_batch([t[:_MAX_CHARS] for t in texts], add_special_tokens=False)
            windows: list[tuple[int, list[int]]] = []
            for row, text in enumerate(encoded):
                ids = text.ids[: _WINDOW * _WINDOWS]
                windows += [(row, ids[i : i + _WINDOW]) for i in range(0, len(ids), _WINDOW)]
            windows.sort(key=lambda w: len(w[1]))  # equal lengths together: no work for padding
            cls, sep = model.tokenizer.token_to_id("[CLS]"), model.tokenizer.token_to_id("[SEP]")
            start = 0
            while start < len(windows):
                end = start + 1
                while end < len(windows) and (end + 1 - start) * (len(windows[end][1]) + 2) <= _BATCH_TOKENS:
                    end += 1
                batch = windows[start:end]
                length = len(batch[-1][1]) + 2
                ids_in = np.zeros((len(batch), length), np.int64)
                mask = np.zeros((len(batch), length), np.int64)
                for i, (_, ids) in enumerate(batch):
                    ids_in[i, : len(ids) + 2] = [cls, *ids, sep]
                    mask[i, : len(ids) + 2] = 1
                (found,) = model.session.run(None, {"ids": ids_in, "mask": mask})
                for (row, ids), vector in zip(batch, found, strict=True):
                    vectors[row] += vector * len(ids)  # a short last window weighs as little as it says
                start = end
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0), np.float32)
