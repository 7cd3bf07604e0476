"""From scores to lists: sources, filters, ranking, re-ranking, exploration, fallback. Arrays in, rows out.

A list never has fewer than n items while n may be shown. Copies of one work come only after everything else did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.people import Surface
from vitascope.base.ports.components import Glance, Source
from vitascope.base.ports.models import LanguageModel
from vitascope.base.ranking import Request
from vitascope.base.shelf import Shelf
from vitascope.recommend._plain import Plain, plain, visible
from vitascope.recommend.around import fitting
from vitascope.recommend.explore import explored, policies
from vitascope.recommend.outcomes import POOL, lifted
from vitascope.recommend.pipeline import Built
from vitascope.recommend.rerankers import reorder
from vitascope.recommend.scorers import Scores

Floats = npt.NDArray[np.float32]
Worth = Callable[[int, Floats, npt.NDArray[np.int64], Glance], tuple[Floats, Floats] | None]
"""Place of a person, their blend over all items, candidates, their moment -> what each candidate is worth and the figures
that this was told from, shape (m, figures); None: not said."""
Mask = npt.NDArray[np.bool_]

_RERANKED = 400
"""Candidates that re-rankers look at, the best by the blend."""
_SPARE = 20
"""Places that re-rankers give out beyond the wanted length, since copies of one work are taken out after."""


@dataclass(frozen=True, eq=False)
class Said:
    """What a ranker said of the best candidates of one list."""

    rows: npt.NDArray[np.int64]
    worth: Floats
    figures: Floats


@dataclass
class Draft:
    """One list as rows of the shelf."""

    rows: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    propensities: list[float | None] = field(default_factory=list)
    said: Said | None = None
    """None: the blend ranked."""
    place: int | None = None
    """Of a draft of one item: its place, from 1, in the list that it was taken from."""

    def add(self, row: int, score: float, source: str, propensity: float | None = None) -> None:
        """Put an item at the end."""
        self.rows.append(row)
        self.scores.append(score)
        self.sources.append(source)
        self.propensities.append(propensity)


def drafts(
    request: Request,
    built: Built,
    weights: Sequence[dict[str, float]],
    scored: Scores,
    histories: Histories,
    shelf: Shelf,
    only: int | None = None,
    worth: Worth | None = None,
    language: LanguageModel | None = None,
    lift: Floats | None = None,
) -> Iterator[Draft]:
    """A draft for each person of `histories`, in order.

    Args:
        weights: of the scorers, for each person.
        only: that row alone, with its place and numbers of the whole list, whether or not it may be shown.
        worth: what a ranker says of the best candidates; None: the blend ranks.
        language: for re-rankers that ask one.
        lift: what each item gains for each person at this moment, shape (p, n).
    """
    made = built.plan
    base = allowed(request, shelf)
    seen_out = made.seen == "exclude" if request.include_seen is None else not request.include_seen
    prefer = _prefer(built, shelf)
    may_all = visible(histories, shelf, base, seen_out)
    ready: Plain | None = None
    if lift is None and only is None and worth is None and is_plain(request, built) and len(shelf):
        named = _for_everyone(Glance(request, shelf, histories.chunk(0, 0), base), built)
        if named is not None:
            ready = plain(built, weights, scored, may_all, prefer, named, shelf, request.n)
    for place in range(len(histories)):
        if ready is not None and ready.count[place] >= request.n:
            yield _drafted(ready, place, built)
            continue
        mine: dict[str, Floats] = {n: scored.normalised[n][place] for n in made.scorers if n in scored.normalised}
        blend = _blend(prefer if lift is None else prefer + lift[place], mine, weights[place])
        may = may_all[place]
        if only is not None:
            may = may.copy()
            may[only] = True
        glance = Glance(request, shelf, histories.chunk(place, place + 1), may, language)
        yield _one(
            glance,
            built,
            weights[place],
            mine,
            blend,
            scored.crowd.popular,
            None if worth is None else partial(worth, place),
            only,
        )


def allowed(request: Request, shelf: Shelf) -> Mask:
    """What a request may be answered with, whoever asks: moderation, candidates, exclusions; shape (n,)."""
    base = shelf.may(request.surface, request.audience).copy()
    if request.candidates is not None:
        base &= np.isin(shelf.table.items, np.fromiter(request.candidates, np.int64, len(request.candidates)))
    if request.filters is not None:
        base &= fitting(shelf, request.filters, None)
    if request.exclude:
        base &= ~np.isin(shelf.table.items, np.fromiter(request.exclude, np.int64, len(request.exclude)))
    if request.surface is Surface.LIVE and shelf.live.any():
        base &= shelf.live  # what has ended is not available any more
    return base


def is_plain(request: Request, built: Built) -> bool:
    """Whether nothing looks at one person's moment: no exploration, no re-ranker."""
    return not request.explore and not (request.rerank and built.rerankers)


def _drafted(ready: Plain, place: int, built: Built) -> Draft:
    names = [source.name for source, _ in built.sources]
    rows = ready.rows[place].tolist()
    return Draft(
        rows, ready.scores[place].tolist(), [names[i] for i in ready.source[place].tolist()], [None] * len(rows)
    )


def _for_everyone(glance: Glance, built: Built) -> dict[str, npt.NDArray[np.int64]] | None:
    """What sources without a scorer name, where that is the same for all; None where one looks at the person."""
    free = [source for source, _ in built.sources if source.scorer is None]
    if not all(source.for_everyone for source in free):
        return None
    return {source.name: source.rows(glance) for source in free}


def shelf_blend(built: Built, weights: dict[str, float], scored: Scores, shelf: Shelf, place: int) -> Floats:
    """One person's weighted sum over all items, shape (n,)."""
    mine = {name: scored.normalised[name][place] for name in built.plan.scorers}
    return _blend(_prefer(built, shelf), mine, weights)


def _prefer(built: Built, shelf: Shelf) -> Floats:
    out = np.zeros(len(shelf), np.float32)
    for name, bonus in built.plan.prefer.items():
        out += np.float32(bonus) * shelf.feature(name)
    return out


def _blend(prefer: Floats, mine: dict[str, Floats], weights: dict[str, float]) -> Floats:
    out = prefer.copy()
    for name, scores in mine.items():
        out += np.float32(weights.get(name, 0.0)) * scores
    return out


def _one(
    glance: Glance,
    built: Built,
    weights: dict[str, float],
    mine: dict[str, Floats],
    blend: Floats,
    popular: Floats,
    worth: Callable[[Floats, npt.NDArray[np.int64], Glance], tuple[Floats, Floats] | None] | None,
    only: int | None = None,
) -> Draft:
    draft = Draft()
    request, shelf, may = glance.request, glance.shelf, glance.may
    if not may.any():
        return draft
    named: dict[str, npt.NDArray[np.int64]] = {}
    asked: list[str] = []
    reach = 0
    for source, top in built.sources:
        if source.scorer is None:
            rows = source.rows(glance)
            named[source.name] = rows[may[rows]][:top]
        elif source.scorer in mine:  # what counts nothing for anybody may not have been asked
            asked.append(source.scorer)
            reach += top
    # every item is scored anyway: what the sources would name is the best of them all, as many as they may name together
    said_well = np.zeros(len(shelf), np.bool_)
    for scorer in asked:
        said_well |= mine[scorer] > 0
    rows = top_rows(blend, may & said_well, max(reach, request.n + _SPARE))
    lists = [rows, *named.values()] if only is None else [rows, *named.values(), np.array([only], np.int64)]
    pool = np.unique(np.concatenate(lists))
    pool = pool[np.lexsort((pool, -blend[pool]))]
    head = pool[:POOL]
    # the ranker learnt of items that somebody took up; where most candidates never were, it has nothing to go by
    if worth is not None and len(head) and (popular[head] > 0).mean() >= 0.5:
        said = worth(blend, head, glance)
        if said is not None:
            draft.said = Said(head, *said)
            blend = lifted(blend, head, said[0])
            pool = pool[np.lexsort((pool, -blend[pool]))]
    if request.rerank and built.rerankers and len(pool) and only is None:
        best = pool[: max(_RERANKED, 4 * (request.n + _SPARE))]
        started = [reranker.start(config, best, glance) for reranker, config in built.rerankers]
        best = best[reorder(blend[best], started, request.n + _SPARE)]
        pool = np.concatenate([best, pool[len(best) :]])
    if only is not None:  # of its work the one that is asked for stays
        pool = pool[(shelf.group[pool] != shelf.group[only]) | (pool == only)]
    pool = _one_a_work(pool, shelf)
    belongs = {name: set(rows.tolist()) for name, rows in named.items()}

    def source_of(row: int) -> str:
        """The source that gives it the most; the first in the pipeline of several."""
        best, said = float("-inf"), "any"
        for source, _ in built.sources:
            if source.scorer is None:
                amount = 0.0 if row in belongs[source.name] else float("-inf")
            else:
                score = float(mine[source.scorer][row]) if source.scorer in mine else 0.0
                amount = weights.get(source.scorer, 0.0) * score if score > 0 else float("-inf")
            if amount > best:
                best, said = amount, source.name
        return said

    if only is not None:
        draft.place = 1 + int(np.flatnonzero(pool == only)[0])
        draft.add(only, float(blend[only]), source_of(only))
        return draft
    eligible = np.flatnonzero(may) if request.explore else np.zeros(0, np.int64)
    if len(eligible) > 1:
        plan = built.plan
        chances = policies[plan.explore_by](glance, eligible)
        for one in explored(glance, pool, eligible, chances, plan.explore):
            spoke = source_of(one.row) if one.by_rank else "explore"
            draft.add(one.row, float(blend[one.row]), spoke, one.propensity)
    else:
        for row in pool[: request.n].tolist():
            draft.add(row, float(blend[row]), source_of(row))
    _fall_back(draft, glance, built.fallback, mine, blend)
    return draft


def top_rows(scores: Floats, may: Mask, top: int) -> npt.NDArray[np.int64]:
    """The `top` rows of the largest scores among those that `may` allows, in any order.

    Over many items a bound is guessed from a sample, so that what is sorted out is a few times `top`, not all.
    """
    n = len(scores)
    if n > 20 * top:
        step = max(top // 16, 1)
        sample = np.where(may[::step], scores[::step], -np.inf)
        k = min(2 * top // step, len(sample) - 1)
        bound = np.partition(sample, len(sample) - 1 - k)[len(sample) - 1 - k]
        if bound > -np.inf:
            rows = np.flatnonzero(scores >= bound)
            rows = rows[may[rows]]
            if len(rows) >= top:
                return np.asarray(rows[np.argpartition(-scores[rows], top - 1)[:top]], np.int64)
    rows = np.flatnonzero(may)
    if len(rows) > top:
        rows = rows[np.argpartition(-scores[rows], top - 1)[:top]]
    return rows


def _one_a_work(pool: npt.NDArray[np.int64], shelf: Shelf) -> npt.NDArray[np.int64]:
    """The best copy of each work, in its place."""
    if not shelf.copies:
        return pool
    _, first = np.unique(shelf.group[pool], return_index=True)
    return pool[np.sort(first)]


def _fall_back(
    draft: Draft, glance: Glance, order: tuple[Source | None, ...], mine: dict[str, Floats], blend: Floats
) -> None:
    """Fill up in the stated order: works that are not in the list first, then further copies of those that are."""
    n, shelf, may = glance.request.n, glance.shelf, glance.may
    if len(draft.rows) >= n:
        return
    for copies in (False, True):
        left = may.copy()
        if copies:
            left[draft.rows] = False
        else:
            left &= ~np.isin(shelf.group, shelf.group[draft.rows])
        for source in order:
            if len(draft.rows) >= n:
                return
            if source is None:
                rows = np.flatnonzero(left)
            elif source.scorer is None:
                rows = source.rows(glance)
                rows = rows[left[rows]][: max(n // 2, 1)]
            else:
                scores = mine.get(source.scorer, np.zeros(len(shelf), np.float32))
                rows = np.flatnonzero(left & (scores > 0))
                rows = rows[np.lexsort((rows, -scores[rows]))]
            name = "any" if source is None else source.name
            for row in (rows if copies else _one_a_work(rows, shelf))[: n - len(draft.rows)].tolist():
                draft.add(row, float(blend[row]), name)
                left[shelf.group == shelf.group[row] if not copies else row] = False
