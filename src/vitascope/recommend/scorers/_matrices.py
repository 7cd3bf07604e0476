"""Histories and features as sparse matrices."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.ranking import FeatureTable

_kept: WeakKeyDictionary[FeatureTable, Any] = WeakKeyDictionary()
Floats = npt.NDArray[np.float32]


def acts(histories: Histories, weight: Floats, n: int) -> Any:
    """A sparse matrix people x items of weighted acts."""
    from scipy import sparse

    return sparse.csr_matrix((weight, histories.item, histories.start), shape=(len(histories), n))


def features(table: FeatureTable) -> Any:
    """A sparse matrix items x features; made once for a table."""
    from scipy import sparse

    made = _kept.get(table)
    if made is None:
        shape = (len(table.items), len(table.names))
        made = _kept[table] = sparse.csr_matrix((table.value, table.column, table.start), shape=shape)
    return made
