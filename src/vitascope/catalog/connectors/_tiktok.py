"""TikTok's "Download your data" (user_data_tiktok.json, or its text files), and Douyin's of the same shape.

Format: TikTok's help page "Requesting your data" and the files it gives: sections with lists of {Date, Link} (or {date,
link}): "Video Browsing History" or "Watch History" > VideoList, "Like List" > ItemFavoriteList, "Favorite Videos" >
FavoriteVideoList, "Share History" > ShareHistoryList, "Following" > Following {Date, UserName}; under "Activity", or since
2024 under "Your Activity" and others, so a section is told by its name wherever it stands. Dates are UTC. As text, a file a
section with blocks of "Date: ..." and "Link: ...". Douyin publishes no description of its export: the same shape with Chinese
section names (观看历史, 点赞列表, 收藏列表, 关注列表) and douyin.com addresses is read, its dates as UTC+8.

No titles are in it: an item is known by its number until something says more, and stays out of lists until then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vitascope.base.errors import InputError
from vitascope.base.items import ItemKind
from vitascope.base.ports.connectors import Act, Fault, Source, SourceItem
from vitascope.catalog import _text as text
from vitascope.catalog._sidecars import decode_text
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

_SECTIONS = {
    "video browsing history": "play",
    "watch history": "play",
    "browsing history": "play",
    "观看历史": "play",
    "浏览记录": "play",
    "观看记录": "play",
    "like list": "like",
    "liked videos": "like",
    "点赞列表": "like",
    "点赞记录": "like",
    "喜欢列表": "like",
    "favorite videos": "favourite",
    "favourite videos": "favourite",
    "favorite": "favourite",
    "favorites": "favourite",
    "收藏列表": "favourite",
    "收藏视频": "favourite",
    "收藏": "favourite",
    "share history": "share",
    "分享记录": "share",
    "following": "follow",
    "following list": "follow",
    "关注列表": "follow",
}
_FIELDS = {"date": "date", "时间": "date", "日期": "date", "link": "link", "url": "link", "链接": "link"}
_FIELDS |= {"username": "user", "user": "user", "用户名": "user", "昵称": "user", "title": "title", "标题": "title"}
_FIELDS |= {"author": "author", "作者": "author", "itemtitle": "title"}
_VIDEO = re.compile(
    r"https?://[^/\s]*?(?P<site>tiktokv?|douyin|iesdouyin)\.com/(?:[^?#\s]*/)?(?:video|v|photo|note)/(?P<n>\d{6,25})"
)
_MARKS = [
    f'"{n}"' for n in ("Video Browsing History", "Watch History", "Like List", "Favorite Videos", "ItemFavoriteList")
]
_MARKS += [f'"{n}"' for n in _SECTIONS if not n.isascii()]
_HEAD = 4_000_000


class TikTok:
    """Reads TikTok's and Douyin's."""

    name = "tiktok"

    def claims(self, source: Source) -> bool:
        """Whether a file holds one of the sections."""
        names = source.names()
        if any(self._section(n) and looks_like(source, n, 500, b"Date:", b"Link:") for n in named(names, ".txt")):
            return True
        marks = [m.encode() for m in _MARKS]
        escaped = [m.encode("ascii", "backslashreplace") for m in _MARKS if not m.isascii()]
        return any(looks_like(source, n, _HEAD, *marks, *escaped) for n in named(names, ".json")[:50])

    def read(self, source: Source) -> Iterator[SourceItem | Act | Fault]:
        """All sections of all files."""
        once = Once()
        for name in named(source.names(), ".json", ".txt"):
            complain = Complaints(place_of(source, name))
            try:
                if name.lower().endswith(".txt"):
                    act = self._section(name)
                    if act:
                        yield from self._entries(act, _blocks(decode_text(source.read(name))), "", once, complain)
                    continue
                for path, node in objects(load(source, name)):
                    if path.rsplit("/", 1)[-1].strip().lower() in _SECTIONS:
                        continue  # {"Following": {"Following": [...]}} was read as a whole
                    for title, below in node.items():
                        act = _SECTIONS.get(str(title).strip().lower())
                        listed = _list_of(below) if act else None
                        if act and listed is not None:
                            yield from self._entries(act, listed, f"{path}/{title}/".lstrip("/"), once, complain)
            except InputError as error:
                yield Fault(place=error.place or name, reason=error.thing, remedy=error.remedy or "")
            yield from complain.rest()

    @staticmethod
    def _section(name: str) -> str | None:
        return _SECTIONS.get(name.rsplit("/", 1)[-1].rpartition(".")[0].strip().lower())

    def _entries(
        self, act: str, listed: list[Any], section: str, once: Once, complain: Complaints
    ) -> Iterator[SourceItem | Act | Fault]:
        for number, raw in enumerate(listed, 1):
            where = f"{section}{number}"
            if not isinstance(raw, dict):
                yield from complain(where, "it is no entry with a date and a link")
                continue
            entry = {_FIELDS[k]: v for key, v in raw.items() if (k := str(key).strip().lower()) in _FIELDS}
            if act == "follow":
                who = text.plain(entry.get("user") or "", 200)
                if who:
                    yield Act(type=act, target=f"creator:{who}", event_id=f"tiktok:follow:{who}", place=where)
                else:
                    yield from complain(where, "it names nobody")
                continue
            found = _VIDEO.match(str(entry.get("link") or "").strip())
            if found is None:
                if act != "share":  # a profile, a sound or a live room may be shared too
                    yield from complain(
                        where, f"it links to no video ({text.clean(entry.get('link') or '', 80)!r})", NOTHING
                    )
                continue
            site = "douyin" if "douyin" in found["site"] else "tiktok"
            try:
                at = when(str(entry.get("date") or "").replace(" UTC", ""))
                at = at - 8 * 3600 if at is not None and site == "douyin" else at
            except ValueError as error:
                yield from complain(where, f"its date cannot be read ({error}); it was taken without one", kept=True)
                at = None
            link = found[0]
            item = draft(
                f"{site}:{found['n']}",
                self.name,
                ItemKind.VIDEO,
                title=entry.get("title"),
                creator=entry.get("author"),
                extra=(("link", link),),
            )
            yield from once(SourceItem(draft=item))
            yield Act(
                type=act,
                item_id=item.item_id,
                timestamp=at,
                surface="short",
                event_id=f"{site}:{act}:{found['n']}:{int(at)}" if at is not None else None,
                place=where,
            )


def _list_of(node: Any) -> list[Any] | None:
    """The list of a section: itself, or the one list in it."""
    if isinstance(node, list):
        return node
    lists = [v for v in node.values() if isinstance(v, list)] if isinstance(node, dict) else []
    return lists[0] if len(lists) == 1 else None


def _blocks(written: str) -> list[dict[str, str]]:
    """ "Date: ..." and "Link: ..." lines, a block an entry."""
    found: list[dict[str, str]] = [{}]
    for line in written.splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            found.append({})
        elif colon and name.strip().lower() in _FIELDS:
            if name.strip() in found[-1]:
                found.append({})
            found[-1][name.strip()] = value.strip()
    return [f for f in found if f]
