"""Which stretches of an item a person would want to see: those where the things they like were seen or heard.

Takes a description, the length of the asset and a taste (feature -> -1..1, weighted); gives cuts in order of time. A stretch is a
shot, or several short ones, or an utterance where there are no pictures. Where nothing matches the taste, the beginnings of the
chapters stand in, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from vitascope.base.content import Description
from vitascope.base.made import Cut

SHORTEST, LONGEST = 2.0, 6.0
"""Seconds of a stretch: under two nothing is taken in, over six a trailer drags."""
_SPEECH, _TELLING = 0.3, 0.05
_PLAIN = ("kind:", "length:", "language:")


def cuts(
    item_id: str,
    description: Description,
    length: float,
    taste: Mapping[str, float],
    seconds: float = 30.0,
) -> tuple[tuple[Cut, ...], bool]:
    """The cuts, about `seconds` in all, and whether they follow the taste.

    Args:
        length: seconds of the asset.
        taste: feature -> how much the person cares (u times w), negative against.
    """
    pieces = stretches(description, length)
    scored = [(_score(description, start, end, taste), start, end) for start, end in pieces]
    liked = [(s, a, b) for s, a, b in scored if s[0] > 0 and s[1]]
    chosen = _best(liked, seconds)
    if not chosen:
        chosen = _best(
            [((1.0 / (1 + n), ()), a, b) for n, (a, b) in enumerate(_beginnings(description, pieces))], seconds
        )
        by_taste = False
    else:
        by_taste = True
    return tuple(
        Cut(
            item_id=item_id,
            start=round(start, 3),
            end=round(end, 3),
            score=round(score[0], 4),
            reasons=score[1],
            caption=_said(description, start, end),
        )
        for score, start, end in sorted(chosen, key=lambda c: c[1])
    ), by_taste


def stretches(description: Description, length: float) -> list[tuple[float, float]]:
    """Pieces of the asset, each 2 to 6 seconds: shots (short ones joined, long ones cut), else utterances, else even pieces."""
    edges = [(float(s.start), float(s.end)) for s in description.shots]
    if len(edges) < 2:
        edges = [(float(line.span.start), float(line.span.end)) for line in description.transcript] or edges
    if not edges:
        edges = [(0.0, length)]
    out: list[tuple[float, float]] = []
    open_: tuple[float, float] | None = None
    for start, end in edges:
        start, end = max(0.0, start), min(end, length)
        if open_ is not None and start - open_[1] < 0.5 and end - open_[0] <= LONGEST:
            start = open_[0]
        elif open_ is not None:
            _into(out, open_)
        open_ = (start, end)
        if end - start >= SHORTEST:
            _into(out, open_)
            open_ = None
    if open_ is not None:
        _into(out, open_)
    return out


def _into(out: list[tuple[float, float]], piece: tuple[float, float]) -> None:
    start, end = piece
    if end - start < 0.5:
        return
    count = max(1, -int(-(end - start) // LONGEST))
    step = (end - start) / count
    out += [(start + n * step, start + (n + 1) * step) for n in range(count)]


def _score(
    description: Description, start: float, end: float, taste: Mapping[str, float]
) -> tuple[float, tuple[str, ...]]:
    """How much of what the person likes is in a stretch, and what."""
    total, reasons = 0.0, list[tuple[float, str]]()
    for feature in description.features:
        care = taste.get(feature.name, 0.0)
        if care == 0 or feature.name.startswith(_PLAIN):
            continue
        part = max((_share(e.span, start, end) for e in feature.evidence if e.span is not None), default=0.0)
        if part > 0:
            total += care * feature.value * part
            if care > 0:
                reasons.append((care * feature.value * part, feature.name))
    said = _said(description, start, end).casefold()
    for name, care in taste.items():
        word = name.partition(":")[2].replace("_", " ")
        if care > 0 and len(word) > 2 and name.startswith(("topic:", "tag:")) and word in said:
            total += _SPEECH * care
            reasons.append((_SPEECH * care, f"says “{word}”"))
    for keyword in description.keywords:
        if any(e.span is not None and _share(e.span, start, end) > 0 for e in keyword.evidence):
            total += _TELLING * keyword.score if reasons else 0.0
    return total, tuple(dict.fromkeys(name for _, name in sorted(reasons, reverse=True)))[:4]


def _share(span: object, start: float, end: float) -> float:
    """How much of a stretch lies in an evidence's span; evidence of a whole work says nothing of a part of it."""
    first, last = float(getattr(span, "start", 0)), float(getattr(span, "end", 0))
    common = min(end, last) - max(start, first)
    if common <= 0 and not (last <= first and start <= first < end):
        return 0.0
    return 1.0 if last <= first else min(1.0, common / (end - start)) * min(1.0, 60.0 / (last - first))


def _best(
    scored: Sequence[tuple[tuple[float, tuple[str, ...]], float, float]], seconds: float
) -> list[tuple[tuple[float, tuple[str, ...]], float, float]]:
    """The best of them until the time is used; of equals the earlier ones, with the same reason not more than half of them."""
    chosen: list[tuple[tuple[float, tuple[str, ...]], float, float]] = []
    used: dict[str, int] = {}
    left = seconds
    rest = sorted(scored, key=lambda s: (-s[0][0], s[1]))
    while rest and left >= SHORTEST:
        rest.sort(key=lambda s: (-s[0][0] / (1 + used.get(s[0][1][0], 0) if s[0][1] else 1), s[1]))
        score, start, end = rest.pop(0)
        end = min(end, start + left)
        if end - start < min(SHORTEST, 0.9 * seconds):
            continue
        chosen.append((score, start, end))
        left -= end - start
        if score[1]:
            used[score[1][0]] = used.get(score[1][0], 0) + 1
    return chosen


def _beginnings(description: Description, pieces: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A stretch at the beginning of each chapter; without chapters, stretches spread over the whole."""
    starts = [float(c.span.start) for c in description.chapters]
    if len(starts) >= 2:
        found = [next((p for p in pieces if p[0] >= s - 0.5), None) for s in starts]
        return list(dict.fromkeys(p for p in found if p is not None))
    step = max(1, len(pieces) // 6)
    return list(pieces[::step])


def _said(description: Description, start: float, end: float) -> str:
    lines = [
        line.text
        for line in description.transcript
        if min(end, float(line.span.end)) - max(start, float(line.span.start)) > 0.3
    ]
    return " ".join(lines)[:300]


def captions(plan: Sequence[Cut], starts: Sequence[float | None]) -> str:
    """WebVTT of a file that was cut so: what is said in each part, at its place there (W3C WebVTT)."""
    cues = []
    for cut, begun in zip(plan, starts, strict=True):
        if begun is None or not cut.caption:
            continue
        text = " ".join(cut.caption.replace("-->", "→").replace("&", "&amp;").replace("<", "&lt;").split())
        cues.append(f"{_stamp(begun)} --> {_stamp(begun + cut.end - cut.start)}\n{text}\n")
    return "\n".join(["WEBVTT\n\nNOTE made by machine\n", *cues])


def _stamp(seconds: float) -> str:
    hours, rest = divmod(round(seconds * 1000), 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def in_order(plan: Sequence[Cut]) -> bool:
    """Whether no two cuts of an item overlap and they stand in order of time."""
    return all(a.end <= b.start + 1e-6 for a, b in pairwise(plan) if a.item_id == b.item_id)
