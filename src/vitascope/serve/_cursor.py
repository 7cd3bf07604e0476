"""Opaque cursors: where a page ended, in a form that nobody is tempted to count on.

Takes the kind of list and a place in it; gives a short text for URLs, and the place back. A cursor of another list is
refused, so that a mixed-up one is an error and not a wrong page.
"""

from __future__ import annotations

import base64
import binascii

from vitascope.base.errors import UsageError


def wrap(kind: str, place: str | int | None) -> str | None:
    """A cursor; None stays None."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(f"{kind}\n{place}".encode()).decode().rstrip("=")


def unwrap(kind: str, cursor: str | None) -> str | None:
    """The place in a cursor of this kind.

    Raises:
        UsageError: it is none of ours, or of another list.
    """
    if not cursor:
        return None
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        told = ""
    name, _, place = told.partition("\n")
    if name != kind or not place:
        raise UsageError(
            "not a cursor of this list", place="cursor", remedy="use `cursor` of the page before, as it is"
        )
    return place


def number(kind: str, cursor: str | None) -> int | None:
    """The place in a cursor that counts."""
    place = unwrap(kind, cursor)
    if place is None:
        return None
    if not place.isascii() or not place.isdigit() or len(place) > 18:
        raise UsageError(
            "not a cursor of this list", place="cursor", remedy="use `cursor` of the page before, as it is"
        )
    return int(place)
