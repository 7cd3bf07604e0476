"""Fitting, judging, promoting, rolling back; the closed form against a solver; tiny and empty libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.taste_home import NOW, Taste, did

from vitascope.base.errors import HomeDamaged, UnknownModel, UsageError
from vitascope.train import ArtifactFolder, TrainConfig
from vitascope.train.judge import K, figures, places
from vitascope.train.near import ease
from vitascope.train.recipe import Recipe


def _crowd(taste: Taste, people: int = 120, seed: int = 0) -> None:
    """Each person keeps to one of three themes, seven times of eight."""
    rng = np.random.default_rng(seed)
    lines = ["user_id,item_id,type,timestamp"]
    for p in range(people):
        chosen: set[int] = set()
        for j in range(6):
            theme = p % 3 if rng.random() < 0.875 else int(rng.integers(3))
            item = 3 * int(rng.integers(8)) + theme
            if item not in chosen:
                chosen.add(item)
                lines.append(f"p{p},i{item},complete,{NOW - 1000 * p + j}")
    file = taste.folder / "crowd.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert taste.intake.import_file(file, now=NOW).report.rejected_total == 0


@pytest.fixture
def taste(tmp_path: Path) -> Taste:
    made = Taste(tmp_path)
    made.library()
    return made


def test_the_closed_form_solves_its_problem() -> None:
    """EASE minimises |X - X B|^2 + l |B|^2 with diag B = 0: column by column a ridge regression without the item itself."""
    rng = np.random.default_rng(1)
    x = (rng.random((40, 7)) < 0.4).astype(np.float64)
    found = ease((x.T @ x).astype(np.float32), 3.0)
    for j in range(7):
        others = [i for i in range(7) if i != j]
        a = x[:, others]
        expected = np.linalg.solve(a.T @ a + 3.0 * np.eye(6), a.T @ x[:, j])
        assert found[others, j] == pytest.approx(expected, abs=1e-5)
    assert np.diag(found) == pytest.approx(0)


def test_places_and_figures() -> None:
    from vitascope.base.histories import from_events

    nothing = from_events([1, 2], [[], []], np.arange(20))
    scores = np.tile(np.arange(20, 0, -1, dtype=np.float32), (2, 1))
    place = places(scores, np.array([0, 12]), nothing)
    assert place.tolist() == [0, 12]
    hit, gain = figures(place)
    assert (hit.value, gain.value, hit.n) == (0.5, 0.5, 2)
    assert figures(np.array([3], np.float32))[1].value == pytest.approx(1 / np.log2(5))
    assert K == 10


def test_a_fit_beats_popularity_is_promoted_and_repeats(taste: Taste) -> None:
    _crowd(taste)
    first = taste.trainer.fit(seed=3)
    assert first.promoted
    assert first.model.current
    told = {m.name: m for m in first.model.evaluation}
    assert told["NDCG@10"].value > told["popular NDCG@10"].value
    assert 40 <= told["HR@10"].n <= 80, "about half of the people judge"
    again = taste.trainer.fit(seed=3)
    assert again.model.evaluation == first.model.evaluation
    assert again.promoted
    assert "same held-out" in again.reason
    load = ArtifactFolder(taste.folder / "models")
    a, b = load(first.model.path), load(again.model.path)
    assert all(np.array_equal(a.array(n), b.array(n)) for n in a.arrays)  # type: ignore[arg-type]
    asked = Recipe.read(a.texts["blend"], {}).asks("factors")
    assert ("factors" in a.arrays) == asked, "what nobody is served by is not kept"


def test_a_worse_model_is_not_promoted_unless_asked_and_a_rollback_goes_back(taste: Taste) -> None:
    _crowd(taste)
    good = taste.trainer.fit()
    # a collaborative part that is regularised to nothing and a blend that never looks at taste
    worse = TrainConfig(strengths=(1e9,), half_lives=(0.0,), neighbour_shares=(0.0,), few=10_000)
    poor = taste.trainer_with(worse)
    refused = poor.fit(promote="never")
    assert not refused.promoted
    assert taste.stores.registry.current().version == good.model.version  # type: ignore[union-attr]
    forced = poor.fit(promote="always")
    assert forced.promoted
    assert taste.trainer.rollback().version == good.model.version
    assert taste.stores.registry.current().version == good.model.version  # type: ignore[union-attr]
    with pytest.raises(UnknownModel):
        taste.trainer.rollback()
    with pytest.raises(UsageError):
        taste.trainer.fit(promote="maybe")


def test_the_gate_compares_on_the_same_events(taste: Taste) -> None:
    from vitascope.base.ranking import Metric, TrainedModel
    from vitascope.train.gate import verdict

    parent = TrainedModel(version="p", created_at=0, seed=0, path="p", evaluation=())
    mine = (Metric(name="HR@10", value=0.2, n=9), Metric(name="NDCG@10", value=0.10, n=9))
    assert not verdict("better", parent, 0.11, mine)[0]
    assert verdict("better", parent, 0.10, mine)[0]
    assert verdict("better", None, None, mine)[0]


def test_the_new_model_serves_at_once(taste: Taste) -> None:
    _crowd(taste)
    assert taste.recommender.recommend(taste.ask("p0")).model == "none"
    version = taste.trainer.fit().model.version
    answer = taste.recommender.recommend(taste.ask("p0", explain=True))
    assert answer.model == version
    assert any(i.source == "collaborative" for i in answer.items)


@pytest.mark.parametrize("items", [0, 1, 24])
def test_an_empty_log_and_tiny_libraries_fit(tmp_path: Path, items: int) -> None:
    taste = Taste(tmp_path)
    if items:
        taste.library(items)
    else:
        assert taste.stores.items.counts().items == 0
    report = taste.trainer.fit()
    assert report.promoted
    if items:
        taste.record(did("ann", "i0", "like"))
        assert taste.trainer.fit().promoted
    assert len(taste.list_of("bob")) == min(items, 10)


def test_undated_histories_are_sets(taste: Taste) -> None:
    file = taste.folder / "sets.csv"
    rows = [f"p{p},i{3 * j + p % 3},play" for p in range(120) for j in range(5)]
    file.write_text("user_id,item_id,type\n" + "\n".join(rows), encoding="utf-8")
    taste.intake.import_file(file, now=NOW)
    model = taste.trainer.fit().model
    assert "half-life 0 acts" in model.note


def test_above_the_bound_neighbours_serve(taste: Taste) -> None:
    _crowd(taste)
    report = taste.trainer_with(TrainConfig(closed_form_up_to=10)).fit()
    arrays = ArtifactFolder(taste.folder / "models")(report.model.path).arrays
    assert "ease" not in arrays
    assert len(arrays["near_value"])
    assert any(i.source == "collaborative" for i in taste.recommender.recommend(taste.ask("p0")).items)


def test_a_damaged_model_says_so(taste: Taste) -> None:
    _crowd(taste, 10)
    model = taste.trainer.fit().model
    file = taste.folder / "models" / model.path / "arrays.npz"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(HomeDamaged, match="cannot be read"):
        ArtifactFolder(taste.folder / "models")(model.path)
    assert not [p for p in (taste.folder / "models").iterdir() if p.name.startswith(".")], "no half-written folder"


def test_a_warm_refit_starts_from_what_the_current_model_chose(taste: Taste, monkeypatch: pytest.MonkeyPatch) -> None:
    from vitascope.train import choose

    _crowd(taste)
    load = ArtifactFolder(taste.folder / "models")
    assert taste.trainer.fit(warm=True).promoted, "without a model before it begins anew"
    before = taste.trainer.fit().model
    tried: list[Recipe] = []
    plain = choose.Chooser._gains

    def gains(self: choose.Chooser, train: Any, answer: Any, mixed: Any, recipe: Recipe) -> Any:
        tried.append(recipe)
        return plain(self, train, answer, mixed, recipe)

    monkeypatch.setattr(choose.Chooser, "_gains", gains)
    taste.trainer.fit()
    anew = len(tried)
    tried.clear()
    again = taste.trainer.fit(warm=True)
    assert len(tried) < anew / 2
    first = Recipe.read(load(before.path).texts["blend"], {})
    assert tried[0].strength == first.strength
    assert tried[0].channels == first.channels
    assert again.promoted == (again.model.evaluation[1].value >= before.evaluation[1].value - 1e-9)
