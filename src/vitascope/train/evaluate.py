"""What lists are worth on held-out events: this library's beside popularity and chance, and the price of each re-ranker.

Takes histories, a bench that makes lists and a way to fit a model on what was not held out. Gives means over people with
bootstrap intervals. Chance needs no draw: its expectation is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.service import Progress
from vitascope.base.ranking import EvaluationReport, Figure, Judged, Request
from vitascope.base.strength import SEEN_CODES
from vitascope.train import judge

if TYPE_CHECKING:
    from vitascope.base.ports.ranking import Artifacts, ScoreBench

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SPLITS = ("last", "time")
_CHUNK = 512
_RESAMPLES = 1_000
_AFTER = 0.1
"""Share of the dated acts that the split by time holds out."""


@dataclass(frozen=True, eq=False)
class Held:
    """Histories up to a point, and what each person took up after it (empty: not judged)."""

    train: Histories
    answers: tuple[Ints, ...]


def last(histories: Histories, seed: int) -> Held:
    """Hold out each person's last item."""
    split = judge.leave_last_out(histories, seed)
    return Held(split.train, tuple(np.array([a], np.int64) if a >= 0 else _NONE for a in split.answer.tolist()))


def after(histories: Histories) -> Held:
    """Hold out all that came after the moment before which nine tenths of the dated acts lie.

    Undated acts stay: nobody knows when they were. Judged is who acted before, on items that are new to them.
    """
    taken = np.isin(histories.type, SEEN_CODES) & ~np.isnan(histories.time)
    if not taken.any():
        return Held(histories, tuple(_NONE for _ in range(len(histories))))
    moment = float(np.quantile(histories.time[taken], 1 - _AFTER, method="lower"))
    late = ~np.isnan(histories.time) & (histories.time > moment)
    answers = []
    for a, b in zip(histories.start[:-1].tolist(), histories.start[1:].tolist(), strict=True):
        before = histories.item[a:b][~late[a:b]]
        mine = np.unique(histories.item[a:b][late[a:b] & taken[a:b]])
        answers.append(mine[~np.isin(mine, before)] if len(before) else _NONE)
    return Held(histories.select(~late), tuple(answers))


def evaluate(
    histories: Histories,
    split: str,
    bench: ScoreBench,
    learn: Callable[[Histories], Artifacts],
    request: Request,
    most: int,
    seed: int,
    progress: Progress,
    rerankers: Sequence[str] = (),
) -> EvaluationReport:
    """One split, all ways.

    Args:
        most: people judged at most, drawn by seed.
        rerankers: those whose price is wanted; none: the surface's own, one by one and all together.
    """
    held = last(histories, seed) if split == "last" else after(histories)
    judged = np.flatnonzero([len(a) > 0 for a in held.answers])
    if len(judged) > most:
        judged = np.sort(np.random.default_rng(seed).choice(judged, most, replace=False))
    answers = [held.answers[p] for p in judged.tolist()]
    report = EvaluationReport(
        surface=request.surface,
        split=split,
        k=request.n,
        people=len(judged),
        held_out=sum(map(len, answers)),
        seed=seed,
        ways=(),
    )
    if not len(judged):
        why = "nobody has dated events on both sides" if split == "time" else "nobody has two items"
        return report.model_copy(update={"note": f"nothing can be held out: {why}"})
    progress("evaluate", 0, 4, f"{split}: fitting without what is held out")
    model = learn(held.train)
    mine = judge.pick(held.train, judged)

    def lists(weights: dict[str, float] | None = None, rerankers: Sequence[str] = ()) -> list[Ints]:
        return [
            rows
            for first in range(0, len(mine), _CHUNK)
            for rows in bench.lists(
                mine.chunk(first, min(first + _CHUNK, len(mine))), model, request, weights, rerankers
            )
        ]

    progress("evaluate", 1, 4, f"{split}: making lists")
    plain = lists()
    shown = int(bench.shown().sum())
    ways = [
        ("vitascope", _figures(plain, answers, request.n, bench, shown)),
        ("popular", _figures(lists({"popular": 1.0}), answers, request.n, bench, shown)),
        ("chance", _chance(mine, answers, request.n, shown)),
    ]
    progress("evaluate", 2, 4, f"{split}: what re-rankers cost")
    names = tuple(rerankers) or bench.rerankers(request.surface)
    sets = [(name,) for name in names] + ([names] if len(names) > 1 else [])
    prices = []
    for chosen in sets:
        figures = _figures(lists(rerankers=chosen), answers, request.n, bench, shown)
        change = {n: values - ways[0][1][n] for n, values in figures.items() if n != "coverage"}
        prices.append(Judged(what=" + ".join(chosen), figures=_means(change, seed)))
    progress("evaluate", 4, 4, f"{split}: done")
    return report.model_copy(
        update={
            "ways": tuple(Judged(what=what, figures=_means(figures, seed)) for what, figures in ways),
            "prices": tuple(prices),
        }
    )


def _figures(
    lists: Sequence[Ints], answers: Sequence[Ints], k: int, bench: ScoreBench, shown: int
) -> dict[str, Floats]:
    """Figure -> a value a person; `coverage` has one value in all."""
    hits, gains, recalls, variety = [], [], [], []
    for rows, answer in zip(lists, answers, strict=True):
        places = np.flatnonzero(np.isin(rows[:k], answer))
        best = float((1 / np.log2(np.arange(min(len(answer), k)) + 2)).sum())
        hits.append(float(len(places) > 0))
        gains.append(float((1 / np.log2(places + 2)).sum()) / best)
        recalls.append(len(places) / len(answer))
        variety.append(bench.variety(rows[:k]))
    named = np.unique(np.concatenate([rows[:k] for rows in lists])) if lists else _NONE
    return {
        "HR": np.array(hits),
        "NDCG": np.array(gains),
        "recall": np.array(recalls),
        "variety": np.array(variety),
        "coverage": np.array([len(named) / max(shown, 1)]),
    }


def _chance(train: Histories, answers: Sequence[Ints], k: int, shown: int) -> dict[str, Floats]:
    """The expectation of a list drawn at random from what the person has not seen."""
    taken = np.isin(train.type, SEEN_CODES)
    seen = np.array(
        [
            len(np.unique(train.item[a:b][taken[a:b]]))
            for a, b in zip(train.start[:-1].tolist(), train.start[1:].tolist(), strict=True)
        ]
    )
    many = np.array([len(a) for a in answers], np.int64)
    left = np.maximum(shown - seen, many)
    drawn = np.minimum(k, left)
    # nobody of the answer is drawn: the product over places of (left - many - place) / (left - place)
    place = np.arange(k)[None, :]
    inside = place < drawn[:, None]
    miss = np.maximum(left[:, None] - many[:, None] - place, 0) / np.maximum(left[:, None] - place, 1)
    gain = 1 / np.log2(np.arange(k) + 2)
    total = (inside * gain).sum(axis=1)
    best = np.array([gain[: min(len(a), k)].sum() for a in answers])
    return {
        "HR": 1 - np.where(inside, miss, 1.0).prod(axis=1),
        "NDCG": many / left * total / best,
        "recall": drawn / left,
    }


def _means(figures: dict[str, Floats], seed: int) -> tuple[Figure, ...]:
    out = []
    for name, values in figures.items():
        mean = float(values.mean())
        low = high = mean
        if len(values) > 1:
            random = np.random.default_rng(seed)
            n = len(values)
            drawn = np.array([values[random.integers(n, size=n)].mean() for _ in range(_RESAMPLES)])
            low, high = (float(q) for q in np.percentile(drawn, [2.5, 97.5]))
        out.append(Figure(name=name, value=round(mean, 6), low=round(low, 6), high=round(high, 6)))
    return tuple(out)


_NONE = np.zeros(0, np.int64)
