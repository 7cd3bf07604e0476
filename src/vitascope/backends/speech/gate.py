"""Noise suppression by spectral gating (noisereduce). Takes and gives 16 kHz samples of one length.

Works in pieces of 30 s with a second of overlap; a long result lies in a file without a name that is mapped, so memory is bounded
by the piece. It does not decide whether sound needs it.
"""

from __future__ import annotations

import tempfile

import numpy as np

from vitascope.backends.models import RoleSpec
from vitascope.backends.runtimes import role_info
from vitascope.base.errors import ModelFailed
from vitascope.base.mapped import let_go
from vitascope.base.ports.models import ModelInfo, Pcm

_RATE = 16_000
_PIECE = 30 * _RATE
_EDGE = _RATE
_HELD = 600 * _RATE
"""Samples up to which the result is held in memory: ten minutes, 19 MB."""


class SpectralGate:
    """Fulfils `NoiseSuppressor`."""

    def __init__(self, role: RoleSpec) -> None:
        self._info = role_info(role)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def clean(self, pcm: Pcm) -> Pcm:
        """Non-stationary gate (Sainburg 2019), four fifths of the noise taken: more eats consonants."""
        from noisereduce import reduce_noise

        cleaned = _room(len(pcm))
        for first in range(0, len(pcm), _PIECE):
            last = min(first + _PIECE, len(pcm))
            start, end = max(0, first - _EDGE), min(len(pcm), last + _EDGE)
            piece = np.asarray(pcm[start:end], np.float32) / 32768.0
            if len(piece) < 2048 or not piece.any():
                cleaned[first:last] = pcm[first:last]
                continue
            try:
                out = reduce_noise(y=piece, sr=_RATE, stationary=False, prop_decrease=0.8, n_jobs=1)
            except (ValueError, MemoryError) as error:
                raise ModelFailed(f"noise could not be taken out: {error}", place=self._info.id) from error
            part = np.nan_to_num(out[first - start : first - start + (last - first)])
            cleaned[first:last] = np.clip(np.round(part * 32768.0), -32768, 32767).astype(np.int16)
            let_go(pcm)
            let_go(cleaned)
        return cleaned


def _room(samples: int) -> Pcm:
    """Room for the result: memory, or for a long one a mapped file that goes when nobody holds the array any more."""
    if samples <= _HELD:
        return np.zeros(samples, np.int16)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.int16, "w+", shape=(samples,))
