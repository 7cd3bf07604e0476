"""Rankers: libraries of trees behind the port `base.ports.outcomes`."""

from __future__ import annotations

from vitascope.backends.rankers._xgboost import TreeModels

__all__ = ["TreeModels"]
