"""Content in the collaborative model: items that few or none took up stand by what they are."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from vitascope.train import cold, hidden, near
from vitascope.train.config import TrainConfig
from vitascope.train.content import Channel, joined, mixes
from vitascope.train.parts import Kernels, Parts
from vitascope.train.recipe import Recipe
from vitascope.train.words import tfidf, tokens


def _themes(people: int = 150, n: int = 60, seed: int = 0) -> tuple[sparse.csr_matrix, Channel, np.ndarray]:
    """People who keep to one of three themes; items whose words tell the theme. The last nine items nobody took up."""
    random = np.random.default_rng(seed)
    theme = np.arange(n) % 3
    x = np.zeros((people, n), np.float32)
    for p in range(people):
        mine = np.flatnonzero((theme == p % 3) & (np.arange(n) < n - 9))
        x[p, random.choice(mine, 6, replace=False)] = 1
        x[p, random.integers(n - 9)] = 1
    words = [f"{('piano', 'rockets', 'soup')[t]} of the {'abcdefgh'[i % 8]} kind" for i, t in enumerate(theme)]
    rows = tfidf(words)
    return sparse.csr_matrix(x), Channel(rows, np.diff(rows.indptr) > 0), theme


def test_words_are_pairs_too_and_chinese_counts_by_character() -> None:
    assert tokens("Der Ölfilm, 2001!") == ["der", "ölfilm", "2001"]
    assert tokens("今天ok") == ["今", "天", "ok"]
    rows = tfidf(["soft piano", "soft piano night", "loud rockets", ""])
    assert rows.shape[0] == 4
    assert np.allclose(np.linalg.norm(rows[:2].toarray(), axis=1), 1)
    assert rows[3].nnz == 0


def test_an_item_nobody_took_up_goes_to_those_who_like_its_kind() -> None:
    x, channel, theme = _themes()
    parts = Parts(x, Kernels({"words": channel}), TrainConfig())
    recipe = hidden.choose(
        parts, Kernels({"words": channel}), Recipe(channels=(("words", 1.0),)), TrainConfig(), large=False
    )
    scores = x @ parts.whole(recipe)
    new = np.arange(51, 60)
    for p in range(30):
        mine = scores[p, new[theme[new] == p % 3]]
        others = scores[p, new[theme[new] != p % 3]]
        assert mine.mean() > others.mean() + 0.05


def test_foretold_columns_follow_the_ridge_and_leave_the_item_itself_out() -> None:
    random = np.random.default_rng(1)
    c = random.standard_normal((12, 5))
    kernel = (c @ c.T).astype(np.float32)
    warm = np.arange(10)
    rows = cold.shares(cold.factor(kernel, warm, 0.7), kernel, warm, np.array([11, 3]))
    assert np.allclose(rows[:, 0], np.linalg.solve(kernel[:10, :10] + 0.7 * np.eye(10), kernel[:10, 11]), atol=1e-4)
    rest = np.array([i for i in range(10) if i != 3])
    alone = np.linalg.solve(kernel[np.ix_(rest, rest)] + 0.7 * np.eye(9), kernel[rest, 3])
    assert np.allclose(rows[rest, 1], alone, atol=1e-3)
    assert rows[3, 1] == 0


def test_a_missing_channel_is_masked() -> None:
    one = np.eye(3, dtype=np.float32)
    one[0, 1] = one[1, 0] = 0.5
    two = np.zeros((3, 3), np.float32)
    two[0, 0] = 1
    has = {"a": np.ones(3, np.bool_), "b": np.array([True, False, False])}
    made = joined({"a": one, "b": two}, has, {"a": 1.0, "b": 1.0})
    assert np.allclose(np.diag(made), 1), "an item is wholly like itself, whatever it lacks"
    assert np.linalg.eigvalsh(made).min() > -1e-6
    assert {"vector:own:look": 1.0} in mixes(["words", "names", "vector:own:look"])


def test_the_spectral_part_keeps_to_the_strongest_directions() -> None:
    x, _, theme = _themes()
    made = near.spectrum(near.evened(x), np.asarray(x.sum(axis=0)).ravel(), None, 0.0, 3).matrix(3)
    assert np.diag(made).max() == 0
    same = theme[:51, None] == theme[None, :51]
    assert made[:51, :51][same].mean() > 5 * abs(made[:51, :51][~same].mean())
    values = np.linalg.eigvalsh(near.evened(x))
    q = near._leading(near.evened(x), 3)
    assert np.allclose(np.sort(np.diag(q.T @ near.evened(x) @ q)), values[-3:], rtol=0.02)


def test_an_inverse_of_several_blocks_is_whole() -> None:
    random = np.random.default_rng(2)
    a = random.standard_normal((700, 900)).astype(np.float32)
    system = a @ a.T + 10 * np.eye(700, dtype=np.float32)
    assert np.allclose(near._inverse(system.copy()) @ system, np.eye(700), atol=2e-2)
