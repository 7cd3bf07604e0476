"""Privacy of a home as a whole, before it is open: encrypt it, change its key. Takes paths; knows the settings and the home."""

from __future__ import annotations

from pathlib import Path

from vitascope.base.privacy import Checked, Receipt


def encrypt_home(home: Path) -> int:
    """Encrypt a plain home that nobody has open; answers the records sealed in PostgreSQL. Raises as `backends.home` says."""
    from vitascope.backends.home import encrypt_home as encrypt
    from vitascope.config import load

    read = load(home)
    return encrypt(home, read.stores, read.home)


def rotate_key(home: Path, new_file: Path, keep: bool) -> None:
    """Let the key in another file open an encrypted home; who has it open goes on."""
    from vitascope.backends.home import rotate_home
    from vitascope.config import load

    rotate_home(home, new_file, keep, load(home).home)


def new_key(file: Path) -> None:
    """Make a file with a new random key. Raises UsageError where it exists."""
    from vitascope.backends.home import make_file

    make_file(file)


def key_into_keyring(home: Path, file: Path) -> None:
    """Keep the key that a file holds in the system's keyring, for this home. Raises ConfigError, UsageError."""
    from vitascope.backends.home import keep_in_keyring

    keep_in_keyring(home, file)


def public_key_of(key: bytes) -> str:
    """The public key of receipts."""
    from vitascope.backends.privacy import public_key

    return public_key(key)


def check_signature(receipt: Receipt, key: str) -> Checked:
    """Whether a receipt was signed with a key; what anybody can check without the home."""
    from vitascope.backends.privacy import is_signed

    return Checked(receipt=receipt.id, signed=is_signed(receipt), ours=receipt.public_key == key.strip().lower())
