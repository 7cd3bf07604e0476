"""Room 4: candidates, scores, ranking, re-ranking, explanation, for each surface.

Takes tastes, features, vectors and trained artifacts through ports; gives lists with their reasons. Writes to no store,
reads no clock (the time comes with the request). The heavy parts load when they are first named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.recommend.config import RecommendConfig

if TYPE_CHECKING:
    from vitascope.recommend.recommender import Recommender

__all__ = ["RecommendConfig", "Recommender"]


def __getattr__(name: str) -> Any:
    if name != "Recommender":
        raise AttributeError(name)
    from vitascope.recommend.recommender import Recommender

    return Recommender
