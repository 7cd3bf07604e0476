"""The score that an item is ranked by, in parts that sum to it: weighted scorers, or the SHAP values of the ranker's trees.

Takes the very numbers that ranked (a draft, the scores, the ranker); gives `Attribution` records. Where trees rank, an outcome's
log-odds split exactly (SHAP, arXiv 1802.03888). The score is a weighted sum of chances, and a chance is a curve of its
log-odds: each outcome's values are scaled by (chance - chance of the base) / (log-odds - base), the rescale rule of DeepLIFT
(Shrikumar et al. 2017), so that they sum to the score as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.outcomes import OutcomeModel
from vitascope.base.ranking import ScorePart
from vitascope.base.reasons import Attribution, Reason
from vitascope.recommend._draft import Said

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def ordered(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Largest magnitude first, nothing that adds nothing."""
    some = [reason for reason in reasons if reason.amount != 0]
    return tuple(sorted(some, key=lambda reason: (-abs(reason.amount), reason.name)))


def fusion(parts: Sequence[ScorePart], prefer: Mapping[str, float], score: float) -> Attribution:
    """The weighted sum of the normalised scores and of what the surface prefers.

    Args:
        prefer: feature -> what having it adds here.
        score: the blend of the item.
    """
    reasons = [
        Reason(kind="scorer", name=part.scorer, amount=part.weight * part.normalised, given=part.normalised)
        for part in parts
    ]
    reasons += [Reason(kind="feature", name=name, amount=amount) for name, amount in prefer.items()]
    return Attribution(method="fusion", of="score", score=score, exact=True, reasons=ordered(reasons))


class Shap:
    """What a ranker's trees say of the candidates of one list, by figure."""

    def __init__(self, model: OutcomeModel, objective: Mapping[str, float], said: Said) -> None:
        self._model, self._said = model, said
        self._weights = {name: objective.get(name, 0.0) for name in model.outcomes if objective.get(name, 0.0) != 0}
        self._top = float(np.abs(said.worth).max(initial=0.0)) or 1.0
        self._place = {int(row): at for at, row in enumerate(said.rows)}

    def told(self, rows: Sequence[int]) -> dict[int, Attribution]:
        """Row -> its score in parts; rows that the ranker did not look at are not there."""
        wanted = [row for row in rows if row in self._place]
        if not wanted:
            return {}
        at = np.array([self._place[row] for row in wanted])
        x = self._said.figures[at]
        total, base = np.zeros((len(wanted), x.shape[1])), np.zeros(len(wanted))
        for outcome, weight in self._weights.items():
            parts = np.asarray(self._model.parts(x, outcome), np.float64)
            zero, whole = parts[:, -1], parts.sum(axis=1)
            low, high = _chance(zero), _chance(whole)
            far = np.abs(whole - zero) > 1e-9
            slope = np.divide(high - low, whole - zero, out=low * (1 - low), where=far)
            total += weight / self._top * parts[:, :-1] * slope[:, None]
            base += weight / self._top * low
        return {
            row: Attribution(
                method="shap",
                of="score",
                score=float(self._said.worth[at[i]]) / self._top,
                base=float(base[i]),
                exact=True,
                reasons=self._reasons(total[i], x[i]),
            )
            for i, row in enumerate(wanted)
        }

    def outcomes(self, row: int) -> tuple[Attribution, ...]:
        """The log-odds of each outcome that counts on the surface, in exact parts."""
        if row not in self._place:
            return ()
        x = self._said.figures[[self._place[row]]]
        chances = self._model.chances(x)[0].astype(np.float64)
        out = []
        for outcome in self._weights:
            parts = np.asarray(self._model.parts(x, outcome), np.float64)[0]
            chance = chances[self._model.outcomes.index(outcome)]
            out.append(
                Attribution(
                    method="shap",
                    of=f"outcome:{outcome}",
                    score=float(np.log(chance / (1 - chance))),
                    base=float(parts[-1]),
                    exact=True,
                    reasons=self._reasons(parts[:-1], x[0]),
                )
            )
        return tuple(out)

    def _reasons(self, amounts: Doubles, x: Floats) -> tuple[Reason, ...]:
        named = zip(self._model.features, amounts.tolist(), x.tolist(), strict=True)
        return ordered(
            [
                Reason(kind="figure", name=name, amount=amount, given=None if np.isnan(value) else value)
                for name, amount, value in named
            ]
        )


def _chance(log_odds: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float64)
