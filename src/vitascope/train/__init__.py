"""Room 6: feedback becomes data, data a model, a model is judged, promoted or rolled back; and each event is a small step.

Takes events, features and the serving scorers through ports; gives artifacts and learned weights. Ranks nothing itself.
The heavy parts load when they are first named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.train.config import TrainConfig

if TYPE_CHECKING:
    from vitascope.train.artifacts import ArtifactFolder
    from vitascope.train.fit import Trainer
    from vitascope.train.online import OnlineLearner

__all__ = ["ArtifactFolder", "OnlineLearner", "TrainConfig", "Trainer"]

_WHERE = {
    "ArtifactFolder": "artifacts",
    "OnlineLearner": "online",
    "Trainer": "fit",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(name)
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
