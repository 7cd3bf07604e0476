"""Artifacts of trained models on disk: plain arrays (.npz) and texts (.json), never pickled, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from vitascope.base.errors import HomeDamaged

_ARRAYS, _TEXTS = "arrays.npz", "texts.json"


@dataclass(frozen=True, eq=False)
class MemoryArtifacts:
    """Artifacts that were not written (yet). Implements the port Artifacts."""

    version: str
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def array(self, name: str) -> npt.NDArray[Any] | None:
        """An array by name."""
        return self.arrays.get(name)

    def text(self, name: str) -> str | None:
        """A text by name."""
        return self.texts.get(name)


@dataclass(frozen=True)
class ArtifactFolder:
    """The home's models/ folder: writes a model, reads it back. Calling it is the port ArtifactLoader."""

    root: Path

    def __call__(self, path: str) -> MemoryArtifacts:
        """Read the artifacts of a model by its path in the registry.

        Raises:
            HomeDamaged: files are missing or cannot be read.
        """
        folder = self.root / path
        try:
            with (folder / _ARRAYS).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            texts = json.loads((folder / _TEXTS).read_text("utf-8"))
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise HomeDamaged(
                f"a trained model cannot be read: {error}", place=str(folder), remedy="run vitascope fit, or roll back"
            ) from error
        return MemoryArtifacts(folder.name, arrays, {str(k): str(v) for k, v in texts.items()})

    def write(self, artifacts: MemoryArtifacts) -> str:
        """Write under a temporary name, flush to the disk, and give it its name: it is there whole or not at all."""
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f".{artifacts.version}.{os.getpid()}.part"
        final = self.root / artifacts.version
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        try:
            with (temporary / _ARRAYS).open("wb") as file:
                np.savez(file, **artifacts.arrays)  # type: ignore[arg-type]  # the stub takes every name for allow_pickle
                file.flush()
                os.fsync(file.fileno())
            with (temporary / _TEXTS).open("w", encoding="utf-8") as text:
                json.dump(dict(artifacts.texts), text)
                text.flush()
                os.fsync(text.fileno())
            temporary.replace(final)
            handle = os.open(self.root, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return artifacts.version
