"""From scores to lists: sources, filters, ranking, re-ranking, exploration, fallback. Arrays in, rows out.

A list never has fewer than n items while n may be shown. Copies of one work come only after everything else did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, rows_of
from vitascope.base.people import EventType
from vitascope.base.ranking import Request
from vitascope.base.strength import SEEN_CODES, WATCH_CODES
from vitascope.recommend._shelf import VECTOR_WEIGHTS, Shelf
from vitascope.recommend.pipeline import Pipeline, RerankerSpec
from vitascope.recommend.scorers import Scores

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_OF_SOURCE = {"personal": "taste", "collaborative": "collaborative", "similar": "content", "popular": "popular"}
_POOL = 5
"""Re-rankers look at so many times the wanted length."""


@dataclass
class Draft:
    """One list as rows of the shelf."""

    rows: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    propensities: list[float | None] = field(default_factory=list)

    def add(self, row: int, score: float, source: str, propensity: float | None = None) -> None:
        """Put an item at the end."""
        self.rows.append(row)
        self.scores.append(score)
        self.sources.append(source)
        self.propensities.append(propensity)


def drafts(
    request: Request,
    made: Pipeline,
    weights: dict[str, float],
    scored: Scores,
    histories: Histories,
    shelf: Shelf,
    only: int | None = None,
) -> Iterator[Draft]:
    """A draft for each person of `histories`, in order. With `only`, that row alone, whether or not it may be shown."""
    base = shelf.shown.copy()
    if request.candidates is not None:
        base &= np.isin(shelf.table.items, np.fromiter(request.candidates, np.int64, len(request.candidates)))
    if request.exclude:
        base &= ~np.isin(shelf.table.items, np.fromiter(request.exclude, np.int64, len(request.exclude)))
    seen_out = made.seen == "exclude" if request.include_seen is None else not request.include_seen
    prefer = np.zeros(len(shelf), np.float32)
    for name, bonus in made.prefer.items():
        prefer += np.float32(bonus) * _column(shelf, name)
    fresh = np.lexsort((np.arange(len(shelf)), -shelf.arrived))
    for place in range(len(histories)):
        mine: dict[str, Floats] = {name: scored.normalised[name][place] for name in made.scorers}
        blend = prefer.copy()
        for name, row_scores in mine.items():
            blend += np.float32(weights.get(name, 0.0)) * row_scores
        a, b = int(histories.start[place]), int(histories.start[place + 1])
        kinds, rows = histories.type[a:b], histories.item[a:b]
        may = base.copy()
        out = kinds == EventType.HIDE.code
        if seen_out:
            out |= np.isin(kinds, SEEN_CODES)
        if out.any():
            may &= ~np.isin(shelf.group, shelf.group[rows[out]])
        if only is not None:
            may = np.zeros(len(shelf), np.bool_)
            may[only] = True
        yield _one(request, made, weights, mine, blend, may, fresh, shelf, histories, place)


def _one(
    request: Request,
    made: Pipeline,
    weights: dict[str, float],
    mine: dict[str, Floats],
    blend: Floats,
    may: Mask,
    fresh: npt.NDArray[np.int64],
    shelf: Shelf,
    histories: Histories,
    place: int,
) -> Draft:
    draft = Draft()
    eligible = np.flatnonzero(may)
    if not len(eligible):
        return draft
    named: dict[str, npt.NDArray[np.int64]] = {}
    for source in made.sources:
        if source.name == "new":
            named["new"] = fresh[may[fresh]][: source.top]
            continue
        scores = mine.get(_OF_SOURCE[source.name])
        if scores is None:
            continue
        here = eligible[scores[eligible] > 0]
        if len(here) > source.top:
            here = here[np.argpartition(-scores[here], source.top - 1)[: source.top]]
        named[source.name] = here
    pool = np.unique(np.concatenate(list(named.values()))) if named else np.zeros(0, np.int64)
    pool = pool[np.lexsort((pool, -blend[pool]))]
    if request.rerank and made.rerankers and len(pool):
        pool = _rerank(pool, blend, request, made.rerankers, shelf, histories, place)
    pool = _one_a_work(pool, shelf)
    belongs = {name: set(rows.tolist()) for name, rows in named.items()}

    def source_of(row: int) -> str:
        best, said = float("-inf"), "any"
        for name, rows in belongs.items():
            if row in rows:
                amount = (
                    0.0 if name == "new" else weights.get(_OF_SOURCE[name], 0.0) * float(mine[_OF_SOURCE[name]][row])
                )
                if amount > best:
                    best, said = amount, name
        return said

    if request.explore and len(eligible) > 1:
        _explore(draft, request, pool, eligible, blend, source_of, histories, place, made.explore)
    else:
        for row in pool[: request.n].tolist():
            draft.add(row, float(blend[row]), source_of(row))
    _fall_back(draft, request.n, made.fallback, mine, blend, may, fresh, shelf)
    return draft


def _one_a_work(pool: npt.NDArray[np.int64], shelf: Shelf) -> npt.NDArray[np.int64]:
    """The best copy of each work, in its place."""
    if not shelf.copies:
        return pool
    _, first = np.unique(shelf.group[pool], return_index=True)
    return pool[np.sort(first)]


def _fall_back(
    draft: Draft,
    n: int,
    order: tuple[str, ...],
    mine: dict[str, Floats],
    blend: Floats,
    may: Mask,
    fresh: npt.NDArray[np.int64],
    shelf: Shelf,
) -> None:
    """Fill up in the stated order: works that are not in the list first, then further copies of those that are."""
    popular = mine.get("popular", np.zeros(len(shelf), np.float32))
    left = may.copy()
    for copies in (False, True):
        if not copies:
            left &= ~np.isin(shelf.group, shelf.group[draft.rows])
        else:
            left = may.copy()
            left[draft.rows] = False
        for name in order:
            if len(draft.rows) >= n:
                return
            if name == "popular":
                rows = np.flatnonzero(left & (popular > 0))
                rows = rows[np.lexsort((rows, -popular[rows]))]
            elif name == "new":
                rows = fresh[left[fresh]][: max(n // 2, 1)]
            else:
                rows = np.flatnonzero(left)
            for row in (rows if copies else _one_a_work(rows, shelf))[: n - len(draft.rows)].tolist():
                draft.add(row, float(blend[row]), name)
                left[shelf.group == shelf.group[row] if not copies else row] = False


def _rerank(
    pool: npt.NDArray[np.int64],
    blend: Floats,
    request: Request,
    rerankers: tuple[RerankerSpec, ...],
    shelf: Shelf,
    histories: Histories,
    place: int,
) -> npt.NDArray[np.int64]:
    head, tail = pool[: request.n * _POOL], pool[request.n * _POOL :]
    score = blend[head].astype(np.float64)
    a, b = int(histories.start[place]), int(histories.start[place + 1])
    for spec in rerankers:
        if spec.name == "fatigue":
            last = np.full(len(shelf), -np.inf)
            watched = np.isin(histories.type[a:b], WATCH_CODES) & ~np.isnan(histories.time[a:b])
            np.maximum.at(last, histories.item[a:b][watched], histories.time[a:b][watched])
            rest = np.maximum(request.now - last[head], 0) / (spec.hours * 3600)
            score -= np.exp2(-rest)  # just heard: a whole point down, half of it after `hours`
    order = np.lexsort((head, -score))
    head, score = head[order], score[order]
    diversity = next((s for s in rerankers if s.name == "diversity"), None)
    creators = next((s for s in rerankers if s.name == "creators"), None)
    chosen: list[int] = []
    late: list[int] = []
    near = np.zeros(len(head))
    left = np.ones(len(head), np.bool_)
    unit = _unit(shelf, head) if diversity is not None else None
    counts: dict[int, int] = {}
    while left.any():
        value = np.where(left, score - (diversity.weight * near if diversity is not None else 0), -np.inf)
        at = int(np.argmax(value))
        left[at] = False
        maker = int(shelf.creator[head[at]])
        if creators is not None and maker >= 0 and counts.get(maker, 0) >= creators.most:
            late.append(at)
            continue
        counts[maker] = counts.get(maker, 0) + 1
        chosen.append(at)
        if unit is not None:
            near = np.maximum(near, unit @ unit[at])
    return np.concatenate([head[np.array(chosen + late, np.int64)], tail])


def _unit(shelf: Shelf, rows: npt.NDArray[np.int64]) -> Floats:
    """Vectors of all kinds side by side, unit length: their dot product is the fused likeness."""
    parts = [np.sqrt(VECTOR_WEIGHTS.get(kind, 1.0)) * matrix[rows] for kind, matrix in shelf.vectors.items()]
    if not parts:
        return np.zeros((len(rows), 1), np.float32)
    joined = np.concatenate(parts, axis=1)
    length = np.linalg.norm(joined, axis=1, keepdims=True)
    return np.asarray(np.divide(joined, length, out=np.zeros_like(joined), where=length > 1e-6), np.float32)


def _explore(
    draft: Draft,
    request: Request,
    pool: npt.NDArray[np.int64],
    eligible: npt.NDArray[np.int64],
    blend: Floats,
    source_of: Callable[[int], str],
    histories: Histories,
    place: int,
    share: float,
) -> None:
    """Each place goes to the next by rank, or with chance `share` to any that may be shown, all alike.

    The propensity of the item that got the place is (1 - share) if it was the next by rank, plus share / how many there were;
    once the ranked ones are used up, all that is left is alike.
    """
    last = int(histories.number[int(histories.start[place]) : int(histories.start[place + 1])].max(initial=0))
    seed = blake2b(f"{request.seed}:{int(histories.people[place])}:{last}".encode(), digest_size=8).digest()
    random = np.random.default_rng(int.from_bytes(seed, "big"))
    left = eligible.tolist()
    queue = pool.tolist()
    for _ in range(min(request.n, len(left))):
        while queue and queue[0] in draft.rows:
            queue.pop(0)
        if queue and random.random() >= share:
            row, source = queue[0], source_of(queue[0])
        else:
            row, source = left[int(random.integers(len(left)))], "explore"
        next_by_rank = 1 - share if queue and row == queue[0] else 0.0
        draft.add(row, float(blend[row]), source, next_by_rank + share / len(left) if queue else 1 / len(left))
        left.remove(row)


def _column(shelf: Shelf, name: str) -> Floats:
    out = np.zeros(len(shelf), np.float32)
    table = shelf.table
    if name in table.names:
        entries = np.flatnonzero(table.column == table.names.index(name))
        out[np.searchsorted(table.start, entries, side="right") - 1] = table.value[entries]
    return out


__all__ = ["Draft", "drafts", "rows_of"]
