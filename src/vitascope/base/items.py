"""Items: what can be recommended, as the outside names it and as the inside keeps it."""

from __future__ import annotations

from enum import StrEnum

from vitascope.base.records import ItemKey, Record


class ItemKind(StrEnum):
    """What an item is to a player."""

    VIDEO = "video"
    AUDIO = "audio"
    LIVE = "live"
    OTHER = "other"


class ItemDraft(Record):
    """An item as a manifest, a feed or a file states it, before it has an internal id. Texts are hostile."""

    item_id: str
    kind: ItemKind = ItemKind.OTHER
    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    published_at: float | None = None
    """Seconds since 1970."""
    creator: str | None = None
    licence: str | None = None
    credit: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    """Unknown columns, kept as text of the item."""
    text_fields: tuple[str, ...] = ("title", "description", "tags", "creator")
    """Names of the fields that say what the item is."""
    origin: str = ""
    """Where the statement came from: "manifest:FILE", "folder:ROOT", "feed:URL"."""

    def text(self) -> str:
        """The text that says what the item is, one field a line, in the order of `text_fields`."""
        known = {
            "title": self.title,
            "description": self.description,
            "tags": ", ".join(self.tags),
            "creator": self.creator,
            **dict(self.extra),
        }
        return "\n".join(str(known[name]) for name in self.text_fields if known.get(name))


class Item(ItemDraft):
    """An item of the library."""

    key: ItemKey
    available: bool = True
    """False once its file vanished or its owner took it away: not shown, history kept."""
    created_at: float = 0.0
    has_media: bool = False


class OwnVector(Record):
    """A vector the owner brought along for an item (manifest column `vectors`)."""

    key: str
    values: tuple[float, ...]
