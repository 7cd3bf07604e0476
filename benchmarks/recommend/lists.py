"""Lists for everyone: what they cost over the bare matrix products and top-k of the same shapes.

    python -m benchmarks.recommend.lists HOME [-k 100] [--people 0] [--report NAME]

HOME is a home with a fitted model, such as these commands make of datasets/kuairand-pure:

    vitascope --home HOME ingest items.jsonl --no-describe && vitascope --home HOME events import train.parquet
    VITASCOPE_TRAIN__SEQUENCE_MINUTES=0.5 vitascope --home HOME fit

(the time hangs on the shapes of the model, not on how well it learnt). In one process, in turns, by processor time of the one
thread both use: the product's lists for everyone (no re-ranking, seen items left out), and bare numpy and scipy on the same
arrays: for each scorer that counts its product (history x item matrix; states x item vectors, the states themselves included;
tastes x features), their weighted sum, and the top k of each row, sorted. The whole command `vitascope recommend --users` is
timed as well, start-up included.
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
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt

from vitascope.assemble import open_system
from vitascope.base.histories import from_columns
from vitascope.base.ports.service import Ask
from vitascope.base.records import PersonKey
from vitascope.base.tokens import Tokens, tokens
from vitascope.recommend import sequence
from vitascope.recommend.recommender import Recommender
from vitascope.recommend.scorers._collaborative import recency
from vitascope.recommend.scorers._matrices import acts, features

REPORTS = Path(__file__).parents[1] / "reports"
PIECE = 2_048

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Inputs:
    """What the products of some people start from, made outside of the clock."""

    people: int
    acts: dict[str, Any]
    """Sparse histories by scorer, (people, items)."""
    all: Any
    """Every act alike."""
    tokens: Tokens | None
    factors: Floats | None
    tastes: Floats


class Bare:
    """The same model's arrays, multiplied and nothing else."""

    def __init__(self, recommender: Recommender, people: Sequence[PersonKey]) -> None:
        self.shelf = recommender._shelves.shelf()
        model, _ = recommender._model(self.shelf)
        self.weights = {n: w for n, w in model.weights.usual.items() if w and n != "popular"}
        self.states = model.states
        columns = recommender._shelves.columns()
        self.histories = from_columns(columns, self.shelf.table.items, np.asarray(people, np.int64), {})
        self.vectors = list(self.shelf.vectors.values()) if "content" in self.weights else []
        self.features = features(self.shelf.table)

    def inputs(self, a: int, b: int) -> Inputs:
        """Of people a to b."""
        mine, n = self.histories.chunk(a, b), len(self.shelf)
        together = [name for name in ("collaborative", "neighbours") if name in self.weights]
        network, factors = self.states.get("sequence"), self.states.get("factors")
        return Inputs(
            people=b - a,
            acts={
                name: acts(mine, recency(mine, self.states[name].half_life), n)
                for name in together
                if self.states[name].matrix is not None
            },
            all=acts(mine, recency(mine, 0.0), n),
            tokens=tokens(mine, network.weights.length) if "sequence" in self.weights and network else None,
            factors=np.ones((b - a, factors.items.shape[1]), np.float32)
            if "factors" in self.weights and factors
            else None,
            tastes=np.ones((self.features.shape[1], b - a), np.float32),
        )

    def run(self, made: Inputs, k: int) -> npt.NDArray[np.int64]:
        """Products, weighted sum, top k."""
        total = np.zeros((made.people, len(self.shelf)), np.float32)
        for name, rows in made.acts.items():
            product = rows @ self.states[name].matrix
            whole = product if isinstance(product, np.ndarray) else product.toarray()
            total += np.float32(self.weights[name]) * whole
        if made.tokens is not None:
            network = self.states["sequence"]
            states = sequence.states(network.weights, network.items, made.tokens)
            total += np.float32(self.weights["sequence"]) * (states @ network.items.T)
        if made.factors is not None:
            total += np.float32(self.weights["factors"]) * (made.factors @ self.states["factors"].items.T)
        if "taste" in self.weights:
            total += np.float32(self.weights["taste"]) * (self.features @ made.tastes).T
        for vectors in self.vectors:
            total += np.float32(self.weights["content"]) * ((made.all @ vectors) @ vectors.T)
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
        keys = system._rooms.stores.people.find(people)
        bare = Bare(recommender, [keys[one] for one in people])
        spent = 0.0
        for a in range(0, len(people), PIECE):
            b = min(a + PIECE, len(people))
            made = bare.inputs(a, b)
            start = time.process_time()
            bare.run(made, args.k)
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
