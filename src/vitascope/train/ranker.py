"""The ranker's lesson: who was held out, what they could have been shown, what came of it.

Takes a bench that makes lists and figures, people's held-out items and a library of outcome models. Gives a model's arrays
where it ranked better than the blend on people it had not seen, and nothing where it did not. The gate judges by the same
people: their one yes or no, beyond a standard error of the gain, makes the figures of a model with a ranker a little too good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, lengths
from vitascope.base.people import EventType
from vitascope.base.ranking import Request
from vitascope.base.strength import SEEN_CODES
from vitascope.train import judge
from vitascope.train.artifacts import MemoryArtifacts

if TYPE_CHECKING:
    from vitascope.base.ports.outcomes import OutcomeModels
    from vitascope.base.ports.ranking import ScoreBench

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_CHUNK = 256
_FEWEST = 150
"""People whose held-out item was a candidate, below which nothing is learnt."""
_MOST_TEACHERS = 10_000
_OTHERS = 40
"""Candidates of a person that nothing is known to have come of, drawn by chance; they stand for all of them."""
_UNSEEN = 0.3
"""What a candidate that was never shown counts, where it is logged what was shown: it may well have been liked."""
FROM = "outcomes_from"
"""Array of a model: items that a person must have taken up for the ranker to speak."""
_LEAST = 0.1
"""Share of its teachers that knew fewer: of people unlike those it was taught by and judged on nothing is claimed."""
_MOST_WEIGHT = 10.0
"""Bound on 1 / propensity: a few lucky explorations must not be all that is learnt of."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What was learnt."""

    arrays: dict[str, npt.NDArray[np.generic]] = field(default_factory=dict)
    """Empty where the ranker is left off."""
    note: str = ""


def outcomes_of(kind: npt.NDArray[np.int8], value: Floats) -> dict[str, bool]:
    """What came of an item, from all that one person did with it."""
    of = {k: kind == k.code for k in EventType}
    stars = np.where(of[EventType.RATE], value, np.nan)
    fraction = np.where(of[EventType.PROGRESS] | of[EventType.SKIP], value, np.nan)
    complete = bool(of[EventType.COMPLETE].any() or np.nanmax(fraction, initial=-1) >= 0.95)
    return {
        "take": bool(np.isin(kind, SEEN_CODES).any()),
        "watch": complete or bool(np.nanmax(fraction, initial=-1) >= 0.5),
        "complete": complete,
        "like": bool((of[EventType.LIKE] | of[EventType.FAVOURITE]).any() or np.nanmax(stars, initial=-1) >= 4),
        "share": bool(of[EventType.SHARE].any()),
        "hide": bool((of[EventType.HIDE] | of[EventType.DISLIKE]).any() or np.nanmin(stars, initial=9) <= 2),
    }


def learn(
    bench: ScoreBench,
    models: OutcomeModels,
    histories: Histories,
    split: judge.Split,
    teachers: Ints,
    judges: Ints,
    artifacts: MemoryArtifacts,
    request: Request,
    propensities: Callable[[Sequence[int]], Mapping[int, float]],
    seed: int,
) -> Lesson:
    """Learn from some people's held-out items, decide by others'.

    Args:
        histories: everything, in the order of people of `split.train`.
        teachers: places of people with a held-out item; those who are judges too are left out.
        judges: places of people with a held-out item.
        artifacts: a model that has not seen what is held out.
        request: all but the person; its surface's objective says what a list is worth.
        propensities: event number -> logged chance, of impressions.
    """
    objective = bench.objective(request.surface)
    teachers = np.setdiff1d(teachers, judges)
    if len(teachers) > _MOST_TEACHERS:
        teachers = np.sort(np.random.default_rng(seed).choice(teachers, _MOST_TEACHERS, replace=False))
    if not objective or len(teachers) < _FEWEST:
        return Lesson(note="ranker left off: too few people to learn from some and judge by others")
    rows = _rows(bench, histories, split, teachers, artifacts, request, propensities, seed)
    if rows is None:
        return Lesson(note="ranker left off: too few held-out items were candidates")
    x, labels, weights, groups, names = rows
    model = models.fit(x, labels, weights, groups, names, seed)
    if model is None:
        return Lesson(note="ranker left off: no outcome came often enough")
    arrays = dict(model.dump())
    taught = lengths(judge.pick(split.train, teachers))
    arrays[FROM] = np.array([int(np.quantile(taught, _LEAST))])
    with_it = MemoryArtifacts("trial", dict(artifacts.arrays) | arrays, artifacts.texts)
    plain = _worth(bench, histories, split, judges, artifacts, request, objective)
    ranked = _worth(bench, histories, split, judges, with_it, request, objective)
    change = ranked - plain
    error = float(change.std() / np.sqrt(max(len(change), 1)))
    said = f"{plain.mean():.4f} -> {ranked.mean():.4f} (+-{error:.4f}, {len(change)} people)"
    if float(change.mean()) <= error:
        return Lesson(note=f"ranker left off: {said}")
    return Lesson(arrays, f"ranker on ({', '.join(model.outcomes)}): {said}")


def _rows(
    bench: ScoreBench,
    histories: Histories,
    split: judge.Split,
    people: Ints,
    artifacts: MemoryArtifacts,
    request: Request,
    propensities: Callable[[Sequence[int]], Mapping[int, float]],
    seed: int,
) -> tuple[Floats, dict[str, Floats], Floats, Ints, tuple[str, ...]] | None:
    random = np.random.default_rng(seed)
    train = judge.pick(split.train, people)
    numbers = histories.number[histories.type == EventType.IMPRESSION.code]
    chance = propensities(numbers.tolist()) if len(numbers) else {}
    xs, told, weights, groups = [], [], [], []
    names: tuple[str, ...] = ()
    found = 0
    for first in range(0, len(train), _CHUNK):
        piece = train.chunk(first, min(first + _CHUNK, len(train)))
        pools = bench.candidates(piece, artifacts, request)
        chosen: list[Ints] = []
        for at, pool in enumerate(pools):
            place = int(people[first + at])
            a, b = int(histories.start[place]), int(histories.start[place + 1])
            item, kind, value = histories.item[a:b], histories.type[a:b], histories.value[a:b]
            answer = int(split.answer[place])
            shown = pool[np.isin(pool, item[kind == EventType.IMPRESSION.code])]
            here = pool[pool == answer]
            found += len(here)
            rest = pool[~np.isin(pool, shown) & (pool != answer)]
            some = rest[random.permutation(len(rest))[:_OTHERS]]
            mine = np.concatenate([here, shown[shown != answer], some])
            chosen.append(mine)
            stands_for = (len(rest) / max(len(some), 1)) * (_UNSEEN if len(shown) else 1.0)
            for row in mine.tolist():
                same = item == row
                told.append(outcomes_of(kind[same], value[same]))
                if row in rest:
                    weights.append(stands_for)
                    continue
                logged = [chance[n] for n in histories.number[a:b][same].tolist() if n in chance]
                weights.append(min(1 / max(min(logged), 1e-6), _MOST_WEIGHT) if logged else 1.0)
            groups += [place] * len(mine)
        x, names = bench.figures(piece, artifacts, request, chosen)
        xs.append(x)
    if found < _FEWEST:
        return None
    labels = {name: np.array([t[name] for t in told], np.float32) for name in told[0]}
    return np.concatenate(xs), labels, np.array(weights, np.float32), np.array(groups, np.int64), names


def _worth(
    bench: ScoreBench,
    histories: Histories,
    split: judge.Split,
    people: Ints,
    artifacts: MemoryArtifacts,
    request: Request,
    objective: Mapping[str, float],
) -> Floats:
    """What each person's list was worth: the objective's worth of what came of the held-out item, discounted by its place."""
    train = judge.pick(split.train, people)
    out = np.zeros(len(people), np.float32)
    for first in range(0, len(train), _CHUNK):
        piece = train.chunk(first, min(first + _CHUNK, len(train)))
        for at, rows in enumerate(bench.lists(piece, artifacts, request)):
            place = int(people[first + at])
            where = np.flatnonzero(rows == split.answer[place])
            if not len(where):
                continue
            a, b = int(histories.start[place]), int(histories.start[place + 1])
            same = histories.item[a:b] == split.answer[place]
            came = outcomes_of(histories.type[a:b][same], histories.value[a:b][same])
            worth = sum(weight for name, weight in objective.items() if came.get(name))
            out[first + at] = worth / np.log2(int(where[0]) + 2)
    return out
