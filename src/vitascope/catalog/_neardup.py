"""Finds copies of works among fingerprints: exact numbers in, matches out. Pure numpy, no store.

Sound and pictures are searched apart (`_sound_match`, `_picture_match`), each by an index. What they find is a copy of
the work where it covers one of the two, and what both works have in both senses agrees: the same pictures with other sound,
or the same music to other pictures, is a shared stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vitascope.base.ports.stores import Fingerprint
from vitascope.base.records import AssetKey, ItemKey
from vitascope.catalog._lookup import EACH, WORKS
from vitascope.catalog._picture_match import LEAST_ROWS, PictureIndex, PictureMatch
from vitascope.catalog._sound_match import SoundIndex, SoundMatch

VERSION = "3"
"""Of the measure and of the prints: fingerprints and links of another version are made anew."""

WHOLE = 0.8
"""Share of a work that must be found in another for it to be a copy, trim or excerpt of it."""
EVEN = 0.2
"""Sound alone whose shared stretch is more uneven than this is a mix of the other work with something else: a work of its
own. Of 1,618 true pairs made for choosing, the most uneven one had 0.17."""
SAME_SOUND = 0.42
"""More wrong bits than this along a line that the pictures found is other sound."""
MOVING = 3
"""Fewer distinct pictures than this are a cover or a title card, not a film: they neither join nor part works."""
_SHARE_SECONDS = 2.5
_LEAST_COPY = 0.5
_WINDOW = 0.34
"""Seconds of sound beyond a print's step that it was made of."""


@dataclass(frozen=True)
class Match:
    """A stretch of the asked asset that stands in another item's asset too. Times in seconds."""

    asked: AssetKey
    other: AssetKey
    other_item: ItemKey
    score: float
    """0..1, how alike the stretches are."""
    start: float
    end: float
    other_start: float
    other_end: float
    whole: bool
    """The two are copies of one work (trims and excerpts included), not just works that share a stretch."""
    covers: float
    """Share of the asked work that was found."""
    covers_other: float
    """Share of the other work that was found."""


class Index:
    """All works' fingerprints, ready to be asked."""

    def __init__(self, prints: Sequence[Fingerprint]) -> None:
        self._prints = list(prints)
        self._at = {p.asset: i for i, p in enumerate(self._prints)}
        self._sound = SoundIndex([p.audio for p in self._prints])
        self._pictures = PictureIndex([p.picture for p in self._prints])
        self._raw: dict[int, list[Match]] = {}

    @property
    def looked(self) -> tuple[int, int]:
        """(equal hashes looked at, alignments checked) so far: what asking costs, whatever the machine."""
        return self._sound.hits + self._pictures.hits, self._sound.checks + self._pictures.checks

    def matches(self, asked: Fingerprint) -> list[Match]:
        """What other items share with this one: copies (`whole`) and shared stretches."""
        me = self._at[asked.asset]
        found = []
        for match in self._matches(me):
            whole = (
                match.whole
                and not self._gathers(me, match, own=True)
                and not self._gathers(self._at[match.other], match, own=False)
            )
            if whole or match.end - match.start >= _SHARE_SECONDS:
                found.append(replace(match, whole=whole))
        return found

    def _gathers(self, work: int, match: Match, own: bool) -> bool:
        """Whether a work is a compilation: it holds this one whole, and elsewhere another one that is no copy of it."""
        outer, inner = (match.covers, match.covers_other) if own else (match.covers_other, match.covers)
        if outer >= WHOLE or inner < WHOLE:
            return False
        start, end = (match.start, match.end) if own else (match.other_start, match.other_end)
        inside = self._at[match.other if own else match.asked]
        friends = {m.other_item for m in self._matches(inside) if m.whole}
        friends.add(self._prints[inside].item)
        friends.discard(self._prints[work].item)
        for other in self._matches(work):
            apart = min(end, other.end) - max(start, other.start) < 0.3 * min(end - start, other.end - other.start)
            part = other.covers_other >= 0.3 or other.end - other.start >= _SHARE_SECONDS
            if apart and part and other.covers < WHOLE and other.other_item not in friends:
                return True
        return False

    def _matches(self, me: int) -> list[Match]:
        if me not in self._raw:
            best: dict[int, Match] = {}
            heard = {m.work: m for m in self._sound.find(me)}
            seen = {m.work: m for m in self._pictures.find(me)}
            matches = [
                *(self._of_sound(me, m, seen.get(m.work)) for m in heard.values()),
                *(self._of_pictures(me, m, m.work in heard) for m in seen.values()),
            ]
            for found in matches:
                other = self._at[found.other]
                known = best.get(other)
                if known is None or (found.whole, found.end - found.start) > (known.whole, known.end - known.start):
                    best[other] = found
            self._raw[me] = [m for m in best.values() if m.other_item != self._prints[me].item]
        return self._raw[me]

    def _film(self, work: int) -> bool:
        """Whether a work shows pictures that can be compared."""
        return self._pictures.said(work) >= LEAST_ROWS and self._pictures.distinct(work) >= MOVING

    def _of_sound(self, me: int, found: SoundMatch, seen: PictureMatch | None) -> Match:
        other = found.work
        covers = found.rows / max(1, self._sound.said(me)), found.rows / max(1, self._sound.said(other))
        seconds = (found.last - found.first) * self._step(me)
        films = self._film(me), self._film(other)
        if all(films):
            steps = self._step(me), self._prints[me].picture_step or 0.25
            offset = found.offset * steps[0] / steps[1]
            same = seen is not None or self._pictures.agree(me, other, found.speed, offset) is True
        else:
            same = not any(films) and found.uneven <= EVEN  # sound taken out of a film is no copy of the film
        step = self._step(me)
        there = [(row * found.speed + found.offset) * step for row in (found.first, found.last)]
        return self._match(
            me,
            other,
            1 - 2 * found.rate,
            (found.first * step, found.last * step + _WINDOW),
            (there[0], there[1] + _WINDOW),
            covers,
            same and seconds >= _LEAST_COPY,
        )

    def _of_pictures(self, me: int, found: PictureMatch, heard: bool) -> Match:
        other = found.work
        said = self._pictures.said(me), self._pictures.said(other)
        covers = found.rows / max(1, said[0]), min(1.0, (found.rows * found.speed + 1) / max(1, said[1]))
        step = self._prints[me].picture_step or 0.25
        same = self._film(me) and self._film(other)
        if same and not heard:
            wrong = self._sound.agree(me, other, found.speed, found.offset * step / self._step(me))
            same = wrong is None or wrong <= SAME_SOUND
        there = [(row * found.speed + found.offset) * step for row in (found.first, found.last)]
        mine = found.first * step, found.last * step
        return self._match(me, other, 1 - found.distance / 32, mine, (there[0], there[1]), covers, same)

    def _step(self, work: int) -> float:
        return self._prints[work].audio_step or 0.04

    def _match(
        self,
        me: int,
        other: int,
        score: float,
        mine: tuple[float, float],
        theirs: tuple[float, float],
        covers: tuple[float, float],
        same: bool,
    ) -> Match:
        this, that = self._prints[me], self._prints[other]
        ends = float(this.duration), float(that.duration)
        start, end = max(0.0, mine[0]), min(mine[1], ends[0])
        other_start, other_end = max(0.0, theirs[0]), min(theirs[1], ends[1])
        return Match(
            asked=this.asset,
            other=that.asset,
            other_item=that.item,
            score=float(min(1.0, max(0.0, score))),
            start=min(start, end),
            end=end,
            other_start=min(other_start, other_end),
            other_end=other_end,
            whole=max(covers) >= WHOLE and same,
            covers=float(min(1.0, covers[0])),
            covers_other=float(min(1.0, covers[1])),
        )


MOST_CHECKS = 2 * WORKS * EACH
"""Alignments that are checked for one asked work, however many works there are."""
