"""What is said, sentence by sentence, each with its time.

Takes transcript passages, which are cut as recognition or subtitles cut them; gives sentences: lines that go on are joined,
lines of several sentences are split, times inside a line in proportion to its letters. Knows no media.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vitascope.base.content import Evidence
from vitascope.base.time import Span, media_time
from vitascope.describe._evidence import Passage, excerpt, sentences
from vitascope.describe._language import CJK, words

PAUSE = 2.0
"""Seconds of silence that end a sentence without a full stop."""
LONGEST = 60
"""Words after which a sentence without a full stop is ended."""
_ENDS = tuple(".!?…。！？")
_NOTES = re.compile(r"^(?:[(\[（【][^()\[\]（）【】]{1,60}[)\]）】]\s*)+")
"""Notes on sounds in front of a sentence: "(Laughter)"."""
_SHORT = re.compile(r"(?:^|\s)(?:Mr|Mrs|Ms|Dr|St|Prof|Gen|Col|Capt|Lt|Sen|Gov|Rev|Hon|vs|Fig|e\.g|i\.e|[A-Z])\.$")
"""Short forms after which a sentence goes on."""
_CLOSING = "\"'”’)）」』] "


@dataclass(frozen=True)
class Saying:
    """A sentence and when it is said, in seconds."""

    text: str
    start: float
    end: float

    @property
    def span(self) -> Span:
        """Its time."""
        return Span(start=media_time(self.start), end=media_time(max(self.start, self.end)))

    @property
    def size(self) -> int:
        """Words, characters of scripts without spaces counting half."""
        cjk = len(CJK.findall(self.text))
        return (cjk + 1) // 2 + len(words(CJK.sub(" ", self.text)))

    def evidence(self) -> Evidence:
        """Where it can be checked."""
        return Evidence(span=self.span, quote=excerpt(self.text))


def sayings(passages: Sequence[Passage]) -> list[Saying]:
    """The sentences of the transcript among the passages, in order of time."""
    out: list[Saying] = []
    open_: list[tuple[str, float, float]] = []

    def close() -> None:
        if open_:
            text = open_[0][0]
            if len(open_) == 1 and _NOTES.fullmatch(text):
                open_.clear()  # a note on a sound is nothing said
                return
            for piece, _, _ in open_[1:]:
                text += piece if CJK.match(piece) and CJK.match(text[-1]) else f" {piece}"
            out.append(Saying(_NOTES.sub("", text, count=1) or text, open_[0][1], open_[-1][2]))
            open_.clear()

    spoken = [p for p in passages if p.source == "transcript" and p.span is not None]
    for passage in sorted(spoken, key=lambda p: p.span.start if p.span else 0):
        assert passage.span is not None
        at, end = float(passage.span.start), float(passage.span.end)
        parts = sentences(passage.text)
        letters = sum(len(p) for p in parts) or 1
        for part in parts:
            until = at + (end - float(passage.span.start)) * len(part) / letters
            if open_ and at - open_[-1][2] > PAUSE:
                close()
            open_.append((part, at, until))
            at = until
            said = Saying(" ".join(p for p, _, _ in open_), 0, 0).size
            ended = part.rstrip(_CLOSING).endswith(_ENDS) and not _SHORT.search(part)
            if ended or said >= LONGEST:
                close()
    close()
    return out
