"""MovieLens 1M, leave one out: the next film of 6,040 people, through the commands of the product.

usage: python benchmarks/recommend/ml1m_loo.py [DATASETS] [--seeds 0 1 2] [--set VARIABLE=VALUE ...] [--report FILE]

For each seed: a home with the items and the train events, `fit --seed`, the valid events imported as history, lists of 10
for everyone with seen items left out, scored by the data set's own score.py. DATASETS is the folder with ml-1m-loo/
(default: datasets/ under $VITASCOPE_SHARED, else under ../shared). `--set VITASCOPE_TRAIN__SEQUENCE_MINUTES=10` states a
setting for the run; it is named in the report.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PUBLISHED = (
    ("SASRec with 3,000 negatives (published)", 0.3159, 0.1857),
    ("gSASRec (published)", 0.3003, 0.1726),
    ("EASE with recency", 0.2334, 0.1292),
    ("popularity", 0.037, 0.018),
    ("wanted at least", 0.300, 0.173),
)


class Runs:
    """Runs commands on a home and keeps how long each took."""

    def __init__(self, home: Path, extra: dict[str, str]) -> None:
        self.home, self.seconds = home, dict[str, float]()
        self._extra = extra

    def __call__(self, name: str, *command: object) -> str:
        """The command's output; its failure ends the benchmark with its words."""
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "vitascope", *map(str, command), "--home", str(self.home)],
            capture_output=True, text=True, env=os.environ | self._extra, check=False,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{name}: exit {done.returncode}\n{done.stderr[-3000:]}")
        self.seconds[name] = time.perf_counter() - began
        return done.stdout


def referee(source: Path, lists: Path) -> dict[str, Any]:
    """What the data sets' own score.py says of lists."""
    command = [sys.executable, str(source.parent / "score.py"), str(source), str(lists), "--json"]
    said: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return said


def one(source: Path, base: Path, folder: Path, seed: int, extra: dict[str, str]) -> dict[str, Any]:
    """Fit with a seed on a copy of the home with the train events, and score its lists."""
    home = folder / f"home-{seed}"
    shutil.copytree(base, home)
    run = Runs(home, extra)
    fit = json.loads(run("fit", "fit", "--seed", seed, "--json", "--quiet"))
    run("import", "events", "import", source / "valid.parquet", "--quiet")
    lists = folder / f"lists-{seed}.jsonl"
    lists.write_text(
        run("recommend", "recommend", "--users", folder / "users.txt", "-k", 10, "--exclude-seen", "--format", "jsonl"),
        encoding="utf-8",
    )
    shutil.rmtree(home)
    return referee(source, lists) | {"seed": seed, "note": fit["model"]["note"], "seconds": run.seconds}


def report(rows: list[dict[str, Any]], command: str, seconds: dict[str, float]) -> str:
    """The table and how it came about."""
    hit, gain = ([row[name] for row in rows] for name in ("HR@10", "NDCG@10"))

    def mean(values: list[float]) -> str:
        spread = f" (sd {statistics.stdev(values):.4f})" if len(values) > 1 else ""
        return f"{statistics.mean(values):.4f}{spread}"

    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    each = "\n".join(
        f"* seed {row['seed']}: HR@10 {row['HR@10']:.4f}, NDCG@10 {row['NDCG@10']:.4f}; "
        + ", ".join(f"{name} {value:.0f} s" for name, value in row["seconds"].items())
        + f"; {row['note']}"
        for row in rows
    )
    others = "\n".join(f"| {name} | {a:.4f} | {b:.4f} |" for name, a, b in PUBLISHED)
    return f"""# MovieLens 1M, leave one out

Made by `{command}` on {datetime.now(UTC):%Y-%m-%d} (through the commands; {rows[0]["users"]} people,
{rows[0]["users_answered"]} answered, seen left out, k = 10; {os.cpu_count()} processors with a load of {os.getloadavg()[2]:.1f}
in the last quarter of an hour: the times are those of a shared machine).

| | HR@10 | NDCG@10 |
| --- | --- | --- |
| **Vitascope, mean of {len(rows)} seed(s)** | {mean(hit)} | {mean(gain)} |
{others}

{each}

Before that: {", ".join(f"{name} {value:.0f} s" for name, value in seconds.items())}. Largest process: {peak:.0f} MiB.
"""


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared")
    parser.add_argument("datasets", nargs="?", type=Path, default=shared / "datasets")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--set", nargs="*", default=[], metavar="VARIABLE=VALUE")
    parser.add_argument("--report", type=Path, default=ROOT / "benchmarks" / "reports" / "ml1m_loo.md")
    args = parser.parse_args()
    source = args.datasets / "ml-1m-loo"
    if not (source / "train.parquet").is_file():
        sys.exit(f"no ml-1m-loo under {args.datasets}: name the folder of the data sets")
    extra = dict(item.split("=", 1) for item in args.set)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        import pyarrow.parquet as pq

        users = sorted(set(pq.read_table(source / "test.parquet", columns=["user_id"])["user_id"].to_pylist()))
        (folder / "users.txt").write_text("\n".join(users), encoding="utf-8")
        run = Runs(folder / "base", extra)
        run("ingest", "ingest", source / "items.jsonl", "--no-describe", "--quiet")
        run("import", "events", "import", source / "train.parquet", "--quiet")
        rows = []
        for seed in args.seeds:
            rows.append(one(source, folder / "base", folder, seed, extra))
            print(json.dumps(rows[-1]), flush=True)
    words = ["python benchmarks/recommend/ml1m_loo.py", "--seeds", *map(str, args.seeds)]
    words += ["--set", *args.set] if args.set else []
    text = report(rows, " ".join(words), run.seconds)
    args.report.parent.mkdir(parents=True, exist_ok=True)
    args.report.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
