"""Copies: fingerprints of assets kept, whole-work copies and shared stretches linked. Nothing is ever deleted.

Takes decoded bundles and the stores; gives links. The measure itself stands in `_neardup`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from vitascope.base.content import SharedSpan
from vitascope.base.errors import InputError
from vitascope.base.media import Asset, Decoded
from vitascope.base.ports.media import MediaReader
from vitascope.base.ports.stores import DuplicateStore, Fingerprint, ItemStore, Neighbour, SettingsStore
from vitascope.base.ports.work import Progress
from vitascope.base.records import AssetKey, ItemKey
from vitascope.base.time import Span, media_time
from vitascope.catalog._config import CatalogConfig
from vitascope.catalog._neardup import VERSION, Index, Match
from vitascope.catalog._sound_match import ROW

_DONE = "neardup:done"
_DIRTY = "neardup:dirty"


class Copies:
    """Finds copies."""

    def __init__(
        self,
        items: ItemStore,
        duplicates: DuplicateStore,
        settings: SettingsStore,
        reader: MediaReader,
        config: CatalogConfig,
    ) -> None:
        self._items, self._duplicates, self._settings = items, duplicates, settings
        self._reader, self._config = reader, config
        self._marked = self._stale = False

    def begin(self) -> None:
        """Before anything is taken in: see whether an earlier run was cut off."""
        self._marked = False
        self._stale = self._settings.get(_DIRTY) is not None or self._settings.get(_DONE) not in (None, VERSION)

    def mark(self) -> None:
        """Before an asset is written: until `link` has run to its end, links may be stale."""
        if not self._marked:
            self._settings.set(_DIRTY, "1")
            self._marked = True

    def remember(self, asset: Asset, decoded: Decoded) -> None:
        """Keep the fingerprint of an asset."""
        self._duplicates.put_fingerprint(fingerprint_of(asset, decoded))

    def link(self, changed: set[AssetKey], progress: Progress, stop: Callable[[], bool]) -> int:
        """Link the copies of changed assets (of all, where an earlier run was cut off); answers how many items have one."""
        dirty = self._stale
        if not changed and not dirty:
            return len(self._duplicates.groups())
        old = self._settings.get(_DONE) not in (None, VERSION)
        prints = {} if old else {p.asset: p for p in self._duplicates.fingerprints()}
        if dirty:
            self._complete(prints, stop)
        assets = {
            a.key: a for found in self._items.assets(sorted({p.item for p in prints.values()})).values() for a in found
        }
        prints = {k: p for k, p in prints.items() if k in assets}
        subjects = {assets[k].item for k in (set(prints) if dirty else changed & set(prints))}
        for others in self._duplicates.copies_of(sorted(subjects)).values():
            subjects.update(others)  # their links to what changed may be stale
        names = {k: i.item_id for k, i in self._items.by_key(sorted({a.item for a in assets.values()})).items()}
        index = Index(list(prints.values())) if self._config.near_duplicates else None
        by_content: dict[str, set[ItemKey]] = {}
        mine: dict[ItemKey, list[Asset]] = {}
        for asset in assets.values():
            by_content.setdefault(_content(asset), set()).add(asset.item)
            mine.setdefault(asset.item, []).append(asset)
        waiting, done = sorted(subjects), 0
        relinked = set(waiting)
        while waiting:
            if stop():
                return len(self._duplicates.groups())
            item = waiting.pop(0)
            progress("copies", done, done + len(waiting) + 1, names.get(item, ""))
            matches = [m for a in mine.get(item, ()) if a.key in prints and index for m in index.matches(prints[a.key])]
            self._write(item, mine.get(item, []), matches, by_content, names)
            for match in matches:  # what shares a stretch with this one says so too
                if not match.whole and match.other_item not in relinked:
                    relinked.add(match.other_item)
                    waiting.append(match.other_item)
            done += 1
        progress("copies", done, done, "")
        self._settings.set(_DONE, VERSION)
        self._settings.set(_DIRTY, None)
        self._marked = self._stale = False
        return len(self._duplicates.groups())

    def _complete(self, prints: dict[AssetKey, Fingerprint], stop: Callable[[], bool]) -> None:
        """Make the fingerprints that a killed run did not come to."""
        keys = [i.key for i in self._items.iter(available=True) if i.has_media]
        for first in range(0, len(keys), 500):
            for found in self._items.assets(keys[first : first + 500]).values():
                for asset in found:
                    if asset.key in prints or asset.probe is None or "://" in asset.uri or stop():
                        continue
                    try:
                        decoded = self._reader.decode(Path(asset.uri), asset.sha256, self._config.limits)
                    except InputError:
                        continue
                    prints[asset.key] = fingerprint_of(asset, decoded)
                    self._duplicates.put_fingerprint(prints[asset.key])

    def _write(
        self,
        item: ItemKey,
        assets: list[Asset],
        matches: list[Match],
        by_content: dict[str, set[ItemKey]],
        names: dict[ItemKey, str],
    ) -> None:
        copies: dict[ItemKey, Neighbour] = {}
        for match in matches:
            if match.whole and match.other_item != item:
                known = copies.get(match.other_item)
                if known is None or known.score < match.score:
                    copies[match.other_item] = Neighbour(
                        item=item, other=match.other_item, score=match.score, exact=False
                    )
        for asset in assets:
            for other in by_content.get(_content(asset), set()) - {item} if asset.sha256 else ():
                copies[other] = Neighbour(item=item, other=other, score=1.0, exact=True)
        shares = [
            SharedSpan(
                item_id=names[m.other_item],
                span=Span(start=media_time(m.start), end=media_time(m.end)),
                other=Span(start=media_time(m.other_start), end=media_time(m.other_end)),
            )
            for m in sorted(matches, key=lambda m: m.start)
            if not m.whole and m.other_item != item and m.other_item not in copies and m.other_item in names
        ]
        self._duplicates.replace(item, list(copies.values()), shares)


def _content(asset: Asset) -> str:
    """What its streams hold, in whatever container and with whatever tags; its bytes where that is not known."""
    return (asset.probe.content if asset.probe else "") or asset.sha256


def fingerprint_of(asset: Asset, decoded: Decoded) -> Fingerprint:
    """What an asset is recognised by, of its bundle."""
    return Fingerprint(
        asset=asset.key,
        item=asset.item,
        duration=decoded.duration,
        picture=_read(decoded.picture_print, 8),
        picture_step=0.25,
        audio=_read(decoded.audio_print, ROW),
        audio_step=decoded.audio_print_step,
    )


def _read(path: Path | None, width: int) -> bytes:
    if path is None or not path.is_file():
        return b""
    data = path.read_bytes()[: 8 << 20]
    return np.frombuffer(data[: len(data) // width * width], np.uint8).tobytes()
