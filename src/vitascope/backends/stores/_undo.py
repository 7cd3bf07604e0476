"""Which events were taken back. Pure: takes events of one person on one thing, knows no database.

An undo takes back the latest earlier event of its type that was not taken back yet. Earlier and latest go by time where
both have one, else by place in the log, so that the answer does not depend on the order in which late events arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Mark(NamedTuple):
    """An event or an undo, as far as matching needs it."""

    number: int
    time: float | None


def taken_back(events: Iterable[Mark], undos: Iterable[Mark]) -> dict[int, int]:
    """Number of each event that was taken back -> number of the undo that did it."""
    left = sorted(events, key=_order)
    found: dict[int, int] = {}
    for undo in sorted(undos, key=_order):
        for place in range(len(left) - 1, -1, -1):
            if _earlier(left[place], undo):
                found[left.pop(place).number] = undo.number
                break
    return found


def _order(mark: Mark) -> tuple[bool, float, int]:
    return (mark.time is not None, mark.time or 0.0, mark.number)


def _earlier(event: Mark, undo: Mark) -> bool:
    if event.time is None or undo.time is None:
        return event.number < undo.number
    return (event.time, event.number) < (undo.time, undo.number)
