"""An encrypted home: nothing stands in the clear, it opens with its key alone, and a plain home becomes one."""

from __future__ import annotations

import io
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.backends.home import Home, _encrypt, encrypt_home, make_file, restore, rotate_home
from vitascope.backends.privacy import SealedReader, open_bytes, seal_bytes
from vitascope.backends.stores import Stores
from vitascope.base.errors import ConfigError, HomeDamaged, UsageError, VitascopeError
from vitascope.base.items import ItemDraft

CANARY = "wandering-albatross-7731"
OPEN = {"VITASCOPE_KEY": "0f" * 32}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITASCOPE_KEY", OPEN["VITASCOPE_KEY"])


def fill(home: Home) -> None:
    home.stores.people.ensure(["alice"])
    home.stores.items.put([ItemDraft(item_id=f"i{n}", title=f"{CANARY} {n}") for n in range(40)])
    (home.media / "uploads").mkdir(exist_ok=True)
    (home.media / "uploads" / "a.txt").write_text(CANARY)


def titles(path: Path) -> set[str | None]:
    with Home.open(path) as home:
        return {item.title for item in home.stores.items.iter()}


def library(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in path.glob("library*"))


def test_pages_and_log_are_encrypted_and_open_with_the_key_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, encrypt in (("plain", False), ("sealed", True)):
        with Home.open(tmp_path / name, encrypt=encrypt) as home:
            fill(home)
            found = CANARY.encode() in library(home.path)  # with the write-ahead log
        assert found is not encrypt
        assert (CANARY.encode() in library(tmp_path / name)) is not encrypt
    assert (tmp_path / "sealed" / "key").read_bytes()[:1] == b"{"
    with Home.open(tmp_path / "sealed") as home:
        assert home.key.hex() not in (tmp_path / "sealed" / "key").read_text()
        with pytest.raises(HomeDamaged):
            Stores.open(home.path, home.key)
    for wrong in ("ab" * 32, "a passphrase of mine", "short"):
        monkeypatch.setenv("VITASCOPE_KEY", wrong)
        with pytest.raises(ConfigError):
            Home.open(tmp_path / "sealed")
    monkeypatch.delenv("VITASCOPE_KEY")
    with pytest.raises(ConfigError, match="not at hand"):
        Home.open(tmp_path / "sealed")
    with pytest.raises(UsageError, match="no key"):
        Home.open(tmp_path / "other", encrypt=True)


def test_a_plain_home_becomes_an_encrypted_one(tmp_path: Path) -> None:
    with Home.open(tmp_path / "h") as home:
        fill(home)
        home.stores.snapshot(home.exports / "library-schema-0001-old.db")
        before = {item.title for item in home.stores.items.iter()}
    with pytest.raises(UsageError, match="not encrypted"):
        Home.open(tmp_path / "h", encrypt=True)
    encrypt_home(tmp_path / "h")
    encrypt_home(tmp_path / "h")  # twice is once
    assert titles(tmp_path / "h") == before
    assert CANARY.encode() not in library(tmp_path / "h")
    assert CANARY.encode() not in (tmp_path / "h" / "exports" / "library-schema-0001-old.db").read_bytes()
    assert not {p.name for p in (tmp_path / "h").iterdir()} & _encrypt.NAMES


@pytest.mark.parametrize("dies_at", range(1, 5))
def test_an_encryption_that_dies_is_finished_or_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    with Home.open(tmp_path / "h") as home:
        fill(home)
    steps = 0
    replace = os.replace

    def dying(source: os.PathLike[str] | str, target: os.PathLike[str] | str) -> None:
        nonlocal steps
        steps += 1
        if steps == dies_at:
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", dying)
        try:
            encrypt_home(tmp_path / "h")
        except KeyboardInterrupt:
            pass
        else:
            assert dies_at > steps  # there are no more steps to die at
    with Home.open(tmp_path / "h") as home:
        assert len({item.title for item in home.stores.items.iter()}) == 40
        assert not {p.name for p in home.path.iterdir()} & _encrypt.NAMES
    encrypt_home(tmp_path / "h")
    assert CANARY.encode() not in library(tmp_path / "h")


def test_a_home_that_is_in_use_is_not_encrypted(tmp_path: Path) -> None:
    with Home.open(tmp_path / "h") as home:
        fill(home)
    holds = (
        "import sys; from vitascope.backends.stores import Stores; from pathlib import Path\n"
        "home = Path(sys.argv[1]); s = Stores.open(home, bytes.fromhex((home / 'key').read_text()))\n"
        "s.items.counts(); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(tmp_path / "h")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(VitascopeError, match="has the library open"):
            encrypt_home(tmp_path / "h")
        other.communicate(timeout=60)
    assert (tmp_path / "h" / "library.db").read_bytes()[:6] == b"SQLite"
    assert len(titles(tmp_path / "h")) == 40


def test_the_key_changes_while_the_home_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_file(tmp_path / "new.key")
    with pytest.raises(UsageError, match="exists"):
        make_file(tmp_path / "new.key")
    with Home.open(tmp_path / "h", encrypt=True) as home:
        fill(home)
        rotate_home(home.path, tmp_path / "new.key", keep=True)
        home.stores.people.ensure(["bob"])
    assert titles(tmp_path / "h")  # the old key still opens it
    monkeypatch.delenv("VITASCOPE_KEY")
    monkeypatch.setenv("VITASCOPE_KEY_FILE", str(tmp_path / "new.key"))
    assert titles(tmp_path / "h")
    (tmp_path / "words").write_text("correct horse battery\n")
    rotate_home(tmp_path / "h", tmp_path / "words")
    with pytest.raises(ConfigError):
        Home.open(tmp_path / "h")
    monkeypatch.setenv("VITASCOPE_KEY_FILE", str(tmp_path / "words"))
    with Home.open(tmp_path / "h") as home:
        assert [p.external_id for p in home.stores.people.iter()] == ["alice", "bob"]


def test_a_backup_of_an_encrypted_home_is_sealed(tmp_path: Path) -> None:
    with Home.open(tmp_path / "h", encrypt=True) as home:
        fill(home)
        home.backup(tmp_path / "b", tmp_path / "b.key")
    raw = (tmp_path / "b").read_bytes()
    assert CANARY.encode() not in raw
    assert b"PK\x03\x04" not in raw[:64]
    restore(tmp_path / "b", tmp_path / "new", tmp_path / "b.key")
    assert len(titles(tmp_path / "new")) == 40
    assert (tmp_path / "new" / "media" / "uploads" / "a.txt").read_text() == CANARY
    for changed in (raw[:-1], raw[: len(raw) // 2], raw[:-40] + secrets.token_bytes(40)):
        (tmp_path / "bad").write_bytes(changed)
        with pytest.raises(HomeDamaged):
            restore(tmp_path / "bad", tmp_path / "worse", tmp_path / "b.key")
        assert not (tmp_path / "worse").exists()
    with Home.open(tmp_path / "plain") as home:
        home.backup(tmp_path / "p", tmp_path / "p.key")
    for file, key in (("b", "p.key"), ("p", "b.key")):
        with pytest.raises(HomeDamaged, match="encrypted"):
            restore(tmp_path / file, tmp_path / "worse", tmp_path / key)


@pytest.mark.parametrize("over", [0, 1, 15, 16, 17])
@pytest.mark.parametrize("pieces", [1, 2])
def test_a_sealed_file_that_was_cut_near_the_end_of_a_piece_does_not_open(pieces: int, over: int) -> None:
    sealed = seal_bytes(b"v" * 32, b"test", bytes(65_536 * 2 + 100))
    cut = sealed[: 24 + pieces * (65_536 + 16) + over]
    with pytest.raises(HomeDamaged):
        open_bytes(b"v" * 32, b"test", cut)


@given(st.integers(0, 3), st.binary(max_size=40), st.data())
def test_a_sealed_file_reads_as_what_was_written(pieces: int, rest: bytes, data: st.DataObject) -> None:
    vault, plain = b"v" * 32, b"0123456789abcdef" * (4096 * pieces) + rest
    sealed = seal_bytes(vault, b"test", plain)
    assert open_bytes(vault, b"test", sealed) == plain
    reader = SealedReader(io.BytesIO(sealed), vault, b"test", "x")
    start = data.draw(st.integers(0, len(plain)))
    reader.seek(start)
    assert io.BufferedReader(reader).read(100) == plain[start : start + 100]
    where = data.draw(st.integers(0, len(sealed) - 1))
    for bad in (sealed[:where] + bytes((sealed[where] ^ 1,)) + sealed[where + 1 :], sealed[:where]):
        with pytest.raises(HomeDamaged):
            open_bytes(vault, b"test", bad)
    with pytest.raises(HomeDamaged):
        open_bytes(vault, b"other", sealed)
