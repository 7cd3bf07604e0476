"""Where the key that locks a home's keys comes from: VITASCOPE_KEY_FILE, VITASCOPE_KEY, the system's keyring. Knows no home.

Such a key is 32 random bytes as 64 hexadecimal digits, or a passphrase of at least 12 characters, from which the bytes are made
with scrypt (RFC 7914, N = 2^15, r = 8, p = 1) and the salt that the envelope keeps. It is never written by us, except where a
new file or a keyring entry is asked for, and never logged.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vitascope.backends.home._disk import guard, write_private
from vitascope.base.errors import ConfigError, UsageError

FILE, TEXT = "VITASCOPE_KEY_FILE", "VITASCOPE_KEY"
SERVICE = "vitascope"
"""Name of our entries in the keyring; the entry's user name is the envelope's id."""
REMEDY = (
    f"set {FILE} to a file that holds the key, or {TEXT} to the key itself, or keep it in the system's keyring "
    "(`vitascope privacy key --new FILE` makes one)"
)
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_SHORTEST = 12
_MOST = 4_096


def secret(keyring_name: str | None = None, environment: Mapping[str, str] | None = None) -> str | None:
    """The text of the key, from the first place that has one; None where none has.

    Args:
        keyring_name: the entry to look up in the keyring; None: the keyring is not asked.
        environment: variables; default those of this process.

    Raises:
        ConfigError: a place is named and holds no usable key.
    """
    stated = os.environ if environment is None else environment
    if file := stated.get(FILE):
        return read_file(Path(file))
    if text := stated.get(TEXT):
        return checked(text.strip(), TEXT)
    return None if keyring_name is None else _from_keyring(keyring_name)


def read_file(path: Path) -> str:
    """The key that a file holds. Raises ConfigError."""
    try:
        with path.expanduser().open("rb") as file:
            text = file.read(_MOST).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("the key file cannot be read", place=str(path), remedy=REMEDY) from error
    return checked(text, str(path))


def checked(text: str, place: str) -> str:
    """A usable key, or ConfigError."""
    if len(text) < _SHORTEST:
        raise ConfigError(
            f"a key is 64 hexadecimal digits, or a passphrase of at least {_SHORTEST} characters",
            place=place,
            remedy=REMEDY,
        )
    return text


def is_random(text: str) -> bool:
    """Whether a key is 32 bytes in hexadecimal, and no passphrase."""
    return _HEX.fullmatch(text) is not None


def bytes_of(text: str, salt: bytes) -> bytes:
    """The 32 bytes of a key; the salt counts for passphrases alone."""
    if is_random(text):
        return bytes.fromhex(text)
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=1 << 15, r=8, p=1).derive(text.encode())


def make_file(path: Path) -> str:
    """Make a new random key in a new file of mode 600; answers its text. Raises UsageError where the file exists."""
    with guard(path):
        if path.exists():
            raise UsageError("this file exists already", place=str(path), remedy="name a new file")
        if not path.absolute().parent.is_dir():
            raise UsageError("there is no such folder", place=str(path.absolute().parent), remedy="make it first")
    text = secrets.token_hex(32)
    write_private(path.absolute(), text.encode() + b"\n")
    return text


def into_keyring(name: str, text: str) -> None:
    """Keep a key in the system's keyring. Raises ConfigError where there is none."""
    try:
        _keyring().set_password(SERVICE, name, text)
    except Exception as error:
        raise _no_keyring() from error


def _from_keyring(name: str) -> str | None:
    try:
        found = _keyring().get_password(SERVICE, name)
    except Exception:  # whatever a desktop's keyring raises, it is no key
        return None
    return found if isinstance(found, str) and len(found) >= _SHORTEST else None


def _keyring() -> Any:
    import importlib

    return importlib.import_module("keyring")  # optional: `pip install keyring`


def _no_keyring() -> ConfigError:
    return ConfigError(
        "the system has no keyring that could keep a key", place="keyring", remedy=f"pip install keyring, or set {FILE}"
    )
