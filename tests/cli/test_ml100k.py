"""The stable commands on real behaviour, through their defaults, end to end (ml-100k, leave one out)."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import Cli


@pytest.fixture(scope="module")
def split(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A file of all events but each person's last (stable sort by time), and that last item of each person."""
    table = pq.read_table(shared / "datasets/ml-100k/events.parquet")
    rows = sorted(table.to_pylist(), key=lambda r: r["timestamp"])
    last = {row["user_id"]: number for number, row in enumerate(rows)}
    held = set(last.values())
    path = tmp_path_factory.mktemp("ml100k") / "train.parquet"
    pq.write_table(pa.Table.from_pylist([r for n, r in enumerate(rows) if n not in held], schema=table.schema), path)
    return path, {user: rows[number]["item_id"] for user, number in last.items()}


@pytest.mark.timeout(900)
def test_four_commands_reach_the_bar(
    split: tuple[Path, dict[str, str]], shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    train, held = split
    folder = tmp_path_factory.mktemp("home")
    cli = Cli(folder / "home")
    report = cli("ingest", shared / "datasets/ml-100k/items.jsonl", "--json").json
    assert report["items_new"] == 1682
    assert cli("events", "import", train, "--json").json["added"] == 100_000 - 943
    assert cli("events", "import", train, "--json").json == {"added": 0, "known": 100_000 - 943, "set_aside": 0}
    fit = cli("fit", "--json").json
    assert fit["promoted"]
    users = folder / "users.txt"
    users.write_text("\n".join(held), encoding="utf-8")
    answer = cli("recommend", "--users", users, "-k", "10", "--format", "jsonl")
    lists = {line["user_id"]: line for line in map(json.loads, answer.out.splitlines())}
    assert lists.keys() == held.keys()
    history: dict[str, set[str]] = {}
    for row in pq.read_table(train).to_pylist():
        history.setdefault(row["user_id"], set()).add(row["item_id"])
    hits = gain = 0.0
    for user, item in held.items():
        line = lists[user]
        assert set(line) == {"user_id", "surface", "items", "model"}
        assert line["surface"] == "video"
        ids = [entry["item_id"] for entry in line["items"]]
        assert len(ids) == len(set(ids)) == 10
        assert not history[user] & set(ids), "seen items are left out on this surface"
        if item in ids:
            hits += 1
            gain += 1 / math.log2(ids.index(item) + 2)
    assert hits / len(held) >= 0.14
    assert gain / len(held) >= 0.075
    again = cli("recommend", "--users", users, "-k", "10", "--format", "jsonl")
    assert again.out == answer.out, "deterministic for a given state"
