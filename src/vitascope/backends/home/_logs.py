"""Logs of the home: one rotating file that several processes share. Knows no room.

What is logged is the business of who logs: ids and counts, never a person's outside id, a text of a person or a key.
"""

from __future__ import annotations

import json
import logging
import os
import re
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from vitascope.backends.home._config import Config
from vitascope.backends.home._disk import PRIVATE_FILE, only_one
from vitascope.base.context import REQUEST_ID
from vitascope.base.errors import StoreError, UsageError

LEVELS = ("debug", "info", "warning", "error")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class OneLine(logging.Formatter):
    """A record as text that cannot pass for another record: control characters are shown, lines are indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line; within a request it ends with the request's id."""
        told = super().format(record)
        if request_id := REQUEST_ID.get():
            told += f" [{request_id}]"
        text = _CONTROL.sub(lambda found: repr(found.group())[1:-1], told)
        return text.encode("utf-8", "backslashreplace").decode().replace("\n", "\n    ")


class JsonLines(logging.Formatter):
    """A record as one JSON object a line: time (UTC), level, logger, message, request_id, error, and what `fields` adds."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, in ASCII."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            told["request_id"] = request_id
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        fields = getattr(record, "fields", None)
        return json.dumps(told | (fields if isinstance(fields, dict) else {}), default=str)


class SharedFile(RotatingFileHandler):
    """A rotating file of mode 600: a process notices when another rotated it, and they rotate one at a time.

    A full or read-only disk never stops the work: the line is lost, the program goes on.
    """

    def _open(self):  # type: ignore[no-untyped-def]  # TextIOWrapper, as the parent says
        return open(
            self.baseFilename,
            self.mode,
            encoding=self.encoding,
            errors=self.errors,
            opener=lambda path, flags: os.open(path, flags, PRIVATE_FILE),
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Write to the file that has the name now."""
        try:
            if self.stream is not None and not self._is_ours():
                self.stream.close()
                self.stream = None
        except OSError:
            pass
        super().emit(record)

    def _is_ours(self) -> bool:
        if self.stream is None:
            return False
        try:
            named, held = os.stat(self.baseFilename), os.fstat(self.stream.fileno())
        except OSError:
            return False
        return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)

    def doRollover(self) -> None:
        """Rotate, unless another process did so meanwhile."""
        lock = Path(self.baseFilename).with_suffix(".lock")
        try:
            with only_one(lock, 5.0):
                if os.path.exists(self.baseFilename) and os.path.getsize(self.baseFilename) > self.maxBytes // 2:
                    super().doRollover()
        except StoreError:
            return

    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line."""


def set_up(folder: Path, level: str, config: Config) -> SharedFile:
    """Send the logs of Vitascope to `vitascope.log` in a folder; a second call changes folder and level.

    What it answers is for `take_down`.

    Raises:
        UsageError: not a level.
    """
    if level.lower() not in LEVELS:
        raise UsageError(f"{level!r} is no log level", place="--log-level", remedy=f"one of {', '.join(LEVELS)}")
    logger = logging.getLogger("vitascope")
    for old in [h for h in logger.handlers if isinstance(h, SharedFile)]:
        logger.removeHandler(old)
        old.close()
    handler = SharedFile(
        folder / "vitascope.log",
        maxBytes=config.log_bytes,
        backupCount=config.log_files,
        encoding="utf-8",
        delay=True,
    )
    handler.setFormatter(JsonLines() if config.log_format == "json" else OneLine())
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
    return handler


def take_down(handler: SharedFile) -> None:
    """Leave the process's logging as it was before `set_up`, unless another call took the logs over meanwhile."""
    logger = logging.getLogger("vitascope")
    if handler in logger.handlers:
        logger.removeHandler(handler)
        handler.close()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
