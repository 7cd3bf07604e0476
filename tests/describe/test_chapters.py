"""Chapters begin where the subject changes; stated ones are trusted; whatever is told stands where it says."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.base.content import ChapterSource, Signal, SignalKind
from vitascope.base.items import Item, ItemKind
from vitascope.base.media import Asset, Chapter, Probe
from vitascope.base.records import AssetKey, ItemKey
from vitascope.base.time import Span, media_time
from vitascope.describe import DescribeConfig
from vitascope.describe._chapters import chapters
from vitascope.describe._evidence import Passage
from vitascope.describe._parting import units_of
from vitascope.describe._retell import retell, retold
from vitascope.describe._sayings import sayings
from vitascope.describe._segments import costs_of, cut
from vitascope.describe._stated import marks_of, nameless, stated

SUBJECTS = {
    "bread": "The baker kneads the dough and the bread rises in the oven with flour and yeast.",
    "rockets": "The rocket burns its fuel and lifts the satellite into orbit around the planet.",
    "whales": "The whales swim through the cold ocean and sing to each other under the ice.",
}


def span(start: float, end: float) -> Span:
    return Span(start=media_time(start), end=media_time(end))


def talk(*subjects: str, each: int = 12, seconds: float = 6.0) -> list[Passage]:
    """One sentence every few seconds, so many of each subject."""
    lines = [s for subject in subjects for s in [SUBJECTS[subject]] * each]
    return [Passage(text, "transcript", span(n * seconds, (n + 1) * seconds - 1)) for n, text in enumerate(lines)]


def by_subject(texts: Any) -> Any:
    """A text model that knows three subjects."""
    keys = ("bread", "rocket", "whale")
    rows = np.array([[1.0 + t.lower().count(k) * 4 for k in keys] for t in texts], np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def item(**fields: Any) -> Item:
    return Item(key=ItemKey(1), item_id="a", kind=ItemKind.VIDEO, has_media=True, **fields)


# --- where the subject changes


def test_the_cut_stands_between_two_subjects() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), [5, 7, 4], axis=0)
    assert cut(costs_of(vectors), list(range(17)), 0.5, 2) == [5, 12]


def test_one_subject_is_not_cut_unless_more_parts_are_asked_for() -> None:
    vectors = np.ones((12, 4), np.float32) / 2
    assert cut(costs_of(vectors), list(range(13)), 0.5, 2) == []
    assert len(cut(costs_of(vectors), list(range(13)), 0.5, 2, at_least=3)) == 2


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0.1, 20), min_size=1, max_size=30),
    st.floats(0, 3),
    st.floats(0, 25),
    st.integers(1, 6),
    st.integers(0, 10**6),
)
def test_cuts_are_in_order_and_no_part_is_too_short(
    lengths: list[float], penalty: float, least: float, wanted: int, seed: int
) -> None:
    vectors = np.random.default_rng(seed).normal(size=(len(lengths), 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    times = [0.0, *np.cumsum(lengths).tolist()]
    found = cut(costs_of(vectors), times, penalty, least, wanted)
    assert found == sorted(set(found))
    assert all(0 < f < len(lengths) for f in found)
    edges = [0, *found, len(lengths)]
    parts = [times[b] - times[a] for a, b in itertools.pairwise(edges)]
    assert len(parts) == 1 or min(parts) >= least - 1e-9


def test_the_cheapest_cutting_is_as_cheap_as_any_other() -> None:
    from itertools import combinations

    vectors = np.random.default_rng(3).normal(size=(9, 3)).astype(np.float32)
    costs, price = costs_of(vectors), 2.0

    def whole(places: tuple[int, ...]) -> float:
        edges = [0, *places, 9]
        return sum(float(costs[a, b]) for a, b in itertools.pairwise(edges)) + price * len(places)

    best = min(whole(c) for n in range(9) for c in combinations(range(1, 9), n))
    assert whole(tuple(cut(costs, list(range(10)), price, 0))) == pytest.approx(best)


def test_chapters_of_a_talk_begin_where_its_subjects_do_and_tile_it() -> None:
    said = talk("bread", "rockets", "whales")
    found = chapters(said, [], [], 216.0, "en", by_subject, DescribeConfig())
    starts = [float(c.span.start) for c in found]
    assert starts[0] == 0
    assert starts[1:] == pytest.approx([71.5, 143.5], abs=7)
    assert float(found[-1].span.end) == 216.0
    assert all(a.span.end == b.span.start for a, b in itertools.pairwise(found))
    assert "bread" in found[0].title.lower()
    assert "rocket" in found[1].title.lower()
    for chapter in found:
        assert chapter.source is ChapterSource.CONTENT
        assert all(e.span and chapter.span.overlap(e.span) > 0 for c in chapter.claims for e in c.evidence)
        assert chapter.evidence
        assert chapter.claims


def test_by_spelling_where_no_text_model_speaks() -> None:
    found = chapters(talk("bread", "whales", each=14), [], [], 168.0, "en", None, DescribeConfig())
    assert [float(c.span.start) for c in found] == pytest.approx([0, 84], abs=7)


def test_a_change_of_shot_in_the_silence_is_where_a_chapter_begins() -> None:
    said = talk("bread", "rockets")
    shots = [Signal(kind=SignalKind.SHOT, span=span(a, b)) for a, b in ((0, 30), (30, 71.2), (71.2, 144))]
    found = chapters(said, shots, [], 144.0, "en", by_subject, DescribeConfig())
    assert [float(c.span.start) for c in found] == pytest.approx([0, 71.2])


def test_where_nothing_is_said_the_sound_and_the_pictures_part_it() -> None:
    heard = [
        Signal(kind=SignalKind.AUDIO_KIND, value="music" if n < 12 else "other", span=span(10 * n, 10 * n + 10))
        for n in range(24)
    ]
    seen = [Signal(kind=SignalKind.SCENE, value="volcano", span=span(120, 240), score=0.8)]
    passages = [Passage("volcano", "scene", span(120, 240))]
    found = chapters(passages, [*heard, *seen], [], 240.0, None, None, DescribeConfig())
    assert [float(c.span.start) for c in found] == pytest.approx([0, 120], abs=5)
    assert found[1].title == "volcano"
    assert found[1].claims[0].text == "volcano"


def test_a_short_item_has_no_chapters() -> None:
    assert chapters(talk("bread"), [], [], 72.0, "en", by_subject, DescribeConfig()) == ()


# --- what somebody stated


def with_chapters(*rows: tuple[float, float, str]) -> Asset:
    named = tuple(Chapter(span=span(a, b), title=t) for a, b, t in rows)
    probe = Probe(container="matroska", duration=Fraction(300), streams=(), chapters=named)
    return Asset(
        key=AssetKey(1),
        item=ItemKey(1),
        uri="/x.mkv",
        sha256="0" * 64,
        bytes=1,
        modified=0.0,
        probe=probe,
        duration=Fraction(300),
    )


def test_the_containers_chapters_are_trusted_over_ours_and_nameless_ones_are_named() -> None:
    said = talk("bread", "rockets", "whales")
    known = stated(item(), with_chapters((0, 100, "Opening"), (100, 216, "Chapter 2")), 216.0)
    found = chapters(said, [], known, 216.0, "en", by_subject, DescribeConfig())
    assert [(float(c.span.start), float(c.span.end)) for c in found] == [(0, 100), (100, 216)]
    assert found[0].title == "Opening"
    assert found[0].source is ChapterSource.CONTAINER
    assert not nameless(found[1].title)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (
            "chapters",
            '{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "A"}, {"startTime": 61.5, "title": "B"}]}',
        ),
        ("chapters", '[{"start_time": 0.0, "end_time": 61.5, "title": "A"}, {"start_time": 61.5, "title": "B"}]'),
        ("psc:chapters", "00:00:00.000 A\n00:01:01.500 B"),
    ],
)
def test_chapters_of_a_feed_in_three_writings(field: str, text: str) -> None:
    found = stated(item(extra=((field, text),)), None, 120.0)
    assert [(c.title, float(c.span.start), float(c.span.end)) for c in found] == [("A", 0, 61.5), ("B", 61.5, 120)]
    assert {c.source for c in found} == {ChapterSource.FEED}


@pytest.mark.parametrize("start", ["1" + "0" * 400, "1e400", "NaN", "-1", "null", "[]", '"soon"', "{}"])
def test_a_start_that_is_no_moment_is_left_out(start: str) -> None:
    rows = (
        f'[{{"startTime": {start}, "title": "X"}}, {{"startTime": 0, "title": "A"}}, {{"startTime": 9, "title": "B"}}]'
    )
    assert [c.title for c in stated(item(extra=(("chapters", rows),)), None, 100.0)] == ["A", "B"]


def test_times_in_a_description_are_chapters_where_they_begin_at_nought_and_rise() -> None:
    text = "My film.\n0:00 Intro\n(1:30) - The river\nThe end 1:02:03\nThanks!"
    found = stated(item(description=text), None, 4_000.0)
    assert [(c.title, float(c.span.start)) for c in found] == [("Intro", 0), ("The river", 90), ("The end", 3723)]
    assert stated(item(description="We meet at 9:30, 10:30 and 11:30"), None, 4_000.0) == []
    assert stated(item(description="0:00 a\n5:00 b\n3:00 c"), None, 4_000.0) == []


@given(st.text(max_size=300))
def test_no_text_of_a_stranger_breaks_the_reading_of_times(text: str) -> None:
    assert all(at >= 0 for at, _ in marks_of(text))
    for chapter in stated(item(description=text, extra=(("chapters", text),)), None, 100.0):
        assert 0 <= chapter.span.start < chapter.span.end <= 100


@pytest.mark.parametrize("title", ["", "Chapter 3", "03", "第2章", "Kapitel IV"])
def test_numbers_are_no_titles(title: str) -> None:
    assert nameless(title)


# --- sentences


def test_lines_that_go_on_are_one_sentence_and_long_lines_several() -> None:
    lines = [
        Passage("So we went down", "transcript", span(0, 2)),
        Passage("to the river. It was cold.", "transcript", span(2, 4)),
        Passage("And then", "transcript", span(20, 21)),
    ]
    said = sayings(lines)
    assert [s.text for s in said] == ["So we went down to the river.", "It was cold.", "And then"]
    assert (said[0].start, said[2].start) == (0, 20)
    assert 2 < said[0].end == said[1].start < 4


def test_chinese_lines_are_joined_without_spaces() -> None:
    lines = [Passage("我们去了", "transcript", span(0, 1)), Passage("河边。", "transcript", span(1, 2))]
    assert [s.text for s in sayings(lines)] == ["我们去了河边。"]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_units_hold_every_sentence_once(sizes: list[int]) -> None:
    lines = [Passage("word " * n + "end.", "transcript", span(i, i + 1)) for i, n in enumerate(sizes)]
    said = sayings(lines)
    assert [s for u in units_of(said) for s in u.said] == said


def test_notes_on_sounds_are_not_said() -> None:
    lines = [Passage("(Applause)", "transcript", span(0, 1)), Passage("(Laughter) We go on.", "transcript", span(1, 3))]
    assert [s.text for s in sayings(lines)] == ["We go on."]


# --- retold by a language model


def test_a_long_text_is_retold_in_pieces_and_no_question_is_too_long() -> None:
    lines = talk("bread", "rockets", "whales", each=8)
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return "The rocket lifts the satellite into orbit. It won a prize in Paris."

    claims = retold(sayings(lines), ask, 600)
    assert len(asked) > 2
    assert max(map(len, asked)) <= 600
    assert claims
    grounds = " ".join(p.text for p in lines)
    assert all(e.span and e.quote in grounds for c in claims for e in c.evidence)
    assert not any("Paris" in c.text for c in claims)


def test_of_a_model_that_invents_nothing_stays_and_the_items_own_sentences_do() -> None:
    found = chapters(talk("bread", "rockets"), [], [], 144.0, "en", by_subject, DescribeConfig())
    told, written = retell(found, talk("bread", "rockets"), lambda text: "Aliens attacked New York last night.", 1_500)
    assert (told, written) == (found, 0)


def test_what_the_model_says_in_the_items_words_is_told_with_where_they_stand() -> None:
    said = talk("bread", "rockets")
    found = chapters(said, [], [], 144.0, "en", by_subject, DescribeConfig())
    answers = {"baker": "The baker kneads dough with flour and yeast, and bread rises in the oven."}
    told, written = retell(found, said, lambda text: next((a for k, a in answers.items() if k in text), ""), 1_500)
    assert written == 1
    assert told[0].claims[0].text == answers["baker"]
    assert all(e.span and told[0].span.overlap(e.span) > 0 for e in told[0].claims[0].evidence)
    assert told[1] == found[1]


def test_a_long_stretch_without_words_is_a_part_of_its_own() -> None:
    said = talk("bread", each=12)
    heard = [Signal(kind=SignalKind.AUDIO_KIND, value="speech", span=span(0, 72))]
    heard += [Signal(kind=SignalKind.AUDIO_KIND, value="music", span=span(72, 160))]
    found = chapters(said, heard, [], 160.0, "en", by_subject, DescribeConfig())
    assert [float(c.span.start) for c in found] == pytest.approx([0, 71], abs=3)
    late = [Passage(p.text, p.source, span(float(p.span.start) + 90, float(p.span.end) + 90)) for p in said if p.span]
    found = chapters([*said, *late], heard, [], 162.0, "en", by_subject, DescribeConfig(chapter_penalty=9))
    assert len(found) == 2


def test_a_short_form_ends_no_sentence() -> None:
    said = sayings([Passage("And Mr. John went to St. Ives. He came back.", "transcript", span(0, 6))])
    assert [s.text for s in said] == ["And Mr. John went to St. Ives.", "He came back."]
