"""The content half of the library as one service: take in, describe, show, find, play.

Takes outside ids, gives records and lines; it only passes on what the rooms know and turns ids around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.assemble._archives import Archives
from vitascope.assemble._moderation import Judges
from vitascope.base.content import Account, Description, SharedSpan
from vitascope.base.errors import InputError, UnknownItem, UnreadableMedia, UsageError
from vitascope.base.items import Item
from vitascope.base.media import Asset, Problem
from vitascope.base.ports.connectors import ArchiveReport
from vitascope.base.ports.media import Playable
from vitascope.base.ports.service import DescribeReport, Hit, IngestReport, ItemView, Progress, silent
from vitascope.base.records import ItemKey

if TYPE_CHECKING:
    from vitascope.assemble._rooms import Rooms

_PAGE = 500


class Content:
    """What the library holds."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    # --- taking in

    def ingest(
        self,
        paths: Sequence[str],
        describe: bool = True,
        text_fields: tuple[str, ...] | None = None,
        progress: Progress = silent,
        stop: Callable[[], bool] = lambda: False,
    ) -> IngestReport:
        """Take files, folders, manifests, feeds, playlists and archives in; describe what is new unless told not to."""
        try:
            report = self._take_in(paths, text_fields, progress, stop)
        finally:  # what was taken in before a stop counts
            self._rooms.touch()
        if describe and not stop():
            done = self.describe(progress, stop)
            report = report.model_copy(
                update={"described": done.described, "seconds": round(report.seconds + done.seconds, 3)}
            )
        return report

    def _take_in(
        self, paths: Sequence[str], text_fields: tuple[str, ...] | None, progress: Progress, stop: Callable[[], bool]
    ) -> IngestReport:
        """What a connector claims goes through it, everything else is the catalogue's."""
        archives = Archives(self._rooms)
        rest: list[str] = []
        reports: list[IngestReport] = []
        for path in paths:
            claimed = None
            if archives.offered(path) and not stop():
                try:
                    claimed = archives.claimed(path)
                except (UsageError, InputError):
                    claimed = None  # the catalogue says what is wrong with it
            if claimed is None:
                rest.append(path)
            else:
                reports.append(archives.ingest(*claimed, progress, stop))
        if rest or not reports:
            try:
                reports.append(self._rooms.catalog.ingest(rest, text_fields, progress, stop))
            except UsageError:
                if not reports:
                    raise
                reports.append(IngestReport(set_aside=len(rest)))
        counts = IngestReport.model_fields
        return IngestReport(**{name: sum(getattr(r, name) for r in reports) for name in counts})

    def import_archive(self, address: str, user_id: str, progress: Progress = silent) -> ArchiveReport:
        """What a person downloaded from a social or video app: its items, and what that person did."""
        return Archives(self._rooms).import_archive(address, user_id, progress)

    def describe(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> DescribeReport:
        """Describe what is pending; what items of the API name on hosts that are listed is fetched first."""
        try:
            self._rooms.catalog.fetch_pushed(progress, stop)
            return self._rooms.describer.run(progress, stop)
        finally:
            self._rooms.touch()

    def put_items(self, rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[Problem]]:
        """Insert or update items from rows with a manifest's columns."""
        put, problems = self._rooms.catalog.put_rows(rows)
        self._rooms.touch()
        return put, problems

    def delete_item(self, item_id: str) -> None:
        """Take an item out for good; its events stay in the log."""
        self._rooms.stores.items.delete([self._key(item_id)])
        self._rooms.touch()

    # --- showing

    def item(self, item_id: str) -> ItemView:
        """One item with all that is known of it."""
        return self._views([self._item(item_id)])[0]

    def items(
        self,
        cursor: str | None = None,
        n: int = 50,
        query: dict[str, str] | None = None,
        audience: str | None = None,
    ) -> tuple[list[ItemView], str | None]:
        """A page of items in order of their arrival; the cursor names the last one of the page before.

        What moderation keeps from the audience is left out.
        """
        try:
            after = min(max(int(cursor), 0), 2**62) if cursor else 0
        except ValueError as error:
            raise UsageError(
                "not a cursor of ours", place="cursor", remedy="use the `next` of the page before"
            ) from error
        wanted = query or {}
        page: list[ItemView] = []
        batch: list[Item] = []
        available = {"true": True, "false": False}.get(wanted.get("available", ""))
        for item in self._rooms.stores.items.iter(available, after):
            if wanted.get("kind") and item.kind.value != wanted["kind"]:
                continue
            batch.append(item)
            if len(batch) == n:
                page += self._matching(batch, wanted, audience)
                batch = []
            if len(page) > n:
                break
        page += self._matching(batch, wanted, audience)
        more = len(page) > n
        return page[:n], str(page[n - 1].item.key) if more else None

    def _matching(self, items: Sequence[Item], query: dict[str, str], audience: str | None) -> list[ItemView]:
        views = [v for v in self._views(items, audience, whole=False) if v.judgement.shown]
        category, language = query.get("category"), query.get("language")
        return [
            v
            for v in views
            if (not category or (v.description is not None and v.description.category == category))
            and (not language or language in (v.item.language, v.description.language if v.description else None))
        ]

    def _views(self, items: Sequence[Item], audience: str | None = None, whole: bool = True) -> list[ItemView]:
        """Items with what is known of them; `whole`: with their copies and shared spans, which lists do not show."""
        stores = self._rooms.stores
        keys = [item.key for item in items]
        assets = stores.items.assets(keys)
        descriptions = stores.descriptions.many(keys)
        judges = Judges(self._rooms, items, descriptions)
        copies = stores.duplicates.copies_of(keys) if whole else {}
        names = {
            k: i.item_id
            for k, i in stores.items.by_key(sorted({c for group in copies.values() for c in group})).items()
        }
        return [
            ItemView(
                item=item,
                assets=tuple(assets.get(item.key, ())),
                description=_judged(descriptions.get(item.key), item, judges),
                judgement=judges.judge(item, descriptions.get(item.key), audience),
                duplicates_of=tuple(names[c] for c in copies.get(item.key, ()) if c in names),
                shares=tuple(map(_floats, stores.duplicates.shares(item.key))) if whole else (),
            )
            for item in items
        ]

    def export(self) -> Iterator[dict[str, Any]]:
        """A description line for every item, copies too."""
        batch: list[Item] = []
        for item in self._rooms.stores.items.iter():
            batch.append(item)
            if len(batch) == _PAGE:
                yield from map(self._line, self._views(batch))
                batch = []
        yield from map(self._line, self._views(batch))

    def export_one(self, item_id: str) -> dict[str, Any]:
        """The description line of one item."""
        return self._line(self.item(item_id))

    def account(self, item_id: str, style: str = "account", language: str = "en") -> Account:
        """An item told at length in one style; raises UsageError where it is not described yet."""
        view = self.item(item_id)
        if view.description is None:
            raise UsageError("it is not described yet", place=item_id, remedy="run `vitascope describe` first")
        return self._rooms.describer.account(view.item, view.description, style, language)

    def account_line(self, item_id: str, style: str, language: str = "en") -> dict[str, Any]:
        """An account as plain JSON types."""
        told = self._rooms.describer.account_line(self.account(item_id, style, language))
        return {"item_id": item_id, **told}

    def _line(self, view: ItemView) -> dict[str, Any]:
        line: dict[str, Any] = self._rooms.describer.export_line(
            view.item, view.assets, view.description, view.duplicates_of, view.shares
        )
        return line

    # --- finding

    def similar(self, item_id: str, n: int = 10, audience: str | None = None) -> list[Hit]:
        """Items that are like an item; what moderation keeps from the audience is not among them."""
        return self._rooms.recommender.similar(self._key(item_id), n, audience)

    def search(self, query: str, n: int = 20, audience: str | None = None) -> list[Hit]:
        """Items by words and meaning; what moderation keeps from the audience is not found."""
        return self._rooms.recommender.search(query[:1_000], n, audience)

    # --- playing

    def playable(self, item_id: str, asset: int = 0) -> Playable:
        """A file that a browser plays."""
        item, media = self._item(item_id), self._media(item_id, asset)
        if not item.available or not media.available:
            raise UnreadableMedia(
                "its file is gone", place=item_id, remedy="put the file back and ingest its folder again"
            )
        if media.probe is None:
            raise UnreadableMedia(
                "it holds no media that can be played", place=item_id, remedy="see `vitascope problems`"
            )
        return self._rooms.transcoder.playable(media.path, media.sha256, media.probe)

    def thumbnail(self, item_id: str, width: int = 480) -> Path | None:
        """A picture of the item; None where there is none."""
        media = next(iter(self._rooms.stores.items.assets([self._key(item_id)]).get(self._key(item_id), [])), None)
        if media is None or media.probe is None or not media.available:
            return None
        return self._rooms.transcoder.thumbnail(media.path, media.sha256, media.probe, width)

    def _media(self, item_id: str, number: int) -> Asset:
        assets = self._rooms.stores.items.assets([self._key(item_id)]).get(self._key(item_id), [])
        if not 0 <= number < len(assets):
            raise UnreadableMedia(
                "no such media file", place=f"{item_id} asset {number}", remedy="see the item's assets"
            )
        return assets[number]

    def _item(self, item_id: str) -> Item:
        item = self._rooms.stores.items.get(item_id)
        if item is None:
            raise UnknownItem(
                "no such item", place=item_id, remedy="ingest it first, or look for it with `vitascope search`"
            )
        return item

    def _key(self, item_id: str) -> ItemKey:
        return self._item(item_id).key


def _judged(description: Description | None, item: Item, judges: Judges) -> Description | None:
    """The description with what the policy and the owner say today, not when it was made."""
    if description is None:
        return None
    told = judges.judge(item, description)
    now = judges.found[item.key].model_copy(update={"decision": told.verdict, "age": told.age})
    return description if now == description.moderation else description.model_copy(update={"moderation": now})


def _floats(share: SharedSpan) -> tuple[str, float, float, float, float]:
    return (
        share.item_id,
        float(share.span.start),
        float(share.span.end),
        float(share.other.start),
        float(share.other.end),
    )
