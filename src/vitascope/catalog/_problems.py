"""Turns what went wrong with an input into a Problem record. Pure."""

from __future__ import annotations

from vitascope.base.errors import InputError, UnreadableMedia, VitascopeError, without_secret
from vitascope.base.media import Problem


def problem(error: VitascopeError, place: str, item_id: str | None = None, payload: str | None = None) -> Problem:
    """A problem at a place; the error's own words."""
    return Problem(
        kind=kind_of(error),
        place=shown(place),
        reason=shown(error.thing)[:1_000],
        remedy=shown(error.remedy or "correct it and ingest it again")[:500],
        item_id=item_id,
        payload=None if payload is None else shown(payload)[:2_000],
    )


def kind_of(error: VitascopeError) -> str:
    """The error's code, and of unreadable media why."""
    if isinstance(error, UnreadableMedia) and error.reason:
        return f"{error.code}/{error.reason}"
    return error.code if isinstance(error, InputError) else "input"


def note(place: str, reason: str, remedy: str, item_id: str | None = None, kind: str = "note") -> Problem:
    """A remark on an input that was taken all the same."""
    return Problem(
        kind=kind, place=shown(place), reason=shown(reason)[:1_000], remedy=shown(remedy)[:500], item_id=item_id
    )


def shown(text: str) -> str:
    """A path or an address as text that can be stored and printed: bytes that are no UTF-8 become a mark, and the user
    name and password of an address are left out."""
    return without_secret(text.encode("utf-8", "replace").decode())
