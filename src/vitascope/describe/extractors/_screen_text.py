"""Text on the screen.

The decoder says in which pictures strokes came to stand still (`Decoded.readings`); those are read, a bounded number of them,
and readings of one text in neighbouring pictures become one line with the stretch in which it stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction

from vitascope.base.content import ScreenText, Signal, SignalKind
from vitascope.base.media import FrameRef, ReadingRef
from vitascope.base.ports.models import provenance
from vitascope.base.time import Span
from vitascope.describe._language import CJK, fold
from vitascope.describe._tidy import tidy
from vitascope.describe.extractors._work import Found, Work, evenly, read_picture

SAME = 0.8
"""Two readings this alike (Ratcliff-Obershelp) are the same text, read twice."""
PART = 0.6
"""A reading that is this much of another, letter for letter, is the same text coming or going."""
SHORT = 3
"""Readings of at most so many letters and digits (of Chinese and the like: one less) must be nearly certain."""
SHORT_BELIEF = 0.95


def believed(text: str, score: float, belief: float) -> bool:
    """Whether a reading is text at all: specks, ticks and textures read as one or two sure-looking characters."""
    characters = [c for c in text if c.isalnum()]
    if len(characters) < 2 or score < belief:
        return False
    if len(set(characters)) == 1:  # a row of boxes, bars or rings
        return False
    short = len(characters) <= (SHORT - 1 if CJK.search(text) else SHORT)
    return score >= SHORT_BELIEF if short else True


@dataclass
class _Open:
    """A text that stood in the picture read last."""

    text: str
    score: float
    start: Fraction
    end: Fraction

    def take(self, text: str, score: float, end: Fraction) -> None:
        """Another reading of it. Gaps between words are easily overlooked and seldom invented: more words are better."""
        if squeezed(text) == squeezed(self.text):
            better = len(text.split()) > len(self.text.split()) or (
                len(text.split()) == len(self.text.split()) and score > self.score
            )
        elif squeezed(self.text) in squeezed(text) or squeezed(text) in squeezed(self.text):
            better = len(text) > len(self.text)
        else:
            better = score > self.score
        if better:
            self.text = text
        self.score, self.end = max(self.score, score), max(self.end, end)


def squeezed(text: str) -> str:
    """For comparing: folded, letters and digits alone."""
    return "".join(c for c in fold(text) if c.isalnum())


def same(one: str, other: str) -> bool:
    """Whether two readings are of one text."""
    a, b = sorted((squeezed(one), squeezed(other)), key=len)
    return (a in b and len(a) >= PART * len(b)) or SequenceMatcher(None, a, b).ratio() >= SAME


class OnScreen:
    """On-screen text, the same text over neighbouring pictures joined to one."""

    name, version = "screen_text", "2"
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

    def chosen(self, work: Work) -> list[ReadingRef]:
        """Pictures to read: `screen_every` apart, at most `screen_pictures`."""
        apart: list[FrameRef] = []
        for frame in work.decoded.readings:
            if not apart or float(frame.time - apart[-1].time) >= work.config.screen_every:
                apart.append(frame)
        return [f for f in evenly(apart, work.config.screen_pictures) if isinstance(f, ReadingRef)]

    def __call__(self, work: Work) -> Found:
        """Signals: screen_text with its stretch and confidence."""
        model = work.models.screen
        assert model is not None
        record = provenance(f"{self.name}/{self.version}", model.info, **self.options(work))
        lines: list[_Open] = []
        standing: list[_Open] = []
        for frame in self.chosen(work):
            stood = Span(start=frame.since, end=max(frame.until, frame.time))
            seen: list[_Open] = []
            for line in model.read(read_picture(frame.path), stood):
                text = tidy(line.text, 300)
                if not believed(text, line.score, work.config.screen_belief):
                    continue
                known = next((s for s in [*standing, *seen] if same(text, s.text)), None)
                if known is None:
                    known = _Open(text, line.score, stood.start, stood.end)
                    lines.append(known)
                else:
                    known.take(text, line.score, stood.end)
                if known not in seen:
                    seen.append(known)
            for gone in standing:  # it was not seen any more when this picture was taken
                if gone not in seen:
                    gone.end = max(gone.start, min(gone.end, frame.since))
            standing = seen
        found = [ScreenText(span=Span(start=s.start, end=s.end), text=s.text, score=s.score) for s in lines]
        signals = [
            Signal(kind=SignalKind.SCREEN_TEXT, value=line.text, span=line.span, score=min(1.0, line.score))
            for line in found
        ]
        return Found(tuple(signals), (record,))
