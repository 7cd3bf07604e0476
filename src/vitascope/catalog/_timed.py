"""Chapters and transcripts that podcasts bring along. Pure: takes bytes, gives records or WebVTT.

Sources: Podcasting 2.0 namespace, `podcast:chapters` (JSON chapters 1.2) and `podcast:transcript` (VTT, SRT, JSON
"segments", HTML); Podlove Simple Chapters 1.2; yt-dlp's `chapters`. All hostile: counts and texts are bounded.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

from vitascope.base.media import Chapter
from vitascope.base.time import Span, media_time
from vitascope.catalog import _text as text

LONGEST = 8_000_000
_CHAPTERS, _CUES = 1_000, 20_000
_MOST = 1e6
TRANSCRIPTS = {
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "application/srt": ".srt",
    "text/srt": ".srt",
    "application/json": ".vtt",
}
"""Media types of transcripts with times, and under which suffix they are kept (JSON is written as WebVTT)."""


def podcast_chapters(data: bytes) -> tuple[Chapter, ...]:
    """A JSON chapters document. Raises ValueError."""
    document = _json(data)
    listed = document.get("chapters") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it is no JSON chapters document (no list `chapters`)")
    return chapters((c.get("startTime"), c.get("endTime"), c.get("title")) for c in listed if isinstance(c, dict))


def chapters(stated: Iterable[tuple[Any, Any, Any]]) -> tuple[Chapter, ...]:
    """Chapters of (start, end, title), times as seconds or "1:02:03.5"; without an end one lasts until the next starts.

    What has no start or no title is left out; the last one without an end lasts one second.
    """
    found: list[tuple[float, float | None, str]] = []
    for start, end, title in stated:
        at, said = seconds(start), text.plain(title, 200) if isinstance(title, str) else ""
        if at is not None and said:
            found.append((at, seconds(end), said))
        if len(found) >= _CHAPTERS:
            break
    found.sort(key=lambda f: f[0])
    out = []
    for place, (at, until, said) in enumerate(found):
        following = found[place + 1][0] if place + 1 < len(found) else at + 1
        stop = until if until is not None and until > at else following
        if stop > at:
            out.append(Chapter(span=Span(start=media_time(at), end=media_time(stop)), title=said))
    return tuple(out)


def seconds(value: Any) -> float | None:
    """Seconds of a number or of "SS", "MM:SS", "HH:MM:SS.mmm"; None where it is none of these."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str) and re.fullmatch(r"\d{1,7}(:\d{1,2}){0,2}([.,]\d{1,6})?", value.strip()):
        number = 0.0
        for part in value.strip().replace(",", ".").split(":"):
            number = number * 60 + float(part)
    else:
        return None
    return number if math.isfinite(number) and 0 <= number < _MOST else None


def transcript(data: bytes, kind: str) -> str:
    """A transcript as the text of a subtitle file. Raises ValueError where it is not what its type says."""
    if kind != "application/json":
        written = data.decode("utf-8-sig", "replace")
        if "-->" not in written:
            raise ValueError(f"it is no transcript of type {kind} (no line has a time)")
        return written
    document = _json(data)
    segments = document.get("segments") if isinstance(document, dict) else None
    if not isinstance(segments, list):
        raise ValueError("it is no JSON transcript (no list `segments`)")
    lines = ["WEBVTT", ""]
    for segment in segments[:_CUES]:
        if not isinstance(segment, dict):
            continue
        start, end = seconds(segment.get("startTime")), seconds(segment.get("endTime"))
        said = text.plain(segment.get("body") or "", 2_000).replace("-->", "→").replace("\n", " ")
        if start is not None and said:
            lines += [f"{_clock(start)} --> {_clock(end if end is not None and end > start else start + 1)}", said, ""]
    return "\n".join(lines)


def _clock(value: float) -> str:
    milliseconds = round(value * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON ({str(error)[:80]})") from error
