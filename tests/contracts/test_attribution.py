"""What every attributor keeps to: LIME finds what a score is made of, integrated gradients sum to what they explain."""

from __future__ import annotations

import numpy as np
import pytest

from vitascope.base.ports.attribution import Attributor
from vitascope.base.tokens import Tokens
from vitascope.recommend import sequence
from vitascope.recommend._looks import looks
from vitascope.train.attribute import CaptumAttributor


def network(seed: int = 0, width: int = 8, heads: int = 2, items: int = 12, length: int = 10) -> sequence.Weights:
    random = np.random.default_rng(seed)

    def array(*shape: int) -> np.ndarray:
        return random.normal(0, 0.4, shape).astype(np.float32)

    blocks = tuple(
        sequence.BlockWeights(
            norm_a=1 + array(width),
            qkvg=array(4 * width, width),
            bias=array(heads, length),
            out=array(width, width),
            norm_b=1 + array(width),
            up=array(24, width),
            down=array(width, 12),
        )
        for _ in range(2)
    )
    return sequence.Weights(
        items=np.arange(items),
        identity=array(items, width),
        projections={},
        feature_names=(),
        features=np.zeros((0, width), np.float32),
        mark=array(6, width),
        gap=array(9, width),
        blocks=blocks,
        norm=1 + array(width),
        unseen=True,
    )


def history(items: list[int]) -> Tokens:
    n = len(items)
    return Tokens(
        start=np.array([0, n]),
        item=np.array(items),
        mark=np.full(n, 4),
        gap=np.arange(n) % 9,
        wanted=np.ones(n, np.bool_),
        event=np.arange(n),
    )


class Suite:
    """A new attributor's test: class TestMine(Suite): attributor = Mine()"""

    attributor: Attributor

    def test_lime_finds_the_parts_of_a_sum(self) -> None:
        true = np.array([2.0, -1.0, 0.0, 0.5, 0.0])
        amounts, fit = self.attributor.lime(lambda masks: masks @ true + 3.0, 5, 200, seed=1)
        np.testing.assert_allclose(amounts, true, atol=0.02)
        assert fit > 0.99
        again, _ = self.attributor.lime(lambda masks: masks @ true + 3.0, 5, 200, seed=1)
        np.testing.assert_array_equal(again, amounts)

    def test_lime_says_how_badly_it_fits(self) -> None:
        def parity(masks: np.ndarray) -> np.ndarray:
            return np.asarray(masks.sum(axis=1) % 2, np.float64)

        _, fit = self.attributor.lime(parity, 6, 200, seed=1)
        assert fit < 0.5
        amounts, fit = self.attributor.lime(lambda masks: np.ones(len(masks)), 4, 50, seed=1)
        assert np.abs(amounts).max() < 1e-9
        assert len(self.attributor.lime(parity, 0, 50, seed=1)[0]) == 0

    def test_gradients_sum_to_the_difference_from_the_base(self) -> None:
        weights, data = network(), history([0, 3, 5, 5, 7, 1])
        made = looks(weights, weights.identity, data, 9, self.attributor)
        assert made.gradients is not None
        middle = weights.identity.mean(axis=0)
        target = weights.identity[9] - middle
        # the same people of whom all met an item in the middle
        table = np.vstack([weights.identity, middle])
        same = Tokens(data.start, np.full(6, 12), data.mark, data.gap, data.wanted, data.event)
        base = float(sequence.states(weights, table, same)[0] @ target)
        assert made.base == pytest.approx(base, abs=0.02)
        assert made.gradients.sum() == pytest.approx(made.score - base, abs=0.02)

    def test_nothing_done_nothing_told(self) -> None:
        empty = np.zeros((0, 8), np.float32)
        assert len(self.attributor.gradients(network().blocks, network().norm, empty, empty, np.zeros(8))) == 0


class TestCaptum(Suite):
    attributor = CaptumAttributor()


@pytest.mark.parametrize("items", [[4], [0, 3, 5, 5, 7, 1], list(range(10))])
def test_attention_is_of_the_pass_that_serves(items: list[int]) -> None:
    weights, data = network(3), history(items)
    x, state, seen = sequence.attended(weights, weights.identity, data)
    np.testing.assert_allclose(state, sequence.states(weights, weights.identity, data)[0], atol=2e-5)
    assert x.shape == (len(items), 8)
    made = looks(weights, weights.identity, data, 2, None)
    np.testing.assert_allclose(made.attention.sum(axis=-1), 1, atol=1e-5)
    assert made.rollout.sum() == pytest.approx(1, abs=1e-5)
    assert made.gradients is None
    assert made.attention.shape == (2, 2, len(items))
    for layer in seen:
        assert np.triu(layer.mean(axis=0), 1).max() == 0, "nobody looks ahead"


def test_nobody_without_acts_looks_at_anything() -> None:
    with pytest.raises(ValueError, match="without tokens"):
        sequence.attended(network(), network().identity, history([]))
