"""The grammar of requests: the texts that it was made on, and what holds for any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.base.talk import Conversation, Move, Utterance, Wish
from vitascope.recommend.talk import parse
from vitascope.recommend.talk.evaluate import read, same
from vitascope.recommend.talk.refine import bounds, refined

TEXTS = Path(__file__).resolve().parents[2] / "evals" / "requests"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_requests_that_the_rules_were_made_on_are_read_right(language: str) -> None:
    cases = read(TEXTS / f"{language}_dev.jsonl")
    wrong = [case.text for case in cases if not same(parse(case.text), case.want)]
    assert len(cases) >= 60
    assert len(wrong) <= 0.03 * len(cases), wrong


@given(
    st.text(max_size=80) | st.text('no not like un de 不要像的那样昨天两个小时 0123456789-《》"\x00\x01', max_size=60)
)
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_and_what_is_read_is_a_valid_record(text: str) -> None:
    said = parse(text)
    assert Utterance.model_validate(json.loads(said.model_dump_json())) == said
    if said.wish.least is not None and said.wish.most is not None:
        assert said.wish.least >= 0
        assert said.wish.most >= 0
    assert not any("\x00" in word or "\x01" in word for word in (*said.wish.about, *said.wish.not_about))


@given(
    st.lists(
        st.sampled_from(["calm music", "no vocals", "shorter", "安静", "不要人声", "in French", "energetic", "again"])
    )
)
@settings(max_examples=40, deadline=None)
def test_what_is_wanted_and_what_is_not_never_hold_the_same(turns: list[str]) -> None:
    wish = Wish()
    for text in turns:
        wish = refined(Conversation(wish=wish), parse(text))
        for yes, no in (("moods", "not_moods"), ("categories", "not_categories"), ("sounds", "not_sounds")):
            assert not set(getattr(wish, yes)) & set(getattr(wish, no))


def test_what_names_no_subject_adds_to_the_wish_and_a_new_subject_begins_anew() -> None:
    wish = refined(Conversation(), parse("calm piano music without vocals"))
    added = refined(Conversation(wish=wish), parse("in French, please"))
    assert added == wish.model_copy(update={"languages": ("fr",)})
    louder = refined(Conversation(wish=wish), parse("something energetic"))
    assert louder.moods == ("energetic",)
    assert louder.not_sounds == ("vocals",)
    other = refined(Conversation(wish=wish), parse("a documentary about whales"))
    assert other == Wish(categories=("documentary",), about=("whales",))
    shorter = refined(Conversation(wish=wish), parse("shorter"), [100.0, 200.0, 300.0])
    assert shorter.most == 150.0
    assert shorter.moods == ("calm",)
    assert refined(Conversation(wish=wish), Utterance(move=Move.RESET)).empty


def test_times_are_spans_of_seconds() -> None:
    now = 1_700_000_000.0  # 2023-11-14
    assert bounds("1990s", now) == (631_152_000.0, 946_684_800.0)
    assert bounds("2019", now)[0] == 1_546_300_800.0
    assert bounds("before-2000", now)[1] == 946_684_800.0
    assert bounds("recent", now)[0] < now < bounds("recent", now)[1]
    with pytest.raises(ValueError):
        bounds("sometime", now)
