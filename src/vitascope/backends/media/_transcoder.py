"""PyAvTranscoder: the Transcoder port over a worker process of its own, cached under a size limit.

Takes paths and hashes, gives files a browser plays, and thumbnails. What is made is written beside and renamed into
place. The cache is least-recently-used by file time.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

from vitascope.backends.media._client import Worker, pack
from vitascope.backends.media._config import MediaConfig
from vitascope.backends.media._reader import disk_error
from vitascope.base.errors import UnreadableMedia
from vitascope.base.media import Probe
from vitascope.base.ports.media import Playable

RULES = 2
"""Version of what plays and how it is made: notes of another one are made anew."""


class PyAvTranscoder:
    """Makes media playable. Implements `base.ports.media.Transcoder`."""

    def __init__(self, cache: Path, config: MediaConfig | None = None) -> None:
        self._folder, self._pictures = cache / "transcodes", cache / "thumbnails"
        self._config = config or MediaConfig()
        self._players, self._painter = Worker(), Worker()
        self._making: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def playable(self, path: Path, sha256: str, probe: Probe) -> Playable:
        """The file itself where a browser plays it, else a cached version. Raises UnreadableMedia, StoreError."""
        if probe.encrypted:
            raise UnreadableMedia("it is encrypted", place=str(path), remedy="get a copy without copy protection")
        if not path.is_file():
            raise UnreadableMedia("the file is gone", place=str(path), remedy="put it back, or ingest its folder again")
        with self._guard:
            lock = self._making.setdefault(sha256, threading.Lock())
        with lock:
            kept = self._kept(path, sha256)
            if kept is None:
                self._make(path, sha256)
                kept = self._kept(path, sha256)
        if kept is None:
            raise UnreadableMedia("no playable version could be made", place=str(path), remedy="convert it to MP4")
        return kept

    def _kept(self, path: Path, sha256: str) -> Playable | None:
        note = self._folder / f"{sha256}.json"
        try:
            said: dict[str, Any] = json.loads(note.read_bytes())
            if said.get("version") != RULES:
                return None
            if "reason" in said:
                raise UnreadableMedia(said["reason"], place=str(path), remedy=said["remedy"])
            if "name" not in said:
                return Playable(path=path, mime=said["mime"], made=False)
            made = self._folder / (sha256 + Path(said["name"]).suffix)
            os.utime(made)
            return Playable(path=made, mime=said["mime"], made=True)
        except UnreadableMedia:
            raise
        except (OSError, ValueError, KeyError):
            return None

    def _make(self, path: Path, sha256: str) -> None:
        limits = self._config.limits.model_copy(update={"seconds": self._config.transcode_seconds})
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".making-", dir=self._folder))
        except OSError as error:
            raise disk_error(error, self._folder) from error
        try:
            recipe = {"height": self._config.play_height, "rate": self._config.play_rate}
            said: dict[str, Any]
            try:
                said = self._players.ask({"op": "play", "folder": pack(folder), "recipe": recipe}, path, limits)
                if "name" in said:
                    os.replace(folder / said["name"], self._folder / (sha256 + Path(said["name"]).suffix))
            except UnreadableMedia as error:
                # kept, so that a page does not try again and again; thrown away with the rest of the cache
                said = {"reason": error.thing, "remedy": error.remedy or ""}
            note = folder / "note.json"
            note.write_text(json.dumps(said | {"version": RULES}))
            os.replace(note, self._folder / f"{sha256}.json")
            self.trim(self._config.transcodes_bytes, keep=sha256)
        except OSError as error:
            raise disk_error(error, self._folder) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def trim(self, limit: int, keep: str = "") -> int:
        """Throw away made files, longest unused first, down to `limit` bytes; answers the bytes freed."""
        found = []
        with contextlib.suppress(OSError):
            for file in self._folder.iterdir():
                if file.suffix != ".json" and not file.name.startswith("."):
                    with contextlib.suppress(OSError):
                        stat = file.stat()
                        found.append((stat.st_mtime, stat.st_size, file))
        total, freed = sum(size for _, size, _ in found), 0
        for _, size, file in sorted(found):
            if total - freed <= limit:
                break
            if file.stem == keep:
                continue
            with contextlib.suppress(OSError):
                file.unlink()
                (self._folder / f"{file.stem}.json").unlink(missing_ok=True)
                freed += size
        return freed

    def thumbnail(self, path: Path, sha256: str, probe: Probe, width: int) -> Path | None:
        """A JPEG of the most telling moment or the cover; None for sound without a cover, or where none can be had."""
        if not any(s.kind.value == "video" for s in probe.streams):
            return None
        width = min(max(width, 32), 1_280)
        target, none = self._pictures / f"{sha256}-{width}.jpg", self._pictures / f"{sha256}.none"
        if target.exists():
            return target
        if none.exists():
            return None
        try:
            self._pictures.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".making-", dir=self._pictures)
            os.close(handle)
            try:
                limits = self._config.limits.model_copy(update={"seconds": self._config.probe_seconds})
                request = {"op": "picture", "folder": pack(Path(name)), "width": width}
                if self._painter.ask(request, path, limits)["made"]:
                    os.replace(name, target)
                    return target
                none.touch()
            except UnreadableMedia:
                none.touch()
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, self._pictures) from error
        return None

    def close(self) -> None:
        """Stop the workers."""
        self._players.close()
        self._painter.close()
