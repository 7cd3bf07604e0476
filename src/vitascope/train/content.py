"""What items are, as kernels: how alike two items are by their words, their named features and each kind of vector.

Takes items, the feature table and vectors; gives one dense matrix a channel. An item that lacks a channel has zeros in it
and is masked when channels are joined, so that a missing vector is no statement. Knows no person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import rows_of
from vitascope.base.items import Item, ItemDraft
from vitascope.train.words import tfidf, unit

if TYPE_CHECKING:
    from vitascope.base.ports.ranking import FeatureTable
    from vitascope.base.ports.stores import ItemStore, VectorStore

Floats = npt.NDArray[np.float32]

WORDS, NAMES, VECTOR = "words", "names", "vector:"
_USUAL = ItemDraft.model_fields["text_fields"].default
_SPELLING = "chars"
"""Vectors of spelling say nothing that the words do not."""


@dataclass(frozen=True, eq=False)
class Channel:
    """One way to compare n items."""

    rows: Any
    """Sparse or dense (n, d), unit length or zero where an item lacks it."""
    has: npt.NDArray[np.bool_]

    def kernel(self) -> Floats:
        """Cosine of every two items, dense (n, n)."""
        if isinstance(self.rows, np.ndarray):
            return np.asarray(self.rows @ self.rows.T, np.float32)
        return np.asarray((self.rows @ self.rows.T).todense(), np.float32)


def text_of(item: Item) -> str:
    """The text that says what the item is. Where the owner named no fields, unknown columns count as its text too."""
    text = item.text()
    if tuple(item.text_fields) == tuple(_USUAL):
        text = "\n".join([text, *(value for _, value in item.extra)])
    return text


def channels(items: ItemStore, table: FeatureTable, vectors: VectorStore) -> dict[str, Channel]:
    """All channels that at least two items have."""
    from scipy import sparse

    n = len(table.items)
    out: dict[str, Channel] = {}
    texts = [""] * n
    every = list(items.iter())
    rows = rows_of(table.items, np.array([item.key for item in every], np.int64))
    for row, item in zip(rows.tolist(), every, strict=True):
        if row >= 0:
            texts[row] = text_of(item)
    _add(out, WORDS, tfidf(texts))
    names = sparse.csr_matrix((table.value, table.column, table.start), shape=(n, len(table.names)))
    _add(out, NAMES, unit(names @ sparse.diags(table.rarity.astype(np.float32))))
    for kind in vectors.keys():  # noqa: SIM118 (a port, no dict)
        if kind == _SPELLING:
            continue
        owners, matrix = vectors.matrix(kind)
        if not matrix.size:
            continue
        at = rows_of(table.items, owners)
        full = np.zeros((n, matrix.shape[1]), np.float32)
        known = matrix[at >= 0]
        full[at[at >= 0]] = _centred(known)
        _add(out, VECTOR + kind, full)
    return out


def _centred(rows: Floats) -> Floats:
    """Vectors less their mean, unit length: models put all their vectors in one narrow cone."""
    moved = rows - rows.mean(axis=0) if len(rows) > 2 else rows
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(np.divide(moved, length, out=np.zeros_like(moved), where=length > 1e-6), np.float32)


def _add(out: dict[str, Channel], name: str, rows: Any) -> None:
    has = np.asarray(np.abs(rows).sum(axis=1) > 0).ravel()
    if has.sum() >= 2:
        out[name] = Channel(rows, has)


def joined(
    kernels: Mapping[str, Floats], has: Mapping[str, npt.NDArray[np.bool_]], weights: Mapping[str, float]
) -> Floats:
    """Weighted sum of kernels over the channels that both items have, scaled so that an item is wholly like itself.

    With m_i the sum of weights of the channels that i has: K_ij = sum w_c K_c,ij / sqrt(m_i m_j); positive semi-definite.
    """
    n = len(next(iter(kernels.values())))
    total = np.zeros((n, n), np.float32)
    mass = np.zeros(n, np.float32)
    for name, weight in weights.items():
        if weight > 0 and name in kernels:
            total += np.float32(weight) * kernels[name]
            mass += np.float32(weight) * has[name]
    scale = np.divide(1.0, np.sqrt(mass), out=np.zeros_like(mass), where=mass > 0)
    total *= scale[:, None]
    total *= scale[None, :]
    return total


def mixes(names: Sequence[str]) -> list[dict[str, float]]:
    """Ways to weigh channels that a fit tries: all alike, words first, and each kind alone."""
    tried = [dict.fromkeys(names, 1.0)]
    if WORDS in names and len(names) > 1:
        tried.append({name: 1.0 if name == WORDS else 0.3 for name in names})
        tried.append({WORDS: 1.0})
        if NAMES in names and len(names) > 2:
            tried.append({WORDS: 1.0, NAMES: 0.3})
    owned = [name for name in names if name.startswith(VECTOR)]
    if owned and len(owned) < len(names):
        tried.append(dict.fromkeys(owned, 1.0))
    return tried
