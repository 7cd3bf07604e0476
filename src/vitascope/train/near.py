"""Who watched what together: EASE in closed form, and item neighbours of the library `implicit`.

Takes a binary matrix people x items, gives an item-item matrix B: a history x is scored as x B.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

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

    B = I - P diag(1 / diag P) with P = (G + strength I)^-1; the diagonal is zero.
    """
    from scipy import linalg

    n = len(together)
    if not n:
        return together
    system: npt.NDArray[np.floating] = together.astype(np.float64 if n <= 2_000 else np.float32)
    system[np.diag_indices(n)] += strength
    inverse = linalg.inv(system, overwrite_a=True, check_finite=False)
    out: npt.NDArray[np.float32] = np.asarray(-inverse / np.diag(inverse), np.float32)
    out[np.diag_indices(n)] = 0
    return out


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
