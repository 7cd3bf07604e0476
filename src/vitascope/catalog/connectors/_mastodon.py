"""Mastodon's "Request your archive": own posts with sound or pictures that move, shares, likes, bookmarks, follows.

Format: ActivityStreams 2 collections as Mastodon writes them (docs.joinmastodon.org, "Export"): actor.json, outbox.json
(`orderedItems`: Create of a Note with `attachment` [{mediaType, url, name}], Announce of an address), likes.json and
bookmarks.json (`orderedItems`: addresses), media_attachments/files/...; beside it following_accounts.csv of the settings'
"Data export". Likes and bookmarks have no time. Posts to named people alone are left where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

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
    place_of,
    table,
    when,
)

_PUBLIC = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")
_LISTS = {"likes.json": "like", "bookmarks.json": "favourite"}
Files = Mapping[str, Sequence[str]]
"""The archive's names by their last part."""
_ACCOUNT = re.compile(r"[\w.-]{1,100}@[\w.-]{1,200}")


class Mastodon:
    """Reads Mastodon's archive."""

    name = "mastodon"

    def claims(self, source: Source) -> bool:
        """Whether there is an outbox, or a list of likes or bookmarks, of ActivityStreams."""
        names = source.names()
        if any(looks_like(source, n, 4_000, b"OrderedCollection") for n in named(names, "outbox.json", *_LISTS)):
            return True
        return any(looks_like(source, n, 200, b"Account address") for n in named(names, "following_accounts.csv"))

    def read(self, source: Source) -> Iterator[SourceItem | Act | Fault]:
        """The outbox first: own posts are known best there."""
        once = Once()
        owner = self._owner(source)
        files: dict[str, list[str]] = {}
        for name in source.names():
            files.setdefault(name.rsplit("/", 1)[-1], []).append(name)
        found = named(source.names(), "outbox.json", *_LISTS, "following_accounts.csv")
        for name in sorted(found, key=lambda n: (not n.lower().endswith("outbox.json"), n.endswith(".csv"), n)):
            complain = Complaints(place_of(source, name))
            last = name.rsplit("/", 1)[-1].lower()
            try:
                if last.endswith(".csv"):
                    yield from self._follows(source, name, complain)
                    continue
                document = load(source, name)
                listed = document.get("orderedItems") if isinstance(document, dict) else None
                if not isinstance(listed, list):
                    raise InputError(
                        "it is no collection (no list `orderedItems`)",
                        place=place_of(source, name),
                        remedy="request the archive again",
                    )
                for number, entry in enumerate(listed, 1):
                    if last == "outbox.json":
                        yield from self._activity(files, entry, number, owner, once, complain)
                    else:
                        yield from self._liked(_LISTS[last], entry, number, None, once, complain)
            except InputError as error:
                yield Fault(place=error.place or name, reason=error.thing, remedy=error.remedy or "")
            yield from complain.rest()

    @staticmethod
    def _owner(source: Source) -> str | None:
        for name in named(source.names(), "actor.json"):
            try:
                actor = load(source, name)
            except InputError:
                continue
            if isinstance(actor, dict):
                return text.plain(actor.get("name") or actor.get("preferredUsername") or "", 200) or None
        return None

    def _activity(
        self, files: Files, entry: Any, number: int, owner: str | None, once: Once, complain: Complaints
    ) -> Iterator[SourceItem | Act | Fault]:
        kind = entry.get("type") if isinstance(entry, dict) else None
        if kind == "Announce":
            time = entry.get("published")
            yield from self._liked("share", entry.get("object"), number, time, once, complain)
        elif kind == "Create" and isinstance(entry.get("object"), dict):
            yield from self._post(files, entry["object"], number, owner, complain)
        elif kind not in {"Create", "Update", "Delete", "Add", "Move", "Undo"}:
            yield from complain(number, "it is no activity of a kind that is known", NOTHING)

    def _post(
        self, files: Files, post: dict[str, Any], number: int, owner: str | None, complain: Complaints
    ) -> Iterator[SourceItem | Act | Fault]:
        address = _number_of(post.get("id"))
        to = [a for field in ("to", "cc") for a in _list(post.get(field))]
        if not any(a in _PUBLIC or (isinstance(a, str) and a.endswith("/followers")) for a in to):
            return
        media = []
        for one in _list(post.get("attachment")):
            form = str(one.get("mediaType") or "") if isinstance(one, dict) else ""
            if form.startswith(("video/", "audio/")):
                media.append((one, ItemKind.VIDEO if form.startswith("video/") else ItemKind.AUDIO))
        if not media:
            return
        if address is None:
            yield from complain(number, "the post has no address")
            return
        said = text.plain(post.get("content") or "", text.TEXT)
        alts = [t for one, _ in media if (t := text.plain(one.get("name") or "", 1_500))]
        warning = text.plain(post.get("summary") or "", 300)
        words = [t for e in _list(post.get("tag")) if isinstance(e, dict) and e.get("type") == "Hashtag"
                 if (t := text.plain(e.get("name") or "", 100).lstrip("#"))]  # fmt: skip
        try:
            published = when(post.get("published"))
        except ValueError:
            published = None
        extra = [("link", text.clean(post.get("url") or post.get("id") or "", 2_000))]
        extra += [("content_warning", warning)] if warning else []
        item = draft(
            address,
            self.name,
            media[0][1],
            title=text.clean((said or alts[0] if said or alts else "").split("\n")[0], 120),
            description="\n".join([t for t in (said, *alts) if t]),
            creator=owner,
            tags=tuple(dict.fromkeys(words)),
            published_at=published,
            extra=tuple(extra),
        )
        for one, _ in media:
            url = str(one.get("url") or "")
            path = url.lstrip("/")
            alike = files.get(path.rsplit("/", 1)[-1], ())
            inside = next((n for n in alike if n == path or n.endswith("/" + path)), None)
            if url.startswith(("http://", "https://")):
                yield SourceItem(draft=item, uri=url)
            elif inside is not None and url:
                yield SourceItem(draft=item, file=inside)
            else:
                yield from complain(number, f"its file is not in the archive ({text.clean(url, 200)})", kept=True)
                yield SourceItem(draft=item)

    def _liked(
        self, act: str, entry: Any, number: int, time: Any, once: Once, complain: Complaints
    ) -> Iterator[SourceItem | Act | Fault]:
        url = entry.get("id") if isinstance(entry, dict) else entry
        address = _number_of(url)
        if address is None:
            yield from complain(number, "it names no post")
            return
        try:
            at = when(time)
        except ValueError:
            at = None
        item = draft(
            address, self.name, ItemKind.OTHER, creator=_author(str(url)), extra=(("link", text.clean(url, 2_000)),)
        )
        yield from once(SourceItem(draft=item))
        yield Act(type=act, item_id=address, timestamp=at, event_id=f"{act}:{address}"[:500], place=str(number))

    def _follows(self, source: Source, name: str, complain: Complaints) -> Iterator[Act | Fault]:
        for number, (line, row) in enumerate(table(source, name)):
            if _ACCOUNT.fullmatch(row[0].lstrip("@")):
                who = "@" + row[0].lstrip("@")
                yield Act(type="follow", target=f"creator:{who}", event_id=f"mastodon:follow:{who}", place=str(line))
            elif number:
                yield from complain(line, "it names no account")


def _number_of(url: Any) -> str | None:
    """The item id of a post: "mastodon:" and its address without the scheme."""
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    found = f"mastodon:{parts.netloc}{parts.path}".rstrip("/")
    return found if parts.netloc and len(parts.path) > 1 and len(found) <= 400 and found.isprintable() else None


def _author(url: str) -> str | None:
    """ "@user@host" of a post's address, where it says."""
    parts = urlsplit(url)
    found = re.match(r"/(?:users/|@)([\w.-]{1,100})(?:@[\w.-]+)?/", parts.path)
    return f"@{found[1]}@{parts.hostname}" if found else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
