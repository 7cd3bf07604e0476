"""The small JSON files of a Hugging Face folder (config.json, preprocessor_config.json, ...): strangers' text.

Takes a role's checked files; gives tables of bounded size and numbers within bounds. It loads no model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from vitascope.base.errors import ModelCorrupt

from ._cache import ModelFiles

_MOST = 4 << 20


def layout_json(files: ModelFiles, name: str, *, needed: bool = True) -> dict[str, Any]:
    """A JSON file of the role as a table; {} where it is not among the files and not `needed`.

    Raises:
        ModelCorrupt: missing, larger than 4 MB, or not a table.
    """
    path = dict(files.paths).get(name)
    if path is None and not needed:
        return {}
    try:
        if path is None or path.stat().st_size > _MOST:
            raise ValueError("it is missing or larger than 4 MB")
        value = json.loads(path.read_text("utf-8"))
        if not isinstance(value, dict):
            raise ValueError("it is not a table")
    except (OSError, ValueError, RecursionError) as error:
        raise unfit(files, f"{name}: {error}") from error
    return value


def number(files: ModelFiles, table: Mapping[str, Any], key: str, low: float, high: float, default: float) -> float:
    """A number of a table within bounds. Raises ModelCorrupt."""
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise unfit(files, f"{key} is not a number")
    if not low <= value <= high:
        raise unfit(files, f"{key} is {value}, outside {low:g} to {high:g}")
    return float(value)


def onnx_name(files: ModelFiles, wanted: str = "model") -> str | None:
    """The name of the role's ONNX file: `wanted`.onnx or a variant (`wanted`_quantized.onnx), below any folder; None if none."""
    found = [n for n, _ in files.paths if n.endswith(".onnx") and n.rsplit("/", 1)[-1].startswith(wanted)]
    return min(found, key=len, default=None)


def unfit(files: ModelFiles, why: str) -> ModelCorrupt:
    """The error for files that are whole but not what their adapter reads."""
    return ModelCorrupt(
        f"the files of {files.role.model} are not what the adapter {files.role.adapter or files.role.role} reads: {why}",
        place=str(files.folder),
        remedy="correct the pack's table of that role (docs/packs.md)",
    )
