"""Does a language model's order help people of whom little is known? MovieLens 100K, each person's first 5, 10, 20 events.

usage: python -m benchmarks.recommend.llm_rerank [DATASETS] [--people 150] [--seed 0] [--set VARIABLE=VALUE ...] [--report FILE]

People drawn by seed keep their first n events, for each n as a person of their own; everybody else keeps all. Wanted are
the ten next items of each. `recommend` gives the plain list with its scores; with the re-ranker `language` alone, at a weight
that nothing else stands against, it gives the model's order of the best twelve. What the re-ranker's weight makes of both is
worked out from these, for several weights: half of the people choose the weight, the other half judges it, and the other way
round. Beside it a shuffled order of the same candidates, which shows what no knowledge does. `--set` names another model, as
VITASCOPE_MODELS__ENDPOINTS__LANGUAGE_MODEL__URL=http://localhost:8000/v1.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.recommend.ml1m_loo import ROOT, Runs
from benchmarks.recommend.short import scored

REPORT = ROOT / "benchmarks" / "reports" / "recommend_llm.md"
KEPT, NEXT, K, SEEN = (5, 10, 20), 10, 10, 12
WEIGHTS = (0.03, 0.1, 0.3, 1.0)
PIPELINE = """surface = "video"
seen = "exclude"
sources = [
  { name = "personal", top = 200 },
  { name = "collaborative", top = 200 },
  { name = "factors", top = 200 },
  { name = "similar", top = 100 },
  { name = "popular", top = 50 },
]
scorers = ["taste", "content", "collaborative", "factors", "popular"]
fallback = ["popular", "any"]

[[rerankers]]
name = "language"
few = 20
candidates = 12
weight = 1000
"""


def ndcg(ranked: list[str], wanted: set[str]) -> float:
    """NDCG@10 with several wanted items."""
    return scored(ranked, wanted, K)[1]


def fused(plain: list[tuple[str, float]], order: list[str], weight: float) -> list[str]:
    """The list that the re-ranker makes at a weight: score + weight (1 - place / candidates)."""
    gain = {item: weight * (1 - place / len(order)) for place, item in enumerate(order)}
    worth = {item: score + gain.get(item, 0.0) for item, score in plain}
    return sorted(worth, key=lambda item: -worth[item])


def run_all(source: Path, people: int, seed: int, extra: dict[str, str], folder: Path) -> dict[str, Any]:
    """Plain lists, the model's orders, what was wanted."""
    table = pq.read_table(source / "events.parquet").sort_by("timestamp")
    mine: dict[str, list[int]] = {}
    users, items = (list(map(str, table[c].to_pylist())) for c in ("user_id", "item_id"))
    for row, user in enumerate(users):
        mine.setdefault(user, []).append(row)
    random = np.random.default_rng(seed)
    able = sorted(u for u, rows in mine.items() if len(rows) >= max(KEPT) + NEXT)
    test = [str(u) for u in random.permutation(able)[:people]]
    held = set(test)
    rows = [row for u, own in mine.items() if u not in held for row in own]
    names = [users[row] for row in rows]
    wanted: dict[str, set[str]] = {}
    for user in test:
        for n in KEPT:
            rows += mine[user][:n]
            names += [f"{user}@{n}"] * n
            wanted[f"{user}@{n}"] = {items[row] for row in mine[user][n : n + NEXT]}
    train = table.take(pa.array(rows, pa.int64()))
    train = train.set_column(train.schema.get_field_index("user_id"), "user_id", pa.array(names))
    pq.write_table(train, folder / "train.parquet")
    (folder / "users.txt").write_text("\n".join(wanted), "utf-8")
    run = Runs(folder / "home", extra)
    run("ingest", "ingest", source / "items.jsonl", "--no-describe", "--quiet")
    run("import", "events", "import", folder / "train.parquet", "--quiet")
    run("fit", "fit", "--quiet")
    (folder / "home" / "pipelines").mkdir(exist_ok=True)
    (folder / "home" / "pipelines" / "video.toml").write_text(PIPELINE, "utf-8")
    ask = ["recommend", "--users", folder / "users.txt", "-k", 30, "--surface", "video", "--format", "jsonl"]
    plain = {
        line["user_id"]: [(i["item_id"], i["score"]) for i in line["items"]]
        for line in map(json.loads, run("recommend", *ask).splitlines())
    }
    ranked = {
        line["user_id"]: [i["item_id"] for i in line["items"]][:SEEN]
        for line in map(json.loads, run("language model", *ask, "--rerank").splitlines())
    }
    return {"plain": plain, "ranked": ranked, "wanted": wanted, "seconds": run.seconds, "test": test}


def report(made: dict[str, Any], words: str, model: str) -> str:
    """The tables."""
    random = np.random.default_rng(1)
    lines = []
    for n in KEPT:
        ids = [f"{user}@{n}" for user in made["test"]]
        plain = np.array([ndcg([i for i, _ in made["plain"][u]], made["wanted"][u]) for u in ids])
        moved = np.mean([made["ranked"][u] != [i for i, _ in made["plain"][u]][:SEEN] for u in ids])
        orders = {
            "the model's order": [made["ranked"][u] for u in ids],
            "shuffled": [
                [str(i) for i in random.permutation([item for item, _ in made["plain"][u]][:SEEN])] for u in ids
            ],
        }
        for name, order in orders.items():
            by = {
                w: np.array(
                    [ndcg(fused(made["plain"][u], o, w), made["wanted"][u]) for u, o in zip(ids, order, strict=True)]
                )
                for w in WEIGHTS
            }
            judged: npt.NDArray[np.float64] = plain.copy()
            for half in (0, 1):
                own = np.arange(len(ids)) % 2 == half
                best = max(WEIGHTS, key=lambda w: float(by[w][own].mean()))
                if by[best][own].mean() > plain[own].mean():
                    judged[~own] = by[best][~own]
            change = judged - plain
            cells = " | ".join(f"{by[w].mean():.4f}" for w in WEIGHTS)
            error = change.std() / math.sqrt(len(change))
            gained = f"{change.mean():+.4f} +-{error:.4f}"
            changed = f"{moved:.0%}" if name != "shuffled" else ""
            lines.append(f"| {n} | {name} | {plain.mean():.4f} | {cells} | {gained} | {changed} |")
    took = ", ".join(f"{name} {value:.0f} s" for name, value in made["seconds"].items())
    return f"""# A language model's order for people of whom little is known

    {words}

{datetime.now(UTC):%Y-%m-%d}, model: {model}. {(__doc__ or "").split(chr(10) * 2, 2)[2].strip()}

NDCG@10, {len(made["test"])} people:

| first events | | without | {" | ".join(f"weight {w:g}" for w in WEIGHTS)} | gain, others choosing | changed |
| --- | --- | --- | {"--- | " * len(WEIGHTS)}--- | --- |
{chr(10).join(lines)}

Took: {took}; the last two are lists for {3 * len(made["test"])} people, without and with the model.
"""


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared")
    parser.add_argument("datasets", nargs="?", type=Path, default=shared / "datasets")
    parser.add_argument("--people", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], metavar="VARIABLE=VALUE")
    parser.add_argument("--model", default="the embedded pack's SmolLM2-135M-Instruct", help="named in the report")
    parser.add_argument("--report", type=Path, default=REPORT)
    args = parser.parse_args()
    source = args.datasets / "ml-100k"
    if not (source / "events.parquet").is_file():
        sys.exit(f"no ml-100k under {args.datasets}: name the folder of the data sets")
    extra = dict(item.split("=", 1) for item in args.set)
    with tempfile.TemporaryDirectory() as folder:
        made = run_all(source, args.people, args.seed, extra, Path(folder))
    words = f"python -m benchmarks.recommend.llm_rerank --people {args.people} --seed {args.seed}"
    text = report(made, words, args.model)
    args.report.parent.mkdir(parents=True, exist_ok=True)
    args.report.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
