"""A library to ask for explanations: films with plots, people with dated histories, fitted with all that ranks.

usage: python -m benchmarks.explain.home HOME [--datasets DIR] [--people 900] [--items 1200] [--seed 0]

Made by the product's own commands (ingest, events import, fit) from a part of ml-1m-loo: `--people` drawn by the seed, and
the films that most of them saw. The data's licence does not let it ship with the project. The sequential model is made
small, so that the whole takes a few minutes of one processor thread.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = {
    "VITASCOPE_TRAIN__SEQUENCE_FROM": "30000",
    "VITASCOPE_TRAIN__SEQUENCE_MINUTES": "2",
    "VITASCOPE_TRAIN__SEQUENCE_WIDTH": "64",
}


def datasets() -> Path:
    """Where the data sets are, unless told."""
    return Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared") / "datasets"


def part(source: Path, to: Path, people: int, items: int, seed: int) -> tuple[Path, Path]:
    """Write the part of the data that the home is made of: (items, events)."""
    rows = pq.read_table(source / "train.parquet").to_pylist()
    everyone = sorted({row["user_id"] for row in rows})
    drawn = np.random.default_rng(seed).choice(len(everyone), min(people, len(everyone)), replace=False)
    wanted = {everyone[i] for i in drawn}
    rows = [row for row in rows if row["user_id"] in wanted]
    seen = Counter(row["item_id"] for row in rows)
    kept = {item for item, _ in sorted(seen.items(), key=lambda pair: (-pair[1], pair[0]))[:items]}
    rows = [row | {"session_id": ""} for row in rows if row["item_id"] in kept]
    pq.write_table(pa.Table.from_pylist(rows), to / "events.parquet")
    lines = (source / "items.jsonl").read_text("utf-8").rstrip("\n").split("\n")
    chosen = [line for line in lines if json.loads(line)["item_id"] in kept]
    (to / "items.jsonl").write_text("\n".join(chosen) + "\n", "utf-8")
    return to / "items.jsonl", to / "events.parquet"


def make(home: Path, source: Path, people: int, items: int, seed: int) -> str:
    """Make the home; gives what the fit said."""
    env = os.environ | SETTINGS
    said = ""
    with tempfile.TemporaryDirectory() as folder:
        manifest, events = part(source, Path(folder), people, items, seed)
        for command in (
            ("ingest", str(manifest), "--quiet", "--no-describe"),
            ("events", "import", str(events), "--quiet"),
            ("fit", "--seed", str(seed), "--json"),
        ):
            called = [sys.executable, "-m", "vitascope", *command, "--home", str(home)]
            said = subprocess.run(called, check=True, capture_output=True, text=True, env=env).stdout
    return said


def main() -> None:
    """Make it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--datasets", type=Path, default=datasets())
    parser.add_argument("--people", type=int, default=900)
    parser.add_argument("--items", type=int, default=1_200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    source = args.datasets / "ml-1m-loo"
    if not (source / "train.parquet").is_file():
        sys.exit(f"no ml-1m-loo under {args.datasets}: name the folder of the data sets with --datasets")
    print(make(args.home, source, args.people, args.items, args.seed))


if __name__ == "__main__":
    main()
