"""Fingerprints of assets and links between copies, as rows. Implements `base.ports.stores.DuplicateStore`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import delete, select

from vitascope.backends.stores._database import Database, chunks
from vitascope.backends.stores._tables import fingerprints, links, shares
from vitascope.base.content import SharedSpan
from vitascope.base.ports.stores import Fingerprint, Neighbour
from vitascope.base.records import AssetKey, ItemKey
from vitascope.base.time import Span, media_time


class DuplicateRows:
    """Copies of works; finding one deletes nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put_fingerprint(self, fingerprint: Fingerprint) -> None:
        """Keep what an asset is recognised by; the latest counts."""
        row = fingerprint.model_dump() | {"duration": str(fingerprint.duration)}
        statement = self._db.insert(fingerprints).values(row)
        with self._db.write("duplicates") as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["asset"],
                    set_={k: statement.excluded[k] for k in row if k != "asset"},
                )
            )

    def fingerprints(self) -> Iterator[Fingerprint]:
        """All, in order of the asset, a page at a time."""
        after = 0
        while True:
            query = select(fingerprints).where(fingerprints.c.asset > after).order_by(fingerprints.c.asset).limit(500)
            with self._db.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            for row in rows:
                yield Fingerprint(
                    asset=AssetKey(row.asset),
                    item=ItemKey(row.item),
                    duration=media_time(row.duration),
                    picture=bytes(row.picture),
                    picture_step=row.picture_step,
                    audio=bytes(row.audio),
                    audio_step=row.audio_step,
                )
            after = rows[-1].asset

    def replace(self, item: ItemKey, copies: Sequence[Neighbour], shares: Sequence[SharedSpan]) -> None:
        """Set the links that start at one item, and the stretches it shares. Links of others to it stay."""
        spans = _shares_table
        with self._db.write("duplicates") as connection:
            connection.execute(delete(links).where(links.c.item == item))
            connection.execute(delete(spans).where(spans.c.item == item))
            rows = {
                c.other: {
                    "item": item,
                    "other": c.other,
                    "score": c.score,
                    "exact": c.exact,
                }
                for c in copies
                if c.other != item
            }
            if rows:
                connection.execute(links.insert(), list(rows.values()))
            if shares:
                connection.execute(
                    spans.insert(),
                    [
                        {
                            "item": item,
                            "place": place,
                            "other_id": s.item_id,
                            "start": str(s.span.start),
                            "end": str(s.span.end),
                            "other_start": str(s.other.start),
                            "other_end": str(s.other.end),
                        }
                        for place, s in enumerate(shares)
                    ],
                )

    def copies_of(self, items: Sequence[ItemKey]) -> dict[ItemKey, tuple[ItemKey, ...]]:
        """Whole-work duplicates of each item, sorted, the item left out; items without one are left out."""
        near: dict[int, set[int]] = {}
        ahead = {int(item) for item in items}
        known: set[int] = set()
        with self._db.read() as connection:
            while ahead:
                known |= ahead
                met: set[int] = set()
                for part in chunks(sorted(ahead)):
                    for column in (links.c.item, links.c.other):
                        for a, b in connection.execute(select(links.c.item, links.c.other).where(column.in_(part))):
                            near.setdefault(a, set()).add(b)
                            near.setdefault(b, set()).add(a)
                            met |= {a, b}
                ahead = met - known
        groups = _groups(near)
        return {
            item: tuple(ItemKey(k) for k in sorted(groups[item] - {item}))
            for item in items
            if len(groups.get(item, ())) > 1
        }

    def groups(self) -> dict[ItemKey, ItemKey]:
        """item -> the smallest key of its group, for items that have a duplicate."""
        near: dict[int, set[int]] = {}
        with self._db.read() as connection:
            for a, b in connection.execute(select(links.c.item, links.c.other)):
                near.setdefault(a, set()).add(b)
                near.setdefault(b, set()).add(a)
        return {ItemKey(item): ItemKey(min(group)) for item, group in _groups(near).items()}

    def shares(self, item: ItemKey) -> tuple[SharedSpan, ...]:
        """Stretches of an item that stand in other works too."""
        spans = _shares_table
        with self._db.read() as connection:
            rows = connection.execute(select(spans).where(spans.c.item == item).order_by(spans.c.place)).all()
        return tuple(
            SharedSpan(
                item_id=row.other_id,
                span=Span(start=media_time(row.start), end=media_time(row.end)),
                other=Span(start=media_time(row.other_start), end=media_time(row.other_end)),
            )
            for row in rows
        )


_shares_table = shares
"""For methods whose parameter has the table's name."""


def _groups(near: dict[int, set[int]]) -> dict[int, set[int]]:
    """Each member -> the whole group it belongs to (the set is shared)."""
    found: dict[int, set[int]] = {}
    for start in near:
        if start in found:
            continue
        group, ahead = {start}, [start]
        while ahead:
            for other in near[ahead.pop()]:
                if other not in group:
                    group.add(other)
                    ahead.append(other)
        for member in group:
            found[member] = group
    return found
