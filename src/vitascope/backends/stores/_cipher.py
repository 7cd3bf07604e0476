"""Personal data at rest: sealed with AES-256-GCM, looked up by keyed digest. Takes the home's keys; knows no table.

A sealed value is one version byte, 12 random bytes, then ciphertext and tag (29 bytes more than the text). The name of
the column is bound in as associated data, so that a value cannot be moved to another column unnoticed. The keys for
sealing and for digests are derived from the home's key with HKDF-SHA256 (RFC 5869), one for each purpose.

A home that is encrypted as a whole has a second key, the vault: from it come the key of SQLite's pages (SQLCipher) and the
key for records that PostgreSQL holds (transcripts, descriptions), which are left in the clear otherwise.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from vitascope.base.errors import HomeDamaged, UsageError

VERSION = 1
KEY_BYTES = 32
_NONCE = 12
_TAG = 16


class Cipher:
    """Seals and opens personal values; makes keyed digests.

    Args:
        key: the home's key.
        vault: the second key of a home that is encrypted as a whole; None: pages and records are in the clear.
    """

    def __init__(self, key: bytes, vault: bytes | None = None) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        for one in (key, vault):
            if one is not None and len(one) != KEY_BYTES:
                raise UsageError(f"the key of a home has {KEY_BYTES} bytes, this one has {len(one)}")
        self.page_key = None if vault is None else derive(vault, b"vitascope pages 1").hex()
        """64 hexadecimal digits for SQLCipher; None: plain SQLite."""
        self._records = None if vault is None else AESGCM(derive(vault, b"vitascope records 1"))
        self._aes = AESGCM(derive(key, b"vitascope personal 1"))
        self._digest_key = derive(key, b"vitascope digest 1")
        self._check_key = derive(key, b"vitascope check 1")

    def seal(self, column: str, data: bytes) -> bytes:
        """Encrypt for one column. Two seals of one value differ."""
        nonce = os.urandom(_NONCE)
        return bytes((VERSION,)) + nonce + self._aes.encrypt(nonce, data, column.encode())

    def open(self, column: str, blob: bytes) -> bytes:
        """Decrypt.

        Raises:
            HomeDamaged: another key, another column, a version this code does not know, or changed bytes.
        """
        from cryptography.exceptions import InvalidTag

        if len(blob) < 1 + _NONCE + _TAG or blob[0] != VERSION:
            raise HomeDamaged(
                "a personal value has a form this version does not know",
                place=column,
                remedy="use the version of Vitascope that wrote it, or restore a backup",
            )
        try:
            return self._aes.decrypt(blob[1 : 1 + _NONCE], blob[1 + _NONCE :], column.encode())
        except InvalidTag as error:
            raise HomeDamaged(
                "a personal value does not open with this home's key",
                place=column,
                remedy="put the right `key` file in the home, or restore a backup",
            ) from error

    @property
    def seals_records(self) -> bool:
        """Whether whole records are to be sealed where the database itself is not encrypted."""
        return self._records is not None

    def seal_record(self, kind: str, data: bytes) -> bytes:
        """Encrypt a record with the vault's key: 12 random bytes, ciphertext, tag."""
        assert self._records is not None, "asked only where `seals_records`"
        nonce = os.urandom(_NONCE)
        return nonce + self._records.encrypt(nonce, data, kind.encode())

    def open_record(self, kind: str, blob: bytes) -> bytes:
        """Undo `seal_record`. Raises HomeDamaged: no vault, another one, or changed bytes."""
        from cryptography.exceptions import InvalidTag

        try:
            if self._records is not None and len(blob) >= _NONCE + _TAG:
                return self._records.decrypt(blob[:_NONCE], blob[_NONCE:], kind.encode())
        except InvalidTag:
            pass
        raise HomeDamaged(
            "a record does not open with this home's key",
            place=kind,
            remedy="put the right `key` file in the home, or restore a backup",
        )

    def digest(self, purpose: str, text: str) -> bytes:
        """16 bytes by which a value can be found without storing it in the clear (BLAKE2b, keyed)."""
        data = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=16, key=self._digest_key, person=purpose.encode()[:16]).digest()

    def check_value(self) -> str:
        """Text kept in the library that tells whether a key is the right one, and nothing else about it."""
        return hmac.new(self._check_key, b"key check", hashlib.sha256).hexdigest()[:32]


def derive(key: bytes, purpose: bytes) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA256)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
