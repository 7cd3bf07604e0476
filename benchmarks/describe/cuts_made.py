"""Makes films with known cuts and fades out of real clips without any: by script, seeded.

Takes the clips of media/dev/video that hold one uncut shot, gives a film file and the exact times of its transitions. A film has
one condition (how it was shot or stored) and one kind of transition, so that false alarms belong to a kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]
FPS = 25
WIDTH, HEIGHT = 320, 180
CONDITIONS = ("plain", "compressed", "flashes", "pans", "fast motion", "dark and grainy")
KINDS = ("cut", "fade")
"""What the bars are about."""


@dataclass(frozen=True)
class Transition:
    """A known one, in seconds: a cut has start = end; others run from the last full picture to the next full one."""

    kind: str
    start: float
    end: float


@dataclass(frozen=True)
class Film:
    """A made film."""

    path: Path
    condition: str
    kind: str
    transitions: tuple[Transition, ...]
    seconds: float


class Clip:
    """A source: its pictures at 25 a second, upright, cut to 16:9, larger than needed by a third so that a camera can pan."""

    LARGE = (int(WIDTH * 4 / 3), int(HEIGHT * 4 / 3))

    def __init__(self, path: Path, most: float = 9.0) -> None:
        import av

        self.name = path.name
        self.scene = "asl" if path.name.startswith("asl__") else path.stem
        wanted, self.frames = Fraction(0), []
        with av.open(str(path)) as container:
            zero: Fraction | None = None
            for frame in container.decode(container.streams.video[0]):
                at = Fraction(frame.pts or 0) * (frame.time_base or Fraction(1, FPS))
                zero = at if zero is None else zero
                while at - zero >= wanted and len(self.frames) < most * FPS:
                    self.frames.append(self._made(frame))
                    wanted += Fraction(1, FPS)
                if len(self.frames) >= most * FPS:
                    break

    def _made(self, frame: Any) -> Frame:
        width, height = self.LARGE
        keep = min(frame.width / width, frame.height / height)
        scaled = frame.reformat(round(frame.width / keep), round(frame.height / keep), "rgb24").to_ndarray()
        top, left = (scaled.shape[0] - height) // 2, (scaled.shape[1] - width) // 2
        return np.ascontiguousarray(scaled[top : top + height, left : left + width])


def shot(clip: Clip, count: int, condition: str, random: np.random.Generator) -> list[Frame]:
    """`count` pictures of a clip under a condition."""
    step = int(random.integers(3, 6)) if condition == "fast motion" else 1
    first = int(random.integers(0, max(1, len(clip.frames) - count * step)))
    there_and_back = [*range(len(clip.frames)), *range(len(clip.frames) - 2, 0, -1)]
    frames = [clip.frames[there_and_back[(first + step * i) % len(there_and_back)]] for i in range(count)]
    windows = _windows(count, condition, random)
    out = [f[y : y + HEIGHT, x : x + WIDTH] for f, (x, y) in zip(frames, windows, strict=True)]
    if condition == "flashes":
        out = _flashed(out, random)
    if condition == "dark and grainy":
        gain = random.uniform(0.2, 0.45)
        out = [np.clip(f * gain + random.normal(0, 6, f.shape), 0, 255).astype(np.uint8) for f in out]
    return out


def _windows(count: int, condition: str, random: np.random.Generator) -> list[tuple[int, int]]:
    """Where the camera looks, per picture: still, panning (slow or whipping), or shaken."""
    width, height = Clip.LARGE
    free = np.array([width - WIDTH, height - HEIGHT], float)
    place = np.tile(free / 2, (count, 1))
    if condition == "pans":
        start, end = random.uniform(0, 1, 2) * free, random.uniform(0, 1, 2) * free
        start[0], end[0] = (0, free[0]) if random.random() < 0.5 else (free[0], 0)
        whip = random.random() < 0.5
        length = max(2, int(random.integers(5, 9)) if whip else count)
        begin = int(random.integers(0, max(1, count - length)))
        share = np.clip((np.arange(count) - begin) / length, 0, 1)[:, None]
        place = start + (end - start) * share
    if condition == "fast motion":
        place = np.clip(free / 2 + np.cumsum(random.normal(0, 4, (count, 2)), axis=0), 0, free)
    return [(int(x), int(y)) for x, y in place]


def _flashed(frames: list[Frame], random: np.random.Generator) -> list[Frame]:
    """A photographer's flash or two inside the shot: 1 to 4 pictures towards white, at least 0.3 s from its ends."""
    out = list(frames)
    for _ in range(int(random.integers(1, 3))):
        if len(frames) < 24:
            break
        begin, length = int(random.integers(8, len(frames) - 12)), int(random.integers(1, 5))
        for i in range(length):
            strength = random.uniform(0.6, 0.95) * (1 - i / (length + 1))
            out[begin + i] = (frames[begin + i] * (1 - strength) + 255 * strength).astype(np.uint8)
    return out


def joined(
    shots: list[list[Frame]], kind: str, random: np.random.Generator
) -> tuple[list[Frame], tuple[Transition, ...]]:
    """The shots one after another, and where one gives way to the next."""
    frames: list[Frame] = list(shots[0])
    found: list[Transition] = []
    for following in shots[1:]:
        if kind == "cut":
            at = len(frames) / FPS
            found.append(Transition("cut", at, at))
            frames += following
            continue
        if kind == "dissolve":
            length = int(random.integers(8, 25))
            start, over = (len(frames) - length - 1) / FPS, np.arange(1, length + 1) / (length + 1)
            mixed = [
                (a * (1 - s) + b * s).astype(np.uint8)
                for a, b, s in zip(frames[-length:], following[:length], over, strict=True)
            ]
            found.append(Transition("dissolve", start, start + (length + 1) / FPS))
            frames[-length:] = mixed
            frames += following[length:]
            continue
        ground = 255.0 if random.random() < 0.25 else 0.0
        out, into, hold = (int(random.integers(a, b)) for a, b in ((6, 20), (6, 20), (0, 6)))
        start = (len(frames) - out - 1) / FPS
        faded = [(frames[i - out] * (1 - (i + 1) / out) + ground * (i + 1) / out).astype(np.uint8) for i in range(out)]
        frames[-out:] = faded
        frames += [np.full((HEIGHT, WIDTH, 3), int(ground), np.uint8)] * hold
        rest = [(f * (i / into) + ground * (1 - i / into)).astype(np.uint8) for i, f in enumerate(following[:into])]
        found.append(Transition("fade", start, (len(frames) + into) / FPS))
        frames += rest + following[into:]
    return frames, tuple(found)


def made(
    path: Path, clips: list[Clip], condition: str, kind: str, shots: int, seed: int, one_place: bool = False
) -> Film:
    """One film. Neighbouring shots come from different scenes; with `one_place`, from different clips of the scene of most."""
    random = np.random.default_rng(seed)
    parts: list[list[Frame]] = []
    last = ""
    for _ in range(shots):
        if one_place:
            clip = [c for c in clips if c.name != last][int(random.integers(0, sum(c.name != last for c in clips)))]
            last = clip.name
        else:
            scenes = sorted({c.scene for c in clips} - {last})
            last = str(random.choice(scenes))
            clip = clips[int(random.choice([i for i, c in enumerate(clips) if c.scene == last]))]
        count = int(random.integers(20, 60) if kind == "cut" else random.integers(44, 76))
        parts.append(shot(clip, count, condition, random))
    frames, transitions = joined(parts, kind, random)
    _write(path, frames, condition)
    return Film(path, condition, kind, transitions, len(frames) / FPS)


def _write(path: Path, frames: list[Frame], condition: str) -> None:
    import av

    hard = condition == "compressed"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "42" if hard else "23", "preset": "veryfast", "g": "250", "sc_threshold": "0"}
        for number, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))


def films(clips: list[Clip], folder: Path, seed: int, cuts: int = 22, fades: int = 14) -> Iterator[Film]:
    """Every condition with every kind of transition: 6 x (21 cuts + 13 fades) by default."""
    for number, condition in enumerate(CONDITIONS):
        for kind, shots in (("cut", cuts), ("fade", fades)):
            name = f"{condition.replace(' ', '-')}-{kind}.mp4"
            yield made(folder / name, clips, condition, kind, shots, seed + 10 * number + KINDS.index(kind))


def beside(clips: list[Clip], folder: Path, seed: int) -> Iterator[tuple[str, Film]]:
    """What the bars leave out: dissolves, and cuts between people who sign one after another before one wall."""
    yield "dissolves", made(folder / "dissolve.mp4", clips, "plain", "dissolve", 27, seed)
    signers = [c for c in clips if c.scene == "asl"]
    if len(signers) > 1:
        yield "cuts in one place", made(folder / "place.mp4", signers, "plain", "cut", 27, seed + 1, one_place=True)
