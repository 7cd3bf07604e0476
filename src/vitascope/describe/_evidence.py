"""The texts of an item, each with where it stands, and what in them is not to be shown to a language model.

Takes an item and the signals of its media; gives passages. Whatever is later claimed of the item (keyword, topic, mood,
summary) points to one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from vitascope.base.content import Evidence, Signal, SignalKind
from vitascope.base.items import Item
from vitascope.base.media import Chapter
from vitascope.base.time import Span
from vitascope.describe._language import fold
from vitascope.describe._tidy import tidy

QUOTE = 160
"""Longest quote kept as evidence."""
SHOWN = ("scene", "caption")
"""Sources that are words of our own models about the pictures."""
SILENT = (*SHOWN, "creator")
"""Sources that are no text of the item: those, and the creator, who has a feature of their own."""

_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|(?<=[。！？])|\n+")

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules?|above|previous|prior|everything)\b"
    r"|\b(?:system|developer)\s+prompt\b|\byou\s+are\s+now\b|\byou\s+are\s+an?\s+(?:ai|assistant|language\s+model)\b"
    r"|\bas\s+an?\s+(?:ai|language\s+model)\b|\bact\s+as\b|\bpretend\s+to\s+be\b|\bnew\s+instructions?\b"
    r"|\b(?:respond|reply|answer|output|print|say|write)\s+(?:only|exactly|with|nothing)\b"
    r"|\b(?:classify|categori[sz]e|label|mark|rate|rank|describe)\s+(?:this|it|the)\b.{0,30}\bas\b"
    r"|\bset\s+(?:the\s+)?(?:category|topic|summary|mood|score|moderation)\b|\b(?:category|summary|moderation)\s*[:=]"
    r"|忽略.{0,12}(?:指令|提示|说明)|(?:无视|不要理会).{0,12}(?:指令|提示)|ignor(?:e|iere|a|ez)\b.{0,30}\b(?:anweisungen|instrucciones|istruzioni)",
    re.IGNORECASE | re.DOTALL,
)


def is_order(text: str) -> bool:
    """Whether a text speaks to a model instead of about the item. A heuristic; answers are checked besides."""
    return bool(_ORDERS.search(text))


@dataclass(frozen=True)
class Passage:
    """A text of the item and where it stands."""

    text: str
    source: str
    """title, description, tags, creator, a field's name, transcript, screen_text, chapter, scene,
    caption (what a model wrote of a picture)."""
    span: Span | None = None

    def evidence(self, needle: str | None = None) -> Evidence:
        """Where it can be checked; the quote holds `needle` as it stands, where that is given."""
        quote = excerpt(self.text, needle)
        return Evidence(field=None if self.span else self.source, span=self.span, quote=quote)


def excerpt(text: str, needle: str | None = None) -> str:
    """At most `QUOTE` characters of a text, around `needle` where it is given, else its beginning."""
    if len(text) <= QUOTE:
        return text
    start = 0
    if needle:
        place = max(0, text.find(needle))
        start = max(0, min(place - (QUOTE - len(needle)) // 2, len(text) - QUOTE)) if len(needle) < QUOTE else place
    return text[start : start + max(QUOTE, len(needle or ""))]


def sentences(text: str) -> list[str]:
    """Sentences of a text, in order."""
    return [s for part in _SENTENCE.split(text) if part and (s := part.strip())]


def field_passages(item: Item) -> list[Passage]:
    """What the item's owner says of it: only the fields that say what the item is."""
    values: dict[str, str | None] = {
        "title": item.title,
        "description": item.description,
        "creator": item.creator,
        **dict(item.extra),
    }
    out: list[Passage] = []
    for name in item.text_fields:
        if name == "tags":
            out += [Passage(t, "tags") for tag in item.tags[:50] if (t := tidy(tag, 100))]
        elif text := tidy(values.get(name) or "", 8_000 if name == "description" else 2_000):
            out.append(Passage(text, name))
    return out


def media_passages(signals: Iterable[Signal], chapters: Iterable[Chapter] = ()) -> list[Passage]:
    """What is said, stands on the screen, is shown, and what the file's chapters are called."""
    out = [Passage(t, "chapter", c.span) for c in list(chapters)[:200] if len(t := tidy(c.title, 200)) > 3]
    names = {SignalKind.TRANSCRIPT: "transcript", SignalKind.SCREEN_TEXT: "screen_text", SignalKind.SCENE: "scene"}
    names[SignalKind.CAPTION] = "caption"
    for signal in signals:
        if (source := names.get(signal.kind)) and signal.value:
            out.append(Passage(signal.value, source, signal.span))
    return out


def honest(passages: Iterable[Passage]) -> tuple[list[Passage], int]:
    """The passages without the sentences that give orders to a model, and how many such sentences there were."""
    out: list[Passage] = []
    orders = 0
    for passage in passages:
        if not is_order(passage.text):
            out.append(passage)
            continue
        kept = [s for s in sentences(passage.text) if not is_order(s)]
        orders += max(1, len(sentences(passage.text)) - len(kept))
        if kept and not is_order(joined := " ".join(kept)):
            out.append(Passage(joined, passage.source, passage.span))
    return out, orders


def same_text(a: str, b: str) -> bool:
    """Equal but for case, width and spacing."""
    return fold(a) == fold(b)
