"""Room 1's entry: takes paths, folders, manifests and feeds in.

Takes paths and ports; writes items, assets, vectors, fingerprints, links and problems; gives an `IngestReport`. It
describes nothing and knows no person. Every step can be repeated: ids come from names and contents, so a run that was
killed is completed by the next one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from vitascope.base.errors import BadRow, InputError, StoreError, UsageError, VitascopeError
from vitascope.base.items import Item, ItemDraft
from vitascope.base.media import Problem
from vitascope.base.ports.connectors import SourceItem
from vitascope.base.ports.media import Fetcher, MediaReader
from vitascope.base.ports.stores import DuplicateStore, ItemStore, ProblemStore, SettingsStore, VectorStore
from vitascope.base.ports.work import IngestReport, Progress, silent
from vitascope.catalog import _feeds, _rows
from vitascope.catalog._config import CatalogConfig
from vitascope.catalog._copies import Copies
from vitascope.catalog._folder import FolderIntake
from vitascope.catalog._info_json import SOURCE_ID
from vitascope.catalog._listed import PlaylistIntake
from vitascope.catalog._playlists import PLAYLISTS
from vitascope.catalog._problems import note, problem, shown
from vitascope.catalog._remote import Remote, Wanted
from vitascope.catalog._tally import Tally

_FEEDS = {".xml", ".rss", ".atom", ".rdf"}


class Catalog:
    """Takes media in."""

    def __init__(
        self,
        items: ItemStore,
        duplicates: DuplicateStore,
        vectors: VectorStore,
        problems: ProblemStore,
        settings: SettingsStore,
        reader: MediaReader,
        config: CatalogConfig,
        fetcher: Fetcher | None = None,
        fetched: Path | None = None,
    ) -> None:
        self._items, self._vectors, self._problems = items, vectors, problems
        self._reader, self._config, self._fetcher = reader, config, fetcher
        self._copies = Copies(items, duplicates, settings, reader, config)
        self._folders = FolderIntake(items, problems, reader, config, self._copies)
        self._remote = Remote(items, problems, self._folders, config, fetcher, fetched)
        self._lists = PlaylistIntake(items, problems, config, self._folders, self._remote)

    def ingest(
        self,
        paths: Sequence[str],
        text_fields: tuple[str, ...] | None = None,
        progress: Progress = silent,
        stop: Callable[[], bool] = lambda: False,
    ) -> IngestReport:
        """Take in files, folders, manifests (CSV, JSONL, Parquet), feed files and feed addresses.

        `stop` is asked between files and batches; what was done is kept.

        Raises:
            UsageError: none of the inputs could be opened.
            StoreError: the home cannot be written.
        """
        began = time.monotonic()
        fields = text_fields or self._config.text_fields
        tally = Tally(progress, stop)
        self._copies.begin()
        opened = 0
        unopened: list[VitascopeError] = []
        for path in paths:
            if stop():
                break
            try:
                self._one(path, fields, tally)
                opened += 1
            except UsageError as error:
                unopened.append(error)
                self._problems.add([problem(error, error.place or path)])
                tally.set_aside += 1
        if unopened and not opened:
            raise unopened[0]
        if not stop():
            tally.duplicates = self._copies.link(tally.changed, progress, stop)
        return tally.report(time.monotonic() - began)

    def put_rows(self, rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[Problem]]:
        """Insert or update items from rows with a manifest's columns; media of them may be http(s) addresses or absolute
        paths. Answers the ids that were put, and what was set aside or dropped."""
        tally = Tally(silent, lambda: False)
        self._copies.begin()
        numbered: Iterator[tuple[int, dict[str, Any] | str]] = ((i, dict(r)) for i, r in enumerate(rows, 1))
        batch = _Batch(self, Path("/"), "rows", self._config.text_fields, tally, origin="api")
        batch.run(numbered)
        if tally.changed:
            self._copies.link(tally.changed, silent, lambda: False)
        return batch.put_ids, batch.problems

    def fetch_pushed(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> int:
        """Fetch what items that came over the API name elsewhere, from the hosts that `catalog.fetch.hosts` lists.

        What could not be had is tried again after `catalog.fetch.again` seconds. Answers how many were fetched.
        """
        hosts = self._config.fetch.hosts
        if not hosts or self._fetcher is None:
            return 0
        since = time.time() - self._config.fetch.again
        lately = {p.place for p in self._problems.iter() if p.last_seen > since}
        tally = Tally(progress, stop)
        self._copies.begin()
        wanted: list[Wanted] = []
        pushed = iter(i for i in self._items.iter(True) if i.origin == "api" and i.has_media)
        while part := list(islice(pushed, self._config.rows)):
            assets = self._items.assets([i.key for i in part])
            wanted += [
                Wanted(item, asset.uri, asset.uri)
                for item in part
                for asset in assets.get(item.key, ())
                if asset.uri.startswith(("http://", "https://")) and shown(asset.uri) not in lately
            ]
        self._remote.fetch(wanted, hosts, "api", tally)
        if tally.changed:
            self._copies.link(tally.changed, progress, stop)
        return len(tally.changed)

    def source_ids(self) -> dict[str, str]:
        """Which item of ours is which work of which site, where the file said so: {"youtube:ID": item_id}."""
        found: dict[str, str] = {}
        for item in self._items.iter():
            if item.origin.startswith("folder:"):
                for name in dict(item.extra).get(SOURCE_ID, "").split(", "):
                    found.setdefault(name, item.item_id)
        found.pop("", None)
        return found

    def put_connected(self, said: Sequence[SourceItem], place: str, keep: Callable[[str], Path], tally: Tally) -> None:
        """Insert or update the items of a connector. One of which nothing is known, no title and no media, is kept out of
        lists until something says more."""
        self._copies.begin()
        fields = self._config.text_fields
        drafts = [s.draft.model_copy(update={"text_fields": s.draft.text_fields or fields}) for s in said]
        items, _ = self._write_batch(
            [(0, _rows.Stated(draft=d, uri=None, vectors=(), dropped=())) for d in drafts], tally
        )
        wanted: list[Wanted] = []
        for item, one in zip(items, said, strict=True):
            where = f"{place}:{item.item_id}"
            if one.file is not None:
                try:
                    self._folders.bind(item, keep(one.file), tally, where)
                except InputError as error:
                    self._aside([problem(error, error.place or where, item.item_id)], tally)
            elif one.uri is not None:
                reason = _feeds.refused_address(one.uri, self._config.private_addresses)
                if reason:
                    self._problems.add([note(where, f"its media were left out: {reason}", "none", item.item_id)])
                    continue
                wanted.append(Wanted(item, one.uri, where))
                self._remote.link(wanted[-1])
        now = self._items.by_key([i.key for i in items])
        bare = [k for k, i in now.items() if i.available and not i.title and not i.has_media]
        if bare:
            self._items.set_available(sorted(bare), False)
        if wanted:
            self._remote.fetch(wanted, self._config.fetch.hosts, place, tally)
        if tally.changed:
            tally.duplicates += self._copies.link(tally.changed, tally.progress, tally.stop)
            tally.changed.clear()

    def _one(self, path: str, fields: tuple[str, ...], tally: Tally) -> None:
        if path.startswith(("http://", "https://")):
            self._address(path, fields, tally)
            return
        local = Path(os.path.abspath(_local_path(path)))
        suffix = local.suffix.lower()
        if local.is_dir():
            for playlist in self._folders.folder(local, fields, tally):
                self._lists.take(playlist, local, fields, tally)
        elif not os.path.lexists(local):
            raise UsageError("there is no such file or folder", place=path, remedy="check the path")
        elif suffix in PLAYLISTS and local.is_file():
            self._lists.take(local, local.parent, fields, tally)
        elif suffix in _rows.MANIFESTS and local.is_file():
            self._manifest(local, fields, tally)
        elif local.is_file() and (suffix in _FEEDS or _looks_like_feed(local)):
            self._feed_file(local, fields, tally)
        else:
            self._folders.file(local, fields, tally)

    # --- manifests

    def _manifest(self, path: Path, fields: tuple[str, ...], tally: Tally) -> None:
        place = shown(str(path))
        before = [p.place for p in self._problems.iter() if p.place == place or p.place.startswith(place + ":")]
        batch = _Batch(self, path.parent, place, fields, tally, origin=f"manifest:{place}")
        try:
            batch.run(_rows.rows(path))
            self._remote.fetch(batch.wanted, self._config.fetch.hosts, place, tally)
        except BadRow as error:
            batch.problems.append(problem(error, place))
            tally.set_aside += 1
        except OSError as error:
            raise UsageError(
                f"it cannot be opened ({error.strerror})", place=str(path), remedy="check that it may be read"
            ) from error
        finally:
            self._problems.add(batch.problems)
        if not tally.stop():
            again = {p.place for p in batch.problems}
            self._problems.clear(p for p in before if p not in again)

    def _write_batch(self, stated: list[tuple[int, _rows.Stated]], tally: Tally) -> tuple[list[Item], dict[str, Item]]:
        """Put the drafts of a batch in one transaction; answers the items and those of before."""
        keys = self._items.keys([s.draft.item_id for _, s in stated])
        old = {i.item_id: i for i in self._items.by_key(list(keys.values())).values()}
        items = self._items.put([s.draft for _, s in stated])
        counted: set[str] = set()
        for item in reversed(items):  # the last statement of an id is what stands
            if item.item_id in counted:
                continue
            counted.add(item.item_id)
            known = old.get(item.item_id)
            tally.count(known is not None, known is None or _differs(known, item))
        back = [i.key for i in items if not i.available]
        if back:
            self._items.set_available(sorted(set(back)), True)
        return items, old

    # --- feeds

    def _address(self, url: str, fields: tuple[str, ...], tally: Tally) -> None:
        if self._fetcher is None:
            raise UsageError(
                "this library fetches nothing", place=url, remedy="save the feed as a file and ingest that"
            )
        try:
            tally.progress("fetch", 0, None, shown(url))
            data = self._fetcher.fetch(url, self._config.feed_bytes, self._config.private_addresses)
        except StoreError:
            raise
        except VitascopeError as error:
            raise UsageError(error.thing, place=url, remedy=error.remedy) from error
        self._problems.clear([shown(url)])
        self._feed(data, url, fields, tally)

    def _feed_file(self, path: Path, fields: tuple[str, ...], tally: Tally) -> None:
        try:
            with open(path, "rb") as file:
                data = file.read(self._config.feed_bytes + 1)
        except OSError as error:
            raise UsageError(
                f"it cannot be opened ({error.strerror})", place=str(path), remedy="check that it may be read"
            ) from error
        if len(data) > self._config.feed_bytes:
            self._aside(
                [
                    problem(
                        InputError(
                            f"it is longer than {self._config.feed_bytes:,} bytes", remedy="raise catalog.feed_bytes"
                        ),
                        str(path),
                    )
                ],
                tally,
            )
            return
        self._feed(data, str(path), fields, tally)

    def _feed(self, data: bytes, source: str, fields: tuple[str, ...], tally: Tally) -> None:
        found: list[Problem] = []
        wanted: list[Wanted] = []
        aside = 0
        try:
            entries = _feeds.read_feed(data, source, fields, self._config.feed_entries, self._config.private_addresses)
            while part := list(islice(entries, self._config.rows)):
                good = [e for e in part if isinstance(e, _feeds.Entry)]
                for error in part:
                    if isinstance(error, InputError):
                        found.append(problem(error, error.place or source))
                        aside += 1
                for entry in good:
                    found += [
                        note(
                            f"{source}:{entry.draft.item_id}",
                            f"{name} was dropped: {why}",
                            "correct the feed",
                            entry.draft.item_id,
                        )
                        for name, why in entry.dropped
                    ]
                items, _ = self._write_batch(
                    [(0, _rows.Stated(draft=e.draft, uri=e.url, vectors=(), dropped=())) for e in good], tally
                )
                assets = self._items.assets([i.key for i in items])
                for item, entry in zip(items, good, strict=True):
                    if entry.url:
                        wanted.append(_wanted(item, entry, source))
                        self._remote.link_episode(wanted[-1], assets.get(item.key, ()))
                if tally.stop():
                    break
            self._problems.clear([shown(source)])
            newest = sorted(wanted, key=lambda w: -(w.item.published_at or 0.0))[: self._config.fetch.newest]
            self._remote.fetch(newest, self._config.fetch.feed_hosts, source, tally)
        except InputError as error:
            found.append(problem(error, error.place or source))
            aside += 1
        self._problems.add(found)
        tally.set_aside += aside

    def _aside(self, problems: list[Problem], tally: Tally) -> None:
        self._problems.add(problems)
        tally.set_aside += len(problems)


class _Batch:
    """Rows of one manifest on their way into the stores."""

    def __init__(
        self, catalog: Catalog, folder: Path, place: str, fields: tuple[str, ...], tally: Tally, origin: str
    ) -> None:
        self.catalog, self.folder, self.place, self.fields, self.tally = catalog, folder, place, fields, tally
        self.origin = origin
        self.problems: list[Problem] = []
        self.put_ids: list[str] = []
        self.wanted: list[Wanted] = []
        self._seen: dict[int, int] = {}
        self._pairs: set[int] = set()
        self._done = 0
        self._unlisted = 0

    def run(self, rows: Iterable[tuple[int, dict[str, Any] | str]]) -> None:
        """All rows, a batch at a time."""
        config = self.catalog._config
        stream = iter(rows)
        while part := list(islice(stream, config.rows)):
            stated = []
            for line, row in part:
                found = self._read(line, row)
                if found is not None:
                    stated.append((line, found))
            if stated:
                self._write(stated)
            self._done += len(part)
            self.tally.progress("rows", self._done, None, self.place)
            if self.tally.stop():
                break
        if self._unlisted:
            self.problems.append(
                note(
                    self.place,
                    f"{self._unlisted} more rows were set aside",
                    "correct the rows that are listed first",
                    None,
                    "bad-row",
                )
            )

    def _read(self, line: int, row: dict[str, Any] | str) -> _rows.Stated | None:
        where = f"{self.place}:{line}"
        if isinstance(row, str):
            self._refuse(BadRow(row, remedy="correct this line"), where, None, row)
            return None
        try:
            stated = _rows.read_row(row, self.fields, self.origin)
        except BadRow as error:
            self._refuse(error, where, None, repr(row))
            return None
        name = stated.draft.item_id
        first = self._seen.setdefault(hash(name), line)
        pair = hash((name, stated.uri))
        if first != line and (stated.uri is None or pair in self._pairs):
            twice = BadRow(
                f"item_id {name} was stated before, on line {first}, and this row names no other file",
                remedy="give it an item_id of its own, or another uri to be a further file of that item",
            )
            self._refuse(twice, where, name, repr(row))
            return None
        self._pairs.add(pair)
        if stated.dropped:
            said = "; ".join(f"{field} was dropped: {why}" for field, why in stated.dropped)
            self._note(note(where, said, "correct the field; the rest of the row was taken", name))
        return stated

    def _refuse(self, error: VitascopeError, where: str, item_id: str | None, payload: str) -> None:
        self.tally.set_aside += 1
        if len(self.problems) < self.catalog._config.problem_rows:
            self.problems.append(problem(error, where, item_id, payload))
        else:
            self._unlisted += 1

    def _note(self, found: Problem) -> None:
        if len(self.problems) < self.catalog._config.problem_rows:
            self.problems.append(found)
        else:
            self._unlisted += 1

    def _write(self, stated: list[tuple[int, _rows.Stated]]) -> None:
        items, _ = self.catalog._write_batch(stated, self.tally)
        self.put_ids += [i.item_id for i in items]
        for item, (line, said) in zip(items, stated, strict=True):
            if said.vectors:
                refused = self.catalog._vectors.put_own(item.key, said.vectors)
                for key in refused:
                    reason = f"vector {key} was set aside: not as long as the others of that name, or not usable"
                    self._note(
                        note(f"{self.place}:{line}:vectors", reason, "use one length for each name", item.item_id)
                    )
            if said.uri is not None:
                if self.tally.stop():
                    return
                self._media(item, said.uri, line)

    def _media(self, item: Item, uri: str, line: int) -> None:
        where = f"{self.place}:{line}"
        catalog = self.catalog
        if uri.startswith(("http://", "https://")):
            reason = _feeds.refused_address(uri, catalog._config.private_addresses)
            if reason:
                self._note(
                    note(f"{where}:uri", f"uri was dropped: {reason}", "name a public http(s) address", item.item_id)
                )
            else:
                self.wanted.append(Wanted(item, uri, where))
                catalog._remote.link(self.wanted[-1])
            return
        path = Path(os.path.abspath(os.path.join(self.folder, _local_path(uri))))
        self.tally.progress("files", self.tally.files, None, shown(path.name))
        catalog._folders.bind(item, path, self.tally, where)


def _wanted(item: Item, entry: _feeds.Entry, source: str) -> Wanted:
    return Wanted(
        item,
        entry.url or "",
        f"{source}:{item.item_id}",
        entry.bytes,
        entry.seconds,
        entry.chapters,
        entry.chapters_url,
        entry.transcripts,
        episode=True,
    )


def _differs(old: Item, new: Item) -> bool:
    apart = {"key", "available", "has_media", "created_at", "origin"}
    return old.model_dump(exclude=apart) != new.model_dump(exclude=apart)


def _local_path(path: str) -> str:
    """A path as it is, or the path of a file:// address."""
    if path.startswith("file://"):
        return unquote(urlsplit(path).path)
    return path


def _looks_like_feed(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return _feeds.is_feed(file.read(4_000))
    except OSError:
        return False


__all__ = ["Catalog", "ItemDraft"]
