"""Clears up a home: caches over their limit (least recently used first), old models, old copies of the library."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vitascope.backends.home._config import Config
from vitascope.backends.home._disk import guard, size_of

if TYPE_CHECKING:
    from vitascope.base.ports.registry import ModelRegistry

UPLOADS = "uploads"
FETCHED = "fetched"
"""Media that were fetched from elsewhere: items stand on them."""
_GONE = ".gone-"
_MONTH = 30 * 24 * 3600.0


class Entry(NamedTuple):
    """Something that goes or stays as a whole: a decoded bundle, a thumbnail, a transcode."""

    path: Path
    bytes: int
    used: float


def clear(home: Path, registry: ModelRegistry, config: Config, dry_run: bool, now: float) -> dict[str, int]:
    """Clear what is over the limits; answers bytes by part, parts with nothing to clear left out."""
    freed = {
        "cache": _over(home / "cache", config.cache_bytes, now - config.grace_seconds, dry_run),
        "media": _over(home / "media", config.media_bytes, now - config.grace_seconds, dry_run),
        "fetched": _parts(home / "media" / FETCHED, now - _MONTH, dry_run),
        "models": _models(home / "models", registry, config, now, dry_run),
        "exports": _copies(home / "exports", config.exports_kept, dry_run),
    }
    return {part: size for part, size in freed.items() if size}


def entries(folder: Path) -> list[Entry]:
    """What stands two levels down (KIND/ENTRY) or lies in the folder itself; uploads, fetched media and links are no cache."""
    found: list[Entry] = []
    for kind in _list(folder):
        if kind.name in (UPLOADS, FETCHED) or kind.is_symlink():
            continue
        for path in _list(kind) if kind.is_dir() else [kind]:
            if path.is_symlink():
                continue
            used = [max(s.st_mtime, s.st_atime) for s in _stats(path)]
            if used:
                found.append(Entry(path, size_of(path), max(used)))
    return found


def _over(folder: Path, limit: int, before: float, dry_run: bool) -> int:
    found = entries(folder)
    left = sum(entry.bytes for entry in found)
    freed = 0
    for entry in sorted(found, key=lambda e: (not e.path.name.startswith(_GONE), e.used)):
        is_rest = entry.path.name.startswith(_GONE)
        if not is_rest and (left <= limit or entry.used > before):
            continue
        if not dry_run:
            _remove(entry.path)
        left -= entry.bytes
        freed += entry.bytes
    return freed


def _parts(folder: Path, before: float, dry_run: bool) -> int:
    """Downloads that broke off and were not gone on with."""
    freed = 0
    for path in _list(folder):
        if (
            path.name.endswith((".part", ".part.json", ".tmp"))
            and not path.is_symlink()
            and path.stat().st_mtime < before
        ):
            freed += size_of(path)
            if not dry_run:
                _remove(path)
    return freed


def _models(folder: Path, registry: ModelRegistry, config: Config, now: float, dry_run: bool) -> int:
    everyone = registry.iter()
    old = [model for model in everyone if not model.current][config.models_kept :]
    freed = 0
    for model in old:
        path = folder / model.path.removeprefix("models/")
        inside = _is_inside(path, folder)
        freed += size_of(path) if inside else 0
        if not dry_run:
            registry.remove(model.version)
            if inside:
                _remove(path)
    gone = {model.version for model in old}
    kept = {(folder / m.path.removeprefix("models/")).parts for m in everyone if m.version not in gone}
    for path in _list(folder):  # left behind by a fit that was killed
        is_kept = any(parts[: len(path.parts)] == path.parts for parts in kept)
        if is_kept or not path.is_dir() or path.is_symlink() or now - path.stat().st_mtime < 24 * 3600:
            continue
        freed += size_of(path)
        if not dry_run:
            _remove(path)
    return freed


def remove_model(folder: Path, path: str) -> None:
    """Remove the files of one model; a path that leads out of the folder is passed over."""
    at = folder / path.removeprefix("models/")
    if at.exists() and _is_inside(at, folder):
        _remove(at)


def _copies(folder: Path, keep: int, dry_run: bool) -> int:
    found = sorted(folder.glob("library-schema-*.db"), key=lambda p: p.stat().st_mtime, reverse=True)
    freed = 0
    for path in found[keep:]:
        freed += size_of(path)
        if not dry_run:
            _remove(path)
    return freed


def _is_inside(path: Path, folder: Path) -> bool:
    """Below the folder, with no link on the way: a row of a restored library may say anything."""
    at, top = path.resolve(), folder.resolve()
    return at != top and at.is_relative_to(top) and not path.is_symlink()


def _remove(path: Path) -> None:
    """Out of sight at once, then off the disk, so that nobody ever sees half of it."""
    with guard(path):
        gone = path.with_name(f"{_GONE}{path.name}") if not path.name.startswith(_GONE) else path
        try:
            os.rename(path, gone)
        except FileNotFoundError:
            return
        if gone.is_dir():
            shutil.rmtree(gone, ignore_errors=True)
        else:
            gone.unlink(missing_ok=True)


def _list(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _stats(path: Path) -> list[os.stat_result]:
    found = []
    for at in [path, *(path.rglob("*") if path.is_dir() else [])]:
        try:
            if not at.is_dir():
                found.append(at.stat(follow_symlinks=False))
        except OSError:
            continue
    try:
        return found or [path.stat()]
    except OSError:
        return []
