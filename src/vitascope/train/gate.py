"""The gate: what a model's lists are worth on held-out items, made as they will be served, and whether it may serve.

Takes a bench that makes lists, a split, people who had no part in choosing, and the artifacts of a model of that split: its
ranker and its weights for short histories too. Gives figures and a verdict with its reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.ranking import Metric, Request, TrainedModel
from vitascope.train import judge

if TYPE_CHECKING:
    from vitascope.base.ports.ranking import Artifacts, ScoreBench

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_CHUNK = 256


def figures(
    bench: ScoreBench, split: judge.Split, people: Ints, artifacts: Artifacts, request: Request
) -> tuple[Metric, ...]:
    """HR@10 and NDCG@10 of the lists for these people, and of popularity beside them.

    Args:
        people: places of people with a held-out item.
        artifacts: of a model that has not seen what is held out; its array `popular` likewise.
        request: all but the person.
    """
    train, answer = judge.pick(split.train, people), split.answer[people]
    lists = (
        rows
        for first in range(0, len(train), _CHUNK)
        for rows in bench.lists(train.chunk(first, min(first + _CHUNK, len(train))), artifacts, request)
    )
    place = judge.listed(lists, answer)
    popular = artifacts.array("popular")
    told = np.zeros((len(answer), 0 if popular is None else len(popular)), np.float32)
    if popular is not None:
        told = np.repeat(np.asarray(popular, np.float32)[None, :], len(answer), axis=0)
    return (*judge.figures(place), *judge.figures(judge.places(told, answer, train), "popular "))


def verdict(
    promote: str, parent: TrainedModel | None, parent_gain: float | None, evaluation: tuple[Metric, ...]
) -> tuple[bool, str]:
    """Whether a model may serve, and why.

    Args:
        promote: always | better (not worse on the same held-out items) | never.
        parent_gain: NDCG of the current model, made anew on the same split; None: nothing to compare on.
        evaluation: of the new model.
    """
    mine = evaluation[1].value
    if promote == "never":
        return False, "not promoted: asked not to"
    if promote == "always":
        return True, "promoted: asked to"
    if parent is None:
        return True, "promoted: there was no model before"
    if parent_gain is None:
        return True, "promoted: there is nothing to compare on"
    said = f"NDCG@{judge.K} {mine:.4f}, {parent.version} on the same held-out events {parent_gain:.4f}"
    return (True, f"promoted: {said}") if mine >= parent_gain - 1e-9 else (False, f"not promoted: {said}")
