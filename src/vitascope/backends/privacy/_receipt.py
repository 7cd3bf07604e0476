"""Receipts of erasures, signed so that a third party can check them. Takes the home's key; gives signatures, knows no table.

Ed25519 (RFC 8032): the private key is derived from the home's key (HKDF-SHA256), so that nothing more has to be kept; the public
key stands in the receipt and can be published (`vitascope privacy public-key`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vitascope.base.privacy import Receipt

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def public_key(key: bytes) -> str:
    """The public key of a home, 64 hexadecimal digits."""
    return _private(key).public_key().public_bytes_raw().hex()


def sign(key: bytes, receipt: Receipt) -> Receipt:
    """The receipt with its public key and signature."""
    named = receipt.model_copy(update={"public_key": public_key(key), "signature": ""})
    return named.model_copy(update={"signature": _private(key).sign(canonical(named)).hex()})


def is_signed(receipt: Receipt) -> bool:
    """Whether the signature is that of the key named in the receipt."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        known = Ed25519PublicKey.from_public_bytes(bytes.fromhex(receipt.public_key))
        known.verify(bytes.fromhex(receipt.signature), canonical(receipt))
    except (InvalidSignature, ValueError):
        return False
    return True


def canonical(receipt: Receipt) -> bytes:
    """What is signed: the JSON of everything but the signature, keys sorted, no spaces, ASCII."""
    told = receipt.model_dump(mode="json", exclude={"signature"})
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _private(key: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"vitascope receipts 1").derive(key)
    return Ed25519PrivateKey.from_private_bytes(seed)
