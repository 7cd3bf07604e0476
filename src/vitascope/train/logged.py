"""What this library's lists would have earned where others were shown: off-policy estimates from the logged chances.

Takes histories with impressions whose chance is known, a bench that makes lists and a way to fit a model; gives an evaluation.
The model is fitted on the first half of the log and asked about the second, each list by what was known when it was shown.

What is estimated: the share of places whose item was taken up within a week, had each place of the log, given what stood above
it, gone to the next item by the policy's rank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.people import EventType
from vitascope.base.ports.service import Progress
from vitascope.base.ranking import EvaluationReport, Figure, Judged, Request
from vitascope.base.strength import SEEN_CODES
from vitascope.train import offpolicy
from vitascope.train.offpolicy import Estimate, Log

if TYPE_CHECKING:
    from vitascope.base.ports.ranking import Artifacts, ScoreBench

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SPLIT = "logged"
_WITHIN = 7 * 86_400.0
_CHUNK = 256
_FEWEST = 20
"""Places below which nothing is said."""


@dataclass(frozen=True, eq=False)
class Shown:
    """One list of the log."""

    owner: int
    """Place of the person in the histories."""
    rows: Ints
    chances: Floats
    taken: Floats
    """1 where the item was taken up within a week after."""
    before: int
    """The number of its first impression: what came before was known."""


def lists_of(histories: Histories, chance: Mapping[int, float], after: float) -> list[Shown]:
    """The lists of the log whose first place was shown after a moment, in order.

    Args:
        chance: number of an impression -> the chance with which its item got the place.
    """
    out: list[Shown] = []
    for owner in range(len(histories)):
        a, b = int(histories.start[owner]), int(histories.start[owner + 1])
        item, time, number = histories.item[a:b], histories.time[a:b], histories.number[a:b]
        mine = [
            i
            for i in np.flatnonzero(histories.type[a:b] == EventType.IMPRESSION.code).tolist()
            if int(number[i]) in chance and time[i] > after
        ]
        taken = np.isin(histories.type[a:b], SEEN_CODES)
        for moment in sorted({float(time[i]) for i in mine}):
            these = sorted((i for i in mine if time[i] == moment), key=lambda i: int(number[i]))
            came = [
                bool((taken & (item == item[i]) & (number > number[i]) & (time <= time[i] + _WITHIN)).any())
                for i in these
            ]
            out.append(
                Shown(
                    owner,
                    item[these].astype(np.int64),
                    np.array([chance[int(number[i])] for i in these]),
                    np.array(came, np.float64),
                    int(number[these[0]]),
                )
            )
    return out


def known_before(histories: Histories, lists: Sequence[Shown]) -> Histories:
    """What was known of the person when each list was made: one history a list."""
    owners = np.array([one.owner for one in lists], np.int64)
    events = []
    for one in lists:
        a, b = int(histories.start[one.owner]), int(histories.start[one.owner + 1])
        events.append(a + np.flatnonzero(histories.number[a:b] < one.before))
    made = histories.gather(owners, events)
    return made.select(np.ones(len(made.item), np.bool_))  # a verdict that was replaced later stood then


def wanted_rows(shown: Ints, ranked: Ints) -> Ints:
    """What a policy would have put at each place, given what stood above it; -1 where it has nothing left."""
    out = np.full(len(shown), -1, np.int64)
    for place in range(len(shown)):
        left = ranked[~np.isin(ranked, shown[:place])]
        if len(left):
            out[place] = left[0]
    return out


def evaluate(
    histories: Histories,
    chance: Mapping[int, float],
    bench: ScoreBench,
    learn: Callable[[Histories], Artifacts],
    request: Request,
    most: int,
    seed: int,
    progress: Progress,
) -> EvaluationReport:
    """IPS, SNIPS and DR of this library's lists and of popularity, beside what the log's own lists earned.

    Args:
        chance: number of an impression of the request's surface -> its logged chance.
        most: people at most, drawn by seed.
    """
    dated = histories.time[np.isin(histories.number, np.fromiter(chance, np.int64, len(chance)))]
    dated = dated[~np.isnan(dated)]
    report = EvaluationReport(
        surface=request.surface, split=SPLIT, k=0, people=0, held_out=0, seed=seed, ways=(), note=""
    )
    lists = lists_of(histories, chance, float(np.median(dated))) if len(dated) else []
    owners = np.unique([one.owner for one in lists])
    if len(owners) > most:
        kept = set(np.random.default_rng(seed).choice(owners, most, replace=False).tolist())
        lists = [one for one in lists if one.owner in kept]
    places = sum(len(one.rows) for one in lists)
    if places < _FEWEST:
        return report.model_copy(
            update={"note": "too few places were shown with a known chance: list with exploration"}
        )
    first = min(one.before for one in lists)
    progress("evaluate", 0, 3, "logged: fitting on what came before")
    model = learn(histories.select(histories.number < first))
    asked = request.model_copy(update={"n": max(len(one.rows) for one in lists)})
    log = Log(
        np.concatenate([one.taken for one in lists]),
        np.concatenate([one.chances for one in lists]),
        np.concatenate([np.full(len(one.rows), one.owner, np.int64) for one in lists]),
    )
    ways = []
    for at, (what, weights) in enumerate((("vitascope", None), ("popular", {"popular": 1.0}))):
        progress("evaluate", 1 + at, 3, f"logged: {what}")
        ways.append(Judged(what=what, figures=_figures(histories, lists, log, bench, model, asked, weights, seed)))
    earned = offpolicy.as_logged(log, seed)
    ways.append(Judged(what="as logged", figures=tuple(_figure(n, earned) for n in ("IPS", "SNIPS", "DR"))))
    progress("evaluate", 3, 3, "logged: done")
    people = len({one.owner for one in lists})
    return report.model_copy(update={"k": asked.n, "people": people, "held_out": places, "ways": tuple(ways)})


def _figures(
    histories: Histories,
    lists: Sequence[Shown],
    log: Log,
    bench: ScoreBench,
    model: Artifacts,
    request: Request,
    weights: Mapping[str, float] | None,
    seed: int,
) -> tuple[Figure, ...]:
    chosen: list[Ints] = []
    x: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]] = []
    for first in range(0, len(lists), _CHUNK):
        some = lists[first : first + _CHUNK]
        known = known_before(histories, some)
        ranked = bench.lists(known, model, request, weights)
        here = [wanted_rows(one.rows, rows) for one, rows in zip(some, ranked, strict=True)]
        chosen += here
        shown, names = bench.figures(known, model, request, [one.rows for one in some])
        told = [np.where(w >= 0, w, one.rows) for w, one in zip(here, some, strict=True)]
        wanted, _ = bench.figures(known, model, request, told)
        keep = np.array([name != "place" for name in names])  # among what was asked about: no figure of the item
        x.append((shown[:, keep], wanted[:, keep]))
    same = np.concatenate([w == one.rows for w, one in zip(chosen, lists, strict=True)]).astype(np.float64)
    has = np.concatenate(chosen) >= 0
    about_shown, about_chosen = (np.concatenate([pair[i] for pair in x]).astype(np.float64) for i in (0, 1))
    foretold, theirs = offpolicy.regress(about_shown, log.reward, log.owner, about_chosen)
    out = [_figure("IPS", offpolicy.ips(log, same, seed))]
    if same.any():
        out.append(_figure("SNIPS", offpolicy.snips(log, same, seed)))
    out.append(_figure("DR", offpolicy.doubly_robust(log, same, foretold, np.where(has, theirs, 0.0), seed)))
    rests = offpolicy.overlap(log, same)
    out.append(Figure(name="rests on", value=rests, low=rests, high=rests))
    return tuple(out)


def _figure(name: str, estimate: Estimate) -> Figure:
    return Figure(name=name, value=round(estimate.value, 6), low=round(estimate.low, 6), high=round(estimate.high, 6))
