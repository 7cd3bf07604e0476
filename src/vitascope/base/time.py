"""Exact media time.

Containers count in rational time bases (1/90000, 1/48000, 1001/30000 ...). A float loses them, so inside Vitascope a
media time is a `fractions.Fraction` of seconds; it becomes a float at the edge only (exports, pages).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, model_validator

from vitascope.base.records import Record


def media_time(value: Any) -> Fraction:
    """Make an exact media time in seconds from an int, Fraction, "num/den", decimal text, or float.

    A float is taken to the nearest microsecond: what a float says beyond that is noise.

    Raises:
        ValueError: not finite, or not a number.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool):
        raise ValueError("a media time is a number of seconds, not a truth value")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a media time is finite")
        return Fraction(round(value * 1_000_000), 1_000_000)
    if isinstance(value, int | str):
        try:
            return Fraction(value)
        except ZeroDivisionError as error:
            raise ValueError(f"not a media time: {value!r}") from error
    try:  # numpy scalars
        return media_time(float(value))
    except TypeError as error:
        raise ValueError(f"not a media time: {value!r}") from error


MediaTime = Annotated[Fraction, BeforeValidator(media_time), PlainSerializer(str, return_type=str)]
"""Seconds as an exact fraction; "num/den" in JSON."""


class Span(Record):
    """A stretch of one asset, [start, end) in seconds."""

    start: MediaTime
    end: MediaTime

    @model_validator(mode="after")
    def _ordered(self) -> Span:
        if self.end < self.start:
            raise ValueError(f"a span ends ({float(self.end)}) before it starts ({float(self.start)})")
        return self

    @property
    def length(self) -> Fraction:
        """Seconds, exact."""
        return self.end - self.start

    def overlap(self, other: Span) -> Fraction:
        """Seconds both spans share; 0 where they do not meet."""
        return max(Fraction(0), min(self.end, other.end) - max(self.start, other.start))


def clock(value: Fraction | float) -> str:
    """Human text of a media time: 0:07, 12:03, 1:02:09."""
    seconds = max(0, int(value))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
