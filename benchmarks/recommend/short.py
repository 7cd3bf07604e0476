"""People of whom 0, 1, 3 or 5 events are known: our lists beside popularity, implicit ALS, EASE and item-KNN.

usage: python -m benchmarks.recommend.short [ml-100k] [lastfm-text] [--datasets FOLDER] [--seeds 0 1 2] [--report FILE]

People fall into three parts by chance (fixed); seed s cuts down those of part s, everybody else keeps all events. Of a person
cut down n events are kept, for each n as a person of their own: in ml-100k the n before the last one (leave-last-out: the last
is wanted), in lastfm-text, which has no times, n by chance (the person's test items are wanted). All see the same events.
Ours: ingest, events import, fit, recommend with defaults. The peers' settings are chosen on 150 of the people who keep their
events, cut down likewise with one item (ml-100k: the last) or a fifth of them held out, for each n, 12 tries each.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.recommend.ml1m_loo import ROOT, Runs

REPORT = ROOT / "benchmarks" / "reports" / "recommend_short.md"
SETS = {"ml-100k": 10, "lastfm-text": 20}
KEPT = (0, 1, 3, 5)
PARTS, VALID, TRIES = 3, 150, 12
Floats = npt.NDArray[np.float32]
History = list[tuple[str, int]]
"""(item, row of the event table), oldest first where there are times."""


def histories(source: Path) -> tuple[pa.Table, dict[str, History], dict[str, set[str]]]:
    """The events, who did what in order, and what is wanted of each."""
    if source.name == "ml-100k":
        table = pq.read_table(source / "events.parquet").sort_by("timestamp")
    else:
        table = pq.read_table(source / "train.parquet")
    mine: dict[str, History] = {}
    users, items = (list(map(str, table[c].to_pylist())) for c in ("user_id", "item_id"))
    for row, (user, item) in enumerate(zip(users, items, strict=True)):
        mine.setdefault(user, []).append((item, row))
    wanted: dict[str, set[str]] = {}
    if source.name == "ml-100k":
        for user, acts in mine.items():
            last = acts[-1][0]
            wanted[user] = {last}
            mine[user] = [act for act in acts if act[0] != last]
    else:
        test = pq.read_table(source / "test.parquet")
        for user, item in zip(test["user_id"].to_pylist(), test["item_id"].to_pylist(), strict=True):
            wanted.setdefault(str(user), set()).add(str(item))
    return table, mine, wanted


def cut(acts: History, n: int, dated: bool, random: np.random.Generator) -> History:
    """The last n acts, or n by chance."""
    if dated:
        return acts[len(acts) - n :]
    return [acts[i] for i in sorted(random.permutation(len(acts))[:n])]


def scored(ranked: Sequence[object], wanted: Collection[object], k: int) -> tuple[float, float]:
    """Recall (of one wanted item: hit rate) and NDCG."""
    places = [place for place, item in enumerate(ranked[:k]) if item in wanted]
    best = sum(1 / math.log2(place + 2) for place in range(min(k, len(wanted))))
    return len(places) / len(wanted), sum(1 / math.log2(place + 2) for place in places) / best


# --- peers


def matrix_of(rows: list[list[str]], place: dict[str, int]) -> Any:
    """Sparse 0/1 people x items."""
    from scipy import sparse

    owner = [p for p, mine in enumerate(rows) for _ in set(mine)]
    item = [place[i] for mine in rows for i in set(mine)]
    return sparse.csr_matrix((np.ones(len(owner), np.float32), (owner, item)), shape=(len(rows), len(place)))


def popular(matrix: Any, asked: npt.NDArray[np.int64]) -> Floats:
    """How many took up each item."""
    return np.repeat(np.asarray(matrix.sum(axis=0), np.float32), len(asked), axis=0)


def ease(matrix: Any, asked: npt.NDArray[np.int64], strength: float) -> Floats:
    """Steck 2019, equation 8."""
    gram = np.asarray((matrix.T @ matrix).todense(), np.float64)
    gram[np.diag_indices(len(gram))] += strength
    inverse = np.linalg.inv(gram)
    made = inverse / -np.diag(inverse)
    made[np.diag_indices(len(made))] = 0
    return np.asarray(matrix[asked] @ made, np.float32)


def als(matrix: Any, asked: npt.NDArray[np.int64], factors: int, regularization: float, alpha: float) -> Floats:
    """Implicit's alternating least squares; people's factors as it fitted them."""
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=factors, regularization=regularization, alpha=alpha, num_threads=1, random_state=0
    )
    model.fit(matrix, show_progress=False)
    return np.asarray(model.user_factors[asked] @ model.item_factors.T, np.float32)


def knn(matrix: Any, asked: npt.NDArray[np.int64], kind: str, neighbours: int) -> Floats:
    """Implicit's item neighbours."""
    from implicit import nearest_neighbours as near

    made = getattr(near, kind)(K=neighbours, num_threads=1)
    made.fit(matrix, show_progress=False)
    return np.asarray((matrix[asked] @ made.similarity.T).todense(), np.float32)


PEERS: dict[str, tuple[Callable[..., Floats], list[dict[str, Any]]]] = {
    "popularity": (popular, [{}]),
    "implicit ALS": (
        als,
        [
            {"factors": f, "regularization": r, "alpha": a}
            for f in (16, 32, 64)
            for r in (0.01, 0.1)
            for a in (1.0, 10.0)
        ],
    ),
    "EASE": (ease, [{"strength": s} for s in (3, 10, 30, 60, 100, 200, 300, 500, 800, 1_200, 2_000, 5_000)]),
    "item-KNN": (
        knn,
        [
            {"kind": kind, "neighbours": n}
            for kind in ("CosineRecommender", "TFIDFRecommender", "BM25Recommender")
            for n in (20, 50, 100, 200)
        ],
    ),
}
"""For each peer the same number of tries, popularity having nothing to try."""


class World:
    """People who keep their events, and others who are cut down to so many each, as one matrix.

    Args:
        whole: events of who keeps them.
        less: (n, items kept, items wanted) of those who are cut down.
    """

    def __init__(
        self, whole: Iterable[list[str]], less: list[tuple[int, list[str], set[str]]], names: list[str]
    ) -> None:
        first = list(whole)
        self.names, self.less = names, less
        self.matrix = matrix_of(first + [mine for _, mine, _ in less], {name: i for i, name in enumerate(names)})
        self.asked = np.arange(len(first), len(first) + len(less))

    def figures(self, scores: Floats, k: int) -> npt.NDArray[np.float64]:
        """Recall and NDCG of each who is cut down, (p, 2)."""
        out = np.zeros((len(self.less), 2))
        own = self.matrix[self.asked]
        for p, (_, _, wanted) in enumerate(self.less):
            mine = scores[p].copy()
            mine[own[p].indices] = -np.inf
            best = np.argsort(-mine, kind="stable")[:k]
            out[p] = scored([self.names[i] for i in best], wanted, k)
        return out


def peers(world: World, valid: World, k: int) -> tuple[dict[str, npt.NDArray[np.float64]], list[str]]:
    """Figures of each peer, its settings chosen on `valid` for each n; and the tries in words."""
    lengths, tuned = (np.array([n for n, _, _ in w.less]) for w in (world, valid))
    made: dict[str, npt.NDArray[np.float64]] = {}
    log = []
    for name, (fit, tries) in PEERS.items():
        found = [valid.figures(fit(valid.matrix, valid.asked, **told), k)[:, 1] for told in tries]
        figures = np.zeros((len(world.less), 2))
        for n in KEPT:
            gains = [float(f[tuned == n].mean()) for f in found]
            best = int(np.argmax(gains))
            if n or name == "popularity":  # of nobody's events only popularity has a say
                scores = fit(world.matrix, world.asked[lengths == n], **tries[best])
                here = World.__new__(World)
                here.names, here.less = world.names, [one for one in world.less if one[0] == n]
                here.matrix, here.asked = world.matrix, world.asked[lengths == n]
                figures[lengths == n] = here.figures(scores, k)
                log.append(f"{name}, {n} events: {tries[best] or 'nothing to choose'} (valid NDCG {gains[best]:.4f})")
        made[name] = figures
    return made, log


# --- one set, one seed


def one(source: Path, base: Path, folder: Path, seed: int) -> dict[str, Any]:
    """Figures by n, ours and the peers', a value a person."""
    k, dated = SETS[source.name], source.name == "ml-100k"
    table, mine, wanted = histories(source)
    people = sorted(wanted)
    part = np.random.default_rng(0).integers(0, PARTS, len(people))
    random = np.random.default_rng(seed)
    test = [p for p, at in zip(people, part, strict=True) if at == seed % PARTS]
    rest = [p for p in sorted(mine) if p not in set(test)]
    names = sorted({item for acts in mine.values() for item, _ in acts})
    less = [(n, p, cut(mine[p], n, dated, random)) for p in test for n in KEPT]

    # ours, through the commands
    home = folder / f"home-{seed}"
    shutil.copytree(base, home)
    rows, users = [], []
    for person in rest:
        rows += [row for _, row in mine[person]]
        users += [person] * len(mine[person])
    for n, person, acts in less:
        rows += [row for _, row in acts]
        users += [f"{person}@{n}"] * len(acts)
    train = table.take(pa.array(rows, pa.int64()))
    train = train.set_column(train.schema.get_field_index("user_id"), "user_id", pa.array(users))
    pq.write_table(train, folder / "train.parquet")
    (folder / "users.txt").write_text("\n".join(f"{p}@{n}" for n, p, _ in less), "utf-8")
    run = Runs(home, {})
    run("import", "events", "import", folder / "train.parquet", "--quiet")
    fit = json.loads(run("fit", "fit", "--seed", seed, "--json", "--quiet"))
    said = run(
        "recommend", "recommend", "--users", folder / "users.txt", "-k", k, "--exclude-seen", "--format", "jsonl"
    )
    lists = {
        line["user_id"]: [i["item_id"] for i in line["items"]] for line in (json.loads(x) for x in said.splitlines())
    }
    shutil.rmtree(home)
    figures = {
        "Vitascope": np.array([scored(lists.get(f"{p}@{n}", []), wanted[p], k) for n, p, _ in less]),
    }

    # the peers
    picked = [str(p) for p in random.permutation([p for p in rest if p in wanted and len(mine[p]) > 6])[:VALID]]
    held, short = {}, []
    for person in picked:
        acts = mine[person]
        some = [acts[-1]] if dated else [acts[i] for i in random.permutation(len(acts))[: max(1, len(acts) // 5)]]
        away = {item for item, _ in some}
        held[person] = [act for act in acts if act[0] not in away]
        short += [(n, [i for i, _ in cut(held[person], n, dated, random)], away) for n in KEPT]
    whole = [[item for item, _ in mine[p]] for p in rest]
    world = World(whole, [(n, [i for i, _ in acts], wanted[p]) for n, p, acts in less], names)
    valid = World([w for w, p in zip(whole, rest, strict=True) if p not in held], short, names)
    theirs, log = peers(world, valid, k)
    lengths = np.array([n for n, _, _ in less])
    return {
        "seed": seed,
        "people": len(test),
        "figures": {name: {n: made[lengths == n].tolist() for n in KEPT} for name, made in (figures | theirs).items()},
        "note": fit["model"]["note"],
        "tries": log,
        "fit": round(run.seconds["fit"]),
    }


# --- report


def told(name: str, runs: list[dict[str, Any]]) -> str:
    """The tables of one set."""
    k = SETS[name]
    what = ("HR", "NDCG") if name == "ml-100k" else ("Recall", "NDCG")
    lines = [
        f"## {name}, {sum(r['people'] for r in runs)} people\n",
        f"| events known | | {' | '.join(runs[0]['figures'])} | lead over the best peer (+- its standard error) |",
        "| --- | --- |" + " --- |" * (len(runs[0]["figures"]) + 1),
    ]
    for n in KEPT:
        for at, figure in enumerate(what):
            made = {
                way: np.concatenate([np.array(r["figures"][way][n])[:, at] for r in runs]) for way in runs[0]["figures"]
            }
            others = [way for way in made if way != "Vitascope" and (n or way == "popularity")]
            best = max(others, key=lambda way: float(made[way].mean()))
            change = made["Vitascope"] - made[best]
            cells = [f"{v.mean():.4f}" if n or w in ("Vitascope", "popularity") else "" for w, v in made.items()]
            error = change.std() / math.sqrt(len(change))
            lines.append(f"| {n} | {figure}@{k} | {' | '.join(cells)} | {change.mean():+.4f} +-{error:.4f} ({best}) |")
    lines.append("\nNDCG by seed:\n")
    for run in runs:
        means = [
            f"{n} events: "
            + ", ".join(
                f"{way} {np.array(v[n])[:, 1].mean():.4f}" for way, v in run["figures"].items() if n or way != "EASE"
            )
            for n in KEPT[1:]
        ]
        lines.append(f"* seed {run['seed']}: {'; '.join(means)}. Fit {run['fit']} s: {run['note']}")
        lines.append(f"  * what the peers chose: {'; '.join(run['tries'])}")
    return "\n".join(lines)


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared")
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--datasets", type=Path, default=shared / "datasets")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--report", type=Path, default=REPORT)
    args = parser.parse_args()
    if unknown := set(args.names) - set(SETS):
        sys.exit(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    warnings.filterwarnings("ignore")  # implicit's, of conversions and thread pools
    parts = []
    for name in args.names or SETS:
        source = args.datasets / name
        if not (source / "items.jsonl").is_file():
            sys.exit(f"no {name} under {args.datasets}: name the folder of the data sets")
        with tempfile.TemporaryDirectory() as folder:
            run = Runs(Path(folder) / "base", {})
            run("ingest", "ingest", source / "items.jsonl", "--no-describe", "--quiet")
            runs = []
            for seed in args.seeds:
                runs.append(one(source, Path(folder) / "base", Path(folder), seed))
                print(told(name, runs), flush=True)
        parts.append(told(name, runs))
    words = " ".join(["python -m benchmarks.recommend.short", *args.names])
    made = f"""# People of whom little is known

    {words} --seeds {" ".join(map(str, args.seeds))}

{datetime.now(UTC):%Y-%m-%d}. {(__doc__ or "").split(chr(10) * 2, 2)[2].strip()}

{(chr(10) * 2).join(parts)}
"""
    args.report.parent.mkdir(parents=True, exist_ok=True)
    args.report.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
