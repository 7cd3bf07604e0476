"""Weighs the scorers on held-out items: for all, and for people of whom little is known.

Takes the scores of some people by scorer and each one's held-out item; gives weights. Weights for short histories start from
those for all, are drawn back to them where few people speak, and are taken only where people who had no part in choosing them
gain by more than the standard error of their gain. Knows no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, lengths
from vitascope.base.strength import SEEN_CODES
from vitascope.train.judge import pick, surer

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Weights = dict[str, float]

FIXED = "collaborative"
"""Keeps weight 1: a list does not change when all weights are multiplied."""
_GRID: dict[str, tuple[float, ...]] = {
    "taste": (0.05, 0.15, 0.4, 1.0),
    "content": (0.0, 0.05, 0.15, 0.4, 0.8),
    "popular": (0.0, 0.05, 0.15, 0.4),
    "sequence": (0.0, 0.15, 0.5, 1.0, 2.0, 4.0, 8.0),
}
_WIDE: dict[str, tuple[float, ...]] = {
    "taste": (0.05, 0.15, 0.4, 1.0, 2.0),
    "content": (0.0, 0.05, 0.15, 0.4, 0.8, 1.5),
    "popular": (0.0, 0.05, 0.15, 0.4, 0.8, 1.5, 3.0),
    "sequence": _GRID["sequence"],
}
"""Of two acts little follows: what all people like may count more than it ever should for people who are known."""
_OTHERS = (0.0, 0.15, 0.5, 1.0, 2.0)
_ROUNDS = 3
_HALF_TRUST = 100.0
"""People at which weights for short histories lie half way between those for all and what was found."""
_K = 10


class Race:
    """Held-out items among what their people have not seen, for any weights in a few passes.

    Args:
        scores: scorer -> (p, n); taken over and changed.
        answer: row of each person's held-out item, (p,).
        train: what each person did before.
    """

    def __init__(self, scores: dict[str, Floats], answer: Ints, train: Histories) -> None:
        people = np.arange(len(answer))
        for matrix in scores.values():
            matrix -= matrix[people, answer][:, None].copy()
        self.lead = scores
        """By how much each item leads the held-out one."""
        taken = np.isin(train.type, SEEN_CODES)
        self._seen = (train.owner[taken], train.item[taken])

    @property
    def names(self) -> tuple[str, ...]:
        """Scorers."""
        return tuple(self.lead)

    def some(self, people: Ints) -> Race:
        """Of these people (ascending places) alone."""
        out = object.__new__(Race)
        out.lead = {name: matrix[people] for name, matrix in self.lead.items()}
        place = np.full(max((len(m) for m in self.lead.values()), default=0), -1, np.int64)
        place[people] = np.arange(len(people))
        owner, item = self._seen
        keep = place[owner] >= 0
        out._seen = (place[owner[keep]], item[keep])
        return out

    def total(self, weights: Mapping[str, float]) -> Floats:
        """Weighted leads, (p, n)."""
        out: Floats | None = None
        for name, matrix in self.lead.items():
            part = matrix * np.float32(weights.get(name, 0.0))
            out = part if out is None else np.add(out, part, out=out)
        assert out is not None
        return out

    def gains(self, total: Floats) -> Floats:
        """NDCG@10 of each person, (p,); items level with the held-out one count half."""
        above, level = total > 0, total == 0
        above[self._seen] = level[self._seen] = False
        place = above.sum(axis=1) + np.maximum(level.sum(axis=1) - 1, 0) / 2
        return np.where(place < _K, 1 / np.log2(place + 2), 0).astype(np.float32)

    def worth(self, weights: Mapping[str, float]) -> Floats:
        """NDCG@10 of each person by these weights, (p,)."""
        return self.gains(self.total(weights))


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
                tried = total + np.float32(value - weights[name]) * race.lead[name]
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


def for_few(race: Race, usual: Mapping[str, float]) -> tuple[Weights | None, float, float]:
    """Weights for people with short histories, or None where they surely gain nothing; the gain found, its standard error.

    Each half of the people chooses, the other judges; where together they gain, everybody chooses.
    """
    people = len(next(iter(race.lead.values())))
    change = np.zeros(people, np.float32)
    places = np.arange(people)
    for half in (0, 1):
        own, others = places[places % 2 == half], places[places % 2 != half]
        found = _drawn_back(search(race.some(own), usual, wide=True), usual, len(own))
        away = race.some(others)
        change[others] = away.worth(found) - away.worth(usual)
    gain, error = float(change.mean()), float(change.std() / np.sqrt(max(people, 1)))
    if gain <= max(error, 1e-6):
        return None, gain, error
    return _drawn_back(search(race, usual, wide=True), usual, people), gain, error


def _drawn_back(found: Mapping[str, float], usual: Mapping[str, float], people: int) -> Weights:
    trust = people / (people + _HALF_TRUST)
    return {name: round(usual.get(name, 0.0) * (1 - trust) + value * trust, 4) for name, value in found.items()}


def cut(histories: Histories, most: Ints, seed: int) -> Histories:
    """As if each person had taken up so few items: their last ones; of items without a time some by chance.

    Args:
        most: items that each person keeps, (p,).
    """
    random = np.random.default_rng(seed)
    keep = np.zeros(len(histories.item), np.bool_)
    taken = np.isin(histories.type, SEEN_CODES)
    for person, many in enumerate(most.tolist()):
        a, b = int(histories.start[person]), int(histories.start[person + 1])
        mine = histories.item[a:b]
        at = np.flatnonzero(taken[a:b])
        if not many or not len(at):
            continue
        dated = ~np.isnan(histories.time[a:b][at])
        order = np.where(dated, 1.0 + np.arange(len(at)), random.random(len(at)))
        chosen = list(dict.fromkeys(mine[at[np.argsort(-order)]].tolist()))[:many]
        keep[a:b] = np.isin(mine, chosen)
    return histories.select(keep)


def short(
    train: Histories,
    answer: Ints,
    groups: Sequence[int],
    usual: Mapping[str, float],
    scores: Callable[[Histories], dict[str, Floats]],
    fewest: int,
    most: int,
    seed: int = 0,
) -> tuple[tuple[tuple[int, Weights], ...], list[str]]:
    """Weights for short histories: people are cut down to so few items, and weighed for.

    Args:
        train: people with a held-out item; `answer` its row.
        groups: most items of each group, ascending; the first begins at 0.
        scores: of cut histories, by scorer.
        fewest: with fewer people than this in a group nothing is chosen for it.
        most: people of a group at most, drawn by seed.

    Returns:
        (most items, weights) for every group up to the last that has its own; and what was found, in words.
    """
    random = np.random.default_rng(seed)
    has = lengths(train)
    out: list[tuple[int, Weights]] = []
    said: list[str] = []
    low = 0
    for high in groups:
        people = np.flatnonzero(has >= low)
        if len(people) > most:
            people = np.sort(random.choice(people, most, replace=False))
        if len(people) < fewest:
            break
        want = np.minimum(random.integers(low, high + 1, len(people)), has[people])
        less = cut(pick(train, people), want, seed)
        found, gain, error = for_few(Race(scores(less), answer[people], less), usual)
        out.append((high, dict(usual) if found is None else dict(usual) | found))
        said.append(f"{low}-{high} items {gain:+.4f} +-{error:.4f} {'taken' if found is not None else 'left'}")
        low = high + 1
    while out and out[-1][1] == dict(usual):
        out.pop()
    return tuple(out), said
