"""All scorers on one model: loaded together, asked together, brought to one scale."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.components import Crowd, Scorer
from vitascope.base.ports.ranking import Artifacts
from vitascope.base.shelf import Shelf
from vitascope.recommend.scorers._weights import Weights

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Loaded:
    """What a trained model says to each scorer, over the rows of a shelf."""

    version: str
    weights: Weights
    states: dict[str, Any]


def load(scorers: Mapping[str, Scorer], artifacts: Artifacts | None, shelf: Shelf) -> Loaded:
    """Every scorer's part of a model (None: no fit yet)."""
    told = json.loads(artifacts.text("blend") or "{}") if artifacts is not None else {}

    def chosen(weights: Mapping[str, Any], default: Mapping[str, float]) -> dict[str, float]:
        return {name: float(weights.get(name, default[name])) for name in scorers}

    usual = chosen(told.get("weights", {}), {name: scorer.weight for name, scorer in scorers.items()})
    short = tuple((int(most), chosen(weights, usual)) for most, weights in told.get("short", ()))
    return Loaded(
        "none" if artifacts is None else artifacts.version,
        Weights(usual, short),
        {name: scorer.load(artifacts, shelf) for name, scorer in scorers.items()},
    )


def normalised(scores: Floats) -> Floats:
    """Each row divided by its largest magnitude; a row of zeros stays."""
    if not scores.size:
        return scores
    top = np.maximum(scores.max(axis=1, keepdims=True), -scores.min(axis=1, keepdims=True))
    if (top > 1e-9).all():
        return np.asarray(scores / top, np.float32)
    return np.asarray(np.divide(scores, top, out=np.zeros_like(scores), where=top > 1e-9), np.float32)


@dataclass(frozen=True, eq=False)
class Scores:
    """Raw and normalised scores by scorer, each (p, n), and what they looked at."""

    raw: dict[str, Floats]
    normalised: dict[str, Floats]
    crowd: Crowd


def score(scorers: Iterable[Scorer], histories: Histories, model: Loaded, shelf: Shelf, crowd: Crowd) -> Scores:
    """Scores of p people by each of the scorers."""
    raw = {s.name: s.scores(histories, model.states[s.name], shelf, crowd) for s in scorers}
    return Scores(raw, {name: normalised(matrix) for name, matrix in raw.items()}, crowd)
