"""How soon lists follow a taste that changes midway, on each surface.

    python -m benchmarks.serve.scenarios [--seeds 5]      # writes benchmarks/serve/scenarios.md

A simulated viewer takes whatever stands first, stays with what is of the theme they like, and leaves what is not at once (a skip
at 2% of it). For 20 items they like one theme, then another that they never met. Counted is, from the change on, the number
of items shown until at least half of the next ten are of the new theme; on `live` until the first channel is. Nothing is fitted:
what follows is what happens within a session. The library is simulated: 360 items (12 channels) in 6 themes, told apart by a
tag and by vectors with noise; chance would give 1 in 6.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vitascope.assemble import System, open_system
from vitascope.base.items import ItemDraft, ItemKind
from vitascope.base.live import Channel, Happening, SourceKind
from vitascope.base.ports.service import Ask, RawEvent
from vitascope.base.records import ItemKey
from vitascope.base.surfaces import RadioAsk

REPORT = Path(__file__).parent / "scenarios.md"
THEMES, EACH, CHANNELS, WIDTH, BEFORE, MOST = 6, 60, 12, 32, 20, 60
SURFACES = ("short", "video", "music", "radio", "tv", "live")


class Clock:
    """A clock that goes on by what is watched."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Run:
    """What one viewer met."""

    items: int | None
    """Until the list followed; None: not within MOST."""
    before: float
    """Share of the liked theme among the last ten items before the change."""
    missed: int
    """Items of the change's first ten that were not of the new theme."""


def library(home: Path, clock: Clock, seed: int) -> tuple[System, dict[str, int]]:
    """A library, and the theme of each item."""
    chance = np.random.default_rng(seed)
    system = open_system(home, clock=clock)
    stores = system.rooms.stores
    centres = chance.standard_normal((THEMES, WIDTH))
    names = {f"i{n}": n % THEMES for n in range(THEMES * EACH)}
    drafts = [
        ItemDraft(item_id=i, title=i, kind=ItemKind.VIDEO, tags=(f"theme{t}",), creator=f"c{chance.integers(60)}")
        for i, t in names.items()
    ]
    channels = {f"l{n}": n % THEMES for n in range(CHANNELS)}
    drafts += [ItemDraft(item_id=i, title=i, kind=ItemKind.LIVE) for i in channels]
    items = stores.items.put(drafts)
    vectors = {}
    for item in items[: len(names)]:
        made = centres[names[item.item_id]] + 0.8 * chance.standard_normal(WIDTH)
        vectors[ItemKey(item.key)] = (made / np.linalg.norm(made)).astype(np.float32)
    stores.vectors.put("text", "simulated", vectors)
    for item in items[len(names) :]:
        stores.live.put(Channel(item=item.key, source=SourceKind.HLS, address="http://tv/x", started_at=clock.now))
    system.rooms.touch()
    return system, names | channels


def shown(system: System, surface: str, played: list[str], n: int) -> list[str]:
    """The next items."""
    if surface == "radio":
        ask = RadioAsk(user_id="viewer", item_id=played[0] if played else "i0", n=n, played=tuple(played or ["i0"]))
        return [i.item_id for i in system.radio(ask).items]
    given = Ask(user_id="viewer", surface=surface, n=n, rerank=True, exclude=() if surface == "live" else tuple(played))
    return [i.item_id for i in system.recommend(given).items]


def run(surface: str, seed: int) -> Run:
    """One viewer on one surface."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        system, theme = library(Path(folder) / "home", clock, seed)
        played: list[str] = []
        hits: list[bool] = []
        first, second = seed % THEMES, (seed + 1 + seed // THEMES) % THEMES
        found: int | None = None
        if surface == "radio":
            first = theme["i0"]
            second = (first + 1) % THEMES
        for step in range(BEFORE + MOST):
            liked = first if step < BEFORE else second
            if surface == "live":
                happen(system, theme, clock.now)
            queue = shown(system, surface, played, 10)
            if not queue:
                break
            if step >= BEFORE:
                good = sum(theme[i] == liked for i in queue)
                if (theme[queue[0]] == liked) if surface == "live" else good >= len(queue) / 2:
                    found = step - BEFORE
                    break
            item = queue[0]
            good = theme[item] == liked
            hits.append(good)
            watch(system, item, good, clock, surface)
            played.append(item)
        system.close()
    changed = hits[BEFORE : BEFORE + 10]
    return Run(found, float(np.mean(hits[BEFORE - 10 : BEFORE])), len(changed) - sum(changed))


def happen(system: System, theme: dict[str, int], now: float) -> None:
    """Each channel shows its theme."""
    stores = system.rooms.stores
    for item_id, key in stores.items.keys([i for i in theme if i.startswith("l")]).items():
        features = ((f"tag:theme{theme[item_id]}", 1.0),)
        stores.live.put_now(Happening(item=key, at=now, seconds=60, features=features))


def watch(system: System, item: str, good: bool, clock: Clock, surface: str) -> None:
    """What the viewer does with an item. On `live` they also watch one ordinary item of the theme, as people do."""
    clock.now += 60 if good else 3
    told = "music" if surface == "radio" else surface
    kind, value = ("complete", None) if good else ("skip", 0.02)
    system.record(
        [
            RawEvent(
                user_id="viewer",
                item_id=item,
                type=kind,
                value=value,
                timestamp=clock.now,
                surface=told,
                session_id="s",
            )
        ]
    )
    if surface == "live":
        number = int(item[1:]) + THEMES * int(clock.now % EACH)
        other = f"i{number % (THEMES * EACH)}"
        system.record(
            [
                RawEvent(
                    user_id="viewer",
                    item_id=other,
                    type=kind,
                    value=value,
                    timestamp=clock.now,
                    surface="video",
                    session_id="s",
                )
            ]
        )


def main() -> None:
    """Run all and write the report."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=5)
    seeds = asked.parse_args().seeds
    lines = []
    for surface in SURFACES:
        runs = [run(surface, seed) for seed in range(seeds)]
        counts = [r.items if r.items is not None else MOST for r in runs]
        never = sum(r.items is None for r in runs)
        before = statistics.mean(r.before for r in runs)
        lines.append(
            f"| {surface} | {statistics.median(counts):g} | {max(counts)} | {never} of {seeds} | {before:.0%} |"
            f" {statistics.mean(r.missed for r in runs):.1f} |"
        )
        print(lines[-1], flush=True)
    text = f"""# How soon lists follow a taste that changes

    python -m benchmarks.serve.scenarios {" ".join(sys.argv[1:])}

{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, seeds 0 to {seeds - 1}. What is counted: the head of
benchmarks/serve/scenarios.py. Nothing is fitted. A radio is meant to keep to what it started from.

| surface | items until the list follows, median | most | never within {MOST} | liked theme before | missed of the first ten |
| --- | --- | --- | --- | --- | --- |
""" + "\n".join(lines)
    REPORT.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
