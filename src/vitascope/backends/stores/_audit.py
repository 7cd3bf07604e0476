"""The audit trail, as rows. Implements `base.ports.access.AuditStore`; tampering is noticed by `_chain`."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from vitascope.backends.stores._chain import Chain
from vitascope.backends.stores._database import AUDITING, Database
from vitascope.backends.stores._tables import audit
from vitascope.backends.stores._types import clean
from vitascope.base.ports.access import AuditDraft, AuditHead, AuditLine

_FIELDS = ("at", "act", "who", "subject", "done", "detail")
_PAGE = 500
_LONGEST = 500


class AuditRows:
    """One line for each thing that was done."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._db, self._chain = database, Chain(database, audit, _FIELDS, key, "audit")

    def add(self, draft: AuditDraft) -> tuple[AuditLine, AuditHead]:
        """Add a line; long texts are cut."""
        row: dict[str, Any] = draft.model_dump(mode="json")
        row = {name: clean(value)[:_LONGEST] if isinstance(value, str) else value for name, value in row.items()}
        row["act"] = row["act"][:40]
        with self._db.write() as connection:
            self._db.lock(connection, AUDITING)
            chain = self._chain.follow(connection, row)
            statement = audit.insert().values(row | {"chain": chain}).returning(audit.c.number)
            number = connection.execute(statement).scalar_one()
        return AuditLine(number=number, **row), AuditHead(number=number, chain=chain.hex())

    def lines(self, after: int = 0) -> Iterator[AuditLine]:
        """All lines in their order."""
        for row in self._rows(after):
            yield AuditLine(number=row.number, **_told(row))

    def _rows(self, after: int = 0) -> Iterator[Row[Any]]:
        while True:
            query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(_PAGE)
            with self._db.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            yield from rows
            after = rows[-1].number

    def broken(self, head: AuditHead | None = None) -> int | None:
        """Number of the first line that is not as it was written, or around which lines are missing."""
        before, last, kept = b"", 0, head is None
        for row in self._rows():
            before = self._chain.link(before, _told(row))
            if not hmac.compare_digest(before, bytes(row.chain)):
                return int(row.number)
            if head is not None and row.number == head.number:
                if not hmac.compare_digest(before.hex().encode(), head.chain.encode()):
                    return int(row.number)
                kept = True
            last = int(row.number)
        if not kept:  # the trail ends before the line that was kept apart: it was set back
            return last + 1
        with self._db.read() as connection:
            return None if self._chain.ends(connection, self._last()) else last + 1

    def _last(self) -> bytes:
        with self._db.read() as connection:
            return bytes(connection.scalar(select(audit.c.chain).order_by(audit.c.number.desc()).limit(1)) or b"")

    def seal(self, head: AuditHead) -> str:
        """A keyed digest of a head, for its copy outside the database."""
        return self._chain.mac(f"head {head.number} {head.chain}".encode())


def _told(row: Row[Any]) -> dict[str, Any]:
    return {name: row._mapping[name] for name in _FIELDS}
