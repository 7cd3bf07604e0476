"""Whether what is said of an item stands where its evidence says it stands.

Takes an item, its description and claims; keeps those whose every quotation is found at its place: in the field that is
named, or among what is said, read, seen or heard in the span. A claim without evidence is never kept. It checks the finding
place of words, not what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from vitascope.base.content import Claim, Description, Evidence
from vitascope.base.items import Item
from vitascope.base.time import Span
from vitascope.describe._language import fold
from vitascope.describe._tidy import tidy

MEASURED = frozenset(
    {"audio", "sound", "picture", "measured", "sentiment", "speech", "text", "kind", "language", "chapter"}
)
"""Fields of evidence that name a figure or what a file states of itself instead of a text of its owner's."""

_MOST = 200_000


class _Lines:
    """Texts and when they stand there."""

    def __init__(self, rows: Iterable[tuple[Span, str]]) -> None:
        kept = [(float(span.start), float(span.end), _plain(text)) for span, text in rows]
        self._texts = [text for _, _, text in kept]
        self._starts = np.array([start for start, _, _ in kept])
        self._ends = np.array([end for _, end, _ in kept])

    def at(self, span: Span) -> list[str]:
        """Those that stand there in a stretch, in their order; an account of hours asks for thousands of stretches."""
        here = (self._starts <= float(span.end) + 0.01) & (self._ends >= float(span.start) - 0.01)
        return [self._texts[i] for i in np.flatnonzero(here).tolist()]


class Grounds:
    """All that evidence of one item may point at."""

    def __init__(self, item: Item, description: Description) -> None:
        self._fields = {
            name: _plain(value)
            for name, value in {
                "title": item.title,
                "description": item.description,
                "creator": item.creator,
                "tags": "\n".join(item.tags),
                **dict(item.extra),
            }.items()
            if value
        }
        d = description
        self._said = _Lines((t.span, t.text) for t in d.transcript)
        self._seen = _Lines(
            [
                *((s.span, s.text) for s in d.screen_text),
                *((s.span, s.label) for s in d.scenes),
                *((s.span, s.label) for s in d.sounds if s.span),
                *((c.span, c.title) for c in d.chapters),
            ]
        )

    def holds(self, evidence: Evidence) -> bool:
        """Whether the quotation stands at its place; an empty one says nothing."""
        quote = _plain(evidence.quote)
        if not quote:
            return False
        if evidence.span is not None:
            if evidence.field in MEASURED:
                return True
            around = " ".join(self._said.at(evidence.span))
            if quote in around or _tight(quote) in _tight(around):
                return True
            seen = {text for text in self._seen.at(evidence.span) if text}
            if any(quote in text for text in seen):
                return True
            # several labels quoted in one: what they spell makes up most of it, so that one short word grounds no sentence
            spelled = sum(len(_tight(text)) for text in seen if text in quote)
            return spelled > len(_tight(quote)) / 2
        if evidence.field in self._fields:
            return quote in self._fields[evidence.field]
        return evidence.field in MEASURED

    def kept(self, claims: Iterable[Claim]) -> tuple[tuple[Claim, ...], int]:
        """The claims that stand, and how many do not."""
        every = list(claims)
        good = tuple(c for c in every if c.evidence and all(self.holds(e) for e in c.evidence))
        return good, len(every) - len(good)


def _plain(text: str) -> str:
    return fold(tidy(text, _MOST))


def _tight(text: str) -> str:
    """Without spaces: lines of scripts without them are joined with none."""
    return text.replace(" ", "")
