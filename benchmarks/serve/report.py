"""What serving costs over its bare floors, over HTTP from a real server process on this machine.

    python -m benchmarks.serve.report [--items 100000] [--home DIR] [--seconds 60] [--parts lists,events,load,memory]

writes benchmarks/serve/report.md. The library is simulated (library.py). Floors are measured in this process, in turn with
the requests, so that a busy machine slows both:

lists   the model's step and search alone for the same people: the network's newest state, the factors folded in, what was
        taken up together, the middle of the content; each times all items, weighted, the ten best sorted out. Each person is
        asked once, so that nothing of theirs is kept; and once more after an event of theirs.
events  the same rows by sqlite3's executemany into a table with the same columns and indexes, a transaction a batch.
load    p99 and p50 of lists with 32 clients while events come in and a fit runs.
memory  resident memory of the server once it answered, less that of one with an empty library.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import itertools
import json
import platform
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil

from benchmarks.serve.library import Size, build
from benchmarks.stores import PRAGMAS, TABLE
from vitascope.assemble import System, open_system
from vitascope.base.histories import Histories
from vitascope.base.tokens import tokens
from vitascope.recommend import sequence
from vitascope.recommend.scorers._content import recent_acts
from vitascope.recommend.scorers._factors import _people

REPORT = Path(__file__).parent / "report.md"
ASKED, BATCH, BATCHES, CLIENTS = 120, 500, 12, 32


class Client:
    """One connection that is kept."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)

    def call(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """The answer's JSON; anything but a success ends the run."""
        data = None if body is None else json.dumps(body)
        self.line.request(method, path, data, {"content-type": "application/json"} if data else {})
        answer = self.line.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
        told = json.loads(text)
        assert isinstance(told, dict)
        return told


@contextmanager
def server(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server process of its own, and its address."""
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (the child holds it)
    command = [sys.executable, "-m", "vitascope", "serve", "--home", str(home), "--port", "0"]
    child = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(600):
            log.seek(0)
            if found := re.search(r"http://127\.0\.0\.1:\d+", log.read()):
                yield found.group(), psutil.Process(child.pid)
                return
            if child.poll() is not None:
                break
            time.sleep(0.1)
        log.seek(0)
        raise SystemExit(f"the server did not start: {log.read()[-2000:]}")
    finally:
        child.terminate()
        child.wait(300)


class Bare:
    """The model's step and search and nothing else, over the same model and vectors as the server's."""

    def __init__(self, system: System) -> None:
        self.system, recommender = system, system.rooms.recommender
        self.shelf = recommender._shelves.shelf()
        self.states = recommender._model(self.shelf)[0].states
        self.weights = {"content": 0.3, "collaborative": 0.5, "factors": 0.3, "sequence": 1.0}

    def history(self, user: str) -> Histories:
        """A person's history, which the floor does not pay for."""
        stores = self.system.rooms.stores
        person = stores.people.find([user])[user]
        return self.system.rooms.recommender._known_history(person, self.shelf)

    def list(self, history: Histories, only_sequence: bool = False) -> list[int]:
        """The ten best rows."""
        net = self.states["sequence"]
        state = sequence.states(net.weights, net.items, tokens(history, net.weights.length))[0]
        total = net.items @ state
        if not only_sequence:
            act = recent_acts(history, 20)
            told = np.flatnonzero(act)
            matrix = self.shelf.vectors["text"]
            middle = act[told] @ matrix[history.item[told]]
            total = total + np.float32(0.3) * (matrix @ (middle / max(float(np.linalg.norm(middle)), 1e-9)))
            factors = self.states["factors"]
            total = total + np.float32(0.3) * (factors.items @ _people(history, factors)[0])
            near = self.states["collaborative"].matrix[np.unique(history.item)]
            total = total + np.float32(0.5) * np.asarray(near.sum(axis=0), np.float32).ravel()
        best = np.argpartition(-total, 10)[:10]
        return [int(row) for row in best[np.argsort(-total[best])]]


def lists(address: str, bare: Bare, people: int) -> dict[str, float]:
    """Median seconds of a list over HTTP and of its floor, people in turn."""
    client = Client(address)
    users = random.Random(1).sample(range(people), 2 * ASKED + 6)
    path = "/v1/recommendations?surface=video&n=10&user_id=p{}"
    for user in users[:6]:
        client.call("GET", path.format(user))
        bare.list(bare.history(f"p{user}"))
    ours, floor, narrow, again = [], [], [], []
    for at, user in enumerate(users[6 : 6 + ASKED]):
        history = bare.history(f"p{user}")
        began = time.perf_counter()
        client.call("GET", path.format(user))
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        bare.list(history)
        floor.append(time.perf_counter() - began)
        began = time.perf_counter()
        bare.list(history, only_sequence=True)
        narrow.append(time.perf_counter() - began)
        event = {"user_id": f"p{user}", "item_id": f"v{at * 37}", "type": "complete", "event_id": f"l{time.time()}"}
        client.call("POST", "/v1/events", event)
        began = time.perf_counter()
        client.call("GET", path.format(user))
        again.append(time.perf_counter() - began)
    return {
        "list": statistics.median(ours),
        "after an event": statistics.median(again),
        "floor": statistics.median(floor),
        "narrow": statistics.median(narrow),
    }


def events(address: str, home: Path, people: int) -> dict[str, float]:
    """Events a second in batches over HTTP, and of bare inserts."""
    client, draw = Client(address), random.Random(2)
    rates, floors = [], []
    with tempfile.TemporaryDirectory(dir=home) as folder:
        line = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        line.executescript(PRAGMAS.format("FULL") + TABLE)
        for batch in range(BATCHES):
            made = [
                {
                    "user_id": f"p{draw.randrange(people)}",
                    "item_id": f"v{draw.randrange(1_000)}",
                    "type": draw.choice(["play", "progress", "complete", "like", "skip"]),
                    "value": None,
                    "event_id": f"b{time.time()}-{batch}-{n}",
                }
                for n in range(BATCH)
            ]
            began = time.perf_counter()
            client.call("POST", "/v1/events/batch", {"events": made})
            rates.append(BATCH / (time.perf_counter() - began))
            rows = [
                (
                    1,
                    2,
                    3,
                    None,
                    time.time(),
                    1,
                    None,
                    None,
                    f"{batch}{n:013d}".encode(),
                    bytes(40),
                    None,
                    None,
                    None,
                    None,
                    1,
                )
                for n in range(BATCH)
            ]
            began = time.perf_counter()
            line.execute("BEGIN IMMEDIATE")
            line.executemany(f"INSERT INTO events VALUES (NULL, {', '.join('?' * 15)})", rows)
            line.execute("COMMIT")
            floors.append(BATCH / (time.perf_counter() - began))
        line.close()
    return {"events": statistics.median(rates), "floor": statistics.median(floors)}


def load(address: str, people: int, seconds: float) -> dict[str, float]:
    """Latencies of lists with many clients while events come in and a fit runs."""
    took: list[float] = []
    failed: list[str] = []
    until = time.monotonic() + seconds
    started = Client(address).call("POST", "/v1/jobs", {"kind": "fit"})

    def ask(number: int) -> None:
        client, draw = Client(address), random.Random(number)
        while time.monotonic() < until:
            began = time.perf_counter()
            try:
                client.call("GET", f"/v1/recommendations?surface=video&n=10&user_id=p{draw.randrange(people)}")
            except (SystemExit, OSError) as error:
                failed.append(str(error))
                client = Client(address)
                continue
            took.append(time.perf_counter() - began)

    def act() -> None:
        client, draw = Client(address), random.Random(99)
        while time.monotonic() < until:
            event = {
                "user_id": f"p{draw.randrange(people)}",
                "item_id": f"v{draw.randrange(1_000)}",
                "type": "complete",
                "event_id": f"e{time.time()}",
            }
            client.call("POST", "/v1/events", event)
            time.sleep(0.1)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(CLIENTS)] + [threading.Thread(target=act)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ordered = sorted(took)
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[int(len(ordered) * 0.99)],
        "lists": len(ordered),
        "failed": len(failed),
        "fit": float(bool(started)),
    }


def memory(home: Path, people: int) -> float:
    """Megabytes of a server that has answered."""
    with server(home) as (address, process):
        client = Client(address)
        for user in range(min(people, 20)):
            client.call("GET", f"/v1/recommendations?surface=video&n=10&user_id=p{user}")
        return float(process.memory_info().rss) / 1e6


def main() -> None:
    """Run the parts and write the report."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--items", type=int, default=100_000)
    told.add_argument("--home", type=Path)
    told.add_argument("--seconds", type=float, default=60)
    told.add_argument("--parts", default="lists,events,load,memory")
    asked = told.parse_args()
    home = asked.home or Path(tempfile.mkdtemp(prefix="vitascope-serve-"))
    size, parts = Size(asked.items), set(asked.parts.split(","))
    if not (home / "library.db").exists():
        build(home, size).close()
    rows: list[tuple[str, str, str, str]] = []
    if parts & {"lists", "events", "load"}:
        system = open_system(home)
        bare = Bare(system) if "lists" in parts else None
        with server(home) as (address, _):
            if bare is not None:
                t = lists(address, bare, size.people)
                told_ms = f"{1e3 * t['list']:.1f} ms over {1e3 * t['floor']:.1f} ms"
                rows.append(
                    (
                        "lists: 10 of all items, 50 events, live, median over its floor",
                        told_ms,
                        f"{t['list'] / t['floor']:.2f}",
                        "2.0 / 1.3",
                    )
                )
                rows.append(
                    (
                        "the same right after an event of the person",
                        f"{1e3 * t['after an event']:.1f} ms",
                        f"{t['after an event'] / t['floor']:.2f}",
                        "",
                    )
                )
                rows.append(
                    (
                        "the same over the network's step and search alone",
                        f"{1e3 * t['narrow']:.1f} ms",
                        f"{t['list'] / t['narrow']:.2f}",
                        "",
                    )
                )
            if "events" in parts:
                e = events(address, home, size.people)
                rows.append(
                    (
                        "events a second in batches of 500 over bare inserts",
                        f"{e['events']:.0f} over {e['floor']:.0f}",
                        f"{e['events'] / e['floor']:.3f}",
                        ".5 / .8",
                    )
                )
            write(rows, size)
            if "load" in parts:
                p = load(address, size.people, asked.seconds)
                figure = f"{1e3 * p['p99']:.0f} ms over {1e3 * p['p50']:.0f} ms; {p['lists']:.0f} lists, {p['failed']:.0f} failed"
                rows.append(
                    (
                        f"p99 over p50, {CLIENTS} clients, {asked.seconds:.0f} s, events and a fit",
                        figure,
                        f"{p['p99'] / p['p50']:.2f}",
                        "5 / 3",
                    )
                )
        system.close()
        write(rows, size)
    if "memory" in parts:
        with tempfile.TemporaryDirectory() as empty:
            own = memory(Path(empty) / "home", 1)
        whole = memory(home, size.people)
        per = (whole - own) / (size.items / 100_000)
        rows.append(
            (
                "resident memory per 100,000 items",
                f"{whole:.0f} MB, {own:.0f} MB without items",
                f"{per:.0f} MB",
                "400 / 250 MB",
            )
        )
    write(rows, size)


def write(rows: list[tuple[str, str, str, str]], size: Size) -> None:
    """The report."""
    table = "\n".join(f"| {what} | {figure} | {ratio} | {bar} |" for what, figure, ratio, bar in rows)
    named = ["HOME" if before == "--home" else one for before, one in itertools.pairwise(["", *sys.argv[1:]])]
    text = f"""# What serving costs

    {" ".join(["python -m benchmarks.serve.report", *named])}

{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {platform.machine()}, {psutil.cpu_count()} processors (shared with
other work), Python {platform.python_version()}; {size.items:,} simulated items with content vectors
{size.width} wide, {size.people:,} people with {size.events} events each, model arrays
drawn at random in the shapes of a fit (seed 0). The floors and how they are measured: the head of benchmarks/serve/report.py.

| figure | measured | ratio | must / aim |
| --- | --- | --- | --- |
{table}

Not measured here: a million items, and the recall of an index (search is exact).
"""
    REPORT.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
