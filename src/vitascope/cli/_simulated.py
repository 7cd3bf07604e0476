"""The simulated demo: a made-up audience and library of any size, learning on against learning off on the same stream.

Everything here is SIMULATED and says so. Each simulated person has a hidden taste vector over themes, each simulated
item a hidden mixture of themes; whether a person takes to an item is drawn from the two. The library is given titles,
tags, creators and events alone, through the same door as everybody; the hidden vectors never leave this module.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.service import Ask, RawEvent
from vitascope.cli._common import Run
from vitascope.cli._say import _

if TYPE_CHECKING:
    from vitascope.base.ports.service import Progress, Service

N = 10
ROUNDS = 4
ROWS_A_PERSON = 10
_DAY = 86_400.0
_THEMES = (
    "mountains rivers trains kitchens stars oceans gardens horses bridges violins drums chess sailing deserts "
    "castles puppets storms markets robots glaciers"
).split()
# two-sided 97.5% points of Student's t for 1, 2, ... degrees of freedom
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


@dataclass(frozen=True)
class World:
    """The hidden truth of one seed. `chance[p, i]`: how likely person p takes to item i; `takes`: one draw of it."""

    chance: npt.NDArray[np.float32]
    takes: npt.NDArray[np.bool_]
    rows: tuple[dict[str, Any], ...]
    """Items as a manifest states them."""


def make_world(people: int, items: int, seed: int) -> World:
    """Draw tastes, items and outcomes."""
    rng = np.random.default_rng(seed)
    themes = len(_THEMES)
    mixture = rng.dirichlet(np.full(themes, 0.12), items)
    taste = rng.dirichlet(np.full(themes, 0.12), people)
    fit = taste @ mixture.T
    fit = (fit - fit.mean()) / fit.std()
    good = rng.normal(0.0, 0.4, items)
    chance = (1.0 / (1.0 + np.exp(-(1.6 * fit + good[None, :] - 1.6)))).astype(np.float32)
    rows = []
    for i in range(items):
        order = np.argsort(-mixture[i])[:2]
        names = [_THEMES[t] for t in order if mixture[i, t] > 0.2]
        rows.append(
            {
                "item_id": f"sim-{i}",
                "title": f"Simulated item {i}" + (f": {' and '.join(names)}" if names else ""),
                "tags": names,
                "creator": f"Simulated creator {int(order[0]) * 3 + i % 3}",
                "kind": "video",
            }
        )
    return World(chance, rng.random((people, items)) < chance, tuple(rows))


def _event(person: int, item: int, took: bool, when: float, key: str) -> RawEvent:
    return RawEvent(
        user_id=f"sim-person-{person}",
        item_id=f"sim-{item}",
        type="complete" if took else "skip",
        value=1.0 if took else 0.1,
        timestamp=when,
        surface="video",
        event_id=key,
    )


def history(world: World, count: int, seed: int, now: float) -> list[RawEvent]:
    """Exactly `count` behaviour rows of the past 30 days, spread evenly over the people, no pair twice."""
    rng = np.random.default_rng([seed, 1])
    people = world.takes.shape[0]
    order = [p for _round in range(-(-count // people)) for p in rng.permutation(people)][:count]
    seen: list[set[int]] = [set() for _ in range(people)]
    events = []
    for number, person in enumerate(order):
        item = _meets(world, rng, int(person), seen[person])
        seen[person].add(item)
        when = now - 30 * _DAY + 29 * _DAY * number / max(1, count)
        events.append(_event(int(person), item, bool(world.takes[person, item]), when, f"h{number}"))
    return events


def _meets(world: World, rng: np.random.Generator, person: int, seen: set[int]) -> int:
    """An item the person comes across: half the time by chance, half the time looked for."""
    items = world.takes.shape[1]
    while True:
        if rng.random() < 0.5:
            item = int(rng.integers(items))
        else:
            few = rng.integers(items, size=12)
            item = int(few[np.argmax(world.chance[person, few])])
        if item not in seen or len(seen) >= items:
            return item


def lists(service: Service, people: int, n: int) -> list[list[int]]:
    """A list of up to n item numbers for each person."""
    ids = [f"sim-person-{p}" for p in range(people)]
    got = dict(service.recommend_many(ids, Ask(surface="video", n=n)))
    return [[int(r.item_id.removeprefix("sim-")) for r in got[who].items] for who in ids]


def hit_rate(world: World, chosen: Sequence[Sequence[int]]) -> float:
    """Share of the recommended items that their person takes to."""
    hits = [bool(world.takes[p, i]) for p, row in enumerate(chosen) for i in row]
    return float(np.mean(hits)) if hits else 0.0


def run_seed(
    open_service: Callable[[Path], Service],
    folder: Path,
    size: tuple[int, int],
    rows: int,
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """One seed: fit on the history, lists of 10, then the stream; hit rates of both arms at each step.

    The stream is the same for both arms and chosen by neither: in each round every person meets one item that is new to
    them. Learning off keeps the lists of the fitted model; learning on records the stream, and at the end fits anew.
    Items of the stream are left out of the lists of both arms.
    """
    people, items = size
    world, now = make_world(people, items, seed), time.time()
    past = history(world, rows, seed, now)
    seen: list[set[int]] = [set() for _ in range(people)]
    for event in past:
        seen[int(event.user_id.rsplit("-", 1)[1])].add(int((event.item_id or "").removeprefix("sim-")))
    with contextlib.closing(open_service(folder)) as service:
        progress("simulated stream", 0, ROUNDS + 1, f"seed {seed}")
        refused = service.put_items(world.rows)[1]
        told = service.record(past, source="demo")
        service.fit(seed=seed)
        wide = lists(service, people, N + 2 * ROUNDS)
        first = [row[:N] for row in wide]
        on, off = [hit_rate(world, first)], [hit_rate(world, first)]
        rng = np.random.default_rng([seed, 2])
        streamed: list[set[int]] = [set() for _ in range(people)]
        for round_ in range(ROUNDS):
            progress("simulated stream", round_ + 1, ROUNDS + 1, f"seed {seed}")
            events = []
            for person in rng.permutation(people):
                item = _meets(world, rng, int(person), seen[person])
                seen[person].add(item)
                streamed[person].add(item)
                events.append(
                    _event(int(person), item, bool(world.takes[person, item]), now + round_ * 60, f"s{round_}:{person}")
                )
            service.record(events, source="demo")
            if round_ == ROUNDS - 1:
                service.fit(seed=seed, promote="always")
            fresh = lists(service, people, N + ROUNDS)
            on.append(hit_rate(world, _without(fresh, streamed)))
            off.append(hit_rate(world, _without(wide, streamed)))
    return {
        "seed": seed,
        "rows": told.added,
        "items_set_aside": len(refused),
        "lists": len(first),
        "of_ten": sum(len(row) == N for row in first),
        "chance": float(world.takes.mean()),
        "on": on,
        "off": off,
    }


def _without(chosen: Sequence[Sequence[int]], left_out: Sequence[set[int]]) -> list[list[int]]:
    return [[i for i in row if i not in out][:N] for row, out in zip(chosen, left_out, strict=True)]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half width of the 95% interval over seeds (Student's t); NaN half width for one seed."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, float("nan")
    t = _T[len(values) - 2] if len(values) - 2 < len(_T) else 1.96 + 2.5 / (len(values) - 1)
    return mean, float(t * np.std(values, ddof=1) / np.sqrt(len(values)))


def run_simulated(run: Run, home: Path, size: tuple[int, int], events: int | None, seeds: int) -> None:
    """Run all seeds, print the figures, save the chart and the figures under the home's exports/."""
    from vitascope.assemble import open_system

    people, items = size
    rows = events if events is not None else people * ROWS_A_PERSON
    exports, scratch = home / "exports", home / "cache" / "simulated"
    with contextlib.closing(open_system(home, log_level=run.log_level)):
        pass  # makes the home, or says what is wrong with it
    exports.mkdir(parents=True, exist_ok=True)
    results = []
    with run.progress() as progress:
        for seed in range(seeds):
            folder = scratch / f"seed-{seed}"
            shutil.rmtree(folder, ignore_errors=True)
            results.append(run_seed(lambda f: open_system(f, log_level="warning"), folder, size, rows, seed, progress))
            shutil.rmtree(folder, ignore_errors=True)
    name = f"simulated-{people}x{items}-{rows}"
    chart = _draw(results, exports / f"{name}.png", people, items, rows)
    answer = {"simulated": True, "people": people, "items": items, "rows": rows, "chart": str(chart), "seeds": results}
    (exports / f"{name}.json").write_text(json.dumps(answer, indent=1), encoding="utf-8")
    run.result(answer, lambda: "\n".join(_told(results, people, items, rows, chart)))


def _told(results: Sequence[dict[str, Any]], people: int, items: int, rows: int, chart: Path) -> list[str]:
    last = len(results[0]["on"]) - 1
    lines = [
        _("SIMULATED: {people} people, {items} items, {rows} behaviour rows, {seeds} seeds").format(
            people=people, items=items, rows=rows, seeds=len(results)
        ),
        _(
            "  {lists} lists for each seed, {full} of them of 10 items; by pure chance {chance:.3f} of items are taken to"
        ).format(
            lists=results[0]["lists"],
            full=min(r["of_ten"] for r in results),
            chance=float(np.mean([r["chance"] for r in results])),
        ),
        _(
            "  hit rate: share of the listed items that their simulated person takes to; mean and 95% interval over seeds"
        ),
    ]
    for step in range(last + 1):
        stage = _("before") if step == 0 else _("after") if step == last else _("during {n}").format(n=step)
        on, off = interval([r["on"][step] for r in results]), interval([r["off"][step] for r in results])
        gain = interval([r["on"][step] - r["off"][step] for r in results])
        lines.append(
            _("  {stage}: learning on {on}, learning off {off}, difference {gain}").format(
                stage=stage, on=_figure(on), off=_figure(off), gain=_figure(gain)
            )
        )
    lines.append(_("  chart: {file}").format(file=chart))
    return lines


def _figure(value: tuple[float, float]) -> str:
    return f"{value[0]:.3f}" + ("" if np.isnan(value[1]) else f" ± {value[1]:.3f}")


def _draw(results: Sequence[dict[str, Any]], file: Path, people: int, items: int, rows: int) -> Path:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    steps = range(len(results[0]["on"]))
    figure, axes = pyplot.subplots(figsize=(7, 4.2), dpi=120)
    for arm, colour, label in (("on", "#1f77b4", "learning on"), ("off", "#999999", "learning off")):
        values = [interval([r[arm][s] for r in results]) for s in steps]
        mean, half = np.array([v[0] for v in values]), np.nan_to_num(np.array([v[1] for v in values]))
        axes.plot(steps, mean, color=colour, marker="o", label=label)
        axes.fill_between(steps, mean - half, mean + half, color=colour, alpha=0.2)
    axes.set_xticks(list(steps), ["before", *(f"during {s}" for s in steps if 0 < s < len(steps) - 1), "after"])
    axes.set_ylabel("share of listed items taken to")
    axes.set_title(
        f"SIMULATED: {people} people, {items} items, {rows} rows, {len(results)} seeds (95% intervals)", fontsize=9
    )
    axes.legend()
    figure.tight_layout()
    figure.savefig(file)
    pyplot.close(figure)
    return file
