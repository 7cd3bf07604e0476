"""A home is made, found, refused, locked and logged to."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vitascope.backends.home import Config, Home, restore
from vitascope.backends.home._logs import SharedFile
from vitascope.backends.stores import Config as StoresConfig
from vitascope.base.errors import HomeDamaged, HomeTooNew, NoSpace, ReadOnly, StoreError, UsageError
from vitascope.base.items import ItemDraft


def mode(path: Path) -> str:
    """The permissions of a path."""
    return oct(stat.S_IMODE(path.stat().st_mode))


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture
def no_logger() -> Iterator[logging.Logger]:
    """The product's logger as it was, after the test."""
    logger = logging.getLogger("vitascope")
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield logger
    for handler in set(logger.handlers) - set(before[0]):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(before[1])
    logger.propagate = before[2]


class TestLayout:
    @pytest.mark.parametrize("there", [False, True])
    def test_a_missing_or_empty_folder_becomes_a_home(self, tmp_path: Path, there: bool) -> None:
        path = tmp_path / "deep" / "home"
        if there:
            path.mkdir(parents=True)
        with Home.open(path) as home:
            for name in ("models", "cache", "media", "logs", "exports"):
                assert mode(path / name) == "0o700"
            for name in ("key", "library.db"):
                assert mode(path / name) == "0o600"
            assert home.settings_file.read_text().startswith("#")
            assert len(home.key) == 32
            assert home.sizes().keys() == {"library", "models", "cache", "media", "logs", "exports"}
            assert home.sizes()["library"] > 10_000
            assert home.disk_left() > 0
            if not there:
                assert mode(path) == "0o700"

    def test_it_is_found_again_with_its_key_and_rows(self, tmp_path: Path) -> None:
        with Home.open(tmp_path) as home:
            home.stores.items.put([ItemDraft(item_id="a")])
            home.settings_file.write_text("# mine\n")
            key = home.key
        with Home.open(str(tmp_path)) as home:
            assert home.key == key
            assert home.stores.items.get("a") is not None
            assert home.settings_file.read_text() == "# mine\n"

    def test_two_homes_have_two_keys(self, tmp_path: Path) -> None:
        with Home.open(tmp_path / "a") as one, Home.open(tmp_path / "b") as two:
            assert one.key != two.key

    def test_only_a_settings_file_is_a_home_to_be(self, tmp_path: Path) -> None:
        (tmp_path / "vitascope.toml").write_text("# written first\n")
        with Home.open(tmp_path) as home:
            assert home.settings_file.read_text() == "# written first\n"

    def test_somebodys_documents_are_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "taxes.pdf").write_text("x")
        with pytest.raises(UsageError, match=r"taxes\.pdf") as found:
            Home.open(tmp_path)
        assert found.value.remedy
        assert [p.name for p in tmp_path.iterdir()] == ["taxes.pdf"]

    def test_somebodys_media_folder_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "media").mkdir()
        (tmp_path / "media" / "holiday.mp4").write_text("x")
        with pytest.raises(UsageError, match="media"):
            Home.open(tmp_path)
        assert [p.name for p in tmp_path.iterdir()] == ["media"]

    def test_a_file_is_no_home(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(UsageError):
            Home.open(tmp_path / "file")

    def test_a_home_may_hold_other_files_once_it_is_one(self, tmp_path: Path) -> None:
        Home.open(tmp_path).close()
        (tmp_path / "notes.txt").write_text("x")
        Home.open(tmp_path).close()

    def test_an_interrupted_start_is_finished(self, tmp_path: Path) -> None:
        Home.open(tmp_path).close()
        (tmp_path / "library.db").unlink()
        (tmp_path / "vitascope.toml").unlink()
        (tmp_path / ".key.77.part").write_text("half")
        Home.open(tmp_path).close()

    def test_processes_that_open_a_new_home_at_once_make_one(self, tmp_path: Path) -> None:
        script = """
            import sys
            from vitascope.backends.home import Home
            with Home.open(sys.argv[1]) as home:
                home.stores.people.ensure(["same person"])
                print(home.key.hex(), len(list(home.stores.people.iter())))
        """
        processes = [python(script, str(tmp_path / "home")) for _ in range(4)]
        outs = {process.communicate(timeout=60)[0].strip() for process in processes}
        assert len(outs) == 1
        assert outs.pop().endswith(" 1")

    def test_a_postgresql_home_has_no_library_file(self, tmp_path: Path) -> None:
        from tests.contracts.postgres import server

        config = StoresConfig(url=server().database())
        with Home.open(tmp_path, config) as home:
            home.stores.items.put([ItemDraft(item_id="a")])
            assert not home.library.exists()
        with Home.open(tmp_path, config) as home:
            assert home.stores.items.get("a") is not None


class TestKey:
    def test_a_missing_key_is_never_replaced(self, tmp_path: Path) -> None:
        Home.open(tmp_path).close()
        (tmp_path / "key").unlink()
        with pytest.raises(HomeDamaged, match="missing"):
            Home.open(tmp_path)
        assert not (tmp_path / "key").exists()

    @pytest.mark.parametrize("text", ["", "zz" * 32, "00" * 31, "é", "00" * 200])
    def test_a_broken_key_is_named(self, tmp_path: Path, text: str) -> None:
        Home.open(tmp_path).close()
        (tmp_path / "key").write_text(text, encoding="latin-1")
        with pytest.raises(HomeDamaged, match="no key"):
            Home.open(tmp_path)

    def test_another_homes_key_is_refused(self, tmp_path: Path) -> None:
        Home.open(tmp_path / "a").close()
        Home.open(tmp_path / "b").close()
        (tmp_path / "a" / "key").write_bytes((tmp_path / "b" / "key").read_bytes())
        with pytest.raises(HomeDamaged, match="not the one"):
            Home.open(tmp_path / "a")

    def test_an_open_mode_is_tightened(self, tmp_path: Path) -> None:
        Home.open(tmp_path).close()
        os.chmod(tmp_path / "key", 0o644)
        Home.open(tmp_path).close()
        assert mode(tmp_path / "key") == "0o600"


class TestAges:
    def test_a_newer_home_is_refused(self, tmp_path: Path) -> None:
        from sqlalchemy import text

        with Home.open(tmp_path) as home, home.stores._database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        before = (tmp_path / "library.db").read_bytes()
        with pytest.raises(HomeTooNew, match="9999"):
            Home.open(tmp_path)
        assert (tmp_path / "library.db").read_bytes() == before

    def test_an_older_home_is_migrated_after_a_copy(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import shutil

        from vitascope.backends.stores import Stores, _migrate

        with Home.open(tmp_path / "home") as home:
            key = home.key
            home.stores.people.ensure(["u"])
        shutil.copytree(_migrate.MIGRATIONS, tmp_path / "migrations")
        newest = max(path.name[:4] for path in (tmp_path / "migrations" / "versions").glob("[0-9]*.py"))
        later = f"{int(newest) + 1:04}"
        (tmp_path / "migrations" / "versions" / f"{later}_test.py").write_text(
            f"import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '{later}', '{newest}'\n"
            "def upgrade():\n    op.add_column('items', sa.Column('extra_of_the_test', sa.Text()))\n"
        )
        with monkeypatch.context() as patch:
            patch.setattr(_migrate, "MIGRATIONS", tmp_path / "migrations")
            with Home.open(tmp_path / "home") as home:
                assert home.stores.schema_version == later
            Home.open(tmp_path / "home").close()
        with pytest.raises(HomeTooNew):  # this version again
            Home.open(tmp_path / "home")
        (copy,) = (tmp_path / "home" / "exports").iterdir()
        assert copy.name.startswith(f"library-schema-{newest}-")
        assert mode(copy) == "0o600"
        old = Stores.open(f"sqlite:///{copy}", key)
        assert old.schema_version == newest
        assert [p.external_id for p in old.people.iter()] == ["u"]
        old.close()


class TestDisk:
    def test_a_read_only_home_says_so_and_loses_nothing(self, tmp_path: Path) -> None:
        with Home.open(tmp_path / "home") as home:
            home.stores.items.put([ItemDraft(item_id="a")])
        tree = [tmp_path / "home", *(tmp_path / "home").iterdir()]
        script = """
            import os, sys
            import sqlalchemy, vitascope.backends.stores._database
            from vitascope.backends.home import Home
            from vitascope.base.errors import ReadOnly
            if os.geteuid() == 0:  # root may write anywhere, so be somebody else
                os.setgid(65534)
                os.setuid(65534)
            try:
                Home.open(sys.argv[1])
            except ReadOnly as error:
                print("read-only", bool(error.remedy), error.place.startswith(sys.argv[1]))
        """
        if os.geteuid() == 0:
            for path in tree:
                os.chown(path, 65534, 65534)
            at = tmp_path
            while at != at.parent and not at.stat().st_mode & stat.S_IXOTH:
                at.chmod(at.stat().st_mode | 0o711)
                at = at.parent
        modes = [path.stat().st_mode for path in tree]
        try:
            for path in tree:
                path.chmod(0o500 if path.is_dir() else 0o400)
            process = python(script, str(tmp_path / "home"))
            assert process.communicate(timeout=60)[0].split() == ["read-only", "True", "True"]
        finally:
            for path, before in zip(tree, modes, strict=True):
                path.chmod(before)
        with Home.open(tmp_path / "home") as home:
            assert home.stores.items.get("a") is not None

    def test_a_library_that_became_read_only_says_so(self, tmp_path: Path) -> None:
        with Home.open(tmp_path) as home:
            from sqlalchemy import event

            engine = home.stores._database.engine
            event.listen(engine, "begin", lambda c: c.exec_driver_sql("PRAGMA query_only = ON"))
            with pytest.raises(ReadOnly):
                home.stores.settings.set("x", "y")

    def test_a_home_that_another_process_is_making_is_waited_for(self, tmp_path: Path) -> None:
        from vitascope.backends.home._disk import only_one

        Home.open(tmp_path).close()
        started = time.monotonic()
        with only_one(tmp_path / ".lock", 1), pytest.raises(StoreError, match="another process"):
            Home.open(tmp_path, config=Config(lock_seconds=0.3))
        assert time.monotonic() - started >= 0.3
        Home.open(tmp_path).close()


class TestLogs:
    def test_one_line_a_record_and_rotation(self, tmp_path: Path) -> None:
        Home.open(tmp_path).close()
        # in a process of its own: a report that quotes these lines would not get through to whoever collects the reports
        script = """
            import logging, sys
            from pathlib import Path
            from vitascope.backends.home import Config
            from vitascope.backends.home._logs import set_up
            logs = Path(sys.argv[1])
            set_up(logs, "info", Config(log_bytes=10_000, log_files=2))
            log = logging.getLogger("vitascope.test")
            log.debug("not this")
            log.info("a file named %s", "x\\n2026-01-01 ERROR forged\\x1b[31m\\u202e\\ud800")
            (logs.parent / "first").write_bytes((logs / "vitascope.log").read_bytes())
            for n in range(1_000):
                log.warning("line %d %s", n, "x" * 40)
        """
        process = python(script, str(tmp_path / "logs"))
        process.communicate(timeout=60)
        assert process.returncode == 0
        text = (tmp_path / "first").read_text(encoding="utf-8")
        assert "a file named" in text
        assert "forged" in text
        assert "not this" not in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert [line for line in text.splitlines() if not line.startswith(" ")] == [text.splitlines()[0]]
        logs = tmp_path / "logs"
        files = sorted(p.name for p in logs.iterdir() if p.name != "vitascope.lock")
        assert files == ["vitascope.log", "vitascope.log.1", "vitascope.log.2"]
        assert all(p.stat().st_size <= 10_500 for p in logs.iterdir())
        assert all(mode(p) == "0o600" for p in logs.iterdir())

    def test_set_up_twice_logs_once(self, tmp_path: Path, no_logger: logging.Logger) -> None:
        with Home.open(tmp_path) as home:
            home.log_to_file("info")
            home.log_to_file("debug")
            logging.getLogger("vitascope.test").debug("once")
            assert (home.logs / "vitascope.log").read_text().count("once") == 1
            with pytest.raises(UsageError):
                home.log_to_file("loud")
        assert not [h for h in no_logger.handlers if isinstance(h, SharedFile)]
        assert no_logger.propagate  # a library that is closed leaves the logs of the process alone

    def test_processes_that_share_a_log_lose_no_line_to_rotation(self, tmp_path: Path) -> None:
        Home.open(tmp_path).close()
        script = """
            import logging, sys
            from pathlib import Path
            from vitascope.backends.home import Config
            from vitascope.backends.home._logs import set_up
            set_up(Path(sys.argv[1]), "info", Config(log_bytes=20_000, log_files=50))
            for n in range(600):
                logging.getLogger("vitascope.x").info("%s-%d.", sys.argv[2], n)
        """
        processes = [python(script, str(tmp_path / "logs"), who) for who in "ab"]
        for process in processes:
            process.communicate(timeout=60)
        text = "".join(p.read_text() for p in (tmp_path / "logs").glob("vitascope.log*"))
        missing = [f"{who}-{n}" for who in "ab" for n in range(600) if f"{who}-{n}." not in text]
        assert missing == []

    def test_a_log_that_cannot_be_written_stops_nothing(
        self, tmp_path: Path, no_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with Home.open(tmp_path) as home:
            (home.logs / "vitascope.log").mkdir()
            home.log_to_file("info")
            logging.getLogger("vitascope.test").warning("nobody hears")
        assert capsys.readouterr().err == ""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB that really fills up."""
    path = tmp_path / "small"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small file system")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=False)


class TestFullDisk:
    def test_a_home_that_does_not_fit_can_be_made_once_it_does(self, small_disk: Path) -> None:
        subprocess.run(["mount", "-o", "remount,size=120k", str(small_disk)], check=True)
        with pytest.raises(NoSpace) as found:
            Home.open(small_disk / "home")
        assert found.value.remedy
        subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
        with Home.open(small_disk / "home") as home:
            home.stores.items.put([ItemDraft(item_id="a")])
        Home.open(small_disk / "home").close()

    def test_a_backup_that_does_not_fit_leaves_nothing(self, small_disk: Path, tmp_path: Path) -> None:
        with Home.open(tmp_path / "home") as home:
            (home.models / "m").mkdir()
            (home.models / "m" / "w").write_bytes(os.urandom(1_000_000))
            with pytest.raises(NoSpace):
                home.backup(small_disk / "b.zip", tmp_path / "b.key")
            assert list(small_disk.iterdir()) == []
            assert not (tmp_path / "b.key").exists()
            assert list(home.exports.iterdir()) == []
            home.backup(tmp_path / "b.zip", tmp_path / "b.key")
        with pytest.raises(NoSpace):
            restore(tmp_path / "b.zip", small_disk / "new", tmp_path / "b.key")
        assert list(small_disk.iterdir()) == []
