"""Items that nobody, or hardly anybody, has taken up: their column of the item-item matrix is foretold from what they are.

Kernel ridge regression: with warm items w, their columns B_w and the kernel K of content,

    B_j = B_w (K_ww + l I)^-1 K_wj

so a new item stands where items like it stand. An item with n takers keeps n / (n + m) of its own column. Takes matrices,
gives matrices; knows no person.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MOST_TAKERS = 30
"""Above, an item's own column stands whatever m is."""


def factor(kernel: Floats, warm: Ints, strength: float) -> Any:
    """The Cholesky factor of K_ww + l I."""
    from scipy import linalg

    system = kernel[np.ix_(warm, warm)]
    system[np.diag_indices(len(warm))] += np.float32(strength)
    return linalg.cho_factor(system, lower=False, overwrite_a=True, check_finite=False)


def shares(solved: Any, kernel: Floats, warm: Ints, wanted: Ints) -> Floats:
    """How much each warm item's column counts for each wanted item, shape (w, j): (K_ww + l I)^-1 K_wj.

    A wanted item that is warm itself is foretold from the others alone (leave-one-out in closed form), so that its own
    column cannot answer for itself.
    """
    from scipy import linalg

    own: Floats = linalg.cho_solve(solved, kernel[np.ix_(warm, wanted)], check_finite=False).astype(np.float32)
    place = np.full(len(kernel), -1, np.int64)
    place[warm] = np.arange(len(warm))
    inside = np.flatnonzero(place[wanted] >= 0)
    if len(inside):
        at = place[wanted[inside]]
        self_share = own[at, inside]
        own[at, inside] = 0
        own[:, inside] /= np.maximum(1 - self_share, 1e-3)
    return own


def extend(matrix: Floats, kernel: Floats, taken: Floats, strength: float, few: float) -> Floats:
    """The matrix with foretold columns for items nobody took up, and a share of them for items that few did.

    Args:
        matrix: item-item, (n, n); changed in place.
        taken: how many took up each item, (n,).
        strength: l.
        few: m; takers at which an item's own column counts half. 0: it stands alone as soon as there is one.
    """
    warm = np.flatnonzero(taken > 0).astype(np.int64)
    known = np.diag(kernel) > 0
    wanted = np.flatnonzero(known & (taken < (MOST_TAKERS if few > 0 else 1))).astype(np.int64)
    if not len(warm) or not len(wanted):
        return matrix
    solved = factor(kernel, warm, strength)
    rows = shares(solved, kernel, warm, wanted)
    foretold = matrix[:, warm] @ rows
    foretold[wanted, np.arange(len(wanted))] = 0
    own = (taken[wanted] / np.maximum(taken[wanted] + few, 1e-9)).astype(np.float32)
    matrix[:, wanted] = own * matrix[:, wanted] + (1 - own) * foretold
    return matrix
