"""Who watched what together: EASE in closed form, a spectral low pass, and item neighbours of the library `implicit`.

Takes a binary matrix people x items and how alike items are by content; gives item-item matrices B: a history x is scored
as x B.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.errors import UsageError
from vitascope.base.histories import Histories
from vitascope.base.people import EventType
from vitascope.base.strength import SEEN_CODES

Floats = npt.NDArray[np.float32]


def interactions(histories: Histories, n: int) -> Any:
    """Sparse 0/1 matrix people x n: who took up what. What was disliked or hidden is no sign of company."""
    from scipy import sparse

    keep = np.isin(histories.type, SEEN_CODES) & (histories.type != EventType.DISLIKE.code)
    made = sparse.csr_matrix(
        (np.ones(int(keep.sum()), np.float32), (histories.owner[keep], histories.item[keep])), shape=(len(histories), n)
    )
    made.data[:] = 1  # duplicates were summed
    return made


def gram(matrix: Any) -> Floats:
    """Items that were taken up together, dense (n, n)."""
    return np.asarray((matrix.T @ matrix).todense(), np.float32)


def ease(together: Floats, strength: float) -> Floats:
    """The closed form of Steck, "Embarrassingly shallow autoencoders for sparse data" (WWW 2019), equation 8.

    B = I - P diag(1 / diag P) with P = (G + strength I)^-1; the diagonal is zero. G may hold side information too: with
    G = X^T X + c K, K being how alike items are by content, items that few people took up lean on what they are.
    """
    n = len(together)
    if not n:
        return together
    system: npt.NDArray[np.floating] = together.astype(np.float64 if n <= 500 else np.float32)
    system[np.diag_indices(n)] += strength
    inverse = _inverse(system)
    diagonal = np.diag(inverse).copy()
    inverse /= -diagonal
    inverse[np.diag_indices(n)] = 0
    return np.asarray(inverse, np.float32)


def _inverse(system: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Of a symmetric positive definite matrix, in place; half the work of a general one."""
    from scipy.linalg import lapack

    single = system.dtype == np.float32
    factor, wrong = (lapack.spotrf if single else lapack.dpotrf)(system.T, lower=0, overwrite_a=1)
    if wrong == 0:
        factor, wrong = (lapack.spotri if single else lapack.dpotri)(factor, lower=0, overwrite_c=1)
    if wrong:
        raise UsageError("the closed form has no solution", remedy="use a larger strength of the collaborative model")
    full: npt.NDArray[np.floating] = factor
    _mirror(full)
    return full.T  # symmetric; rows lie together


def _mirror(matrix: npt.NDArray[np.floating], block: int = 512) -> None:
    """Copy the upper triangle onto the lower one, a block at a time."""
    n = len(matrix)
    for a in range(0, n, block):
        b = min(a + block, n)
        here = matrix[a:b, a:b]
        here[...] = np.triu(here) + np.triu(here, 1).T
        matrix[b:, a:b] = matrix[a:b, b:].T


def evened(matrix: Any) -> Floats:
    """Items taken up together where each person counts as one, dense (n, n): X^T diag(1 / acts) X."""
    from scipy import sparse

    acts = np.asarray(matrix.sum(axis=1)).ravel()
    scaled = sparse.diags((1 / np.maximum(acts, 1)).astype(np.float32)) @ matrix
    return np.asarray((matrix.T @ scaled).todense(), np.float32)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The smoothest directions of an item-item graph: S = d Q Q^T d^-1 with the first `rank` columns of Q."""

    directions: Floats
    """Q, shape (n, k), the strongest first."""
    scale: Floats
    """d, shape (n,)."""

    def matrix(self, rank: int) -> Floats:
        """S without its diagonal, (n, n)."""
        q = self.directions[:, :rank]
        out = (q * self.scale[:, None]) @ (q / self.scale[:, None]).T
        out[np.diag_indices(len(out))] = 0
        return np.asarray(out, np.float32)


def spectrum(together: Floats, taken: Floats, content: Floats | None, share: float, rank: int) -> Spectrum:
    """Low-pass filter of the item-item graph, with what items are as further edges.

    The ideal low pass of Shen et al., "How powerful is graph convolution for recommendation?" (CIKM 2021), on
    M = d G d + share (trace / n) K, with d = taken^-0.3 (gentler than the paper's root, so that what is popular may stay so).

    Args:
        together: `evened` Gram matrix.
        taken: how many took up each item, (n,).
        rank: directions, at most n.
    """
    scale = np.maximum(taken, 1).astype(np.float32) ** np.float32(-0.3)
    graph = together * scale[:, None] * scale[None, :]
    n = len(graph)
    if content is not None and share > 0 and n:
        graph += np.float32(share * float(np.trace(graph)) / n) * content
    return Spectrum(_leading(graph, min(rank, n)), scale)


def _leading(graph: Floats, rank: int, rounds: int = 8, spare: int = 16) -> Floats:
    """The leading eigenvectors by subspace iteration from a fixed start (Halko, Martinsson & Tropp, SIAM Review 2011)."""
    n = len(graph)
    wide = min(n, rank + spare)
    block = np.random.default_rng(0).standard_normal((n, wide)).astype(np.float32)
    for _ in range(rounds):
        block, _ = np.linalg.qr(graph @ block)
    small = block.T @ (graph @ block)
    values, vectors = np.linalg.eigh((small + small.T).astype(np.float64) / 2)
    order = np.argsort(-values)[:rank]
    return np.asarray(block @ vectors[:, order].astype(np.float32), np.float32)


def together(matrix: Any, most: int, flatten: float) -> Any:
    """What was taken up together (sparse, n x n): N_ij = G_ij / (taken_i^(1 - b) taken_j^b), the `most` nearest of each item.

    Args:
        flatten: b; 1/2 is the cosine, 0 the share of i's takers that took j up too.
    """
    from implicit.nearest_neighbours import ItemItemRecommender
    from scipy import sparse

    n = matrix.shape[1]
    if not matrix.nnz:
        return sparse.csr_matrix((n, n), dtype=np.float32)
    taken = np.maximum(np.asarray(matrix.sum(axis=0)).ravel(), 1).astype(np.float64)
    model = ItemItemRecommender(K=min(most, max(n, 1)) + 1, num_threads=1)
    with warnings.catch_warnings():  # the library warns of a conversion that it makes itself
        warnings.filterwarnings("ignore", message="Method expects CSR input")
        model.fit(sparse.csr_matrix(matrix @ sparse.diags(taken**-flatten)), show_progress=False)
    near = sparse.csr_matrix(sparse.diags(taken ** (2 * flatten - 1)) @ model.similarity.tocsr(), dtype=np.float32)
    near.setdiag(0)
    near.eliminate_zeros()
    return near


def neighbours(matrix: Any, most: int) -> Any:
    """BM25-weighted item neighbours of the library implicit (sparse, n x n), scaled so that the largest is 1."""
    from implicit.nearest_neighbours import BM25Recommender
    from scipy import sparse

    n = matrix.shape[1]
    if not matrix.nnz:
        return sparse.csr_matrix((n, n), dtype=np.float32)
    model = BM25Recommender(K=min(most, max(n, 1)), num_threads=1)
    with warnings.catch_warnings():  # the library warns of a conversion that it makes itself
        warnings.filterwarnings("ignore", message="Method expects CSR input")
        model.fit(sparse.csr_matrix(matrix), show_progress=False)
    near = model.similarity.tocsr().astype(np.float32)
    near.setdiag(0)
    near.eliminate_zeros()
    top = float(np.abs(near.data).max(initial=0.0))
    return near / top if top > 0 else near
