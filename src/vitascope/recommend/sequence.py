"""The sequential model where it serves: the forward pass in numpy, for many people at once.

Takes the arrays that a fit exported, a shelf and tokens (base.tokens); gives item vectors and each person's state, so
that score = state . item vector. The network and its formulas stand in train/sequence/network.py; a test holds the two
together. An item that came after the fit has no identity and is what it contains. Knows no torch and no store.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import rows_of
from vitascope.base.ports.ranking import Artifacts, FeatureTable
from vitascope.base.tokens import Tokens

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

PREFIX = "sequence_"
_TOKENS = 8_192
"""Tokens at once: what bounds the memory."""
_EPS = np.float32(1e-6)


@dataclass(frozen=True, eq=False)
class BlockWeights:
    """One block. Linear maps are (out, in)."""

    norm_a: Floats
    qkvg: Floats
    bias: Floats
    """What each head adds for a distance, shape (heads, length)."""
    out: Floats
    norm_b: Floats
    up: Floats
    down: Floats


@dataclass(frozen=True, eq=False)
class Weights:
    """A trained network of width d."""

    items: Ints
    """Keys of the items it knows, ascending, shape (n,)."""
    identity: Floats
    """Shape (n, d)."""
    projections: dict[str, Floats]
    """Kind of vector -> (its length, d)."""
    feature_names: tuple[str, ...]
    features: Floats
    """Shape (f, d)."""
    mark: Floats
    gap: Floats
    blocks: tuple[BlockWeights, ...]
    norm: Floats
    unseen: bool
    """It was trained for lists that leave out what a person has seen: scores of that mean nothing."""

    @property
    def length(self) -> int:
        """The most tokens it looks back."""
        return int(self.blocks[0].bias.shape[1])


def read(artifacts: Artifacts | None) -> Weights | None:
    """The network of a trained model; None where the fit made none."""
    told = artifacts.text("sequence") if artifacts is not None else None
    if artifacts is None or told is None:
        return None
    shape = json.loads(told)

    def array(name: str) -> Floats:
        made = artifacts.array(PREFIX + name)
        return np.zeros((0, 0), np.float32) if made is None else np.asarray(made, np.float32)

    keys = artifacts.array(PREFIX + "items")
    return Weights(
        items=np.zeros(0, np.int64) if keys is None else np.asarray(keys, np.int64),
        identity=array("identity"),
        projections={str(kind): array(f"project_{kind}") for kind in shape["kinds"]},
        feature_names=tuple(str(name) for name in shape["features"]),
        features=array("features"),
        mark=array("mark"),
        gap=array("gap"),
        blocks=tuple(
            BlockWeights(**{name: array(f"{number}_{name}") for name in BlockWeights.__dataclass_fields__})
            for number in range(int(shape["blocks"]))
        ),
        norm=array("norm"),
        unseen=bool(shape["unseen"]),
    )


def item_vectors(weights: Weights, table: FeatureTable, vectors: dict[str, Floats]) -> Floats:
    """Vectors of all items of a shelf, shape (n, d): identity where the network knows the item, and its content."""
    from scipy import sparse

    rows = rows_of(weights.items, table.items)
    out = np.zeros((len(table.items), weights.identity.shape[1]), np.float32)
    out[rows >= 0] = weights.identity[rows[rows >= 0]]
    for kind, projection in weights.projections.items():
        matrix = vectors.get(kind)
        if matrix is not None and matrix.shape[1] == len(projection):
            out += matrix @ projection
    if len(weights.feature_names):
        place = {name: i for i, name in enumerate(weights.feature_names)}
        column = np.array([place.get(name, -1) for name in table.names], np.int64)
        at = column[table.column]
        value = np.where(at >= 0, table.value, 0).astype(np.float32)
        shape = (len(table.items), len(weights.feature_names))
        out += sparse.csr_matrix((value, np.maximum(at, 0), table.start), shape=shape) @ weights.features
    return out


def states(weights: Weights, table: Floats, data: Tokens) -> Floats:
    """The newest state of each of p people, shape (p, d); zeros where a person has no token.

    People are taken in order of the length of their histories, so that little is computed for padding.
    """
    size = np.minimum(np.diff(data.start), weights.length)
    out = np.zeros((len(size), table.shape[1]), np.float32)
    order = np.argsort(size, kind="stable")
    order = order[size[order] > 0]
    a = 0
    while a < len(order):
        b = a + 1
        while b < len(order) and (b - a + 1) * int(size[order[b]]) <= _TOKENS:
            b += 1
        out[order[a:b]] = _forward(weights, table, data, order[a:b], size[order[a:b]])
        a = b
    return out


def without(data: Tokens, places: Ints) -> Tokens:
    """One person's tokens as they are, and once more without the token at each of `places`, as a person each."""
    t = len(data.item)
    kept = [np.arange(t), *(np.delete(np.arange(t), place) for place in places)]
    at = np.concatenate(kept)
    start = np.concatenate([[0], np.cumsum([len(one) for one in kept])]).astype(np.int64)
    gap = data.gap[at]
    gap[start[:-1][np.diff(start) > 0]] = data.gap[0]  # who lost the first token begins with the next
    return Tokens(start, data.item[at], data.mark[at], gap, data.wanted[at])


def _forward(weights: Weights, table: Floats, data: Tokens, people: Ints, size: Ints) -> Floats:
    length, p = int(size.max()), len(people)
    # padded on the left: the newest token is the last column, and what is padded is hidden
    place = data.start[1:][people][:, None] + np.arange(-length, 0)
    there = np.arange(length) >= length - size[:, None]
    place = np.where(there, place, 0)
    x = table[data.item[place]] + weights.mark[data.mark[place]] + weights.gap[data.gap[place]]
    back = np.arange(length)
    distance = back[:, None] - back[None, :]
    causal = np.where(distance < 0, -np.inf, 0).astype(np.float32)
    padded = np.where(there, 0, -np.inf).astype(np.float32)[:, None, None, :]
    d = x.shape[2]
    for number, block in enumerate(weights.blocks):
        last = number == len(weights.blocks) - 1
        heads = len(block.bias)
        n = _norm(x, block.norm_a)
        wide = d // heads
        q_from = n[:, -1:] if last else n
        q = _heads(q_from @ block.qkvg[:d].T, heads) * np.float32(wide**-0.5)
        k, v = (_heads(n @ block.qkvg[i * d : (i + 1) * d].T, heads) for i in (1, 2))
        gate = 1 / (1 + np.exp(-(q_from @ block.qkvg[3 * d :].T)))
        bias: Floats = block.bias[:, np.maximum(distance, 0)] + causal
        scores = np.asarray(q @ k.transpose(0, 1, 3, 2) + (bias[:, -1:] if last else bias) + padded, np.float32)
        seen = _softmax(scores, there[:, None, -1:] if last else there[:, None]) @ v
        x = (x[:, -1:] if last else x) + (gate * seen.transpose(0, 2, 1, 3).reshape(p, -1, d)) @ block.out.T
        wide_a, wide_u = np.split(_norm(x, block.norm_b) @ block.up.T, 2, axis=-1)
        x = x + (wide_a / (1 + np.exp(-wide_a)) * wide_u) @ block.down.T
    return np.asarray(_norm(x[:, -1], weights.norm), np.float32)


def attended(weights: Weights, table: Floats, data: Tokens) -> tuple[Floats, Floats, list[Floats]]:
    """One person's forward pass with what it looks at, for explanations.

    Returns:
        What goes into the first block, shape (t, d); the newest state, shape (d,), as `states` gives it; for each layer
        what each token looks at, shape (heads, t, t).
    """
    if not len(data.item):
        raise ValueError("a person without tokens looks at nothing")
    x = table[data.item] + weights.mark[data.mark] + weights.gap[data.gap]
    first, t, d = x, len(x), x.shape[1]
    distance = np.arange(t)[:, None] - np.arange(t)[None, :]
    causal = np.where(distance < 0, -np.inf, 0).astype(np.float32)
    real = np.ones((1, t), np.bool_)
    seen = []
    for block in weights.blocks:
        heads = len(block.bias)
        n = _norm(x, block.norm_a)[None]
        q, k, v = (_heads(n @ block.qkvg[i * d : (i + 1) * d].T, heads)[0] for i in range(3))
        gate = 1 / (1 + np.exp(-(n[0] @ block.qkvg[3 * d :].T)))
        scores = q * np.float32((d // heads) ** -0.5) @ k.transpose(0, 2, 1)
        share = _softmax(np.asarray(scores + block.bias[:, np.maximum(distance, 0)] + causal, np.float32), real)
        seen.append(share)
        x = x + (gate * (share @ v).transpose(1, 0, 2).reshape(t, d)) @ block.out.T
        wide_a, wide_u = np.split(_norm(x, block.norm_b) @ block.up.T, 2, axis=-1)
        x = x + (wide_a / (1 + np.exp(-wide_a)) * wide_u) @ block.down.T
    return first, np.asarray(_norm(x[-1], weights.norm), np.float32), seen


def _softmax(scores: Floats, real: npt.NDArray[np.bool_]) -> Floats:
    """Over the last axis; rows of padding (all hidden) become zeros."""
    top = np.where(real[..., None], scores.max(-1, keepdims=True), 0)
    weight = np.exp(np.where(real[..., None], scores - top, -np.inf))
    return np.asarray(weight / np.maximum(weight.sum(-1, keepdims=True), _EPS), np.float32)


def _heads(x: Floats, heads: int) -> Floats:
    p, length, d = x.shape
    return x.reshape(p, length, heads, d // heads).transpose(0, 2, 1, 3)


def _norm(x: Floats, weight: Floats) -> Floats:
    return np.asarray(x / np.sqrt((x * x).mean(-1, keepdims=True) + _EPS) * weight, np.float32)
