"""What the whole description of real media costs over the sum of the bare models it runs, and what a second run costs.

    python -m benchmarks.describe.cost [--share .3] [--seed 1] [--chunk 12]     # writes benchmarks/reports/describe_cost.md

Files: a seeded share of media/dev's speech and video groups ($VITASCOPE_SHARED, else ../shared), in chunks. For each chunk, one
after another: the whole description in a new process (`vitascope ingest`, everything on, into one home that was empty), then the
bare runs in another: one decode, and each model on the inputs that it was given in the whole run. Wall and CPU seconds of
processes with all their children; the whole's include Python's start, every import, the catalogue's and the stores' work, the
bare ones model loading and inference alone. One file is described beforehand and forgotten, so that Python's modules are
compiled and the weights are in the system's cache for both. At the end `vitascope ingest` runs again over the unchanged files.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

REPORT = Path(__file__).parents[1] / "reports" / "describe_cost.md"
GROUPS = ("speech", "video")


def timed(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command with all its children."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return time.monotonic() - began, used.ru_utime + used.ru_stime


def chosen(media: Path, share: float, seed: int) -> list[Path]:
    """A seeded share of each group, mixed."""
    draw = random.Random(seed)
    found: list[Path] = []
    for group in GROUPS:
        files = sorted(p for p in (media / "dev" / group).iterdir() if p.is_file() and not p.name.startswith("."))
        found += draw.sample(files, max(1, round(share * len(files))))
    draw.shuffle(found)
    return found


def step(name: str, *arguments: str) -> list[str]:
    """One step of this benchmark as a command."""
    return [sys.executable, "-m", "benchmarks.describe.cost", "--step", name, *arguments]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chunk", type=int, default=12)
    parser.add_argument("--out", type=Path, default=REPORT)
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        from benchmarks.describe import _bare, _whole

        {"whole": _whole.main, "bare": _bare.main}[asked.step[0]](*asked.step[1:])
        return
    media = Path(os.environ.get("VITASCOPE_SHARED", "../shared")) / "media"
    if not (media / "MANIFEST.tsv").is_file():
        sys.exit(f"no media at {media}: set VITASCOPE_SHARED")
    files = chosen(media, asked.share, asked.seed)
    with tempfile.TemporaryDirectory(prefix="vitascope-cost-") as folder:
        os.environ["VITASCOPE_SIGNALS__FOLDER"] = f"{folder}/signals"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: modules are compiled once, not at every start
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
        warm = Path(folder) / "warm.json"
        warm.write_text(json.dumps([str(files[0])]), encoding="utf-8")
        timed(step("whole", f"{folder}/warm", str(warm), f"{folder}/warm.out.json"))
        shutil.rmtree(f"{folder}/signals", ignore_errors=True)
        asked.out.write_text(measured(Path(folder), files, asked), encoding="utf-8")
    print(asked.out.read_text("utf-8"))


def measured(folder: Path, files: list[Path], asked: Any) -> str:
    """The report."""
    whole, parts = [0.0, 0.0], defaultdict(lambda: [0.0, 0.0])
    ours, theirs, chunks = Counter[str](), Counter[str](), []
    seconds = threads = problems = 0.0
    home = folder / "home"
    load = os.getloadavg()[0]
    for number, first in enumerate(range(0, len(files), asked.chunk)):
        some, note = folder / f"{number}.files.json", folder / f"{number}.json"
        some.write_text(json.dumps([str(f) for f in files[first : first + asked.chunk]]), encoding="utf-8")
        took = timed(step("whole", str(home), str(some), str(note)))
        timed(step("bare", str(note)))
        told, bare = json.loads(note.read_text()), json.loads(note.with_suffix(".bare.json").read_text())
        ours.update(told["counts"])
        theirs.update(bare["counts"])
        seconds += sum(f["seconds"] for f in told["files"])
        problems += told["report"]["set_aside"]
        threads = bare["threads"]
        sums = [sum(row[kind] for row in bare["parts"].values()) for kind in ("wall", "cpu")]
        chunks.append((took, sums))
        whole = [whole[0] + took[0], whole[1] + took[1]]
        for part, row in bare["parts"].items():
            parts[part] = [parts[part][0] + row["wall"], parts[part][1] + row["cpu"]]
        print(
            f"chunk {number}: whole {took[0]:.1f} s ({took[1]:.1f} CPU), bare {sums[0]:.1f} ({sums[1]:.1f})",
            file=sys.stderr,
        )
    again = timed([sys.executable, "-m", "vitascope", "ingest", *map(str, files), "--home", str(home), "--quiet"])
    total = [sum(p[i] for p in parts.values()) for i in (0, 1)]
    rows = "\n".join(f"| {name} | {wall:.1f} | {used:.1f} |" for name, (wall, used) in parts.items())
    ratios = ", ".join(f"{t[1] / s[1]:.2f}" for t, s in chunks)
    listed = "\n".join(f"| {n} | {ours.get(n, '')} | {theirs.get(n, '')} |" for n in sorted({*ours, *theirs}))
    return f"""# What describing costs over the bare models

    python -m benchmarks.describe.cost --share {asked.share} --seed {asked.seed} --chunk {asked.chunk}

{datetime.date.today()}, {os.cpu_count()} cores shared with other work (load {load:.1f} at the start, {os.getloadavg()[0]:.1f} at
the end: compare CPU seconds), {threads:.0f} threads a model (the language model: {max(1, threads // 2):.0f}),
OMP_NUM_THREADS={os.environ.get("OMP_NUM_THREADS", "unset")}. {len(files)} files of {" and ".join(GROUPS)} ({seconds:.0f} s of
media), {problems:.0f} set aside, whole and bare in turns, {len(chunks)} chunks.

| | wall s | CPU s |
| --- | --- | --- |
{rows}
| sum of the bare runs | {total[0]:.1f} | {total[1]:.1f} |
| whole description | {whole[0]:.1f} | {whole[1]:.1f} |
| whole over bare | {whole[0] / total[0]:.2f} | {whole[1] / total[1]:.2f} |
| second run, unchanged | {again[0]:.1f} | {again[1]:.1f} |
| second over first | {again[0] / whole[0]:.2%} | {again[1] / whole[1]:.2%} |

Whole over bare by chunk, CPU: {ratios}.

| count | whole | bare |
| --- | --- | --- |
{listed}
"""


if __name__ == "__main__":
    main()
