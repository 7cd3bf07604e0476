"""XMLTV programme guides (https://wiki.xmltv.org/index.php/XMLTVFormat).

Takes bytes; gives programmes in order. Hostile: sizes are bounded, entities refused, texts cleaned; what cannot be used is
counted. Ratings are read as the age that they name ("12", "FSK 12", "TV-14", "PG").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from vitascope.base.errors import InputError
from vitascope.base.guide import Programme
from vitascope.catalog import _text as text

MOST, BYTES = 200_000, 128 << 20
_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:([+-])(\d\d):?(\d\d)|UTC|GMT|Z)?\s*$")
_AGES = {"g": 0, "tv-g": 0, "tv-y": 0, "tv-y7": 7, "pg": 8, "tv-pg": 10, "u": 0, "pg-13": 13, "tv-14": 14}
_AGES |= {"r": 17, "tv-ma": 17, "nc-17": 18, "x": 18}
_XMLTV_NS = re.compile(r"\s*(\d+)?(?:/\d+)?\s*\.\s*(\d+)?(?:/\d+)?\s*\.")
_ONSCREEN = re.compile(r"S(\d{1,3})\s*E(\d{1,4})", re.I)


def read_guide(data: bytes, source: str) -> tuple[list[Programme], int]:
    """Programmes, and how many were set aside. Raises InputError where it is no XMLTV guide."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:  # a DOCTYPE is usual here; what it names is never read, and entities are refused
        root = fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise InputError(
            f"it is no guide that can be read ({type(error).__name__}: {str(error)[:100]})",
            place=source,
            remedy="name an XMLTV file without entities",
        ) from error
    if root.tag != "tv":
        raise InputError("it is XML, but no XMLTV guide", place=source, remedy="name an XMLTV file")
    names = {c.get("id", ""): text.plain(c.findtext("display-name") or "", 100) for c in root.iter("channel")}
    found: list[Programme] = []
    aside = 0
    for entry in root.iter("programme"):
        if len(found) >= MOST:
            aside += 1
            continue
        made = _programme(entry, names)
        if made is None:
            aside += 1
        else:
            found.append(made)
    return list(_ended(found)), aside


def _programme(entry: Any, names: dict[str, str]) -> Programme | None:
    start, stop = moment(entry.get("start", "")), moment(entry.get("stop", ""))
    channel = text.plain(entry.get("channel", ""), 200)
    title = text.plain(entry.findtext("title") or "", 300)
    if start is None or not channel or not title or (stop is not None and stop <= start):
        return None
    season, episode = _number(entry)
    first = entry.find("title")
    return Programme(
        channel=channel,
        channel_name=names.get(entry.get("channel", ""), ""),
        start=start,
        stop=start if stop is None else stop,
        title=title,
        subtitle=text.plain(entry.findtext("sub-title") or "", 300),
        description=text.plain(entry.findtext("desc") or "", 4_000),
        categories=tuple(dict.fromkeys(c for e in entry.findall("category") if (c := text.plain(e.text or "", 60))))[
            :8
        ],
        language=(first.get("lang") if first is not None else None) or None,
        season=season,
        episode=episode,
        age=_age(entry),
    )


def _ended(found: list[Programme]) -> Iterator[Programme]:
    """A programme without an end lasts until the next of its channel, at most three hours."""
    ordered = sorted(found, key=lambda p: (p.channel, p.start))
    for one, following in zip(ordered, [*ordered[1:], None], strict=True):
        if one.stop > one.start:
            yield one
            continue
        same = following is not None and following.channel == one.channel and following.start > one.start
        last = one.start + 3 * 3_600
        yield one.model_copy(update={"stop": min(following.start, last) if same and following is not None else last})


def moment(told: str) -> float | None:
    """An XMLTV time as seconds since 1970; without a zone it is UTC."""
    match = _TIME.match(told.strip())
    if not match:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
    zone: timezone = UTC
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
    try:
        when = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),
            tzinfo=zone,
        )
        return when.timestamp()
    except (ValueError, OverflowError):
        return None


def _number(entry: Any) -> tuple[int | None, int | None]:
    for number in entry.findall("episode-num"):
        told = (number.text or "")[:60]
        if number.get("system") == "xmltv_ns" and (match := _XMLTV_NS.match(told)):
            season, episode = match.groups()
            return None if season is None else int(season[:4]) + 1, None if episode is None else int(episode[:6]) + 1
        if match := _ONSCREEN.search(told):
            return int(match.group(1)), int(match.group(2))
    return None, None


def _age(entry: Any) -> int | None:
    ages = []
    for rating in entry.findall("rating"):
        told = (rating.findtext("value") or "").strip().casefold()[:20]
        if told in _AGES:
            ages.append(_AGES[told])
        elif digits := re.search(r"\d{1,2}", told):
            ages.append(int(digits.group()))
    return max(ages) if ages else None
