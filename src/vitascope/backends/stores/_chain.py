"""Trails that show when they were tampered with: each line is tied to the one before by a keyed digest.

A link is HMAC-SHA256, with a key of the trail's own that is derived from the home's, over the link before and the line. A
keyed digest of the newest link is kept among the settings, written in the same transaction, so that newest lines which
were cut off are noticed too, for good: the next line is tied to what is missing. What this cannot see by itself is a database
that was set back to an older state as a whole; who keeps a head apart from it can (`_audit`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from sqlalchemy import Connection, Table, select

from vitascope.backends.stores._database import Database
from vitascope.backends.stores._settings import keep
from vitascope.backends.stores._tables import settings

_CUT = b"the line before is missing"


class Chain:
    """The links of one trail.

    Args:
        table: with columns `number` and `chain`.
        fields: the columns that a link covers, in their order.
        key: the home's key.
        name: of the trail; the newest link's digest is kept as "NAME:end".
    """

    def __init__(self, database: Database, table: Table, fields: Sequence[str], key: bytes, name: str) -> None:
        self._db, self._table, self._fields, self._end_name = database, table, fields, f"{name}:end"
        self._key = hashlib.sha256(f"{name} trail".encode() + b"\0" + key).digest()

    def follow(self, connection: Connection, row: dict[str, object]) -> bytes:
        """The link of a new line, inside the transaction that adds it (and holds the trail's lock)."""
        last = connection.scalar(select(self._table.c.chain).order_by(self._table.c.number.desc()).limit(1))
        before = bytes(last or b"")
        link = self.link(before if self.ends(connection, before) else _CUT, row)
        keep(self._db, connection, self._end_name, self.mac(b"end" + link))
        return link

    def link(self, before: bytes, row: dict[str, object]) -> bytes:
        """The link of a line after another."""
        told = json.dumps([row[name] for name in self._fields], ensure_ascii=True).encode()
        return hmac.new(self._key, before + told, hashlib.sha256).digest()

    def mac(self, told: bytes) -> str:
        """A keyed digest of anything about this trail, as hex."""
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()

    def ends(self, connection: Connection, link: bytes) -> bool:
        """Whether the trail's newest line, as it was written, has that link (b"": there was none)."""
        kept = connection.scalar(select(settings.c.value).where(settings.c.name == self._end_name))
        return not link if kept is None else hmac.compare_digest(str(kept).encode(), self.mac(b"end" + link).encode())
