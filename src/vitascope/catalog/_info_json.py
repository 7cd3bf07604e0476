"""yt-dlp's NAME.info.json beside NAME.EXT: what the site said of the file.

Takes a path, gives what it states under the names of `ItemDraft`, and its chapters. Hostile: bounded, texts cleaned. Field
names: yt-dlp's README, "OUTPUT TEMPLATE" (they are those of the info dictionary).
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from vitascope.base.errors import InputError
from vitascope.base.media import Chapter
from vitascope.catalog import _text as text
from vitascope.catalog import _timed
from vitascope.catalog._sidecars import bounded, decode_text

_BYTES = 20_000_000
_KEEP = {
    "webpage_url": "link",
    "album": "album",
    "track": "track",
    "series": "showtitle",
    "season_number": "season",
    "episode_number": "episode",
    "age_limit": "age_limit",
    "playlist_title": "playlist",
    "playlist_index": "playlist_place",
    "location": "location",
}
SOURCE_ID = "source_id"
"""Extra field that says which work of which site a file is: "youtube:dQw4w9WgXcQ". An archive's acts find it by this."""


def info_of(media: Path, names: frozenset[str]) -> Path | None:
    """The info.json of a media file among the names of its folder."""
    name = f"{media.stem}.info.json"
    return media.parent / name if name in names else None


def read_info(path: Path) -> tuple[dict[str, Any], tuple[Chapter, ...]]:
    """What it states, and its chapters.

    Raises:
        InputError: not readable, too long, no JSON object.
    """
    try:
        said = json.loads(decode_text(bounded(path, _BYTES)))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"it is no JSON ({str(error)[:80]})", place=str(path), remedy="fetch it again with yt-dlp --write-info-json"
        ) from error
    if not isinstance(said, dict):
        raise InputError("it is no JSON object", place=str(path), remedy="fetch it again with yt-dlp --write-info-json")

    def one(*names: str, limit: int = 300) -> str | None:
        for name in names:
            value = said.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and (cleaned := text.clean(value, limit)):
                return cleaned
        return None

    words = [w for name in ("tags", "categories", "genres") for w in _words(said.get(name))]
    fields: dict[str, Any] = {
        "title": one("title", "fulltitle", "track", limit=text.TITLE),
        "description": one("description", limit=text.TEXT),
        "creator": one("artist", "creator", "uploader", "channel", "uploader_id", limit=text.NAME),
        "licence": one("license"),
        "tags": tuple(dict.fromkeys(words))[: text.TAGS],
    }
    for name in ("timestamp", "release_timestamp", "upload_date", "release_date"):
        try:
            when = text.timestamp(said.get(name))
        except (ValueError, OverflowError):
            continue
        if when is not None:
            fields["published_at"] = when
            break
    with contextlib.suppress(ValueError):
        fields["language"] = text.language_code(said.get("language") or "")
    extra = [(ours, value) for theirs, ours in _KEEP.items() if (value := one(theirs, limit=2_000))]
    site, number = one("extractor_key", "extractor", limit=60), one("id", limit=200)
    if site and number:
        extra.append((SOURCE_ID, f"{site.lower().partition(':')[0]}:{number}"))
    listed = said.get("chapters")
    stated = [c for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
    chapters = _timed.chapters((c.get("start_time"), c.get("end_time"), c.get("title")) for c in stated)
    return {k: v for k, v in fields.items() if v} | ({"extra": tuple(extra)} if extra else {}), chapters


def _words(value: Any) -> list[str]:
    return (
        [w for v in value[:200] if isinstance(v, str) and (w := text.clean(v, 100))] if isinstance(value, list) else []
    )
