"""Looks at a running server from outside, through its /metrics. Knows no home and no terminal."""

from __future__ import annotations

from vitascope.backends.live._look import Looker

__all__ = ["Looker"]
