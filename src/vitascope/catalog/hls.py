"""HLS (RFC 8216): the newest part of a live stream, as bytes that a decoder reads.

Takes a fetcher and an address; gives the last segments joined (MPEG-TS, or fragmented MP4 after its map), and whether the
stream has ended. Hostile: playlists and segments are bounded, every address is checked by the fetcher, encrypted streams and
byte ranges are refused; nothing here is decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from vitascope.base.errors import InputError, without_secret
from vitascope.base.ports.media import Fetcher

_PLAYLIST_BYTES, _SEGMENT_BYTES, _MOST = 2_000_000, 64 << 20, 64
_NAMED = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


@dataclass(frozen=True)
class Tail:
    """The newest part of a stream."""

    data: bytes
    seconds: float
    ended: bool
    suffix: str
    """.ts or .mp4"""


@dataclass(frozen=True)
class Segments:
    """A media playlist."""

    addresses: tuple[tuple[str, float], ...]
    """(address, seconds), oldest first."""
    map: str | None
    ended: bool


def last_part(fetcher: Fetcher, address: str, seconds: float, private: bool = False) -> Tail:
    """The last segments that reach over `seconds`.

    Raises:
        InputError: no HLS playlist, an encrypted one, or one without segments.
        FetchError, Refused.
    """
    media = address
    text = _playlist(fetcher, media, private)
    variants = _variants(text, media)
    if variants:
        media = min(variants)[1]
        text = _playlist(fetcher, media, private)
    found = segments(text, media)
    wanted: list[tuple[str, float]] = []
    for one in reversed(found.addresses[-_MOST:]):
        wanted.insert(0, one)
        if sum(length for _, length in wanted) >= seconds:
            break
    if not wanted:
        raise InputError("the stream has no segments", place=without_secret(address), remedy="wait until it is on air")
    parts = [] if found.map is None else [fetcher.fetch(found.map, _SEGMENT_BYTES, private)]
    parts += [fetcher.fetch(one, _SEGMENT_BYTES, private) for one, _ in wanted]
    length = sum(length for _, length in wanted)
    return Tail(b"".join(parts), length, found.ended, ".ts" if found.map is None else ".mp4")


def segments(text: str, address: str) -> Segments:
    """Read a media playlist. Raises InputError."""
    found: list[tuple[str, float]] = []
    length, started, ended = 0.0, None, False
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("#EXTINF:"):
            length = _seconds(line[8:])
        elif line.startswith("#EXT-X-ENDLIST"):
            ended = True
        elif line.startswith("#EXT-X-KEY:") and _attributes(line).get("METHOD") != "NONE":
            raise InputError("the stream is encrypted", place=without_secret(address), remedy="name one that is not")
        elif line.startswith("#EXT-X-BYTERANGE"):
            raise InputError("it names byte ranges", place=without_secret(address), remedy="serve whole segments")
        elif line.startswith("#EXT-X-MAP:"):
            started = urljoin(address, _attributes(line).get("URI", ""))
        elif line and not line.startswith("#"):
            found.append((urljoin(address, line), length))
            length = 0.0
    return Segments(tuple(found), started, ended)


def _playlist(fetcher: Fetcher, address: str, private: bool) -> str:
    text = fetcher.fetch(address, _PLAYLIST_BYTES, private).decode("utf-8", "replace")
    if not text.lstrip("\ufeff \r\n").startswith("#EXTM3U"):
        raise InputError("it is no HLS playlist", place=without_secret(address), remedy="name the address of an .m3u8")
    return text


def _variants(text: str, address: str) -> list[tuple[int, str]]:
    """(bits a second, address) of a master playlist; the cheapest says what happens as well as the dearest."""
    out: list[tuple[int, str]] = []
    told: dict[str, str] | None = None
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("#EXT-X-STREAM-INF:"):
            told = _attributes(line)
        elif line and not line.startswith("#") and told is not None:
            bits = told.get("BANDWIDTH", "0")
            out.append((int(bits) if bits.isdigit() else 0, urljoin(address, line)))
            told = None
    return out


def _attributes(line: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _NAMED.findall(line.partition(":")[2])}


def _seconds(text: str) -> float:
    found = re.match(r"\s*(\d{1,6}(?:\.\d{1,6})?)", text)
    return float(found.group(1)) if found else 0.0
