"""A real library of small real clips behind the real server, and a real browser."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TASTES = (  # file of the shared media, what its owner says of it
    ("video/sam2__01_dog.mp4", "A dog at play", ["animals", "outdoors"]),
    ("video/mdn-learning__frog.mp4", "A frog", ["animals", "nature"]),
    ("video/moviepy__big_buck_bunny_0_30.webm", "Big Buck Bunny", ["animation", "animals"]),
    ("video/TimedMediaHandler__apollo15-hammer-feather.mp4", "Hammer and feather on the moon", ["space", "science"]),
    ("video/videohash__rocket.mkv", "A rocket", ["space", "rockets"]),
    ("video/shared-assets__friday.mp4", "Friday", ["people", "city"]),
    ("video/opencv__vtest-12s.avi", "A square with people", ["people", "city"]),
    ("music/wesnoth__love_theme.ogg", "Love theme", ["music", "calm"]),
    ("music/mdn__guitar.ogg", "A guitar", ["music", "calm"]),
    ("music/sonic__ambi_choir.ogg", "A choir", ["music", "voices"]),
    ("bad/192k-32bit-float.wav", "A tone at 192 kHz", ["music", "odd"]),
    ("bad/decord__video_270.mov", "A turned picture", ["odd", "outdoors"]),
)
CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@dataclass(frozen=True)
class Server:
    """A running server and the library behind it."""

    url: str
    home: Path
    items: tuple[str, ...]


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    done = subprocess.run(
        [sys.executable, "-m", "vitascope", *arguments, "--home", str(home)],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def started(home: Path) -> tuple[subprocess.Popen[str], str]:
    """The real server on a free port of this machine."""
    program = (
        "import sys; from pathlib import Path; from vitascope.assemble import open_system, serve_system\n"
        "system = open_system(Path(sys.argv[1]), settings={'describe': {'language_model': False}})\n"
        "serve_system(system, port=0, announce=lambda url: print(url, flush=True)); system.close()"
    )
    server = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:"), "the server did not start"
    return server, url


def stopped(server: subprocess.Popen[str]) -> None:
    """End it as an operator would; it must end cleanly."""
    server.send_signal(signal.SIGTERM)
    try:
        assert server.wait(timeout=20) == 0
    except subprocess.TimeoutExpired:
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        raise
    finally:
        if server.stdout is not None:
            server.stdout.close()


@pytest.fixture(scope="session")
def live_server(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dozen real clips with their owner's titles and tags, three people, and the server over them."""
    folder = tmp_path_factory.mktemp("clips")
    home = tmp_path_factory.mktemp("browser") / "home"
    rows = []
    for number, (path, title, tags) in enumerate(TASTES):
        source = shared / "media" / "dev" / path
        target = folder / f"{number:02}{source.suffix}"
        shutil.copy(source, target)
        rows.append({"item_id": f"clip-{number:02}", "uri": target.name, "title": title, "tags": tags})
    (folder / "items.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    command(home, "ingest", str(folder / "items.jsonl"), "--no-describe")
    lines = ["user_id,item_id,type,value,timestamp"]
    for person, liked in {"ada": (3, 4), "bo": (7, 8, 9), "cy": (0, 1, 2)}.items():
        lines += [f"{person},clip-{n:02},like,,{1_700_000_000 + 60 * n}" for n in liked]
    (folder / "events.csv").write_text("\n".join(lines))
    command(home, "events", "import", str(folder / "events.csv"))
    server, url = started(home)
    try:
        yield Server(url, home, tuple(row["item_id"] for row in rows))
    finally:
        stopped(server)


@pytest.fixture(scope="session")
def browser(debian: Callable[[str], Path]) -> Iterator[Any]:
    """Debian's Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(debian("chromium")), args=list(CHROMIUM))
        yield chromium
        chromium.close()


@pytest.fixture
def page_of(browser: Any) -> Iterator[Callable[..., Any]]:
    """Makes pages that keep what the console and the network complain of in `page.complaints`."""
    contexts = []

    def make(width: int = 1280, height: int = 900, **settings: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.complaints = []
        page.on("console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: page.complaints.append(str(e)))
        page.on("response", lambda r: page.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def dev_files(shared: Path) -> tuple[Path, ...]:
    """Every file of the shared media that holds something to play, by the manifest."""
    with (shared / "media" / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tuple(shared / "media" / row["path"] for row in rows if row["kind"] in ("audio", "video"))
