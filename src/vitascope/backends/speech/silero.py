"""Voice activity with Silero VAD (v6, ONNX). Takes 16 kHz samples of any length, gives a speech probability every 32 ms.

The samples are read in pieces of five minutes, so that a memory map of hours is never held whole. Thresholds are not known
here: who asks decides what counts as speech.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, onnx_session, role_info, role_loader
from vitascope.base.mapped import let_go
from vitascope.base.ports.models import ModelInfo, Pcm

_RATE = 16_000
_STEP = 512
_CONTEXT = 64
_PIECE = 9_375  # steps: five minutes


class SileroVoiceActivity:
    """Fulfils `VoiceActivity`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper) -> None:
        self._keeper, self._info = keeper, role_info(role)
        self._loader = role_loader(cache, role, _load)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def probabilities(self, pcm: Pcm) -> tuple[npt.NDArray[np.float32], float]:
        """Shape (ceil(n / 512),) and the step of .032 s."""
        steps = -(-len(pcm) // _STEP)
        found = np.zeros(steps, np.float32)
        if not steps:
            return found, _STEP / _RATE
        h, c = np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32)
        context = np.zeros(_CONTEXT, np.float32)
        with self._keeper.hold(self._loader) as session:
            for first in range(0, steps, _PIECE):
                last = min(first + _PIECE, steps)
                piece = np.zeros((last - first) * _STEP, np.float32)
                raw = pcm[first * _STEP : last * _STEP]
                piece[: len(raw)] = np.asarray(raw, np.float32) / 32768.0
                rows = piece.reshape(-1, _STEP)
                before = np.vstack([context[None], rows[:-1, -_CONTEXT:]])
                context = rows[-1, -_CONTEXT:].copy()
                feed = {"input": np.hstack([before, rows]), "h": h, "c": c}
                output, h, c = session.run(None, feed)
                found[first:last] = np.asarray(output, np.float32).reshape(-1)
                let_go(pcm)
        return found, _STEP / _RATE


def _load(files: ModelFiles) -> Any:
    return onnx_session(files.path("vad.onnx"), threads=1)
