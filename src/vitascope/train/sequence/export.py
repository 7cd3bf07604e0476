"""The trained network as plain arrays and one text, as recommend/sequence.py reads them. Torch in, numpy out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from vitascope.train.sequence.network import Content, Network

PREFIX = "sequence_"


def export(
    network: Network, content: Content, items: npt.NDArray[np.int64], unseen: bool
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
    """Arrays and texts of the model's artifacts.

    Args:
        items: keys of the rows that the network was trained on, ascending.
        unseen: it was trained for lists that leave out what was seen.
    """
    part = network.items
    arrays: dict[str, npt.NDArray[Any]] = {
        "items": items,
        "identity": _array(part.identity),
        "mark": _array(network.mark),
        "gap": _array(network.gap),
        "norm": _array(network.norm.weight),
    }
    for kind in part.kinds:
        arrays[f"project_{kind}"] = _array(part.project[kind])
    if part.features is not None:
        arrays["features"] = _array(part.features)
    for number, block in enumerate(network.stack):
        for name, parameter in block.arrays():
            arrays[f"{number}_{name}"] = _array(parameter)
    told = {
        "blocks": len(network.blocks),
        "kinds": part.kinds,
        "features": list(content.feature_names) if part.features is not None else [],
        "unseen": unseen,
    }
    return {PREFIX + name: array for name, array in arrays.items()}, {"sequence": json.dumps(told)}


def _array(parameter: Tensor) -> npt.NDArray[np.float32]:
    return parameter.detach().float().cpu().numpy().copy()
