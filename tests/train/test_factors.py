"""Factors of taste: a person folded in is the one who was fitted, an explanation adds up, an unknown item stands by its kind."""

from __future__ import annotations

import numpy as np
import pytest
from tests.train.test_weigh import histories

from vitascope.base.ports.components import Crowd
from vitascope.recommend.scorers import Factors
from vitascope.recommend.scorers._factors import Directions
from vitascope.train.factors import fit
from vitascope.train.near import interactions

N, PEOPLE = 30, 80


def acts() -> list[list[int]]:
    """Two halves of the library, each person in one; the last item is nobody's."""
    random = np.random.default_rng(2)
    return [[int(i) for i in random.permutation(np.arange(p % 2, N - 1, 2))[:6]] for p in range(PEOPLE)]


def test_a_person_folded_in_is_the_one_who_was_fitted_and_the_pulls_add_up() -> None:
    from implicit.als import AlternatingLeastSquares

    train = histories(acts())
    matrix = interactions(train, N)
    made = fit(matrix, 4, 10.0, 1.0, None, 1.0)
    assert made.shape == (N, 4)
    assert not made[N - 1].any()
    model = AlternatingLeastSquares(factors=4, regularization=1.0, alpha=10.0, num_threads=1, random_state=0)
    model.fit(matrix, show_progress=False)
    whole = np.array(model.item_factors)
    state = Directions(np.asarray(whole, np.float32), 10.0, 1.0)
    crowd = Crowd(lambda: np.zeros((1, 1), np.float32), lambda: np.zeros((1, 1), np.float32), np.zeros(N), 5)
    scores = Factors().scores(train, state, None, crowd)  # type: ignore[arg-type]
    theirs = model.recalculate_user(np.arange(PEOPLE), matrix) @ whole.T
    assert scores == pytest.approx(theirs, abs=2e-2)
    one = train.chunk(3, 4)
    liked = int(np.argmax(scores[3]))
    pulls = Factors().pulls(one, state, liked, None, crowd)  # type: ignore[arg-type]
    assert pulls is not None
    assert pulls.sum() == pytest.approx(float(scores[3, liked]), rel=0.05)  # what speaks against is left out
    nobody = histories([[]])
    assert not Factors().scores(nobody, state, None, crowd).any()  # type: ignore[arg-type]


def test_an_item_that_nobody_took_up_stands_by_items_like_it() -> None:
    matrix = interactions(histories(acts()), N)
    kind = np.eye(2, dtype=np.float32)[np.arange(N) % 2]
    kernel = (kind @ kind.T).astype(np.float32)
    made = fit(matrix, 4, 10.0, 1.0, kernel, 1.0)
    near = made @ made[N - 1]
    assert near[1:-1:2].min() > near[0:-1:2].max(), "the last item is of the odd half"
