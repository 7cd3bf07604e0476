"""Folders watched for changes: the Watcher port over watchfiles (inotify and its like, polling where asked)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from vitascope.base.errors import UsageError

_UNFINISHED = (".part", ".crdownload", ".tmp", ".ytdl", ".!qb", ".partial", "~")
_LONGEST = 60.0
"""Seconds after which changes are told even if more keep coming."""


class FolderWatcher:
    """Tells which folders changed. Implements `base.ports.media.Watcher`."""

    def changes(
        self, folders: Sequence[Path], but: Sequence[Path], settle: float, tick: float, poll: bool
    ) -> Iterator[frozenset[Path]]:
        """See the port."""
        from watchfiles import watch

        tops = {folder.resolve(): folder for folder in folders}
        outside = [path.resolve() for path in but]

        def counts(_: object, path: str) -> bool:
            return _counts(Path(path), outside)

        try:
            for found in watch(
                *tops,
                watch_filter=counts,
                debounce=int(max(_LONGEST, settle) * 1000),
                step=max(1, int(settle * 1000)),
                rust_timeout=max(1, int(tick * 1000)),
                yield_on_timeout=True,
                force_polling=poll or None,
                ignore_permission_denied=True,
                raise_interrupt=True,
            ):
                changed = [Path(path) for _, path in found]
                yield frozenset(f for top, f in tops.items() if any(c.is_relative_to(top) for c in changed))
        except FileNotFoundError as error:
            raise UsageError("there is no such folder", place=str(error).strip("'"), remedy="check the path") from error
        except OSError as error:  # the system's bound on watches, above all
            raise UsageError(
                f"the folders cannot be watched ({error.strerror or error})",
                place=", ".join(map(str, folders)),
                remedy="raise fs.inotify.max_user_watches, or use --poll",
            ) from error


def _counts(path: Path, outside: Sequence[Path]) -> bool:
    """Whether a change may matter: not what is unfinished or our own."""
    if any(path.is_relative_to(other) for other in outside):
        return False
    return not path.name.startswith((".vitascope", "._", ".trashed-")) and not path.name.lower().endswith(_UNFINISHED)
