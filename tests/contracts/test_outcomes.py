"""What every library of outcome models keeps to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitascope.backends.rankers import TreeModels
from vitascope.base.errors import HomeDamaged
from vitascope.base.ports.outcomes import OutcomeModel, OutcomeModels

M, NAMES = 3_000, ("a", "b", "noise")


def world(seed: int = 0) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """take hangs on a x b (which no sum of parts can say), like on take, hide on nothing; some figures are unknown."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(M, 3)).astype(np.float32)
    chance = 1 / (1 + np.exp(-(3 * np.sign(x[:, 0] * x[:, 1]) - 1)))
    take = (random.random(M) < chance).astype(np.float32)
    like = take * (random.random(M) < 0.5)
    x[random.random(M) < 0.1, 2] = np.nan
    labels = {"take": take, "like": like.astype(np.float32), "hide": (random.random(M) < 0.01).astype(np.float32)}
    return x, labels, np.ones(M, np.float32), random.integers(0, 300, M)


class Suite:
    """A new library's test: class TestMine(Suite): models = Mine()"""

    models: OutcomeModels

    @pytest.fixture(scope="class")
    def model(self) -> OutcomeModel:
        made = self.models.fit(*world(), NAMES, seed=1)
        assert made is not None
        return made

    def test_what_came_too_seldom_is_not_learnt(self, model: OutcomeModel) -> None:
        assert model.outcomes == ("take", "like")
        assert model.features == NAMES
        x, labels, weights, groups = world()
        nothing = {name: np.zeros(M, np.float32) for name in labels}
        assert self.models.fit(x, nothing, weights, groups, NAMES, seed=1) is None
        everything = {"take": np.ones(M, np.float32)}
        assert self.models.fit(x, everything, weights, groups, NAMES, seed=1) is None

    def test_chances_are_chances_on_rows_it_has_not_seen(self, model: OutcomeModel) -> None:
        x, labels, _, _ = world(seed=9)
        chances = model.chances(x)
        assert chances.shape == (M, 2)
        assert ((chances > 0) & (chances < 1)).all()
        for at, name in enumerate(model.outcomes):
            for low, high in ((0.0, 0.3), (0.3, 1.0)):
                here = (chances[:, at] >= low) & (chances[:, at] < high)
                if here.sum() > 200:
                    assert labels[name][here].mean() == pytest.approx(chances[here, at].mean(), abs=0.06)
        assert chances[x[:, 0] * x[:, 1] > 0.1, 0].mean() > 2 * chances[x[:, 0] * x[:, 1] < -0.1, 0].mean()

    def test_the_parts_of_a_chance_add_up_to_it(self, model: OutcomeModel) -> None:
        x = world(seed=4)[0][:400]
        for at, name in enumerate(model.outcomes):
            parts = model.parts(x, name)
            assert parts.shape == (400, len(NAMES) + 1)
            summed = 1 / (1 + np.exp(-parts.astype(np.float64).sum(axis=1)))
            np.testing.assert_allclose(summed, model.chances(x)[:, at], atol=1e-6)
        assert np.abs(model.parts(x, "take")[:, 2]).mean() < np.abs(model.parts(x, "take")[:, 0]).mean()

    def test_what_is_kept_opens_as_it_was(self, model: OutcomeModel) -> None:
        arrays = model.dump()
        assert all(array.dtype != object for array in arrays.values()), "plain arrays, never pickled"
        again = self.models.load(arrays)
        assert again is not None
        assert (again.outcomes, again.features) == (model.outcomes, model.features)
        x = world(seed=5)[0]
        np.testing.assert_array_equal(again.chances(x), model.chances(x))
        assert self.models.load({}) is None

    def test_the_same_rows_and_seed_give_the_same_model(self, model: OutcomeModel) -> None:
        again = self.models.fit(*world(), NAMES, seed=1)
        assert again is not None
        x = world(seed=6)[0]
        np.testing.assert_array_equal(again.chances(x), model.chances(x))

    def test_no_rows_no_chances(self, model: OutcomeModel) -> None:
        assert model.chances(np.zeros((0, 3), np.float32)).shape == (0, 2)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_what_is_damaged_is_named(self, model: OutcomeModel, data: st.DataObject) -> None:
        arrays = {name: array.copy() for name, array in model.dump().items()}
        name = data.draw(st.sampled_from(sorted(arrays)))
        how = data.draw(st.sampled_from(["cut", "gone", "junk"]))
        if how == "cut":
            arrays[name] = arrays[name][: len(arrays[name]) // 2]
        elif how == "junk":
            arrays[name] = np.frombuffer(data.draw(st.binary(min_size=1, max_size=64)), np.uint8)
        elif name == "outcomes":
            return
        else:
            del arrays[name]
        with pytest.raises(HomeDamaged) as caught:
            self.models.load(arrays)
        assert "fit" in (caught.value.remedy or "")


class TestTrees(Suite):
    models = TreeModels()
