"""Lists on a real store: what may be shown, what moves them, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.taste_home import NOW, Taste, did

from vitascope.assemble._plugins import components
from vitascope.base.errors import ConfigError
from vitascope.base.people import SEEN_TYPES, EventType, Surface
from vitascope.base.ports.stores import Neighbour
from vitascope.base.ranking import Contribution
from vitascope.recommend.pipeline import build


@pytest.fixture
def taste(tmp_path: Path) -> Taste:
    made = Taste(tmp_path)
    made.library()
    return made


def test_the_readable_score_of_the_worked_example() -> None:
    u, v, w = (0.8, 0.6, 0.9), (0.7, 0.5, 0.8), (0.3, 0.4, 0.3)
    terms = [
        Contribution(feature=str(i), weight=c, taste=a, value=b)
        for i, (a, b, c) in enumerate(zip(u, v, w, strict=True))
    ]
    assert sum(t.product for t in terms) == pytest.approx(0.504)
    assert sum(t.product for t in terms) != pytest.approx(0.348, abs=0.01)


def test_the_serving_scorer_gives_the_same_number() -> None:
    import numpy as np

    from vitascope.base.ports.ranking import FeatureTable
    from vitascope.recommend.scorers import taste_scores

    table = FeatureTable(
        version="x",
        items=np.array([1]),
        names=("a", "b", "c"),
        start=np.array([0, 3]),
        column=np.array([0, 1, 2]),
        value=np.array([0.7, 0.5, 0.8], np.float32),
        rarity=np.ones(3, np.float32),
    )
    scores = taste_scores(np.array([[0.8, 0.6, 0.9]], np.float32), np.array([[0.3, 0.4, 0.3]], np.float32), table)
    assert scores[0, 0] == pytest.approx(0.504, abs=1e-6)


def test_nobody_knows_anything_and_still_a_full_list(taste: Taste) -> None:
    answer = taste.recommender.recommend(taste.ask(None))
    assert len(answer.items) == 10
    assert {item.source for item in answer.items} <= {"new", "any", "popular"}


def test_one_like_changes_the_next_list_and_says_why(taste: Taste) -> None:
    before = taste.recommender.recommend(taste.ask("ann", explain=True))
    liked = before.items[3].item_id
    taste.record(did("ann", liked, "like"))
    request = taste.ask("ann", explain=True)
    after = taste.recommender.recommend(request)
    assert liked not in [i.item_id for i in after.items], "seen"
    theme = int(liked[1:]) % 3
    top = [int(i.item_id[1:]) % 3 for i in after.items[:5]]
    assert top == [theme] * 5, "the liked theme leads"
    moves = taste.recommender.moves(before, after, request)
    assert any(m.item_id == liked and m.after is None and "seen" in m.why for m in moves)
    risen = [m for m in moves if m.after is not None and (m.before is None or m.after < m.before)]
    assert any("you just liked" in m.why and "counts more" in m.why for m in risen)
    assert all(m.why_zh for m in moves)


def test_the_weighted_scorers_sum_to_the_score(taste: Taste) -> None:
    taste.record(did("ann", "i0", "complete", value=1.0), did("ann", "i3", "like", NOW + 1))
    request = taste.ask("ann", explain=True)
    listed = taste.recommender.recommend(request).items
    for item in listed:
        assert item.explanation is not None
        (told,) = item.explanation.told
        assert (told.method, told.base, told.exact) == ("fusion", 0.0, True)
        assert sum(r.amount for r in told.reasons) == pytest.approx(item.score, abs=2e-6)
        assert sum(r.amount for r in told.reasons) == pytest.approx(told.score, abs=1e-6)
        one = taste.recommender.explain(request, item.item).items[0]
        assert one.score == item.score
    seen = taste.recommender.explain(request, taste.key("i3")).items
    assert len(seen) == 1, "what was seen can be explained too"


def test_an_explanation_is_the_numbers_that_ranked(taste: Taste) -> None:
    taste.record(did("ann", "i0", "complete", value=1.0), did("ann", "i3", "like", NOW + 1))
    answer = taste.recommender.recommend(taste.ask("ann", explain=True))
    first = answer.items[0]
    why = first.explanation
    assert why is not None
    assert sum(p.normalised * p.weight for p in why.parts) == pytest.approx(first.score, abs=1e-4)
    raw = next(p.raw for p in why.parts if p.scorer == "taste")
    assert sum(c.product for c in why.contributions) == pytest.approx(raw, abs=1e-5)
    assert why.because in (taste.key("i0"), taste.key("i3"))
    assert why.because_event is not None
    assert "Piano" in why.sentence
    assert "piano" in why.sentence.lower()
    assert why.sentence_zh.startswith("因为")


def test_a_dislike_pushes_its_kind_down(taste: Taste) -> None:
    taste.record(did("ann", "i0", "like"), did("ann", "i1", "dislike", NOW + 1))
    rows = taste.list_of("ann", n=22)
    place = {i: n for n, i in enumerate(rows)}
    piano = [place[i] for i in rows if int(i[1:]) % 3 == 0]
    rockets = [place[i] for i in rows if int(i[1:]) % 3 == 1]
    assert max(piano) < min(rockets)


def test_copies_of_a_seen_work_are_seen_and_copies_come_last(taste: Taste) -> None:
    taste.stores.duplicates.replace(
        taste.key("i6"), [Neighbour(item=taste.key("i6"), other=taste.key("i3"), score=1.0, exact=True)], []
    )
    everything = taste.list_of("ann", n=30)
    assert len(everything) == 24, "all may be shown"
    assert everything[-1] in ("i3", "i6"), "the copy at the very end"
    taste.record(did("ann", "i3", "play"))
    assert not {"i3", "i6"} & set(taste.list_of("ann", n=30))


def test_the_surface_decides_on_seen_and_a_flag_wins(taste: Taste) -> None:
    taste.record(did("ann", "i0", "complete"))
    assert "i0" not in taste.list_of("ann", n=30)
    assert "i0" in taste.list_of("ann", n=30, include_seen=True)
    assert "i0" in taste.list_of("ann", n=30, surface=Surface.MUSIC)
    assert "i0" not in taste.list_of("ann", n=30, surface=Surface.MUSIC, include_seen=False)


def test_hidden_is_gone_whatever_the_flags_and_gone_items_too(taste: Taste) -> None:
    taste.record(did("ann", "i0", "hide"))
    taste.stores.items.set_available([taste.key("i1")], False)
    assert not {"i0", "i1"} & set(taste.list_of("ann", n=30, include_seen=True))


def test_one_list_and_many_lists_agree_and_are_deterministic(taste: Taste) -> None:
    for n, user in enumerate(("ann", "bob", "cy")):
        taste.record(*[did(user, f"i{(3 * j + n) % 24}", "complete", NOW + j) for j in range(4)])
    taste.trainer.fit()
    users = ["ann", "bob", "cy"]
    people = [taste.person(u) for u in users]
    many = [[i.item_id for i in a.items] for a in taste.recommender.recommend_many(people, taste.ask(None))]
    assert many == [taste.list_of(u) for u in users]
    taste.now += 40 * 86_400
    assert many == [taste.list_of(u) for u in users], "the clock alone changes nothing"


def test_exploring_says_how_likely_each_place_was(taste: Taste) -> None:
    taste.record(did("ann", "i0", "like"))
    answer = taste.recommender.recommend(taste.ask("ann", explore=True))
    assert all(i.propensity is not None and 0 < i.propensity <= 1 for i in answer.items)
    assert taste.recommender.recommend(taste.ask("ann", explore=True)) == answer, "seeded"
    assert all(i.propensity is None for i in taste.recommender.recommend(taste.ask("ann")).items)


def test_reranking_spreads_creators_only_when_asked(taste: Taste) -> None:
    taste.record(*[did("ann", f"i{j}", "like", NOW + j) for j in (0, 6)])
    creators = [taste.stores.items.get(i).creator for i in taste.list_of("ann", n=6)]  # type: ignore[union-attr]
    spread = [taste.stores.items.get(i).creator for i in taste.list_of("ann", n=6, rerank=True)]  # type: ignore[union-attr]
    assert max(map(spread.count, spread)) <= 3
    assert len(set(spread)) >= len(set(creators))


def test_similar_and_search(taste: Taste) -> None:
    taste.record(*[did(u, i, "complete", NOW + j) for u in ("a", "b", "c") for j, i in enumerate(("i0", "i5", "i7"))])
    taste.trainer.fit()
    assert {h.item_id for h in taste.recommender.similar(taste.key("i0"), 2)} == {"i5", "i7"}
    found = taste.recommender.search("rockets", 30)
    assert {int(h.item_id[1:]) % 3 for h in found} == {1}
    assert found[0].found_in == "title"
    assert "Rockets" in found[0].quote
    assert taste.recommender.search("rocke", 3), "the beginning of a word"
    assert taste.recommender.search("   ", 3) == []


def test_chinese_is_found_without_spaces(taste: Taste) -> None:
    from vitascope.base.items import ItemDraft

    taste.stores.items.put([ItemDraft(item_id="zh", title="今天天气真好", tags=("天气",))])
    assert taste.recommender.search("天气", 3)[0].item_id == "zh"


def test_every_surface_has_a_pipeline_that_can_be_drawn(taste: Taste) -> None:
    for surface in Surface:
        drawn = taste.recommender.flow(surface)
        assert surface.value in drawn
        assert "fallback" in drawn


WHOLE = """
surface = "video"
seen = "exclude"
sources = [{ name = "personal", top = 3 }]
scorers = ["taste"]
fallback = ["new", "any"]
rerankers = [{ name = "diversity", weight = 0.1 }]
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('surface = "video"\nwhat = 1\n', "what"),
        (WHOLE.replace('"personal", top = 3', '"magic", top = 3'), "no source is called magic"),
        (WHOLE.replace('"personal", top = 3', '"personal", top = 0'), "sources.0.top"),
        (WHOLE.replace('scorers = ["taste"]', 'scorers = ["taste", "guess"]'), "no scorer is called guess"),
        (WHOLE.replace('scorers = ["taste"]', 'scorers = ["popular"]'), "goes by the scorer taste"),
        (WHOLE.replace("weight = 0.1", "strength = 0.1"), "rerankers.diversity.strength"),
        (WHOLE.replace('"new", "any"', '"old", "any"'), "no source is called old"),
        ("not toml", "TOML"),
    ],
)
def test_a_wrong_pipeline_names_the_place(tmp_path: Path, change: str, said: str) -> None:
    (tmp_path / "video.toml").write_text(change, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        build(Surface.VIDEO, components(), tmp_path)
    assert "video.toml" in (caught.value.place or "")
    assert said in str(caught.value)


_KINDS = [k for k in EventType if k not in (EventType.UNDO, EventType.FOLLOW, EventType.COMMENT)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    acts=st.lists(st.tuples(st.integers(0, 23), st.sampled_from(_KINDS)), max_size=12),
    candidates=st.none() | st.frozensets(st.integers(0, 23), max_size=12),
    n=st.integers(1, 30),
    rerank=st.booleans(),
    explore=st.booleans(),
)
def test_what_holds_for_every_list(
    tmp_path_factory: pytest.TempPathFactory,
    acts: list[tuple[int, EventType]],
    candidates: frozenset[int] | None,
    n: int,
    rerank: bool,
    explore: bool,
) -> None:
    taste = _shared(tmp_path_factory)
    _shared_count[0] += 1
    name = f"p{_shared_count[0]}"
    events = [
        did(name, f"i{i}", kind.value, NOW + j, value=3 if kind is EventType.RATE else None)
        for j, (i, kind) in enumerate(acts)
    ]
    taste.record(*events)
    allowed = {f"i{i}" for i in (range(24) if candidates is None else candidates)}
    gone = {f"i{i}" for i, kind in acts if kind in SEEN_TYPES or kind is EventType.HIDE}
    keys = None if candidates is None else frozenset(taste.key(f"i{i}") for i in candidates)
    rows = taste.list_of(name, n=n, candidates=keys, rerank=rerank, explore=explore)
    assert len(rows) == len(set(rows))
    assert set(rows) <= allowed - gone
    assert len(rows) == min(n, len(allowed - gone)), "never short while anything may be shown"


_shared_count = [0]
_shared_home: list[Taste] = []


def _shared(factory: pytest.TempPathFactory) -> Taste:
    if not _shared_home:
        made = Taste(factory.mktemp("lists"))
        made.library()
        _shared_home.append(made)
    return _shared_home[0]


def test_what_holds_nothing_is_in_no_list(taste: Taste) -> None:
    from vitascope.base.content import Description, Evidence, Feature

    assert "i3" in taste.list_of(None, n=24)
    silent = Feature(name="empty:silent", value=1.0, evidence=(Evidence(field="sound", quote="0.0 of 9.0 s"),))
    taste.stores.descriptions.put(Description(item=taste.key("i3"), fingerprint="x", features=(silent,)), {})
    taste.record(*(did(who, "i3", "like") for who in ("ann", "bo", "cy")))  # the most popular item there is
    for who in (None, "dan", "ann"):
        assert "i3" not in taste.list_of(who, n=24)
    assert "i3" not in taste.list_of(None, n=24, candidates=frozenset({taste.key("i3"), taste.key("i4")}))
    assert "i3" not in {h.item_id for h in taste.recommender.similar(taste.key("i0"), 24)}
    assert "i3" not in {h.item_id for h in taste.recommender.search("piano", 24)}
