"""Figures for files, drawn by Matplotlib."""

from __future__ import annotations

from vitascope.backends.figures._why import heat_map, why_page

__all__ = ["heat_map", "why_page"]
