"""Everything that is said beside a media file of what it is: info.json, NFO, the show's and the film's folder NFO.

Takes a file's path and the names in its folder; gives one statement, and the problems of files that could not be read. A
folder's own NFO is read once a run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vitascope.base.errors import InputError
from vitascope.base.media import Chapter
from vitascope.catalog import _files, _info_json, _nfo

_UP = 2
"""Folders above an episode's in which its tvshow.nfo may lie: the season's and the show's."""


@dataclass(frozen=True)
class Beside:
    """What was found."""

    source: dict[str, Any] = field(default_factory=dict)
    """Of the site that the file came from (info.json): over the file's embedded tags."""
    general: dict[str, Any] = field(default_factory=dict)
    """Of NFO files: under the embedded tags."""
    chapters: tuple[Chapter, ...] = ()
    read: tuple[str, ...] = ()
    """Paths of the files that were read well."""
    failed: tuple[tuple[str, InputError], ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything lies there."""
        return bool(self.read or self.failed)


class Reader:
    """Reads what lies beside files; remembers folders."""

    def __init__(self) -> None:
        self._folders: dict[Path, tuple[dict[str, Any] | None, InputError | None]] = {}

    def forget(self) -> None:
        """A new run: folders may have changed."""
        self._folders.clear()

    def look(self, media: Path, names: frozenset[str], root: Path) -> Beside:
        """All statements on one file, none from above `root`."""
        source: dict[str, Any] = {}
        general: dict[str, Any] = {}
        chapters: tuple[Chapter, ...] = ()
        read: list[str] = []
        failed: list[tuple[str, InputError]] = []
        info = _info_json.info_of(media, names)
        if info is not None:
            try:
                source, chapters = _info_json.read_info(info)
                read.append(str(info))
            except InputError as error:
                failed.append((str(info), error))
        own = _nfo.nfo_of(media, names)
        if own is None and "movie.nfo" in names and _alone(names):
            own = media.parent / "movie.nfo"
        if own is not None:
            try:
                general = _nfo.read_nfo(own)
                read.append(str(own))
            except InputError as error:
                failed.append((str(own), error))
        folder = media.parent
        for _ in range(_UP + 1):
            show = folder / "tvshow.nfo"
            stated, wrong = self._show(show)
            if wrong is not None:
                failed.append((str(show), wrong))
            if stated is not None:
                read.append(str(show))
                general = _nfo.under(general, stated)
                break
            if folder in (root, folder.parent):
                break
            folder = folder.parent
        return Beside(source, general, chapters, tuple(read), tuple(failed))

    def _show(self, path: Path) -> tuple[dict[str, Any] | None, InputError | None]:
        if path not in self._folders:
            found: tuple[dict[str, Any] | None, InputError | None] = (None, None)
            if path.is_file():
                try:
                    found = _nfo.read_show(path), None
                except InputError as error:
                    found = None, error
            self._folders[path] = found
        return self._folders[path]


def _alone(names: frozenset[str]) -> bool:
    """movie.nfo speaks of the one film of its folder; a trailer is not counted."""
    films = [
        n for n in names if Path(n).suffix.lower() in _files.MEDIA and not Path(n).stem.lower().endswith("-trailer")
    ]
    return len(films) == 1
