"""Extractions by content hash and descriptions by item, as rows. Implements `base.ports.stores.DescriptionStore`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import Integer, func, select

from vitascope.backends.stores._database import Database, chunks
from vitascope.backends.stores._tables import assets, descriptions, extractions
from vitascope.backends.stores._vectors import save
from vitascope.base.content import Description, Extraction
from vitascope.base.records import ItemKey


class DescriptionRows:
    """What extractors found, and what was made of it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def extraction(self, key: str) -> Extraction | None:
        """What an extractor found, by the hash of everything it was made from."""
        with self._db.read() as connection:
            found: Extraction | None = connection.scalar(select(extractions.c.body).where(extractions.c.key == key))
        return found

    def extractions_of(self, sha256: str) -> tuple[Extraction, ...]:
        """All that was found in these bytes, whichever asset they stood for then."""
        query = (
            select(extractions.c.body)
            .join(assets, assets.c.key == extractions.c.asset)
            .where(assets.c.sha256 == sha256)
            .order_by(extractions.c.key)
        )
        with self._db.read() as connection:
            return tuple(connection.scalars(query))

    def put_extraction(self, extraction: Extraction) -> None:
        """Keep what an extractor found; the latest counts."""
        row = {"key": extraction.key, "asset": extraction.asset, "body": extraction}
        statement = self._db.insert(extractions).values(row)
        with self._db.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["key"],
                    set_={n: statement.excluded[n] for n in ("asset", "body")},
                )
            )

    def extraction_bytes(self, item: ItemKey | None = None) -> int:
        """What all extractions take, or those of one item's files."""
        query = select(func.coalesce(func.sum(func.length(extractions.c.body, type_=Integer)), 0))
        if item is not None:
            query = query.where(extractions.c.asset.in_(select(assets.c.key).where(assets.c.item == item)))
        with self._db.read() as connection:
            return int(connection.scalar(query) or 0)

    def put(self, description: Description, vectors: dict[str, npt.NDArray[np.float32]]) -> None:
        """Save a description with its vectors (kind -> (d,) of unit length) in one transaction.

        The vectors' model is kept as "description@FINGERPRINT": the description's provenance says the rest.
        """
        row = {
            "item": description.item,
            "fingerprint": description.fingerprint,
            "body": description,
        }
        statement = self._db.insert(descriptions).values(row)
        with self._db.write("descriptions", *(["vectors"] if vectors else [])) as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["item"],
                    set_={n: statement.excluded[n] for n in ("fingerprint", "body")},
                )
            )
            for kind, vector in vectors.items():
                save(
                    self._db,
                    connection,
                    str(kind),
                    f"description@{description.fingerprint}",
                    {description.item: vector},
                )

    def get(self, item: ItemKey) -> Description | None:
        """The description of an item."""
        return self.many([item]).get(item)

    def many(self, items: Sequence[ItemKey]) -> dict[ItemKey, Description]:
        """Descriptions of items; those without one are left out."""
        found: dict[ItemKey, Description] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, items)))):
                rows = connection.execute(
                    select(descriptions.c.item, descriptions.c.body).where(descriptions.c.item.in_(part))
                )
                found.update({ItemKey(item): body for item, body in rows})
        return found

    def iter(self) -> Iterator[Description]:
        """All, in order of the item, a page at a time."""
        after = 0
        while True:
            query = (
                select(descriptions.c.item, descriptions.c.body)
                .where(descriptions.c.item > after)
                .order_by(descriptions.c.item)
                .limit(200)
            )
            with self._db.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            for row in rows:
                yield row.body
            after = rows[-1].item

    def fingerprints(self) -> dict[ItemKey, str]:
        """item -> the hash of everything its description was made from."""
        with self._db.read() as connection:
            rows = connection.execute(select(descriptions.c.item, descriptions.c.fingerprint)).all()
        return {ItemKey(item): fingerprint for item, fingerprint in rows}
