"""Why a file cannot be read, as a short code that scripts and people can sort by. Runs in the worker process only.

Takes a path that the decoder refused (or of which it decoded nothing) and looks at the bytes of the header itself: sizes that
point beyond the end, rates and channels that no sound has, a header with nothing after it. Every step is bounded; no library
parses anything here.

zero-bytes      nothing in it
truncated       it ends before its header does
not-media       a document, a program, a picture, notes without sound
playlist        it points at other files
encrypted       the samples are encrypted
lying-header    a size, a rate or a count in the header cannot be true
header-only     a header and next to nothing of sound or pictures
no-media        a container that declares no sound and no pictures
no-decoder      a kind of sound or picture that this build of FFmpeg has no reader for
no-samples      streams without one sample
corrupt-header  a known kind of file whose header or samples are damaged
unknown-format  nothing that a decoder knows
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

_HEAD = 1 << 20
_LEAST = 16
"""Bytes below which no container's header fits."""
_FASTEST, _MOST_CHANNELS = 3_072_000, 128
_PAYLOAD = 0.05
"""Share of a file below which what is not header is next to nothing."""
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"pnot")
_WTV = bytes.fromhex("b7d800203749da11a64e0007e95ead8d")
_WTV_LEAST = 0x40000
_EBML, _CLUSTER = b"\x1a\x45\xdf\xa3", b"\x1f\x43\xb6\x75"
_KNOWN = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3", b"FORM", b"FLV", b".RMF", b"MAC ", b"wvpk", _EBML, _WTV)


def refused(path: Path) -> str:
    """The code of a file that no demuxer opens and that says of itself nothing else than that it is media."""
    size = os.stat(path).st_size
    if size < _LEAST:
        return "truncated" if size else "zero-bytes"
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    if lies(head, size):
        return "lying-header"
    if head[4:8] in _BOXES:
        return "truncated" if _box_beyond(path, size) else "corrupt-header"
    if (
        (head.startswith(b".RMF") and b"DATA" not in head)
        or (head.startswith(_WTV) and size < _WTV_LEAST)
        or (head.startswith(_EBML) and size <= _HEAD and _CLUSTER not in head)
    ):
        return "header-only"
    if head.startswith(b"ADIF"):
        return "no-decoder"
    return "corrupt-header" if head.startswith(_KNOWN) or _mpeg_audio(head) else "unknown-format"


def undecoded(path: Path, streams: int, payload: int, failures: int) -> str:
    """The code of a file that opens and of which nothing is decoded.

    Args:
        streams: sound and picture streams that it declares.
        payload: bytes of their packets.
        failures: packets that could not be decoded.
    """
    size = os.stat(path).st_size
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    if lies(head, size):
        return "lying-header"
    if not streams:
        return "truncated" if head[4:8] in _BOXES and _box_beyond(path, size) else "no-media"
    if not failures:
        return "no-samples"
    return "header-only" if payload < _PAYLOAD * size else "corrupt-header"


def lies(head: bytes, size: int) -> bool:
    """Whether a WAVE or FLAC header states what cannot be: sizes beyond the file, rates and channels that no sound has."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return _wave_lies(head, size)
    if head[:4] == b"fLaC":
        return _flac_lies(head, size)
    return False


def _wave_lies(head: bytes, size: int) -> bool:
    place = 12
    while place + 8 <= len(head):
        name, length = head[place : place + 4], struct.unpack_from("<I", head, place + 4)[0]
        if name == b"fmt " and place + 16 <= len(head):
            channels, rate = struct.unpack_from("<HI", head, place + 10)
            if not 0 < rate <= _FASTEST or not 0 < channels <= _MOST_CHANNELS:
                return True
        elif name == b"data":
            return False  # one that is cut off short still plays
        elif place + 8 + length > size:
            return True
        place += 8 + length + length % 2
    return False


def _flac_lies(head: bytes, size: int) -> bool:
    place, last = 4, False
    while not last and place + 4 <= len(head):
        kind, last = head[place] & 0x7F, bool(head[place] & 0x80)
        length = int.from_bytes(head[place + 1 : place + 4], "big")
        body = head[place + 4 : place + 4 + length]
        if place + 4 + length > size:
            return True
        if kind == 4 and len(body) >= 8:  # comments: a vendor, then a count of comments of 4 bytes or more each
            vendor = int.from_bytes(body[:4], "little")
            count = int.from_bytes(body[4 + vendor : 8 + vendor], "little")
            if vendor + 8 > length or count * 4 > length:
                return True
        place += 4 + length
    return False


def _box_beyond(path: Path, size: int) -> bool:
    """Whether a top-level box of an ISO file other than its samples ends beyond the file, or the samples do without an index."""
    seen = set()
    for name, end in _boxes(path, size):
        seen.add(name)
        if end > size:
            return name != b"mdat" or b"moov" not in seen
    return False


def _boxes(path: Path, size: int) -> Iterator[tuple[bytes, int]]:
    place = 0
    with open(path, "rb") as file:
        for _ in range(1_000):
            file.seek(place)
            header = file.read(16)
            if len(header) < 8 or not header[4:8].strip().isalnum():
                return
            length, name = int.from_bytes(header[:4], "big"), header[4:8]
            if length == 1 and len(header) == 16:
                length = int.from_bytes(header[8:16], "big")
            end = size if length == 0 else place + length
            yield name, end
            if end <= place or end >= size:
                return
            place = end


def _mpeg_audio(head: bytes) -> bool:
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
