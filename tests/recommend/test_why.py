"""The whole record of why an item is there: what is said of acts left out is what happens without them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.taste_home import NOW, Taste, did

from vitascope.backends.figures import why_page
from vitascope.base.errors import UnknownItem
from vitascope.base.people import EventType
from vitascope.base.ports.stores import Neighbour
from vitascope.base.reasons import Reason, label
from vitascope.base.records import ItemKey
from vitascope.base.whys import Why
from vitascope.recommend._texts import by_words
from vitascope.recommend._what_if import acts_of
from vitascope.recommend.wording import liked, shared
from vitascope.train.attribute import CaptumAttributor


@pytest.fixture(scope="module")
def taste(tmp_path_factory: pytest.TempPathFactory) -> Taste:
    made = Taste(tmp_path_factory.mktemp("why"))
    made.library()
    made.record(
        did("ann", "i0", "complete", NOW - 500, value=1.0),
        did("ann", "i0", "like", NOW - 400),
        did("ann", "i1", "like", NOW - 300),
        did("ann", "i2", "skip", NOW - 200, value=0.1),
        did("ben", "i1", "like", NOW - 100),
        did("ben", "i0", "follow", NOW - 90, target="creator:piano maker 1"),
    )
    return made


def why_of(taste: Taste, name: str, place: int) -> Why:
    request = taste.ask(name, n=6)
    item = taste.recommender.recommend(request).items[place - 1]
    found = taste.recommender.why(request, item.item)
    assert found.item.item_id == item.item_id
    assert found.item.score == item.score
    assert found.place == place
    return found


def test_what_an_act_carries_is_what_the_score_loses_without_it(taste: Taste, tmp_path: Path) -> None:
    why = why_of(taste, "ann", 1)
    (left,) = why.told
    amounts = {r.name: r.amount for r in left.reasons}
    assert left.method == "left-out"
    assert left.score == pytest.approx(why.item.score, abs=1e-6)
    # the same library, in which ann never met i0
    other = Taste(tmp_path / "other")
    other.library()
    other.record(
        did("ann", "i1", "like", NOW - 300),
        did("ann", "i2", "skip", NOW - 200, value=0.1),
        did("ben", "i1", "like", NOW - 100),
        did("ben", "i0", "follow", NOW - 90, target="creator:piano maker 1"),
    )
    request = other.ask("ann", n=6, exclude=frozenset([other.key("i0")]))
    there = other.recommender.explain(request, other.key(why.item.item_id)).items[0].explanation
    assert there is not None
    taste_now = next(p for p in why.item.explanation.parts if p.scorer == "taste")  # type: ignore[union-attr]
    taste_then = next(p for p in there.parts if p.scorer == "taste")
    assert taste_then.raw < taste_now.raw or amounts["i0"] <= 0
    assert max(amounts, key=lambda name: amounts[name]) == "i0", "the piano that was finished and liked"


def test_without_what_it_hangs_on_the_item_falls(taste: Taste) -> None:
    whys = [why_of(taste, "ann", place) for place in (1, 2, 3)]
    assert any(why.without for why in whys)
    for why in whys:
        for without in why.without:
            assert without.place > why.place
            assert without.gone == (without.place > why.n)
            assert 1 <= len(without.acts) <= 2


def test_more_of_a_feature_is_recomputed(taste: Taste) -> None:
    why = why_of(taste, "ann", 1)
    like, hide = why.more
    assert (like.did, hide.did) == ("like", "hide")
    assert like.before == hide.before
    assert like.after >= hide.after
    assert like.item_id != why.item.item_id


def test_a_copy_of_a_work_is_told_too(taste: Taste) -> None:
    copies = Neighbour(item=taste.key("i20"), other=taste.key("i23"), score=1.0, exact=True)
    taste.stores.duplicates.replace(taste.key("i20"), [copies], [])
    for item in ("i20", "i23"):
        assert taste.recommender.why(taste.ask("ann", n=6), taste.key(item)).item.item_id == item


def test_acts_that_are_one_watch_stay_one_in_every_what_if(taste: Taste) -> None:
    taste.record(
        did("dan", "i0", "play", NOW - 900),
        did("dan", "i0", "progress", NOW - 800, value=0.4),
        did("dan", "i0", "complete", NOW - 700, value=1.0),
        did("dan", "i4", "like", NOW - 600),
    )
    why = why_of(taste, "dan", 1)
    left = next(told for told in why.told if told.method == "left-out")
    assert left.score == pytest.approx(why.item.score, abs=1e-6)


def test_who_follows_is_told_with_what_they_follow(taste: Taste) -> None:
    why = why_of(taste, "ben", 1)
    left = next(told for told in why.told if told.method == "left-out")
    assert left.score == pytest.approx(why.item.score, abs=1e-6)


def test_what_is_not_on_the_shelf_cannot_be_told(taste: Taste) -> None:
    with pytest.raises(UnknownItem):
        taste.recommender.why(taste.ask("ann"), ItemKey(10**9))
    nobody = taste.recommender.why(taste.ask(None), taste.key("i5"))
    assert nobody.without == ()
    assert nobody.told == ()


def test_acts_are_told_by_item_and_impressions_are_none(taste: Taste) -> None:
    taste.record(did("cai", "i4", "impression", NOW), did("cai", "i5", "play", NOW), did("cai", "i5", "like", NOW + 1))
    history = taste.recommender._history(taste.ask("cai"), taste.recommender._shelves.shelf())
    (act,) = acts_of(history)
    reason = act.reason(history, taste.recommender._shelves.shelf(), 0.5)
    assert (reason.name, reason.did, len(act.events)) == ("i5", EventType.LIKE.value, 2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_of_it_cannot_be_steered_by_a_title(taste: Taste, language: str) -> None:
    evil = "<script>alert(1)</script>\u202e$x^2$ & \"'"
    why = why_of(taste, "ann", 1).model_copy(update={"title": evil})
    act = Reason(kind="act", name="x", amount=1.0, title=evil, did="like")
    why = why.model_copy(update={"told": (why.told[0].model_copy(update={"reasons": (act,)}),)})
    page = why_page(why, language)
    assert "<script" not in page
    assert "\u202e" not in page
    assert "$x^2$" in page, "text, not mathematics"
    assert page == why_page(why, language)
    assert not re.search(r"(src|href)=\"http", page), "nothing is fetched"


def test_words_carry_what_the_text_model_says_they_do() -> None:
    vectors = {"rockets": [1.0, 0.0], "cooking": [0.0, 1.0]}

    class Reader:
        info = None

        def embed(self, texts: list[str]) -> np.ndarray:
            rows = np.array([np.sum([vectors.get(w, [0, 0]) for w in t.split()] or [[0, 0]], axis=0) for t in texts])
            return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1), np.float32)

    g = np.array([1.0, -1.0])
    told = by_words("the rockets, not cooking", g, 0.5, Reader(), CaptumAttributor(), 0)  # type: ignore[arg-type]
    assert told is None or told.method == "words"
    told = by_words("the rockets not cooking", g, 0.5, Reader(), CaptumAttributor(), 0)  # type: ignore[arg-type]
    assert told is not None
    by = {r.name: r.amount for r in told.reasons}
    assert by["rockets"] > 0.3 > abs(by.get("the", 0.0))
    assert by["cooking"] < -0.3
    assert by_words("two words", g, 0.5, Reader(), CaptumAttributor(), 0) is None  # type: ignore[arg-type]


def test_our_reasons_have_words_in_both_languages() -> None:
    for kind, name in (("scorer", "taste"), ("figure", "scorer:taste"), ("figure", "topic_share")):
        english, chinese = label(Reason.model_validate({"kind": kind, "name": name, "amount": 1.0}))
        assert english != chinese != name
    assert label(Reason(kind="word", name="bach", amount=1.0)) == ("bach", "bach")


def test_features_are_said_as_people_say_them() -> None:
    assert shared(["sound:quiet", "sound:speech"]) == "both sound quiet and have speech"
    assert (
        shared(["sound:loud", "look:fast cuts", "mood:epic"]) == "both sound loud and have fast cuts and an epic mood"
    )
    assert shared(["creator:jane austen"], "Jane Austen") == "both are by Jane Austen"
    assert shared(["topic:rockets", "topic:space", "sound:subdued voice"]) == (
        "both are about rockets and space and have a subdued voice"
    )
    assert liked("creator:bach") == "what bach makes"
    assert liked("language:en") == "what is in English"
