"""A lease table: who works on what, until when. Implements `base.ports.stores.JobStore`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import and_, delete, func, or_, select, update

from vitascope.backends.stores._database import COUNT_ROWS, JOBS, Database, chunks
from vitascope.backends.stores._tables import jobs
from vitascope.backends.stores._types import clean


class JobRows:
    """Work that waits, runs under a lease, or failed. What is done is taken out."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._db, self._clock = database, clock

    def put(self, kind: str, subjects: Sequence[str]) -> int:
        """Queue subjects that are not waiting or running already (failed ones wait again); answers how many."""
        if not subjects:
            return 0
        rows = [
            {"kind": kind, "subject": subject, "state": "waiting", "attempts": 0}
            for subject in dict.fromkeys(map(clean, subjects))
        ]
        statement = self._db.insert(jobs)
        queued = 0
        with self._db.write() as connection:
            self._db.lock(connection, JOBS)
            for part in chunks(rows):
                done = connection.execute(
                    statement.values(list(part)).on_conflict_do_update(
                        index_elements=["kind", "subject"],
                        set_={"state": "waiting", "worker": None, "lease_until": None},
                        where=jobs.c.state == "failed",
                    ),
                    execution_options=COUNT_ROWS,
                )
                queued += done.rowcount
        return queued

    def lease(self, kind: str, worker: str, seconds: float, n: int = 1) -> list[str]:
        """Take up to n subjects whose lease is free or over, in the order they were queued."""
        now = self._clock()
        free = (
            select(jobs.c.number)
            .where(
                jobs.c.kind == kind,
                or_(
                    jobs.c.state == "waiting",
                    and_(jobs.c.state == "running", jobs.c.lease_until <= now),
                ),
            )
            .order_by(jobs.c.number)
            .limit(n)
        )
        if not self._db.is_sqlite:
            free = free.with_for_update(skip_locked=True)
        taken = (
            update(jobs)
            .where(jobs.c.number.in_(free))
            .values(
                state="running",
                worker=worker,
                lease_until=now + seconds,
                attempts=jobs.c.attempts + 1,
            )
            .returning(jobs.c.number, jobs.c.subject)
        )
        with self._db.write() as connection:
            rows = connection.execute(taken).all()
        return [subject for _, subject in sorted((row[0], row[1]) for row in rows)]

    def done(self, kind: str, subjects: Sequence[str]) -> None:
        """Take finished work out."""
        with self._db.write() as connection:
            for part in chunks(list(map(clean, subjects))):
                connection.execute(delete(jobs).where(jobs.c.kind == kind, jobs.c.subject.in_(part)))

    def failed(self, kind: str, subject: str, reason: str) -> None:
        """Set work aside with a reason; it waits again once it is put again."""
        with self._db.write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.kind == kind, jobs.c.subject == subject)
                .values(state="failed", reason=reason, worker=None, lease_until=None)
            )

    def waiting(self, kind: str) -> int:
        """How many could be leased now."""
        ready = or_(
            jobs.c.state == "waiting",
            and_(jobs.c.state == "running", jobs.c.lease_until <= self._clock()),
        )
        with self._db.read() as connection:
            return connection.scalar(select(func.count()).select_from(jobs).where(jobs.c.kind == kind, ready)) or 0
