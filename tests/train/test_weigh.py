"""Weights by how much is known of a person: cut histories, chosen only where people who did not choose gain, served to whom they
are for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.taste_home import NOW, Taste, did

from vitascope.base.histories import Histories, from_events, lengths
from vitascope.base.people import Event, EventType
from vitascope.base.ranking import TrainedModel
from vitascope.base.records import ItemKey, PersonKey
from vitascope.recommend.scorers import Weights
from vitascope.train import ArtifactFolder
from vitascope.train.artifacts import MemoryArtifacts
from vitascope.train.judge import gains, places
from vitascope.train.recipe import Recipe
from vitascope.train.weigh import Race, for_few, short, windows

ITEMS = 30
Floats = npt.NDArray[np.float32]


def histories(acts: list[list[int]], dated: bool = True) -> Histories:
    events = [
        [
            Event(
                person=PersonKey(p),
                item=ItemKey(item),
                type=EventType.COMPLETE,
                time=NOW + place if dated else None,
                identity=f"{p}-{place}",
                number=100 * p + place,
            )
            for place, item in enumerate(mine)
        ]
        for p, mine in enumerate(acts)
    ]
    return from_events(list(range(len(acts))), events, np.arange(ITEMS))


ACTS = st.lists(st.lists(st.integers(0, ITEMS - 1), max_size=12), min_size=1, max_size=6)


@settings(max_examples=30, deadline=None)
@given(ACTS, st.integers(0, 4), st.integers(0, 4), st.booleans(), st.integers(0, 9))
def test_a_window_holds_what_was_done_before_the_item_that_came_next(
    acts: list[list[int]], low: int, more: int, dated: bool, seed: int
) -> None:
    whole = histories(acts, dated)
    assert lengths(whole).tolist() == [len(set(mine)) for mine in acts]
    cut = windows(whole, low, low + more, 2, seed)
    able = [p for p, mine in enumerate(acts) if len(set(mine)) > low]
    assert cut.owner.tolist() == [p for p in able for _ in range(2)]
    many = lengths(cut.histories)
    assert ((many >= low) & (many <= low + more)).all()
    for row, person in enumerate(cut.owner.tolist()):
        kept = set(cut.histories.item[cut.histories.start[row] : cut.histories.start[row + 1]].tolist())
        order = list(dict.fromkeys(acts[person]))
        assert kept <= set(order)
        after = [int(i) for i in cut.answers[row] if i >= 0]
        assert after
        assert set(after) <= set(order) - kept
        if dated:
            end = order.index(after[0])
            assert kept == set(order[end - len(kept) : end]), "what stands right before it"
            assert after == order[end : end + 5]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_a_race_says_what_ranking_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    train = histories([list(random.permutation(ITEMS)[:4]) for _ in range(7)])
    answer = np.array([next(i for i in range(ITEMS) if i not in train.item[4 * p : 4 * p + 4]) for p in range(7)])
    made = {
        name: (np.round(8 * random.normal(size=(7, ITEMS))) / 8).astype(np.float32)
        for name in ("collaborative", "popular")
    }
    weights = {"collaborative": 1.0, "popular": 0.5}
    expected = gains(places(made["collaborative"] + np.float32(0.5) * made["popular"], answer, train))
    race = Race(made, answer[:, None], train)
    assert race.worth(weights) == pytest.approx(expected)
    some = np.array([1, 4, 5])
    assert race.some(some).worth(weights) == pytest.approx(expected[some])


def scores_where(speaks: str, people: int, answer: npt.NDArray[np.int64], seed: int) -> dict[str, Floats]:
    """Noise by each scorer; the one that speaks ranks the answer high."""
    random = np.random.default_rng(seed)
    out = {n: random.random((people, ITEMS)).astype(np.float32) for n in ("collaborative", "content", "popular")}
    if speaks:
        out[speaks][np.arange(people), answer] += 0.5
    return out


def test_weights_for_few_are_taken_where_they_surely_help_and_never_for_noise() -> None:
    usual = {"collaborative": 1.0, "content": 0.0, "popular": 0.0}
    random = np.random.default_rng(0)
    people = 300
    nothing = histories([[] for _ in range(people)])
    answer, owner = random.integers(0, ITEMS, people), np.arange(people) // 2
    found, gain, error = for_few(
        Race(scores_where("popular", people, answer, 1), answer[:, None], nothing), owner, usual
    )
    assert found is not None
    assert gain > 3 * error
    assert found["popular"] > 0.3
    assert found["popular"] < 3.0, "drawn back to the weights for all"
    assert found["collaborative"] == 1.0
    lucky = 0
    for seed in range(12):
        race = Race(scores_where("", people, answer, 100 + seed), answer[:, None], nothing)
        chance, _, _ = for_few(race, owner, usual)
        lucky += chance is not None
    assert lucky <= 5, "beyond one standard error chance comes one time in six"


def test_each_group_is_weighed_on_histories_of_its_length() -> None:
    asked: list[int] = []
    people = histories([[ITEMS - 1, *range(1 + p % 8)] for p in range(240)])

    def scores(less: Histories) -> dict[str, Floats]:
        longest = int(lengths(less).max())
        asked.append(longest)
        made = {n: np.zeros((len(less), ITEMS), np.float32) for n in ("collaborative", "content", "popular")}
        made["collaborative"][:] = np.arange(ITEMS)[::-1] / ITEMS
        if longest <= 2:  # next is always what has the next number
            made["popular"] = np.minimum(made["collaborative"] * 2, 1)
            made["popular"][:, ITEMS // 2 :] = 0
        return made

    usual = {"collaborative": -0.1, "content": 0.0, "popular": 0.0}
    groups, said = short(people, (0, 2, 5), usual, scores, fewest=50)
    assert asked == [5, 2, 0], "the longest first"
    assert [most for most, _ in groups][:2] == [0, 2]
    assert groups[1][1]["popular"] > 0.01
    assert len(said) == 3
    assert short(people, (0, 2, 5), usual, scores, fewest=500) == ((), [])


def test_weights_are_read_as_they_were_kept_and_the_owners_win() -> None:
    recipe = Recipe(
        weights=(("collaborative", 1.0), ("popular", 0.0)), short=((2, (("collaborative", 1.0), ("popular", 1.5))),)
    )
    assert Recipe.read(recipe.text(), {}) == recipe
    assert recipe.asks("popular")
    assert not recipe.asks("sequence")
    weights = Weights({"a": 1.0, "b": 0.0}, ((0, {"a": 0.5, "b": 2.0}), (3, {"a": 0.7, "b": 1.0})))
    assert [weights.of(n)["b"] for n in (0, 1, 3, 4)] == [2.0, 1.0, 1.0, 0.0]
    stated = weights.stated(("b",), {"b": 0.3})
    assert [stated.of(n) for n in (0, 9)] == [{"b": 0.3}, {"b": 0.3}]


def test_a_new_person_and_a_session_are_served_by_the_weights_for_few(tmp_path: Path) -> None:
    taste = Taste(tmp_path)
    items = taste.library()
    for n in range(6):
        taste.record(did(f"p{n}", "i5", "like"), did(f"p{n}", f"i{n + 6}", "like"))
    taste.record(*(did("ann", f"i{n}", "like", NOW + n) for n in range(3)))
    usual = {"collaborative": 0.0, "content": 0.0, "taste": 1.0, "popular": 0.0, "sequence": 0.0}
    few = usual | {"taste": 0.0, "popular": 1.0}
    text = json.dumps({"weights": usual, "short": [[2, few]]})
    folder = ArtifactFolder(tmp_path / "models")
    folder.write(MemoryArtifacts("short", {"items": np.array([i.key for i in items])}, {"blend": text}))
    taste.stores.registry.add(
        TrainedModel(version="short", created_at=NOW, seed=0, path="short", evaluation=(), items=len(items))
    )
    taste.stores.registry.promote("short")
    assert taste.list_of(None)[0] == "i5"
    session = taste.recommender.recommend(taste.ask(None, seed_items=(taste.key("i1"),), explain=True)).items
    assert session[0].item_id == "i5"
    part = {p.scorer: p.weight for p in session[0].explanation.parts}  # type: ignore[union-attr]
    assert (part["popular"], part["taste"]) == (1.0, 0.0)
    known = taste.recommender.recommend(taste.ask("ann", explain=True)).items
    part = {p.scorer: p.weight for p in known[0].explanation.parts}  # type: ignore[union-attr]
    assert (part["popular"], part["taste"]) == (0.0, 1.0), "three items: the usual weights"
    assert "up to 2 items: taste x 0.00" in taste.recommender.flow(taste.ask(None).surface)
