"""Sealed files: written from front to back, read from anywhere. Takes a key and a file; knows not what is in it.

Magic, 16 bytes of salt, then pieces of 64 KiB, each sealed with AES-256-GCM. The key of a file is derived from the vault and
its salt (HKDF-SHA256), so that a piece's number can be its nonce; the last piece is marked as such in what is authenticated, so
that a file which was cut, reordered or joined does not open (STREAM: Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from vitascope.base.errors import HomeDamaged

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"VSEALED1"
_SALT, _TAG = 16, 16
PIECE = 1 << 16
_HEAD = len(MAGIC) + _SALT
_STORED = PIECE + _TAG


def is_sealed(file: Path) -> bool:
    """Whether a file begins as one of ours."""
    with file.open("rb") as raw:
        return raw.read(len(MAGIC)) == MAGIC


def seal_bytes(vault: bytes, purpose: bytes, data: bytes) -> bytes:
    """A whole sealed file in memory."""
    out = io.BytesIO()
    writer = SealedWriter(out, vault, purpose)
    writer.write(data)
    writer.finish()
    return out.getvalue()


def open_bytes(vault: bytes, purpose: bytes, data: bytes) -> bytes:
    """Undo `seal_bytes`. Raises HomeDamaged."""
    return SealedReader(io.BytesIO(data), vault, purpose, "sealed data").readall()


class SealedWriter(io.RawIOBase):
    """Seals what is written into an open file; `finish` writes the last piece and leaves the file open."""

    def __init__(self, out: IO[bytes], vault: bytes, purpose: bytes) -> None:
        salt = os.urandom(_SALT)
        self._out, self._aes = out, _aes(vault, salt, purpose)
        self._rest, self._number, self._done = bytearray(), 0, False
        out.write(MAGIC + salt)

    def writable(self) -> bool:
        """Yes; it cannot be read or moved in."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes."""
        view = memoryview(data).cast("B")
        self._rest += view
        while len(self._rest) > PIECE:  # a full piece stays until more comes: it may be the last
            self._piece(bytes(self._rest[:PIECE]), last=False)
            del self._rest[:PIECE]
        return len(view)

    def finish(self) -> None:
        """Write the last piece."""
        if not self._done:
            self._done = True
            self._piece(bytes(self._rest), last=True)

    def _piece(self, data: bytes, last: bool) -> None:
        self._out.write(self._aes.encrypt(_nonce(self._number), data, _mark(last)))
        self._number += 1


class SealedReader(io.RawIOBase):
    """What is in a sealed file, read from anywhere.

    Raises:
        HomeDamaged: another key, changed or missing bytes, or no sealed file.
    """

    def __init__(self, source: IO[bytes], vault: bytes, purpose: bytes, place: str) -> None:
        self._source, self._place = source, place
        source.seek(0, io.SEEK_END)
        body = source.tell() - _HEAD
        source.seek(0)
        head = source.read(_HEAD)
        if len(head) < _HEAD or head[: len(MAGIC)] != MAGIC or body < _TAG:
            raise self._damaged()
        self._aes = _aes(vault, head[len(MAGIC) :], purpose)
        self._pieces = -(-body // _STORED)
        self._size = body - self._pieces * _TAG
        end = body - (self._pieces - 1) * _STORED
        # the last of several pieces holds at least a byte: less is a file that was cut, whose end nobody would come to read
        if end < _TAG or (end == _TAG and self._pieces > 1):
            raise self._damaged()
        self._at, self._kept = 0, (-1, b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what is left of the present piece."""
        view = memoryview(buffer).cast("B")
        number, start = divmod(self._at, PIECE)
        if not view or self._at >= self._size:
            if self._size == 0 and self._kept[0] < 0:
                self._piece(0)  # an empty file is authenticated too
            return 0
        data = self._piece(number)[start : start + len(view)]
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _piece(self, number: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        if self._kept[0] != number:
            self._source.seek(_HEAD + number * _STORED)
            blob = self._source.read(_STORED)
            try:
                data = self._aes.decrypt(_nonce(number), blob, _mark(number == self._pieces - 1))
            except (InvalidTag, ValueError) as error:
                raise self._damaged() from error
            self._kept = (number, data)
        return self._kept[1]

    def _damaged(self) -> HomeDamaged:
        return HomeDamaged(
            "this sealed file is damaged, or does not open with this key",
            place=self._place,
            remedy="use the key it was made with, or another copy",
        )


def _aes(vault: bytes, salt: bytes, purpose: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"vitascope file 1 " + purpose
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(vault))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _mark(last: bool) -> bytes:
    return b"last" if last else b"more"
