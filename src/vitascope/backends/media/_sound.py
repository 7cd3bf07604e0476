"""Streaming measures of sound: mono PCM on disk, EBU R128 loudness, sub-fingerprints. Runs in the worker only.

Takes decoded audio frames one after the other, keeps memory bounded for any length. It does not know containers.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.media import Loudness

RATE = 16_000
PRINT_STEP = 640
"""Samples between two sub-fingerprints: 40 ms, 25 a second."""
_PRINT_WINDOW = 6_144
_BANDS = 33


class PcmWriter:
    """Writes mono int16 at 16 kHz; digital silence is written as holes, so that hours of it cost no disk."""

    def __init__(self, path: Path, limit: int) -> None:
        self._file = open(path, "wb")  # noqa: SIM115 (closed by close)
        self._limit = limit // 2
        self.samples = 0
        self.peak = 0

    def write(self, block: npt.NDArray[np.int16]) -> bool:
        """Append; False once the output bound is reached."""
        block = block[: max(0, self._limit - self.samples)]
        if block.size == 0:
            return False
        top = int(np.abs(block.astype(np.int32)).max())
        self.peak = max(self.peak, top)
        if top == 0:
            self._file.seek(block.size * 2, os.SEEK_CUR)
        else:
            self._file.write(block.astype("<i2", copy=False).tobytes())
        self.samples += block.size
        return self.samples < self._limit

    def silence(self, samples: int) -> bool:
        """Append silence."""
        samples = min(samples, self._limit - self.samples)
        if samples > 0:
            self._file.seek(samples * 2, os.SEEK_CUR)
            self.samples += samples
        return self.samples < self._limit

    def close(self) -> None:
        """Set the length and close."""
        self._file.truncate(self.samples * 2)
        self._file.close()


class LoudnessMeter:
    """Integrated loudness (ITU-R BS.1770-4 / EBU R128) and sample peak from blocks of any size.

    Filters are pyloudnorm's K-weighting; only the energy of each 100 ms is kept, so an hour takes 36,000 numbers a
    channel. Gating: 400 ms blocks, 75% overlap, absolute gate -70 LUFS, relative gate -10 LU.
    """

    def __init__(self, rate: int, channels: int) -> None:
        import pyloudnorm
        from scipy.signal import lfilter

        self._lfilter = lfilter
        self.rate, self.channels = rate, channels
        filters = pyloudnorm.Meter(rate)._filters
        # K-weighting's two stages as one 4th-order filter: half the passes
        stages = [(np.asarray(f.b, float), np.asarray(f.a, float), float(f.passband_gain)) for f in filters.values()]
        b, a = np.ones(1), np.ones(1)
        for stage_b, stage_a, gain in stages:
            b, a = np.convolve(b, stage_b) * gain, np.convolve(a, stage_a)
        self._b, self._a = b, a
        self._state = np.zeros((channels, max(len(a), len(b)) - 1))
        self._step = max(1, round(rate / 10))
        self._sum = np.zeros(channels)
        self._filled = 0
        self._energies: list[npt.NDArray[np.float32]] = []
        self.peak = 0.0

    def feed(self, block: npt.NDArray[np.float64]) -> None:
        """Add samples, shape (channels, n), -1..1."""
        if block.shape[1] == 0:
            return
        top = float(np.abs(block).max())
        self.peak = max(self.peak, top)
        if top == 0 and not np.abs(self._state).max() > 1e-9:
            weighted = block
        else:
            weighted, self._state = self._lfilter(self._b, self._a, block, axis=1, zi=self._state)
        power = np.square(weighted)
        start = 0
        while start < power.shape[1]:
            take = min(self._step - self._filled, power.shape[1] - start)
            if self._filled == 0 and power.shape[1] - start >= self._step:  # many whole steps at once
                whole = (power.shape[1] - start) // self._step
                part = (
                    power[:, start : start + whole * self._step].reshape(self.channels, whole, self._step).sum(axis=2)
                )
                self._energies.extend(part.T.astype(np.float32))
                start += whole * self._step
                continue
            self._sum += power[:, start : start + take].sum(axis=1)
            self._filled += take
            start += take
            if self._filled == self._step:
                self._energies.append(self._sum.astype(np.float32))
                self._sum = np.zeros(self.channels)
                self._filled = 0

    def result(self) -> Loudness:
        """Loudness so far."""
        peak = float(20 * np.log10(self.peak)) if self.peak > 0 else None
        if len(self._energies) < 4:
            return Loudness(integrated=None, peak=peak)
        steps = np.asarray(self._energies, np.float64)  # (n, channels)
        sums = np.cumsum(np.vstack([np.zeros(self.channels), steps]), axis=0)
        blocks = (sums[4:] - sums[:-4]) / (4 * self._step)
        gains = np.array([1.0, 1.0, 1.0, 1.41, 1.41] + [0.0] * max(0, self.channels - 5))[: self.channels]
        if self.channels > 5:  # 5.1 and wider as FFmpeg orders them: L R C LFE, then surround at +1.5 dB
            gains = np.array([1.0, 1.0, 1.0, 0.0] + [1.41] * (self.channels - 4))
        with np.errstate(divide="ignore"):
            level = -0.691 + 10 * np.log10(blocks @ gains)
            loud = level > -70
            if not loud.any():
                return Loudness(integrated=None, peak=peak)
            gate = -0.691 + 10 * np.log10(blocks[loud].mean(axis=0) @ gains) - 10
            final = blocks[loud & (level > gate)]
            value = -0.691 + 10 * np.log10(final.mean(axis=0) @ gains) if len(final) else -np.inf
        return Loudness(integrated=float(value) if np.isfinite(value) else None, peak=peak)


def as_float(frame: Any) -> npt.NDArray[np.float64]:
    """Samples of a decoded frame as (channels, n) in -1..1."""
    array = frame.to_ndarray()
    if not array.any() and array.dtype != np.uint8:
        return np.zeros((frame.layout.nb_channels, frame.samples))
    if not frame.format.is_planar:
        array = array.reshape(-1, frame.layout.nb_channels).T
    if array.dtype == np.uint8:
        return np.asarray((array.astype(np.float64) - 128) / 128, np.float64)
    if array.dtype.kind == "i":
        scale = float(-np.iinfo(array.dtype).min)
        return np.asarray(np.divide(array, scale), np.float64)
    made: npt.NDArray[np.float64] = np.nan_to_num(np.asarray(array, np.float64), nan=0.0, posinf=1.0, neginf=-1.0)
    return made


def audio_print(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.uint32]:
    """Sub-fingerprints of sound: 32 bits every 40 ms, 0 where it is silent.

    After Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002): the sign of the energy
    difference of neighbouring bands, differenced in time, over 33 bands from 300 to 2,000 Hz. Our step is 40 ms, not
    11.6: the window (0.38 s) is long enough that the worst misalignment costs few bits, and the print is a third.

    Args:
        pcm: mono int16 at 16 kHz (a memory map is read in blocks).

    Returns:
        shape (n,), one per step, the first window starting at sample 0; empty below one window.
    """
    count = (len(pcm) - _PRINT_WINDOW) // PRINT_STEP + 1
    if count < 2:
        return np.zeros(0, np.uint32)
    window = np.hanning(_PRINT_WINDOW).astype(np.float32)
    edges = np.round(np.geomspace(300, 2_000, _BANDS + 1) * _PRINT_WINDOW / RATE).astype(int)
    weights = (1 << np.arange(32, dtype=np.uint64)).astype(np.uint64)
    prints = np.zeros(count, np.uint32)
    last: npt.NDArray[np.float64] | None = None
    for first in range(0, count, 256):
        n = min(256, count - first)
        part = np.asarray(
            pcm[first * PRINT_STEP : (first + n - 1) * PRINT_STEP + _PRINT_WINDOW],
            np.float32,
        )
        if not part.any():
            last = np.zeros(_BANDS)
            continue
        frames = np.lib.stride_tricks.sliding_window_view(part, _PRINT_WINDOW)[::PRINT_STEP]
        power = np.abs(np.fft.rfft(frames * window, axis=1)[:, : edges[-1]]) ** 2
        bands = np.add.reduceat(power, edges[:-1], axis=1).astype(np.float64)
        before = np.vstack([bands[:1] if last is None else last[None], bands[:-1]])
        slope = (bands[:, :-1] - bands[:, 1:]) - (before[:, :-1] - before[:, 1:])
        bits = (slope > 0).astype(np.uint64) @ weights
        # below about -66 dBFS in the band there is nothing to recognise: codec noise would give random bits
        quiet = bands.sum(axis=1) < (16.0 * _PRINT_WINDOW / 4) ** 2
        prints[first : first + n] = np.where(quiet, 0, bits).astype(np.uint32)
        last = bands[-1]
    prints[0] = 0  # nothing stands before it
    return prints
