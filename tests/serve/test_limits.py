"""Buckets and tries: rates hold on average, memory stays bounded, addresses are counted as households are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.conftest import Clock

from vitascope.serve._limits import Buckets, Tries, address_of


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 2), max_size=80), st.floats(0.5, 20), st.integers(1, 10))
def test_no_more_pass_than_the_rate_and_one_burst(waits: list[float], rate: float, burst: int) -> None:
    clock = Clock()
    buckets, began, passed = Buckets(rate, burst, clock), clock.now, 0
    for wait in waits:
        clock.now += wait
        left = buckets.take("ann")
        passed += not left
        assert passed <= burst + (clock.now - began) * rate + 1e-3
        if left:  # what it says is true: after that time one passes
            clock.now += left + 1e-6
            assert buckets.take("ann") == 0
            passed += 1


def test_memory_stays_bounded() -> None:
    buckets, tries = Buckets(1, 1, most=50), Tries(1, remembered=50)
    for number in range(500):
        buckets.take(str(number))
        tries.failed(str(number))
    assert len(buckets) == 50
    assert len(tries._wrong) == 50
    assert tries.wait("499") > 0
    assert tries.wait("1") == 0


def test_tries_are_forgotten_after_their_window_and_by_a_right_one() -> None:
    clock = Clock()
    tries = Tries(2, 900, clock)
    tries.failed("ann")
    assert tries.wait("ann") == 0
    tries.failed("ann")
    assert tries.wait("ann") == pytest.approx(900)
    assert tries.wait("ben") == 0
    clock.now += 901
    assert tries.wait("ann") == 0
    tries.failed("ann")
    assert tries.wait("ann") == 0  # counted anew
    tries.right("ann")
    tries.failed("ann")
    assert tries.wait("ann") == 0


def test_no_rate_is_no_bound() -> None:
    buckets = Buckets(0, 1)
    assert not any(buckets.take("ann") for _ in range(50))
    assert len(buckets) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        (None, "testclient", False),
    ],
)
def test_addresses(one: str | None, other: str | None, same: bool) -> None:
    assert (address_of(one) == address_of(other)) is same
