"""Figures of a stretch of sound, in numpy alone.

Takes mono 16 kHz samples and the speech probabilities of voice activity detection; gives named figures (spectral shape,
rhythm, tone, envelope, voice) and log-mel frames. Knows no item, no file and no label.

Sources: MFCC after Davis & Mermelstein (1980); rolloff, flux, centroid and low-energy share after Scheirer & Slaney,
"Construction and evaluation of a robust multifeature speech/music discriminator" (ICASSP 1997); 4 Hz modulation energy
after Houtgast & Steeneken (1985); chroma after Fujishima (1999).
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import numpy.typing as npt

RATE = 16_000
WINDOW = 512
HOP = 256
FRAME_RATE = RATE / HOP
"""Frames a second: 62.5."""
MELS = 40
FLOOR = 1e-10

Floats = npt.NDArray[np.float32]


def spectra(pcm: npt.NDArray[np.int16]) -> Floats:
    """Power spectra, shape (frames, 257); at least one frame, the end padded with silence."""
    samples = np.asarray(pcm, dtype=np.float32) / 32768.0
    missing = max(WINDOW - len(samples), -(len(samples) - WINDOW) % HOP)
    samples = np.pad(samples, (0, missing))
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    power: Floats = (np.abs(np.fft.rfft(frames * _hann(), axis=1)) ** 2 / WINDOW).astype(np.float32)
    return power


@cache
def _hann() -> Floats:
    window: Floats = np.hanning(WINDOW).astype(np.float32)
    return window


@cache
def frequencies() -> Floats:
    """Centre of each spectrum bin in Hz, shape (257,)."""
    hz: Floats = np.fft.rfftfreq(WINDOW, 1 / RATE).astype(np.float32)
    return hz


@cache
def mel_filters() -> Floats:
    """Triangular mel filters, shape (257, 40), 40 Hz to 8 kHz."""
    low, high = (2595 * np.log10(1 + f / 700) for f in (40.0, 8000.0))
    edges = 700 * (10 ** (np.linspace(low, high, MELS + 2) / 2595) - 1)
    bins = frequencies()[:, None]
    up = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0, np.minimum(up, down))
    table: Floats = (weights / np.maximum(weights.sum(axis=0), 1e-6)).astype(np.float32)
    return table


@cache
def _cosines() -> Floats:
    k, n = np.arange(13)[:, None], np.arange(MELS)[None, :]
    table: Floats = (np.cos(np.pi * k * (n + 0.5) / MELS).T / MELS).astype(np.float32)
    return table


@cache
def chroma_map() -> Floats:
    """Spectrum bins to 12 pitch classes, 110 Hz to 4 kHz, shape (257, 12)."""
    table = np.zeros((len(frequencies()), 12), dtype=np.float32)
    for index, hz in enumerate(frequencies()):
        if 110 <= hz <= 4000:
            table[index, round(12 * np.log2(hz / 440.0)) % 12] = 1.0 / max(hz / 1000, 0.3)
    return table


def log_mel(power: Floats) -> Floats:
    """Log-mel frames in natural log, shape (frames, 40)."""
    mel: Floats = np.log(power @ mel_filters() + FLOOR).astype(np.float32)
    return mel


def onset_envelope(mel: Floats) -> Floats:
    """How much newly sounds in each frame (half-wave rectified log-mel difference), shape (frames,)."""
    if len(mel) < 2:
        return np.zeros(len(mel), dtype=np.float32)
    rise = np.maximum(0, np.diff(np.maximum(mel, mel.max() - 12.0), axis=0)).mean(axis=1)
    return np.concatenate([[0.0], rise]).astype(np.float32)


def _moments(name: str, values: npt.NDArray[np.floating]) -> dict[str, float]:
    return {f"{name}.mean": float(values.mean()), f"{name}.std": float(values.std())}


def autocorrelation(pcm: npt.NDArray[np.int16]) -> Floats:
    """Of each 64 ms frame, 48 ms apart, over lags 0 to 1023, shape (frames, 1024); 1 at lag 0, the window's taper undone."""
    size, hop = 1024, 768
    samples = np.asarray(pcm, dtype=np.float32)
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    frames = frames - frames.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(frames, 2 * size, axis=1)) ** 2
    correlation = np.fft.irfft(spectrum, axis=1)[:, :size]
    taper = 1 - np.arange(size) / size
    return np.asarray(correlation / np.maximum(correlation[:, :1], 1e-3) / np.maximum(taper, 0.2))


def _harmonicity(pcm: npt.NDArray[np.int16]) -> tuple[Floats, Floats]:
    """Per frame: height of the autocorrelation peak between 60 and 500 Hz, and that pitch in Hz."""
    correlation = autocorrelation(pcm)
    low, high = RATE // 500, RATE // 60
    lag = correlation[:, low:high].argmax(axis=1) + low
    return correlation[np.arange(len(lag)), lag].astype(np.float32), (RATE / lag).astype(np.float32)


def _rhythm(onsets: Floats) -> dict[str, float]:
    centred = onsets - onsets.mean()
    energy = float((centred**2).sum())
    figures = {"onset.mean": float(onsets.mean()), "onset.std": float(onsets.std())}
    low, high = int(FRAME_RATE * 60 / 200), int(FRAME_RATE * 60 / 50)
    if energy < 1e-9 or len(onsets) <= high + 2:
        return figures | {"pulse": 0.0, "onset.peak": 0.0, "onset.peaks": 0.0}
    full = np.correlate(centred, centred, "full")[len(centred) - 1 :] / energy
    spectrum = np.abs(np.fft.rfft(centred * np.hanning(len(centred)))) ** 2
    hz = np.fft.rfftfreq(len(centred), 1 / FRAME_RATE)
    band = spectrum[(hz >= 0.5) & (hz <= 10)]
    threshold = onsets.mean() + onsets.std()
    peaks = (onsets[1:-1] > onsets[:-2]) & (onsets[1:-1] >= onsets[2:]) & (onsets[1:-1] > threshold)
    return figures | {
        "pulse": float(full[low : high + 1].max()),
        "onset.peak": float(np.log(band.max() / max(float(band.mean()), 1e-12))) if len(band) else 0.0,
        "onset.peaks": float(peaks.sum() / len(onsets) * FRAME_RATE),
    }


def _envelope(energy: Floats) -> dict[str, float]:
    """Figures of the loudness over time; `energy` is the mean power of each frame."""
    level = 10 * np.log10(energy + FLOOR)
    audible = level > level.max() - 40
    share = np.maximum(energy, 0) / max(float(energy.sum()), FLOOR)
    place = np.arange(len(energy)) / max(len(energy) - 1, 1)
    centre = float((share * place).sum())
    root = np.sqrt(energy)
    modulation = np.abs(np.fft.rfft(root - root.mean())) ** 2
    hz = np.fft.rfftfreq(len(root), 1 / FRAME_RATE)
    total = max(float(modulation[hz <= 20].sum()), FLOOR)
    return {
        "level.std": float(level[audible].std()) if audible.any() else 0.0,
        "level.range": float(np.percentile(level, 95) - np.percentile(level, 10)),
        "quiet": float(1 - audible.mean()),
        "low_energy": float((root < 0.5 * root.mean()).mean()),
        "modulation.4hz": float(modulation[(hz >= 2.5) & (hz <= 7)].sum() / total),
        "modulation.slow": float(modulation[hz < 1].sum() / total),
        "envelope.centre": centre,
        "envelope.spread": float(np.sqrt((share * (place - centre) ** 2).sum())),
        "envelope.attack": float(np.argmax(energy) / max(len(energy) - 1, 1)),
    }


def _voice(speech: npt.NDArray[np.floating]) -> dict[str, float]:
    if not len(speech):
        speech = np.zeros(1)
    spoken = speech > 0.5
    return {
        "vad.mean": float(speech.mean()),
        "vad.std": float(speech.std()),
        "vad.max": float(speech.max()),
        "vad.over2": float((speech > 0.2).mean()),
        "vad.over5": float(spoken.mean()),
        "vad.turns": float(np.abs(np.diff(spoken.astype(np.int8))).sum() / len(speech)),
    }


def figures(pcm: npt.NDArray[np.int16], speech: npt.NDArray[np.floating]) -> dict[str, float]:
    """About seventy named figures of one stretch (best 2 to 8 s) of sound.

    Args:
        pcm: samples, shape (n,), 16 kHz.
        speech: speech probabilities over the same stretch, any step.
    """
    power = spectra(pcm)
    mel = log_mel(power)
    energy = power.mean(axis=1)
    loud = energy >= energy.max() * 1e-4  # in digital silence every frame is as loud as the loudest
    heard, tones = power[loud] + FLOOR, mel[loud]
    cepstra = tones @ _cosines()
    out: dict[str, float] = {}
    for index in range(1, 13):
        out |= _moments(f"mfcc{index}", cepstra[:, index])
    change = np.diff(cepstra, axis=0) if len(cepstra) > 1 else np.zeros((1, 13), dtype=np.float32)
    out |= {f"delta{index}.std": float(change[:, index].std()) for index in range(1, 7)}

    total = heard.sum(axis=1)
    hz = frequencies()
    centroid = heard @ hz / total
    out |= _moments("centroid", centroid / 1000)
    out |= _moments("bandwidth", np.sqrt(np.maximum(0, heard @ hz**2 / total - centroid**2)) / 1000)
    out |= _moments("rolloff", hz[(heard.cumsum(axis=1) >= 0.85 * total[:, None]).argmax(axis=1)] / 1000)
    flatness = np.log(heard).mean(axis=1) - np.log(heard.mean(axis=1))
    out |= _moments("flatness", flatness)
    shape = np.sqrt(heard / total[:, None])
    flux = np.sqrt(((shape[1:] - shape[:-1]) ** 2).sum(axis=1)) if len(shape) > 1 else np.zeros(1)
    out |= _moments("flux", flux)
    signs = np.signbit(np.asarray(pcm, dtype=np.int16))
    crossings = np.abs(np.diff(signs.astype(np.int8)))
    blocks = (
        crossings[: len(crossings) // HOP * HOP].reshape(-1, HOP).mean(axis=1) if len(crossings) >= HOP else crossings
    )
    out |= _moments("zero_crossing", blocks if len(blocks) else np.zeros(1))

    out |= _rhythm(onset_envelope(mel))
    out |= _envelope(energy)

    chroma = heard @ chroma_map()
    chroma = chroma / np.maximum(chroma.sum(axis=1, keepdims=True), FLOOR)
    profile = chroma.mean(axis=0)
    out["chroma.peak"] = float(profile.max())
    out["chroma.entropy"] = float(-(profile * np.log(profile + FLOOR)).sum())
    out["chroma.frame"] = float(-(chroma * np.log(chroma + FLOOR)).sum(axis=1).mean())
    lag = 6  # about 100 ms: a held tone is still there, a syllable is not
    kept = (shape[lag:] * shape[:-lag]).sum(axis=1) if len(shape) > lag else np.ones(1)
    out |= _moments("held", kept)
    peaky = heard.max(axis=1) / total
    out |= _moments("peak", np.log(peaky))
    height, pitch = _harmonicity(pcm)
    out |= _moments("harmonic", height)
    voiced = height > 0.6
    out["voiced"] = float(voiced.mean())
    tone = 12 * np.log2(pitch[voiced] / 440.0) if voiced.any() else np.zeros(1)
    out["pitch.std"] = float(tone.std())
    out["pitch.step"] = float(np.abs(np.diff(tone)).mean()) if len(tone) > 1 else 0.0
    return out | _voice(speech)


def stretches(seconds: float, length: float = 6.0) -> list[tuple[float, float]]:
    """Cut [0, seconds) into equal stretches of at most `length` seconds (one for anything shorter)."""
    count = max(1, int(np.ceil(seconds / length - 1e-9)))
    edges = np.linspace(0, seconds, count + 1)
    return [(float(a), float(b)) for a, b in itertools.pairwise(edges)]


def speech_of(probabilities: Floats, step: float, start: float, end: float) -> Floats:
    """The part of the speech probabilities that lies in [start, end)."""
    return probabilities[int(start / step) : max(int(np.ceil(end / step)), int(start / step) + 1)]
