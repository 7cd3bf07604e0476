"""What was acknowledged is there: after a kill, on a full disk, beside other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
from tests.contracts.conftest import KEY, Library

from vitascope.backends.stores import Config, Stores
from vitascope.base.errors import HomeDamaged, NoSpace, StoreError
from vitascope.base.items import ItemDraft
from vitascope.base.media import Problem
from vitascope.base.people import EventDraft, EventType
from vitascope.base.records import ItemKey, PersonKey

APPEND = """
    import sys
    from vitascope.backends.stores import Stores
    from vitascope.base.people import EventDraft, EventType
    stores = Stores.open(sys.argv[1], bytes(range(32)))
    who = sys.argv[2]
    n = 0
    while n < int(sys.argv[3]):
        batch = [
            EventDraft(person=1, item=1, type=EventType.PLAY, time=float(n), identity=f"{who}-{n}-{k}")
            for k in range(3)
        ]
        stores.events.append(batch)
        print(n, flush=True)
        n += 1
"""


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def event(identity: str) -> EventDraft:
    """An event."""
    return EventDraft(person=PersonKey(1), item=ItemKey(1), type=EventType.PLAY, identity=identity)


def test_what_was_acknowledged_survives_a_kill(library: Library) -> None:
    for turn in range(2):
        process = child(APPEND, library.where, f"k{turn}", "100000")
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(25 + 10 * turn)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().split() if line.isdigit()]
        process.stdout.close()
        assert process.wait(timeout=30) == -signal.SIGKILL
        stores = library.open()
        stored = {e.identity for e in stores.events.of(PersonKey(1))}
        assert {f"k{turn}-{n}-{k}" for n in acknowledged for k in range(3)} <= stored
        # An append is there as a whole or not at all.
        mine = [i for i in stored if i.startswith(f"k{turn}-")]
        assert len(mine) % 3 == 0
        assert stores.events.append([event(i) for i in sorted(stored)]).added == 0


def test_two_processes_write_at_once(library: Library) -> None:
    stores = library.open()
    processes = [child(APPEND, library.where, who, "60") for who in ("a", "b")]
    for n in range(40):
        stores.events.append([event(f"here-{n}")])
        stores.items.put([ItemDraft(item_id=f"i{n}")])
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert len(out.split()) == 60
    assert (
        stores.events.append([event(f"{who}-{n}-{k}") for who in "ab" for n in range(60) for k in range(3)]).added == 0
    )
    assert stores.items.counts().events == 2 * 60 * 3 + 40


def test_threads_share_one_library(library: Library) -> None:
    stores = library.open()
    failed: list[BaseException] = []

    def work(who: int) -> None:
        try:
            for n in range(20):
                stores.events.append([event(f"{who}-{n}"), event(f"shared-{n}")])
                assert len(stores.events.columns()) > 0
                stores.people.ensure([f"u{n}"])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert stores.items.counts().events == 4 * 20 + 20
    assert stores.items.counts().people == 20


def test_a_writer_that_waits_too_long_says_so(tmp_path: Path) -> None:
    one = Stores.open(tmp_path, KEY)
    two = Stores.open(tmp_path, KEY, Config(busy_seconds=0.2))
    with one._database.write(), pytest.raises(StoreError, match="another process"):
        two.settings.set("x", "1")
    two.settings.set("x", "1")
    one.close()
    two.close()


@pytest.mark.parametrize("size", ["full", "limit"])
def test_a_full_disk_loses_nothing(tmp_path: Path, size: str) -> None:
    """A small file system that really fills up, or (where none may be mounted) a limit on the size of files."""
    script = """
        import resource, signal, sys
        from vitascope.backends.stores import Stores
        from vitascope.base.errors import NoSpace
        from vitascope.base.people import EventDraft, EventType
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        stores = Stores.open(sys.argv[1], bytes(range(32)))
        if sys.argv[2] == "limit":
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
        n = 0
        try:
            while n < 2000:
                names = [f"{n}-{k}" for k in range(200)]
                stores.events.append(
                    [EventDraft(person=1, item=1, type=EventType.PLAY, identity=name, text="x" * 50) for name in names]
                )
                n += 1
        except NoSpace as error:
            print(n, stores.events.last_number(), len(stores.events.columns()), bool(error.remedy))
    """
    home = tmp_path / "home"
    home.mkdir()
    if size == "full":
        if os.geteuid() != 0:
            pytest.skip("mounting a small file system needs root; the limit on file sizes is tested instead")
        if subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(home)], capture_output=True
        ).returncode:
            pytest.skip("this machine lets nobody mount a small file system; the limit on file sizes is tested instead")
    try:
        process = child(script, str(home), size)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        batches, last, kept, has_remedy = out.split()
        assert int(batches) > 0
        assert (int(last), int(kept)) == (200 * int(batches), 200 * int(batches))
        assert has_remedy == "True"
        if size == "full":
            subprocess.run(["mount", "-o", "remount,size=30m", str(home)], check=True)
        stores = Stores.open(home, KEY)  # with space again, everything goes on
        assert len(stores.events.columns()) == 200 * int(batches)
        assert stores.events.append([event("after")]).added == 1
        stores.close()
    finally:
        if size == "full":
            subprocess.run(["umount", str(home)], check=False)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(HomeDamaged) as found:
        Stores.open(tmp_path, KEY)
    assert "library.db" in str(found.value)
    assert found.value.remedy


def test_a_file_that_cannot_be_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Stores.open(tmp_path / "nowhere" / "at all", KEY)


def test_nospace_is_a_store_error() -> None:
    assert issubclass(NoSpace, StoreError)


class TestSnapshot:
    def fill(self, stores: Stores) -> None:
        stores.people.ensure(["u1", "u2"])
        items = stores.items.put([ItemDraft(item_id=f"i{n}", tags=("x",)) for n in range(30)])
        stores.events.append([event(f"{n}") for n in range(12_000)])
        stores.items.delete([items[-1].key])

    def test_a_snapshot_holds_all_and_opens_with_the_key(self, library: Library, tmp_path: Path) -> None:
        stores = library.open()
        self.fill(stores)
        file = tmp_path / "copy" / "library.db"
        file.parent.mkdir()
        stores.snapshot(file)
        assert oct(file.stat().st_mode & 0o777) == "0o600"
        stores.events.append([event("later")])
        copy = Stores.open(file.parent, KEY)
        assert copy.items.counts().model_dump() == stores.items.counts().model_dump() | {"events": 12_000}
        assert [p.external_id for p in copy.people.iter()] == ["u1", "u2"]
        assert copy.events.of(PersonKey(1), 5) == stores.events.of(PersonKey(1), 6)[:-1]
        # An id that was given out is never given out again, also after a copy.
        (new,) = copy.items.put([ItemDraft(item_id="new")])
        assert new.key == 31
        copy.close()

    def test_from_sqlite_to_any_database_and_back(self, library: Library, tmp_path: Path) -> None:
        source = Stores.open(f"sqlite:///{tmp_path / 'source.db'}", KEY)
        self.fill(source)
        source.close()
        from tests.contracts.postgres import server

        target = server().database()
        Stores.load(tmp_path / "source.db", target, KEY)
        stores = Stores.open(target, KEY)
        assert stores.items.counts().events == 12_000
        assert stores.items.put([ItemDraft(item_id="new")])[0].key == 31
        assert stores.people.ensure(["u1", "u3"]) == {"u1": 1, "u3": 3}
        assert stores.events.append([event("0"), event("new")]).added == 1
        stores.close()
        from vitascope.base.errors import UsageError

        with pytest.raises(UsageError, match="not empty"):
            Stores.load(tmp_path / "source.db", target, KEY)


def test_two_that_make_the_same_things_at_once_make_them_once(library: Library) -> None:
    names = [f"n{n}" for n in range(300)]
    orders = [names, names[::-1], names[150:] + names[:150]]
    opened = [library.open() for _ in orders]
    failed: list[BaseException] = []

    def work(stores: Stores, order: list[str]) -> None:
        try:
            for start in range(0, 300, 60):
                part = order[start : start + 60]
                stores.people.ensure(part)
                stores.items.put([ItemDraft(item_id=name) for name in part])
                stores.problems.add([Problem(kind="k", place=name, reason="r", remedy="m") for name in part])
                stores.jobs.put("describe", part)
                keys = stores.items.keys(part)
                stores.vectors.put("text", "m@1", {key: np.ones(2, np.float32) for key in keys.values()})
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(opened, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    stores = opened[0]
    counts = stores.items.counts()
    assert (counts.items, counts.people, counts.problems, stores.jobs.waiting("describe")) == (300, 300, 300, 300)
    assert {p.times for p in stores.problems.iter()} == {3}


def test_workers_never_lease_the_same_job(library: Library) -> None:
    opened = [library.open() for _ in range(3)]
    opened[0].jobs.put("k", [f"{n}" for n in range(90)])
    taken: list[str] = []

    def work(stores: Stores, who: str) -> None:
        while got := stores.jobs.lease("k", who, 60, 4):
            taken.extend(got)

    threads = [threading.Thread(target=work, args=(stores, f"w{n}")) for n, stores in enumerate(opened)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(taken, key=int) == [f"{n}" for n in range(90)]
