"""What proves and keeps privacy outside the database: sealed files, the search for traces, signed receipts.

Takes keys, files and texts; knows no home and no table.
"""

from __future__ import annotations

from vitascope.backends.privacy._config import PrivacyConfig
from vitascope.backends.privacy._receipt import canonical, is_signed, public_key, sign
from vitascope.backends.privacy._search import Search, forms
from vitascope.backends.privacy._stream import MAGIC, SealedReader, SealedWriter, is_sealed, open_bytes, seal_bytes

SIGNALS = b"signals"
"""Purpose of the key that seals what was found in media."""

__all__ = [
    "MAGIC",
    "SIGNALS",
    "PrivacyConfig",
    "SealedReader",
    "SealedWriter",
    "Search",
    "canonical",
    "forms",
    "is_sealed",
    "is_signed",
    "open_bytes",
    "public_key",
    "seal_bytes",
    "sign",
]
