"""Series: which episode of which series an item is, and which comes after it.

Takes items as their files state them (Kodi/Jellyfin NFO, info.json, feeds) or as their titles are written (S01E02, 1x02,
"Season 1 Episode 2", 第1季第2集). Gives places in series over the rows of a shelf. Knows no person.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from vitascope.base.items import Item
from vitascope.base.shelf import Shelf

_SERIES = ("showtitle", "show", "series", "feed")
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九十")}
_NUMBER = re.compile(r"\d+")
_TITLES = (
    re.compile(r"\bS(?P<season>\d{1,3})[\s._-]*E(?P<episode>\d{1,4})\b", re.I),
    re.compile(r"(?<![\dx])(?P<season>\d{1,2})x(?P<episode>\d{2,3})(?!\d)", re.I),
    re.compile(r"\bseason\s+(?P<season>\d{1,3})\W{1,4}episode\s+(?P<episode>\d{1,4})\b", re.I),
    re.compile(
        r"第\s*(?P<season>[\d一二三四五六七八九十]{1,4})\s*季.{0,4}?第\s*(?P<episode>[\d一二三四五六七八九十]{1,4})\s*[集话話期回]"
    ),
    re.compile(r"第\s*(?P<episode>[\d一二三四五六七八九十]{1,4})\s*[集话話期回]"),
    re.compile(r"\b(?:episode|ep\.?|part|chapter)\s*(?P<episode>\d{1,4})\b", re.I),
)
_EDGES = " \t._-–—:|,#([【（"


@dataclass(frozen=True)
class Place:
    """An item's place in a series."""

    series: str
    """As it is shown."""
    season: int | None
    episode: int | None

    @property
    def name(self) -> str:
        """What tells the series apart: folded."""
        return _fold(self.series)


def place_of(item: Item) -> Place | None:
    """Where an item stands in a series; None where nothing says so."""
    extra = dict(item.extra)
    season = _number(extra.get("season") or extra.get("season_number"))
    episode = _number(extra.get("episode") or extra.get("episode_number") or extra.get("episode_sort"))
    series = next((extra[name] for name in _SERIES if extra.get(name)), None)
    if series:
        return Place(series.strip()[:200], season, episode)
    title = unicodedata.normalize("NFKC", item.title or "")[:300]
    for pattern in _TITLES:
        if found := pattern.search(title):
            named = found.groupdict()
            head = title[: found.start()].replace(".", " ").replace("_", " ").strip(_EDGES)
            series = head or item.creator
            if not series:
                return None
            return Place(series.strip()[:200], season or _number(named.get("season")), _number(named["episode"]))
    if episode is not None and item.creator:
        return Place(item.creator.strip()[:200], season, episode)
    return None


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if found := _NUMBER.search(text):
        number = int(found.group()[:6])
        return number
    if all(c in _HAN for c in text):
        return _han(text)
    return None


def _han(text: str) -> int:
    """Chinese numerals up to ninety-nine."""
    if "十" not in text:
        return int("".join(str(_HAN[c]) for c in text))
    tens, _, ones = text.partition("十")
    return (_HAN[tens] if tens else 1) * 10 + (_HAN[ones[0]] if ones else 0)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, eq=False)
class Series:
    """The series of a shelf."""

    place: Mapping[int, Place]
    """Row -> place, of series that have two episodes here at least."""
    order: Mapping[str, tuple[int, ...]]
    """Name of a series -> rows in the order of watching."""

    def after(self, row: int) -> list[int]:
        """Rows that come after one in its series, nearest first; specials (season 0) come after nothing."""
        place = self.place.get(row)
        if place is None:
            return []
        rows = self.order[place.name]
        return list(rows[rows.index(row) + 1 :])


def series_of(shelf: Shelf) -> Series:
    """All series of a shelf. Episodes go by season and number; those without a number by when they came out."""
    found: dict[int, Place] = {}
    by_name: dict[str, list[int]] = {}
    for row, item in enumerate(shelf.items):
        place = place_of(item)
        if place is not None:
            found[row] = place
            by_name.setdefault(place.name, []).append(row)

    def key(row: int) -> tuple[int, int, float, int]:
        place = found[row]
        season = 1 if place.season is None else place.season
        number = 10**9 if place.episode is None else place.episode
        return (season if season > 0 else 10**6, number, float(shelf.arrived[row]), row)

    order = {name: tuple(sorted(rows, key=key)) for name, rows in by_name.items() if len(rows) > 1}
    return Series({row: place for row, place in found.items() if place.name in order}, order)


class SeriesKeeper:
    """Keeps the series of the newest shelf; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Shelf, Series] | None = None

    def of(self, shelf: Shelf) -> Series:
        """Worked out once a shelf."""
        with self._lock:
            if self._kept is None or self._kept[0] is not shelf:
                self._kept = (shelf, series_of(shelf))
            return self._kept[1]
