"""Pictures of every page in both languages, for docs/pages: a small real library, the real server, Debian's Chromium.

    python scripts/page_shots.py --home FOLDER [--only short,tv] [--out docs/pages]

Takes the shared media ($VITASCOPE_SHARED, else ../shared); makes the library in FOLDER when that is empty (about five
minutes on two cores, most of it describing), and uses it as it stands otherwise. Needs Debian's chromium and the built page.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

CLIPS = (  # file of the shared media, title, creator, tags
    ("video/sam2__01_dog.mp4", "A dog at play", "Street films", ["animals", "outdoors"]),
    ("video/mdn-learning__frog.mp4", "A frog", "Pond life", ["animals", "nature"]),
    ("video/mdn-learning__pig.mp4", "A pig in the mud", "Pond life", ["animals", "nature"]),
    ("video/moviepy__big_buck_bunny_0_30.webm", "Big Buck Bunny", "Blender Foundation", ["animation", "animals"]),
    ("video/TimedMediaHandler__apollo15-hammer-feather.mp4", "Hammer and feather", "NASA", ["space", "science"]),
    ("video/videohash__rocket.mkv", "A rocket leaves", "NASA", ["space", "rockets"]),
    ("video/shared-assets__friday.mp4", "His Girl Friday", "Howard Hawks", ["people", "city"]),
    ("video/shared-assets__flower.mp4", "A flower opens", "Pond life", ["nature", "slow"]),
    ("video/moviepy__fire2.mp4", "A fire", "Street films", ["slow", "outdoors"]),
    ("video/interactive-examples__stream-of-water.mp4", "A stream", "Pond life", ["nature", "slow"]),
    ("video/sam2__05_default_juggle.mp4", "Juggling", "Street films", ["people", "outdoors"]),
    ("video/opencv__vtest-12s.avi", "A square with people", "Street films", ["people", "city"]),
    ("music/wesnoth__love_theme.ogg", "Love theme", "Wesnoth", ["music", "calm"]),
    ("music/wesnoth__wanderer.ogg", "Wanderer", "Wesnoth", ["music", "calm"]),
    ("music/wesnoth__battle.ogg", "Battle", "Wesnoth", ["music", "wild"]),
    ("music/wesnoth__frantic.ogg", "Frantic", "Wesnoth", ["music", "wild"]),
    ("music/mdn__guitar.ogg", "A guitar", "MDN", ["music", "calm"]),
    ("music/singularity__Awakening.ogg", "Awakening", "Singularity", ["music", "calm"]),
    ("music/warzone2100__track12.ogg", "Track 12", "Warzone", ["music", "wild"]),
    ("speech/librivox__sonnet1.mp3", "Sonnet 1", "LibriVox", ["poems", "reading"]),
    ("speech/librivox__sonnet2.mp3", "Sonnet 2", "LibriVox", ["poems", "reading"]),
    ("speech/whisper__jfk.flac", "Ask not", "J. F. Kennedy", ["speech", "history"]),
)
LIKED = {
    "Ada": (4, 5, 21, 7),
    "Bo": (12, 13, 16),
    "Cy": (0, 1, 2, 3),
    "Dee": (4, 5, 3),
    "Eli": (12, 17, 19),
    "Fay": (7, 9, 1),
}
BEGUN = (("Ada", 3, 0.4), ("Ada", 6, 0.7), ("Cy", 9, 0.5))
SIZES = {"phone": (390, 844), "desktop": (1280, 800), "television": (1920, 1080)}
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
CHROMIUM_PLAYS = "--autoplay-policy=no-user-gesture-required"


SETTLED = """() => {
    const seen = node => {
        const r = node.getBoundingClientRect()
        return r.top < innerHeight && r.bottom > 0 && r.left < innerWidth && r.right > 0
    }
    const waits = document.querySelector('[data-state=preparing], main p.soft[role=status]')
    return !waits && [...document.images].filter(seen).every(i => i.complete)
}"""


@dataclass(frozen=True)
class Shot:
    """One picture: the page, how large the screen, in which language and theme, who looks, and what is done before."""

    name: str
    place: str
    size: str
    language: str
    theme: str = "light"
    person: str = "Ada"
    keys: tuple[str, ...] = ()


SHOTS = (
    Shot("feed", "#/", "desktop", "en"),
    Shot("short", "#/short", "phone", "zh", person="Cy"),
    Shot("video", "#/video", "desktop", "en"),
    Shot("video-phone", "#/video", "phone", "zh", "dark"),
    Shot("music", "#/music", "desktop", "zh", "dark", person="Bo"),
    Shot("tv", "#/tv", "television", "en", keys=("Enter",)),
    Shot("tv-who", "#/tv", "television", "zh"),
    Shot("short-desktop", "#/short", "desktop", "en", "dark"),
    Shot("profile", "#/profile", "desktop", "en"),
    Shot("profile-phone", "#/profile", "phone", "zh"),
    Shot("console", "#/console", "desktop", "en"),
    Shot("console-preview", "#/console/preview", "desktop", "zh"),
)


def run(home: Path, *arguments: str) -> None:
    """The command line on the home; without the language model, which costs most and shows least here."""
    told = {**os.environ, "VITASCOPE_DESCRIBE__LANGUAGE_MODEL": "false"}
    subprocess.run([sys.executable, "-m", "vitascope", *arguments, "--home", str(home)], check=True, env=told)


def build(home: Path, media: Path) -> None:
    """A library of the clips, described, with a few people who liked and began some of them."""
    folder = home.with_name(home.name + "-clips")
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (path, title, creator, tags) in enumerate(CLIPS):
        target = folder / f"{number:02}{Path(path).suffix}"
        shutil.copy(media / path, target)
        rows.append(
            {"item_id": f"clip-{number:02}", "uri": target.name, "title": title, "creator": creator, "tags": tags}
        )
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    lines = ["user_id,item_id,type,value,timestamp"]
    start = 1_790_000_000
    for person, liked in LIKED.items():
        lines += [f"{person},clip-{n:02},like,,{start + 60 * n}" for n in liked]
    lines += [f"{person},clip-{n:02},progress,{share},{start + 9_000 + n}" for person, n, share in BEGUN]
    (folder / "events.csv").write_text("\n".join(lines), encoding="utf-8")
    run(home, "ingest", str(folder / "items.jsonl"))
    run(home, "events", "import", str(folder / "events.csv"))


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The real server on a free port."""
    program = (
        "import sys; from pathlib import Path; from vitascope.assemble import open_system, serve_system\n"
        "system = open_system(Path(sys.argv[1]), settings={'describe': {'language_model': False}})\n"
        "serve_system(system, port=0, announce=lambda url: print(url, flush=True)); system.close()"
    )
    server = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(timeout=30)


def take(browser: Any, url: str, shot: Shot, out: Path) -> int:
    """One picture; bytes written."""
    width, height = SIZES[shot.size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale={"en": "en-US", "zh": "zh-CN"}[shot.language],
        color_scheme=shot.theme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.add_init_script(f"localStorage.setItem('vitascope.user', {json.dumps(shot.person)})")
    page.goto(f"{url}/{shot.place}")
    page.wait_for_timeout(4_000)
    page.wait_for_function(SETTLED, timeout=60_000)
    for key in shot.keys:
        page.keyboard.press(key)
        page.wait_for_timeout(1_500)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if picture.width > 1280:
        picture = picture.resize((1280, round(picture.height * 1280 / picture.width)), Image.Resampling.LANCZOS)
    path = out / f"{shot.name}-{shot.language}.webp"
    picture.save(path, "WEBP", quality=72, method=6)
    context.close()
    return path.stat().st_size


def main() -> None:
    """Read the command line, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("docs/pages"))
    parser.add_argument("--only", default="", help="names of pictures, by commas")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--build-only", action="store_true")
    given = parser.parse_args()
    shared = Path(os.environ.get("VITASCOPE_SHARED", "../shared"))
    if not given.home.exists() or not any(given.home.iterdir()):
        build(given.home, shared / "media" / "dev")
    if given.build_only:
        return
    from playwright.sync_api import sync_playwright

    wanted = set(filter(None, given.only.split(",")))
    given.out.mkdir(parents=True, exist_ok=True)
    with served(given.home) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=[*CHROMIUM, CHROMIUM_PLAYS])
        for shot in SHOTS:
            if not wanted or shot.name in wanted:
                print(f"{shot.name}-{shot.language}: {take(browser, url, shot, given.out) / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
