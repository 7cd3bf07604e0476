"""What does each re-ranker cost and bring on MovieLens 100K? By `vitascope evaluate --reranker`.

usage: python -m benchmarks.recommend.rerankers [DATASETS] [--seed 0] [--report FILE]

Each person's last item is held out and a model fitted without it; lists of 10 are made without any re-ranker and with each, and
the difference is told person by person with its 95% interval. `variety` is one less the mean likeness of a list's items to one
another. `language`, which asks a language model, is measured by llm_rerank.py.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.recommend.ml1m_loo import ROOT, Runs

REPORT = ROOT / "benchmarks" / "reports" / "recommend_rerankers.md"
ASKED = (
    "diversity:weight=0.15",
    "diversity:weight=0.4",
    "span:weight=0.1",
    "span:weight=0.3",
    "creators:most=3",
    "topics:most=3",
    "quota:share=0.2,days=365",
    "quota:share=0.2,feature=tag:documentary",
    "fatigue",
    "vain",
    "freshness",
)


def cell(figure: dict[str, Any] | None, sign: str = "") -> str:
    """A mean with its interval."""
    if figure is None:
        return ""
    return f"{figure['value']:{sign}.4f} [{figure['low']:{sign}.4f}, {figure['high']:{sign}.4f}]"


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared")
    parser.add_argument("datasets", nargs="?", type=Path, default=shared / "datasets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report", type=Path, default=REPORT)
    args = parser.parse_args()
    source = args.datasets / "ml-100k"
    if not (source / "events.parquet").is_file():
        sys.exit(f"no ml-100k under {args.datasets}: name the folder of the data sets")
    with tempfile.TemporaryDirectory() as folder:
        run = Runs(Path(folder) / "home", {})
        run("ingest", "ingest", source / "items.jsonl", "--no-describe", "--quiet")
        run("import", "events", "import", source / "events.parquet", "--quiet")
        ask = [part for name in ASKED for part in ("--reranker", name)]
        said = run("evaluate", "evaluate", "--split", "last", "--seed", args.seed, *ask, "--json", "--quiet")
    made = json.loads(said)["evaluations"][0]
    names = ("HR", "NDCG", "variety")

    def row(way: dict[str, Any], sign: str) -> str:
        told = {f["name"]: f for f in way["figures"]}
        return f"| {way['what']} | " + " | ".join(cell(told.get(n), sign) for n in names) + " |"

    text = f"""# The price of each re-ranker

    python -m benchmarks.recommend.rerankers --seed {args.seed}

{datetime.now(UTC):%Y-%m-%d}. {(__doc__ or "").split(chr(10) * 2, 2)[2].strip()}

{made["people"]} people, lists of {made["k"]}.

| way | {" | ".join(names)} |
| --- | --- | --- | --- |
{chr(10).join(row(way, "") for way in made["ways"])}

What re-rankers change:

| re-ranker | {" | ".join(names)} |
| --- | --- | --- | --- |
{chr(10).join(row(way, "+") for way in made["prices"])}

The set names no creators, seen films leave the lists, and all films are years old: `creators`, `fatigue` and `freshness` have
next to nothing to do here. Nobody was shown a list, so what `vain` costs elsewhere is not told.
"""
    args.report.parent.mkdir(parents=True, exist_ok=True)
    args.report.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
