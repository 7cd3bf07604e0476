"""Whether what is said of an item stands where its evidence says it stands.

Takes an item, its description and claims; keeps those whose every quotation is found at its place: in the field that is
named, or among what is said, read, seen or heard in the span. A claim without evidence is never kept. It checks the finding
place of words, not what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Line:
    start: float
    end: float
    text: str


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
        self._said = [_Line(float(t.span.start), float(t.span.end), _plain(t.text)) for t in d.transcript]
        self._seen = [
            *(_Line(float(s.span.start), float(s.span.end), _plain(s.text)) for s in d.screen_text),
            *(_Line(float(s.span.start), float(s.span.end), _plain(s.label)) for s in d.scenes),
            *(_Line(float(s.span.start), float(s.span.end), _plain(s.label)) for s in d.sounds if s.span),
            *(_Line(float(c.span.start), float(c.span.end), _plain(c.title)) for c in d.chapters),
        ]

    def holds(self, evidence: Evidence) -> bool:
        """Whether the quotation stands at its place; an empty one says nothing."""
        quote = _plain(evidence.quote)
        if not quote:
            return False
        if evidence.span is not None:
            if evidence.field in MEASURED:
                return True
            around = " ".join(line.text for line in self._said if _meets(line, evidence.span))
            if quote in around or _tight(quote) in _tight(around):
                return True
            seen = {line.text for line in self._seen if line.text and _meets(line, evidence.span)}
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


def _meets(line: _Line, span: Span) -> bool:
    return line.start <= float(span.end) + 0.01 and line.end >= float(span.start) - 0.01


def _plain(text: str) -> str:
    return fold(tidy(text, _MOST))


def _tight(text: str) -> str:
    """Without spaces: lines of scripts without them are joined with none."""
    return text.replace(" ", "")
