"""One raw event -> one checked event, or the reason why not.

Takes the texts and numbers of a row or a request. Gives types, values and times of the contract. Knows no store: whether
an item or a person exists is asked elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from vitascope.base.people import EventType, Surface

LONGEST_ID = 512
LONGEST_TEXT = 10_000
LATEST = 300.0
"""Seconds an event may lie ahead of our clock: clocks differ."""

_TYPES = {kind.value: kind for kind in EventType} | {"favorite": EventType.FAVOURITE}
_SURFACES = {surface.value: surface for surface in Surface}
_FRACTIONS = frozenset({EventType.PROGRESS, EventType.COMPLETE, EventType.SKIP, EventType.IMPRESSION})
_TYPE_LIST = ", ".join(kind.value for kind in EventType)


class Bad(Exception):
    """Why a row cannot be used, and what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


class Checked(NamedTuple):
    """An event of the contract, ids still the outside ones."""

    user_id: str
    item_id: str | None
    type: EventType
    value: float | None
    time: float | None
    surface: Surface | None
    session: str | None
    event_id: str | None
    text: str | None
    target: str | None
    undoes: EventType | None


def check(row: Mapping[str, Any], now: float) -> Checked:
    """Check one row.

    Raises:
        Bad: it cannot be used.
    """
    user = _id(row.get("user_id"), "user_id")
    if user is None:
        raise Bad("user_id is empty", "say who did it")
    item = _id(row.get("item_id"), "item_id")
    raw_type = row.get("type")
    kind = _TYPES.get(raw_type) if isinstance(raw_type, str) else None
    if kind is None:
        kind = _TYPES.get(str(raw_type).strip().lower())
        if kind is None:
            raise Bad(f"unknown type {_short(raw_type)}", f"one of {_TYPE_LIST}")
    raw_value = row.get("value")
    follows = kind is EventType.FOLLOW or (
        kind is EventType.UNDO and str(raw_value).strip().lower() == EventType.FOLLOW.value
    )
    target = _target(row.get("target")) if follows else None
    if item is None and target is None:
        raise Bad("item_id is empty", "name an item or a target" if follows else "say which item it is about")
    value: float | None = None
    undoes: EventType | None = None
    if kind is EventType.UNDO:
        undoes = _TYPES.get(str(raw_value).strip().lower())
        if undoes is None or undoes is EventType.UNDO:
            raise Bad(f"undo of {_short(raw_value)}", "value is the type that is taken back, such as like")
    elif kind is EventType.RATE:
        value = _number(raw_value)
        if value is None or not 1 <= value <= 5:
            raise Bad(f"a rating of {_short(raw_value)}", "value is the number of stars, 1 to 5")
    elif kind in _FRACTIONS:
        value = _number(raw_value)
        if value is not None and not 0 <= value <= 1:
            raise Bad(f"a watched fraction of {_short(raw_value)}", "value is the watched fraction, 0 to 1")
    text = row.get("text") if kind is EventType.COMMENT else None
    return Checked(
        user,
        item,
        kind,
        value,
        _time(row.get("timestamp"), now),
        _surface(row.get("surface")),
        _id(row.get("session_id"), "session_id"),
        _id(row.get("event_id"), "event_id"),
        None if _empty(text) else str(text)[:LONGEST_TEXT],
        target,
        undoes,
    )


def identity(person: int, event: Checked, count: int) -> str:
    """What makes an event the same event: the client's id, else person, item, type and time, else the count among equals.

    A digest of internal keys: it says nothing of who it was.
    """
    if event.event_id is not None:
        parts = f"id\0{person}\0{event.event_id}"
    else:
        what = f"{event.item_id or ''}\0{event.target or ''}\0{event.type}\0{event.undoes or ''}"
        parts = f"at\0{person}\0{what}\0{event.time!r}" if event.time is not None else f"no\0{person}\0{what}\0{count}"
    return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _id(value: Any, name: str) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, bool):
        raise Bad(f"{name} is {value}", f"{name} is a text or a whole number")
    elif isinstance(value, int):
        text = str(value)
    elif isinstance(value, float):
        if math.isnan(value):
            return None
        if not value.is_integer():
            raise Bad(f"{name} is {value}", f"{name} is a text or a whole number")
        text = str(int(value))
    else:
        raise Bad(f"{name} is {_short(value)}", f"{name} is a text or a whole number")
    if not text:
        return None
    if len(text) > LONGEST_ID:
        raise Bad(f"{name} is {len(text)} characters long", f"at most {LONGEST_ID}")
    if not text.isprintable():
        raise Bad(f"{name} has characters that cannot be printed", "save the file as UTF-8")
    return text


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise Bad(f"value is {value}", "value is a number")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Bad(f"value is {_short(value)}", "value is a number") from None
    if math.isnan(number):
        return None
    if math.isinf(number):
        raise Bad("value is infinite", "value is a number")
    return number


def _time(value: Any, now: float) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise Bad(f"timestamp is {value}", "seconds since 1970 or ISO 8601")
    if isinstance(value, datetime):
        seconds = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    elif isinstance(value, date):
        seconds = datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    else:
        try:
            seconds = float(value)
        except (TypeError, ValueError):
            if not isinstance(value, str) or len(value) > 64:
                raise Bad(f"timestamp is {_short(value)}", "seconds since 1970 or ISO 8601") from None
            if not value.strip():
                return None
            try:
                moment = datetime.fromisoformat(value.strip())
                seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
            except (ValueError, OverflowError):
                raise Bad(f"timestamp is {_short(value)}", "seconds since 1970 or ISO 8601") from None
    if math.isnan(seconds):
        return None
    if math.isinf(seconds):
        raise Bad(f"timestamp is {_short(value)}", "seconds since 1970 or ISO 8601")
    if seconds > now + LATEST:
        much = seconds > 1e11
        raise Bad(
            f"it lies in the future ({_short(value)})",
            "give seconds, not milliseconds, since 1970" if much else "check the clock that wrote it",
        )
    if seconds < 0:
        raise Bad(f"it lies before 1970 ({_short(value)})", "seconds since 1970 or ISO 8601")
    return seconds


def _surface(value: Any) -> Surface | None:
    if _empty(value):
        return None
    surface = _SURFACES.get(value) if isinstance(value, str) else None
    if surface is None:
        surface = _SURFACES.get(str(value).strip().lower())
        if surface is None:
            raise Bad(f"unknown surface {_short(value)}", f"one of {', '.join(_SURFACES)}, or nothing")
    return surface


def _target(value: Any) -> str | None:
    if _empty(value):
        return None
    text = str(value).strip()
    head, colon, rest = text.partition(":")
    if (
        head not in ("creator", "topic")
        or not colon
        or not rest.strip()
        or len(text) > LONGEST_ID
        or not text.isprintable()
    ):
        raise Bad(f"a follow of {_short(value)}", "target is creator:NAME or topic:NAME")
    return f"{head}:{rest.strip()}"
