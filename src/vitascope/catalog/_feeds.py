"""RSS 2.0, RSS 1.0 and Atom feeds as item drafts. Pure: takes bytes, opens nothing.

Feeds are hostile: entities are refused, markup is taken out of texts, an enclosure may only be http(s) and may not name
an address of this machine or its network.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from vitascope.base.errors import InputError, without_secret
from vitascope.base.items import ItemDraft, ItemKind
from vitascope.base.media import Chapter
from vitascope.catalog import _text as text
from vitascope.catalog import _timed

_ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
_PODCAST = "{https://podcastindex.org/namespace/1.0}"
_KEEP = ("episode", "season", "episodeType", "duration", "explicit", "subtitle")


@dataclass(frozen=True)
class Transcript:
    """Where a transcript of an episode is."""

    url: str
    type: str
    language: str | None


@dataclass(frozen=True)
class Entry:
    """One entry: the item it states, the address of its media (None without), and what was dropped."""

    draft: ItemDraft
    url: str | None
    bytes: int
    seconds: float | None
    dropped: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...] = ()
    chapters_url: str | None = None
    transcripts: tuple[Transcript, ...] = ()


def is_feed(head: bytes) -> bool:
    """Whether the first bytes are those of a feed."""
    lowered = head[:4_000].lower()
    return lowered.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and bool(
        re.search(rb"<(rss|feed|rdf:rdf)[\s>]", lowered)
    )


def read_feed(
    data: bytes, source: str, text_fields: tuple[str, ...], limit: int, private: bool = False
) -> Iterator[Entry | InputError]:
    """Entries in order; one that can be no item comes as the error. Raises InputError where it is no feed at all."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise InputError(
            f"it is no feed that can be read ({type(error).__name__}: {str(error)[:100]})",
            place=source,
            remedy="check the address; a feed is RSS or Atom without DOCTYPE",
        ) from error
    name = _local(root.tag)
    channel = next((e for e in root if _local(e.tag) == "channel"), root)
    if name not in {"rss", "feed", "rdf"} and channel is root:
        raise InputError(f"it is XML ({name}), but no feed", place=source, remedy="name an RSS or Atom feed")
    return _entries(root, channel, source, text_fields, limit, private)


def _entries(
    root: Any, channel: Any, source: str, text_fields: tuple[str, ...], limit: int, private: bool
) -> Iterator[Entry | InputError]:
    about = {
        "language": _one(channel, "language") or channel.get("{http://www.w3.org/XML/1998/namespace}lang"),
        "creator": _one(channel, f"{_ITUNES}author") or _person(channel) or _one(channel, "title"),
        "licence": _one(channel, "license") or _one(channel, "copyright") or _one(channel, "rights"),
        "title": _one(channel, "title"),
    }
    topics = _topics(channel)
    entries = [
        e
        for holder in {id(channel): channel, id(root): root}.values()
        for e in holder
        if _local(e.tag) in {"item", "entry"}
    ]
    for number, entry in enumerate(entries[:limit], 1):
        try:
            yield _entry(entry, about, topics, source, text_fields, private)
        except InputError as error:
            error.place = f"{source}:{number}"
            yield error


def _entry(
    entry: Any,
    about: dict[str, str | None],
    topics: tuple[str, ...],
    source: str,
    text_fields: tuple[str, ...],
    private: bool,
) -> Entry:
    dropped: list[tuple[str, str]] = []
    url, kind, size = _enclosure(entry, source)
    if url is not None:
        reason = refused_address(url, private)
        if reason:
            dropped.append(("enclosure", reason))
            url = None
    title = text.plain(_one(entry, "title") or "", text.TITLE) or None
    guid = _one(entry, "guid") or _one(entry, "id") or url or _link(entry) or title
    if not guid or (url is None and title is None):
        why = dropped[0][1] if dropped else "it has neither a title nor media"
        raise InputError(f"the entry was left out: {why}", remedy="entries need a title or an http(s) enclosure")
    fields: dict[str, Any] = {"title": title}
    for name in (
        f"{_ITUNES}summary",
        "summary",
        "description",
        "{http://purl.org/rss/1.0/modules/content/}encoded",
        "content",
    ):
        said = _one(entry, name)
        if said:
            fields["description"] = text.plain(said, text.TEXT) or None
            break
    fields["creator"] = (
        text.plain(_one(entry, f"{_ITUNES}author") or _person(entry) or about["creator"] or "", text.NAME) or None
    )
    fields["licence"] = (
        text.plain(_one(entry, "license") or _one(entry, "rights") or about["licence"] or "", 300) or None
    )
    for name, value, reader in (
        ("published_at", _first(entry, "pubDate", "published", "date", "updated"), text.timestamp),
        ("language", _one(entry, "language") or about["language"], text.language_code),
    ):
        if value:
            try:
                fields[name] = reader(value)
            except (ValueError, OverflowError) as error:
                dropped.append((name, str(error)))
    words = [
        text.plain(e.get("term") or e.get("text") or e.text or "", 100) for e in entry if _local(e.tag) == "category"
    ]
    words += list(text.tag_list(_one(entry, f"{_ITUNES}keywords")))
    fields["tags"] = tuple(dict.fromkeys(w for w in [*words, *topics] if w))[: text.TAGS]
    extra = [("feed", text.plain(about["title"], 200))] if about["title"] else []
    extra += [(n, text.plain(v, 300)) for n in _KEEP if (v := _one(entry, _ITUNES + n))]
    people = [text.plain(p.text, 100) for p in entry if p.tag == f"{_PODCAST}person" and p.text][:20]
    if people:
        extra.append(("people", ", ".join(people)))
    link = _link(entry)
    if link and urlsplit(link).scheme in {"http", "https"}:
        extra.append(("link", text.clean(without_secret(link), 2_000)))
    digest = hashlib.sha256(f"{source}\n{guid.strip()}".encode("utf-8", "replace")).hexdigest()[:20]
    draft = ItemDraft(
        item_id="e_" + digest,
        kind=kind if url else ItemKind.OTHER,
        extra=tuple(extra),
        text_fields=text_fields,
        origin=f"feed:{text.clean(without_secret(source), 500)}",
        **fields,
    )
    return Entry(
        draft=draft,
        url=url,
        bytes=size,
        seconds=_timed.seconds(_one(entry, f"{_ITUNES}duration")) or None,
        dropped=tuple(dropped),
        chapters=_chapters(entry),
        chapters_url=next((u for e in entry if e.tag == f"{_PODCAST}chapters" and (u := _address(e, source))), None),
        transcripts=_transcripts(entry, source),
    )


def _topics(channel: Any) -> tuple[str, ...]:
    """The podcast's categories, the ones below included; "Society &amp; Culture" is one."""
    found = [e.get("text") or "" for e in channel.iter(f"{_ITUNES}category")][:20]
    return tuple(dict.fromkeys(t for t in (text.plain(f, 100) for f in found) if t))


def _chapters(entry: Any) -> tuple[Chapter, ...]:
    """Podlove Simple Chapters, written in the entry itself."""
    listed = [
        e for e in entry.iter() if isinstance(e.tag, str) and e.tag.startswith("{http://podlove.org/simple-chapters")
    ]
    return _timed.chapters((e.get("start"), None, e.get("title")) for e in listed if _local(e.tag) == "chapter")


def _transcripts(entry: Any, source: str) -> tuple[Transcript, ...]:
    """Those with times, the captions first; HTML and plain text say no time and are left."""
    found = []
    for element in entry:
        kind = (element.get("type") or "").split(";")[0].strip().lower()
        if (
            element.tag != f"{_PODCAST}transcript"
            or kind not in _timed.TRANSCRIPTS
            or not (url := _address(element, source))
        ):
            continue
        try:
            language = text.language_code(element.get("language"))
        except ValueError:
            language = None
        found.append((element.get("rel") != "captions", kind == "application/json", Transcript(url, kind, language)))
    unique: dict[str | None, Transcript] = {}
    for _, _, one in sorted(found, key=lambda f: f[:2]):
        unique.setdefault(one.language, one)
    return tuple(unique.values())[:4]


def _address(element: Any, source: str) -> str | None:
    address = (element.get("url") or element.get("href") or "").strip()
    base = source if source.startswith(("http://", "https://")) else ""
    return urljoin(base, address) if address and len(address) <= 4_000 else None


def _enclosure(entry: Any, source: str) -> tuple[str | None, ItemKind, int]:
    for element in entry.iter():
        name = _local(element.tag)
        media = (
            name == "enclosure"
            or (name == "content" and element.get("url"))
            or (name == "link" and element.get("rel") == "enclosure")
        )
        address = (element.get("url") or element.get("href") or "").strip() if media else ""
        if not address or len(address) > 4_000:
            continue
        kind = (element.get("type") or "").lower()
        base = source if source.startswith(("http://", "https://")) else ""
        size = element.get("length") or element.get("fileSize") or "0"
        found = (
            ItemKind.VIDEO
            if kind.startswith("video")
            else ItemKind.AUDIO
            if kind.startswith("audio")
            else ItemKind.OTHER
        )
        return urljoin(base, address), found, int(size) if size.isdigit() and len(size) < 16 else 0
    return None, ItemKind.OTHER, 0


def refused_address(url: str, private: bool = False) -> str | None:
    """Why an address may not be used: another scheme than http(s), this machine, its network (by its written form)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "its address is malformed"
    if parts.scheme not in {"http", "https"}:
        return f"its address is no http(s) address ({text.clean(parts.scheme, 20) or 'no scheme'})"
    if not host:
        return "its address names no host"
    if private:
        return None
    name = host.rstrip(".").lower()
    if (
        name == "localhost"
        or name.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))
        or "." not in name + ("." if ":" in name else "")
    ):
        return "its address is on this machine or its network"
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        # 127.1, 0x7f000001 and the like: what the C library would read as an address
        return "its address is written oddly" if re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+", name) else None
    return None if address.is_global else "its address is on this machine or its network"


def _local(tag: Any) -> str:
    return str(tag).rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""


def _one(element: Any, name: str) -> str | None:
    """Text of the first child of that name (of any namespace where none is given)."""
    for child in element:
        if isinstance(child.tag, str) and (
            child.tag == name or ("{" not in name and _plain_tag(child.tag) == name.lower())
        ):
            said = "".join(child.itertext()).strip()
            if said:
                return said[:200_000]
    return None


def _plain_tag(tag: str) -> str:
    """A tag without a namespace, or in Atom's, Dublin Core's, Media RSS's or Creative Commons'."""
    if "}" not in tag:
        return tag.lower()
    space, name = tag[1:].split("}", 1)
    common = (
        "w3.org/2005/Atom",
        "purl.org/dc",
        "search.yahoo.com/mrss",
        "purl.org/rss/1.0/",
        "reativecommons",
        "podcastindex",
    )
    return name.lower() if any(c in space for c in common) else ""


def _first(element: Any, *names: str) -> str | None:
    return next((v for n in names if (v := _one(element, n))), None)


def _person(element: Any) -> str | None:
    for child in element:
        if _local(child.tag) in {"author", "creator"}:
            return _one(child, "name") or (child.text or "").strip() or None
    return None


def _link(entry: Any) -> str | None:
    for child in entry:
        if _local(child.tag) == "link" and child.get("rel", "alternate") == "alternate":
            return (child.get("href") or child.text or "").strip() or None
    return None
