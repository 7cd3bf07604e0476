"""Gradient-boosted trees of the library XGBoost (Chen and Guestrin, KDD 2016), one set an outcome.

Takes figures and labels, gives calibrated chances and exact SHAP values. A model is kept as the library's own UBJ bytes
(data, never code) with two calibration figures an outcome.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.errors import HomeDamaged
from vitascope.base.ports.outcomes import OUTCOMES, OutcomeModel

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_FEWEST = 60
"""Positive rows below which an outcome is not learnt."""
_ROUNDS, _PATIENCE, _FOLDS = 300, 20, 3
_BYTES = 50_000_000


class TreeModels:
    """Fits and opens tree models. Implements `OutcomeModels`."""

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads

    def fit(
        self,
        x: Floats,
        labels: Mapping[str, Floats],
        weights: Floats,
        groups: Ints,
        features: Sequence[str],
        seed: int,
    ) -> OutcomeModel | None:
        """Rounds are chosen and chances calibrated on people who were held out (three folds), then all rows are used."""
        fold = _folds(groups, seed)
        sets: dict[str, tuple[Any, float, float]] = {}
        for outcome in OUTCOMES:
            label = labels.get(outcome)
            if label is None or not _FEWEST <= int(label.sum()) < len(label):
                continue
            margins = np.zeros(len(label), np.float32)
            rounds = []
            for held in range(_FOLDS):
                inside, outside = fold != held, fold == held
                if not 0 < label[outside].sum() < outside.sum() or not 0 < label[inside].sum() < inside.sum():
                    break
                trees = self._train(x, label, weights, inside, outside, seed)
                rounds.append(int(trees.best_iteration) + 1)
                margins[outside] = trees.inplace_predict(
                    x[outside], iteration_range=(0, rounds[-1]), predict_type="margin"
                )
            if len(rounds) < _FOLDS:
                continue
            slope, shift = _platt(margins, label, weights)
            whole = self._train(x, label, weights, np.ones(len(label), np.bool_), None, seed, int(np.median(rounds)))
            sets[outcome] = (whole, slope, shift)
        return TreeModel(sets, tuple(features)) if sets else None

    def load(self, arrays: Mapping[str, npt.NDArray[np.generic]]) -> OutcomeModel | None:
        """Open a stored model."""
        import xgboost

        told = arrays.get("outcomes")
        if told is None:
            return None
        try:
            head = json.loads(bytes(np.asarray(told, np.uint8)))
            sets = {}
            for outcome, (slope, shift) in head["sets"].items():
                data = np.asarray(arrays[f"outcomes_{outcome}"], np.uint8)
                if outcome not in OUTCOMES or len(data) > _BYTES:
                    raise ValueError(f"no such outcome: {outcome[:40]}")
                trees = xgboost.Booster({"nthread": self._threads})
                trees.load_model(bytearray(data))
                sets[outcome] = (trees, float(slope), float(shift))
            return TreeModel(sets, tuple(map(str, head["features"])))
        except (KeyError, TypeError, ValueError, xgboost.core.XGBoostError) as error:
            raise HomeDamaged(
                f"the ranker of a model cannot be read ({type(error).__name__})",
                place="models/",
                remedy="vitascope fit makes a new one; vitascope rollback goes back",
            ) from error

    def _train(
        self,
        x: Floats,
        label: Floats,
        weights: Floats,
        inside: npt.NDArray[np.bool_],
        outside: npt.NDArray[np.bool_] | None,
        seed: int,
        rounds: int = _ROUNDS,
    ) -> Any:
        import xgboost

        settings = {
            "objective": "binary:logistic",
            "max_depth": 4,
            "eta": 0.08,
            "min_child_weight": 5.0,
            "lambda": 2.0,
            "subsample": 0.8,
            "colsample_bytree": 0.8,
            "tree_method": "hist",
            "nthread": self._threads,
            "seed": seed,
            "verbosity": 0,
        }
        train = xgboost.DMatrix(x[inside], label=label[inside], weight=weights[inside])
        if outside is None:
            return xgboost.train(settings, train, rounds)
        held = xgboost.DMatrix(x[outside], label=label[outside], weight=weights[outside])
        return xgboost.train(
            settings,
            train,
            rounds,
            evals=[(held, "held")],
            early_stopping_rounds=_PATIENCE,
            verbose_eval=False,
        )


class TreeModel:
    """Implements `OutcomeModel`."""

    def __init__(self, sets: dict[str, tuple[Any, float, float]], features: tuple[str, ...]) -> None:
        self._sets, self._features = sets, features

    @property
    def outcomes(self) -> tuple[str, ...]:
        """In the order of OUTCOMES."""
        return tuple(name for name in OUTCOMES if name in self._sets)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self._features

    def chances(self, x: Floats) -> Floats:
        """Calibrated probabilities."""
        out = np.zeros((len(x), len(self.outcomes)), np.float32)
        for at, name in enumerate(self.outcomes):
            trees, slope, shift = self._sets[name]
            if len(x):
                margin = trees.inplace_predict(np.ascontiguousarray(x, np.float32), predict_type="margin")
                out[:, at] = 1 / (1 + np.exp(-(slope * margin + shift)))
        return out

    def parts(self, x: Floats, outcome: str) -> Floats:
        """Exact SHAP values, calibration included."""
        import xgboost

        trees, slope, shift = self._sets[outcome]
        made = np.asarray(trees.predict(xgboost.DMatrix(x), pred_contribs=True), np.float32) * np.float32(slope)
        made[:, -1] += np.float32(shift)
        return made

    def dump(self) -> dict[str, npt.NDArray[np.generic]]:
        """UBJ bytes and calibration."""
        head = {
            "features": list(self._features),
            "sets": {name: [slope, shift] for name, (_, slope, shift) in self._sets.items()},
        }
        out: dict[str, npt.NDArray[np.generic]] = {
            "outcomes": np.frombuffer(json.dumps(head, sort_keys=True).encode(), np.uint8)
        }
        for name, (trees, _, _) in self._sets.items():
            out[f"outcomes_{name}"] = np.frombuffer(bytes(trees.save_raw("ubj")), np.uint8)
        return out


def _folds(groups: Ints, seed: int) -> Ints:
    """A fold for each row, the same for all rows of a group."""
    whose, place = np.unique(groups, return_inverse=True)
    return np.asarray(np.random.default_rng(seed).permutation(len(whose)) % _FOLDS, np.int64)[place]


def _platt(margins: Floats, label: Floats, weights: Floats) -> tuple[float, float]:
    """Slope and shift of Platt's sigmoid (1999) by Newton's method, with his smoothed targets; the slope is positive."""
    positive, negative = float(label.sum()), float(len(label) - label.sum())
    target = np.where(label > 0, (positive + 1) / (positive + 2), 1 / (negative + 2)).astype(np.float64)
    x = np.stack([margins.astype(np.float64), np.ones(len(margins))], axis=1)
    at = np.array([1.0, 0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(x @ at, -30, 30)))
        pull = x.T @ (weights * (target - chance)) - 1e-3 * (at - [1.0, 0.0])
        curve = (x * (weights * chance * (1 - chance))[:, None]).T @ x + 1e-3 * np.eye(2)
        step = np.linalg.solve(curve, pull)
        at = at + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < 1e-7:
            break
    if at[0] <= 0:  # worse than nothing on people who were held out: say the mean
        return 1e-6, float(np.log(max(positive, 1) / max(negative, 1)))
    return float(at[0]), float(at[1])
