"""Clearing up takes what can be made again, oldest first, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vitascope.backends.home import Config, Home
from vitascope.base.ranking import TrainedModel

LIMITS = Config(cache_bytes=2500, media_bytes=2500, models_kept=2, exports_kept=2, grace_seconds=60)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home with small limits."""
    with Home.open(tmp_path / "home", config=LIMITS) as opened:
        yield opened


def put(path: Path, size: int, age: float) -> Path:
    """A file that was last used `age` seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))
    return path


def model(home: Home, version: str, path: str | None = None) -> None:
    """A trained model with its file."""
    home.stores.registry.add(TrainedModel(version=version, created_at=1, seed=0, path=path or version, evaluation=()))
    if path is None:
        put(home.models / version / "w", 100, 0)


def test_least_recently_used_bundles_go_whole(home: Home) -> None:
    for n, age in enumerate((4000, 3000, 2000)):
        put(home.cache / "decoded" / f"b{n}" / "audio", 500, age)
        put(home.cache / "decoded" / f"b{n}" / "frames" / "1.jpg", 500, age)
    put(home.cache / "decoded" / "b0" / "frames" / "2.jpg", 1, 100)  # b0 was used again
    assert home.gc(dry_run=True) == {"cache": 1000}
    assert len(list((home.cache / "decoded").iterdir())) == 3
    assert home.gc() == {"cache": 1000}
    assert sorted(p.name for p in (home.cache / "decoded").iterdir()) == ["b0", "b2"]
    assert len(list((home.cache / "decoded" / "b0").rglob("*.jpg"))) == 2
    assert home.gc() == {}


def test_what_is_in_use_stays_even_over_the_limit(home: Home) -> None:
    put(home.cache / "decoded" / "new" / "audio", 9000, 5)
    assert home.gc() == {}


def test_uploads_links_and_what_they_point_to_stay(home: Home, tmp_path: Path) -> None:
    put(home.media / "uploads" / "film.mp4", 9000, 9000)
    put(home.media / "transcodes" / "a.webm", 2000, 5000)
    put(home.media / "transcodes" / "b.webm", 2000, 4000)
    outside = put(tmp_path / "outside" / "precious", 5000, 9000)
    (home.media / "transcodes" / "link").symlink_to(outside)
    (home.media / "kind").symlink_to(outside.parent)
    assert home.gc() == {"media": 2000}
    assert outside.exists()
    assert (home.media / "uploads" / "film.mp4").exists()
    assert [p.name for p in sorted((home.media / "transcodes").iterdir())] == ["b.webm", "link"]


def test_what_an_interrupted_clearing_left_goes(home: Home) -> None:
    put(home.cache / "decoded" / ".gone-x" / "audio", 10, 0)
    assert home.gc() == {"cache": 10}
    assert list((home.cache / "decoded").iterdir()) == []


def test_old_models_go_the_current_and_the_newest_stay(home: Home) -> None:
    for version in "12345":
        model(home, version)
    home.stores.registry.promote("1")
    assert home.gc(dry_run=True) == {"models": 200}
    assert len(home.stores.registry.iter()) == 5
    assert home.gc() == {"models": 200}
    assert [m.version for m in home.stores.registry.iter()] == ["5", "4", "1"]
    assert sorted(p.name for p in home.models.iterdir()) == ["1", "4", "5"]


def test_a_row_that_points_outside_deletes_nothing_there(home: Home, tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "precious", 100, 0)
    model(home, "bad", "../../outside")
    model(home, "worse", str(outside.parent))
    model(home, "root", ".")
    for version in "34":
        model(home, version)
    home.stores.registry.promote("4")
    home.gc()
    assert outside.exists()
    assert home.models.exists()
    assert (home.models / "4" / "w").exists()


def test_a_folder_that_no_row_names_goes_after_a_day(home: Home) -> None:
    put(home.models / "killed" / "w", 50, 0)
    put(home.models / "running" / "w", 50, 0)
    then = (home.models / "killed").stat().st_mtime - 2 * 24 * 3600
    os.utime(home.models / "killed", (then, then))
    assert home.gc() == {"models": 50}
    assert [p.name for p in home.models.iterdir()] == ["running"]


def test_old_copies_of_the_library_go(home: Home) -> None:
    for n in range(4):
        put(home.exports / f"library-schema-000{n}-x.db", 10, 1000 * (4 - n))
    put(home.exports / "mine.jsonl", 10, 99_999)
    assert home.gc() == {"exports": 20}
    assert sorted(p.name for p in home.exports.iterdir()) == [
        "library-schema-0002-x.db",
        "library-schema-0003-x.db",
        "mine.jsonl",
    ]
