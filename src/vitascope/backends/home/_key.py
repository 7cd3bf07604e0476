"""The home's keys: 32 random bytes, as hex text in a file of mode 600. Never logged, never in a backup unless asked.

A home that is encrypted as a whole holds an envelope in that file instead: the home's key and a second one, the vault, sealed
(AES-256-GCM) once for each key that may open it. Such a locking key stands outside the home (`_kek`), so the file alone opens
nothing, and changing it rewrites this small file alone: who has the home open goes on.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field, ValidationError

from vitascope.backends.home import _kek
from vitascope.backends.home._disk import PRIVATE_FILE, guard, write_private
from vitascope.base.errors import ConfigError, HomeDamaged, HomeTooNew
from vitascope.base.records import Record

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
FORMAT = 1
_REMEDY = "put the `key` file of this home back (it is kept apart from backups)"
_AAD = b"vitascope key envelope 1"
_SALT = 16
_NONCE = 12
_MOST = 1 << 16


class Keys(NamedTuple):
    """What opens a home."""

    key: bytes
    """Personal values, digests, pseudonyms."""
    vault: bytes | None = None
    """Pages, records, files; None: the home is not encrypted as a whole."""


class Lock(Record):
    """The keys of a home, sealed for one locking key."""

    salt: str = Field(pattern=r"^[0-9a-f]{32}$")
    sealed: str = Field(pattern=r"^[0-9a-f]+$", max_length=512)


class Envelope(Record):
    """What the `key` file of an encrypted home holds."""

    format: int
    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    """Names the home in a keyring; says nothing."""
    locks: tuple[Lock, ...] = Field(min_length=1, max_length=8)


def make(path: Path) -> Keys:
    """Make the key file of a plain home."""
    keys = Keys(secrets.token_bytes(KEY_BYTES))
    write(path, keys)
    return keys


def new() -> Keys:
    """Keys of a new encrypted home."""
    return Keys(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))


def write(path: Path, keys: Keys) -> None:
    """Write a plain key file."""
    assert keys.vault is None, "the keys of an encrypted home are written sealed"
    write_private(path, keys.key.hex().encode() + b"\n")


def is_sealed(path: Path) -> bool:
    """Whether a key file holds an envelope."""
    with guard(path), path.open("rb") as file:
        return file.read(1) == b"{"


def envelope(path: Path) -> Envelope:
    """The envelope of an encrypted home. Raises HomeDamaged, HomeTooNew."""
    with guard(path), path.open("rb") as file:
        text = file.read(_MOST)
    try:
        found = Envelope.model_validate_json(text)
    except ValidationError as error:
        raise HomeDamaged("this is no key", place=str(path), remedy=_REMEDY) from error
    if found.format != FORMAT:
        raise HomeTooNew(
            "this key file was made by a newer Vitascope", place=str(path), remedy="install the newer version"
        )
    return found


def read(path: Path, environment: Mapping[str, str] | None = None) -> Keys:
    """Read a key file; a mode that lets others read it is tightened.

    Raises:
        HomeDamaged: missing, or not a key. ConfigError: an envelope, and no key at hand opens it.
    """
    if not path.exists():
        raise HomeDamaged("the key is missing", place=str(path), remedy=_REMEDY)
    with guard(path):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            os.chmod(path, PRIVATE_FILE)
    if is_sealed(path):
        found = envelope(path)
        text = _kek.secret(found.id, environment)
        if text is None:
            raise ConfigError(
                "this home is encrypted, and the key that opens it is not at hand", place=str(path), remedy=_kek.REMEDY
            )
        return unlock(found, text, path)
    with guard(path), path.open("rb") as file:
        plain = file.read(200)
    try:
        key = bytes.fromhex(plain.decode("ascii").strip())
    except ValueError:  # also UnicodeDecodeError
        key = b""
    if len(key) != KEY_BYTES:
        raise HomeDamaged("this is no key", place=str(path), remedy=_REMEDY)
    return Keys(key)


def lock(keys: Keys, text: str) -> Lock:
    """Seal a home's keys for one locking key."""
    assert keys.vault is not None
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    return Lock(salt=salt.hex(), sealed=(nonce + _aes(text, salt).encrypt(nonce, keys.key + keys.vault, _AAD)).hex())


def sealed(keys: Keys, text: str, name: str | None = None) -> Envelope:
    """A new envelope with one lock."""
    return Envelope(format=FORMAT, id=name or secrets.token_hex(8), locks=(lock(keys, text),))


def write_envelope(path: Path, new: Envelope) -> None:
    """Write it, whole or not at all."""
    write_private(path, new.model_dump_json().encode() + b"\n")


def unlock(found: Envelope, text: str, path: Path) -> Keys:
    """Open an envelope. Raises ConfigError where the key opens none of its locks."""
    for one in found.locks:
        if (keys := opens(one, text)) is not None:
            return keys
    raise ConfigError("the key does not open this home", place=str(path), remedy=_kek.REMEDY)


def opens(one: Lock, text: str) -> Keys | None:
    """The keys behind a lock; None where this is not its key."""
    from cryptography.exceptions import InvalidTag

    blob = bytes.fromhex(one.sealed)
    try:
        both = _aes(text, bytes.fromhex(one.salt)).decrypt(blob[:_NONCE], blob[_NONCE:], _AAD)
    except (InvalidTag, ValueError):
        return None
    return Keys(both[:KEY_BYTES], both[KEY_BYTES:]) if len(both) == 2 * KEY_BYTES else None


def _aes(text: str, salt: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"vitascope lock 1").derive(_kek.bytes_of(text, salt))
    return AESGCM(key)
