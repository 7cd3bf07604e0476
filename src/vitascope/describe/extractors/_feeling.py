"""How lively a voice sounds: arousal from pitch and from the balance of its spectrum, stretch by stretch.

A raised voice is higher and has more of its power above 500 Hz; a subdued one is low and dull (Bone, Lee and Narayanan,
"Robust unsupervised arousal rating", IEEE Transactions on Affective Computing 5(2), 2014, whose rule takes the mean of how
far each figure lies from a neutral baseline). The baseline here is that of many neutral speakers
(`data/voice_feeling.json`, made by benchmarks/describe/voice_feeling.py, which reports what it tells apart). Whether a
lively voice is glad or angry cannot be heard this way: only words tell, where there are words.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Signal, SignalKind
from vitascope.base.mapped import let_go
from vitascope.describe import _dsp
from vitascope.describe.extractors._voice import voice_of
from vitascope.describe.extractors._work import Found, Work, evenly, own, span

AROUSAL = "arousal of the voice"
"""Value of the signals; `score` is 0 (subdued) to 1 (lively), .5 that of neutral speech."""
SHORTEST, LONGEST = 0.8, 10.0
"""Seconds of one stretch."""
MOST = 240
"""Stretches that are listened to, evenly spread."""
_FRAME, _HOP = 1024, 768
_OCTAVE = 0.85


@cache
def baseline() -> dict[str, Any]:
    """`version`, and mean and deviation of `pitch` (semitones above 100 Hz) and `tilt` (dB) in neutral speech."""
    text = resources.files("vitascope.describe").joinpath("data/voice_feeling.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def _pitch(pcm: npt.NDArray[np.int16]) -> tuple[_dsp.Floats, _dsp.Floats]:
    """Per frame: height of the autocorrelation peak between 70 and 450 Hz, and that pitch in Hz.

    A voice repeats at every multiple of its period as well: the shortest lag that is a peak nearly as high as the highest
    (`_OCTAVE` of it) is the period.
    """
    low, high = _dsp.RATE // 450, _dsp.RATE // 70
    correlation = _dsp.autocorrelation(pcm)[:, low - 1 : high + 1]
    middle = correlation[:, 1:-1]
    peak = (middle >= correlation[:, :-2]) & (middle >= correlation[:, 2:])
    peaks = np.where(peak, middle, -1.0)
    lag = (peaks >= _OCTAVE * peaks.max(axis=1, keepdims=True)).argmax(axis=1)
    return peaks[np.arange(len(lag)), lag], _dsp.RATE / (lag + low)


def voice_figures(pcm: npt.NDArray[np.int16]) -> dict[str, float] | None:
    """Pitch (median, semitones above 100 Hz) and tilt (power of 0.5 to 4 kHz over that of 80 to 500 Hz, dB) where voiced.

    None where fewer than six frames (0.3 s) are voiced.
    """
    if len(pcm) < _FRAME:
        return None
    samples = np.asarray(pcm, dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    height, pitch = _pitch(pcm)
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME).astype(np.float32), axis=1)) ** 2
    hz = np.fft.rfftfreq(_FRAME, 1 / _dsp.RATE)
    energy = power.sum(axis=1)
    voiced = (height > 0.5) & (energy > energy.max() * 1e-3)
    if voiced.sum() < 6:
        return None
    low = power[voiced][:, (hz >= 80) & (hz < 500)].sum()
    high = power[voiced][:, (hz >= 500) & (hz < 4_000)].sum()
    return {
        "pitch": float(np.median(12 * np.log2(pitch[voiced] / 100.0))),
        "tilt": float(10 * np.log10((high + 1.0) / (low + 1.0))),
    }


def arousal(figures: dict[str, float]) -> float:
    """0 to 1: the logistic of the mean standard score of pitch and tilt; .5 is a neutral voice."""
    table = baseline()
    scores = [
        np.clip((figures[name] - table[name]["mean"]) / table[name]["deviation"], -3, 3) for name in ("pitch", "tilt")
    ]
    return float(1 / (1 + np.exp(-2 * np.mean(scores))))


class Feeling:
    """How lively the voices are."""

    name, version = "feeling", "1"
    roles: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ("voice", "audio_kind")
    reads: ClassVar = {"voice": (SignalKind.SOUND,), "audio_kind": (SignalKind.AUDIO_KIND,)}
    missing = "how lively a voice is"

    def wanted(self, work: Work) -> bool:
        """Somebody speaks."""
        return work.probe.has_audio and bool(voice_of(work))

    def options(self, work: Work) -> dict[str, str]:
        """The version of the baseline."""
        return {"baseline": str(baseline()["version"])}

    def __call__(self, work: Work) -> Found:
        """Signals: mood "arousal of the voice" for each spoken stretch that is speech, not song."""
        song = [
            s.span
            for s in work.signals("audio_kind", SignalKind.AUDIO_KIND)
            if s.value == "speech" and s.score < 0.5 and s.span is not None
        ]
        cuts = [
            (float(voice.start) + a, float(voice.start) + b)
            for voice in voice_of(work)
            for a, b in _dsp.stretches(float(voice.end - voice.start), LONGEST)
            if b - a >= SHORTEST
        ]
        spoken = [c for c in cuts if not any(float(s.start) <= sum(c) / 2 < float(s.end) for s in song)]
        signals: list[Signal] = []
        for start, end in evenly(spoken, MOST):
            let_go(work.pcm)
            found = voice_figures(np.asarray(work.pcm[int(start * _dsp.RATE) : int(end * _dsp.RATE)]))
            if found is None:
                continue
            told = f"{100 * 2 ** (found['pitch'] / 12):.0f} Hz, tilt {found['tilt']:.0f} dB"
            signals.append(
                Signal(
                    kind=SignalKind.MOOD,
                    value=AROUSAL,
                    label=told,
                    span=span(start, end),
                    score=round(arousal(found), 3),
                )
            )
        return Found(tuple(signals), (own(self, **self.options(work)),))
