"""Media time is exact, and a span survives its own JSON."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vitascope.base.time import Span, clock, media_time

ticks = st.fractions(min_value=0, max_value=10**6, max_denominator=90_000)


@given(ticks, ticks)
def test_a_span_survives_json(a: Fraction, b: Fraction) -> None:
    span = Span(start=min(a, b), end=max(a, b))
    assert Span.model_validate_json(span.model_dump_json()) == span
    assert span.length == abs(a - b)


@given(ticks, ticks, ticks, ticks)
def test_overlap_is_symmetric_and_bounded(a: Fraction, b: Fraction, c: Fraction, d: Fraction) -> None:
    one, other = Span(start=min(a, b), end=max(a, b)), Span(start=min(c, d), end=max(c, d))
    assert one.overlap(other) == other.overlap(one) <= min(one.length, other.length)


def test_a_thousand_ntsc_frames_do_not_drift() -> None:
    frame = media_time("1001/30000")
    assert sum([frame] * 30_000, Fraction(0)) == 1001


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "soon", "1/0", True, None])
def test_what_is_no_time_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match=r"media time|Fraction"):
        media_time(bad)


def test_a_span_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValidationError, match="before it starts"):
        Span(start=2, end=1)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (723, "12:03"), (3729, "1:02:09")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
