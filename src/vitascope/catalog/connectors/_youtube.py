"""YouTube's part of Google Takeout: watch history (JSON or HTML), playlists and likes (CSV), subscriptions (CSV), comments.

Format, as Google Takeout writes it (takeout.google.com, "YouTube and YouTube Music"; My Activity's records): an array of
{header, title, titleUrl, subtitles: [{name, url}], time, products, details}; the HTML of the same with
`div.outer-cell > div.content-cell`; `playlists/NAME-videos.csv` or, older, `playlists/Liked videos.csv`;
`subscriptions/subscriptions.csv` (channel id, address, title). File, folder and column names follow the account's language,
so files are told by what they hold. Advertisements ("From Google Ads") are no watch and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from vitascope.base.errors import InputError
from vitascope.base.items import ItemKind
from vitascope.base.ports.connectors import Act, Fault, Source, SourceItem
from vitascope.catalog import _text as text
from vitascope.catalog.connectors._activity import activities, date_of
from vitascope.catalog.connectors._read import Complaints, Once, draft, load, looks_like, named, place_of, table, when

_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_JSON_HEAD, _HTML_HEAD = 4_000, 400_000
_LIKED = re.compile(r"lik(?:e|ed)\b|mag ich|j.aime|me gusta|gostei|mi piace|喜欢|喜歡|赞过|高く評価|좋아요", re.I)
_LATER = re.compile(
    r"watch later|später ansehen|regarder plus tard|ver más tarde|稍后观看|稍後觀看|後で見る|나중에", re.I
)
_WATCHED = (
    re.compile(
        r"^(?:Watched|Listened to|Vous avez regardé|Has visto|Hai guardato|Assistiu a|观看了|已观看|觀看了|看了)"
        r"[\s:：]*(?P<t>.+)$",
        re.S,
    ),
    re.compile(r"^(?P<t>.+?)(?:を視聴しました|을\(를\) 시청했습니다|\s+angesehen)$", re.S),
)


class YouTube:
    """Reads YouTube's part of Google Takeout."""

    name = "youtube"

    def claims(self, source: Source) -> bool:
        """Whether one of the files is such a history or table."""
        return any(self._kind(source, name) for name in named(source.names(), ".json", ".html", ".csv")[:2_000])

    def _kind(self, source: Source, name: str) -> str:
        if name.lower().endswith(".json"):
            marks = (b'"header": "YouTube', b'"header":"YouTube', b'"products": ["YouTube', b'"products":["YouTube')
            spaced = looks_like(source, name, _JSON_HEAD, *marks) or (
                looks_like(source, name, _JSON_HEAD, b'"titleUrl"')
                and looks_like(source, name, _JSON_HEAD, b"youtube.com")
            )
            return "history" if spaced else ""
        if name.lower().endswith(".html"):
            cells = looks_like(source, name, _HTML_HEAD, b"content-cell")
            return "html" if cells and looks_like(source, name, _HTML_HEAD, b"youtube.com/watch") else ""
        try:
            head = source.head(name, _JSON_HEAD).decode("utf-8-sig", "replace")
        except InputError:
            return ""
        rows = [[c.strip() for c in line.split(",")] for line in head.splitlines()[1:12]]
        if any(_CHANNEL.fullmatch(r[0]) and len(r) > 2 and "youtube.com/channel/" in r[1] for r in rows):
            return "subscriptions"
        if any(_ID.fullmatch(r[0]) and len(r) > 1 and re.match(r"\d{4}-\d\d-\d\d", r[1]) for r in rows):
            return "playlist"
        return "comments" if head.startswith("Comment ID,") else ""

    def read(self, source: Source) -> Iterator[SourceItem | Act | Fault]:
        """Histories first: they have the titles that the tables lack."""
        once = Once()
        kinds = {n: self._kind(source, n) for n in named(source.names(), ".json", ".html", ".csv")}
        order = ("history", "html", "playlist", "subscriptions", "comments")
        readers = (self._history, self._html, self._playlist, self._subscriptions, self._comments)
        for kind, reader in zip(order, readers, strict=True):
            for name in (n for n, k in kinds.items() if k == kind):
                complain = Complaints(place_of(source, name))
                try:
                    yield from reader(source, name, once, complain)
                except InputError as error:
                    yield Fault(place=error.place or name, reason=error.thing, remedy=error.remedy or "")
                yield from complain.rest()

    def _history(
        self, source: Source, name: str, once: Once, complain: Complaints
    ) -> Iterator[SourceItem | Act | Fault]:
        entries = load(source, name)
        if not isinstance(entries, list):
            raise InputError("it is no list of activities", place=place_of(source, name), remedy="download it again")
        for number, entry in enumerate(entries, 1):
            if not isinstance(entry, dict):
                yield from complain(number, "it is no activity")
                continue
            details = entry.get("details")
            if isinstance(details, list) and any(
                isinstance(d, dict) and "ads" in str(d.get("name", "")).lower() for d in details
            ):
                continue
            subtitles = entry.get("subtitles")
            channel = (
                subtitles[0].get("name")
                if isinstance(subtitles, list) and subtitles and isinstance(subtitles[0], dict)
                else None
            )
            music = entry.get("header") == "YouTube Music"
            yield from self._watch(
                str(entry.get("titleUrl") or ""),
                entry.get("title"),
                channel,
                entry.get("time"),
                music,
                number,
                once,
                complain,
            )

    def _html(self, source: Source, name: str, once: Once, complain: Complaints) -> Iterator[SourceItem | Act | Fault]:
        for number, activity in enumerate(activities(source.read(name)), 1):
            if activity.is_ad:
                continue
            links = activity.links
            url, title = links[0] if links else ("", "")
            channel = next((t for u, t in links[1:] if "/channel/" in u or "/@" in u), None)
            time: object = date_of(activity.texts)
            if time is None and activity.texts and links:
                yield from complain(
                    number, "its date is written in a way that is not known; it was taken without a time", kept=True
                )
            yield from self._watch(url, title, channel, time, "music.youtube" in url, number, once, complain)

    def _watch(
        self,
        url: str,
        title: Any,
        channel: Any,
        time: Any,
        music: bool,
        number: int,
        once: Once,
        complain: Complaints,
    ) -> Iterator[SourceItem | Act | Fault]:
        video = video_of(url)
        if video is None:
            return  # a search, a visit of a channel, a video that was removed: no watch of an item
        try:
            at = when(time)
        except ValueError as error:
            yield from complain(number, f"its time cannot be read ({error}); it was taken without one", kept=True)
            at = None
        short = "/shorts/" in url
        said = _title(title, url)
        kind = ItemKind.AUDIO if music else ItemKind.VIDEO
        link = f"https://www.youtube.com/watch?v={video}"
        item = draft(f"youtube:{video}", self.name, kind, title=said, creator=channel, extra=(("link", link),))
        yield from once(SourceItem(draft=item))
        yield Act(
            type="play",
            item_id=item.item_id,
            timestamp=at,
            surface="music" if music else "short" if short else "video",
            # JSON knows milliseconds, HTML seconds: the same watch is the same event
            event_id=f"youtube:play:{video}:{int(at)}" if at is not None else None,
            place=str(number),
        )

    def _playlist(
        self, source: Source, name: str, once: Once, complain: Complaints
    ) -> Iterator[SourceItem | Act | Fault]:
        label = name.rsplit("/", 1)[-1].removesuffix(".csv").removesuffix("-videos")
        act = "like" if _LIKED.search(label) else None if _LATER.search(label) else "favourite"
        place = 0
        for line, row in table(source, name):
            if not _ID.fullmatch(row[0]):
                if place:
                    yield from complain(line, f"it names no video ({text.clean(row[0], 60)!r})")
                continue  # the head lines of the older form
            place += 1
            extra = (
                ("link", f"https://www.youtube.com/watch?v={row[0]}"),
                (f"playlist {text.clean(label, 100)}", str(place)),
            )
            item = draft(f"youtube:{row[0]}", self.name, ItemKind.VIDEO, extra=extra)
            yield SourceItem(draft=item)
            try:
                at = when(row[1].replace(" UTC", "+00:00")) if len(row) > 1 else None
            except ValueError:
                yield from complain(line, "its time cannot be read; it was taken without one", kept=True)
                at = None
            if act:
                yield Act(
                    type=act,
                    item_id=item.item_id,
                    timestamp=at,
                    event_id=f"youtube:{act}:{row[0]}",
                    place=str(line),
                )

    def _subscriptions(
        self, source: Source, name: str, once: Once, complain: Complaints
    ) -> Iterator[SourceItem | Act | Fault]:
        for number, (line, row) in enumerate(table(source, name)):
            title = text.plain(row[2], 200) if len(row) > 2 else ""
            if number and not (_CHANNEL.fullmatch(row[0]) and title):
                yield from complain(line, "it names no channel")
            elif number:
                yield Act(
                    type="follow", target=f"creator:{title}", event_id=f"youtube:follow:{row[0]}", place=str(line)
                )

    def _comments(
        self, source: Source, name: str, once: Once, complain: Complaints
    ) -> Iterator[SourceItem | Act | Fault]:
        head: list[str] = []
        for line, row in table(source, name):
            if not head:
                head = row
                continue
            cells = dict(zip(head, row, strict=False))
            video, said = cells.get("Video ID", ""), cells.get("Comment Text", "")
            if not _ID.fullmatch(video) or not said:
                yield from complain(line, "it names no video, or says nothing")
                continue
            try:
                at = when(cells.get("Comment Create Timestamp"))
            except ValueError:
                at = None
            item = draft(
                f"youtube:{video}",
                self.name,
                ItemKind.VIDEO,
                extra=(("link", f"https://www.youtube.com/watch?v={video}"),),
            )
            yield from once(SourceItem(draft=item))
            words = " ".join(re.findall(r'"text":\s*"((?:[^"\\]|\\.)*)"', said)) or said
            yield Act(
                type="comment",
                item_id=item.item_id,
                timestamp=at,
                text=text.clean(words, 5_000),
                event_id=f"youtube:comment:{cells.get('Comment ID', '')[:100]}" if cells.get("Comment ID") else None,
                place=str(line),
            )


def video_of(url: str) -> str | None:
    """The id of the video that an address of YouTube names, or None."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if host == "youtu.be":
        found = parts.path.strip("/")
    elif host == "youtube.com" or host.endswith(".youtube.com"):
        pieces = parts.path.strip("/").split("/")
        if len(pieces) == 2 and pieces[0] in {"shorts", "live", "embed"}:
            found = pieces[1]
        else:
            found = next(iter(parse_qs(parts.query).get("v", [])), "")
    else:
        return None
    return found if _ID.fullmatch(found) else None


def _title(title: Any, url: str) -> str | None:
    if not isinstance(title, str):
        return None
    said = title.replace("\xa0", " ").strip()
    for form in _WATCHED:
        if match := form.match(said):
            said = match["t"].strip()
            break
    return None if not said or said.startswith(("http://", "https://")) or said == url else said
