"""How well do the defaults rank on MovieLens 100K? Leave each person's last event out; HR@10 and NDCG@10 for 943 people.

usage: python benchmarks/ml100k.py [DATASETS] [--report FILE]

Runs the commands of the product (ingest, events import, fit, recommend) on a fresh home and writes the report. DATASETS is
the folder with ml-100k/ (default: datasets/ under $VITASCOPE_SHARED, else under ../shared). The data's licence does not let
it ship with the project.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
K = 10


def leave_last_out(file: Path, to: Path) -> dict[str, str]:
    """Write all events but each person's last (stable sort by time); answer the last ones."""
    table = pq.read_table(file)
    rows = sorted(table.to_pylist(), key=lambda row: row["timestamp"])
    last = {row["user_id"]: number for number, row in enumerate(rows)}
    held = set(last.values())
    pq.write_table(pa.Table.from_pylist([r for n, r in enumerate(rows) if n not in held], schema=table.schema), to)
    return {user: rows[number]["item_id"] for user, number in last.items()}


def score(lists: dict[str, list[str]], truth: dict[str, str]) -> tuple[float, float]:
    """HR@10 and NDCG@10; a person without a list is a miss."""
    hits = gain = 0.0
    for user, item in truth.items():
        ids = lists.get(user, [])[:K]
        if item in ids:
            hits += 1
            gain += 1 / math.log2(ids.index(item) + 2)
    return hits / len(truth), gain / len(truth)


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared")
    parser.add_argument("datasets", nargs="?", type=Path, default=shared / "datasets")
    parser.add_argument("--report", type=Path, default=ROOT / "benchmarks" / "reports" / "ml100k.md")
    args = parser.parse_args()
    source = args.datasets / "ml-100k"
    if not (source / "events.parquet").is_file():
        sys.exit(f"no ml-100k under {args.datasets}: name the folder of the data sets")
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        home, train, users = Path(folder) / "home", Path(folder) / "train.parquet", Path(folder) / "users.txt"
        truth = leave_last_out(source / "events.parquet", train)
        users.write_text("\n".join(truth), encoding="utf-8")

        def run(*command: object) -> str:
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "vitascope", *map(str, command), "--home", str(home)],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            seconds[" ".join(str(part) for part in command[:2] if "/" not in str(part) and "-" not in str(part))] = (
                time.perf_counter() - began
            )
            return done.stdout

        run("ingest", source / "items.jsonl", "--quiet")
        run("events", "import", train, "--quiet")
        fit = json.loads(run("fit", "--json"))
        answer = run("recommend", "--users", users, "-k", K, "--format", "jsonl")
    lines = [json.loads(line) for line in answer.splitlines()]
    hit, gain = score({line["user_id"]: [i["item_id"] for i in line["items"]] for line in lines}, truth)
    took = ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items())
    report = f"""# MovieLens 100K, leave the last event out

Made by `python benchmarks/ml100k.py` (through the commands, defaults, {len(truth)} people, seen items left out, k = {K}).

| | HR@{K} | NDCG@{K} |
| --- | --- | --- |
| **Vitascope's defaults** | {hit:.4f} | {gain:.4f} |
| wanted at least | .1400 | .0750 |

The fit's own held-out figures and choices: {json.dumps(fit)[:1500]}

Took: {took}.
"""
    args.report.parent.mkdir(parents=True, exist_ok=True)
    args.report.write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
