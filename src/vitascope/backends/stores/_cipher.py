"""Personal data at rest: sealed with AES-256-GCM, looked up by keyed digest. Takes the home's key; knows no table.

A sealed value is one version byte, 12 random bytes, then ciphertext and tag (29 bytes more than the text). The name of
the column is bound in as associated data, so that a value cannot be moved to another column unnoticed. The keys for
sealing and for digests are derived from the home's key with HKDF-SHA256 (RFC 5869), one for each purpose.
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
    """Seals and opens personal values; makes keyed digests."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(key) != KEY_BYTES:
            raise UsageError(f"the key of a home has {KEY_BYTES} bytes, this one has {len(key)}")
        self._aes = AESGCM(_derive(key, b"vitascope personal 1"))
        self._digest_key = _derive(key, b"vitascope digest 1")
        self._check_key = _derive(key, b"vitascope check 1")

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

    def digest(self, purpose: str, text: str) -> bytes:
        """16 bytes by which a value can be found without storing it in the clear (BLAKE2b, keyed)."""
        data = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=16, key=self._digest_key, person=purpose.encode()[:16]).digest()

    def check_value(self) -> str:
        """Text kept in the library that tells whether a key is the right one, and nothing else about it."""
        return hmac.new(self._check_key, b"key check", hashlib.sha256).hexdigest()[:32]


def _derive(key: bytes, purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
