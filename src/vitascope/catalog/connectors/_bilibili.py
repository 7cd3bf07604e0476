"""Bilibili's watch history and favourites, as JSON.

Bilibili offers no archive to download; what people keep are the answers of its web interface, saved page by page by export
tools: history (`x/web-interface/history/cursor`: {title, history: {bvid, oid, business}, author_name, view_at, progress,
duration, tag_name}) and favourites (`x/v3/fav/resource/list`: {info: {title}, medias: [{bvid, title, intro, upper: {name},
fav_time, pubtime, duration}]}); names as in the community's bilibili-API-collect. Whatever stands around the entries (pages,
`data`, `list`) is passed over. A list without times is told by its file's name: like/点赞, coin/投币, toview/稍后再看.
`progress` is seconds, -1 when watched to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vitascope.base.errors import InputError
from vitascope.base.items import ItemKind
from vitascope.base.ports.connectors import Act, Fault, Source, SourceItem
from vitascope.catalog import _text as text
from vitascope.catalog.connectors._read import (
    NOTHING,
    Complaints,
    Once,
    draft,
    load,
    looks_like,
    named,
    objects,
    place_of,
    when,
)

_BV = re.compile(r"BV[0-9A-Za-z]{10}")
_HEAD = 200_000
_BY_NAME = (
    (re.compile(r"like|点赞", re.I), "like"),
    (re.compile(r"coin|投币", re.I), "like"),
    (re.compile(r"fav|收藏", re.I), "favourite"),
    (re.compile(r"toview|watch.?later|稍后再看", re.I), ""),
)


class Bilibili:
    """Reads Bilibili's lists."""

    name = "bilibili"

    def claims(self, source: Source) -> bool:
        """Whether a file has entries with a bvid and what one did with it."""
        return any(
            looks_like(source, n, _HEAD, b'"bvid"')
            and (
                looks_like(source, n, _HEAD, b'"view_at"', b'"fav_time"')
                or any(p.search(n.rsplit("/", 1)[-1]) for p, _ in _BY_NAME)
            )
            for n in named(source.names(), ".json")[:500]
        )

    def read(self, source: Source) -> Iterator[SourceItem | Act | Fault]:
        """Entries of all files."""
        once = Once()
        for name in named(source.names(), ".json"):
            complain = Complaints(place_of(source, name))
            try:
                yield from self._file(load(source, name), name.rsplit("/", 1)[-1], once, complain)
            except InputError as error:
                yield Fault(place=error.place or name, reason=error.thing, remedy=error.remedy or "")
            yield from complain.rest()

    def _file(self, document: Any, name: str, once: Once, complain: Complaints) -> Iterator[SourceItem | Act | Fault]:
        by_name = next((act for form, act in _BY_NAME if form.search(name)), None)
        folder: list[tuple[str, str]] = []
        for path, node in objects(document):
            info = node.get("info")
            if isinstance(node.get("medias"), list) and isinstance(info, dict):
                folder.append((f"{path}/medias/", text.plain(info.get("title") or "", 100)))
            if "bvid" not in node and not isinstance(node.get("history"), dict):
                continue
            if path.endswith("/history"):
                continue  # the inner part of an entry
            title = next((t for p, t in reversed(folder) if path.startswith(p)), "")
            yield from self._entry(node, path.lstrip("/"), by_name, title, once, complain)

    def _entry(
        self,
        node: dict[str, Any],
        where: str,
        by_name: str | None,
        folder: str,
        once: Once,
        complain: Complaints,
    ) -> Iterator[SourceItem | Act | Fault]:
        inner = node["history"] if isinstance(node.get("history"), dict) else {}
        business = str(inner.get("business") or "archive")
        if business.startswith("article"):
            return  # a text: nothing to watch
        number = str(node.get("bvid") or inner.get("bvid") or "")
        if business == "live" and inner.get("oid"):
            number, kind, link = f"live{inner['oid']}", ItemKind.LIVE, f"https://live.bilibili.com/{inner['oid']}"
        elif _BV.fullmatch(number):
            kind, link = ItemKind.VIDEO, f"https://www.bilibili.com/video/{number}"
        elif business == "pgc" and inner.get("epid"):
            number, kind = f"ep{inner['epid']}", ItemKind.VIDEO
            link = f"https://www.bilibili.com/bangumi/play/{number}"
        else:
            yield from complain(where, "it names no video (no bvid)", NOTHING)
            return
        upper = node["upper"] if isinstance(node.get("upper"), dict) else node.get("owner")
        maker = node.get("author_name") or (upper.get("name") if isinstance(upper, dict) else None)
        tags = text.clean(node.get("tag_name") or node.get("tname") or "", 100)
        published = _time(node.get("pubtime") or node.get("pubdate"))
        extra = [("link", link)] + ([(f"playlist {folder}", _place(where))] if folder else [])
        item = draft(
            f"bilibili:{text.clean(number, 60)}",
            self.name,
            kind,
            title=node.get("title"),
            description=node.get("intro") or node.get("desc"),
            creator=maker,
            tags=(tags,) if tags else (),
            published_at=published,
            extra=tuple(extra),
        )
        yield from once(SourceItem(draft=item))
        yield from self._act(node, item.item_id, kind, by_name, where)

    def _act(
        self, node: dict[str, Any], item_id: str, kind: ItemKind, by_name: str | None, where: str
    ) -> Iterator[Act]:
        surface = "live" if kind is ItemKind.LIVE else "video"
        viewed, kept = _time(node.get("view_at")), _time(node.get("fav_time"))
        if viewed is not None:
            length, at = _number(node.get("duration")), _number(node.get("progress"))
            kind_of, value = "play", None
            if at == -1:
                kind_of = "complete"
            elif at is not None and at > 0 and length:
                kind_of, value = "progress", min(1.0, at / length)
            yield Act(
                type=kind_of, item_id=item_id, value=value, timestamp=viewed, surface=surface,
                event_id=f"{item_id}:{int(viewed)}", place=where,
            )  # fmt: skip
        elif kept is not None or by_name:
            did = "favourite" if kept is not None else by_name or ""
            yield Act(
                type=did, item_id=item_id, timestamp=kept, surface=surface, event_id=f"{item_id}:{did}", place=where
            )


def _place(where: str) -> str:
    last = where.rsplit("/", 1)[-1]
    return str(int(last) + 1) if last.isdecimal() else "1"


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 else None


def _time(value: Any) -> float | None:
    try:
        found = when(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    except ValueError:
        return None
    return found if found and found > 0 else None
