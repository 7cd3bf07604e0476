"""Room 3: events and consent become a person's taste.

Takes events through ports; gives clean events, tastes on named features, interests. Knows no media and runs no model but
the language model's port. The heavy parts load when they are first named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.profile.config import NoiseConfig, ProfileConfig

if TYPE_CHECKING:
    from vitascope.profile.features import FeatureLibrary
    from vitascope.profile.intake import EventIntake, Intake
    from vitascope.profile.noise import Noise
    from vitascope.profile.profiler import Profiler

__all__ = ["EventIntake", "FeatureLibrary", "Intake", "Noise", "NoiseConfig", "ProfileConfig", "Profiler"]

_WHERE = {
    "EventIntake": "intake",
    "FeatureLibrary": "features",
    "Intake": "intake",
    "Noise": "noise",
    "Profiler": "profiler",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(name)
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
