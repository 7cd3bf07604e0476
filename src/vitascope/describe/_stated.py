"""Chapters that somebody stated: in the container, in the feed or manifest, or as lines with times in the description.

Takes an item and its asset; gives chapters without gaps, or none. They are trusted over any that are found by content.
The rules for descriptions are those of the video sites: three times at least, rising, the first at the start.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from vitascope.base.content import ChapterSource, Evidence, ItemChapter
from vitascope.base.items import Item
from vitascope.base.media import Asset
from vitascope.base.time import Span, media_time
from vitascope.describe._tidy import tidy

MOST = 200
FIELDS = ("chapters", "psc:chapters", "podcast:chapters")
"""Names of the item's further fields that may hold chapters: JSON of the podcast namespace or of yt-dlp, or lines with times."""
SHORTEST = 1.0
_TIME = re.compile(r"(?<![\d:.,])(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)(?:[.,](\d{1,3}))?(?![\d:])")
_EDGE = " \t-–—:.·•|)]>(["
_NAMELESS = re.compile(
    r"(?:chapter|kapitel|chapitre|cap[ií]tulo|track|part|第)?\s*[\divx]+\s*(?:章|节)?", re.IGNORECASE
)
Mark = tuple[float, str]


def stated(item: Item, asset: Asset | None, seconds: float | None) -> list[ItemChapter]:
    """The chapters that were stated, the most trusted source first; titles may be empty."""
    probe = asset.probe if asset else None
    if probe and len(probe.chapters) > 1:
        marks = [(float(c.span.start), c.title) for c in probe.chapters]
        found = _chapters(marks, seconds or float(probe.chapters[-1].span.end), ChapterSource.CONTAINER, "chapter")
        if len(found) > 1:
            return found
    if not seconds:
        return []
    for name, text in item.extra:
        if name.casefold() in FIELDS:
            found = _chapters(_of_field(text), seconds, ChapterSource.FEED, name)
            if len(found) > 1:
                return found
    marks = marks_of(item.description or "")
    if len(marks) >= 3 and marks[0][0] <= 5:
        return _chapters(marks, seconds, ChapterSource.DESCRIPTION, "description")
    return []


def nameless(title: str) -> bool:
    """Whether a title says no more than a number: "Chapter 3", "03"."""
    return not title or bool(_NAMELESS.fullmatch(title))


def marks_of(text: str) -> list[Mark]:
    """Times with what stands behind (or, at the end of a line, before) them; empty where the times do not rise."""
    out: list[Mark] = []
    for line in text[:20_000].splitlines():
        found = list(_TIME.finditer(line))
        for number, match in enumerate(found):
            end = found[number + 1].start() if number + 1 < len(found) else len(line)
            title = line[match.end() : end].strip(_EDGE) or (line[: match.start()].strip(_EDGE) if number == 0 else "")
            hours, minutes, secs, part = match.groups()
            at = int(hours or 0) * 3600 + int(minutes) * 60 + int(secs) + float(f"0.{part}" if part else 0)
            out.append((at, title))
    rising = all(a[0] < b[0] for a, b in pairwise(out))
    return out if rising else []


def _of_field(text: str) -> list[Mark]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return marks_of(text)
    if isinstance(value, dict):
        value = value.get("chapters")
    return [m for row in value[: MOST * 2] if (m := _mark(row)) is not None] if isinstance(value, list) else []


def _mark(row: Any) -> Mark | None:
    """Of a row of the podcast namespace's chapters.json (startTime) or of yt-dlp's .info.json (start_time)."""
    if not isinstance(row, dict) or row.get("toc") is False:
        return None
    at = row.get("startTime", row.get("start_time", row.get("start")))
    if isinstance(at, str) and (found := marks_of(at)):
        at = found[0][0]
    if not isinstance(at, (int, float, str)):
        return None
    try:
        start = float(at)
    except (ValueError, OverflowError):  # JSON has whole numbers of any length
        return None
    return (start, str(row.get("title") or "")) if 0 <= start < 1e7 else None


def _chapters(marks: Iterable[Mark], seconds: float, source: ChapterSource, field: str) -> list[ItemChapter]:
    kept: list[Mark] = []
    for at, title in sorted(marks, key=lambda m: m[0]):
        if at <= seconds - SHORTEST and (not kept or at - kept[-1][0] >= SHORTEST):
            kept.append((at, tidy(title, 200)))
    kept = kept[:MOST]
    if len(kept) > 1 and kept[0][0] > 0:
        kept = [(0.0, ""), *kept] if kept[0][0] >= 5 else [(0.0, kept[0][1]), *kept[1:]]
    out = []
    for number, (at, title) in enumerate(kept):
        end = kept[number + 1][0] if number + 1 < len(kept) else seconds
        span = Span(start=media_time(at), end=media_time(end))
        evidence = (Evidence(field=field, quote=title),) if title else ()
        out.append(ItemChapter(span=span, title=title, source=source, evidence=evidence))
    return out
