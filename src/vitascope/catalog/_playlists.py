"""Playlists: M3U and M3U8 as lists, PLS, XSPF. What stands in them, in order; and where an entry leads.

Takes bytes and paths; gives entries. Hostile: a playlist is only ever a list of names. An entry leads to a file inside the
playlist's own folder (links followed), to an http(s) address, or nowhere; what it names is not opened here. Formats: M3U with
#EXTINF, #PLAYLIST, #EXTALB; PLS (File1, Title1, Length1); XSPF 1 (xspf.org).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from vitascope.base.errors import InputError
from vitascope.catalog import _text as text
from vitascope.catalog import _timed
from vitascope.catalog._sidecars import bounded, decode_text

PLAYLISTS = frozenset((".m3u", ".m3u8", ".pls", ".xspf"))
ENTRIES = 10_000
_BYTES = 10_000_000
_XSPF = "{http://xspf.org/ns/0/}"
_EXTINF = re.compile(r"#EXTINF:\s*(-?\d+(?:\.\d+)?)[^,]*,?(.*)", re.S)


class HostilePlaylist(InputError):
    """A playlist that leads out of its folder."""

    code = "hostile-playlist"


@dataclass(frozen=True)
class Listed:
    """One entry."""

    location: str
    title: str | None = None
    creator: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Playlist:
    """A list in order."""

    name: str
    entries: tuple[Listed, ...]


def read_playlist(path: Path) -> Playlist:
    """Read one file.

    Raises:
        InputError: not readable, too long, no playlist; or an HLS playlist, which lists the pieces of one stream.
    """
    data = bounded(path, _BYTES)
    if not data.strip():
        raise InputError("the playlist is empty", place=str(path), remedy="remove it")
    if b"\0" in data[:4_000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("it is no playlist but binary data", place=str(path), remedy="remove it, or correct its name")
    if path.suffix.lower() == ".xspf":
        name, entries = _xspf(data, path)
    elif path.suffix.lower() == ".pls":
        name, entries = _pls(decode_text(data))
    else:
        written = decode_text(data)
        if re.search(r"^#EXT-X-", written, re.M):
            raise InputError(
                "it is an HLS playlist: the list of a stream's pieces, no media",
                place=str(path),
                remedy="join the stream into one file (yt-dlp or ffmpeg do so) and ingest that",
            )
        name, entries = _m3u(written)
    if not entries:
        raise InputError("no entry of the playlist can be read", place=str(path), remedy="save it again as M3U8")
    shown = path.stem.encode("utf-8", "replace").decode()
    return Playlist(name or text.clean(shown, 200), tuple(entries[:ENTRIES]))


def _m3u(written: str) -> tuple[str, list[Listed]]:
    name, found = "", []
    title: str | None = None
    length: float | None = None
    for line in written.splitlines():
        line = line.strip()
        if line.upper().startswith("#PLAYLIST:"):
            name = text.clean(line[10:], 200)
        elif line.startswith("#EXTINF:") and (told := _EXTINF.fullmatch(line)):
            length, title = _timed.seconds(float(told[1])) or None, text.clean(told[2], text.TITLE) or None
        elif line and not line.startswith("#"):
            found.append(Listed(line[:4_000], title, None, length))
            title, length = None, None
        if len(found) >= ENTRIES:
            break
    return name, found


def _pls(written: str) -> tuple[str, list[Listed]]:
    told: dict[int, dict[str, str]] = {}
    for line in written.splitlines():
        entry = re.fullmatch(r"\s*(File|Title|Length)(\d{1,6})\s*=\s*(.*?)\s*", line, re.I)
        if entry and len(told) < ENTRIES + 1:
            told.setdefault(int(entry[2]), {})[entry[1].lower()] = entry[3]
    found = [
        Listed(
            t["file"][:4_000],
            text.clean(t.get("title", ""), text.TITLE) or None,
            None,
            _timed.seconds(t.get("length", "").lstrip("-")) or None
            if not t.get("length", "").startswith("-")
            else None,
        )
        for _, t in sorted(told.items())
        if t.get("file")
    ]
    return "", found


def _xspf(data: bytes, path: Path) -> tuple[str, list[Listed]]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise InputError(
            f"it is no XSPF that can be read ({type(error).__name__})", place=str(path), remedy="save it again"
        ) from error

    def one(element: Any, name: str, limit: int = 300) -> str | None:
        said = element.find(_XSPF + name)
        return text.plain(said.text, limit) or None if said is not None and said.text else None

    found = []
    for track in root.iterfind(f"{_XSPF}trackList/{_XSPF}track"):
        place = track.find(_XSPF + "location")
        if place is None or not place.text or not place.text.strip():
            continue
        length = one(track, "duration")
        found.append(
            Listed(
                place.text.strip()[:4_000],
                one(track, "title", text.TITLE),
                one(track, "creator"),
                int(length) / 1000 if length and re.fullmatch(r"\d{1,9}", length) else None,
            )
        )
        if len(found) >= ENTRIES:
            break
    return one(root, "title", 200) or "", found


def inside_of(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder once every link is followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def leads_to(entry: Listed, folder: Path, root: Path, percent: bool) -> Path | str | None:
    """Where an entry leads: a path inside `root` (whether or not there is a file), an http(s) address, or None for outside.

    Args:
        folder: the playlist's own, from which relative names count.
        percent: whether names are written as URIs (XSPF).
    """
    said = entry.location
    if said.startswith(("http://", "https://")):
        return said
    if said.startswith("file:"):
        said = unquote(urlsplit(said).path)
    elif re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", said):
        return None
    candidates = [unquote(said)] if percent else [said, unquote(said)]
    candidates += [c.replace("\\", "/") for c in candidates if "\\" in c]
    inside: Path | None = None
    for name in candidates:
        if "\0" in name:
            continue
        path = Path(os.path.normpath(folder / name))
        if not inside_of(path, root):
            continue
        if path.is_file():
            return path
        inside = inside or path
    return inside
