"""What other ways rank on a whole data set: popularity, EASE, implicit's ALS and item neighbours, for the report of sets.py.

Their settings are chosen on held-out events of train (valid.parquet where the set has one that is like its test, else a tenth of
each person's by seed), the same number of tries each; every try is logged.
"""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from benchmarks.recommend.ml1m_loo import referee
from benchmarks.recommend.short import PEERS, matrix_of, scored

TRIES = 6
JUDGES = 1_000
"""People, drawn by seed, that a try is judged by."""
Floats = npt.NDArray[np.float32]


def taken(path: Path) -> dict[str, list[str]]:
    """Who took up what."""
    mine: dict[str, list[str]] = {}
    rows = pq.read_table(path, columns=["user_id", "item_id"])
    for user, item in zip(rows["user_id"].to_pylist(), rows["item_id"].to_pylist(), strict=True):
        mine.setdefault(str(user), []).append(str(item))
    return {user: list(dict.fromkeys(items)) for user, items in mine.items()}


def held_out(mine: dict[str, list[str]], seed: int) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """A tenth of each person's, one at least, of those who have five or more."""
    random = np.random.default_rng(seed)
    kept, wanted = {}, {}
    for user, items in mine.items():
        many = max(1, len(items) // 10) if len(items) >= 5 else 0
        away = {items[i] for i in random.permutation(len(items))[:many]}
        kept[user] = [item for item in items if item not in away]
        if away:
            wanted[user] = away
    return kept, wanted


def best_of(scores: Floats, own: Any, k: int) -> npt.NDArray[np.int64]:
    """Rows of the k best that a person has not had, shape (p, k)."""
    for p in range(len(scores)):
        scores[p, own[p].indices] = -np.inf
    few = np.argpartition(-scores, k, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, few, axis=1), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(few, order, axis=1), np.int64)


def gain(best: npt.NDArray[np.int64], wanted: list[set[int]]) -> float:
    """Mean NDCG."""
    k = best.shape[1]
    return float(np.mean([scored(mine, want, k)[1] for mine, want in zip(best.tolist(), wanted, strict=True)]))


def peers(source: Path, users: list[str], k: int, seed: int, folder: Path) -> dict[str, Any]:
    """Figures by peer, from the set's own referee, with the tries and processor seconds."""
    warnings.filterwarnings("ignore")  # implicit's, of conversions and thread pools
    mine = taken(source / "train.parquet")
    lines = (json.loads(line) for line in (source / "items.jsonl").read_text("utf-8").splitlines())
    names = [str(line["item_id"]) for line in lines]
    place = {name: i for i, name in enumerate(names)}
    kept, wanted = held_out(mine, seed)
    people = list(mine)
    row = {user: i for i, user in enumerate(people)}
    judges = [str(u) for u in np.random.default_rng(seed).permutation(list(wanted))[:JUDGES]]
    small = matrix_of([[i for i in kept[u] if i in place] for u in people], place)
    whole = matrix_of([[i for i in mine[u] if i in place] for u in people], place)
    want = [{place[i] for i in wanted[u] if i in place} for u in judges]
    asked_small = np.array([row[u] for u in judges])
    known = [u for u in users if u in row]
    asked = np.array([row[u] for u in known])
    out = {}
    for name, (fit, all_tries) in PEERS.items():
        tries = [all_tries[i] for i in sorted({round(x) for x in np.linspace(0, len(all_tries) - 1, TRIES)})]
        gains = [gain(best_of(fit(small, asked_small, **told), small[asked_small], 20), want) for told in tries]
        chosen = tries[int(np.argmax(gains))]
        began = time.process_time()
        best = best_of(fit(whole, asked, **chosen), whole[asked], k)
        seconds = time.process_time() - began
        lists = folder / "peer.jsonl"
        with lists.open("w", encoding="utf-8") as file:
            for user, rows in zip(known, best.tolist(), strict=True):
                line = {"user_id": user, "items": [{"item_id": names[r]} for r in rows]}
                file.write(json.dumps(line) + "\n")
        out[name] = {
            "figures": referee(source, lists),
            "tries": [{"with": told, "NDCG@20": round(g, 4)} for told, g in zip(tries, gains, strict=True)],
            "chosen": chosen,
            "processor_seconds": round(seconds),
        }
    return out
