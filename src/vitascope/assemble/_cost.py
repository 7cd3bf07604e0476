"""What describing a library cost, from the accounts in its store. Takes the rooms, gives a `CostReport`."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from vitascope.base.errors import UnknownItem, UsageError
from vitascope.base.ports.accounts import DAY, CostReport, Part
from vitascope.base.records import ItemKey

if TYPE_CHECKING:
    from vitascope.assemble._rooms import Rooms

_EPOCH = datetime.date(1970, 1, 1)
_PAGE = 500


def cost(rooms: Rooms, item_id: str | None, since: str | None) -> CostReport:
    """The report over the days from `since` on (ISO date, UTC), of the whole library or of one item.

    Raises:
        UsageError: `since` is no date. UnknownItem.
    """
    stores, budget = rooms.stores, rooms.settings.models.budget
    try:
        first = (datetime.date.fromisoformat(since) - _EPOCH).days if since else 0
    except ValueError as error:
        raise UsageError("not a date", place=f"since {since!r}", remedy="write it as 2026-11-24") from error
    item = _key(rooms, item_id) if item_id is not None else None
    rows = stores.accounts.sums(first, item)
    items, hours, files = _media(rooms, item)
    seconds = sum(r.seconds for r in rows)
    told, said = sum(r.prompt_tokens for r in rows), sum(r.output_tokens for r in rows)
    decoded = sum(rooms.reader.size(sha256) for sha256 in files) if item is not None else rooms.reader.size()
    signals = stores.descriptions.extraction_bytes(item)
    today = stores.accounts.spent(int(rooms.clock() // DAY))
    per_item, per_hour = max(1, items), hours or 1.0
    return CostReport(
        since=since or "",
        item_id=item_id,
        items=items,
        media_hours=round(hours, 4),
        rows=rows,
        seconds=round(seconds, 3),
        seconds_per_item=round(seconds / per_item, 3),
        seconds_per_media_hour=round(seconds / per_hour, 1) if hours else 0.0,
        prompt_tokens=told,
        output_tokens=said,
        tokens_per_item=round((told + said) / per_item, 1),
        tokens_per_media_hour=round((told + said) / per_hour, 1) if hours else 0.0,
        money=sum(r.money for r in rows),
        made=sum(r.made for r in rows if r.part is not Part.DECODE),
        kept=sum(r.kept for r in rows if r.part is not Part.DECODE),
        refused=sum(r.refused for r in rows),
        decoded_bytes=decoded,
        signal_bytes=signals,
        shared_bytes=rooms.signals.size() if rooms.signals is not None else 0,
        bytes_per_item=round((decoded + signals) / per_item, 1),
        bytes_per_media_hour=round((decoded + signals) / per_hour, 1) if hours else 0.0,
        today_tokens=today.tokens,
        today_money=today.money,
        budget_tokens=budget.day_tokens,
        budget_money=budget.day_money,
    )


def _key(rooms: Rooms, item_id: str) -> ItemKey:
    found = rooms.stores.items.get(item_id)
    if found is None:
        raise UnknownItem("no such item", place=item_id, remedy="look for it with `vitascope search`")
    return found.key


def _media(rooms: Rooms, item: ItemKey | None) -> tuple[int, float, list[str]]:
    """Items with media, their hours, and the hashes of their files."""
    keys = [item] if item is not None else [i.key for i in rooms.stores.items.iter() if i.has_media]
    count, seconds, files = 0, 0.0, list[str]()
    for first in range(0, len(keys), _PAGE):
        for assets in rooms.stores.items.assets(keys[first : first + _PAGE]).values():
            count += 1
            seconds += sum(float(a.duration or 0) for a in assets)
            files += [a.sha256 for a in assets]
    return count, seconds / 3600, list(dict.fromkeys(files))
