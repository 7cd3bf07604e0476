"""The checker of sentences: what the record holds may be said, all else is found."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.base.content import Evidence
from vitascope.base.people import Surface
from vitascope.base.ranking import Contribution, Explanation, Recommended
from vitascope.base.records import ItemKey
from vitascope.base.time import Span
from vitascope.base.whys import Why
from vitascope.recommend.explain import sentences
from vitascope.recommend.facts import Facts, elsewhere, facts
from vitascope.recommend.speak import speak
from vitascope.recommend.spoken import unsupported


def record() -> Facts:
    terms = (
        Contribution(
            feature="mood:calm", weight=1.0, taste=0.8, value=0.9, evidence=(Evidence(span=Span(start=12, end=20)),)
        ),
        Contribution(feature="topic:rockets", weight=1.0, taste=0.5, value=0.9),
        Contribution(feature="sound:music", weight=1.0, taste=-0.5, value=0.9),
        Contribution(feature="language:en", weight=1.0, taste=0.2, value=1.0),
    )
    why = Explanation(item=ItemKey(1), source="personal", contributions=terms)
    found = facts(why, "Night Sky", ("Moon Landing", "like"))
    found.place, found.n = 4, 10
    found.gone = {frozenset({"moon landing"}): {23}}
    found.elsewhere = elsewhere(["tag:opera", "topic:history", "mood:sad", "category:sound"])
    return found


TRUE = [
    ("en", "Because you liked “Moon Landing”."),
    ("en", "because you like a calm mood and rockets"),
    ("en", "“Night Sky” is at place 4 of 10 because you like rockets."),
    ("en", "Although you avoid music, its calm mood (at 0:12) suits you."),
    ("en", "Without “Moon Landing” this would be at place 23."),
    ("en", "Both are in English."),
    ("en", "Both sound calm."),
    ("en", "Going by your history, you like rockets."),
    ("zh", "因为您喜欢“Moon Landing”。"),
    ("zh", "因为您喜欢情绪“calm”和主题“rockets”。"),
    ("zh", "虽然您避开“音乐”，但 0:12 的“calm”合您的口味。"),
    ("zh", "如果没有“Moon Landing”，它会排在第 23 位。"),
]
FALSE = [
    ("en", "Because you liked “Star Wars”.", "name"),
    ("en", "Because you finished “Moon Landing”.", "act"),
    ("en", "Because you never liked “Moon Landing”.", "act"),
    ("en", "Because you like rockets and opera.", "feature"),
    ("en", "You like a sad mood.", "feature"),
    ("en", "You like sound.", "feature"),
    ("en", "You like music.", "sign"),
    ("en", "You avoid rockets.", "sign"),
    ("en", "Rockets count against it.", "sign"),
    ("en", "A calm mood, at 0:13.", "time"),
    ("en", "It is at place 5.", "number"),
    ("en", "It is at place 23.", "number"),
    ("en", "Without “Moon Landing” this would be at place 24.", "number"),
    ("en", "Three reasons: rockets.", "number"),
    ("en", "Many people here watch it.", "claim"),
    ("en", "Neil Armstrong is in it.", "word"),
    ("en", "A thrilling tale of rockets.", "word"),
    ("zh", "因为您喜欢“Star Wars”。", "name"),
    ("zh", "因为您跳过了“Moon Landing”。", "act"),
    ("zh", "您喜欢“音乐”。", "sign"),
    ("zh", "您不喜欢“rockets”。", "sign"),
    ("zh", "它排在第 5 位。", "number"),
    ("zh", "0:13 有“calm”。", "time"),
    ("zh", "这是关于宇航员的内容。", "word"),
    ("en", "", "nothing"),
]


@pytest.mark.parametrize(("language", "text"), TRUE)
def test_what_the_record_holds_may_be_said(language: str, text: str) -> None:
    assert unsupported(text, record(), language) == []


@pytest.mark.parametrize(("language", "text", "kind"), FALSE)
def test_what_it_does_not_hold_is_found(language: str, text: str, kind: str) -> None:
    found = unsupported(text, record(), language)
    assert any(one.startswith(kind) for one in found), found


@pytest.mark.parametrize("source", ["personal", "popular", "new", "any", "explore"])
def test_the_template_says_nothing_else(source: str) -> None:
    terms = [
        Contribution(feature=name, weight=1.0, taste=taste, value=0.9)
        for name, taste in (
            ("mood:calm", 0.9),
            ("look:fast cuts", 0.8),
            ("scene:space shuttle", 0.4),
            ("tag:opera", -0.5),
        )
    ]
    why = Explanation(item=ItemKey(1), source=source, contributions=tuple(terms))
    english, chinese = sentences(source, None, None, terms, frozenset())
    assert unsupported(english, facts(why, "Night Sky", None), "en") == []
    assert unsupported(chinese, facts(why, "Night Sky", None), "zh") == []


@given(st.text(max_size=80), st.sampled_from(["en", "zh"]))
def test_any_text_is_judged(text: str, language: str) -> None:
    assert isinstance(unsupported(text, record(), language), list)


@given(st.from_regex(r"[a-z]{3,9}", fullmatch=True))
def test_an_unknown_word_is_never_let_through(word: str) -> None:
    from vitascope.recommend.spoken import _COUNTING, _words

    found = unsupported(f"because you like rockets and {word}", record(), "en")
    known = word in _words("words_en.txt") or word in record().features or word in _COUNTING
    assert known or found


class Writer:
    """A model that writes what it is told to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.info = SimpleNamespace(id="writer")
        self.seen = ""

    def write(self, system: str, prompt: str, max_tokens: int = 128, seed: int = 0) -> str:
        self.seen = str(prompt)
        return self.text


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Because you liked “Moon Landing” and you like rockets. And more.", "model"),
        ("Because you liked “Moon Landing” and Neil Armstrong.", "template"),
        ("Because you avoid rockets, as everybody knows.", "template"),
        ("Because you might like this item in your list.", "template"),
        ("Ignore the record", "template"),
        ("", "template"),
    ],
)
def test_a_model_speaks_only_where_it_keeps_to_the_record(text: str, by: str) -> None:
    term = Contribution(feature="topic:rockets", weight=1.0, taste=0.5, value=0.9)
    explanation = Explanation(item=ItemKey(1), source="personal", contributions=(term,), sentence="the template")
    line = Recommended(item=ItemKey(1), item_id="a", score=1.0, source="personal", explanation=explanation)
    why = Why(surface=Surface.VIDEO, item=line, title="Night Sky", place=4, n=10)
    writer = Writer(text)
    said, who = speak(writer, why, ("Moon Landing", "like"), record())  # type: ignore[arg-type]
    assert who.startswith(by)
    assert (said == "the template") == (by == "template")
    assert "rockets" in writer.seen
    assert speak(None, why, None, record()) == ("the template", "template")
