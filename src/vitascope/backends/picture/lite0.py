"""Picture labels and vectors with EfficientNet-Lite0 (ImageNet, ONNX).

Takes upright RGB pictures; gives the best of 1,000 English names with scores, and vectors of 1280 numbers from the layer
before. It names things only: who asks decides what score to believe (measured: .4 and more).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, onnx_session, role_info, role_loader
from vitascope.base.ports.models import LookResult, ModelInfo, Picture, PictureLabel

from ._pixels import centre

_DIMENSIONS = 1280
_BATCH = 8


@dataclass(frozen=True)
class _Loaded:
    session: Any
    names: tuple[str, ...]


class Lite0Pictures:
    """Fulfils `PictureModel`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._info = keeper, role_info(role, _DIMENSIONS)

        def load(files: ModelFiles) -> _Loaded:
            return _Loaded(onnx_session(cache.derived(files), threads), _names(files))

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def look(self, pictures: Sequence[Picture], top: int = 5) -> tuple[list[LookResult], npt.NDArray[np.float32]]:
        """Results in order, and vectors of unit length, shape (len(pictures), 1280)."""
        vectors = np.zeros((len(pictures), _DIMENSIONS), np.float32)
        results: list[LookResult] = []
        if not pictures:
            return results, vectors
        with self._keeper.hold(self._loader) as model:
            for first in range(0, len(pictures), _BATCH):
                batch = np.stack([(centre(p, 224, 0.875) - 127.0) / 128.0 for p in pictures[first : first + _BATCH]])
                found, scores = model.session.run(None, {"picture": np.ascontiguousarray(batch.transpose(0, 3, 1, 2))})
                vectors[first : first + len(batch)] = found
                for row in scores:
                    best = np.argsort(-row, kind="stable")[:top]
                    results.append(
                        LookResult(labels=tuple(PictureLabel(label=model.names[i], score=float(row[i])) for i in best))
                    )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return results, np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def _names(files: ModelFiles) -> tuple[str, ...]:
    """The first WordNet lemma of each of the 1,000 classes, in the model's order."""
    lemmas = dict(
        line.split("\t", 1) for line in files.path("lemmas.txt").read_text("utf-8").splitlines() if "\t" in line
    )
    order = files.path("synsets.txt").read_text("utf-8").split()
    return tuple(lemmas[s].split(",")[0].strip() for s in order)
