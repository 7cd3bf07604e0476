"""Lists for everyone: what they cost over the bare matrix products and top-k of the same shapes.

    python -m benchmarks.recommend.lists HOME [-k 100] [--people 0] [--report NAME]

HOME is a home with a fitted model. In one process, in turns, by processor time of the one thread both use: the product's lists
for everyone (no re-ranking, seen items left out), and bare numpy and scipy on the same arrays: for each scorer that counts its
product (history x item matrix; states x item vectors, the states themselves included; tastes x features), their weighted sum,
and the top k of each row, sorted. The whole command `vitascope recommend --users` is timed as well, start-up included.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt

from vitascope.assemble import open_system
from vitascope.base.histories import from_columns
from vitascope.base.ports.service import Ask
from vitascope.base.tokens import tokens
from vitascope.recommend import sequence
from vitascope.recommend.recommender import Recommender
from vitascope.recommend.scorers._collaborative import recency
from vitascope.recommend.scorers._matrices import acts, features

REPORTS = Path(__file__).parents[1] / "reports"
PIECE = 2_048

Floats = npt.NDArray[np.float32]


class Bare:
    """The same model's arrays, multiplied and nothing else."""

    def __init__(self, recommender: Recommender, surface: str) -> None:
        self.shelf = recommender._shelves.shelf()
        model, _ = recommender._model(self.shelf)
        self.weights = {n: w for n, w in model.weights.usual.items() if w and n != "popular"}
        self.states = model.states
        columns = recommender._shelves.columns()
        self.histories = from_columns(columns, self.shelf.table.items, np.unique(columns.person), {})
        self.vectors = list(self.shelf.vectors.values()) if "content" in self.weights else []
        self.table = features(self.shelf.table).T.tocsr()

    def parts(self, a: int, b: int) -> dict[str, object]:
        """Inputs of people a to b, made outside of the clock."""
        mine = self.histories.chunk(a, b)
        return {
            "all": acts(mine, recency(mine, 0.0), len(self.shelf)),
            "acts": {
                n: acts(mine, recency(mine, self.states[n].half_life), len(self.shelf))
                for n in ("collaborative", "neighbours")
                if n in self.weights and self.states[n].matrix is not None
            },
            "tokens": tokens(mine, self.states["sequence"].weights.length)
            if "sequence" in self.weights and self.states["sequence"] is not None
            else None,
        }

    def run(self, made: dict[str, object], p: int, k: int) -> npt.NDArray[np.int64]:
        """Products, weighted sum, top k."""
        total = np.zeros((p, len(self.shelf)), np.float32)
        for name, rows in made["acts"].items():  # type: ignore[attr-defined]
            product = rows @ self.states[name].matrix
            total += np.float32(self.weights[name]) * (
                product if isinstance(product, np.ndarray) else product.toarray()
            )
        network, data = self.states.get("sequence"), made["tokens"]
        if data is not None:
            total += np.float32(self.weights["sequence"]) * (
                sequence.states(network.weights, network.items, data) @ network.items.T
            )
        if "factors" in self.weights and self.states["factors"] is not None:
            items = self.states["factors"].items
            total += np.float32(self.weights["factors"]) * (np.zeros((p, items.shape[1]), np.float32) @ items.T)
        if "taste" in self.weights:
            total += np.asarray((self.table.T @ np.ones((self.table.shape[0], p), np.float32)).T, np.float32)
        for vectors in self.vectors:
            total += np.float32(self.weights["content"]) * (made["all"] @ vectors) @ vectors.T  # type: ignore[operator]
        best = np.argpartition(-total, k - 1, axis=1)[:, :k]
        return np.take_along_axis(best, np.argsort(-np.take_along_axis(total, best, axis=1), axis=1), axis=1)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("-k", type=int, default=100)
    parser.add_argument("--people", type=int, default=0, help="so many, drawn by seed 0; 0: all")
    parser.add_argument("--report", default="")
    args = parser.parse_args()
    with contextlib.closing(open_system(args.home)) as system:
        people = sorted(system.people(10**9))
        if args.people and args.people < len(people):
            people = np.random.default_rng(0).choice(people, args.people, replace=False).tolist()
        ask = Ask(n=args.k)
        start = time.process_time()
        next(iter(system.recommend_many(people[:1], ask)))
        load = time.process_time() - start
        gc.freeze()  # as the command does
        start = time.process_time()
        given = sum(len(answer.items) for _, answer in system.recommend_many(people, ask))
        ours = time.process_time() - start
        recommender = system._rooms.recommender
        bare = Bare(recommender, "")
        spent = 0.0
        for a in range(0, len(people), PIECE):
            b = min(a + PIECE, len(people))
            made = bare.parts(a, b)
            start = time.process_time()
            bare.run(made, b - a, args.k)
            spent += time.process_time() - start
        weights = ", ".join(f"{n} {w:g}" for n, w in bare.weights.items())
        items = len(bare.shelf)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as users:
        users.write("\n".join(people))
        users.flush()
        before = os.times()
        command = [sys.executable, "-m", "vitascope", "recommend", "--home", str(args.home), "--users", users.name]
        subprocess.run([*command, "-k", str(args.k), "-q"], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
    whole = after.children_user + after.children_system - before.children_user - before.children_system
    lines = [
        "# Lists for everyone",
        "",
        f"    python -m benchmarks.recommend.lists HOME -k {args.k}"
        + (f" --people {args.people}" if args.people else ""),
        "",
        f"{datetime.now(UTC):%Y-%m-%d}; {len(people)} people, {items} items, lists of {args.k} ({given} items given);",
        f"one thread, processor time; load {os.getloadavg()[1]:.1f}. Weights: {weights}.",
        "",
        "| | seconds of the processor |",
        "| --- | --- |",
        f"| bare products, weighted sum and top {args.k} | {spent:.2f} |",
        f"| lists by the product, library and model taken up | {ours:.2f} |",
        f"| over the bare | {ours / spent:.2f} |",
        f"| taking up the library, events and model, with the first list | {load:.2f} |",
        f"| the whole command, start-up and writing included | {whole:.2f} |",
    ]
    text = "\n".join(lines) + "\n"
    if args.report:
        (REPORTS / f"{args.report}.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
