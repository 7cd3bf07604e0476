"""How much of the text on the screen is read, how many words are invented, and at what cost, against bare RapidOCR?

    python -m benchmarks.screen_text [--cache DIR]      # writes benchmarks/reports/screen_text.md

Decodes the video group of media/dev with the product's reader, reads it with the product's extractor and the pack's model, and
beside it lets RapidOCR as it comes (`RapidOCR()`, defaults) read a picture every second. Both are scored with the functions of
the media's own referee (score.py). Every word that bare RapidOCR printed counts once an equal line, whatever its confidence.
Clips are in two halves by a hash of their names: settings were chosen while looking at the first half's readings.
The folder is $VITASCOPE_SHARED, else ../shared.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import logging
import re
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.referee import half_of, media_folder, referee_of, rows_of
from vitascope.backends.media import PyAvReader
from vitascope.backends.models import ModelsConfig
from vitascope.backends.roles import open_models
from vitascope.base.media import Asset
from vitascope.base.ports.media import Limits
from vitascope.base.records import AssetKey, ItemKey
from vitascope.describe import DescribeConfig
from vitascope.describe.extractors import Work
from vitascope.describe.extractors._screen_text import OnScreen

REPORT = Path(__file__).parent / "reports" / "screen_text.md"


@dataclass
class Score:
    """What the referee counts."""

    words: int = 0
    read: int = 0
    invented: int = 0
    minutes: float = 0.0
    pictures: int = 0
    seconds: float = 0.0
    missed: list[str] = field(default_factory=list)

    def add(self, referee: ModuleType, row: dict[str, str], lines: list[str], pictures: int, seconds: float) -> None:
        """Count one clip, by the rules of score.py."""
        said = referee.plain(" ".join(lines)).split()
        self.pictures, self.seconds = self.pictures + pictures, self.seconds + seconds
        label = referee.label(row, "ocr")
        if not label:
            self.invented += len(said)
            self.minutes += float(row["duration_s"] or 0) / 60
            return
        for word in referee.plain(re.sub(r"\([^)]*\)", "", label)).split():
            self.words += 1
            self.read += word in set(said)
            if word not in said:
                self.missed.append(word)

    def row(self, name: str) -> str:
        """A line of the report's table."""
        share = f"{self.read / self.words:.3f} ({self.read}/{self.words})" if self.words else "-"
        none = f"{self.invented / self.minutes:.2f} ({self.invented})" if self.minutes else "-"
        return f"| {name} | {share} | {none} | {self.pictures} | {self.seconds:.0f} |"


def bare_reader() -> Any:
    """RapidOCR as it comes, on one thread."""
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{n}_op_num_threads": 1 for n in ("intra", "inter")}
    reader = RapidOCR(params={"Global.log_level": "critical", **threads})
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return reader


def bare(reader: Any, path: Path) -> tuple[list[str], int, float]:
    """Distinct lines over a picture every second; pictures; seconds of reading (decoding left out)."""
    import av

    lines: dict[str, None] = {}
    pictures, seconds, due = 0, 0.0, 0.0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for number, frame in enumerate(container.decode(stream)):
            at = float(frame.time) if frame.time is not None else number / 25
            if at < due:
                continue
            due = at + 1.0
            image = frame.to_ndarray(format="bgr24")
            started = time.perf_counter()
            found = reader(image)
            seconds += time.perf_counter() - started
            pictures += 1
            lines |= dict.fromkeys(found.txts or ())
    return list(lines), pictures, seconds


def ours(reader: PyAvReader, models: Any, path: Path) -> tuple[list[Any], int, float]:
    """Signals, pictures read, seconds of reading."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    decoded = reader.decode(path, digest, Limits())
    asset = Asset(
        key=AssetKey(1), item=ItemKey(1), uri=str(path), sha256=digest, bytes=0, modified=0.0, probe=decoded.probe,
        duration=decoded.duration,
    )  # fmt: skip
    work = Work(asset, None, models, DescribeConfig(), lambda: decoded)
    extractor = OnScreen()
    started = time.perf_counter()
    found = extractor(work)
    return list(found.signals), len(extractor.chosen(work)), time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--no-bare", action="store_true", help="only ours, printed, no report")
    asked = parser.parse_args()
    media = media_folder()
    referee, rows = referee_of(media), rows_of(media, "video")
    reader = PyAvReader(asked.cache or Path(tempfile.mkdtemp(prefix="vitascope-screen-")))
    models = open_models(ModelsConfig(threads=1))
    rapid = None if asked.no_bare else bare_reader()
    scores = {(who, half): Score() for who in ("here", "bare") for half in (0, 1, 2)}
    read: list[str] = []
    invented: list[str] = []
    per_picture: list[float] = []
    for row in rows:
        path, half = media / row["path"], half_of(row["path"])
        signals, pictures, seconds = ours(reader, models, path)
        if pictures:
            per_picture.append(seconds / pictures)
        said = [f"{float(s.span.start):.1f}-{float(s.span.end):.1f} {s.value}" for s in signals]
        print(row["path"], half, pictures, f"{seconds:.1f}", said, flush=True)
        (read if referee.label(row, "ocr") else invented).extend([f"{row['path']}: {', '.join(said)}"] * bool(said))
        counts = {"here": ([s.value for s in signals], pictures, seconds)}
        if rapid is not None:
            counts["bare"] = bare(rapid, path)
        for who, (lines, count, cost) in counts.items():
            for part in (half, 2):
                scores[who, part].add(referee, row, lines, count, cost)
    reader.close()
    models.close()
    names = {0: "first half", 1: "second half", 2: "all"}
    table = "\n".join(scores[who, half].row(f"{who}, {names[half]}") for half in names for who in ("here", "bare"))
    print(table, scores["here", 2].missed)
    if asked.no_bare:
        return
    REPORT.write_text(
        f"""# Text on the screen

    python -m benchmarks.screen_text

{datetime.date.today()}, embedded pack, one thread, other work on the machine (seconds are upper bounds). {len(rows)} clips of
media/dev/video, scored by the functions of media/score.py: the share of labelled words that were read, and the words a minute in
clips without labelled text (a word there is not always wrong: clips without a label may show text). Bare: RapidOCR with its
defaults, a picture every second, equal lines counted once.

| | labelled words read | words a minute where none are labelled | pictures read | seconds |
| --- | --- | --- | --- | --- |
{table}

The halves are by a hash of the names; what was chosen was chosen while looking at the first half and at the made clips of the
tests, but the labels hold only six clips with text, so the halves say little each. A picture costs
{statistics.median(per_picture):.2f} s (median over clips). Not read here: {", ".join(scores["here", 2].missed) or "nothing"}.

## Read where text is labelled

{chr(10).join(f"* {line}" for line in read)}

## Read where none is labelled

{chr(10).join(f"* {line}" for line in invented) or "Nothing."}
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
