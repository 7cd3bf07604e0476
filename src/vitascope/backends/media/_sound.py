"""Streaming measures of sound: mono PCM on disk, EBU R128 loudness, sub-fingerprints. Runs in the worker only.

Takes decoded audio frames one after the other, keeps memory bounded for any length. It does not know containers.
"""

from __future__ import annotations

import os
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.mapped import let_go
from vitascope.base.media import Loudness

RATE = 16_000
PIECE = 800
"""Samples of a piece of 50 ms that is or is not silent."""
SILENT = 10 ** (-65 / 20) * 32768
"""Root mean square below which a piece of int16 sound counts as silence: -65 dBFS."""
PRINT_STEP = 640
"""Samples between two sub-fingerprints: 40 ms, 25 a second."""
_PRINT_WINDOW = 6_144
PRINT_BITS = 96
_THIRDS = 3
_LOWEST = 440 * 2 ** (-4.5 / 12 - 6 / 36)
"""Hz. Edges of the middle print lie halfway between the notes of tuned music: a note on an edge gives bits of chance."""


class PcmWriter:
    """Writes mono int16 at 16 kHz; digital silence is written as holes, so that hours of it cost no disk."""

    def __init__(self, path: Path, limit: int) -> None:
        self._file = open(path, "wb")  # noqa: SIM115 (closed by close)
        self._limit = limit // 2
        self.samples = 0
        self.peak = 0
        self.audible = 0.0
        """Seconds that are not silence."""

    def write(self, block: npt.NDArray[np.int16]) -> bool:
        """Append; False once the output bound is reached."""
        block = block[: max(0, self._limit - self.samples)]
        if block.size == 0:
            return False
        top = int(np.abs(block.astype(np.int32)).max())
        self.peak = max(self.peak, top)
        if top > SILENT:
            self._hear(block)
        if top == 0:
            self._file.seek(block.size * 2, os.SEEK_CUR)
        else:
            self._file.write(block.astype("<i2", copy=False).tobytes())
        self.samples += block.size
        return self.samples < self._limit

    def _hear(self, block: npt.NDArray[np.int16]) -> None:
        whole = block[: len(block) // PIECE * PIECE].reshape(-1, PIECE).astype(np.float32)
        rest = block[len(block) // PIECE * PIECE :].astype(np.float32)
        self.audible += float(np.count_nonzero((whole**2).mean(axis=1) > SILENT**2)) * PIECE / RATE
        if rest.size and float((rest**2).mean()) > SILENT**2:
            self.audible += rest.size / RATE

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

    Filters are pyloudnorm's K-weighting; only the energy of each 100 ms is kept, so an hour takes 36,000 numbers
    (144 kB) a channel. Gating: 400 ms blocks, 75% overlap, absolute gate -70 LUFS, relative gate -10 LU.
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
        self._energies = array("f")
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
                self._energies.frombytes(part.T.astype(np.float32).tobytes())
                start += whole * self._step
                continue
            self._sum += power[:, start : start + take].sum(axis=1)
            self._filled += take
            start += take
            if self._filled == self._step:
                self._energies.frombytes(self._sum.astype(np.float32).tobytes())
                self._sum = np.zeros(self.channels)
                self._filled = 0

    def result(self) -> Loudness:
        """Loudness so far."""
        peak = float(20 * np.log10(self.peak)) if self.peak > 0 else None
        if len(self._energies) < 4 * self.channels:
            return Loudness(integrated=None, peak=peak)
        steps = np.asarray(self._energies, np.float64).reshape(-1, self.channels)
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


def audio_print(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    """Sub-fingerprints of sound: 96 bits every 40 ms, all 0 where it is silent.

    After Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002): the sign of the energy
    difference of neighbouring semitone bands, differenced in time. Our step is 40 ms, not 11.6: the window (0.38 s) is
    long enough that the worst misalignment costs few bits. The bands start every third of a semitone, so that every
    third bit from one offset on is a print of 28 bits (339 to 1,810 Hz at offset 6), and the same sound n thirds of
    a semitone higher has that print at offset 6 + n: a pitch moved by up to two semitones is found by shifting.

    Args:
        pcm: mono int16 at 16 kHz (a memory map is read in blocks).

    Returns:
        shape (n, 12), bits packed little-endian, one row per step, the first window starting at sample 0; empty below
        two windows.
    """
    count = (len(pcm) - _PRINT_WINDOW) // PRINT_STEP + 1
    if count < 2:
        return np.zeros((0, PRINT_BITS // 8), np.uint8)
    window = np.hanning(_PRINT_WINDOW).astype(np.float32)
    edges = _LOWEST * 2 ** (np.arange(PRINT_BITS + 2 * _THIRDS) / (12 * _THIRDS)) * _PRINT_WINDOW / RATE + 0.5
    whole = np.floor(edges).astype(int)
    part_of = edges - whole
    prints = np.zeros((count, PRINT_BITS // 8), np.uint8)
    last = np.zeros(PRINT_BITS)
    for first in range(0, count, 256):
        n = min(256, count - first)
        let_go(pcm)
        part = np.asarray(
            pcm[first * PRINT_STEP : (first + n - 1) * PRINT_STEP + _PRINT_WINDOW],
            np.float32,
        )
        if not part.any():
            last = np.zeros(PRINT_BITS)
            continue
        frames = np.lib.stride_tricks.sliding_window_view(part, _PRINT_WINDOW)[::PRINT_STEP]
        power = np.abs(np.fft.rfft(frames * window, axis=1)[:, : whole[-1] + 1]) ** 2
        sums = np.zeros((n, power.shape[1] + 1))
        np.cumsum(power, axis=1, out=sums[:, 1:])
        up_to = sums[:, whole] * (1 - part_of) + sums[:, whole + 1] * part_of
        bands = up_to[:, _THIRDS:] - up_to[:, :-_THIRDS]
        slope = bands[:, :-_THIRDS] - bands[:, _THIRDS:]
        bits = slope > np.vstack([last[None], slope[:-1]])
        # below about -66 dBFS in the band there is nothing to recognise: codec noise would give random bits
        bits[up_to[:, -1] - up_to[:, 0] < (16.0 * _PRINT_WINDOW / 4) ** 2] = False
        prints[first : first + n] = np.packbits(bits, axis=1, bitorder="little")
        last = slope[-1]
    prints[0] = 0  # nothing stands before it
    return prints
