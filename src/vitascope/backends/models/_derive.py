"""Files made once out of fetched ones (ONNX graphs from PyTorch weights), in a child process.

Takes a recipe's name and the files of a role; gives the made file, kept under the hash of its sources. torch lives and
dies in the child: nothing that runs models has to hold it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from vitascope.base.errors import ConfigError, ModelFailed

from ._archives import file_hash
from ._store import BlobStore, write_whole

RECIPES = {"minilm-onnx/1": "model.safetensors", "lite0-onnx/1": "model.pth", "encoder-onnx/1": "model.safetensors"}
"""Recipe -> the file of the role that it is made from."""

_TIME_LIMIT_S = 600


def derived_place(store: BlobStore, recipe: str, source_sha256: str) -> Path:
    """Where that recipe's product of that source lies, or would lie."""
    if recipe not in RECIPES:
        raise ConfigError(
            f"there is no recipe {recipe!r}", place="pack field derive", remedy=f"use one of {', '.join(RECIPES)}"
        )
    name = recipe.replace("/", "-")
    return store.root / "made" / f"{name}-{source_sha256[:32]}" / "model.onnx"


def derived(store: BlobStore, recipe: str, source: Path, source_sha256: str) -> Path:
    """The made file, made now where it is missing or not what was written. Raises ModelFailed with the child's last words."""
    target = derived_place(store, recipe, source_sha256)
    if made_intact(target):
        return target
    with store.lock(str(target)):
        if made_intact(target):
            return target
        with store.scratch() as scratch:
            out = scratch / "model.onnx"
            command = [sys.executable, "-m", f"{__package__}._export", recipe, str(source), str(out)]
            paths = [str(Path(__file__).resolve().parents[3]), os.environ.get("PYTHONPATH", "")]
            env = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in paths if p)}
            try:
                run = subprocess.run(
                    command,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=_TIME_LIMIT_S,
                    env=env,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise _failed(recipe, f"it took over {_TIME_LIMIT_S} seconds") from error
            if run.returncode != 0 or not out.is_file():
                last = (run.stderr.strip().splitlines() or [f"exit code {run.returncode}"])[-1]
                raise _failed(recipe, last[:300])
            target.parent.mkdir(parents=True, exist_ok=True)
            sha256 = file_hash(out)
            os.replace(out, target)
            write_whole(target.with_suffix(".json"), json.dumps({"sha256": sha256, "recipe": recipe}).encode())
    return target


def made_intact(target: Path) -> bool:
    """Whether a made file is there and is what was written when it was made."""
    try:
        stated = json.loads(target.with_suffix(".json").read_text("utf-8"))["sha256"]
        return bool(file_hash(target) == stated)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _failed(recipe: str, why: str) -> ModelFailed:
    return ModelFailed(
        f"the model could not be made ready: {why}",
        place=f"recipe {recipe}",
        remedy="run `vitascope models verify` and try again; without it this model stays silent",
    )
