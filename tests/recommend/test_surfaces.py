"""Home rows, series, radios, and what stands next to what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recommend.test_rerankers import N, begin, history, shelf
from tests.taste_home import NOW, Taste, did

from vitascope.base.errors import UsageError
from vitascope.base.items import Item, ItemDraft
from vitascope.base.people import EventType, Surface
from vitascope.base.records import ItemKey
from vitascope.base.shelf import Shelf, Sounds
from vitascope.base.surfaces import Home, RadioAsk, RowKind
from vitascope.recommend.episodes import place_of, series_of
from vitascope.recommend.radio import Radios
from vitascope.recommend.rerankers import Diversity, Vain, reorder
from vitascope.recommend.rerankers._neighbours import leap
from vitascope.recommend.rows import HomePages


def item(title: str, creator: str | None = None, **extra: str) -> Item:
    draft = ItemDraft(item_id=title, title=title, creator=creator, extra=tuple(extra.items()))
    return Item(**draft.model_dump(), key=ItemKey(1))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (item("Pilot", showtitle="Ships", season="1", episode="1"), ("Ships", 1, 1)),
        (item("Ships.S02E10.The End"), ("Ships", 2, 10)),
        (item("Ships - 3x07 - Fog"), ("Ships", 3, 7)),
        (item("Ships Season 2, Episode 4"), ("Ships", 2, 4)),
        (item("大船 第2季 第十二集"), ("大船", 2, 12)),
        (item("大船 第3集"), ("大船", None, 3)),
        (item("Talk, part 2", "Ann"), ("Talk", None, 2)),
        (item("A chat", feed="The Pod", episode="9"), ("The Pod", None, 9)),
        (item("Summer 2x4 planks"), None),
        (item("1920x1080 test"), None),
        (item("Just a film", "Ann"), None),
    ],
)
def test_a_title_or_a_file_says_which_episode_it_is(
    told: Item, expected: tuple[str, int | None, int | None] | None
) -> None:
    place = place_of(told)
    assert (None if place is None else (place.series, place.season, place.episode)) == expected


def test_episodes_follow_one_another_and_specials_come_last() -> None:
    made = shelf()
    names = ["A S01E02", "A S01E01", "A S02E01", "A S00E01", "B S01E01"]
    items = tuple(made.items[n].model_copy(update={"title": t}) for n, t in enumerate(names)) + made.items[5:]
    found = series_of(Shelf(made.table, items, made.shown, made.group, made.arrived, made.creator, {}))
    assert found.order == {"a": (1, 0, 2, 3)}, "a series of one is none"
    assert (found.after(1), found.after(2), found.after(4)) == ([0, 2, 3], [3], [])


@pytest.fixture
def home(tmp_path: Path) -> Taste:
    made = Taste(tmp_path)
    made.library(60)
    made.stores.items.put([ItemDraft(item_id=f"e{n}", title=f"Saga S01E0{n}", tags=("piano",)) for n in (1, 2, 3)])
    return made


def page(home: Taste, name: str | None = "ann", rows: int = 8) -> Home:
    moment = home.recommender.moment(home.ask(name))
    return HomePages(home.recommender).home(moment, series_of(moment.shelf), rows, 6)


def test_a_home_page_goes_on_follows_and_is_named_after_interests(home: Taste) -> None:
    home.record(
        did("ann", "i1", "progress", NOW - 300, value=0.4),
        did("ann", "i4", "progress", NOW - 200, value=0.97),
        did("ann", "e1", "complete", NOW - 150),
        did("ann", "i7", "progress", NOW - 100, value=0.2),
        did("ann", "i10", "progress", NOW - 90, value=0.5),
        did("ann", "i10", "skip", NOW - 80, value=0.5),
        *(did("ann", f"i{n}", "like", NOW - 60 + n) for n in (0, 3, 6)),
    )
    made = page(home)
    rows = {row.kind: row for row in reversed(made.rows)}
    assert [(i.item_id, i.watched) for i in rows[RowKind.CONTINUE].items] == [
        ("i7", pytest.approx(0.2)),
        ("i1", pytest.approx(0.4)),
    ]
    assert [(i.item_id, i.season, i.episode) for i in rows[RowKind.NEXT].items] == [("e2", 1, 2)]
    named = [row for row in made.rows if row.kind is RowKind.INTEREST]
    assert any("piano" in row.title and "piano" in row.title_zh for row in named)
    every = [i.item_id for row in made.rows for i in row.items]
    assert len(every) == len(set(every)), "no item stands in two rows"
    assert not {"i0", "i3", "i6", "i4", "e1"} & set(every), "what was seen comes no more"


def test_somebody_unknown_gets_a_page_too(home: Taste) -> None:
    made = page(home, None)
    assert made.rows
    assert {row.kind for row in made.rows} <= {RowKind.FOR_YOU, RowKind.NEW, RowKind.POPULAR}


def test_rows_keep_to_what_was_asked_for(home: Taste) -> None:
    home.record(*(did("ann", f"i{n}", "like", NOW - n) for n in range(9)))
    assert len(page(home, rows=2).rows) <= 2


def radio(home: Taste, **asked: object) -> list[str]:
    ask = RadioAsk.model_validate({"surface": "music", "n": 6, **asked})
    seed = None if ask.item_id is None else home.key(ask.item_id)
    request = home.ask(None, surface=Surface.MUSIC, n=ask.n, exclude=frozenset(map(home.key, ask.played)))
    return [i.item_id for i in Radios(home.recommender).play(home.recommender.moment(request), ask, seed).items]


def test_a_radio_goes_on_from_a_track_or_an_artist(home: Taste) -> None:
    home.stores.vectors.put("text", "m", {home.key(f"i{n}"): np.eye(3, dtype=np.float32)[n % 3] for n in range(30)})
    home.stores.settings.set("version:library", "2")
    found = radio(home, item_id="i0")
    assert found
    assert all(int(i[1:]) % 3 == 0 for i in found)
    assert "i0" not in found
    again = radio(home, item_id="i0", played=tuple(found))
    assert not set(again) & set(found)
    assert all(int(i[1:]) % 3 == 1 for i in radio(home, creator="Rockets  maker 1"))
    for wrong in ({"creator": "nobody"}, {"mood": "calm"}):
        with pytest.raises(UsageError):
            radio(home, **wrong)


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 3), min_size=N, max_size=N), st.lists(st.floats(-1, 1, width=32), min_size=N, max_size=N)
)
def test_no_two_alike_stand_in_a_row_while_another_is_left(kinds: list[int], scores: list[float]) -> None:
    made = shelf(np.eye(4, dtype=np.float32)[kinds])
    order = reorder(np.array(scores, np.float32), [begin(Diversity(), made, weight=0.3, apart=0.9)])
    creator, kind = made.creator[order], np.array(kinds)[order]
    alike = lambda a, b: creator[a] == creator[b] or kind[a] == kind[b]  # noqa: E731
    for at in range(1, N):
        if alike(at - 1, at):  # then all that were left were like the one before
            assert all(alike(at - 1, later) for later in range(at, N))


def test_a_skip_pushes_down_what_is_like_it_until_something_like_it_is_liked() -> None:
    made = shelf(np.eye(4, dtype=np.float32)[np.arange(N) % 4])
    skipped = begin(Vain(), made, history((0, EventType.SKIP)), weight=0.0, alike=1.0).values()
    assert skipped[4] < 0
    assert skipped[1] == 0
    back = begin(Vain(), made, history((0, EventType.SKIP), (8, EventType.LIKE)), weight=0.0, alike=1.0).values()
    assert back[4] == 0


@settings(max_examples=25)
@given(st.integers(0, N - 1), st.data())
def test_a_leap_is_even_and_nothing_from_a_sound_to_itself(row: int, data: st.DataObject) -> None:
    tempo = np.array(data.draw(st.lists(st.floats(40, 220), min_size=N, max_size=N)), np.float32)
    key = np.array(data.draw(st.lists(st.integers(0, 11), min_size=N, max_size=N)))
    made = shelf()
    sounds = Sounds(tempo, np.linspace(-30, -8, N).astype(np.float32), key)
    known = Shelf(made.table, made.items, made.shown, made.group, made.arrived, made.creator, {}, sounds=sounds)
    rows = np.arange(N)
    far = leap(known, row, rows)
    assert far[row] == 0
    assert ((far >= 0) & (far <= 1)).all()
    assert [float(leap(known, int(r), np.array([row]))[0]) for r in rows] == pytest.approx(far.tolist(), abs=1e-5)


def test_music_flows_by_tempo_key_and_loudness() -> None:
    made = shelf()
    tempo = np.array([120, 60, 87] * 4, np.float32)
    sounds = Sounds(tempo, np.full(N, -14, np.float32), np.array([0, 0, 6] * 4))
    known = Shelf(made.table, made.items, made.shown, made.group, made.arrived, made.creator, {}, sounds=sounds)
    order = reorder(np.zeros(N, np.float32), [begin(Diversity(), known, weight=0.0, smooth=0.3)])
    assert (order[:8] % 3 != 2).all(), "half the tempo in the same key flows, the tritone does not"
