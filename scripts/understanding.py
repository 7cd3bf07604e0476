"""Makes what docs/understanding.md shows: a reel of freely licensed clips, its description, and pictures of its page.

    python scripts/understanding.py [--clips FOLDER] [--home HOME]

The reel joins clips of the demo (`vitascope demo` fetches them): the Earth at night under the reading of a novel, a concert, a
city at night under five sentences of another, a cartoon. So its true parts are known. Written are docs/understanding.txt (what
the command line says of it) and docs/item-*.png (Debian's Chromium). Wants the model pack, Playwright and Chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from vitascope.backends.demo import default_clip_folder

DOCS = Path(__file__).resolve().parents[1] / "docs"
RATE, SOUND, SIZE = 25, 48_000, (640, 360)
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("earth-at-night", ("dickens-two-cities",)),
    ("concert-kali", ("concert-kali",)),
    ("city-at-night", ("austen-0870", "austen-0880", "austen-0890", "austen-0920", "austen-0930")),
    ("big-buck-bunny", ("big-buck-bunny",)),
)
"""Picture, and what is heard under it."""
BETWEEN = 2.0
"""Seconds of silence between two readings."""
ITEM = {
    "item_id": "reel",
    "title": "A reel of four",
    "creator": "NASA, Pete Warden, Anokato, LibriVox, Blender Foundation",
    "licence": "Public domain, CC0, CC-BY-4.0, CC-BY-3.0; see docs/demo.md",
}
SHOTS = (  # file, width, height, language, theme
    ("item-desktop.png", 1280, 1000, "en", "light"),
    ("item-desktop-zh.png", 1280, 1000, "zh-CN", "dark"),
    ("item-phone.png", 390, 844, "en", "light"),
    ("item-phone-zh.png", 390, 844, "zh-CN", "dark"),
)


def clip(folder: Path, name: str) -> Path:
    """A clip of the demo by its id."""
    found = sorted(folder.glob(f"{name}.*"))
    if not found:
        sys.exit(f"no clip {name} in {folder}: run `vitascope demo` once, or name its folder with --clips")
    return found[0]


def heard(path: Path) -> np.ndarray:
    """Mono samples of a clip, shape (n,), float32."""
    out = []
    with av.open(str(path)) as file:
        if not file.streams.audio:
            return np.zeros(0, np.float32)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SOUND)
        for frame in file.decode(audio=0):
            out += [f.to_ndarray().reshape(-1) for f in resampler.resample(frame)]
    return np.concatenate(out) if out else np.zeros(0, np.float32)


def seen(path: Path, frames: int) -> Iterator[np.ndarray]:
    """So many pictures of a clip at the reel's rate and size, begun again where it ends."""
    made = 0
    while made < frames:
        with av.open(str(path)) as file:
            stream = file.streams.video[0]
            graph = av.filter.Graph()
            width, height = SIZE
            nodes = [
                graph.add_buffer(template=stream, time_base=stream.time_base),
                graph.add("fps", str(RATE)),
                graph.add("scale", f"{width}:{height}:force_original_aspect_ratio=decrease"),
                graph.add("pad", f"{width}:{height}:-1:-1"),
                graph.add("format", "rgb24"),
                graph.add("buffersink"),
            ]
            graph.link_nodes(*nodes).configure()
            for frame in file.decode(video=0):
                graph.push(frame)
                while True:
                    try:
                        picture = graph.pull()
                    except (av.BlockingIOError, av.EOFError):
                        break
                    yield picture.to_ndarray()
                    made += 1
                    if made == frames:
                        return


def reel(clips: Path, target: Path) -> list[float]:
    """Write the reel; answers where its parts begin."""
    begins: list[float] = []
    at = 0
    with av.open(str(target), "w") as file:
        video = file.add_stream("libx264", rate=RATE, options={"crf": "23", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        audio = file.add_stream("aac", rate=SOUND, layout="mono")
        sounds = []
        for picture, voices in PARTS:
            pause = np.zeros(int(BETWEEN * SOUND), np.float32)
            parts = [p for v in voices for p in (heard(clip(clips, v)), pause)][:-1]
            sound = np.concatenate(parts)
            frames = max(1, round(len(sound) / SOUND * RATE))
            begins.append(at / RATE)
            for array in seen(clip(clips, picture), frames):
                frame = av.VideoFrame.from_ndarray(array, format="rgb24")
                frame.pts, frame.time_base = at, Fraction(1, RATE)
                file.mux(video.encode(frame))
                at += 1
            sounds.append(np.resize(sound, round(frames * SOUND / RATE)))
        file.mux(video.encode(None))
        samples = np.concatenate(sounds)
        for first in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, first : first + 1024], format="flt", layout="mono")
            frame.pts, frame.time_base, frame.sample_rate = first, Fraction(1, SOUND), SOUND
            file.mux(audio.encode(frame))
        file.mux(audio.encode(None))
    return begins


def vitascope(home: Path, *arguments: str) -> str:
    """What a command says."""
    asked = [sys.executable, "-m", "vitascope", *arguments, "--home", str(home)]
    return subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout


def tell(home: Path, begins: list[float]) -> None:
    """docs/understanding.txt: commands and what they answer."""
    lines = [
        "# Made by scripts/understanding.py; parts were joined at " + ", ".join(f"{b:.1f}" for b in begins) + " s."
    ]
    for style in ((), ("--style", "account"), ("--style", "news"), ("--style", "script")):
        lines += ["", f"$ vitascope describe --show reel {' '.join(style)}".rstrip(), ""]
        lines += vitascope(home, "describe", "--show", "reel", *style).rstrip().splitlines()
    (DOCS / "understanding.txt").write_text("\n".join(lines) + "\n", "utf-8")


def photograph(url: str) -> None:
    """The page of the item, whole, its account open."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name, width, height, language, theme in SHOTS:
            scheme: Any = theme
            context = chromium.new_context(
                viewport={"width": width, "height": height}, locale=language, color_scheme=scheme
            )
            page = context.new_page()
            page.goto(f"{url}/#/item/reel")
            page.get_by_test_id("at-length").locator("summary").click()
            page.get_by_test_id("told").wait_for()
            tall = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": min(tall, 4_000)})
            page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
            page.wait_for_timeout(1_500)
            page.screenshot(path=str(DOCS / name))
            context.close()
        chromium.close()


@contextlib.contextmanager
def served(home: Path) -> Iterator[str]:
    """The real server on a free port."""
    program = (
        "import sys; from pathlib import Path; from vitascope.assemble import open_system, serve_system\n"
        "system = open_system(Path(sys.argv[1]))\n"
        "serve_system(system, port=0, announce=lambda url: print(url, flush=True)); system.close()"
    )
    server = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(timeout=30)


def main() -> None:
    """Make everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=default_clip_folder())
    parser.add_argument("--home", type=Path, help="kept, so that a second run describes nothing anew")
    asked = parser.parse_args()
    home = asked.home or Path(tempfile.mkdtemp(prefix="vitascope-reel-"))
    media = home.parent / f"{home.name}-media"
    media.mkdir(parents=True, exist_ok=True)
    target, noted = media / "reel.mp4", media / "begins.json"
    if not noted.is_file():
        noted.write_text(json.dumps(reel(asked.clips, target)), "utf-8")
    (media / "reel.jsonl").write_text(json.dumps(ITEM | {"uri": "reel.mp4"}) + "\n", "utf-8")
    vitascope(home, "ingest", str(media / "reel.jsonl"))
    tell(home, json.loads(noted.read_text("utf-8")))
    with served(home) as url:
        photograph(url)


if __name__ == "__main__":
    main()
