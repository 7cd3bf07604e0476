"""Inputs that were set aside, as rows. Implements `base.ports.stores.ProblemStore`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import delete, func, or_, select

from vitascope.backends.stores._database import PROBLEMS, Database, chunks
from vitascope.backends.stores._tables import problems
from vitascope.backends.stores._types import clean
from vitascope.base.media import Problem

_FIELDS = (
    "kind",
    "place",
    "reason",
    "remedy",
    "item_id",
    "payload",
    "first_seen",
    "last_seen",
    "times",
)


class ProblemRows:
    """Problems; the row as it came is kept as personal data."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._db, self._clock = database, clock

    def add(self, problems: Sequence[Problem]) -> None:
        """Same kind and place: one problem, counted; what is said of it is what was said last."""
        if not problems:
            return
        table, now = _problems_table, self._clock()
        rows = [
            p.model_dump(include=set(_FIELDS))
            | {
                "first_seen": p.first_seen or now,
                "last_seen": p.last_seen or p.first_seen or now,
            }
            for p in problems
        ]
        statement = self._db.insert(table)
        new = statement.excluded
        smaller, larger = (func.min, func.max) if self._db.is_sqlite else (func.least, func.greatest)
        with self._db.write() as connection:
            self._db.lock(connection, PROBLEMS)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "place"],
                    set_={
                        **{name: new[name] for name in ("reason", "remedy", "item_id", "payload")},
                        "first_seen": smaller(table.c.first_seen, new.first_seen),
                        "last_seen": larger(table.c.last_seen, new.last_seen),
                        "times": table.c.times + new.times,
                    },
                ),
                rows,
            )

    def clear(self, places: Iterable[str]) -> int:
        """Forget problems at exactly these places; answers how many."""
        table, gone = _problems_table, 0
        wanted = list(dict.fromkeys(clean(p) for p in places))
        if not wanted:
            return 0
        with self._db.write() as connection:
            for part in chunks(wanted):
                gone += connection.execute(delete(table).where(table.c.place.in_(part))).rowcount
        return gone

    def iter(self, kind: str | None = None) -> Iterator[Problem]:
        """All, oldest first, a page at a time."""
        after = 0
        while True:
            query = select(problems).where(problems.c.number > after).order_by(problems.c.number).limit(500)
            if kind is not None:
                query = query.where(
                    or_(problems.c.kind == kind, problems.c.kind.startswith(kind + "/", autoescape=True))
                )
            with self._db.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            for row in rows:
                yield Problem(**{name: row._mapping[name] for name in _FIELDS})
            after = rows[-1].number


_problems_table = problems
"""For methods whose parameter has the table's name."""
