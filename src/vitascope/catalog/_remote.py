"""Media elsewhere, of manifests, playlists and feeds: fetched into the home where the settings allow it, else only linked.

Takes items with addresses; gives them assets. An address has one file in the folder, named by its digest, so that a second
run fetches nothing again and one that was stopped goes on. Knows no network: the Fetcher port does.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from vitascope.base.errors import InputError, Refused, StoreError, VitascopeError
from vitascope.base.items import Item, ItemDraft
from vitascope.base.media import Asset, Chapter, Problem
from vitascope.base.ports.media import DownloadLimits, Fetcher
from vitascope.base.ports.stores import AssetDraft, ItemStore, ProblemStore
from vitascope.catalog import _feeds, _files, _timed
from vitascope.catalog._config import CatalogConfig
from vitascope.catalog._folder import FolderIntake
from vitascope.catalog._problems import note, problem, shown
from vitascope.catalog._tally import Tally

_T = TypeVar("_T")

ADDRESS = "media_address"
"""Extra field of an item whose media were fetched: from where."""


@dataclass(frozen=True)
class Wanted:
    """An item's media at an address."""

    item: Item
    url: str
    where: str
    """The manifest's line or the feed's entry that names it."""
    bytes: int = 0
    seconds: float | None = None
    chapters: tuple[Chapter, ...] = ()
    chapters_url: str | None = None
    transcripts: tuple[_feeds.Transcript, ...] = ()
    episode: bool = False
    """Of a feed: the item has this one file."""


@dataclass
class Remote:
    """Fetches what is wanted, one after the other."""

    items: ItemStore
    problems: ProblemStore
    folders: FolderIntake
    config: CatalogConfig
    fetcher: Fetcher | None
    folder: Path | None

    def link(self, wanted: Wanted) -> None:
        """Note where an item's media are, unless they are here already."""
        known = self.items.asset_by_uri(wanted.url)
        if (known is None or known.item != wanted.item.key) and not self._here(wanted):
            self.items.put_assets(wanted.item.key, [remote_asset(wanted.url, wanted.bytes, wanted.seconds)])

    def link_episode(self, wanted: Wanted, assets: Sequence[Asset]) -> None:
        """As `link`, for a feed's episode: it has one file, whatever token its address carries today."""
        if self._holds(assets):
            return
        before = next((a for a in assets if "://" in a.uri), None)
        if before is not None and before.uri != wanted.url and self.items.asset_by_uri(wanted.url) is None:
            self.items.move_asset(before.key, wanted.url, 0.0)
        self.link(wanted)

    def _holds(self, assets: Iterable[Asset]) -> bool:
        """Whether one of an item's media was fetched and is still here."""
        folder = self.folder
        return folder is not None and any(a.path.parent == folder and a.path.is_file() for a in assets)

    def fetch(self, wanted: list[Wanted], hosts: tuple[str, ...], source: str, tally: Tally) -> None:
        """Fetch what the list of hosts allows; say once for each other host that it does not."""
        refused: dict[str, int] = {}
        allowed = []
        assets = self.items.assets([w.item.key for w in wanted if w.episode])
        for one in wanted:
            if one.episode and self._holds(assets.get(one.item.key, ())):
                continue
            if self.fetcher is None or self.folder is None:
                return
            if self.fetcher.may(one.url, hosts):
                allowed.append(one)
            else:
                host = urlsplit(one.url).hostname or ""
                refused[host] = refused.get(host, 0) + 1
        self._tell(refused, source)
        for number, one in enumerate(allowed):
            if tally.stop():
                return
            tally.progress("fetch", number, len(allowed), shown(one.url))
            self._one(one, hosts, tally)
        if allowed:
            tally.progress("fetch", len(allowed), len(allowed), "")

    def _tell(self, refused: dict[str, int], source: str) -> None:
        place = f"{shown(source)}:hosts"
        if not refused:
            self.problems.clear([place])
            return
        named = ", ".join(f"{h} ({n})" for h, n in sorted(refused.items(), key=lambda r: (-r[1], r[0]))[:20])
        self.problems.add(
            [
                note(
                    place,
                    f"media were not fetched, only linked, since these hosts are not on the list: {named}",
                    'name the hosts you trust in the setting catalog.fetch.hosts, such as ["media.example.org"]',
                )
            ]
        )

    def _path(self, wanted: Wanted) -> Path:
        assert self.folder is not None
        digest = hashlib.sha256(wanted.url.encode("utf-8", "replace")).hexdigest()[:32]
        suffix = Path(unquote(urlsplit(wanted.url).path)).suffix.lower()
        return self.folder / (digest + (suffix if suffix in _files.MEDIA else ".media"))

    def _here(self, wanted: Wanted) -> bool:
        return self.folder is not None and self.items.asset_by_uri(str(self._path(wanted))) is not None

    def _one(self, wanted: Wanted, hosts: tuple[str, ...], tally: Tally) -> None:
        assert self.fetcher is not None
        path, config = self._path(wanted), self.config.fetch
        place = shown(wanted.url)
        if not path.is_file():
            limits = DownloadLimits(
                bytes=config.bytes, seconds=config.seconds, stall=config.stall, keep_free=config.keep_free
            )
            try:
                self.fetcher.download(wanted.url, path, limits, self.config.private_addresses, hosts)
            except StoreError:
                raise
            except VitascopeError as error:
                self.problems.add([problem(error, place, wanted.item.item_id)])
                tally.set_aside += 1
                return
        self.problems.clear([place])
        self._beside(wanted, path, hosts)
        linked = self.items.asset_by_uri(wanted.url)
        if linked is not None and self.items.asset_by_uri(str(path)) is None:
            self.items.move_asset(linked.key, str(path), path.stat().st_mtime)
        item = wanted.item
        said = ItemDraft(item_id=item.item_id, extra=((ADDRESS, place),), text_fields=item.text_fields)
        self.items.put([said])
        self.folders.bind(item, path, tally, wanted.where, self._chapters(wanted, hosts))

    def _chapters(self, wanted: Wanted, hosts: tuple[str, ...]) -> tuple[Chapter, ...]:
        if wanted.chapters or not wanted.chapters_url:
            return wanted.chapters
        return self._document(wanted, wanted.chapters_url, hosts, _timed.podcast_chapters) or ()

    def _beside(self, wanted: Wanted, path: Path, hosts: tuple[str, ...]) -> None:
        """Transcripts, as the subtitle files that are read with a media file."""
        for said in wanted.transcripts[:4]:
            suffix = _timed.TRANSCRIPTS.get(said.type)
            beside = path.with_name(f"{path.stem}{'.' + said.language if said.language else ''}{suffix or '.vtt'}")
            if suffix is None or beside.is_file():
                continue
            text = self._document(wanted, said.url, hosts, partial(_timed.transcript, kind=said.type))
            if text:
                made = beside.with_name(beside.name + ".tmp")
                made.write_text(text, "utf-8")
                os.replace(made, beside)

    def _document(self, wanted: Wanted, url: str, hosts: tuple[str, ...], read: Callable[[bytes], _T]) -> _T | None:
        assert self.fetcher is not None
        try:
            reason = _feeds.refused_address(url, self.config.private_addresses)
            if reason or not self.fetcher.may(url, hosts):
                raise Refused(reason or "its host is not on the list of hosts that may be asked", place=url)
            found = read(self.fetcher.fetch(url, _timed.LONGEST, self.config.private_addresses, hosts))
        except StoreError:
            raise
        except (VitascopeError, ValueError) as error:
            told = error if isinstance(error, VitascopeError) else InputError(str(error), remedy="correct the feed")
            found_problem: Problem = note(
                shown(url), f"not used: {told.thing}", told.remedy or "correct the feed", wanted.item.item_id
            )
            self.problems.add([found_problem])
            return None
        self.problems.clear([shown(url)])
        return found


def remote_asset(url: str, size: int, seconds: float | None) -> AssetDraft:
    """An asset elsewhere: its address is kept and shown."""
    return AssetDraft(uri=url, sha256="", bytes=size, modified=0.0, probe=None, duration=seconds)
