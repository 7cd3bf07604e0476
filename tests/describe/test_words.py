"""English and Chinese words: how rare they are, where they end, which of them are keywords and which name a topic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.base.ports.models import ModelInfo
from vitascope.base.time import Span, media_time
from vitascope.describe._chinese import chinese
from vitascope.describe._english import candidates, english
from vitascope.describe._evidence import Passage
from vitascope.describe._impressions import Impressions, laughs, moods_table
from vitascope.describe._keywords import keywords
from vitascope.describe._topics import Topic, about, by_meaning, texts_of
from vitascope.describe._words import chinese_rarity, rarity, segment, stem


def said(text: str, start: float = 0.0) -> Passage:
    return Passage(text, "transcript", Span(start=media_time(start), end=media_time(start + 5)))


# --- words


def test_common_words_are_common_and_unknown_ones_rare() -> None:
    assert rarity(stem("you")) < 0.1 < rarity(stem("water")) < rarity(stem("zzyzx")) == 1.0
    assert chinese_rarity("我们") < chinese_rarity("火箭") < chinese_rarity("魑魅魍") == 1.0


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_words_of_a_run_tile_it(run: str) -> None:
    found = segment(run)
    assert [a for a, _, _ in found] == [0, *(b for _, b, _ in found[:-1])]
    assert found[-1][1] == len(run)


def test_chinese_is_cut_into_words() -> None:
    assert ["我们今天发射火箭"[a:b] for a, b, _ in segment("我们今天发射火箭")] == ["我们", "今天", "发射", "火箭"]


# --- keywords


def test_a_phrase_takes_the_place_of_its_words_where_they_keep_company() -> None:
    text = "Machine learning helps doctors. Machine learning finds tumours. Doctors like machine learning."
    found = [t.casefold() for _, t, _ in english([said(text)], 5, 10_000)]
    assert found[0] == "machine learning"
    assert "machine" not in found
    assert "learning" not in found


@pytest.mark.parametrize("title", ["Calm acoustic, 68 bpm in C major", "Rocket launch 1080p HD", "My trip vol 2 mp3"])
def test_units_and_formats_are_no_keywords(title: str) -> None:
    words = {w for k in keywords([Passage(title, "title")], "en", 8) for w in k.text.casefold().split()}
    assert words
    assert not words & {"bpm", "1080p", "hd", "vol", "mp3"}


def test_units_are_no_keywords_in_other_languages_either() -> None:
    found = keywords([Passage("Ruhige Gitarre mit 68 bpm und schönem Klang", "title")], "de", 8)
    assert found
    assert not any("bpm" in k.text.casefold().split() for k in found)


def test_candidates_do_not_reach_over_punctuation() -> None:
    found = candidates([said("We saw rockets, whales and bread.")], 1_000)
    assert (stem("rockets"), stem("whales")) not in found


def test_meaning_orders_what_counts_alike() -> None:
    def embed(texts: Sequence[str]) -> np.ndarray:
        rows = [[1.0, 0.0] if "rocket" in t.casefold() else [0.0, 1.0] for t in texts]
        return np.array(rows, np.float32)

    text = "The rocket stands near a river. A castle and a forest stand near the village, and a bridge, and a harbour."
    found = english([said(text)], 3, 1_000, embed, np.array([1.0, 0.0], np.float32))
    assert found[0][1] == "rocket"


def test_chinese_keywords_are_words_of_the_text() -> None:
    text = "火箭发射成功。火箭进入轨道，卫星开始工作。"
    found = sorted(chinese([Passage(text, "description")], 1_000), key=lambda f: -f[0])
    assert "火箭" in [t for _, t, _ in found[:3]]
    assert all(t in text for _, t, _ in found)


# --- topics


TOPICS = [
    Topic(name="illness", words=("sick", "diagnosis")),
    Topic(name="happiness", words=("well-being",)),
    Topic(name="rockets", words=("rocket",)),
]


def test_who_is_ill_disposed_is_not_ill() -> None:
    found = about(TOPICS, [Passage("He was not an ill-disposed young man, rather well-spoken", "description")])
    assert 0 not in found.stands
    assert 1 not in found.stands
    assert 0 in about(TOPICS, [Passage("He fell ill, and then illness took him", "description")]).stands


@pytest.mark.parametrize("text", ["Our well-being matters", "On wellbeing"])
def test_a_compound_of_a_topic_stands_as_a_whole(text: str) -> None:
    assert 1 in about(TOPICS, [Passage(text, "description")]).stands


def test_a_topic_that_a_field_names_is_outright_and_its_evidence_holds_the_word() -> None:
    found = about(TOPICS, [Passage("A rocket rises", "title"), said("We saw a rocket.")])
    assert found.outright == {2}
    assert found.stands[2][0].field == "title"
    assert "rocket" in found.stands[2][0].quote.casefold()


def test_a_piece_that_is_near_to_everything_speaks_for_nothing() -> None:
    topics = np.eye(3, dtype=np.float32)
    even = np.full((1, 3), 3**-0.5, np.float32)
    assert by_meaning(even, topics) == pytest.approx([0, 0, 0], abs=1e-6)
    assert by_meaning(topics[:1], topics).argmax() == 0


def test_the_text_model_reads_a_topic_with_its_words() -> None:
    assert texts_of(TOPICS[0]) == ["This talk is about illness.", "illness: sick, diagnosis"]


# --- impressions


def test_laughter_in_subtitles_speaks_for_funny_with_its_place() -> None:
    lines = [said("(Laughter)", 3.0), said("and so we went on for a while about nothing at all", 9.0)]
    found = laughs(lines)
    assert list(found) == ["funny"]
    assert found["funny"][0].span == lines[0].span
    scores = Impressions(None).scores(lines, None)
    assert scores["funny"] > 0 == scores["calm"]


def test_quiet_impressions_are_scored_and_never_said() -> None:
    quiet = set(moods_table()["quiet"]["names"])
    names = Impressions(None).names

    class Model:
        info = ModelInfo(id="text", sha256="t", licence="none")

        def embed(self, texts: Sequence[str]) -> np.ndarray:
            owner = [n for n, listed in moods_table()["prompts"].items() for _ in listed]
            return np.array([[1.0, 0.0] if n in quiet else [0.0, 1.0] for n in owner], np.float32)

    spoken = [said("word " * 60)]
    vectors = np.array([[1.0, 0.0]], np.float32)
    felt = Impressions(Model()).felt(spoken, vectors, spoken)
    assert quiet <= set(names)
    assert not {n for n, _, _ in felt} & quiet
