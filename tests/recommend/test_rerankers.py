"""Each re-ranker does what its one line promises, on a shelf where that can be seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.base.histories import Histories, from_events
from vitascope.base.items import Item, ItemDraft
from vitascope.base.people import Event, EventType, Surface
from vitascope.base.ports.components import Choosing, Glance
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.ranking import Request
from vitascope.base.records import ItemKey, PersonKey
from vitascope.base.shelf import Shelf
from vitascope.recommend import rerankers
from vitascope.recommend.rerankers import reorder

DAY = 86_400.0
NOW = 100 * DAY
N = 12


def shelf(vectors: np.ndarray | None = None) -> Shelf:
    """12 items: creator = row % 3, topic = row % 4, arrived row days ago."""
    names = tuple(f"topic:{t}" for t in range(4))
    table = FeatureTable(
        "t",
        np.arange(1, N + 1),
        names,
        np.arange(N + 1),
        np.arange(N) % 4,
        np.ones(N, np.float32),
        np.ones(4, np.float32),
    )
    items = tuple(Item(**ItemDraft(item_id=f"i{n}").model_dump(), key=ItemKey(n + 1), created_at=NOW) for n in range(N))
    arrived = NOW - np.arange(N) * DAY
    found = {} if vectors is None else {"text": vectors.astype(np.float32)}
    return Shelf(table, items, np.ones(N, np.bool_), np.arange(N), arrived, np.arange(N) % 3, found)


def history(*acts: tuple[int, EventType]) -> Histories:
    events = [
        Event(person=PersonKey(1), item=ItemKey(row + 1), type=kind, time=NOW - 3_600, identity=str(at), number=at + 1)
        for at, (row, kind) in enumerate(acts)
    ]
    return from_events([1], [events], np.arange(1, N + 1))


def begin(
    reranker: object,
    made: Shelf | None = None,
    did: Histories | None = None,
    rows: np.ndarray | None = None,
    **settings: object,
) -> Choosing:
    request = Request(person=PersonKey(1), surface=Surface.VIDEO, n=5, now=NOW)
    glance = Glance(request, made or shelf(), did or history(), np.ones(N, np.bool_))
    config = reranker.config(**settings)  # type: ignore[attr-defined]
    return reranker.start(config, np.arange(N) if rows is None else rows, glance)  # type: ignore[attr-defined,no-any-return]


FALLING = np.linspace(1, 0.5, N).astype(np.float32)
BLOCKS = np.repeat(np.eye(4), 3, axis=0)  # rows 0..2 alike, 3..5 alike, ...


@pytest.mark.parametrize("reranker", [rerankers.Diversity(), rerankers.Span()])
def test_what_is_alike_does_not_stand_together(reranker: object) -> None:
    order = reorder(FALLING, [begin(reranker, shelf(BLOCKS), weight=0.8)])
    assert sorted(int(r) // 3 for r in order[:4]) == [0, 1, 2, 3], "one of each before a second of any"
    assert order[0] == 0


def test_a_span_counts_what_all_above_hold_together() -> None:
    plane = np.array([[1, 0, 0], [0, 1, 0], [0.6, 0.6, 0.53], [0.7, 0.714, 0], *np.tile([0, 0, 1.0], (8, 1))])
    plane /= np.linalg.norm(plane, axis=1, keepdims=True)
    spanning = begin(rerankers.Span(), shelf(plane), weight=1.0)
    for at in (0, 1):
        spanning.took(at)
    values = spanning.values()
    assert values[4] == pytest.approx(0, abs=1e-5), "orthogonal: all of it is new"
    assert values[3] < values[2] < values[4], "what lies in the plane of both adds least"


@given(st.integers(0, 2**31), st.integers(2, 8))
def test_a_span_is_the_determinant(seed: int, d: int) -> None:
    """The share outside the span equals det(K of chosen and i) / det(K of chosen)."""
    vectors = np.random.default_rng(seed).normal(size=(N, d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    spanning = begin(rerankers.Span(), shelf(vectors))
    chosen: list[int] = []
    for at in range(min(3, d)):
        spanning.took(at)
        chosen.append(at)
        kernel = vectors @ vectors.T
        below = np.linalg.det(kernel[np.ix_(chosen, chosen)])
        if below < 1e-3:
            return
        for i in range(N):
            both = [*chosen, i]
            expected = max(np.linalg.det(kernel[np.ix_(both, both)]) / below, 0) if i not in chosen else 0
            assert spanning._outside[i] == pytest.approx(expected, abs=2e-2)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("reranker", "kinds"), [(rerankers.Creators(), 3), (rerankers.Topics(), 4)])
def test_nobody_fills_a_list(reranker: object, kinds: int) -> None:
    score = np.where(np.arange(N) % kinds == 0, 1.0, 0.1).astype(np.float32)
    order = reorder(score, [begin(reranker, most=2)])
    assert (order[: 2 * kinds] % kinds == 0).sum() == 2
    assert sorted(order.tolist()) == list(range(N))


@given(st.floats(0.05, 1), st.integers(1, N), st.integers(0, 2**31))
def test_a_quota_holds_at_every_place_as_far_as_there_are_such_items(share: float, days: int, seed: int) -> None:
    score = np.random.default_rng(seed).random(N).astype(np.float32)
    order = reorder(score, [begin(rerankers.Quota(), share=share, days=days - 0.5)])
    inside = order < days
    for n in range(1, N + 1):
        assert inside[:n].sum() >= min(int(share * n), days)


def test_a_quota_for_a_feature() -> None:
    order = reorder(FALLING, [begin(rerankers.Quota(), share=0.5, feature="topic:3")])
    assert order[1] == 3
    assert (order[:4] % 4 == 3).sum() == 2


def test_what_was_shown_in_vain_comes_later_and_what_was_taken_up_does_not() -> None:
    shown = [(r, EventType.IMPRESSION) for r in (0, 3, 6, 9)]
    cost = begin(rerankers.Vain(), did=history(*shown, *shown), weight=0.5).values()
    assert cost[0] == pytest.approx(-0.5 * 8 / 11), "creator 0: eight showings, none taken up"
    assert cost[1] > cost[0], "creator 1 was never shown; its topic was once"
    liked = begin(rerankers.Vain(), did=history(*shown, *[(r, EventType.LIKE) for r in (0, 3, 6, 9)]), weight=0.5)
    assert liked.values()[0] > cost[0]
    assert (begin(rerankers.Vain()).values() == 0).all(), "nothing is known of who did nothing"


def test_what_is_new_stands_higher_and_what_was_just_heard_rests() -> None:
    fresh = begin(rerankers.Freshness(), weight=0.2, days=2.0).values()
    assert fresh[0] == pytest.approx(0.2)
    assert fresh[2] == pytest.approx(0.1)
    assert (np.diff(fresh) < 0).all()
    tired = begin(rerankers.Fatigue(), did=history((4, EventType.COMPLETE)), hours=1.0).values()
    assert tired[4] == pytest.approx(-0.5)
    assert (np.delete(tired, 4) == 0).all()


@given(st.integers(0, 2**31), st.integers(0, 6), st.integers(0, N))
def test_places_given_out_one_by_one_are_the_head_of_the_whole_order(seed: int, places: int, m: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.permutation(N)[:m]
    score = random.random(m).astype(np.float32)
    some = [rerankers.Creators(), rerankers.Diversity()]
    whole = reorder(score, [begin(r, shelf(BLOCKS), rows=rows) for r in some])
    head = reorder(score, [begin(r, shelf(BLOCKS), rows=rows) for r in some], places)
    np.testing.assert_array_equal(head[:places], whole[:places])
    assert sorted(head.tolist()) == list(range(m))
