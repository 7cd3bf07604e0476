"""A backup brings a home back whole; a bad backup, a wrong key or a hostile one brings nothing."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vitascope.backends.home import Home, restore
from vitascope.backends.stores import Config as StoresConfig
from vitascope.base.errors import HomeDamaged, HomeTooNew, UsageError
from vitascope.base.items import ItemDraft
from vitascope.base.people import EventDraft, EventType
from vitascope.base.ranking import TrainedModel
from vitascope.base.records import ItemKey, PersonKey


def fill(home: Home) -> None:
    """Something of everything."""
    (person,) = home.stores.people.ensure(["alice@example.org"]).values()
    home.stores.items.put([ItemDraft(item_id="a", title="t")])
    home.stores.events.append([EventDraft(person=person, item=ItemKey(1), type=EventType.LIKE, identity="e")])
    (home.models / "m1").mkdir()
    (home.models / "m1" / "weights.npz").write_bytes(b"w" * 5000)
    home.stores.registry.add(TrainedModel(version="m1", created_at=1, seed=0, path="m1", evaluation=()))
    home.stores.registry.promote("m1")
    (home.media / "uploads").mkdir()
    (home.media / "uploads" / "mine.mp4").write_bytes(b"upload")
    (home.media / "thumbs").mkdir()
    (home.media / "thumbs" / "x.jpg").write_bytes(b"can be made again")
    (home.cache / "decoded").mkdir()
    home.settings_file.write_text("# settings of mine\n")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder with backup.zip and backup.key."""
    with Home.open(tmp_path / "home") as home:
        fill(home)
        size = home.backup(tmp_path / "backup.zip", tmp_path / "backup.key")
    assert size == (tmp_path / "backup.zip").stat().st_size
    return tmp_path


def looks_whole(path: Path, config: StoresConfig | None = None) -> None:
    """The home has all that `fill` made."""
    with Home.open(path, config) as home:
        assert [p.external_id for p in home.stores.people.iter()] == ["alice@example.org"]
        assert [e.identity for e in home.stores.events.of(PersonKey(1))] == ["e"]
        current = home.stores.registry.current()
        assert current is not None
        assert (home.models / current.path / "weights.npz").read_bytes() == b"w" * 5000
        assert (home.media / "uploads" / "mine.mp4").read_bytes() == b"upload"
        assert not (home.media / "thumbs").exists()
        assert home.settings_file.read_text() == "# settings of mine\n"


def test_round_trip(saved: Path) -> None:
    assert restore(saved / "backup.zip", saved / "new", saved / "backup.key") == saved / "new"
    looks_whole(saved / "new")
    assert oct((saved / "new").stat().st_mode & 0o777) == "0o700"
    assert not (saved / "new" / ".restoring").exists()
    (saved / "empty").mkdir()
    restore(saved / "backup.zip", saved / "empty", saved / "backup.key")
    looks_whole(saved / "empty")


def test_the_key_is_apart_and_both_are_private(saved: Path) -> None:
    key = (saved / "backup.key").read_text().strip()
    raw = (saved / "backup.zip").read_bytes()
    with zipfile.ZipFile(saved / "backup.zip") as archive:
        assert "key" not in archive.namelist()
        raw += b"".join(archive.read(name) for name in archive.namelist())
    assert key.encode() not in raw
    assert bytes.fromhex(key) not in raw
    assert b"alice@example.org" not in raw
    for name in ("backup.zip", "backup.key"):
        assert oct((saved / name).stat().st_mode & 0o777) == "0o600"


def test_without_a_key_file_none_is_written(tmp_path: Path) -> None:
    with Home.open(tmp_path / "home") as home:
        home.backup(tmp_path / "b.zip")
        restore(tmp_path / "b.zip", tmp_path / "new", home.key_file)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.zip", "home", "new"]


def test_an_existing_file_is_not_overwritten(saved: Path) -> None:
    with Home.open(saved / "home") as home:
        for file, key in (("backup.zip", None), ("new.zip", saved / "backup.key")):
            with pytest.raises(UsageError, match="exists"):
                home.backup(saved / file, key)
        with pytest.raises(UsageError, match="no such folder"):
            home.backup(saved / "nowhere" / "b.zip")
    assert not (saved / "new.zip").exists()


def test_a_backup_while_others_write_is_consistent(tmp_path: Path) -> None:
    with Home.open(tmp_path / "home") as home:
        stop = threading.Event()

        def write() -> None:
            n = 0
            while not stop.is_set():
                pair = [
                    EventDraft(person=PersonKey(1), item=ItemKey(1), type=EventType.PLAY, identity=f"{n}-{k}")
                    for k in "ab"
                ]
                home.stores.events.append(pair)
                n += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for n in range(3):
                home.backup(tmp_path / f"{n}.zip")
        finally:
            stop.set()
            writer.join()
        restore(tmp_path / "2.zip", tmp_path / "new", home.key_file)
    with Home.open(tmp_path / "new") as home:
        ids = [e.identity for e in home.stores.events.of(PersonKey(1))]
        assert len(ids) > 0
        assert ids == [f"{n}-{k}" for n in range(len(ids) // 2) for k in "ab"]


def test_another_key_restores_nothing(saved: Path) -> None:
    with Home.open(saved / "other") as other:
        key = other.key_file
    with pytest.raises(HomeDamaged, match="not the one"):
        restore(saved / "backup.zip", saved / "new", key)
    assert not (saved / "new").exists()


def test_a_home_or_a_full_folder_is_not_overwritten(saved: Path) -> None:
    (saved / "full").mkdir()
    (saved / "full" / "x").write_text("x")
    for into in ("home", "full", "backup.key"):
        with pytest.raises(UsageError):
            restore(saved / "backup.zip", saved / into, saved / "backup.key")
    with pytest.raises(UsageError, match="no such"):
        restore(saved / "nowhere.zip", saved / "new", saved / "backup.key")
    with pytest.raises(HomeDamaged, match="missing"):
        restore(saved / "backup.zip", saved / "new", saved / "nowhere.key")
    looks_like = [p.name for p in (saved / "full").iterdir()]
    assert looks_like == ["x"]


def rewritten(saved: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """The backup with its files and manifest changed."""
    with zipfile.ZipFile(saved / "backup.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    change(files, manifest)
    with zipfile.ZipFile(saved / "changed.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(manifest))
    return saved / "changed.zip"


def add(name: str) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    """A file more, with a true checksum."""

    def change(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files[name] = b"x"
        manifest["files"][name] = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}

    return change


HOSTILE: dict[str, Callable[[dict[str, bytes], dict[str, Any]], Any]] = {
    "a file outside": add("../outside"),
    "a file far outside": add("models/../../outside"),
    "an absolute path": add("/tmp/vitascope-outside"),
    "a Windows path": add("models\\..\\..\\outside"),
    "a drive": add("models/C:x"),
    "a key": add("key"),
    "an unknown file": add("start.sh"),
    "a double slash": add("models//x"),
    "changed bytes": lambda f, m: f.update({"models/m1/weights.npz": b"v" * 5000}),
    "more bytes than said": lambda f, m: f.update({"models/m1/weights.npz": b"w" * 5001}),
    "fewer bytes than said": lambda f, m: f.update({"models/m1/weights.npz": b"w" * 4999}),
    "a file too few": lambda f, m: f.pop("models/m1/weights.npz"),
    "a file too many": lambda f, m: f.update({"models/m1/other": b"x"}),
    "no library": lambda f, m: (f.pop("library.db"), m["files"].pop("library.db")),
    "a manifest of another shape": lambda f, m: m.update(files=[]),
    "a negative size": lambda f, m: m["files"]["library.db"].update(bytes=-1),
    "an unknown field": lambda f, m: m.update(run="rm"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_or_damaged_backup_brings_nothing(saved: Path, what: str) -> None:
    file = rewritten(saved, HOSTILE[what])
    with pytest.raises(HomeDamaged) as found:
        restore(file, saved / "deep" / "new", saved / "backup.key")
    assert found.value.remedy
    assert not (saved / "deep" / "new").exists()
    assert not (saved / "outside").exists()
    assert not (saved / "deep" / "outside").exists()
    assert not Path("/tmp/vitascope-outside").exists()


def test_the_check_passes_an_unchanged_copy(saved: Path) -> None:
    restore(rewritten(saved, lambda f, m: None), saved / "new", saved / "backup.key")
    looks_whole(saved / "new")


def test_a_backup_of_a_newer_version_is_refused(saved: Path) -> None:
    file = rewritten(saved, lambda f, m: m.update(format=99, new_field=1))
    with pytest.raises(HomeTooNew):
        restore(file, saved / "new", saved / "backup.key")


@pytest.mark.parametrize("cut", [0, 10, 1000, -30])
def test_a_cut_backup_brings_nothing(saved: Path, cut: int) -> None:
    whole = (saved / "backup.zip").read_bytes()
    (saved / "cut.zip").write_bytes(whole[:cut])
    with pytest.raises(HomeDamaged):
        restore(saved / "cut.zip", saved / "new", saved / "backup.key")
    assert not (saved / "new").exists()


def test_from_sqlite_to_postgresql_and_back(saved: Path) -> None:
    from tests.contracts.postgres import server

    config = StoresConfig(url=server().database())
    restore(saved / "backup.zip", saved / "served", saved / "backup.key", config)
    assert not (saved / "served" / "library.db").exists()
    looks_whole(saved / "served", config)
    with Home.open(saved / "served", config) as home:
        home.backup(saved / "again.zip")
    restore(saved / "again.zip", saved / "small", saved / "backup.key")
    looks_whole(saved / "small")
