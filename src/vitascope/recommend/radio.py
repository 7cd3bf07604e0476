"""Radio: items that go on from a track, an artist or a mood, for somebody known or not.

Takes a moment and the rows or the feature that it starts from; gives a list in an order in which neighbours go together.
An item is worth what it is like the start (vectors, who took up both, or how much of the mood it has) and what it is worth
to the person; the surface's re-rankers order it, so that what was just heard rests and what was skipped counts.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from vitascope.base.errors import UsageError
from vitascope.base.ranking import Explanation, RecommendationList, Recommended
from vitascope.base.records import ItemKey
from vitascope.base.shelf import Shelf
from vitascope.base.surfaces import RadioAsk, RadioSeeds
from vitascope.recommend.moment import Moment
from vitascope.recommend.recommender import Recommender

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_LIKE, _OWN = 0.7, 0.3
"""How much likeness to the start and worth to the person count."""
_TRACKS = 30
"""Items of an artist that stand for the artist, the most popular."""


class Radios:
    """Makes radios."""

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender

    def play(self, moment: Moment, ask: RadioAsk, seed: ItemKey | None) -> RecommendationList:
        """The next items; `seed` is the key of `ask.item_id`.

        Raises:
            UsageError: no item here has that creator or mood.
        """
        shelf = moment.shelf
        start, rows, like = self._start(moment, ask, seed)
        own = moment.blend
        top = float(np.abs(own).max(initial=0))
        value = np.asarray(_LIKE * like + (_OWN / top if top > 0 else 0) * own, np.float32)
        may = moment.allowed & (like > 0)
        if seed is not None:
            may[list(shelf.copies.get(int(rows[0]), (int(rows[0]),)))] = False
        found = moment.best(value, may, ask.n, rerank=True)
        told = {int(r): self._why(ask, shelf, int(r), rows, seed) for r in found} if ask.explain else {}
        return RecommendationList(
            person=moment.request.person,
            surface=moment.request.surface,
            items=tuple(
                Recommended(
                    item=ItemKey(int(shelf.table.items[r])),
                    item_id=shelf.items[r].item_id,
                    score=round(float(value[r]), 6),
                    source="radio",
                    explanation=told.get(r),
                )
                for r in found.tolist()
            ),
            model=moment.model,
            spoke=(("radio", len(found)),) if len(found) else (),
            note="" if len(found) else f"nothing more goes on from {start}",
        )

    def _start(self, moment: Moment, ask: RadioAsk, seed: ItemKey | None) -> tuple[str, Ints, Floats]:
        """What it starts from, the rows that stand for it, and how much each item is like it, 0..1, shape (n,)."""
        shelf = moment.shelf
        if ask.mood is not None:
            like = shelf.feature(f"mood:{' '.join(ask.mood.casefold().split())}")
            if not (moment.allowed & (like > 0)).any():
                raise UsageError("nothing here has this mood", place=ask.mood[:60], remedy="see GET /v1/radio/seeds")
            return f"the mood {ask.mood}", np.zeros(0, np.int64), like
        if seed is not None:
            row = shelf.row(seed)
            if row is None:
                return "this track", np.zeros(1, np.int64), np.zeros(len(shelf), np.float32)
            like = 0.7 * np.maximum(shelf.likeness(np.array([row])), 0) + 0.3 * self._recommender.together(row, shelf)
            return "this track", np.array([row]), np.asarray(like, np.float32)
        name = " ".join((ask.creator or "").casefold().split())
        rows = np.array([r for r, i in enumerate(shelf.items) if _plain(i.creator) == name], np.int64)
        rows = rows[moment.allowed[rows]]
        if not len(rows):
            raise UsageError("nothing here is by this creator", place=name[:60], remedy="see GET /v1/radio/seeds")
        rows = rows[np.lexsort((rows, -moment.scored.crowd.popular[rows]))]
        like = np.maximum(shelf.likeness(rows[:_TRACKS]), 0)
        like[rows] = np.maximum(like[rows], 0.8)
        return f"the creator {name}", rows, np.asarray(like, np.float32)

    @staticmethod
    def _why(ask: RadioAsk, shelf: Shelf, row: int, rows: Ints, seed: ItemKey | None) -> Explanation:
        key = ItemKey(int(shelf.table.items[row]))
        if ask.mood is not None:
            said = (f"it has the mood {ask.mood}", f"它有“{ask.mood}”的情绪")
        elif seed is not None:
            title = shelf.items[int(rows[0])].title or shelf.items[int(rows[0])].item_id
            said = (f"it goes on from “{title}”", f"它接着“{title}”")
        elif row in rows:
            said = (f"it is by {ask.creator}", f"作者是{ask.creator}")
        else:
            said = (f"it is like what {ask.creator} makes", f"它与{ask.creator}的作品相似")
        return Explanation(item=key, source="radio", because=seed, sentence=said[0], sentence_zh=said[1])


def seeds(shelf: Shelf, audience: str | None, n: int, surface: str) -> RadioSeeds:
    """Moods and creators that a radio can start from, those with most items first."""
    may = shelf.may(surface, audience)
    table = shelf.table
    shown = np.repeat(may, np.diff(table.start))
    counts = np.bincount(table.column[shown], minlength=len(table.names))
    moods = [(name[5:], int(counts[c])) for c, name in enumerate(table.names) if name.startswith("mood:") and counts[c]]
    made = Counter(shelf.items[r].creator for r in np.flatnonzero(may & (shelf.creator >= 0)).tolist())
    creators = [(name, count) for name, count in made.items() if name]
    return RadioSeeds(
        moods=tuple(sorted(moods, key=lambda m: (-m[1], m[0]))[:n]),
        creators=tuple(sorted(creators, key=lambda c: (-c[1], c[0]))[:n]),
    )


def _plain(name: str | None) -> str:
    return " ".join((name or "").casefold().split())
