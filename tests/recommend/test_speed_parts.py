"""What is kept for speed says the same as what is worked out anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.taste_home import NOW, Taste, did

from vitascope.recommend._draft import top_rows
from vitascope.recommend._popularity import Popularity, counted, scaled

DAY = 86_400.0
EVENTS = st.lists(
    st.tuples(
        st.integers(-1, 4),
        st.sampled_from([-1.0, 0.0, 0.4, 0.8, 1.0]),
        st.integers(1, 4),
        st.one_of(st.just(float("nan")), st.floats(0, 90 * DAY)),
    ),
    max_size=30,
)


def columns(events: list[tuple[int, float, int, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rows, good, person, time = zip(*events, strict=True) if events else ((), (), (), ())
    return np.array(rows, np.int64), np.array(good, np.float32), np.array(person, np.int64), np.array(time, np.float64)


@settings(max_examples=60)
@given(EVENTS, EVENTS, EVENTS)
def test_popularity_event_by_event_is_popularity_of_all(
    first: list[tuple[int, float, int, float]],
    then: list[tuple[int, float, int, float]],
    last: list[tuple[int, float, int, float]],
) -> None:
    made = Popularity(5, 30 * DAY)
    made.fill(*columns(first))
    assert made.add(*columns(then))
    assert made.add(*columns(last))
    whole = counted(*columns(first + then + last), 5, 30 * DAY)
    assert scaled(made.counts()) == pytest.approx(whole, abs=1e-6)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.sampled_from([0.02, 0.5, 1.0]), st.booleans())
def test_the_top_rows_are_the_largest(seed: int, top: int, share: float, coarse: bool) -> None:
    chance = np.random.default_rng(seed)
    scores = chance.standard_normal(4_000).astype(np.float32)
    if coarse:
        scores = np.round(scores, 1)
    may = chance.random(len(scores)) < share
    found = top_rows(scores, may, top)
    able = np.flatnonzero(may)
    assert len(set(found.tolist())) == len(found) == min(top, len(able))
    assert may[found].all()
    assert sorted(scores[found].tolist()) == sorted(np.sort(scores[able])[-top:].tolist())


def test_a_kept_history_goes_with_the_next_event_and_with_one_taken_back(tmp_path: Path) -> None:
    home = Taste(tmp_path)
    home.library()
    home.record(did("ann", "i0", "like"))
    first = home.list_of("ann")
    assert home.list_of("ann") == first
    home.record(did("ann", first[0], "complete"))
    assert first[0] not in home.list_of("ann")
    home.record(did("ann", first[0], "undo", NOW + 1, value="complete"))
    assert home.list_of("ann") == first
