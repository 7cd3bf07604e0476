"""How well are hard cuts and fades found under compression, flashes, pans and fast motion?

    python -m benchmarks.describe.cuts        # writes benchmarks/reports/cuts.md

Films with known transitions are made of real uncut clips (cuts_made.py; seeded). The clips are halved by a hash of their name:
settings were chosen on half 1, the figures that count are those of half 0. PySceneDetect's detectors (adaptive for cuts,
threshold for fades), fed from the same decode, stand beside.
"""

from __future__ import annotations

import datetime
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.describe.cuts_made import Clip, Film, Transition, beside, films
from benchmarks.referee import half_of, media_folder, rows_of
from vitascope.backends.media import _picture as look
from vitascope.backends.media._shots import ShotFinder

REPORT = Path(__file__).parents[1] / "reports" / "cuts.md"
SEED = 7
TUNED, JUDGED = 1, 0
TOLERANCE = 0.12
"""Seconds: the referee's."""


class SceneDetect:
    """PySceneDetect's adaptive detector for cuts and its threshold detector for fades, with their usual settings."""

    def __init__(self, rate: float) -> None:
        from scenedetect.common import FrameTimecode
        from scenedetect.detectors.adaptive_detector import AdaptiveDetector
        from scenedetect.detectors.threshold_detector import ThresholdDetector

        self._code, self._rate, self._times = FrameTimecode, rate, list[Fraction]()
        short = max(1, round(0.4 * rate))
        self._all: list[Any] = [
            AdaptiveDetector(adaptive_threshold=3.0, min_scene_len=short, min_content_val=15.0),
            ThresholdDetector(threshold=12, min_scene_len=short),
        ]
        self._found: set[int] = set()

    def feed(self, time: Fraction, small: look.Image) -> None:
        """Add a frame."""
        code = self._code(len(self._times), fps=self._rate)
        self._times.append(time)
        for detector in self._all:
            self._found |= {int(cut.frame_num) for cut in detector.process_frame(code, small)}

    def starts(self) -> list[float]:
        """Where shots begin, the first left out; at least 0.4 s apart."""
        code = self._code(len(self._times) - 1, fps=self._rate)
        self._found |= {int(cut.frame_num) for cut in self._all[0].post_process(code)}
        out = [0.0]
        for index in sorted(self._found):
            if 0 < index < len(self._times) and self._times[index] - Fraction(out[-1]) >= Fraction(2, 5):
                out.append(float(self._times[index]))
        return out[1:]


def found(path: Path) -> tuple[list[float], list[float], float]:
    """(ours, PySceneDetect's, seconds): shot starts of a file by both detectors from one decode."""
    import av

    scaler = look.Scaler()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = min(float(stream.average_rate or 25), 70.0)
        ours, theirs = ShotFinder(rate), SceneDetect(rate)
        at, zero, step = Fraction(0), None, Fraction(1) / Fraction(rate).limit_denominator(1000)
        for frame in container.decode(stream):
            now = Fraction(frame.pts or 0) * (frame.time_base or step)
            zero = now if zero is None else zero
            at = now - zero
            small = scaler.bgr(frame, look.SMALL_WIDTH, 0, fast=True)
            ours.feed(at, small)
            theirs.feed(at, small)
        end = at + step
    return [float(s.start) for s in ours.shots(end)][1:], theirs.starts(), float(end)


def counted(known: Iterable[Transition], said: list[float]) -> tuple[int, int, int]:
    """(hit, missed, false). One boundary may answer each transition: within 0.12 s of a cut, or of the stretch of a fade."""
    left, hit, missed = list(said), 0, 0
    for one in known:
        near = [t for t in left if one.start - TOLERANCE <= t <= one.end + TOLERANCE]
        if near:
            left.remove(near[0])
            hit += 1
        else:
            missed += 1
    return hit, missed, len(left)


def f1(counts: Iterable[tuple[int, int, int]]) -> float:
    """Over all of them together."""
    hit, missed, false = (sum(c) for c in zip(*counts, strict=True))
    return 2 * hit / max(2 * hit + missed + false, 1)


Row = tuple[Film, tuple[int, int, int], tuple[int, int, int]]


def measured(one: Film) -> Row:
    """A film with the counts of ours and of PySceneDetect's."""
    ours, theirs, _ = found(one.path)
    return one, counted(one.transitions, ours), counted(one.transitions, theirs)


def real(media: Path) -> tuple[int, list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    """The clips of media/dev/video of which the referee knows every cut, or that there is none: (files, ours, theirs)."""
    ours, theirs = [], []
    for row in rows_of(media, "video"):
        labels = dict(p.split("=", 1) for p in row["labels"].split(";") if "=" in p)
        if "cuts_s" not in labels and labels.get("cuts") != "none":
            continue
        known = [Transition("cut", t, t) for t in map(float, filter(None, labels.get("cuts_s", "").split(",")))]
        one, other, seconds = found(media / row["path"])
        ours.append(counted(known, _inside(one, seconds)))
        theirs.append(counted(known, _inside(other, seconds)))
    return len(ours), ours, theirs


def _inside(said: list[float], seconds: float) -> list[float]:
    """Those that are neither at the start nor at the end."""
    return [t for t in said if TOLERANCE < t < seconds - TOLERANCE]


def main() -> None:
    """Make, measure, report."""
    import av
    import cv2

    av.logging.set_level(None)
    cv2.setNumThreads(1)
    media = media_folder()
    uncut = [r["path"] for r in rows_of(media, "video") if "cuts=none" in r["labels"].split(";")]
    sources: dict[int, list[Clip]] = {}
    rows: dict[int, list[Row]] = defaultdict(list)
    more: list[tuple[str, Row]] = []
    for half in (TUNED, JUDGED):
        sources[half] = [Clip(media / path) for path in uncut if half_of(path) == half]
        with tempfile.TemporaryDirectory(prefix="cuts-") as folder:
            for one in films(sources[half], Path(folder), SEED + 1_000 * half):
                rows[half].append(measured(one))
                print(one.condition, one.kind, rows[half][-1][1:], flush=True)
            if half == JUDGED:
                more = [(name, measured(one)) for name, one in beside(sources[half], Path(folder), SEED + 500)]
    REPORT.write_text(_report(sources, rows, more, real(media)), encoding="utf-8")
    print(REPORT.read_text("utf-8"))


def _report(
    sources: dict[int, list[Clip]],
    rows: dict[int, list[Row]],
    more: list[tuple[str, Row]],
    clips: tuple[int, list[tuple[int, int, int]], list[tuple[int, int, int]]],
) -> str:
    def both(half: int, kind: str) -> str:
        chosen = [r for r in rows[half] if r[0].kind == kind]
        return f"{f1(r[1] for r in chosen):.3f} | {f1(r[2] for r in chosen):.3f}"

    known = {
        (h, k): sum(len(r[0].transitions) for r in rows[h] if r[0].kind == k) for h in rows for k in ("cut", "fade")
    }
    lines = "\n".join(
        f"| {film.condition} | {film.kind}s | {len(film.transitions)} | {film.seconds:.0f} | {f1([ours]):.3f} | "
        f"{ours[1]} | {ours[2]} | {f1([theirs]):.3f} | {theirs[1]} | {theirs[2]} |"
        for film, ours, theirs in rows[JUDGED]
    )
    extra = "\n".join(
        f"| {name} | {len(film.transitions)} | {f1([ours]):.3f} | {ours[1]} | {ours[2]} | {f1([theirs]):.3f} |"
        for name, (film, ours, theirs) in more
    )
    count, ours, theirs = clips
    cuts, fades = known[JUDGED, "cut"], known[JUDGED, "fade"]
    return f"""# Cuts and fades, made by script

    python -m benchmarks.describe.cuts

{datetime.date.today()}, seed {SEED}. Films of 320 x 180 pixels at 25 a second are put together from uncut real clips; each
film has one condition and one kind of transition. Sources are halved by a hash of their path: {len(sources[TUNED])} clips on
which the settings were chosen, {len(sources[JUDGED])} on which they are judged ({cuts} cuts and {fades} fades). A cut counts if
a boundary lies within {TOLERANCE} s of it, a fade if one boundary lies between its last and its next full picture (the same
tolerance added); every other boundary is false. Fades go through black (three of four) or white. Neighbouring shots show
different places.

| F1 | transitions | here | PySceneDetect (adaptive + threshold) |
| --- | --- | --- | --- |
| **hard cuts, judged half** | {cuts} | {both(JUDGED, "cut")} |
| **fades, judged half** | {fades} | {both(JUDGED, "fade")} |
| hard cuts, half that settings were chosen on | {known[TUNED, "cut"]} | {both(TUNED, "cut")} |
| fades, half that settings were chosen on | {known[TUNED, "fade"]} | {both(TUNED, "fade")} |
| media/dev/video by the referee's rule ({count} files) | {sum(a + b for a, b, _ in ours)} | {f1(ours):.3f} | {f1(theirs):.3f} |

Judged half, film by film:

| condition | kind | known | seconds | F1 here | missed | false | F1 PySceneDetect | missed | false |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
{lines}

Beside the bars, same half: dissolves are not sought (a shot that dissolves into another counts as one where no picture differs
sharply from the one before), and cuts between people who sign before one and the same wall are the hardest that these media hold.

| what | known | F1 here | missed | false | F1 PySceneDetect |
| --- | --- | --- | --- | --- | --- |
{extra}
"""


if __name__ == "__main__":
    main()
