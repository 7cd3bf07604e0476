"""What proves and keeps privacy outside the database: sealed files, the search for traces, signed receipts.

Takes keys, files and texts; knows no home and no table.
"""

from __future__ import annotations

from vitascope.backends.privacy._stream import MAGIC, SealedReader, SealedWriter, is_sealed, open_bytes, seal_bytes

__all__ = ["MAGIC", "SealedReader", "SealedWriter", "is_sealed", "open_bytes", "seal_bytes"]
