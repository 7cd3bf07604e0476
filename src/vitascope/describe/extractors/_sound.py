"""How it sounds: tempo, key, brightness, and a vector by which excerpts of one recording are neighbours.

Tempo: autocorrelation of the onset envelope under a log-normal prior around 120 (Ellis, "Beat tracking by dynamic
programming", 2007). Key: correlation of the chroma profile with the Krumhansl-Kessler profiles (1982).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Signal, SignalKind
from vitascope.describe import _dsp
from vitascope.describe.extractors._audio_kind import SILENT, coefficients, standardised
from vitascope.describe.extractors._work import Found, Work, own, pack_vector

MOST = 120.0
"""Seconds, taken from the middle, that tempo and key are made from."""

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_NOTES = ("A", "A#", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#")


def tempo(onsets: npt.NDArray[np.float32]) -> tuple[float, float] | None:
    """Beats a minute and how clear the pulse is (0..1); None under 4 s or without any onset."""
    if len(onsets) < 4 * _dsp.FRAME_RATE:
        return None
    centred = onsets - onsets.mean()
    energy = float((centred**2).sum())
    if energy < 1e-9:
        return None
    size = 1 << (2 * len(centred) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    correlation = np.fft.irfft(spectrum)[: len(centred)] / energy
    low, high = int(_dsp.FRAME_RATE * 60 / 210), int(_dsp.FRAME_RATE * 60 / 45)
    lags = np.arange(low, min(high, len(correlation) - 2) + 1)
    bpm = 60 * _dsp.FRAME_RATE / lags
    prior = np.exp(-0.5 * (np.log2(bpm / 120.0) / 0.9) ** 2)
    doubled = np.minimum(2 * lags, len(correlation) - 1)
    place = int(np.argmax((correlation[lags] + 0.5 * correlation[doubled]) * prior))
    lag = int(lags[place])
    left, middle, right = correlation[lag - 1 : lag + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if abs(bend) > 1e-9 else 0.0
    exact = 60 * _dsp.FRAME_RATE / (lag + float(np.clip(shift, -0.5, 0.5)))
    return exact, float(np.clip(middle, 0, 1))


def fine_chroma(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """Pitch class profile, A first, from quarter-second spectra (4 Hz bins), 110 Hz to 1.8 kHz, loudness compressed."""
    size = 4096
    samples = np.pad(np.asarray(pcm, dtype=np.float32), (0, max(0, size - len(pcm))))
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    spectrum = np.log1p(np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)) / 1e4)
    hz = np.fft.rfftfreq(size, 1 / _dsp.RATE)
    used = (hz > 110) & (hz < 1_800)
    classes = np.round(12 * np.log2(hz[used] / 440.0)).astype(int) % 12
    total = np.bincount(classes, weights=spectrum[:, used].mean(axis=0), minlength=12)
    profile: npt.NDArray[np.float64] = total / np.maximum(np.bincount(classes, minlength=12), 1)
    return profile


def key(chroma: npt.NDArray[np.floating]) -> tuple[str, float]:
    """The key that fits best ("A minor") and the correlation; pitch class 0 is A."""
    best = ("", -1.0)
    for name, profile in (("major", _MAJOR), ("minor", _MINOR)):
        for tonic in range(12):
            fit = float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1])
            if fit > best[1]:
                best = (f"{_NOTES[tonic]} {name}", fit)
    return best


def mel_shape(mel: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Mean (level taken out) and deviation of each mel band over what is heard, shape (80,)."""
    level = mel.mean(axis=1)
    heard = mel[level > level.max() - 8]
    return np.concatenate([heard.mean(axis=0) - heard.mean(), heard.std(axis=0)]).astype(np.float64)


def sound_rows(pcm: npt.NDArray[np.int16], stretch: float) -> list[npt.NDArray[np.float64]]:
    """Standard scores of the figures of each stretch that is not silent; those of the voice are not meant to be used."""
    cuts = [pcm[int(a * _dsp.RATE) : int(b * _dsp.RATE)] for a, b in _dsp.stretches(len(pcm) / _dsp.RATE, stretch)]
    return [standardised(_dsp.figures(c, np.zeros(1))) for c in cuts if len(c) >= 160 and _heard(c)]


def _heard(pcm: npt.NDArray[np.int16]) -> bool:
    return bool(np.sqrt(np.mean(np.asarray(pcm, np.float32) ** 2)) >= SILENT)


def sound_vector(mel: npt.NDArray[np.float32], rows: list[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Log-mel means and deviations (level taken out) beside the mean figures, each as standard scores of many sounds."""
    table = coefficients()["sound_vector"]
    raw = mel_shape(mel)
    scores = np.clip((raw - np.asarray(table["mean"])) / np.asarray(table["scale"]), -3, 3)
    figures = np.clip(np.mean(rows, axis=0), -3, 3) if rows else np.zeros(len(coefficients()["names"]))
    voice = np.array([not n.startswith(("vad.", "envelope.")) for n in coefficients()["names"]])
    return np.concatenate([scores, figures[voice]])


class Sound:
    """Tempo, key, named figures of the timbre and the sound vector."""

    name, version = "sound", "2"
    roles: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    missing = "how it sounds"

    def wanted(self, work: Work) -> bool:
        """Sound."""
        return work.probe.has_audio

    def options(self, work: Work) -> dict[str, str]:
        """Stretch length and the version of the standard scores."""
        return {"stretch": str(work.config.stretch_seconds), "coefficients": str(coefficients()["version"])}

    def __call__(self, work: Work) -> Found:
        """Signals: tempo (score = beats a minute, label = clarity), timbre figures, key. Vector: sound."""
        start = max(0.0, (work.seconds - MOST) / 2)
        pcm = np.asarray(work.pcm[int(start * _dsp.RATE) : int((start + MOST) * _dsp.RATE)])
        if len(pcm) < 1_600 or not _heard(pcm):
            return Found((), (own(self, note="silent or too short to say how it sounds"),))
        power = _dsp.spectra(pcm)
        mel = _dsp.log_mel(power)
        signals: list[Signal] = []
        beat = tempo(_dsp.onset_envelope(mel))
        if beat is not None:
            signals.append(Signal(kind=SignalKind.TEMPO, value="bpm", label=f"{beat[1]:.2f}", score=round(beat[0], 1)))
        rows = sound_rows(pcm, work.config.stretch_seconds)
        means = dict(zip(coefficients()["names"], np.mean(rows, axis=0), strict=True))
        table = coefficients()
        for position, name in enumerate(table["names"]):
            if name in SPOKEN_OF:
                value = float(means[name] * table["scale"][position] + table["mean"][position])
                signals.append(Signal(kind=SignalKind.TIMBRE, value=name, score=round(value, 4)))
        tonic, fit = key(fine_chroma(pcm))
        if fit > 0.6:
            signals.append(Signal(kind=SignalKind.TIMBRE, value="key", label=tonic, score=round(fit, 3)))
        return Found(tuple(signals), (own(self, **self.options(work)),), pack_vector(sound_vector(mel, rows)))


SPOKEN_OF = (
    "centroid.mean",
    "rolloff.mean",
    "flatness.mean",
    "zero_crossing.mean",
    "flux.mean",
    "level.range",
    "level.std",
    "pulse",
    "onset.peaks",
    "harmonic.mean",
    "held.mean",
)
"""Figures that are kept by name."""
