"""Text on the screen. Reading costs about half a second a picture, so few are read: none twice, and a bounded number."""

from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np

from vitascope.base.content import ScreenText, Signal, SignalKind
from vitascope.base.media import FrameRef
from vitascope.base.ports.models import Picture, provenance
from vitascope.base.time import Span
from vitascope.describe._language import fold
from vitascope.describe._tidy import tidy
from vitascope.describe.extractors._work import Found, Work, evenly

SAME = 0.8
"""Two readings this alike (Ratcliff-Obershelp) are the same text, read twice."""


def thumb(picture: Picture) -> np.ndarray:
    """A 32 x 32 grey miniature, for telling whether anything changed."""
    height, width = picture.shape[:2]
    rows = np.linspace(0, height, 33).astype(int)
    columns = np.linspace(0, width, 33).astype(int)
    grey = picture.astype(np.float32).mean(axis=2)
    sums = np.add.reduceat(np.add.reduceat(grey, rows[:-1], axis=0), columns[:-1], axis=1)
    area = np.maximum(np.diff(rows), 1)[:, None] * np.maximum(np.diff(columns), 1)[None, :]
    small: np.ndarray = sums / area
    return small


class OnScreen:
    """On-screen text, the same text over neighbouring pictures joined to one."""

    name, version = "screen_text", "1"
    roles: tuple[str, ...] = ("screen",)
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    missing = "what stands on the screen"

    def wanted(self, work: Work) -> bool:
        """Moving pictures, and reading allowed."""
        return work.probe.has_video and work.config.screen_pictures > 0

    def options(self, work: Work) -> dict[str, str]:
        """How many pictures are read, and what is believed."""
        config = work.config
        return {
            "every": str(config.screen_every),
            "pictures": str(config.screen_pictures),
            "belief": str(config.screen_belief),
        }

    def chosen(self, work: Work) -> list[FrameRef]:
        """Pictures to read: `screen_every` apart, changed since the last, not blank, at most `screen_pictures`."""
        apart: list[FrameRef] = []
        for frame in work.decoded.frames:
            if (
                not apart
                or float(frame.time - apart[-1].time) >= work.config.screen_every - 0.05
                or frame.shot != apart[-1].shot
            ):
                apart.append(frame)
        out: list[FrameRef] = []
        last: np.ndarray | None = None
        for frame in evenly(apart, 3 * work.config.screen_pictures):
            small = thumb(work.picture(frame))
            if small.std() < 3.0 or (last is not None and float(np.abs(small - last).mean()) < 1.5):
                continue
            last = small
            out.append(frame)
        return list(evenly(out, work.config.screen_pictures))

    def __call__(self, work: Work) -> Found:
        """Signals: screen_text with its stretch and confidence."""
        model = work.models.screen
        assert model is not None
        record = provenance(f"{self.name}/{self.version}", model.info, **self.options(work))
        frames = self.chosen(work)
        lines: list[ScreenText] = []
        open_lines: dict[int, int] = {}
        for index, frame in enumerate(frames):
            end = frames[index + 1].time if index + 1 < len(frames) else max(work.decoded.duration, frame.time)
            seen: dict[int, int] = {}
            for line in model.read(work.picture(frame), Span(start=frame.time, end=max(end, frame.time))):
                text = tidy(line.text, 300)
                if line.score < work.config.screen_belief or sum(c.isalnum() for c in text) < 2:
                    continue
                place = self._same(text, lines, open_lines)
                if place is None:
                    place = len(lines)
                    lines.append(line.model_copy(update={"text": text}))
                else:
                    before = lines[place]
                    better = text if line.score > before.score else before.text
                    joined = Span(start=before.span.start, end=max(before.span.end, line.span.end))
                    lines[place] = ScreenText(span=joined, text=better, score=max(before.score, line.score))
                seen[place] = index
            open_lines = seen
        signals = [
            Signal(kind=SignalKind.SCREEN_TEXT, value=line.text, span=line.span, score=min(1.0, line.score))
            for line in lines
        ]
        return Found(tuple(signals), (record,))

    def _same(self, text: str, lines: list[ScreenText], open_lines: dict[int, int]) -> int | None:
        mine = fold(text)
        for place in open_lines:
            other = fold(lines[place].text)
            if mine == other or SequenceMatcher(None, mine, other).ratio() >= SAME:
                return place
        return None
