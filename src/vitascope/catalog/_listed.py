"""Playlists into the library: their files and addresses become items, and each item keeps its place in the list.

Takes a playlist's path and the folder that it may not leave. Knows the stores and the two intakes, for files and for what
is elsewhere. The order is kept as an extra field of the item, "playlist NAME" = "3 of 12".
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from vitascope.base.errors import InputError
from vitascope.base.items import Item, ItemDraft
from vitascope.base.ports.stores import ItemStore, ProblemStore
from vitascope.catalog import _feeds, _playlists
from vitascope.catalog import _text as text
from vitascope.catalog._config import CatalogConfig
from vitascope.catalog._folder import FolderIntake
from vitascope.catalog._problems import note, problem, shown
from vitascope.catalog._remote import Remote, Wanted
from vitascope.catalog._tally import Tally


class PlaylistIntake:
    """Takes playlists in."""

    def __init__(
        self, items: ItemStore, problems: ProblemStore, config: CatalogConfig, folders: FolderIntake, remote: Remote
    ) -> None:
        self._items, self._problems, self._config = items, problems, config
        self._folders, self._remote = folders, remote

    def take(self, path: Path, root: Path, fields: tuple[str, ...], tally: Tally) -> None:
        """One playlist; what it names inside `root` becomes, or is already, an item."""
        tally.files += 1
        place = shown(str(path))
        before = [p.place for p in self._problems.iter() if p.place == place or p.place.startswith(f"{place}:")]
        self._problems.clear(before)
        try:
            playlist = _playlists.read_playlist(path)
        except InputError as error:
            self._problems.add([problem(error, place)])
            tally.set_aside += 1
            return
        outside: list[str] = []
        beyond = 0
        missing: list[str] = []
        wanted: list[Wanted] = []
        places: list[ItemDraft] = []
        total = len(playlist.entries)
        for number, entry in enumerate(playlist.entries, 1):
            if tally.stop():
                self._items.put(places)
                return
            where = _playlists.leads_to(entry, path.parent, root, path.suffix.lower() == ".xspf")
            item: Item | None = None
            if where is None:
                outside.append(entry.location)
            elif isinstance(where, str):
                reason = _feeds.refused_address(where, self._config.private_addresses)
                if reason:
                    self._problems.add(
                        [
                            note(
                                f"{place}:{number}",
                                f"the entry was left out: {reason}",
                                "name a public http(s) address",
                            )
                        ]
                    )
                    continue
                item = self._elsewhere(entry, where, place, fields, tally)
                wanted.append(Wanted(item, where, f"{place}:{number}", 0, entry.seconds))
                self._remote.link(wanted[-1])
            elif not _playlists.inside_of(where, path.parent):
                # in the folder that is being ingested, but not in the list's own: nothing is opened for the list's sake
                item = self._item_of(where)
                outside += [entry.location] if item is None else []
                beyond += item is not None
            elif (item := self._item_of(where)) is None:
                if where.is_file() and where.suffix.lower() not in _playlists.PLAYLISTS:
                    self._folders.file(where, fields, tally)
                    item = self._item_of(where)
                elif not where.is_file():
                    missing.append(entry.location)
            name, spot = f"playlist {playlist.name}", f"{number} of {total}"
            if item is not None and dict(item.extra).get(name) != spot:
                said = ItemDraft(item_id=item.item_id, extra=((name, spot),), text_fields=item.text_fields)
                places.append(said)
            if len(places) >= self._config.rows:
                self._items.put(places)
                places = []
        self._items.put(places)
        self._tell(place, outside, beyond, missing, total, tally)
        self._remote.fetch(wanted, self._config.fetch.hosts, place, tally)

    def _tell(self, place: str, outside: list[str], beyond: int, missing: list[str], total: int, tally: Tally) -> None:
        if outside:
            reason = f"{len(outside)} of {total} entries lead out of its folder and were not followed, the first: "
            remedy = "ingest the folder that holds both the list and what it names"
            error = _playlists.HostilePlaylist(reason + text.clean(outside[0], 200), remedy=remedy)
            self._problems.add([problem(error, place)])
            tally.set_aside += 1
        elif beyond:
            reason = (
                f"{beyond} of {total} entries lead out of its folder; they were only matched with items that are here"
            )
            remedy = "nothing, if the list is yours; else remove it"
            self._problems.add([note(place, reason, remedy, None, _playlists.HostilePlaylist.code)])
        if missing:
            reason = f"{len(missing)} of {total} entries name files that are not there, the first: "
            self._problems.add(
                [
                    note(
                        f"{place}:missing",
                        reason + text.clean(missing[0], 200),
                        "correct the list, or put the files back",
                    )
                ]
            )

    def _item_of(self, path: Path) -> Item | None:
        asset = self._items.asset_by_uri(str(path))
        return self._items.by_key([asset.item]).get(asset.item) if asset is not None else None

    def _elsewhere(self, entry: _playlists.Listed, url: str, place: str, fields: tuple[str, ...], tally: Tally) -> Item:
        known = self._items.asset_by_uri(url)
        if known is not None and (item := self._items.by_key([known.item]).get(known.item)) is not None:
            tally.count(True, False)
            return item
        item_id = "u_" + hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:20]
        old, link = self._items.get(item_id), shown(url)
        draft = ItemDraft(
            item_id=item_id,
            title=entry.title or text.title_of_file(Path(link.rsplit("?", 1)[0]).stem or link),
            creator=entry.creator,
            extra=(("link", text.clean(link, 2_000)),),
            text_fields=fields,
            origin=f"playlist:{place}",
        )
        put = self._items.put([draft])[0]
        tally.count(old is not None, old is None)
        return put
