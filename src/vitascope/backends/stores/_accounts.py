"""Sums of what work cost, as rows. Implements `base.ports.accounts.AccountStore`."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from vitascope.backends.stores._database import Database, chunks
from vitascope.backends.stores._tables import accounts
from vitascope.base.ports.accounts import Part, Spent, Use
from vitascope.base.records import ItemKey

_BY = ("part", "name", "model")
_SUMMED = ("made", "kept", "refused", "seconds", "media", "prompt_tokens", "output_tokens", "bytes", "money")
_MOST, _SECONDS = 200, 5.0
"""Rows and seconds that are gathered before they are written."""


class AccountRows:
    """One row for each day, part, name, model and item."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._lock = threading.Lock()
        self._waiting: dict[tuple[object, ...], dict[str, Any]] = {}
        self._since = time.monotonic()

    def add(self, day: int, uses: Sequence[Use]) -> None:
        """Add to the sums of a day.

        What language models took is on the disk when this returns. The rest is gathered for a few seconds, so that counting does
        not cost a commit each time; a kill loses those seconds.
        """
        with self._lock:
            if not self._waiting:
                self._since = time.monotonic()
            for use in uses:
                self._gather(
                    (day, use.part, use.name, use.model, use.item), {"day": day, **use.model_dump(mode="json")}
                )
            late = len(self._waiting) >= _MOST or time.monotonic() - self._since > _SECONDS
        if late or any(use.part is Part.LANGUAGE for use in uses):
            self.flush()

    def flush(self) -> None:
        """Write what was gathered, in one transaction; where that fails, it stays gathered for the next time."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        statement = self._db.insert(accounts)
        try:
            with self._db.write() as connection:
                for part in chunks(list(waiting.values())):
                    connection.execute(
                        statement.values(list(part)).on_conflict_do_update(
                            index_elements=["day", *_BY, "item"],
                            set_={n: accounts.c[n] + statement.excluded[n] for n in _SUMMED},
                        )
                    )
        except BaseException:
            with self._lock:
                for by, row in waiting.items():
                    self._gather(by, row)
            raise

    def _gather(self, by: tuple[object, ...], row: dict[str, Any]) -> None:
        """Add a row to what waits; with the lock held."""
        known = self._waiting.setdefault(by, dict.fromkeys(_SUMMED, 0))
        known |= {n: v if n not in _SUMMED else known[n] + v for n, v in row.items()}

    def spent(self, day: int, item: ItemKey | None = None) -> Spent:
        """Tokens and money of language models on that day."""
        query = select(
            func.coalesce(func.sum(accounts.c.prompt_tokens + accounts.c.output_tokens), 0),
            func.coalesce(func.sum(accounts.c.money), 0.0),
        ).where(accounts.c.day == day, accounts.c.part == Part.LANGUAGE.value)
        if item is not None:
            query = query.where(accounts.c.item == item)
        self.flush()
        with self._db.read() as connection:
            tokens, money = connection.execute(query).one()
        return Spent(tokens=int(tokens), money=float(money))

    def sums(self, since: int = 0, item: ItemKey | None = None) -> tuple[Use, ...]:
        """Sums by part, name and model, in that order."""
        by = [accounts.c[n] for n in _BY]
        query = select(*by, *(func.sum(accounts.c[n]).label(n) for n in _SUMMED)).where(accounts.c.day >= since)
        if item is not None:
            query = query.where(accounts.c.item == item)
        self.flush()
        with self._db.read() as connection:
            rows = connection.execute(query.group_by(*by).order_by(*by)).mappings().all()
        whole = {n: int for n in _SUMMED if n not in ("seconds", "media", "money")}
        return tuple(
            Use(item=item or ItemKey(0), **{n: whole[n](v) if n in whole else v for n, v in row.items()})
            for row in rows
        )
