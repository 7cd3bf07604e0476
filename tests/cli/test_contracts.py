"""What CONTRACTS.md promises of the command line: exit codes, stdout and stderr, the home, bad input set aside."""

from __future__ import annotations

import json
import sqlite3
import stat
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

ITEMS = [
    {"item_id": "a", "title": "Rockets for beginners", "tags": ["space"], "kind": "video", "creator": "Ana"},
    {"item_id": "b", "title": "A trip to the moon", "tags": ["space", "travel"], "kind": "video"},
    {"item_id": "c", "title": "Onion soup", "tags": ["food"], "kind": "video", "published_at": "2 May 2019"},
    {"item_id": "d", "title": "Bread at home", "tags": ["food"], "kind": "video", "published_at": 1556755200},
]


def manifest(folder: Path, rows: list[dict[str, object]] = ITEMS) -> Path:
    path = folder / "items.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def library(cli: Cli, tmp_path: Path) -> Cli:
    """A home with four items and no media."""
    cli("ingest", manifest(tmp_path), "--no-describe")
    return cli


def test_init_makes_the_home(cli: Cli) -> None:
    cli("init")
    assert {"vitascope.toml", "library.db", "key", "models", "cache", "media", "logs", "exports"} <= {
        p.name for p in cli.home.iterdir()
    }
    assert stat.S_IMODE((cli.home / "key").stat().st_mode) == 0o600


def test_result_on_stdout_and_the_rest_on_stderr(cli: Cli, tmp_path: Path) -> None:
    ended = cli("ingest", manifest(tmp_path), "--no-describe", "--json")
    assert ended.json["items_new"] == 4
    quiet = cli("ingest", manifest(tmp_path), "--no-describe", "--quiet")
    assert (quiet.out, quiet.err) == ("", "")
    assert cli("ingest", manifest(tmp_path), "--no-describe", "--json").json["items_same"] == 4


def test_exit_codes(cli: Cli, tmp_path: Path) -> None:
    cli("no-such-command", expect=2)
    cli("ingest", expect=2)
    cli("ingest", tmp_path / "nothing-here", expect=2)
    cli("recommend", expect=2)
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    cli("ingest", empty, "--no-describe")
    cli("events", "import", tmp_path / "absent.csv", expect=2)
    bad = manifest(tmp_path, [*ITEMS, {"title": "no id"}])
    ended = cli("ingest", bad, "--no-describe", "--json")
    assert ended.json["set_aside"] == 1
    assert "1 set aside" in ended.err
    cli("ingest", bad, "--no-describe", "--strict", expect=1)


def test_problems_name_file_line_and_remedy(cli: Cli, tmp_path: Path) -> None:
    rows = [*ITEMS, {"title": "no id"}, {"item_id": "e", "published_at": "the day after never"}]
    path = manifest(tmp_path, rows)
    cli("ingest", path, "--no-describe")
    problems = cli("problems", "--json").json["problems"]
    assert any("items.jsonl:5" in p["place"] and p["remedy"] for p in problems)
    assert any("published_at" in p["reason"] or "published_at" in p["place"] for p in problems)
    counts = cli("status", "--json").json["counts"]
    assert counts["items"] == 5, "a bad optional field is dropped and noted; the row stays"


def test_events_unknown_items_and_the_future_are_set_aside(library: Cli, tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text(
        "user_id,item_id,type,value,timestamp,colour\n"
        "u1,a,play,,2024-01-01T10:00:00Z,red\n"
        "u1,zzz,play,,2024-01-01T10:00:00Z,red\n"
        "u1,b,play,,2999-01-01T10:00:00Z,red\n"
        "u1,c,dance,,2024-01-01T10:00:00Z,red\n"
        "u2,c,rate,9,2024-01-01T10:00:00Z,red\n"
        "u2,c,rate,5,,red\n",
        encoding="utf-8",
    )
    first = library("events", "import", events, "--json")
    assert first.json == {"added": 2, "known": 0, "set_aside": 4}
    assert "colour" in first.err
    assert library("events", "import", events, "--json").json["added"] == 0
    places = [p["place"] for p in library("problems", "--json").json["problems"]]
    for line in (3, 4, 5, 6):
        assert any(p.endswith(f"events.csv:{line}") for p in places), (line, places)


def test_people_live_under_pseudonyms(library: Cli, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    rows = [
        {
            "user_id": "zoe.quartz@example.org",
            "item_id": "a",
            "type": "comment",
            "text": "xylophone-secret",
            "timestamp": 1,
        },
        {"user_id": "zoe.quartz@example.org", "item_id": "b", "type": "play", "timestamp": 2},
    ]
    events.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    library("events", "import", events)
    raw = b"".join(p.read_bytes() for p in library.home.rglob("*") if p.is_file())
    assert b"quartz" not in raw
    assert b"xylophone" not in raw
    line = json.loads(library("recommend", "--user", "zoe.quartz@example.org", "-k", "2").out)
    assert line["user_id"] == "zoe.quartz@example.org"
    assert {i["item_id"] for i in line["items"]} == {"c", "d"}


def test_recommend_never_empty_and_candidates_restrict(library: Cli, tmp_path: Path) -> None:
    some = tmp_path / "some.txt"
    some.write_text("c\nd\n", encoding="utf-8")
    line = json.loads(library("recommend", "--user", "stranger", "-k", "10", "--candidates", some).out)
    assert {i["item_id"] for i in line["items"]} == {"c", "d"}
    assert len(json.loads(library("recommend", "--user", "stranger", "-k", "10", "--explain").out)["items"]) == 4
    lists = library("recommend", "--user", "x", "--user", "y", "--json").json["lists"]
    assert [entry["user_id"] for entry in lists] == ["x", "y"]


def test_export_has_a_line_for_every_item(library: Cli, tmp_path: Path) -> None:
    library("describe")
    out = tmp_path / "d.jsonl"
    library("describe", "--export", out)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {line["item_id"] for line in lines} == {"a", "b", "c", "d"}
    wanted = (
        "item_id assets language transcript summary category topics keywords sentiment moods shots scenes audio sounds "
        "screen_text moderation duplicates_of shares_spans_with provenance"
    )
    assert set(wanted.split()) <= set(lines[0])
    shown = json.loads(library("describe", "--show", "a", "--format", "json").out)
    assert shown["item_id"] == "a"


def test_newer_home_is_refused(library: Cli) -> None:
    with sqlite3.connect(library.home / "library.db") as database:
        database.execute("update alembic_version set version_num = '9999_from_the_future'")
    ended = library("status", expect=1)
    assert "newer" in ended.err


def test_backup_and_restore(library: Cli, tmp_path: Path) -> None:
    events = tmp_path / "e.csv"
    events.write_text("user_id,item_id,type,timestamp\nu1,a,like,1700000000\n", encoding="utf-8")
    library("events", "import", events)
    library("fit")
    library("backup", tmp_path / "b.vsb", "--key-file", tmp_path / "b.key")
    other = Cli(tmp_path / "other")
    other("restore", tmp_path / "b.vsb", "--key-file", tmp_path / "b.key")
    assert other("status", "--json").json["counts"] == library("status", "--json").json["counts"]
    assert other("recommend", "--user", "u1").out == library("recommend", "--user", "u1").out
    (tmp_path / "wrong.key").write_bytes(b"0" * 32)
    Cli(tmp_path / "third")("restore", tmp_path / "b.vsb", "--key-file", tmp_path / "wrong.key", expect=1)


def test_flow_draws_every_surface(cli: Cli) -> None:
    for surface in ("short", "video", "music", "tv", "live"):
        assert "popular" in cli("flow", surface).out


def test_profile_and_explanation(library: Cli, tmp_path: Path) -> None:
    events = tmp_path / "e.csv"
    events.write_text(
        "user_id,item_id,type,timestamp\nu1,a,complete,1700000000\nu1,a,like,1700000010\n", encoding="utf-8"
    )
    library("events", "import", events)
    view = library("profile", "show", "u1", "--json").json
    assert any(row["feature"] == "tag:space" and row["taste"] > 0 for row in view["rows"])
    told = library("explain", "u1", "b", "--json").json["items"][0]["explanation"]
    assert any(c["feature"] == "tag:space" and c["product"] > 0 for c in told["contributions"])
    for c in told["contributions"]:
        assert c["product"] == pytest.approx(c["weight"] * c["taste"] * c["value"])
    page = tmp_path / "why.html"
    why = library("explain", "u1", "b", "--html", page, "--json").json["why"]
    assert why["place"] == 1
    assert sum(r["amount"] for r in why["told"][0]["reasons"]) == pytest.approx(why["told"][0]["score"], abs=1e-6)
    assert "<svg" in page.read_text(encoding="utf-8")
    library("profile", "mute", "u1", "tag:space")
    rows = {row["feature"]: row["taste"] for row in library("profile", "show", "u1", "--json").json["rows"]}
    assert rows.get("tag:space", 0) == 0
    library("profile", "show", "nobody", expect=1)
