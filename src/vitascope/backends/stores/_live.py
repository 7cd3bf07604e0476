"""Live channels, what happens in them, and programmes of guides, as rows. Implements `base.ports.live`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, delete, select

from vitascope.backends.stores._database import Database, chunks
from vitascope.backends.stores._tables import channels, happening, programmes
from vitascope.backends.stores._types import clean
from vitascope.base.guide import Programme
from vitascope.base.live import Channel, Happening, SourceKind
from vitascope.base.records import ItemKey


class LiveRows:
    """Channels."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, channel: Channel) -> None:
        """Add or change a channel."""
        row = channel.model_dump() | {"source": channel.source.value}
        statement = self._db.insert(channels).values(**row)
        with self._db.write("settings") as connection:
            changed = {name: statement.excluded[name] for name in row if name != "item"}
            connection.execute(statement.on_conflict_do_update(index_elements=["item"], set_=changed))

    def channels(self, on_air: bool | None = None) -> list[Channel]:
        """In the order in which they began."""
        query = select(channels).order_by(channels.c.started_at, channels.c.item)
        if on_air is not None:
            query = query.where(channels.c.ended_at.is_(None) if on_air else channels.c.ended_at.is_not(None))
        with self._db.read() as connection:
            return [_channel(row) for row in connection.execute(query)]

    def put_now(self, now: Happening) -> None:
        """Keep the newest look."""
        statement = self._db.insert(happening).values(item=now.item, at=now.at, body=now)
        newest = {"at": statement.excluded.at, "body": statement.excluded.body}
        with self._db.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["item"], set_=newest, where=happening.c.at <= statement.excluded.at
                )
            )

    def now(self, items: Sequence[ItemKey]) -> dict[ItemKey, Happening]:
        """The newest look at each."""
        found: dict[ItemKey, Happening] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, items)))):
                query = select(happening.c.item, happening.c.body).where(happening.c.item.in_(part))
                found |= {ItemKey(row.item): row.body for row in connection.execute(query)}
        return found


def _channel(row: Row[tuple[object, ...]]) -> Channel:
    told = row._mapping
    return Channel.model_validate({**told, "source": SourceKind(told["source"])})


class GuideRows:
    """Programmes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def replace(self, given: Sequence[Programme]) -> int:
        """Put programmes in; what overlapped them on their channel is taken out."""
        kept: dict[tuple[str, float], Programme] = {(clean(p.channel), p.start): p for p in given if p.stop > p.start}
        spans: dict[str, tuple[float, float]] = {}
        for (channel, start), one in kept.items():
            first, last = spans.get(channel, (start, one.stop))
            spans[channel] = (min(first, start), max(last, one.stop))
        with self._db.write("settings") as connection:
            for channel, (first, last) in spans.items():
                mine = (programmes.c.channel == channel, programmes.c.start < last, programmes.c.stop > first)
                connection.execute(delete(programmes).where(*mine))
            rows = [{"channel": c, "start": s, "stop": p.stop, "body": p} for (c, s), p in kept.items()]
            for part in chunks(rows):
                connection.execute(programmes.insert(), list(part))
        return len(kept)

    def between(self, start: float, stop: float, n: int = 1_000) -> list[Programme]:
        """Programmes that run in a span of time, by start and channel."""
        query = select(programmes.c.body).where(programmes.c.start < stop, programmes.c.stop > start)
        query = query.order_by(programmes.c.start, programmes.c.channel).limit(n)
        with self._db.read() as connection:
            found: Iterable[Programme] = connection.scalars(query)
            return list(found)

    def forget(self, before: float) -> int:
        """Take out what ended before a moment."""
        with self._db.write("settings") as connection:
            return int(connection.execute(delete(programmes).where(programmes.c.stop < before)).rowcount)
