"""How much memory does describing a long file take, and does it grow with the length?

    python -m benchmarks.describe.long_file [--keep FOLDER]     # writes benchmarks/reports/long_file.md

Files of 20 min, 1 h and 3 h are made of real clips by repeating their packets (nothing is encoded twice): people before a
camera, under it music, silence and two minutes of speech. `vitascope ingest` describes each with every extractor and the
language model, cache empty; memory of all its processes is read five times a second. Recognising hours of speech takes hours on
a small machine, so the length of the text is measured apart from the recognition: the same 3 h again with subtitles over its
whole length, and a file that is spoken from end to end but short.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.referee import media_folder, rows_of, sound_of
from vitascope.base.ports.models import Pcm

REPORT = Path(__file__).parents[1] / "reports" / "long_file.md"
LENGTHS = {"20 min": 1_200, "1 h": 3_600, "3 h": 10_800}
PICTURES = "dev/video/sample-videos__one-by-one-40s.mp4"
RATE = 16_000
AGAIN, THROUGHOUT = "3 h, again with subtitles", "spoken throughout"
SPOKEN = 120
"""Seconds of speech in each of the long files."""


def music_and_silence(media: Path, seconds: int) -> Pcm:
    """Excerpts of music with as much silence between them."""
    parts: list[Pcm] = []
    for row in rows_of(media, "music"):
        heard = sound_of(media / row["path"])
        parts += [heard, np.zeros(len(heard), np.int16)]
        if sum(map(len, parts)) >= seconds * RATE:
            break
    return np.concatenate(parts)[: seconds * RATE]


def speech(media: Path, seconds: int) -> tuple[Pcm, list[str]]:
    """English sentences one after another, each once, with what is said."""
    parts: list[Pcm] = []
    said: list[str] = []
    for row in rows_of(media, "speech"):
        if row["language"].startswith("en") and row["transcript"].strip():
            parts += [sound_of(media / row["path"]), np.zeros(RATE // 2, np.int16)]
            said.append(row["transcript"].strip())
    whole = np.concatenate(parts)
    while len(whole) < seconds * RATE:
        whole = np.concatenate([whole, whole])
    return whole[: seconds * RATE], said


def encoded(pcm: Pcm, path: Path) -> Path:
    """As AAC in MP4: pieces that are repeated later."""
    import av

    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("aac", rate=RATE, layout="mono")
        stream.bit_rate = 48_000
        for at in range(0, len(pcm) // 1_024 * 1_024, 1_024):
            frame = av.AudioFrame.from_ndarray(pcm[None, at : at + 1_024].astype(np.float32) / 32_768, "fltp", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def packets(path: Path, kind: str) -> tuple[Any, list[tuple[bytes, int, int, int, bool]], Fraction]:
    """A stream's packets: (bytes, pts, dts, duration, key), in its time base."""
    import av

    container = av.open(str(path))
    stream = container.streams.video[0] if kind == "video" else container.streams.audio[0]
    found = [
        (bytes(p), int(p.pts or 0), int(p.dts or 0), int(p.duration or 0), bool(p.is_keyframe))
        for p in container.demux(stream)
        if p.size and p.dts is not None
    ]
    assert stream.time_base is not None
    return stream, found, stream.time_base


def looped(
    sources: list[Path], kind: str, seconds: float
) -> Iterator[tuple[Any, tuple[bytes, int, int, int, bool], Fraction]]:
    """Packets of the sources, the last one again and again, with times that go on."""
    begun = Fraction(0)
    for number in range(10**6):
        stream, found, base = packets(sources[min(number, len(sources) - 1)], kind)
        first, last = found[0][2], max(p[1] + p[3] for p in found)
        for data, pts, dts, duration, key in found:
            shift = int(begun / base) - first
            if (dts + shift) * base > seconds:
                return
            yield stream, (data, pts + shift, dts + shift, duration, key), base
        begun += (last - first) * base


def made(path: Path, seconds: float, pictures: list[Path], sounds: list[Path]) -> Path:
    """A file of repeated packets."""
    import av

    with av.open(str(path), "w") as out:
        ways = [("video", looped(pictures, "video", seconds))] if pictures else []
        ways.append(("audio", looped(sounds, "audio", seconds)))
        waiting = {kind: next(way) for kind, way in ways}
        streams = {kind: out.add_stream_from_template(waiting[kind][0]) for kind in waiting}
        rest = dict(ways)
        while waiting:
            kind = min(waiting, key=lambda k: waiting[k][1][2] * waiting[k][2])
            _, (data, pts, dts, duration, key), base = waiting[kind]
            packet = av.Packet(data)
            packet.pts, packet.dts, packet.duration, packet.time_base = pts, dts, duration, base
            packet.is_keyframe, packet.stream = key, streams[kind]
            out.mux(packet)
            following = next(rest[kind], None)
            if following is None:
                del waiting[kind]
            else:
                waiting[kind] = following
    return path


@dataclass
class Watched:
    """What a command took: peaks in MiB."""

    seconds: float = 0.0
    together: float = 0.0
    alone: dict[str, float] = field(default_factory=dict)
    """Peak of each process by its part: private memory and resident memory."""
    report: dict[str, Any] = field(default_factory=dict)


def watched(command: list[str]) -> Watched:
    """Run a command and read the memory of its processes five times a second."""
    import psutil

    out = Watched()
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said)
        tree = psutil.Process(process.pid)
        while process.poll() is None:
            total = 0.0
            try:
                for one in [tree, *tree.children(recursive=True)]:
                    resident, private = _memory(one.pid)
                    name = _part(" ".join(one.cmdline()))
                    for what, value in ((name, resident), (f"{name}, private", private)):
                        out.alone[what] = max(out.alone.get(what, 0.0), value)
                    total += resident
            except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                continue  # it ended between two looks
            out.together = max(out.together, total)
            time.sleep(0.2)
        if process.returncode:
            sys.exit(f"{command} ended with {process.returncode}")
        said.seek(0)
        out.report = json.loads(said.read() or b"{}")
    out.seconds = time.monotonic() - began
    return out


def _memory(pid: int) -> tuple[float, float]:
    """(resident, private) MiB: pages of mapped files are resident but can be given back at any time."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    kib = {name: int(fields.get(name, "0 kB").split()[0]) for name in ("VmRSS", "RssAnon")}
    return kib["VmRSS"] / 1024, kib["RssAnon"] / 1024


def _part(line: str) -> str:
    return "decoder" if "media._worker" in line else "language model" if "_llama_child" in line else "describer"


def subtitles(path: Path, said: list[str], seconds: int) -> int:
    """Lines of 4 s over the whole length, from these sentences in turn; answers the count of words."""
    words, lines = [w for s in said for w in s.split()], []
    at, count = 0, 0
    for number in range(seconds // 4):
        some = [words[(at + i) % len(words)] for i in range(10)]
        at, count = at + 10, count + 10
        start, end = (f"{t // 3600:02}:{t // 60 % 60:02}:{t % 60:02},000" for t in (4 * number, 4 * number + 4))
        lines.append(f"{number + 1}\n{start} --> {end}\n{' '.join(some)}\n")
    path.write_text("\n".join(lines), encoding="utf-8")
    return count


def main() -> None:
    """Make, describe, watch, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--keep", type=Path, help="folder for the made files and what was measured; an interrupted run goes on"
    )
    parser.add_argument(
        "--report", action="store_true", help="describe nothing: report what is kept, say what is missing"
    )
    parser.add_argument("--spoken", type=int, default=300, help="seconds of the file that is spoken throughout")
    options = parser.parse_args()
    media = media_folder()
    base = options.keep or Path(tempfile.mkdtemp(prefix="long-"))
    base.mkdir(parents=True, exist_ok=True)
    if options.report:
        kept = {name: _kept(base, name) for name in (*LENGTHS, AGAIN, THROUGHOUT)}
        runs = {name: Watched(**json.loads(path.read_text())) for name, path in kept.items() if path.exists()}
        missing = ", ".join(name for name in kept if name not in runs)
        text = _report(runs, LENGTHS["3 h"] // 4 * 10, options.spoken, base)
        REPORT.write_text(text + (f"* Not measured in this run: {missing}.\n" if missing else ""), encoding="utf-8")
        print(REPORT.read_text("utf-8"))
        return
    voice, said = speech(media, SPOKEN)
    quiet = [encoded(voice, base / "speech.m4a"), encoded(music_and_silence(media, 600), base / "music.m4a")]
    runs = dict[str, Watched]()
    for name, seconds in LENGTHS.items():
        path = base / name.replace(" ", "") / "long.mkv"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            made(path, seconds, [media / PICTURES], quiet)
        runs[name] = _run(base, name, path.parent)
    long = base / "3h"
    words = subtitles(long / "long.en.srt", said, LENGTHS["3 h"])
    runs[AGAIN] = _run(base, AGAIN, long, "3h")
    whole = base / "spoken" / "spoken.mkv"
    whole.parent.mkdir(exist_ok=True)
    encoded(speech(media, options.spoken)[0], base / "whole.m4a")
    made(whole, options.spoken, [], [base / "whole.m4a"])
    runs[THROUGHOUT] = _run(base, THROUGHOUT, whole.parent)
    REPORT.write_text(_report(runs, words, options.spoken, base), encoding="utf-8")
    print(REPORT.read_text("utf-8"))


def _kept(base: Path, name: str) -> Path:
    return base / f"{name.replace(' ', '').replace(',', '-')}.json"


def _run(base: Path, name: str, folder: Path, home: str | None = None) -> Watched:
    kept = _kept(base, name)
    if kept.exists():
        return Watched(**json.loads(kept.read_text()))
    command = [sys.executable, "-m", "vitascope", "ingest", str(folder), "--json", "--quiet"]
    found = watched([*command, "--home", str(base / f"home-{home or folder.name}")])
    kept.write_text(json.dumps(found.__dict__))
    print(name, found, flush=True)
    return found


def _report(runs: dict[str, Watched], words: int, spoken: int, base: Path) -> str:
    parts = sorted({p for r in runs.values() for p in r.alone if not p.endswith("private")})
    head = " | ".join(f"{p}: resident (private)" for p in parts)
    rows = "\n".join(
        f"| {name} | {run.together:.0f} | "
        + " | ".join(f"{run.alone.get(p, 0):.0f} ({run.alone.get(f'{p}, private', 0):.0f})" for p in parts)
        + f" | {run.seconds:.0f} |"
        for name, run in runs.items()
    )
    notes = {
        AGAIN: f"""* "{AGAIN}": with {words:,} words of subtitles beside it. What was found before comes from the cache,
  the text is new. It stands for three hours of talk without recognising them, which takes this machine hours.
""",
        THROUGHOUT: f"""* "{THROUGHOUT}": {spoken} s of speech alone, all of it recognised. Whisper holds 30 s at a time,
  whatever the length.
""",
    }
    said = "".join(note for name, note in notes.items() if name in runs)
    size = (base / "3h" / "long.mkv").stat().st_size / (1 << 20)
    return f"""# Memory of describing a long file

    python -m benchmarks.describe.long_file

{datetime.date.today()}, {os.cpu_count()} cores, embedded pack, every extractor and the language model on, cache empty. Peaks in
MiB, read five times a second; "all together" is the largest sum over the processes at one moment, libraries they share counted
once for each.

| file | all together | {head} | seconds |
|{" --- |" * (len(parts) + 3)}
{rows}

* The long files (the 3 h one is {size:.0f} MiB) show people before a camera; under it two minutes of speech, then music and
  silence in turn. The pictures are decoded by key frames (over 20 min), the sound whole.
* The language model is asked once for a file. The same words are said in all of them: where it took no memory, its
  answer came from the cache that libraries share.
{said}* Pages of the decoded sound's file (115 MB an hour) are given back while it is read, so they do not gather. Private memory
  is what the programs themselves hold: models, most of it.
"""


if __name__ == "__main__":
    main()
