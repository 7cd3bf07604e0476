"""What a media file says of itself, as an item: its site's statement, embedded tags, its NFO, its name. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vitascope.base.items import ItemDraft, ItemKind
from vitascope.base.media import Probe, StreamKind
from vitascope.catalog import _text as text

_CREATORS = ("artist", "album_artist", "albumartist", "performer", "author", "composer", "creator", "show")
_TEXTS = ("description", "synopsis", "longdesc", "comment", "summary")
_DATES = ("date", "originaldate", "release_date", "year", "tyer", "tdrc", "date_released", "creation_time")
_EXTRA = ("album", "show", "season_number", "episode_sort", "network", "track", "composer")


def kind_of(probe: Probe) -> ItemKind:
    """Video where pictures move, audio where there is sound, else other."""
    return ItemKind.VIDEO if probe.has_video else ItemKind.AUDIO if probe.has_audio else ItemKind.OTHER


def draft_of_file(
    item_id: str,
    path: Path,
    probe: Probe,
    nfo: dict[str, Any],
    text_fields: tuple[str, ...],
    origin: str,
    source: dict[str, Any] | None = None,
) -> ItemDraft:
    """The item that a file found in a folder states.

    `source` (what the site said that it was fetched from) wins over the embedded tags, they over the NFO, it over the
    file's name. Genres and extra fields are joined.
    """
    first = source or {}
    tags = dict(probe.tags)
    fields: dict[str, Any] = {}
    title = text.clean(tags.get("title", ""), text.TITLE)
    fields["title"] = first.get("title") or title or nfo.get("title") or text.title_of_file(path.stem or path.name)
    said = next((s for n in _TEXTS if (s := text.clean(tags.get(n, ""), text.TEXT)) and len(s) > 3), None)
    fields["description"] = first.get("description") or said or nfo.get("description")
    maker = next((s for n in _CREATORS if (s := text.clean(tags.get(n, ""), text.NAME))), None)
    fields["creator"] = first.get("creator") or maker or nfo.get("creator")
    genres = [*text.tag_list(tags.get("genre", "").replace("/", ";")), *text.tag_list(tags.get("keywords", ""))]
    fields["tags"] = tuple(dict.fromkeys([*first.get("tags", ()), *genres, *nfo.get("tags", ())]))[: text.TAGS]
    fields["language"] = first.get("language") or _language(tags, probe)
    dates = (first.get("published_at"), _date(tags), nfo.get("published_at"))
    fields["published_at"] = next((d for d in dates if d is not None), None)
    own = text.clean(tags.get("license") or tags.get("licence") or tags.get("copyright") or "", 300)
    fields["licence"] = first.get("licence") or own or None
    embedded = {n: text.clean(tags[n], 300) for n in _EXTRA if tags.get(n)}
    extra = dict(nfo.get("extra", ())) | embedded | dict(first.get("extra", ()))
    return ItemDraft(
        item_id=item_id,
        kind=kind_of(probe),
        extra=tuple(extra.items()),
        text_fields=text_fields,
        origin=origin,
        **fields,
    )


def _language(tags: dict[str, str], probe: Probe) -> str | None:
    """The declared language. "eng" on a stream is what many programs write unasked, so it is no statement."""
    declared = [
        tags.get("language"),
        *(s.language for s in probe.streams if s.kind is StreamKind.AUDIO and s.language != "eng"),
    ]
    for value in declared:
        if value:
            try:
                code = text.language_code(value)
            except ValueError:
                continue
            if code:
                return code
    return None


def _date(tags: dict[str, str]) -> float | None:
    for name in _DATES:
        if tags.get(name):
            try:
                when = text.timestamp(tags[name])
            except (ValueError, OverflowError):
                continue
            if when is not None and when > -3e9:
                return when
    return None
