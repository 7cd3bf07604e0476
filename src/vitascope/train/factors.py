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

    n = matrix.shape[1]
    if not matrix.nnz:
        return np.zeros((n, width), np.float32)
    model = AlternatingLeastSquares(
        factors=width, regularization=ridge, alpha=confidence, iterations=15, num_threads=1, random_state=0
    )
    with warnings.catch_warnings():  # the library warns of threads of a linear algebra that it does not use here
        warnings.simplefilter("ignore")
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
