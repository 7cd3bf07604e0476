"""Near-duplicates of copies made by script: how many are found, and how often strangers are joined.

    python -m benchmarks.neardup_made SHARED/media CACHE > benchmarks/reports/neardup_made.md

Real clips of the music, speech and video groups are edited with FFmpeg's filters, without randomness but seeded noise.
Every second clip is for choosing bounds, the others are for judging: bounds were chosen on the first half.
Strangers: every pair of clips that no label joins, edits included. CACHE keeps what was made and decoded.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import itertools
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vitascope.backends.media import PyAvReader
from vitascope.base.media import Asset
from vitascope.base.ports.media import Limits
from vitascope.base.ports.stores import Fingerprint
from vitascope.base.records import AssetKey, ItemKey
from vitascope.catalog._copies import fingerprint_of
from vitascope.catalog._neardup import Index

RATE = 44_100
SECONDS = {"audio": 14, "video": 9}


def semitones(n: float) -> str:
    """Higher by n semitones at the same length."""
    factor = 2 ** (n / 12)
    return f"asetrate={round(RATE * factor)},aresample={RATE},atempo={1 / factor:.6f}"


SOUND: dict[str, tuple[str, str, str]] = {
    # edit: (filters, codec and bit rate, suffix)
    "original": ("anull", "flac", ".flac"),
    "mp3 32 kb/s": ("anull", "libmp3lame:32000", ".mp3"),
    "opus 24 kb/s": ("aresample=48000", "libopus:24000", ".ogg"),
    "quieter, band limited": ("volume=0.3,highpass=250,lowpass=3000", "aac:96000", ".m4a"),
    "noise": ("NOISE", "libmp3lame:96000", ".mp3"),
    "middle half": ("TRIM", "libmp3lame:96000", ".mp3"),
    **{
        f"speed and pitch {p:+d} %": (
            f"asetrate={RATE * (100 + p) // 100},aresample={RATE}",
            "libmp3lame:96000",
            ".mp3",
        )
        for p in (3, -3, 5, -5)
    },
    "tempo +5 %": ("atempo=1.05", "libmp3lame:96000", ".mp3"),
    "tempo -5 %": ("atempo=0.95", "libmp3lame:96000", ".mp3"),
    **{f"pitch {n:+d}": (semitones(n), "libmp3lame:96000", ".mp3") for n in (1, -1, 2, -2)},
}
PICTURE: dict[str, tuple[str, str, str]] = {
    "original": ("null", "libx264:400000", ".mp4"),
    "low quality": ("scale=160:-2", "libx264:40000", ".mp4"),
    "vp8 webm": ("null", "libvpx:300000", ".webm"),
    "cropped 15 %": ("crop=trunc(iw*0.85/2)*2:trunc(ih*0.85/2)*2", "libx264:400000", ".mp4"),
    "mirrored": ("hflip", "libx264:400000", ".mp4"),
    "hue and saturation": ("hue=h=70:s=1.6", "libx264:400000", ".mp4"),
    "darker": ("hue=b=-2:s=0.5", "libx264:400000", ".mp4"),
    "logo": ("drawbox=x=iw*0.7:y=ih*0.06:w=iw*0.24:h=ih*0.16:color=red:t=fill", "libx264:400000", ".mp4"),
    "bars": ("pad=iw:trunc(ih*1.3/2)*2:0:-1", "libx264:400000", ".mp4"),
    "middle half": ("TRIM", "libx264:400000", ".mp4"),
    **{
        f"speed {p:+d} %": (f"settb=1/90000,setpts=PTS*100/{100 + p}", "libx264:400000", ".mp4") for p in (3, -3, 5, -5)
    },
}


def graph(kind: str, filters: str, template: Any) -> Any:
    """A chain of FFmpeg filters between a buffer and its sink."""
    import av

    made = av.filter.Graph()
    if kind == "audio":
        nodes = [made.add_abuffer(format="fltp", sample_rate=RATE, layout="mono", time_base=Fraction(1, RATE))]
    else:
        nodes = [made.add_buffer(template=template, time_base=template.time_base)]
    for part in filters.split(","):
        name, _, args = part.partition("=")
        nodes.append(made.add(name, args or None))
    nodes.append(made.add("abuffersink" if kind == "audio" else "buffersink"))
    for a, b in itertools.pairwise(nodes):
        a.link_to(b)
    made.configure()
    return made


def drained(made: Any, frames: Iterable[Any]) -> Iterable[Any]:
    """Frames through a graph."""
    import av

    for frame in [*frames, None]:
        made.push(frame)
        while True:
            try:
                yield made.pull()
            except (av.BlockingIOError, av.EOFError):
                break


def sound(path: Path, filters: str, seed: int) -> list[Any]:
    """The first seconds of a file's sound, edited, as frames."""
    import av

    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    blocks: list[Any] = []
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            blocks += [b.to_ndarray()[0] for b in resampler.resample(frame)]
            if sum(map(len, blocks)) > SECONDS["audio"] * RATE:
                break
    wave = np.concatenate(blocks)[: SECONDS["audio"] * RATE].astype(np.float32)
    if filters == "TRIM":
        wave, filters = wave[len(wave) // 4 : 3 * len(wave) // 4], "anull"
    if filters == "NOISE":  # white, 12 dB below the sound
        noise = np.random.default_rng(seed).normal(size=len(wave)).astype(np.float32)
        wave, filters = wave + noise * float(np.sqrt((wave**2).mean())) * 10 ** (-12 / 20), "anull"
    frames = []
    for at in range(0, len(wave), 4_096):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[None, at : at + 4_096]), "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        frames.append(frame)
    return list(drained(graph("audio", filters, None), frames))


def pictures(path: Path, filters: str) -> tuple[list[Any], Fraction]:
    """The first seconds of a file's pictures at 256 pixels, edited, as frames; and their rate."""
    import av

    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        rate = Fraction(stream.average_rate or 25)
        frames = []
        for frame in file.decode(stream):
            if (
                frame.time is not None
                and frame.time - float((stream.start_time or 0) * stream.time_base) > SECONDS["video"]
            ):
                break
            frames.append(frame)
        if filters == "TRIM":
            frames, filters = frames[len(frames) // 4 : 3 * len(frames) // 4], "null"
        chain = f"scale=256:-2,format=yuv420p,{filters}"
        return list(drained(graph("video", chain, stream), frames)), rate


def write(out: Path, frames: list[Any], kind: str, codec: str, rate: Fraction) -> None:
    """Encode frames into a new file."""
    import av

    name, _, bits = codec.partition(":")
    with av.open(str(out), "w") as file:
        if kind == "audio":
            stream: Any = file.add_stream(name, rate=frames[0].sample_rate, layout="mono")
            fits = av.AudioResampler(
                format=stream.codec_context.format.name if stream.codec_context.format else "s16",
                layout="mono",
                rate=frames[0].sample_rate,
                frame_size=stream.codec_context.frame_size or 4_096,
            )
        else:
            stream = file.add_stream(name, rate=rate.limit_denominator(1_001))
            stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
            stream.options = {"preset": "veryfast"} if name == "libx264" else {"deadline": "realtime", "cpu-used": "8"}
            stream.codec_context.time_base = Fraction(1, 90_000)
            fits = None
        if bits:
            stream.bit_rate = int(bits)
        start = frames[0].pts
        for frame in frames:
            if frame.pts is not None and start is not None:
                frame.pts -= start
            if fits is None:  # a fine clock, so that a changed speed rounds no two frames to one time
                frame.pict_type = 0
                frame.pts, frame.time_base = round(frame.pts * frame.time_base * 90_000), Fraction(1, 90_000)
            for part in fits.resample(frame) if fits else [frame]:
                file.mux(stream.encode(part))
        for part in fits.resample(None) if fits else []:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))


def sources(media: Path) -> list[tuple[str, str, Path]]:
    """(half, kind, file): clips long enough, one of each family, alternately for choosing and for judging."""
    with open(media / "MANIFEST.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    found: list[tuple[str, str, Path]] = []
    for group, kind, least, step in (("music", "audio", 9, 3), ("speech", "audio", 7, 5), ("video", "video", 4.5, 2)):
        some = [
            media / r["path"]
            for r in rows
            if r["group"] == group
            and float(r["duration_s"] or 0) >= least
            and not r["labels"].startswith(("montage", "synth"))
        ][::step]
        found += [(("choose", "judge")[i % 2], kind, p) for i, p in enumerate(some)]
    return found


def main() -> None:
    """Make, decode, search, count."""
    media, cache = Path(sys.argv[1]), Path(sys.argv[2])
    (cache / "made").mkdir(parents=True, exist_ok=True)
    reader = PyAvReader(cache)
    prints: dict[str, list[Fingerprint]] = defaultdict(list)
    what: dict[int, tuple[str, str, str]] = {}
    for half, kind, path in sources(media):
        for edit, (filters, codec, suffix) in (SOUND if kind == "audio" else PICTURE).items():
            name = re.sub(r"[^\w+-]+", "_", f"{path.stem}__{edit}") + suffix
            out = cache / "made" / name
            if not out.exists():
                seed = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)
                frames, rate = (
                    (sound(path, filters, seed), Fraction(RATE)) if kind == "audio" else pictures(path, filters)
                )
                part = out.with_name("part-" + out.name)
                write(part, frames, kind, codec, rate)
                part.rename(out)
            key = len(what) + 1
            sha256 = hashlib.sha256(out.read_bytes()).hexdigest()
            decoded = reader.decode(out, sha256, Limits())
            asset = Asset(
                key=AssetKey(key),
                item=ItemKey(key),
                uri=str(out),
                sha256=sha256,
                bytes=0,
                modified=0,
                probe=None,
                duration=None,
            )
            prints[half].append(fingerprint_of(asset, decoded))
            what[key] = (kind, path.name, edit)
    reader.close()
    print("# Near-duplicates made by script\n\n    python -m benchmarks.neardup_made SHARED/media CACHE\n")
    print(
        f"{datetime.date.today()}. Real clips edited with FFmpeg's filters; noise is seeded by the file's name. Bounds were "
        "chosen on the first half. The second half's table had been printed once before the last two settings (EVEN, WORKS) "
        "were set; it was not used for them. A film whose first seconds stand still has no pictures to be told by and is "
        "missed.\n"
    )
    for half in ("choose", "judge"):
        report(half, prints[half], what)


def report(half: str, prints: list[Fingerprint], what: dict[int, tuple[str, str, str]]) -> None:
    """What one half shows."""
    index = Index(prints)
    found, wrong, shared = set(), [], 0
    for asked in prints:
        for match in index.matches(asked):
            same = what[asked.asset][1] == what[match.other][1]
            if match.whole:
                found.add(frozenset((asked.asset, match.other)))
                if not same:
                    wrong.append((what[asked.asset], what[match.other]))
            elif not same:
                shared += 1
    of: dict[str, dict[str, int]] = defaultdict(dict)
    for key, (_, name, edit) in what.items():
        of[name][edit] = key
    mine = {p.asset for p in prints}
    direct: Counter[tuple[str, str]] = Counter()
    linked: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for name, edits in of.items():
        if edits["original"] not in mine:
            continue
        kind = what[edits["original"]][0]
        group, ahead = {edits["original"]}, [edits["original"]]
        while ahead:
            at = ahead.pop()
            for pair in found:
                if at in pair and (other := next(iter(pair - {at}))) not in group:
                    group.add(other)
                    ahead.append(other)
        for edit, key in edits.items():
            if edit != "original":
                total[kind, edit] += 1
                direct[kind, edit] += frozenset((key, edits["original"])) in found
                linked[kind, edit] += key in group
        missed = [e for e, k in edits.items() if k not in group]
        if missed:
            print(f"* missed in {name}: {', '.join(missed)}")
    strangers = sum(what[a.asset][1] != what[b.asset][1] for a in prints for b in prints) // 2
    print(f"\n## {'Bounds were chosen on these' if half == 'choose' else 'Held out'}\n")
    print(
        f"* {len(prints)} clips; {sum(total.values())} edits, {sum(linked.values()) / max(1, sum(total.values())):.3f} in their "
        f"original's family, {sum(direct.values()) / max(1, sum(total.values())):.3f} linked with it directly"
    )
    print(f"* {strangers} pairs of strangers: {len(wrong)} joined, {shared} said to share a stretch")
    print(f"* looked at {index.looked[0]} equal hashes and {index.looked[1]} alignments\n")
    print("| edit | clips | found directly | in the family |\n| --- | --- | --- | --- |")
    for (kind, edit), n in total.items():
        print(f"| {kind}: {edit} | {n} | {direct[kind, edit]} | {linked[kind, edit]} |")
    for a, b in wrong[:20]:
        print(f"* wrong: {a} and {b}")
    print()


if __name__ == "__main__":
    main()
