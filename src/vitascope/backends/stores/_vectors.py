"""Vectors by key and item, fp16 in the database. Implements `base.ports.stores.VectorStore`; knows no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from vitascope.backends.stores._database import VECTORS, Database
from vitascope.backends.stores._tables import vector_keys, vectors
from vitascope.base.errors import UsageError
from vitascope.base.items import OwnVector
from vitascope.base.records import ItemKey

OWN = "own:"
_LARGEST = float(np.finfo(np.float16).max)


class VectorRows:
    """Vectors of items."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, key: str, model: str, vectors: Mapping[ItemKey, npt.NDArray[np.float32]]) -> None:
        """Save vectors (d,) of one key; the key has the length of what came last.

        Args:
            key: "text", "picture", ... (see `base.content.VectorKind`).
            model: "MODEL@HASH": what made them, of what.

        Raises:
            UsageError: lengths differ, or a value is not finite.
        """
        if not vectors:
            return
        with self._db.write("vectors") as connection:
            save(self._db, connection, key, model, vectors)

    def put_own(self, item: ItemKey, vectors: Sequence[OwnVector]) -> list[str]:
        """Keep the owner's vectors at length 1 under "own:KEY". The first of a key sets its length for the library.
        Answers the keys refused: another length, empty, all zeros, not finite."""
        refused: list[str] = []
        with self._db.write("vectors") as connection:
            for own in vectors:
                key = OWN + own.key
                values = np.asarray(own.values, dtype=np.float64)
                norm = float(np.linalg.norm(values)) if values.size else 0.0
                dim = connection.scalar(select(vector_keys.c.dim).where(vector_keys.c.key == key))
                if not np.isfinite(norm) or norm == 0.0 or dim not in (None, values.size):
                    refused.append(own.key)
                    continue
                save(
                    self._db,
                    connection,
                    key,
                    "own",
                    {item: (values / norm).astype(np.float32)},
                )
        return refused

    def matrix(self, key: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """All vectors of a key: item keys (n,), rows (n, d), in order of the item. Rows of another length (made by a
        model that was replaced) are left out. (0,) and (0, 0) where there is none."""
        with self._db.read() as connection:
            dim = connection.scalar(select(vector_keys.c.dim).where(vector_keys.c.key == key))
            rows = (
                []
                if dim is None
                else connection.execute(
                    select(vectors.c.item, vectors.c.data)
                    .where(vectors.c.key == key, vectors.c.dim == dim)
                    .order_by(vectors.c.item)
                ).all()
            )
        if not rows or dim is None:
            return np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.float32)
        data = np.frombuffer(b"".join(bytes(row[1]) for row in rows), dtype="<f2")
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows)), data.reshape(
            len(rows), dim
        ).astype(np.float32)

    def keys(self) -> tuple[str, ...]:
        """Keys that have a vector, sorted."""
        with self._db.read() as connection:
            return tuple(connection.scalars(select(vectors.c.key).distinct().order_by(vectors.c.key)))

    def models(self, key: str) -> dict[ItemKey, str]:
        """What made each vector of a key."""
        with self._db.read() as connection:
            rows = connection.execute(select(vectors.c.item, vectors.c.model).where(vectors.c.key == key)).all()
        return {ItemKey(item): model for item, model in rows}


def save(
    database: Database,
    connection: Connection,
    key: str,
    model: str,
    rows: Mapping[ItemKey, npt.NDArray[np.float32]],
) -> None:
    """Write vectors of one key inside a transaction. Raises UsageError."""
    dims = {np.asarray(v).shape for v in rows.values()}
    if len(dims) != 1 or len(next(iter(dims))) != 1 or next(iter(dims)) == (0,):
        raise UsageError(f"vectors of one key have one length, these have {sorted(dims)}", place=key)
    dim = next(iter(dims))[0]
    arrays = {int(item): np.asarray(v, dtype=np.float64) for item, v in rows.items()}
    if not all((np.abs(v) <= _LARGEST).all() for v in arrays.values()):  # NaN compares as false
        raise UsageError("a vector has a value that is not finite or does not fit half precision", place=key)
    values = [
        {"key": key, "item": item, "model": model, "dim": dim, "data": v.astype("<f2").tobytes()}
        for item, v in arrays.items()
    ]
    database.lock(connection, VECTORS)
    known = database.insert(vector_keys).values(key=key, dim=dim)
    connection.execute(known.on_conflict_do_update(index_elements=["key"], set_={"dim": known.excluded.dim}))
    statement = database.insert(vectors)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["key", "item"],
            set_={name: statement.excluded[name] for name in ("model", "dim", "data")},
        ),
        values,
    )
