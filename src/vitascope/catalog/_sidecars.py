"""Subtitles and lyrics beside a media file: .srt, .vtt, .ass, .lrc.

Takes paths, gives records; every file is hostile, so sizes are bounded and bad cues dropped. Knows no store.
"""

from __future__ import annotations

import os
import re
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from vitascope.base.errors import InputError
from vitascope.base.media import Asset, Cue, Subtitles
from vitascope.base.time import Span
from vitascope.catalog import _text as text

SUBTITLES = (".srt", ".vtt", ".ass", ".ssa", ".lrc")
_BYTES = 8_000_000
_CUES = 20_000
_LRC = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")


def sidecar_subtitles(asset: Asset) -> tuple[Subtitles, ...]:
    """Subtitles and lyrics beside a local asset: `NAME.srt`, `NAME.en.vtt`, `NAME.lrc`; unreadable ones are left out."""
    if "://" in asset.uri:
        return ()
    found = []
    for path in subtitle_files(Path(asset.uri)):
        try:
            found.append(read_subtitles(path))
        except InputError:
            continue
    return tuple(s for s in found if s.cues)


def subtitle_files(media: Path) -> list[Path]:
    """Subtitle files that belong to a media file by name, in order of name."""
    try:
        names = _names(str(media.parent), os.stat(media.parent).st_mtime_ns)
    except OSError:
        return []
    stem = media.stem
    return [
        media.parent / name
        for name in names
        if name.startswith(stem) and re.fullmatch(r"(?:\.[\w-]{1,20}){0,3}", name[len(stem) : name.rfind(".")] or "")
    ]


@lru_cache(maxsize=64)
def _names(folder: str, _changed: int) -> tuple[str, ...]:
    return tuple(sorted(n for n in os.listdir(folder) if n.lower().endswith(SUBTITLES)))


def read_subtitles(path: Path) -> Subtitles:
    """Parse one file. Raises InputError."""
    written = decode_text(bounded(path, _BYTES))
    suffix = path.suffix.lower()
    cues = _lrc(written) if suffix == ".lrc" else _timed(written, suffix, path)
    language = None
    for part in reversed(path.stem.split(".")[1:]):
        try:
            if 2 <= len(part) <= 7:
                language = text.language_code(part)
                break
        except ValueError:
            continue
    if language in {"sdh", "cc", "hi"} and len(path.stem.split(".")) < 3:
        language = None
    return Subtitles(language=language, cues=tuple(cues), source=path.name.encode("utf-8", "replace").decode())


def bounded(path: Path, limit: int) -> bytes:
    """A file's bytes. Raises InputError where it cannot be read or is longer than `limit`."""
    try:
        if not path.is_file():
            raise InputError("it is no file", place=str(path), remedy="remove it")
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror})", place=str(path), remedy="make it readable") from error
    if len(data) > limit:
        raise InputError(f"it is longer than {limit:,} bytes", place=str(path), remedy="remove it or cut it")
    return data


def decode_text(data: bytes) -> str:
    """Bytes of an unknown encoding as text: by its mark, else UTF-8, else GB18030 where that gives Chinese, else 1252."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        chinese = data.decode("gb18030")
        wide = [c for c in chinese if ord(c) > 127]
        common = sum("\u4e00" <= c <= "\u9fff" or c in "，。？！、：；“”‘’（）《》…—" for c in wide)
        if wide and common >= 0.9 * len(wide):
            return chinese
    except UnicodeDecodeError:
        pass
    return data.decode("cp1252", "replace")


def _timed(written: str, suffix: str, path: Path) -> list[Cue]:
    import pysubs2

    form = {".srt": "srt", ".vtt": "vtt"}.get(suffix, "ass")
    try:
        events = pysubs2.SSAFile.from_string(written.replace("\r\n", "\n"), format_=form).events
    except Exception as error:  # the library bounds nothing: a hostile file ends in whatever its parser trips over
        raise InputError(
            f"it is no {form} file ({type(error).__name__})", place=str(path), remedy="save it again as SubRip"
        ) from error
    cues = []
    for event in events[:_CUES]:
        said = text.clean(_TAG.sub("", event.plaintext), 2_000)
        if said and 0 <= event.start <= event.end < 10**9 and not event.is_comment:
            span = Span(start=Fraction(event.start, 1000), end=Fraction(event.end, 1000))
            cues.append(Cue(span=span, text=said))
    return sorted(cues, key=lambda c: c.span.start)


def _lrc(written: str) -> list[Cue]:
    """Lyrics: a line lasts until the next one starts, the last one four seconds."""
    starts: list[tuple[Fraction, str]] = []
    for line in written.splitlines()[:_CUES]:
        marks = list(_LRC.finditer(line))
        if not marks:
            continue
        said = text.clean(_TAG.sub("", line[marks[-1].end() :]), 2_000)
        for mark in marks:
            part = mark[3] or "0"
            starts.append((Fraction(int(mark[1]) * 60 + int(mark[2])) + Fraction(int(part), 10 ** len(part)), said))
    starts.sort(key=lambda s: s[0])
    ends = [start for start, _ in starts[1:]] + [starts[-1][0] + 4 if starts else Fraction(0)]
    return [Cue(span=Span(start=s, end=e), text=said) for (s, said), e in zip(starts, ends, strict=True) if said]
