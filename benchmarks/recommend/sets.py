"""How well do the defaults rank on the public sets with text or short videos? Through the commands, scored by the sets' referee.

usage: python -m benchmarks.recommend.sets [NAME ...] [--datasets FOLDER] [--seed N] [--report FILE]

NAME: lastfm-text, ml-1m-text, ml-1m-cold, kuairand-pure (default: all). For each: a home with the items and the train events,
`fit`, lists for everyone in test with seen items left out (ml-1m-cold: of the items with split "test" alone), score.py. No option
belongs to a set. A set that was not run keeps its lines in the report.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.recommend.ml1m_loo import ROOT, Runs

REPORT = ROOT / "benchmarks" / "reports" / "recommend_sets.json"
SETS: dict[str, tuple[int, dict[str, float]]] = {
    "lastfm-text": (20, {"Recall@20": 0.372, "NDCG@20": 0.343}),
    "ml-1m-text": (20, {"Recall@20": 0.277, "NDCG@20": 0.416}),
    "ml-1m-cold": (30, {"NDCG@15": 0.40, "NDCG@30": 0.38}),
    "kuairand-pure": (100, {"micro Recall@50": 0.255, "micro Recall@100": 0.375, "NDCG@20": 0.080}),
}
"""Length of the lists, and what is wanted at least."""


def one(source: Path, k: int, seed: int, folder: Path) -> dict[str, Any]:
    """All commands of one set."""
    users = sorted({str(u) for u in pq.read_table(source / "test.parquet", columns=["user_id"])["user_id"].to_pylist()})
    (folder / "users.txt").write_text("\n".join(users), "utf-8")
    ask: list[object] = ["--users", folder / "users.txt", "-k", k, "--exclude-seen", "--format", "jsonl"]
    if source.name == "ml-1m-cold":
        lines = (json.loads(line) for line in (source / "items.jsonl").read_text("utf-8").splitlines())
        (folder / "candidates.txt").write_text("\n".join(i["item_id"] for i in lines if i["split"] == "test"), "utf-8")
        ask += ["--candidates", folder / "candidates.txt"]
    run = Runs(folder / "home", {})
    run("ingest", "ingest", source / "items.jsonl", "--no-describe", "--quiet")
    run("import", "events", "import", source / "train.parquet", "--quiet")
    fit = json.loads(run("fit", "fit", "--seed", seed, "--json", "--quiet"))
    lists = folder / "lists.jsonl"
    lists.write_text(run("recommend", "recommend", *ask), "utf-8")
    referee = [sys.executable, str(source.parent / "score.py"), str(source), str(lists), "--json"]
    said = json.loads(subprocess.run(referee, check=True, capture_output=True, text=True).stdout)
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "seed": seed,
        "figures": said,
        "seconds": {name: round(value) for name, value in run.seconds.items()},
        "load": round(os.getloadavg()[2], 1),
        "note": fit["model"]["note"],
    }


def told(runs: dict[str, Any]) -> str:
    """The table."""
    rows = []
    for name, (_, wanted) in SETS.items():
        for figure, least in wanted.items():
            value = runs.get(name, {}).get("figures", {}).get(figure)
            said = "not run" if value is None else f"{value:.4f}"
            held = "" if value is None else ("yes" if value >= least else "**no**")
            rows.append(f"| {name} | {figure} | {said} | {least:.3f} | {held} |")
    each = "\n".join(
        f"* {name} ({r['date']}, seed {r['seed']}, load {r['load']}): "
        + ", ".join(f"{step} {value} s" for step, value in r["seconds"].items())
        + f"; {r['note']}"
        for name, r in runs.items()
    )
    return f"""# Public sets with text, and short videos

    python -m benchmarks.recommend.sets

Through the commands, defaults, one seed, on a shared machine (the load is that of the last quarter of an hour).

| set | figure | here | wanted at least | held |
| --- | --- | --- | --- | --- |
{chr(10).join(rows)}

{each}
"""


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--datasets", type=Path, default=shared / "datasets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report", type=Path, default=REPORT)
    args = parser.parse_args()
    runs = json.loads(args.report.read_text("utf-8")) if args.report.is_file() else {}
    if unknown := set(args.names) - set(SETS):
        sys.exit(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    for name in args.names or SETS:
        source = args.datasets / name
        if not (source / "train.parquet").is_file():
            sys.exit(f"no {name} under {args.datasets}: name the folder of the data sets")
        with tempfile.TemporaryDirectory() as folder:
            runs[name] = one(source, SETS[name][0], args.seed, Path(folder))
        print(name, json.dumps(runs[name]), flush=True)
        args.report.write_text(json.dumps(runs, indent=1), "utf-8")
        args.report.with_suffix(".md").write_text(told(runs), "utf-8")


if __name__ == "__main__":
    main()
