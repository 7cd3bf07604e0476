"""Folders and single files into items. See CONTRACTS "Items" for the rules of identity.

A file's item id comes from its root's id and its relative path. Same path again: same item. Bytes that moved (their old
path is gone): the item moves along. An exact copy: an item of its own. A vanished file: its item is unavailable.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.base.errors import InputError, UnreadableMedia
from vitascope.base.items import Item, ItemDraft
from vitascope.base.media import Asset, Chapter, Probe
from vitascope.base.ports.media import MediaReader
from vitascope.base.ports.stores import AssetDraft, ItemStore, ProblemStore
from vitascope.base.records import ItemKey
from vitascope.catalog import _files
from vitascope.catalog._beside import Beside, Reader
from vitascope.catalog._config import CatalogConfig
from vitascope.catalog._describe_file import draft_of_file
from vitascope.catalog._playlists import PLAYLISTS
from vitascope.catalog._problems import problem, shown
from vitascope.catalog._tally import Tally

if TYPE_CHECKING:
    from vitascope.catalog._copies import Copies

_MANIFEST_ORIGINS = ("manifest:", "feed:", "playlist:", "connector:", "api")


class FolderIntake:
    """Takes media files in."""

    def __init__(
        self, items: ItemStore, problems: ProblemStore, reader: MediaReader, config: CatalogConfig, copies: Copies
    ) -> None:
        self._items, self._problems, self._reader, self._config, self._copies = items, problems, reader, config, copies
        self._known_problems: set[str] = set()
        self._beside = Reader()

    def folder(self, root: Path, fields: tuple[str, ...], tally: Tally) -> list[Path]:
        """A folder with everything below it becomes, or is again, a watched root. Answers the playlists in it."""
        root_id = self._items.root_id(str(root))
        self._known_problems = {p.place for p in self._problems.iter()}
        self._beside.forget()
        known = {a.uri: a for a in self._items.assets_under(str(root))}
        items = self._items.by_key(sorted({a.item for a in known.values()}))
        total = self._count(root, tally.stop)
        seen: set[str] = set()
        lists: list[Path] = []
        for folder, media, names, failed in _files.walk(root):
            lists += [
                folder / n for n in sorted(names) if Path(n).suffix.lower() in PLAYLISTS and not n.startswith(".")
            ]
            for place, why in failed:
                error = InputError(f"it cannot be read ({why})", remedy="check the permissions, or remove it")
                self._aside(str(place), error, tally)
                seen.add(str(place))
            for found in media:
                if tally.stop():
                    return []
                tally.progress("files", tally.files, total, shown(found.path.name))
                seen.add(str(found.path))
                asset = known.get(str(found.path))
                item = items.get(asset.item) if asset else None
                self._take(found.path, root, root_id, names, fields, tally, asset, item)
        self._vanished(known, items, seen, tally)
        tally.progress("files", tally.files, total, "")
        return lists

    def file(self, path: Path, fields: tuple[str, ...], tally: Tally) -> None:
        """One named file: its folder is its root."""
        tally.progress("files", tally.files, None, shown(path.name))
        self._known_problems = {p.place for p in self._problems.iter()}
        asset = self._items.asset_by_uri(str(path))
        item = self._items.by_key([asset.item]).get(asset.item) if asset else None
        self._beside.forget()
        names = frozenset(n for n in _names_of(path) if (path.parent / n).is_file())
        root_id = "" if asset else self._items.root_id(str(path.parent))
        self._take(path, path.parent, root_id, names, fields, tally, asset, item)

    def bind(self, item: Item, path: Path, tally: Tally, where: str, chapters: tuple[Chapter, ...] = ()) -> None:
        """A file that a manifest row names becomes an asset of the row's item; `chapters` where it has none of its own."""
        tally.files += 1
        asset = self._items.asset_by_uri(str(path))
        try:
            if asset is not None and asset.item == item.key and _same(asset, path):
                if not asset.available:
                    self._items.set_available([item.key], True)
                return
            taken = _files.take(path, self._reader, self._config.limits)
            self._copies.mark()
            kept = self._items.put_assets(item.key, [_with_chapters(taken.asset, chapters)])[0]
            self._copies.remember(kept, taken.decoded)
            tally.changed.add(kept.key)
            if item.kind.value == "other" and taken.asset.probe is not None:
                from vitascope.catalog._describe_file import kind_of

                self._items.put(
                    [ItemDraft(item_id=item.item_id, kind=kind_of(taken.asset.probe), text_fields=item.text_fields)]
                )
            self._problems.clear([shown(str(path)), shown(f"{where}:uri")])
        except InputError as error:
            found = problem(error, f"{where}:uri", item.item_id)
            self._problems.add([found.model_copy(update={"reason": f"{shown(str(path))}: {found.reason}"})])
            tally.set_aside += 1

    # --- one file

    def _take(
        self,
        path: Path,
        root: Path,
        root_id: str,
        names: frozenset[str],
        fields: tuple[str, ...],
        tally: Tally,
        asset: Asset | None,
        item: Item | None,
    ) -> None:
        tally.files += 1
        try:
            if asset is not None and item is not None and asset.probe is not None and _same(asset, path):
                self._unchanged(path, root, names, fields, tally, asset, item)
                return
            sha256, status = _files.hashed(path)
            if item is None:
                moved = self._moved(sha256, path)
                if moved is not None:
                    asset, item = moved
                    self._items.move_asset(asset.key, str(path), status.st_mtime)
                    self._items.set_available([item.key], True)
                    self._clear(str(path), asset.uri)
                    if asset.probe is not None:
                        beside = self._look(path, names, root)
                        self._put(path, beside, fields, asset.probe, item.item_id, item, tally)
                    return
            taken = _files.take(path, self._reader, self._config.limits, (sha256, status))
        except InputError as error:
            self._aside(str(path), error, tally, item)
            return
        assert taken.asset.probe is not None
        item_id = item.item_id if item is not None else self._new_id(root, root_id, path)
        if item is None:  # a run that was killed between item and asset left the item alone
            key = self._items.keys([item_id]).get(item_id)
            item = self._items.by_key([key]).get(key) if key is not None else None
        changed = asset is not None and asset.sha256 != taken.asset.sha256
        beside = self._look(path, names, root)
        put = self._put(path, beside, fields, taken.asset.probe, item_id, item, tally, changed)
        self._copies.mark()
        kept = self._items.put_assets(put.key, [_with_chapters(taken.asset, beside.chapters)])[0]
        if not put.available:
            self._items.set_available([put.key], True)
        self._copies.remember(kept, taken.decoded)
        tally.changed.add(kept.key)
        self._clear(str(path))

    def _unchanged(
        self,
        path: Path,
        root: Path,
        names: frozenset[str],
        fields: tuple[str, ...],
        tally: Tally,
        asset: Asset,
        item: Item,
    ) -> None:
        if not item.available or not asset.available:
            self._items.set_available([item.key], True)
        self._clear(str(path))
        if item.origin.startswith(_MANIFEST_ORIGINS):
            tally.count(True, False)  # a manifest said what it is
            return
        assert asset.probe is not None
        beside = self._look(path, names, root)
        if not beside.any and fields == item.text_fields:
            tally.count(True, False)
            return
        if beside.chapters and not asset.probe.chapters:
            self._items.put_assets(item.key, [_with_chapters(_again(asset), beside.chapters)])
        self._put(path, beside, fields, asset.probe, item.item_id, item, tally)

    def _put(
        self,
        path: Path,
        beside: Beside,
        fields: tuple[str, ...],
        probe: Probe,
        item_id: str,
        old: Item | None,
        tally: Tally,
        changed: bool = False,
    ) -> Item:
        if old is not None and old.origin.startswith(_MANIFEST_ORIGINS):
            tally.count(True, changed)
            return old
        origin = f"folder:{shown(str(path.parent))}"
        draft = draft_of_file(item_id, path, probe, beside.general, fields, origin, beside.source)
        put = self._items.put([draft])[0]
        tally.count(old is not None, changed or old is None or _said(old) != _said(put))
        return put

    def _look(self, path: Path, names: frozenset[str], root: Path) -> Beside:
        beside = self._beside.look(path, names, root)
        self._clear(*beside.read)
        self._problems.add([problem(error, place) for place, error in beside.failed])
        return beside

    def _new_id(self, root: Path, root_id: str, path: Path) -> str:
        name = _files.relative_name(root, path)
        item_id = _files.item_id_of(root_id, name)
        raw = path.relative_to(root).as_posix()
        if raw != name and self._elsewhere(item_id, path):
            return _files.item_id_of(root_id, "raw:" + raw)  # two names that differ only in Unicode's normal form
        return item_id

    def _elsewhere(self, item_id: str, path: Path) -> bool:
        key = self._items.keys([item_id]).get(item_id)
        assets = self._items.assets([key]).get(key, []) if key is not None else []
        return any(a.uri != str(path) and os.path.lexists(a.uri) for a in assets)

    def _moved(self, sha256: str, path: Path) -> tuple[Asset, Item] | None:
        """The asset whose bytes these are and whose own file is gone."""
        for asset in self._items.assets_by_sha256(sha256):
            if "://" in asset.uri or asset.uri == str(path) or os.path.lexists(asset.uri):
                continue
            item = self._items.by_key([asset.item]).get(asset.item)
            if item is not None and not item.origin.startswith(_MANIFEST_ORIGINS):
                return asset, item
        return None

    def _vanished(self, known: dict[str, Asset], items: dict[ItemKey, Item], seen: set[str], tally: Tally) -> None:
        left: dict[ItemKey, bool] = {}
        for uri, asset in known.items():
            there = uri in seen or os.path.lexists(uri)
            current = self._items.asset_by_uri(uri) if not there else asset
            if current is None or current.key != asset.key:
                continue  # it moved
            left[asset.item] = left.get(asset.item, False) or there
        gone = [key for key, there in left.items() if not there and key in items and items[key].available]
        others = self._items.assets(gone)
        gone = [k for k in gone if not any("://" in a.uri or os.path.lexists(a.uri) for a in others.get(k, ()))]
        if gone:
            self._items.set_available(gone, False)
            tally.gone += len(gone)

    def _aside(self, place: str, error: InputError, tally: Tally, item: Item | None = None) -> None:
        self._problems.add([problem(error, place, item.item_id if item else None)])
        self._known_problems.add(shown(place))
        tally.set_aside += 1
        if item is not None and item.available and isinstance(error, UnreadableMedia):
            self._items.set_available([item.key], False)  # what was there was overwritten by something unreadable
            tally.gone += 1

    def _clear(self, *places: str) -> None:
        mine = [shown(p) for p in places if shown(p) in self._known_problems]
        if mine:
            self._problems.clear(mine)
            self._known_problems.difference_update(mine)

    @staticmethod
    def _count(root: Path, stop: Callable[[], bool]) -> int | None:
        total = 0
        for _, media, _, _ in _files.walk(root):
            total += len(media)
            if stop():
                return None
        return total


def _same(asset: Asset, path: Path) -> bool:
    """Whether a file's size and time are those of its asset (then its bytes are not read again)."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return asset.bytes == status.st_size and abs(asset.modified - status.st_mtime) < 1e-6 and asset.probe is not None


def _names_of(media: Path) -> tuple[str, ...]:
    """Names under which a statement on one named file may lie beside it."""
    return (f"{media.stem}.nfo", f"{media.stem}.NFO", f"{media.stem}.info.json", media.name)


def _again(asset: Asset) -> AssetDraft:
    return AssetDraft(**{name: getattr(asset, name) for name in AssetDraft.model_fields})


def _with_chapters(draft: AssetDraft, chapters: tuple[Chapter, ...]) -> AssetDraft:
    if not chapters or draft.probe is None or draft.probe.chapters:
        return draft
    return draft.model_copy(update={"probe": draft.probe.model_copy(update={"chapters": chapters})})


def _said(item: Item) -> dict[str, Any]:
    return item.model_dump(exclude={"key", "available", "has_media", "created_at", "origin"})


__all__ = ["AssetDraft", "FolderIntake"]
