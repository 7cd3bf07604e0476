"""Whether the sound or the picture of an asset holds anything at all: silence, a steady tone, black, one colour, a still
picture, a test card.

Takes one asset's decode, gives signals with the figures that were measured. What follows from them for the item (it is kept
out of lists or not) is `describe._empty`'s to say.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Signal, SignalKind
from vitascope.base.ports.models import Picture
from vitascope.describe.extractors._work import Work, span

LEAST = 0.5
"""Seconds below which nothing is said of a stretch: one dark picture is no black film."""
STILL = 6.0
"""Change of a field (of 255) below which a picture stands still. Noise of lossy codecs moved one by up to 4; of real clips
the calmest (water, a park) moved one by 13."""
BLACK = 6.0
"""Mean light (of 255) below which a picture is black."""
HEARD = 0.01
"""Share of the time, and at most a second of it, that may be audible in a silent file: a click where it was cut."""
_WINDOW = 4_096
_BARS = "WYCGMRB"
"""Order of colour bars of SMPTE EG 1, RP 219 and EBU Tech 3325: white, yellow, cyan, green, magenta, red, blue."""
_NAMES = {0b111: "W", 0b110: "Y", 0b011: "C", 0b010: "G", 0b101: "M", 0b100: "R", 0b001: "B", 0b000: "K"}


def hollow(work: Work) -> list[Signal]:
    """Signals of kind EMPTY: value silent | tone | black | blank | still | test card, label = what was measured."""
    seconds = float(work.decoded.duration)
    if seconds < LEAST:
        return []
    found: list[tuple[str, str]] = []
    sound = _sound(work)
    if sound:
        found.append(sound)
    found += _picture(work)
    whole = span(0.0, seconds)
    return [Signal(kind=SignalKind.EMPTY, value=value, label=label, span=whole) for value, label in found]


# --- sound


def _sound(work: Work) -> tuple[str, str] | None:
    decoded = work.decoded
    if decoded.audio is None or work.seconds < LEAST:
        return None
    audible = decoded.audible or 0.0
    peak = decoded.loudness.peak if decoded.loudness else None
    if audible <= min(1.0, HEARD * work.seconds) and not (audible == 0 and peak is not None and peak > -50):
        # (two channels that cancel each other out in the mix are no silence: their peaks are high)
        level = "digital silence" if peak is None else f"its peak is {peak:.0f} dBFS"
        return "silent", f"{audible:.1f} of {work.seconds:.1f} s are above -65 dBFS; {level}"
    tone = steady_tone(work.pcm)
    return ("tone", f"one steady tone of {tone:.0f} Hz throughout") if tone else None


def steady_tone(pcm: npt.NDArray[np.int16], looks: int = 24) -> float | None:
    """Frequency in Hz of the one tone that a sound consists of from end to end; None where there is more to hear."""
    if len(pcm) < 2 * _WINDOW:
        return None
    hann = np.hanning(_WINDOW).astype(np.float32)
    peaks, levels = [], []
    for start in np.linspace(0, len(pcm) - _WINDOW, looks).astype(int):
        power = np.abs(np.fft.rfft(np.asarray(pcm[start : start + _WINDOW], np.float32) * hann)) ** 2
        power[:4] = 0  # a constant offset is no tone
        total, top = float(power.sum()), int(power.argmax())
        if total <= 0 or float(power[max(0, top - 3) : top + 4].sum()) < 0.97 * total:
            return None
        peaks.append(top)
        levels.append(total)
    if max(peaks) - min(peaks) > 1 or max(levels) > 1.6 * min(levels):
        return None
    return float(np.median(peaks)) * 16_000 / _WINDOW


# --- picture


def _picture(work: Work) -> list[tuple[str, str]]:
    decoded = work.decoded
    if not decoded.frames or decoded.moved is None or decoded.brightest is None:
        return []
    found: list[tuple[str, str]] = []
    still = decoded.moved < STILL
    if decoded.brightest < BLACK:
        found.append(("black", f"the brightest picture has a mean light of {decoded.brightest:.1f} of 255"))
    else:
        pictures = [work.picture(f) for f in work.looked_at]
        bars = [colour_bars(p) for p in pictures]
        if all(bars):
            found.append(("test card", f"colour bars in all {len(bars)} pictures that were looked at"))
        elif still and all(float(p.std(axis=(0, 1)).max()) < 4 for p in pictures):
            colour = "#" + "".join(f"{round(float(c)):02x}" for c in pictures[0].mean(axis=(0, 1)))
            found.append(("blank", f"one colour ({colour}) throughout"))
    if still:
        found.append(("still", f"no field of the picture changes by more than {decoded.moved:.1f} of 255"))
    return found


def colour_bars(picture: Picture) -> bool:
    """Whether a picture shows the usual colour bars: their seven colours in their order, upright, in its upper half."""
    height = picture.shape[0]
    band = picture[height // 8 : max(height // 8 + 1, height * 9 // 20)].astype(np.float32)
    columns = np.median(band, axis=0)  # (width, 3)
    same = (np.abs(band - columns).max(axis=2) < 30).mean()
    top = float(columns.max())
    if same < 0.75 or top < 100:
        return False
    on = columns > 0.45 * top
    codes = on[:, 0] * 4 + on[:, 1] * 2 + on[:, 2] * 1
    edges = np.flatnonzero(np.diff(codes)) + 1
    runs = [(int(part[0]), len(part)) for part in np.split(codes, edges)]
    wide = [_NAMES[code] for code, length in runs if length >= len(codes) / 25]
    order = "".join(name for i, name in enumerate(wide) if i == 0 or name != wide[i - 1])
    return _BARS in order
