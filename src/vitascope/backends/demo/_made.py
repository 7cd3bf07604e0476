"""Clips that Vitascope makes itself where no package index can be reached: tones, chords, beats and moving shapes.

Takes a folder; gives small playable files (FLAC, WebM) made with ffmpeg's libraries, each titled and credited as made.
Nothing is spoken in them: recorded speech cannot be made here, and the demo says so.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import file_hash
from vitascope.base.items import ItemKind
from vitascope.base.ports.service import Progress, silent

from ._fetch import Haul
from ._table import Clip

_RATE = 48_000
_SIZE = (320, 180)
_FPS = 15
_SECONDS = 8.0

Sound = npt.NDArray[np.float32]
"""Samples in -1..1, mono, 48 kHz."""
Picture = npt.NDArray[np.uint8]
"""RGB, (height, width, 3)."""


@dataclass(frozen=True)
class _Recipe:
    id: str
    title: str
    group: str
    sound: Callable[[], Sound] | None = None
    picture: Callable[[float], Picture] | None = None
    """A picture of the time in seconds."""


def _tone(frequency: float, seconds: float, harmonics: int = 1) -> Sound:
    t = np.arange(int(seconds * _RATE)) / _RATE
    wave = sum(np.sin(2 * np.pi * frequency * k * t) / k for k in range(1, harmonics + 1))
    return np.asarray(wave, np.float32)


def _swell(sound: Sound, attack: float, release: float) -> Sound:
    n = len(sound)
    rise = np.minimum(1.0, np.arange(n) / max(1, attack * _RATE))
    fall = np.minimum(1.0, np.arange(n)[::-1] / max(1, release * _RATE))
    return np.asarray(sound * rise * fall, np.float32)


def _chords(root: float, steps: tuple[tuple[int, ...], ...]) -> Sound:
    """Slow soft chords: each a set of semitones over the root."""
    each = _SECONDS / len(steps)
    return np.concatenate(
        [
            _swell(
                np.asarray(sum(_tone(root * 2 ** (s / 12), each) for s in c), np.float32),
                0.6,
                0.8,
            )
            for c in steps
        ]
    )


def _beat(root: float, notes: tuple[int, ...], bpm: float) -> Sound:
    """Quick bright notes over a drum of noise on every beat."""
    step = 30.0 / bpm
    rng = np.random.default_rng(int(root))
    parts = []
    for i in range(int(_SECONDS / step)):
        note = _swell(_tone(root * 2 ** (notes[i % len(notes)] / 12), step, 6), 0.005, step * 0.7)
        if i % 2 == 0:
            n = len(note)
            note = note + rng.standard_normal(n).astype(np.float32) * np.exp(-np.arange(n) / (0.03 * _RATE)) * 0.8
        parts.append(np.asarray(note, np.float32))
    return np.concatenate(parts)


def _sweep(start: float, end: float, seconds: float, times: int = 1) -> Sound:
    """A gliding tone, `times` times."""
    n = int(seconds * _RATE)
    glide = np.geomspace(start, end, n)
    one = _swell(
        np.asarray(np.sign(np.sin(2 * np.pi * np.cumsum(glide) / _RATE)), np.float32),
        0.01,
        0.1,
    )
    gap = np.zeros(int(0.15 * _RATE), np.float32)
    return np.concatenate([one, gap] * times)


def _burst(seconds: float) -> Sound:
    n = int(seconds * _RATE)
    noise = np.random.default_rng(7).standard_normal(n)
    return np.asarray(np.cumsum(noise * np.exp(-np.arange(n) / (0.4 * _RATE))) / 60, np.float32)


def _grid() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    y, x = np.mgrid[0 : _SIZE[1], 0 : _SIZE[0]]
    return x.astype(np.float64), y.astype(np.float64)


def _bars(t: float) -> Picture:
    """Colour bars that wander."""
    x, _ = _grid()
    bar = ((x / _SIZE[0] * 8 + t) % 8).astype(int)
    colours = np.array([[(b >> k & 1) * 220 for k in range(3)] for b in range(8)], np.uint8)
    return np.asarray(colours[bar])


def _sunrise(t: float) -> Picture:
    """A sky that brightens over a dark hill."""
    x, y = _grid()
    sky = np.stack([120 + 15 * t - y / 3, 80 + 12 * t - y / 4, 140 - y / 3 + 4 * t], -1)
    sun = (x - 160) ** 2 + (y - 150 + 12 * t) ** 2 < 24**2
    sky[sun] = (250, 220, 120)
    sky[y > 140 + 8 * np.sin(x / 40)] = (20, 40, 25)
    return np.asarray(np.clip(sky, 0, 255), np.uint8)


def _ball(t: float) -> Picture:
    """A red ball that bounces on a green floor."""
    x, y = _grid()
    picture = np.full((_SIZE[1], _SIZE[0], 3), (200, 220, 250), np.uint8)
    picture[y > 150] = (60, 150, 60)
    height = 130 - 90 * abs(np.sin(t * 2.2))
    picture[(x - (40 + 30 * t) % 280) ** 2 + (y - height) ** 2 < 20**2] = (220, 40, 40)
    return picture


def _square(t: float) -> Picture:
    """A yellow square that turns."""
    x, y = _grid()
    c, s = np.cos(t), np.sin(t)
    u, v = (x - 160) * c + (y - 90) * s, (y - 90) * c - (x - 160) * s
    picture = np.full((_SIZE[1], _SIZE[0], 3), (30, 30, 80), np.uint8)
    picture[(abs(u) < 50) & (abs(v) < 50)] = (240, 210, 40)
    return picture


_RECIPES = (
    _Recipe(
        "made-chords-c",
        "Slow chords in C",
        "calm-music",
        lambda: _chords(130.8, ((0, 4, 7), (5, 9, 12))),
    ),
    _Recipe(
        "made-chords-a",
        "Slow chords in A minor",
        "calm-music",
        lambda: _chords(110.0, ((0, 3, 7), (8, 12, 15))),
    ),
    _Recipe(
        "made-chords-f",
        "Slow chords in F",
        "calm-music",
        lambda: _chords(174.6, ((0, 4, 7), (7, 11, 14), (0, 7))),
    ),
    _Recipe("made-drone", "A soft drone", "calm-music", lambda: _chords(98.0, ((0, 7, 12),))),
    _Recipe(
        "made-beat-120",
        "Quick notes, 120 bpm",
        "lively-music",
        lambda: _beat(261.6, (0, 4, 7, 12), 120),
    ),
    _Recipe(
        "made-beat-140",
        "Quick notes, 140 bpm",
        "lively-music",
        lambda: _beat(220.0, (0, 3, 7, 10), 140),
    ),
    _Recipe(
        "made-beat-150",
        "Quick notes, 150 bpm",
        "lively-music",
        lambda: _beat(293.7, (0, 7, 5, 7), 150),
    ),
    _Recipe(
        "made-beat-160",
        "Quick notes, 160 bpm",
        "lively-music",
        lambda: _beat(329.6, (0, 12, 7, 4), 160),
    ),
    _Recipe(
        "made-laser",
        "Falling glides (game sound)",
        "games",
        lambda: _sweep(2000, 200, 0.4, 3),
    ),
    _Recipe(
        "made-power-up",
        "Rising glides (game sound)",
        "games",
        lambda: _sweep(300, 1800, 0.5, 3),
    ),
    _Recipe("made-blips", "Blips (game sound)", "games", lambda: _sweep(900, 950, 0.12, 8)),
    _Recipe("made-burst", "A burst of noise (game sound)", "games", lambda: _burst(2.5)),
    _Recipe("made-bars", "Wandering colour bars (test pattern)", "world", None, _bars),
    _Recipe("made-sunrise", "A sun that rises over a hill", "world", None, _sunrise),
    _Recipe("made-ball", "A ball that bounces", "cartoon", None, _ball),
    _Recipe("made-square", "A square that turns", "cartoon", None, _square),
)


def make_clips(folder: Path, *, short: bool = False, progress: Progress = silent) -> Haul:
    """Make what is not there yet; every second clip for the short demo."""
    folder.mkdir(parents=True, exist_ok=True)
    recipes = _RECIPES[::2] if short else _RECIPES
    clips = []
    for done, recipe in enumerate(recipes):
        progress("make clips", done, len(recipes), recipe.title)
        path = folder / (recipe.id + (".webm" if recipe.picture else ".flac"))
        if not path.is_file():
            _write(recipe, path)
        clips.append(_clip(recipe, path))
    progress("make clips", len(recipes), len(recipes), "")
    return Haul(folder=folder, clips=tuple(clips), made=True)


def _clip(recipe: _Recipe, path: Path) -> Clip:
    return Clip(
        id=recipe.id,
        title=f"Made: {recipe.title}",
        creator="Vitascope demo",
        credit="Made on this machine by the Vitascope demo, because no package index could be reached",
        licence="CC0-1.0",
        licence_source="made here",
        group=recipe.group,
        kind=ItemKind.VIDEO if recipe.picture else ItemKind.AUDIO,
        seconds=_SECONDS,
        path=path.name,
        sha256=file_hash(path),
    )


def _write(recipe: _Recipe, path: Path) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".made-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        if recipe.picture:
            _write_video(recipe.picture, temporary)
        elif recipe.sound:
            _write_audio(recipe.sound(), temporary)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _write_audio(sound: Sound, path: str) -> None:
    import av

    peak = float(np.abs(sound).max()) or 1.0
    pcm = np.asarray(sound / peak * 0.6 * 32767, np.int16)[None, :]
    with av.open(path, "w", format="flac") as out:
        stream: Any = out.add_stream("flac", rate=_RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = _RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)


def _write_video(picture: Callable[[float], Picture], path: str) -> None:
    import av

    with av.open(path, "w", format="webm") as out:
        stream: Any = out.add_stream("libvpx", rate=_FPS)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = (
            *_SIZE,
            "yuv420p",
            400_000,
        )
        for i in range(int(_SECONDS * _FPS)):
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture(i / _FPS), format="rgb24")):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
