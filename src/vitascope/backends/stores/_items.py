"""Items, their assets and the watched roots, as rows. Implements `base.ports.stores.ItemStore`; knows no person."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, select, update

from vitascope.backends.stores._database import ITEMS, Database, chunks
from vitascope.backends.stores._tables import (
    assets,
    descriptions,
    events,
    extractions,
    items,
    people,
    problems,
    roots,
)
from vitascope.backends.stores._types import clean
from vitascope.base.errors import UnknownItem
from vitascope.base.items import Item, ItemDraft, ItemKind
from vitascope.base.media import Asset
from vitascope.base.ports.stores import AssetDraft, Counts
from vitascope.base.records import AssetKey, ItemKey
from vitascope.base.time import media_time

_PLAIN = (
    "title",
    "description",
    "language",
    "published_at",
    "creator",
    "licence",
    "credit",
    "origin",
)
_LISTS = ("tags", "extra")
MARKER = ".vitascope-root"


class ItemRows:
    """Items and assets."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._db, self._clock = database, clock

    def put(self, drafts: Sequence[ItemDraft]) -> list[Item]:
        """Insert or update by `item_id`. What a draft does not state stays: None and empty fields, kind "other", text
        fields left at their default. Extra columns are joined by name."""
        if not drafts:
            return []
        with self._db.write("items") as connection:
            self._db.lock(connection, ITEMS)
            stored = self._by_id(connection, [d.item_id for d in drafts])
            first_seen: dict[str, dict[str, Any]] = {}
            changed: dict[str, dict[str, Any]] = {}
            for draft in drafts:
                name = clean(draft.item_id)
                if name in first_seen:
                    first_seen[name] = _stated(draft, first_seen[name])
                elif name in stored:
                    changed[name] = _stated(draft, changed.get(name) or stored[name])
                else:
                    first_seen[name] = _stated(draft, _new(name, self._clock()))
            if first_seen:
                connection.execute(items.insert(), list(first_seen.values()))
            for name, row in changed.items():
                if row != stored[name]:
                    values = {k: v for k, v in row.items() if k not in ("key", "item_id")}
                    connection.execute(update(items).where(items.c.key == row["key"]).values(values))
            after = self._by_id(connection, [d.item_id for d in drafts])
        return [_item(after[clean(d.item_id)]) for d in drafts]

    def _by_id(self, connection: Connection, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for part in chunks(sorted({clean(n) for n in names})):
            for row in connection.execute(select(items).where(items.c.item_id.in_(part))):
                found[row.item_id] = dict(row._mapping)
        return found

    def put_assets(self, item: ItemKey, drafts: Sequence[AssetDraft]) -> list[Asset]:
        """Insert or update by uri, and bind to the item. Raises UnknownItem."""
        if not drafts:
            return []
        uris = list(dict.fromkeys(d.uri for d in drafts))
        with self._db.write("items") as connection:
            self._db.lock(connection, ITEMS)
            if connection.scalar(select(items.c.key).where(items.c.key == item)) is None:
                raise UnknownItem("no item to bind the file to", place=str(item))
            losing = {item}
            for part in chunks(uris):
                losing.update(connection.scalars(select(assets.c.item).where(assets.c.uri.in_(part))))
            for draft in drafts:
                row = {
                    "item": item,
                    "uri": draft.uri,
                    "sha256": draft.sha256,
                    "bytes": draft.bytes,
                    "modified": draft.modified,
                    "probe": draft.probe,
                    "duration": None if draft.duration is None else str(draft.duration),
                    "loudness": draft.loudness,
                    "available": True,
                }
                statement = self._db.insert(assets).values(row)
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["uri"],
                        set_={k: statement.excluded[k] for k in row if k != "uri"},
                    )
                )
            self._set_has_media(connection, losing)
            found: dict[str, Asset] = {}
            for part in chunks(uris):
                for stored in connection.execute(select(assets).where(assets.c.uri.in_(part))):
                    found[stored.uri] = _asset(stored)
        return [found[d.uri] for d in drafts]

    def _set_has_media(self, connection: Connection, keys: Iterable[int]) -> None:
        for part in chunks(sorted(keys)):
            has = exists().where(assets.c.item == items.c.key)
            connection.execute(update(items).where(items.c.key.in_(part)).values(has_media=has))

    def get(self, item_id: str) -> Item | None:
        """One item by its outside id."""
        with self._db.read() as connection:
            row = connection.execute(select(items).where(items.c.item_id == item_id)).first()
        return None if row is None else _item(row._mapping)

    def by_key(self, keys: Sequence[ItemKey]) -> dict[ItemKey, Item]:
        """Items by internal id; unknown ones are left out."""
        found: dict[ItemKey, Item] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, keys)))):
                for row in connection.execute(select(items).where(items.c.key.in_(part))):
                    found[ItemKey(row.key)] = _item(row._mapping)
        return found

    def keys(self, item_ids: Iterable[str]) -> dict[str, ItemKey]:
        """Internal ids by outside id; unknown ones are left out."""
        wanted: dict[str, list[str]] = {}
        for name in item_ids:
            wanted.setdefault(clean(name), []).append(name)
        found: dict[str, ItemKey] = {}
        with self._db.read() as connection:
            for part in chunks(list(wanted)):
                rows = connection.execute(select(items.c.item_id, items.c.key).where(items.c.item_id.in_(part)))
                for name, key in rows:
                    found.update(dict.fromkeys(wanted[name], ItemKey(key)))
        return found

    def iter(self, available: bool | None = None, after: int = 0) -> Iterator[Item]:
        """All items in order of their key, a page at a time; no transaction stays open between pages."""
        while True:
            query = select(items).where(items.c.key > after).order_by(items.c.key).limit(2000)
            if available is not None:
                query = query.where(items.c.available == available)
            with self._db.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            for row in rows:
                yield _item(row._mapping)
            after = rows[-1].key

    def assets(self, items: Sequence[ItemKey]) -> dict[ItemKey, list[Asset]]:
        """The assets of items, in order of their key; items without one are left out."""
        found: dict[ItemKey, list[Asset]] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(map(int, items)))):
                rows = connection.execute(select(assets).where(assets.c.item.in_(part)).order_by(assets.c.key))
                for row in rows:
                    found.setdefault(ItemKey(row.item), []).append(_asset(row))
        return found

    def durations(self) -> dict[ItemKey, float]:
        """Seconds of each item's first asset, where it is known."""
        first = select(func.min(assets.c.key)).group_by(assets.c.item)
        query = select(assets.c.item, assets.c.duration).where(assets.c.key.in_(first), assets.c.duration.is_not(None))
        with self._db.read() as connection:
            return {ItemKey(item): float(media_time(length)) for item, length in connection.execute(query)}

    def clear(self, item: ItemKey, fields: Sequence[str]) -> None:
        """Take away what was stated. Raises ValueError for a field that always has a value."""
        wrong = set(fields) - {*_PLAIN, *_LISTS} | {"origin"} & set(fields)
        if wrong:
            raise ValueError(f"no fields that can be taken away: {sorted(wrong)}")
        if fields:
            values: dict[str, Any] = {name: [] if name in _LISTS else None for name in fields}
            with self._db.write("items") as connection:
                connection.execute(update(items).where(items.c.key == item).values(values))

    def asset_by_uri(self, uri: str) -> Asset | None:
        """The asset at a path or URL."""
        with self._db.read() as connection:
            row = connection.execute(select(assets).where(assets.c.uri == uri)).first()
        return None if row is None else _asset(row)

    def assets_by_sha256(self, sha256: str) -> list[Asset]:
        """Assets with these bytes."""
        with self._db.read() as connection:
            rows = connection.execute(select(assets).where(assets.c.sha256 == sha256).order_by(assets.c.key)).all()
        return [_asset(row) for row in rows]

    def assets_under(self, folder: str) -> list[Asset]:
        """Assets whose uri is a local path below the folder, in order of path."""
        start = folder.rstrip("/") + "/"
        end = start[:-1] + "0"  # "0" follows "/" in byte order
        query = select(assets).where(assets.c.uri >= start, assets.c.uri < end).order_by(assets.c.uri)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return [_asset(row) for row in rows]

    def move_asset(self, asset: AssetKey, uri: str, modified: float) -> None:
        """The file is elsewhere now. An asset that stood at that place before gives way."""
        with self._db.write("items") as connection:
            self._db.lock(connection, ITEMS)
            losing = connection.scalars(
                delete(assets).where(assets.c.uri == uri, assets.c.key != asset).returning(assets.c.item)
            ).all()
            connection.execute(
                update(assets).where(assets.c.key == asset).values(uri=uri, modified=modified, available=True)
            )
            self._set_has_media(connection, losing)

    def set_available(self, items: Sequence[ItemKey], available: bool) -> None:
        """Show or do not show items any more; their assets alike."""
        table = _items_table
        with self._db.write("items") as connection:
            for part in chunks(list(map(int, items))):
                connection.execute(update(table).where(table.c.key.in_(part)).values(available=available))
                connection.execute(update(assets).where(assets.c.item.in_(part)).values(available=available))

    def delete(self, items: Sequence[ItemKey]) -> None:
        """Take items out with everything made of them; events of them stay in the log."""
        table = _items_table
        with self._db.write("items", "descriptions", "vectors", "duplicates") as connection:
            for part in chunks(list(map(int, items))):
                files = select(assets.c.key).where(assets.c.item.in_(part))
                connection.execute(delete(extractions).where(extractions.c.asset.in_(files)))
                connection.execute(delete(table).where(table.c.key.in_(part)))

    def root_id(self, folder: str) -> str:
        """The id of a watched root. A new one is made of the path, so that two homes agree on it; a marker file in the
        root (where it may be written) lets a root that moved keep its id. A copy of a root gets an id of its own."""
        path = folder.rstrip("/") or "/"
        marker = Path(path) / MARKER
        marked = _read_marker(marker)
        with self._db.write() as connection:
            self._db.lock(connection, ITEMS)
            at = connection.execute(select(roots).where(roots.c.folder == path)).first()
            if at is not None:
                found: str = at.id
            else:
                known = None
                if marked:
                    known = connection.execute(select(roots).where(roots.c.id == marked)).first()
                if known is not None and _read_marker(Path(known.folder) / MARKER) != known.id:
                    found = known.id
                    connection.execute(update(roots).where(roots.c.id == found).values(folder=path))
                else:
                    found = "r_" + sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:20]
                    if connection.scalar(select(roots.c.id).where(roots.c.id == found)) is not None:
                        found = "r_" + secrets.token_hex(10)
                    connection.execute(roots.insert().values(id=found, folder=path))
        if marked != found:
            _write_marker(marker, found)
        return found

    def counts(self) -> Counts:
        """Sizes of the library. Pending: available items without a description."""
        described = exists().where(descriptions.c.item == items.c.key)
        with self._db.read() as connection:

            def count(query: Any) -> int:
                return connection.scalar(query) or 0

            return Counts(
                items=count(select(func.count()).select_from(items)),
                available=count(select(func.count()).select_from(items).where(items.c.available)),
                assets=count(select(func.count()).select_from(assets)),
                described=count(select(func.count()).select_from(descriptions)),
                pending=count(select(func.count()).select_from(items).where(items.c.available, ~described)),
                people=count(select(func.count()).select_from(people)),
                events=count(select(func.count()).select_from(events)),
                problems=count(select(func.count()).select_from(problems)),
            )


_items_table = items
"""For methods whose parameter has the table's name."""


def _new(item_id: str, now: float) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "kind": ItemKind.OTHER.value,
        **dict.fromkeys(_PLAIN),
        "origin": "",
        "tags": [],
        "extra": [],
        "text_fields": list(ItemDraft.model_fields["text_fields"].default),
        "available": True,
        "created_at": now,
        "has_media": False,
    }


def _stated(draft: ItemDraft, before: dict[str, Any]) -> dict[str, Any]:
    """The row after a statement."""
    row = dict(before)
    for name in _PLAIN:
        value = getattr(draft, name)
        if value is not None and value != "":
            row[name] = clean(value) if isinstance(value, str) else value
    if draft.kind is not ItemKind.OTHER:
        row["kind"] = draft.kind.value
    if draft.tags:
        row["tags"] = list(draft.tags)
    if draft.extra:
        joined: dict[str, str] = dict(before["extra"])
        joined.update({name: value for name, value in draft.extra if value != ""})
        row["extra"] = [[name, value] for name, value in joined.items()]
    if "text_fields" in draft.model_fields_set and draft.text_fields:
        row["text_fields"] = list(draft.text_fields)
    return row


def _item(row: Any) -> Item:
    values = dict(row)
    values["tags"] = tuple(values["tags"])
    values["extra"] = tuple((name, value) for name, value in values["extra"])
    values["text_fields"] = tuple(values["text_fields"])
    return Item(**values)


def _asset(row: Row[Any]) -> Asset:
    values = dict(row._mapping)
    if values["duration"] is not None:
        values["duration"] = media_time(values["duration"])
    return Asset(**values)


def _read_marker(marker: Path) -> str | None:
    try:
        with marker.open("rb") as file:
            text = file.read(64).decode("ascii", "replace").strip()
    except OSError:
        return None
    return text if text.startswith("r_") else None


def _write_marker(marker: Path, root: str) -> None:
    try:
        marker.write_text(root + "\n", encoding="ascii")
    except OSError:  # a read-only root has no marker; it is then known by its path alone
        return
