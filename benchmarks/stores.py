"""How fast are the stores, as a ratio to the least that SQLite itself can take?

    python benchmarks/stores.py [--events 1000000] [--postgresql URL]    # writes benchmarks/reports/stores.md

The floor is the standard library's sqlite3 alone: `executemany` of ready tuples into a table with the same columns and
the same indexes, with nothing sealed and no record made. Ours starts from `EventDraft` records and does everything.
An empty database is needed at the URL; with none, PostgreSQL is left out.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from vitascope.backends.stores import Config, Stores
from vitascope.base.items import ItemDraft
from vitascope.base.people import EventDraft, EventType, Surface
from vitascope.base.records import ItemKey, PersonKey

REPORT = Path(__file__).parent / "reports" / "stores.md"
KEY = bytes(range(32))
PEOPLE, ITEMS, PIECE = 20_000, 5_000, 20_000
KINDS = (EventType.PLAY, EventType.COMPLETE, EventType.LIKE, EventType.SKIP)
PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA cache_size = -32000;"
TABLE = """
CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER, item INTEGER, type INTEGER, value REAL,
    time REAL, surface INTEGER, session INTEGER, session_id BLOB, digest BLOB UNIQUE, identity BLOB, text BLOB,
    target TEXT, undoes INTEGER, propensity REAL, source INTEGER);
CREATE INDEX by_person ON events (person, time, number);
CREATE INDEX by_undo ON events (person) WHERE type = 14;
"""


def drafts(start: int, n: int) -> list[EventDraft]:
    """Events that look like an imported archive."""
    chance = np.random.default_rng(start)
    people, items = chance.integers(1, PEOPLE, n).tolist(), chance.integers(1, ITEMS, n).tolist()
    return [
        EventDraft(
            person=PersonKey(person),
            item=ItemKey(item),
            type=KINDS[k % 4],
            value=0.5,
            time=1e9 + start + k,
            surface=Surface.VIDEO,
            session=f"session-{(start + k) // 20}",
            identity=f"{start + k:032x}",
            source="import:archive.csv",
        )
        for k, (person, item) in enumerate(zip(people, items, strict=True))
    ]


def pieces(n: int) -> Iterator[list[EventDraft]]:
    """All events, made outside the time that is taken."""
    for start in range(0, n, PIECE):
        yield drafts(start, min(PIECE, n - start))


def timed(work: Callable[[], object]) -> float:
    """Wall-clock seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def floor(folder: Path, n: int) -> float:
    """sqlite3 alone."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.executescript(PRAGMAS.format("FULL") + TABLE)
    statement = f"INSERT OR IGNORE INTO events VALUES (NULL{', ?' * 15})"
    spent = 0.0
    for piece in pieces(n):
        rows = [
            (d.person, d.item, d.type.code, d.value, d.time, 1, k, b"x" * 42, d.identity[:16].encode()[::-1] + os.urandom(8),
             d.identity.encode(), None, None, None, None, 1)
            for k, d in enumerate(piece)
        ]  # fmt: skip
        start = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(statement, rows)
        connection.execute("COMMIT")
        spent += time.perf_counter() - start
    connection.close()
    return spent


def ours(stores: Stores, n: int) -> dict[str, float]:
    """Seconds of each thing on a library of n events."""
    found: dict[str, float] = {}
    found["append all"] = sum(timed(partial(stores.events.append, piece)) for piece in pieces(n))
    again = list(pieces(min(n, 5 * PIECE)))
    found["append known ones again"] = (
        sum(timed(partial(stores.events.append, p)) for p in again) * n / (len(again) * PIECE)
    )
    found["columns() of all"] = statistics.median(timed(stores.events.columns) for _ in range(3))
    found["columns(since) of the last 100"] = statistics.median(
        timed(lambda: stores.events.columns(stores.events.last_number() - 100)) for _ in range(20)
    )
    found["of(person)"] = statistics.median(timed(partial(stores.events.of, PersonKey(k))) for k in range(1, 200))
    found["seen(person)"] = statistics.median(timed(partial(stores.events.seen, PersonKey(k))) for k in range(1, 200))
    found["surfaces()"] = timed(stores.events.surfaces)
    found["data_version()"] = statistics.median(timed(stores.data_version) for _ in range(200))
    found["append one"] = one_by_one(stores)
    return found


def one_by_one(stores: Stores) -> float:
    """Median seconds of an append of one event, durable."""
    ones = [d.model_copy(update={"identity": f"one-{os.urandom(8).hex()}"}) for d in drafts(0, 200)]
    return statistics.median(timed(partial(stores.events.append, [d])) for d in ones)


def vectors(stores: Stores, n: int = 50_000, d: int = 384) -> dict[str, float]:
    """Seconds to write and read n vectors."""
    items = [i.key for i in stores.items.put([ItemDraft(item_id=f"i{k}") for k in range(n)])]
    rows = np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return {
        f"put {n:,} vectors of {d}": timed(
            lambda: stores.vectors.put("text", "m@1", dict(zip(items, rows, strict=True)))
        ),
        f"matrix() of {n:,} vectors of {d}": timed(lambda: stores.vectors.matrix("text")),
    }


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--postgresql", help="URL of an empty database")
    asked = parser.parse_args()
    n = asked.events
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        low = floor(folder, n)
        stores = Stores.open(f"sqlite:///{folder / 'ours.db'}", KEY)
        columns = {"SQLite": ours(stores, n) | vectors(stores)}
        stores.close()
        size = (folder / "ours.db").stat().st_size
        normal = Stores.open(f"sqlite:///{folder / 'normal.db'}", KEY, Config(synchronous="normal"))
        one_normal = one_by_one(normal)
        normal.close()
    if asked.postgresql:
        served = Stores.open(asked.postgresql, KEY)
        columns["PostgreSQL"] = ours(served, n) | vectors(served)
        served.close()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text(n, low, columns, size, one_normal), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))


def text(n: int, low: float, columns: dict[str, dict[str, float]], size: int, one_normal: float) -> str:
    """The report."""
    sqlite = columns["SQLite"]
    rows = "\n".join(
        f"| {what} | " + " | ".join(seconds(column[what]) for column in columns.values()) + " |" for what in sqlite
    )
    rates = "; ".join(f"{kind} {n / column['append all']:,.0f} events/s" for kind, column in columns.items())
    return f"""# Stores

    python benchmarks/stores.py --events {n} [--postgresql URL]

{datetime.date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},
{n:,} events of {PEOPLE:,} people on {ITEMS:,} items, appended {PIECE:,} at a time, each batch durable.

| | {" | ".join(columns)} |
| --- | {" | ".join("---" for _ in columns)} |
{rows}

Rate: {rates}.

The floor, sqlite3 alone with ready tuples, the same columns and indexes, nothing sealed: {seconds(low)} for all
({n / low:,.0f} events/s). Ours takes **{sqlite["append all"] / low:.1f} times** that: it starts from records, derives two
keyed digests and seals two values of each event. The file has {size / n:,.0f} bytes an event (vectors of the last rows
included).

Durable against a loss of power, or against the death of the process alone: an append of one event takes
{seconds(sqlite["append one"])} with `synchronous = FULL` (the default) and {seconds(one_normal)} with NORMAL. Both survive
`kill -9`; FULL also waits for the disk at each commit, which is what "acknowledged" should mean for what people did.
"""


def seconds(value: float) -> str:
    """Seconds for people."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.2f} ms"


if __name__ == "__main__":
    main()
