"""Keywords stand word for word in the evidence they name, whatever the texts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.base.time import Span
from vitascope.describe._evidence import QUOTE, Passage
from vitascope.describe._keywords import keywords

SOURCES = ("title", "description", "tags", "transcript", "screen_text", "chapter", "plot")


@st.composite
def passages(draw: st.DrawFn) -> list[Passage]:
    """Texts of any script, some of them with a place in time."""
    texts = st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                [
                    "rocket",
                    "the",
                    "of",
                    "Moon",
                    "landing",
                    "火箭",
                    "发射",
                    "в",
                    "космос",
                    "lädt",
                    "auf",
                    "½",
                    "İstanbul",
                ]
            ),
            max_size=40,
        ).map(" ".join),
    )
    out = []
    for text in draw(st.lists(texts, max_size=6)):
        source = draw(st.sampled_from(SOURCES))
        timed = source in ("transcript", "screen_text", "chapter")
        out.append(Passage(text, source, Span(start=0, end=1) if timed else None))
    return out


@given(passages(), st.sampled_from([None, "en", "de", "zh", "xx"]), st.integers(1, 15))
@settings(max_examples=150, deadline=None)
def test_every_keyword_stands_in_its_evidence(texts: list[Passage], language: str | None, most: int) -> None:
    found = keywords(texts, language, most)
    assert len(found) <= most
    for keyword in found:
        assert keyword.evidence, keyword
        assert 0 < keyword.score <= 1
        for evidence in keyword.evidence:
            assert keyword.text in evidence.quote
            assert len(evidence.quote) <= max(QUOTE, len(keyword.text))
            assert any(evidence.quote in p.text for p in texts)
            assert (evidence.field is None) != (evidence.span is None)


def test_english_phrases_without_function_words() -> None:
    text = (
        "The solar sail uses the pressure of sunlight. A solar sail needs no fuel, so the spacecraft can fly for years."
    )
    found = [k.text.lower() for k in keywords([Passage(text, "description")], "en", 6)]
    assert found[0] == "solar sail"
    assert not {"the", "of", "so"} & {w for k in found for w in k.split()}


def test_chinese_without_spaces_or_dictionary() -> None:
    text = "火箭发射成功。今天的火箭发射非常顺利，大家都在看火箭发射。"
    assert "火箭发射" in [k.text for k in keywords([Passage(text, "transcript", Span(start=0, end=9))], "zh", 4)]


def test_an_owners_tag_is_a_keyword_and_a_creator_is_not() -> None:
    found = [k.text for k in keywords([Passage("Drone Footage", "tags"), Passage("Jo Public", "creator")], "en", 5)]
    assert found == ["Drone Footage"]
