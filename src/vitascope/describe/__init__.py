"""Room 2: items become described items, by extractors that each look at one thing, and one place that puts it together.

Stable: `Describer`, `DescribeConfig` (also as `Config`). Heavy things are imported when the describer is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.describe._config import DescribeConfig, ModerationConfig

if TYPE_CHECKING:
    from vitascope.describe._describer import Describer

Config = DescribeConfig

__all__ = ["Config", "DescribeConfig", "Describer", "ModerationConfig"]


def __getattr__(name: str) -> Any:
    if name == "Describer":
        from vitascope.describe._describer import Describer

        return Describer
    raise AttributeError(name)
