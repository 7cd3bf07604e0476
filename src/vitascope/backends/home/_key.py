"""The home's key: 32 random bytes, as hex text in a file of mode 600. Never logged, never in a backup unless asked."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from vitascope.backends.home._disk import PRIVATE_FILE, guard, write_private
from vitascope.base.errors import HomeDamaged

KEY_BYTES = 32
_REMEDY = "put the `key` file of this home back (it is kept apart from backups)"


def make(path: Path) -> bytes:
    """Make a new key file."""
    key = secrets.token_bytes(KEY_BYTES)
    write_private(path, key.hex().encode() + b"\n")
    return key


def read(path: Path) -> bytes:
    """Read a key file; a mode that lets others read it is tightened.

    Raises:
        HomeDamaged: missing, or not a key.
    """
    if not path.exists():
        raise HomeDamaged("the key is missing", place=str(path), remedy=_REMEDY)
    with guard(path):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            os.chmod(path, PRIVATE_FILE)
        with path.open("rb") as file:
            text = file.read(200)
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:  # also UnicodeDecodeError
        key = b""
    if len(key) != KEY_BYTES:
        raise HomeDamaged("this is no key", place=str(path), remedy=_REMEDY)
    return key
