"""Does a Ray cluster describe what one process describes, and is any item lost when a worker and then a whole node are killed?

    python -m benchmarks.describe.ray_run [--items 24]      # writes benchmarks/reports/ray_run.md

Takes every n-th clip of media/dev (speech, sound, music, the smallest of video; one of them twice, as a copy), describes
them three times in homes of their own: by the command's own process, by two processes of this machine (engine.workers =
2), and by a Ray cluster of two nodes with one processor each, started here. On the cluster one actor is killed after a
sixth of the answers and one node, with everything on it, after a third. Every description, vector and copy must then be
equal to those of the first home, but for the time it was made. Everything with the embedded pack, one thread a model.
Needs Daft and Ray (docs/scale.md); media: $VITASCOPE_SHARED.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.describe._cluster import Cluster
from benchmarks.referee import media_folder, rows_of
from vitascope.assemble import System, open_system

REPORT = Path(__file__).parents[1] / "reports" / "ray_run.md"
SETTINGS: dict[str, Any] = {"models": {"threads": 1}, "signals": {"shared": False}}
SHARES = {"speech": 14, "sound": 4, "music": 2, "video": 3}
PORT = 6_421
_log: list[str] = []
_began = time.monotonic()


def say(text: str) -> None:
    """One line of the log, with the seconds since the start."""
    _log.append(f"{time.monotonic() - _began:7.1f}  {text}")
    print(_log[-1], flush=True)


class Lines(logging.Handler):
    """What the engine says goes into the log."""

    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


def chosen(items: int, folder: Path) -> int:
    """Copies clips into a folder; how many."""
    media = media_folder()
    total = sum(SHARES.values())
    for group, share in SHARES.items():
        rows = [r for r in rows_of(media, group) if r["path"].startswith("dev/")]
        if group == "video":
            rows = sorted(rows, key=lambda r: int(r["bytes"]))[:12]
        rows.sort(key=lambda r: r["path"])
        count = max(1, items * share // total)
        for row in rows[:: max(1, len(rows) // count)][:count]:
            shutil.copy(media / row["path"], folder / Path(row["path"]).name)
    first = min(folder.glob("*.wav"))
    shutil.copy(first, folder / f"zz-copy-{first.name}")
    return len(list(folder.iterdir()))


def described(home: Path, clips: Path, engine: dict[str, Any], watch: Any = None) -> tuple[System, float, str]:
    """A home with the clips described; seconds of describing, and what the report said."""
    system = open_system(home, settings={**SETTINGS, "engine": engine})
    system.ingest([str(clips)], describe=False)
    began = time.monotonic()
    report = system.describe(progress=watch) if watch else system.describe()
    return system, time.monotonic() - began, f"{report.described} described, {report.failed} failed"


def differences(here: System, there: System) -> list[str]:
    """What is not the same in two homes: descriptions, vectors, copies."""
    found = []
    ours, theirs = ({i.item_id: i for i in s.rooms.stores.items.iter()} for s in (here, there))
    if ours.keys() != theirs.keys():
        return ["other items"]
    for name, item in ours.items():
        one, two = here.rooms.stores.descriptions.get(item.key), there.rooms.stores.descriptions.get(theirs[name].key)
        if one is None or two is None:
            found.append(f"{item.title}: no description")
            continue
        left, right = (d.model_dump(mode="json", exclude={"described_at", "item"}) for d in (one, two))
        found += [f"{item.title}: {field}" for field in left if left[field] != right[field]]
    for kind in sorted(set(here.rooms.stores.vectors.keys()) | set(there.rooms.stores.vectors.keys())):
        (keys, rows), (others, same) = (s.rooms.stores.vectors.matrix(kind) for s in (here, there))
        if not (np.array_equal(keys, others) and np.array_equal(rows, same)):
            found.append(f"vectors {kind}: {float(np.abs(rows - same).max()) if rows.shape == same.shape else 'shape'}")
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    asked.add_argument("--items", type=int, default=23)
    asked.add_argument("--actors", type=int, default=0, help="at once on the cluster; 0: two for every processor")
    asked.add_argument("--without-language-model", action="store_true", help="summaries are extracted")
    asked.add_argument("--only-cluster", action="store_true", help="without the two processes of this machine")
    options = asked.parse_args()
    if options.without_language_model:
        SETTINGS["describe"] = {"language_model": False}
    logging.getLogger("vitascope.backends.engines").setLevel(logging.INFO)
    logging.getLogger("vitascope.backends.engines").addHandler(Lines())
    rows: list[tuple[str, float, str, list[str]]] = []
    with tempfile.TemporaryDirectory(prefix="rr") as place:
        folder = Path(place)
        (clips := folder / "clips").mkdir()
        count = chosen(options.items, clips)
        say(f"{count} clips; by the command's own process")
        here, seconds, told = described(folder / "here", clips, {})
        rows.append(("the command's own process", seconds, told, []))
        say(f"{told} in {seconds:.0f} s")
        if not options.only_cluster:
            say("by two processes of this machine")
            two, seconds, told = described(folder / "two", clips, {"workers": 2})
            rows.append(("two processes (engine.workers = 2)", seconds, told, differences(here, two)))
            say(f"{told} in {seconds:.0f} s, {len(rows[-1][3])} differences")
            two.close()
        say("a Ray cluster of two nodes is started")
        ours = str(Path(__file__).parents[2] / "src")
        paths = os.pathsep.join(p for p in (ours, os.environ.get("PYTHONPATH", "")) if p)
        cluster = Cluster(folder / "r", PORT, {"PYTHONPATH": paths, "VITASCOPE_WORK": str(folder / "work")})
        try:
            killed: set[str] = set()

            def watch(step: str, done: int, total: int | None, what: str = "") -> None:
                say(f"{done} of {total} answered: {what}")
                if done >= count // 6 and "actor" not in killed:
                    killed.add("actor")
                    say(f"KILLED one actor: process {cluster.kill_actor()}")
                if done >= count // 3 and "node" not in killed:
                    killed.add("node")
                    say(f"KILLED one of the two nodes: {cluster.kill()} processes")

            engine = {"address": cluster.address, "workers": options.actors}
            away, seconds, told = described(folder / "away", clips, engine, watch)
        finally:
            cluster.close()
        rows.append(("Ray, two nodes, an actor and a node killed", seconds, told, differences(here, away)))
        say(
            f"{told} in {seconds:.0f} s, {len(rows[-1][3])} differences, {away.rooms.describer.pending()} items pending"
        )
        for system in (here, away):
            system.close()
    write(count, rows)


def write(count: int, rows: list[tuple[str, float, str, list[str]]]) -> None:
    """The report."""
    command = " ".join(["python -m benchmarks.describe.ray_run", *sys.argv[1:]])
    versions = ", ".join(f"{n} {importlib.metadata.version(n)}" for n in ("daft", "ray", "pyarrow"))
    table = "\n".join(f"| {n} | {s:.0f} | {t} | {len(d)} |" for n, s, t, d in rows)
    failures = "\n".join(f"* {n}: {d}" for n, _, _, ds in rows for d in ds) or "none"
    REPORT.write_text(
        f"""# Describing on a Ray cluster, a worker and a node killed on the way

`{command}`, {datetime.date.today()}, {versions}, embedded
pack, one thread a model, {os.cpu_count()} shared processors; nothing is drawn at random. {count} clips of
media/dev (one of them a copy of another) in homes of their own.
Seconds are wall-clock on a machine with other work and say little; a worker process loads every model for itself.

| who described | seconds | report | differences from the first |
| --- | --- | --- | --- |
{table}

Differences (descriptions without the time they were made, vectors bit by bit): {failures}

## The log

```
{chr(10).join(_log)}
```
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
