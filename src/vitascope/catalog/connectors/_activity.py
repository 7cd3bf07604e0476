"""Google's "My Activity" as HTML: cells with links and texts, and their dates. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser

from vitascope.catalog._sidecars import decode_text

_MONTHS = {m: n for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "IST": 5.5, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "BRT": -3, "EST": -5, "EDT": -4,
    "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_CLOCK = r"(?P<h>\d{1,2}):(?P<m>\d\d):(?P<s>\d\d)\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>\S+)?"
_FORMS = (
    re.compile(r"(?P<mon>[A-Z][a-z]{2})[a-z]*\.? (?P<d>\d{1,2}), (?P<y>\d{4}),? " + _CLOCK),
    re.compile(r"(?P<d>\d{1,2}) (?P<mon>[A-Z][a-z]{2})[a-z]*\.? (?P<y>\d{4}),? " + _CLOCK),
    re.compile(r"(?P<y>\d{4})年(?P<mo>\d{1,2})月(?P<d>\d{1,2})日\s*" + _CLOCK),
    re.compile(r"(?P<y>\d{4})[/.-](?P<mo>\d{1,2})[/.-](?P<d>\d{1,2}),?\s*" + _CLOCK),
    re.compile(r"(?P<d>\d{1,2})\.(?P<mo>\d{1,2})\.(?P<y>\d{4}),?\s*" + _CLOCK),
)


@dataclass
class Activity:
    """One cell."""

    links: list[tuple[str, str]] = field(default_factory=list)
    """(address, text) in order."""
    texts: list[str] = field(default_factory=list)
    """What stands outside links, in order."""
    is_ad: bool = False


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[Activity] = []
        self._now: Activity | None = None
        self._outer: Activity | None = None
        self._depth = 0
        self._link: str | None = None
        self._caption = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {k: v or "" for k, v in attrs}
        if tag == "div":
            self._depth += 1
            classes = told.get("class", "")
            if "outer-cell" in classes:
                self._outer = None
            elif "content-cell" in classes and "body-1" in classes and "text-right" not in classes:
                self._now = self._outer = Activity()
                self.done.append(self._now)
                self._caption = False
            elif "content-cell" in classes:
                self._now, self._caption = None, "caption" in classes
        elif tag == "a" and self._now is not None:
            self._link = told.get("href", "")[:4_000]
            self._now.links.append((self._link, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._now, self._link = None, None
        elif tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._now is not None and self._link is not None:
            address, said = self._now.links[-1]
            self._now.links[-1] = (address, (said + data)[:2_000])
        elif self._now is not None and data.strip():
            self._now.texts.append(data.strip()[:500])
        elif self._caption and self._outer is not None and "Google Ads" in data:
            self._outer.is_ad = True


def activities(data: bytes) -> Iterator[Activity]:
    """The cells of a history in order; what is no cell is passed over."""
    parser = _Cells()
    written = decode_text(data)
    for start in range(0, len(written), 1 << 20):
        parser.feed(written[start : start + (1 << 20)])
        # the last cells may go on, the caption that tells an advertisement among them
        ready, parser.done = parser.done[:-2], parser.done[-2:]
        yield from ready
    parser.close()
    yield from parser.done


def date_of(texts: Sequence[str]) -> float | None:
    """Seconds since 1970 of the last text that is a date; a zone that is not known counts as UTC."""
    for written in reversed(texts):
        said = re.sub(r"[\u00a0\u202f\u2009]", " ", written).strip()
        for form in _FORMS:
            found = form.fullmatch(said)
            if found is None:
                continue
            told = found.groupdict()
            month = int(told["mo"]) if told.get("mo") else _MONTHS.get(told["mon"].lower())
            hour, half = int(told["h"]), (told["half"] or "").lower()[:1]
            if half:
                hour = hour % 12 + (12 if half == "p" else 0)
            zone = _zone(told["zone"] or "", "年" in said)
            try:
                local = datetime(int(told["y"]), month or 0, int(told["d"]), hour, int(told["m"]), int(told["s"]))
                return local.replace(tzinfo=zone).timestamp()
            except (ValueError, OverflowError):
                continue
    return None


def _zone(name: str, chinese: bool) -> timezone:
    if name == "CST" and chinese:
        return timezone(timedelta(hours=8))
    shift = re.fullmatch(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d\d))?", name)
    if shift:
        minutes = int(shift[2]) * 60 + int(shift[3] or 0)
        return timezone((-1 if shift[1] == "-" else 1) * timedelta(minutes=min(minutes, 14 * 60)))
    return timezone(timedelta(hours=_ZONES[name])) if name in _ZONES else UTC
