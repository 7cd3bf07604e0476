"""PyAvCutter: the Cutter port over a worker process of its own. What is made is written beside and renamed into place."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vitascope.backends.media._client import Worker, pack
from vitascope.backends.media._config import MediaConfig
from vitascope.backends.media._reader import disk_error
from vitascope.base.ports.media import CutFile, CutPart

_MARK = "made by machine"


class PyAvCutter:
    """Cuts stretches of files into a new one."""

    def __init__(self, config: MediaConfig | None = None) -> None:
        self._config = config or MediaConfig()
        self._worker = Worker()

    def cut(self, parts: Sequence[CutPart], target: Path, title: str, mark: str = _MARK) -> CutFile:
        """Write the file. Raises UnreadableMedia, StoreError."""
        limits = self._config.limits.model_copy(update={"seconds": self._config.transcode_seconds})
        recipe = {
            "parts": [
                {"path": pack(p.path), "start": f"{p.start:.3f}", "end": f"{p.end:.3f}", "title": p.title}
                for p in parts
            ],
            "height": min(self._config.play_height, 480),
            "mark": mark,
            "title": title,
        }
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".making-", suffix=".mp4", dir=target.parent)
            os.close(handle)
            try:
                request = {"op": "cut", "target": pack(Path(name)), "recipe": recipe}
                said = self._worker.ask(request, parts[0].path, limits)
                os.replace(name, target)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, target) from error
        return CutFile.model_validate({**said, "starts": tuple(said["starts"])})

    def close(self) -> None:
        """Stop the worker."""
        self._worker.close()
