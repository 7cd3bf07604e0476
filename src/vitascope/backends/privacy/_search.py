"""Looks for texts in raw files, as they stand and after undoing what may wrap them. Takes folders; knows no home and no key.

Forms: UTF-8, UTF-16 (both orders), base64 and base64url at each of three alignments, hexadecimal (both cases), percent-encoding.
Undone: zip (and what is one: .npz, .docx), gzip, zlib, zstd, Parquet, SQLite (every value of every row, besides the pages as they
stand). What is inside what was undone is looked through again, to a depth of three.
"""

from __future__ import annotations

import base64
import contextlib
import io
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from vitascope.base.privacy import Searched, Trace

MOST = 256 << 20
"""Bytes of one file or unwrapped stream that are looked through; larger ones are named as unread beyond that."""
_DEPTH = 3
_SHORTEST = 6
_ZSTD, _PARQUET, _SQLITE, _GZIP = b"\x28\xb5\x2f\xfd", b"PAR1", b"SQLite format 3\0", b"\x1f\x8b"


def forms(canary: str) -> dict[bytes, str]:
    """Byte strings that give a text away, by the form they are."""
    plain = canary.encode("utf-8")
    found = {
        plain: "utf-8",
        canary.encode("utf-16-le"): "utf-16",
        canary.encode("utf-16-be"): "utf-16",
        plain.hex().encode(): "hex",
        plain.hex().upper().encode(): "hex",
        quote(canary, safe="").encode(): "percent",
        "".join(f"%{byte:02X}" for byte in plain).encode(): "percent",
        "".join(f"%{byte:02x}" for byte in plain).encode(): "percent",
    }
    for shift in range(3):  # the bytes before decide how the middle reads; edges that they share are cut off
        for code in (base64.b64encode, base64.urlsafe_b64encode):
            text = code(b"\0" * shift + plain)
            start, end = (0, 2, 3)[shift], len(text) - (0, 3, 2)[(len(plain) + shift) % 3]
            if end - start >= _SHORTEST:
                found.setdefault(text[start:end], "base64")
    unescaped = canary.encode("unicode_escape")
    found.setdefault(unescaped, "escaped")
    return {needle: form for needle, form in found.items() if len(needle) >= 4}


class Search:
    """A search for some texts."""

    def __init__(self, canaries: Sequence[str]) -> None:
        self._needles = [(i, needle, form) for i, text in enumerate(canaries) for needle, form in forms(text).items()]
        self._found: dict[tuple[int, str, str], Trace] = {}
        self._unread: list[str] = []
        self._files = self._bytes = self._rows = 0

    def folders(self, roots: Iterable[Path]) -> None:
        """Look through all files below some folders, and at their names; links are not followed."""
        for root in roots:
            for path in _walk(root):
                place = str(path.relative_to(root)) if path != root else path.name
                self._look(os.fsencode(place), place, "name")
                try:
                    with path.open("rb") as file:
                        data = file.read(MOST + 1)
                except OSError:
                    self._unread.append(place)
                    continue
                self._files += 1
                if len(data) > MOST:
                    self._unread.append(place)
                self.data(data, place)

    def values(self, values: Iterable[tuple[str, bytes]]) -> None:
        """Look through values that were read with the keys."""
        for place, data in values:
            self._rows += 1
            self.data(data, place)

    def data(self, data: bytes, place: str, form: str = "", depth: int = 0) -> None:
        """Look through bytes, and what is wrapped in them."""
        self._bytes += len(data)
        self._look(data, place, form)
        if depth < _DEPTH:
            for name, inner in unwrapped(data):
                self.data(inner, place, f"{form}{name} > ", depth + 1)

    def _look(self, data: bytes, place: str, form: str) -> None:
        for canary, needle, kind in self._needles:
            if needle in data:
                told = f"{form}{kind}" if not form or form.endswith("> ") else form
                self._found.setdefault((canary, place, told), Trace(canary=canary, place=place, form=told))

    @property
    def result(self) -> Searched:
        """What was found."""
        return Searched(
            files=self._files,
            bytes=self._bytes,
            rows=self._rows,
            found=tuple(self._found.values()),
            unread=tuple(self._unread),
        )


def unwrapped(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is wrapped in some bytes, by the wrapping's name; what does not open is passed over."""
    if data[:4] == b"PK\x03\x04" or data[-22:-18] == b"PK\x05\x06":
        with contextlib.suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                with contextlib.suppress(Exception), archive.open(member) as inside:
                    yield "zip", inside.read(MOST)
    if data[:2] == _GZIP:
        yield from _inflated("gzip", data, 31)
    for start in (0, 1):  # our own packed records say in a byte before it that they are deflated
        if data[start : start + 1] == b"\x78" and len(data) > start + 8:
            yield from _inflated("zlib", data[start:], 15)
    if data[:4] == _ZSTD:
        with contextlib.suppress(Exception):
            import pyarrow as pa

            with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
                yield "zstd", stream.read(MOST)
    if data[:4] == _PARQUET:
        with contextlib.suppress(Exception):
            import pyarrow.parquet as pq

            table = pq.read_table(io.BytesIO(data))
            yield "parquet", repr(table.to_pylist()).encode("utf-8", "surrogatepass")
    if data[: len(_SQLITE)] == _SQLITE:
        for value in _rows(data):
            yield "sqlite", value


def _inflated(name: str, data: bytes, bits: int) -> Iterator[tuple[str, bytes]]:
    with contextlib.suppress(zlib.error):
        yield name, zlib.decompressobj(bits).decompress(data, MOST)


def _rows(data: bytes) -> Iterator[bytes]:
    """Every value of a SQLite file, joined over its pages. The write-ahead log is looked through as it stands."""
    import sqlite3

    with tempfile.NamedTemporaryFile(suffix=".db") as copy:
        # Bytes 18 and 19 say "write-ahead log"; a copy without one is read as it stands.
        copy.write(data[:18] + b"\1\1" + data[20:])
        copy.flush()
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(copy.name)) as connection:
            connection.text_factory = bytes
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                quoted = '"' + bytes(name).decode("utf-8", "replace").replace('"', '""') + '"'
                with contextlib.suppress(sqlite3.Error):
                    for row in connection.execute(f"SELECT * FROM {quoted}"):
                        yield from (value for value in row if isinstance(value, bytes))


def _walk(root: Path) -> Iterator[Path]:
    if root.is_file() and not root.is_symlink():
        yield root
        return
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink():
                yield path
