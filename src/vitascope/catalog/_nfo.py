"""Kodi and Jellyfin .nfo files: movie, episodedetails, musicvideo beside a file; tvshow and movie.nfo for a folder.

Takes paths, gives what they state under the names of `ItemDraft`. Hostile: sizes are bounded, XML entities refused. Format:
https://kodi.wiki/view/NFO_files and Jellyfin's "Local .nfo metadata". What they say of a person (watched, playcount, own
rating, resume point) is left: a catalogue knows no person.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from vitascope.base.errors import InputError
from vitascope.catalog import _text as text
from vitascope.catalog._sidecars import bounded, decode_text

_BYTES = 1_000_000
_TEXTS = (
    "showtitle",
    "season",
    "episode",
    "album",
    "track",
    "mpaa",
    "tagline",
    "originaltitle",
    "runtime",
    "country",
    "label",
)
EPISODES = 50

Stated = dict[str, Any]


def nfo_of(media: Path, names: frozenset[str]) -> Path | None:
    """The NFO file of a media file among the names of its folder."""
    for name in (f"{media.stem}.nfo", f"{media.stem}.NFO"):
        if name in names:
            return media.parent / name
    return None


def read_nfo(path: Path) -> Stated:
    """What a Kodi/Jellyfin NFO states, under the names of `ItemDraft`; {} where it holds only a link.

    Raises:
        InputError: not readable, too long, no XML, or it declares entities (an XML attack).
    """
    entries = _entries(path)
    if not entries:
        return {}
    stated = _stated(entries[0])
    if len(entries) > 1 and entries[0].tag == "episodedetails":  # one file that holds several episodes
        others = [_stated(e) for e in entries[1:EPISODES] if e.tag == "episodedetails"]
        titles = [t for s in (stated, *others) if (t := s.get("title"))]
        numbers = [n for s in (stated, *others) if (n := dict(s.get("extra", ())).get("episode"))]
        plots = [p for s in (stated, *others) if (p := s.get("description"))]
        stated["title"] = text.clean(" / ".join(titles), text.TITLE) or None
        stated["description"] = text.clean("\n\n".join(plots), text.TEXT) or None
        extra = dict(stated.get("extra", ()))
        if numbers:
            extra["episode"] = ", ".join(numbers)
        stated["extra"] = tuple(extra.items())
    return {k: v for k, v in stated.items() if v}


def read_show(path: Path) -> Stated:
    """What a tvshow.nfo says of every episode below its folder: the show's name, its genres, studio and plot.

    Raises:
        InputError: as `read_nfo`.
    """
    entry = next((e for e in _entries(path) if e.tag == "tvshow"), None)
    if entry is None:
        return {}
    show = _stated(entry)
    extra = {k: v for k, v in dict(show.get("extra", ())).items() if k in {"mpaa", "actors", "country"}}
    if show.get("title"):
        extra["showtitle"] = show["title"]
    if show.get("description"):
        extra["show_plot"] = text.clean(show["description"], 2_000)
    found: Stated = {"tags": show.get("tags", ()), "creator": show.get("creator"), "extra": tuple(extra.items())}
    return {k: v for k, v in found.items() if v}


def under(stated: Stated, general: Stated) -> Stated:
    """One file's own statement over what is said of its whole folder: tags and extra fields are joined."""
    joined = general | stated
    tags = (*stated.get("tags", ()), *general.get("tags", ()))
    extra = dict(general.get("extra", ())) | dict(stated.get("extra", ()))
    if tags:
        joined["tags"] = tuple(dict.fromkeys(tags))[: text.TAGS]
    if extra:
        joined["extra"] = tuple(extra.items())
    return joined


def _entries(path: Path) -> list[Any]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    written = decode_text(bounded(path, _BYTES)).strip()
    if "<" not in written[:2_000]:
        return []
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", written)
    try:
        if "<!DOCTYPE" in body[:5_000] or "<!ENTITY" in body:
            raise InputError("it declares XML entities, which is refused", place=str(path), remedy="remove the DOCTYPE")
        # Kodi writes one episode after the other into one file, and may put a link behind the last
        root = fromstring(f"<all>{body[: body.rfind('>') + 1]}</all>", forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise InputError(
            f"it is no well-formed XML ({str(error)[:100]})", place=str(path), remedy="write it again"
        ) from error
    return list(root)


def _stated(entry: Any) -> Stated:
    def one(*names: str, limit: int = 300) -> str | None:
        for name in names:
            found = entry.find(name)
            if found is not None and found.text and text.clean(found.text, limit):
                return text.clean(found.text, limit)
        return None

    def several(name: str) -> list[str]:
        return [t for e in entry.findall(name)[:40] if e.text for t in text.tag_list(e.text.replace(" / ", ";"))]

    fields: Stated = {
        "title": one("title", "name", limit=text.TITLE),
        "description": one("plot", "outline", "review", "biography", limit=text.TEXT),
        "creator": one("artist", "albumartist", "director", "credits", "studio"),
        "tags": tuple(dict.fromkeys([*several("genre"), *several("tag"), *several("style"), *several("mood")]))[
            : text.TAGS
        ],
    }
    for name in ("premiered", "aired", "releasedate", "year"):
        try:
            when = text.timestamp(one(name))
        except ValueError:
            continue
        if when is not None:
            fields["published_at"] = when
            break
    extra = [(name, value) for name in _TEXTS if (value := one(name))]
    of_set = one("set/name", "set")
    if of_set:
        extra.append(("set", of_set))
    actors = [text.clean(e.text, 100) for e in entry.findall("actor/name")[:20] if e.text]
    if actors:
        extra.append(("actors", ", ".join(actors)))
    known = [
        f"{text.clean(e.get('type') or 'id', 40).lower()}:{text.clean(e.text, 100)}"
        for e in entry.findall("uniqueid")[:8]
        if e.text
    ]
    if known:
        extra.append(("source_id", ", ".join(known)))
    return {k: v for k, v in fields.items() if v} | ({"extra": tuple(extra)} if extra else {})
