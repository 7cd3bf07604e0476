"""Weighs the scorers on held-out items: for all, and for people of whom little is known.

Takes the scores of some people by scorer and each one's held-out item; gives weights. Weights for short histories start from
those for all, are drawn back to them where few people speak, and are taken only where people who had no part in choosing them
gain by more than the standard error of their gain. Knows no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.strength import SEEN_CODES
from vitascope.train.judge import surer

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Weights = dict[str, float]

FIXED = "collaborative"
"""Keeps weight 1: a list does not change when all weights are multiplied."""
_GRID: dict[str, tuple[float, ...]] = {
    "taste": (0.05, 0.15, 0.4, 1.0),
    "content": (0.0, 0.05, 0.15, 0.4, 0.8),
    "popular": (0.0, 0.05, 0.15, 0.4),
    "neighbours": (0.0, 0.15, 0.5, 1.0),
    "factors": (0.0, 0.15, 0.5, 1.0, 2.0),
    "sequence": (0.0, 0.15, 0.5, 1.0, 2.0, 4.0, 8.0),
}
_WIDE: dict[str, tuple[float, ...]] = {
    "taste": (0.05, 0.15, 0.4, 1.0, 2.0),
    "content": (0.0, 0.05, 0.15, 0.4, 0.8, 1.5),
    "popular": (0.0, 0.05, 0.15, 0.4, 0.8, 1.5, 3.0),
    "neighbours": (0.0, 0.15, 0.5, 1.0, 2.0, 4.0, 8.0),
    "factors": (0.0, 0.15, 0.5, 1.0, 2.0, 4.0, 8.0),
    "sequence": _GRID["sequence"],
}
"""Of two acts little follows: what all people like may count more than it ever should for people who are known."""
_OTHERS = (0.0, 0.15, 0.5, 1.0, 2.0)
_ROUNDS = 3
_HALF_TRUST = 100.0
"""People at which weights for short histories lie half way between those for all and what was found."""
_DRAWS = 2
"""Windows that are cut out of each person's history for a group."""
_NEXT = 5
"""Items after a window that it is judged by."""
_K = 10
_RUNNERS = 100
"""The first so many of each scorer race."""
_LEAD = 4.0


class Race:
    """Held-out items among what their people have not seen, for any weights in a few passes.

    Only the best of each scorer race: what no scorer puts among its first `_RUNNERS` hardly comes among the first ten of all.

    Args:
        scores: scorer -> (p, n).
        answers: rows of each person's held-out items, (p, a), -1 where there are fewer.
        train: what each person did before.
    """

    def __init__(self, scores: Mapping[str, Floats], answers: Ints, train: Histories) -> None:
        people, n = next(iter(scores.values())).shape
        seen = np.zeros((people, n), np.bool_)
        taken = np.isin(train.type, SEEN_CODES)
        seen[train.owner[taken], train.item[taken]] = True
        columns = (
            _runners(scores, answers, seen) if n > _RUNNERS * (len(scores) + 1) else np.tile(np.arange(n), (people, 1))
        )
        self.has = answers >= 0
        self.scores = {name: np.take_along_axis(matrix, columns, axis=1) for name, matrix in scores.items()}
        """Of those that race, (p, m)."""
        self.held = {
            name: np.take_along_axis(matrix, np.maximum(answers, 0), axis=1) for name, matrix in scores.items()
        }
        """Of the held-out items, (p, a)."""
        self.out = np.take_along_axis(seen, columns, axis=1)
        """Who does not count: what was seen, and who is there twice."""
        self.out[:, 1:] |= columns[:, 1:] == columns[:, :-1]

    @property
    def names(self) -> tuple[str, ...]:
        """Scorers."""
        return tuple(self.scores)

    def some(self, people: Ints) -> Race:
        """Of these people alone."""
        out = object.__new__(Race)
        out.scores = {name: matrix[people] for name, matrix in self.scores.items()}
        out.held = {name: matrix[people] for name, matrix in self.held.items()}
        out.has, out.out = self.has[people], self.out[people]
        return out

    def total(self, weights: Mapping[str, float]) -> tuple[Floats, Floats]:
        """Weighted sums of those that race, -inf for who does not count, and of the held-out items."""
        ran, held = _weighted(self.scores, weights), _weighted(self.held, weights)
        ran[self.out] = -np.inf
        return ran, held

    def moved(self, total: tuple[Floats, Floats], name: str, change: float) -> tuple[Floats, Floats]:
        """`total` with another weight of one scorer."""
        by = np.float32(change)
        return total[0] + by * self.scores[name], total[1] + by * self.held[name]

    def gains(self, total: tuple[Floats, Floats]) -> Floats:
        """Mean NDCG@10 of each held-out item by itself, (p,); items level with it count half."""
        ran, held = total
        worth = np.zeros(len(ran))
        for mine, has in zip(held.T, self.has.T, strict=True):
            place = (ran > mine[:, None]).sum(axis=1) + np.maximum((ran == mine[:, None]).sum(axis=1) - 1, 0) / 2
            worth += np.where(has & (place < _K), 1 / np.log2(place + 2), 0)
        return np.asarray(worth / np.maximum(self.has.sum(axis=1), 1), np.float32)

    def worth(self, weights: Mapping[str, float]) -> Floats:
        """Mean NDCG@10 of each person's held-out items by these weights, (p,)."""
        return self.gains(self.total(weights))


def _runners(scores: Mapping[str, Floats], answers: Ints, seen: npt.NDArray[np.bool_]) -> Ints:
    """Columns of the best unseen items of each scorer and of the held-out ones, ascending in each row, some of them twice."""
    best = [
        np.argpartition(np.where(seen, np.inf, -matrix), _RUNNERS - 1, axis=1)[:, :_RUNNERS]
        for matrix in scores.values()
    ]
    return np.sort(np.concatenate([*best, np.maximum(answers, answers[:, :1])], axis=1), axis=1)


def _weighted(scores: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    out: Floats | None = None
    for name, matrix in scores.items():
        part = matrix * np.float32(weights.get(name, 0.0))
        out = part if out is None else np.add(out, part, out=out)
    assert out is not None
    return out


def search(race: Race, start: Mapping[str, float], *, wide: bool = False) -> Weights:
    """The best weights from a start: one scorer after the other, a change only where it is surely better."""
    grid = _WIDE if wide else _GRID
    weights = {name: float(start.get(name, 0.0)) for name in race.names}
    total = race.total(weights)
    gain = race.gains(total)
    for _ in range(_ROUNDS):
        before = dict(weights)
        for name in race.names:
            if name == FIXED:
                continue
            for value in grid.get(name, _OTHERS):
                if value == weights[name]:
                    continue
                tried = race.moved(total, name, value - weights[name])
                found = race.gains(tried)
                if surer(found, gain):
                    weights[name], total, gain = value, tried, found
        if weights == before:
            break
    return weights


def for_all(race: Race, usual: Mapping[str, float], start: Mapping[str, float] | None = None) -> Weights:
    """Weights for everyone; a scorer that does not help gets the least of its grid.

    Args:
        usual: names and weights that stay where a scorer is not in the race.
        start: weights of the model before, to begin from.
    """
    first = {name: _GRID.get(name, _OTHERS)[0] for name in race.names} if start is None else dict(start)
    return dict(usual) | search(race, first | {FIXED: 1.0})


def for_few(race: Race, owner: Ints, usual: Mapping[str, float]) -> tuple[Weights | None, float, float]:
    """Weights for people with short histories, or None where they surely gain nothing; the gain found, its standard error.

    Each half of the people chooses, the other judges; where together they gain, everybody chooses.

    Args:
        owner: whose each row of the race is.
    """
    _, person = np.unique(owner, return_inverse=True)
    people = int(person.max(initial=-1)) + 1
    change = np.zeros(len(owner), np.float32)
    places = np.arange(len(owner))
    for half in (0, 1):
        own, others = places[person % 2 == half], places[person % 2 != half]
        found = _drawn_back(_best(race.some(own), usual), usual, people // 2)
        away = race.some(others)
        change[others] = away.worth(found) - away.worth(usual)
    each = np.bincount(person, change) / np.maximum(np.bincount(person), 1)
    gain, error = float(each.mean()), float(each.std() / np.sqrt(max(people, 1)))
    if gain <= max(error, 1e-6):
        return None, gain, error
    return _drawn_back(_best(race, usual), usual, people), gain, error


def _best(race: Race, usual: Mapping[str, float]) -> Weights:
    """The best that is found from the usual weights, and from those under which one scorer made for few acts leads."""
    starts = [dict(usual), *(dict(usual) | {name: _LEAD} for name in ("neighbours", "factors") if name in race.names)]
    tries = [search(race, start, wide=True) for start in starts]
    return max(tries, key=lambda weights: float(race.worth(weights).mean()))


def _drawn_back(found: Mapping[str, float], usual: Mapping[str, float], people: int) -> Weights:
    trust = people / (people + _HALF_TRUST)
    return {name: round(usual.get(name, 0.0) * (1 - trust) + value * trust, 4) for name, value in found.items()}


@dataclass(frozen=True, eq=False)
class Cut:
    """Short histories: windows cut out of what some people did, and the items that each took up next."""

    histories: Histories
    answers: Ints
    """(w, a), -1 where fewer came."""
    owner: Ints
    """Place of the person whose window it is."""


def windows(histories: Histories, low: int, high: int, draws: int, seed: int) -> Cut:
    """Cut out windows of `low` to `high` items, each with the items that came next.

    Items stand in the order in which they were first taken up; those without a time, which have none, in an order by chance.

    Args:
        draws: windows of each person; people with too few items have none.
    """
    random = np.random.default_rng(seed)
    taken = np.isin(histories.type, SEEN_CODES)
    events: list[Ints] = []
    answers: list[list[int]] = []
    owners: list[int] = []
    for person in range(len(histories)):
        a, b = int(histories.start[person]), int(histories.start[person + 1])
        at = a + np.flatnonzero(taken[a:b])
        dated = ~np.isnan(histories.time[at])
        order = np.where(dated, 1.0 + np.arange(len(at)), random.random(len(at)))
        items = list(dict.fromkeys(histories.item[at[np.argsort(order)]].tolist()))
        for _ in range(draws if len(items) > low else 0):
            many = int(random.integers(low, min(high, len(items) - 1) + 1))
            end = int(random.integers(many, len(items)))
            events.append(at[np.isin(histories.item[at], items[end - many : end])])
            after = items[end : end + _NEXT]
            answers.append(after + [-1] * (_NEXT - len(after)))
            owners.append(person)
    owner = np.array(owners, np.int64)
    made = histories.gather(owner, events)
    return Cut(made, np.array(answers, np.int64).reshape(-1, _NEXT), owner)


def short(
    people: Histories,
    groups: Sequence[int],
    usual: Mapping[str, float],
    scores: Callable[[Histories], dict[str, Floats]],
    fewest: int,
    seed: int = 0,
) -> tuple[tuple[tuple[int, Weights], ...], list[str]]:
    """Weights for short histories: people are cut down to so few items, and weighed for.

    The longest histories first: who took up few items is more like who took up some than like who took up many, so each group
    starts from, is measured against and drawn back to what the next longer one has.

    Args:
        people: what people did of whom the models behind `scores` know nothing.
        groups: most items of each group, ascending; the first begins at 0.
        scores: of short histories, by scorer.
        fewest: with fewer people than this in a group nothing is chosen for it.

    Returns:
        (most items, weights) for every group up to the last that has its own; and what was found, in words.
    """
    out: list[tuple[int, Weights]] = []
    said: list[str] = []
    base = dict(usual)
    lows = [0, *(high + 1 for high in groups[:-1])]
    for low, high in reversed(list(zip(lows, groups, strict=True))):
        cut = windows(people, low, high, _DRAWS, seed)
        if len(np.unique(cut.owner)) >= fewest:
            found, gain, error = for_few(Race(scores(cut.histories), cut.answers, cut.histories), cut.owner, base)
            said.append(f"{low}-{high} items {gain:+.4f} +-{error:.4f} {'taken' if found is not None else 'left'}")
            base = base if found is None else base | found
        out.append((high, base))
    out.reverse()
    while out and out[-1][1] == dict(usual):
        out.pop()
    return tuple(out), said[::-1]
