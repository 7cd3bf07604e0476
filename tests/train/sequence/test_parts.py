"""Tokens, windows, the loss and the numpy forward pass: each against a plain way to say the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.base.histories import Histories, from_columns
from vitascope.base.people import EventColumns, EventType
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.tokens import Tokens, tokens
from vitascope.recommend import sequence as served
from vitascope.train.artifacts import MemoryArtifacts
from vitascope.train.sequence.data import batches, repeat_share, windows

torch = pytest.importorskip("torch")

NAN = float("nan")


def histories(rows: list[tuple[int, int, EventType, float, float]], items: int = 10) -> Histories:
    """Histories of (person, item, type, value, time)."""
    person, item, kind, value, time = zip(*rows, strict=True)
    n = len(rows)
    columns = EventColumns(
        number=np.arange(1, n + 1),
        person=np.array(person, np.int64),
        item=np.array(item, np.int64),
        type=np.array([k.code for k in kind], np.int8),
        value=np.array(value, np.float32),
        time=np.array(time, np.float64),
        surface=np.full(n, -1, np.int8),
        session=np.full(n, -1, np.int64),
        imported=np.zeros(n, np.bool_),
    )
    return from_columns(columns, np.arange(items, dtype=np.int64))


def stream(sizes: list[int], items: int, random: np.random.Generator) -> Tokens:
    n = sum(sizes)
    return Tokens(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        random.integers(0, items, n),
        random.integers(1, 6, n),
        random.integers(0, 9, n),
        random.random(n) < 0.9,
    )


def test_events_of_one_item_in_a_row_are_one_token_and_sets_are_none() -> None:
    made = tokens(
        histories(
            [
                (0, 3, EventType.IMPRESSION, NAN, 1.0),
                (0, 3, EventType.PLAY, NAN, 2.0),
                (0, 3, EventType.LIKE, NAN, 3.0),
                (0, 5, EventType.SKIP, 0.1, 100_000.0),
                (0, 3, EventType.PLAY, NAN, 100_050.0),
                (1, 4, EventType.PLAY, NAN, NAN),
                (2, 4, EventType.DISLIKE, NAN, 7.0),
            ]
        )
    )
    assert made.start.tolist() == [0, 3, 3, 4]
    assert made.item.tolist() == [3, 5, 3, 4]
    assert made.wanted.tolist() == [True, False, True, False]
    assert made.mark.tolist() == [5, 1, 3, 1]
    assert made.gap.tolist() == [0, 6, 1, 0]


def test_of_each_person_the_newest_tokens_are_kept() -> None:
    rows = [(p, i, EventType.PLAY, NAN, float(i)) for p in (0, 1) for i in range(3 + p)]
    assert tokens(histories(rows), 2).item.tolist() == [1, 2, 2, 3]


def test_repeats_are_counted() -> None:
    data = Tokens(
        np.array([0, 3, 5]), np.array([1, 2, 1, 1, 2]), np.ones(5, np.int64), np.ones(5, np.int64), np.ones(5, np.bool_)
    )
    assert repeat_share(data) == pytest.approx(1 / 5)


@given(st.lists(st.integers(0, 90), min_size=1, max_size=12), st.integers(2, 20), st.integers(0, 1_000))
@settings(max_examples=60, deadline=None)
def test_windows_meet_every_step_of_every_history(sizes: list[int], length: int, seed: int) -> None:
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    first, last = windows(start, length, np.random.default_rng(seed))
    owner = np.repeat(np.arange(len(sizes)), sizes)
    met = set()
    for a, b in zip(first, last, strict=True):
        assert 2 <= b - a <= length + 1
        assert len(set(owner[a:b])) == 1
        met |= set(range(a + 1, b))
    every = {i for i in range(len(owner)) if i > 0 and owner[i] == owner[i - 1]}
    assert met == every


@given(st.integers(0, 1_000), st.integers(40, 200))
@settings(max_examples=20, deadline=None)
def test_batches_hold_the_next_item_and_little_padding(seed: int, most: int) -> None:
    random = np.random.default_rng(seed)
    data = stream(random.integers(2, 60, 60).tolist(), 30, random)
    real = places = 0
    for batch in batches(data, 16, most, random):
        there = batch.item >= 0
        assert (batch.target[~there] == -1).all()
        assert batch.item.size <= max(most, 16)
        following = there[:, :-1] & there[:, 1:] & (batch.target[:, :-1] >= 0)
        assert (batch.target[:, :-1][following] == batch.item[:, 1:][following]).all()
        real, places = real + int(there.sum()), places + there.size
    assert real > 0.8 * places


@given(st.integers(1, 600), st.integers(2, 40), st.booleans(), st.integers(0, 1_000))
@settings(max_examples=30, deadline=None)
def test_the_chunked_loss_is_cross_entropy_with_its_gradients(t: int, n: int, hide: bool, seed: int) -> None:
    from vitascope.train.sequence.loss import Past, softmax

    torch.manual_seed(seed)
    state, table = torch.randn(t, 8, requires_grad=True), torch.randn(n, 8, requires_grad=True)
    target = torch.randint(0, n, (t,))
    items = torch.randint(0, n, (1, t))
    past = Past(items, torch.zeros(t, dtype=torch.long), torch.arange(t)) if hide else None
    loss = softmax(state, table, target, None, past)
    found = torch.autograd.grad(loss, [state, table])
    scores = state @ table.T
    if hide:
        hidden = torch.zeros(t, n, dtype=torch.bool)
        for row in range(t):
            hidden[row, items[0, : row + 1]] = True
        hidden[torch.arange(t), target] = False
        scores = scores.masked_fill(hidden, float("-inf"))
    plain = torch.nn.functional.cross_entropy(scores, target)
    wanted = torch.autograd.grad(plain, [state, table])
    assert loss.item() == pytest.approx(plain.item(), rel=1e-4, abs=1e-5)
    for a, b in zip(found, wanted, strict=True):
        assert torch.allclose(a, b, atol=1e-5)


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=9),
    st.integers(1, 3),
    st.sampled_from([(8, 1), (8, 2), (12, 3)]),
    st.integers(1, 20),
    st.integers(0, 1_000),
)
@settings(max_examples=40, deadline=None)
def test_numpy_serves_what_torch_trained(
    sizes: list[int], blocks: int, width: tuple[int, int], length: int, seed: int
) -> None:
    from vitascope.train.sequence.export import export
    from vitascope.train.sequence.loop import states
    from vitascope.train.sequence.network import Content, Network, Shape

    random = np.random.default_rng(seed)
    n = 15
    counts = random.integers(0, 4, n)
    table = FeatureTable(
        version="1",
        items=np.arange(100, 100 + n, dtype=np.int64),
        names=("a", "b", "c", "d"),
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        column=np.concatenate([random.permutation(4)[:c] for c in counts]).astype(np.int64),
        value=random.random(int(counts.sum())).astype(np.float32),
        rarity=np.ones(4, np.float32),
    )
    vectors = {
        "text": random.normal(size=(n, 6)).astype(np.float32),
        "own": random.normal(size=(n, 3)).astype(np.float32),
    }
    content = Content(n, vectors, table.names, table.start, table.column, table.value)
    torch.manual_seed(seed)
    network = Network(Shape(n, width[0], blocks, width[1], length, 2 * width[0]), content)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += torch.randn_like(parameter) * 0.2
    network.eval()
    data = stream(sizes, n, random)
    arrays, texts = export(network, content, table.items, True)
    weights = served.read(MemoryArtifacts("v", arrays, texts))
    assert weights is not None
    mine = served.item_vectors(weights, table, vectors)
    with torch.no_grad():
        theirs = network.items()
        wanted = states(network, theirs, data) @ theirs.T
    np.testing.assert_allclose(mine, theirs.numpy(), atol=1e-5)
    np.testing.assert_allclose(served.states(weights, mine, data) @ mine.T, wanted.numpy(), atol=1e-4, rtol=1e-4)
