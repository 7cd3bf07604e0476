"""How well do the defaults rank on the public sets with text or short videos? Through the commands, scored by the sets' referee.

usage: python -m benchmarks.recommend.sets [NAME ...] [--datasets FOLDER] [--seeds N ...] [--peers] [--report FILE]

NAME: lastfm-text, ml-1m-text, ml-1m-cold, kuairand-pure (default: all). For each: a home with the items and the train events,
`fit`, lists for everyone in test with seen items left out (ml-1m-cold: of the items with split "test" alone), score.py. No option
belongs to a set. A seed or a set that was not run keeps its lines in the report. With `--peers` popularity, EASE, implicit's ALS
and item neighbours stand beside it in the same run (peers.py; not for ml-1m-cold, whose items they cannot rank).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.recommend.ml1m_loo import ROOT, Runs, referee
from benchmarks.recommend.peers import peers

REPORT = ROOT / "benchmarks" / "reports" / "recommend_sets.json"
SETS: dict[str, tuple[int, dict[str, float]]] = {
    "lastfm-text": (20, {"Recall@20": 0.372, "NDCG@20": 0.343}),
    "ml-1m-text": (20, {"Recall@20": 0.277, "NDCG@20": 0.416}),
    "ml-1m-cold": (30, {"NDCG@15": 0.40, "NDCG@30": 0.38}),
    "kuairand-pure": (100, {"micro Recall@50": 0.255, "micro Recall@100": 0.375, "NDCG@20": 0.080}),
}
"""Length of the lists, and what is wanted at least."""


def people(source: Path) -> list[str]:
    """Everyone in test."""
    return sorted({str(u) for u in pq.read_table(source / "test.parquet", columns=["user_id"])["user_id"].to_pylist()})


def one(source: Path, k: int, seed: int, folder: Path) -> dict[str, Any]:
    """All commands of one set."""
    users = people(source)
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
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "seed": seed,
        "figures": referee(source, lists),
        "seconds": {name: round(value) for name, value in run.seconds.items()},
        "peak": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "load": round(os.getloadavg()[2], 1),
        "note": fit["model"]["note"],
    }


def told(runs: dict[str, Any]) -> str:
    """The tables."""
    rows, each, beside = [], [], []
    for name, (_, wanted) in SETS.items():
        seeds = runs.get(name, {}).get("seeds", {})
        theirs = runs.get(name, {}).get("peers", {})
        for figure, least in wanted.items():
            values = [run["figures"][figure] for run in seeds.values()]
            said = " ".join(f"{value:.4f}" for value in values) if values else "not run"
            mean = statistics.mean(values) if values else 0.0
            held = "" if not values else ("yes" if mean >= least else "**no**")
            rows.append(f"| {name} | {figure} | {mean:.4f} | {said} | {least:.3f} | {held} |")
            if theirs:
                cells = " | ".join(f"{theirs['peers'][peer]['figures'][figure]:.4f}" for peer in theirs["peers"])
                beside.append(f"| {name} | {figure} | {mean:.4f} | {cells} |")
        each += [
            f"* {name}, seed {seed} ({run['date']}, load {run['load']}): "
            + ", ".join(f"{step} {value} s" for step, value in run["seconds"].items())
            + (f"; largest process {run['peak']} MiB; " if run.get("peak") else "; ")
            + run["note"]
            for seed, run in seeds.items()
        ]
    peers = next((r["peers"]["peers"] for r in runs.values() if r.get("peers")), {})
    table = ""
    if peers:
        tried = "\n".join(
            f"* {name} ({run['peers']['date']}), {peer}: {tries_of(made)}"
            for name, run in runs.items()
            if run.get("peers")
            for peer, made in run["peers"]["peers"].items()
        )
        table = f"""
## Beside others

| set | figure | Vitascope, mean | {" | ".join(peers)} |
| --- | --- | --- |{" --- |" * len(peers)}
{chr(10).join(beside)}

{tried}
"""
    return f"""# Public sets with text, and short videos

    python -m benchmarks.recommend.sets --seeds 0 1 2 --peers

Through the commands, defaults, on a shared machine (the load is that of the last quarter of an hour).

| set | figure | mean | by seed | wanted at least | held |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

{chr(10).join(each)}
{table}"""


def tries_of(made: dict[str, Any]) -> str:
    """What a peer tried and chose."""
    each = (f"{' '.join(str(v) for v in t['with'].values()) or '-'}: {t['NDCG@20']}" for t in made["tries"])
    chosen, seconds = made["chosen"] or "nothing to choose", made["processor_seconds"]
    return f"{chosen}, {seconds} s of the processor for fit and lists; tries on held-out events: {', '.join(each)}"


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--datasets", type=Path, default=shared / "datasets")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--report", type=Path, default=REPORT)
    args = parser.parse_args()
    runs = json.loads(args.report.read_text("utf-8")) if args.report.is_file() else {}
    if unknown := set(args.names) - set(SETS):
        sys.exit(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    for name in args.names or SETS:
        source = args.datasets / name
        if not (source / "train.parquet").is_file():
            sys.exit(f"no {name} under {args.datasets}: name the folder of the data sets")
        kept = runs.setdefault(name, {"seeds": {}})
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                kept["seeds"][str(seed)] = one(source, SETS[name][0], seed, Path(folder))
            print(name, json.dumps(kept["seeds"][str(seed)]), flush=True)
            write(args.report, runs)
        if args.peers and name != "ml-1m-cold":
            with tempfile.TemporaryDirectory() as folder:
                made = peers(source, people(source), SETS[name][0], 0, Path(folder))
            kept["peers"] = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "peers": made}
            print(name, json.dumps(kept["peers"]), flush=True)
            write(args.report, runs)


def write(report: Path, runs: dict[str, Any]) -> None:
    """The figures, and what they say."""
    report.write_text(json.dumps(runs, indent=1), "utf-8")
    report.with_suffix(".md").write_text(told(runs), "utf-8")


if __name__ == "__main__":
    main()
