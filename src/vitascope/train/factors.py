"""Factors of items from who took up what: alternating least squares of the library `implicit` (Hu, Koren and Volinsky 2008).

Takes a binary matrix people x items, and what items are; gives item factors (n, f). An item that nobody took up stands where
items like it stand: its factors are foretold from the content's kernel (train/cold.py).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.train import cold

Floats = npt.NDArray[np.float32]


def fit(matrix: Any, width: int, confidence: float, ridge: float, kernel: Floats | None, strength: float) -> Floats:
    """Item factors, (n, width).

    Args:
        matrix: sparse 0/1, people x items.
        confidence: what a taken-up item counts; one that was not counts 1.
        kernel: how alike items are by content, (n, n); None: unknown items stay at zero.
        strength: regularisation of what is foretold for unknown items.
    """
    from implicit.als import AlternatingLeastSquares
    from scipy import sparse
    from threadpoolctl import threadpool_limits

    n = matrix.shape[1]
    if not matrix.nnz:
        return np.zeros((n, width), np.float32)
    # the library asks for it: threads of the linear algebra under its own make a fit up to ten times as long
    with threadpool_limits(1, "blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of conversions
        model = AlternatingLeastSquares(
            factors=width, regularization=ridge, alpha=confidence, iterations=15, num_threads=1, random_state=0
        )
        model.fit(sparse.csr_matrix(matrix), show_progress=False)
    made: Floats = np.array(model.item_factors, np.float32)
    taken = np.asarray(matrix.sum(axis=0)).ravel()
    made[taken == 0] = 0
    if kernel is not None:
        warm = np.flatnonzero(taken > 0).astype(np.int64)
        wanted = np.flatnonzero((taken == 0) & (np.diag(kernel) > 0)).astype(np.int64)
        if len(warm) and len(wanted):
            solved = cold.factor(kernel, warm, strength)
            made[wanted] = cold.shares(solved, kernel, warm, wanted).T @ made[warm]
    return made
