"""Held-out events and the figures on them. Takes histories, score matrices and lists; gives splits, HR@10 and NDCG@10."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ranking import Metric
from vitascope.base.strength import SEEN_CODES

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

K = 10
MIDDLE = np.uint64(1 << 63)
"""Half of all marks lie below."""


@dataclass(frozen=True, eq=False)
class Split:
    """Histories without one item of each person, and that item's row (-1: the person has too little to hold out)."""

    train: Histories
    answer: Ints


def leave_last_out(histories: Histories, seed: int) -> Split:
    """Hold out the item that each person took up last; where nothing has a time, one by chance (seeded)."""
    n = len(histories.item)
    answer = np.full(len(histories), -1, np.int64)
    keep = np.ones(n, np.bool_)
    random = np.random.default_rng(seed)
    taken = np.isin(histories.type, SEEN_CODES)
    dated = ~np.isnan(histories.time)
    for person in range(len(histories)):
        a, b = int(histories.start[person]), int(histories.start[person + 1])
        mine = a + np.flatnonzero(taken[a:b])
        chance = random.random()
        if len(mine) < 2:
            continue
        timed = mine[dated[mine]]
        row = histories.item[timed[-1]] if len(timed) else histories.item[mine[int(chance * len(mine))]]
        out = histories.item[a:b] == row
        if len(np.unique(histories.item[mine])) < 2:
            continue
        answer[person] = row
        keep[a:b][out] = False
    return Split(histories.select(keep), answer)


def pick(histories: Histories, people: npt.NDArray[np.int64]) -> Histories:
    """The histories of some people, by their places (ascending)."""
    keep = np.isin(histories.owner, people)
    counts = np.diff(histories.start)[people]
    chosen = histories.select(keep)
    place = {int(p): i for i, p in enumerate(people)}
    return replace(
        chosen,
        people=histories.people[people],
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        follows=tuple(replace(f, person=place[f.person]) for f in histories.follows if f.person in place),
    )


def places(blend: Floats, answer: Ints, train: Histories) -> Floats:
    """Place (0-based) of each answer among what its person has not seen; ties count half. Shape (p,)."""
    scores = blend.astype(np.float32, copy=True)
    taken = np.isin(train.type, SEEN_CODES)
    scores[train.owner[taken], train.item[taken]] = -np.inf
    mine = blend[np.arange(len(answer)), answer][:, None]
    above = (scores > mine).sum(axis=1)
    level = (scores == mine).sum(axis=1) - 1
    return np.asarray(above + level / 2, np.float32)


def figures(place: Floats, prefix: str = "") -> tuple[Metric, ...]:
    """HR@10 and NDCG@10 of places."""
    n = len(place)
    hit = place < K
    gain = np.where(hit, 1 / np.log2(place + 2), 0)
    return (
        Metric(name=f"{prefix}HR@{K}", value=float(hit.mean()) if n else 0.0, n=n),
        Metric(name=f"{prefix}NDCG@{K}", value=float(gain.mean()) if n else 0.0, n=n),
    )


def gains(place: Floats) -> Floats:
    """What each place is worth to NDCG@10, shape (p,)."""
    return np.where(place < K, 1 / np.log2(place + 2), 0).astype(np.float32)


def surer(found: Floats, before: Floats) -> bool:
    """Whether people gain by more than half the standard error of their gain: what is not clearly better is left alone."""
    change = found - before
    return bool(change.mean() > max(1e-6, 0.5 * float(change.std()) / np.sqrt(max(len(change), 1))))


def listed(lists: Iterable[Ints], answer: Ints) -> Floats:
    """Place (0-based) of each answer in its person's list; inf where it is not in it. Shape (p,)."""
    out = np.full(len(answer), np.inf, np.float32)
    for person, rows in enumerate(lists):
        where = np.flatnonzero(rows == answer[person])
        if len(where):
            out[person] = where[0]
    return out


def marks(people: Ints) -> npt.NDArray[np.uint64]:
    """A number for each person that looks like chance and never changes (the finaliser of SplitMix64), shape (p,)."""
    x = people.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
