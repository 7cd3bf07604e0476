"""HttpFetcher: the Fetcher port over httpx. Small documents into memory, media into files that can be gone on with."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vitascope.backends.feeds._addresses import host_allowed
from vitascope.backends.feeds._visit import Answer, visit
from vitascope.base.errors import FetchError, NoSpace, ReadOnly, SourceUnavailable
from vitascope.base.ports.media import Downloaded, DownloadLimits

_ATTEMPTS = 3
_LOOK = 64 << 20
"""Bytes after which the disk is looked at again."""


class _Broken(Exception):
    """The connection ended before the body did."""


class HttpFetcher:
    """Fetches feeds, transcripts and media. Implements `base.ports.media.Fetcher`."""

    def __init__(self, seconds: float = 30.0) -> None:
        self._seconds = seconds

    def fetch(self, url: str, limit: int, private: bool = False, hosts: Sequence[str] = ("*",)) -> bytes:
        """At most `limit` bytes. Raises SourceUnavailable, Refused, FetchError."""
        with visit(url, seconds=self._seconds, stall=10.0, private=private, hosts=hosts) as answer:
            if answer.head.status_code != 200:
                raise _status(answer)
            parts, size = [], 0
            for part in answer.head.iter_bytes():
                size += len(part)
                if size > limit:
                    raise FetchError(
                        f"it is longer than {limit:,} bytes", place=answer.url, remedy="raise catalog.feed_bytes"
                    )
                parts.append(part)
            if answer.cut.fired:
                raise _late(answer)
            return b"".join(parts)

    def may(self, url: str, hosts: Sequence[str]) -> bool:
        """Whether the address's host is on the list."""
        return host_allowed(url, hosts)

    def download(
        self, url: str, target: Path, limits: DownloadLimits, private: bool = False, hosts: Sequence[str] = ("*",)
    ) -> Downloaded:
        """Media into a file. See the port."""
        from filelock import FileLock, Timeout

        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{target}.lock", timeout=0):
                try:
                    return self._attempts(url, target, limits, private, hosts)
                finally:
                    with contextlib.suppress(OSError):
                        os.unlink(f"{target}.lock")
        except Timeout as error:
            raise SourceUnavailable(
                "another process is fetching it", place=url, remedy="wait until that one has ended"
            ) from error
        except OSError as error:
            kind = NoSpace if error.errno == 28 else ReadOnly
            raise kind(
                f"cannot write here ({error.strerror})", place=str(target), remedy="make room or make it writable"
            ) from error

    def _attempts(
        self, url: str, target: Path, limits: DownloadLimits, private: bool, hosts: Sequence[str]
    ) -> Downloaded:
        end = time.monotonic() + limits.seconds
        part = _Part(target, url)
        before = -1
        while True:
            before, resumed = part.size, part.size
            left = max(0.01, end - time.monotonic())
            try:
                return self._once(url, part, limits, private, hosts, left).model_copy(update={"resumed": resumed})
            except _Broken as error:
                broke: Exception = error
            except SourceUnavailable as error:
                if part.size <= before or time.monotonic() >= end:
                    raise
                broke = error
            if part.size <= before or not part.validator or part.tries >= _ATTEMPTS:
                raise SourceUnavailable(
                    f"it broke off after {part.size:,} bytes" + (f" of {part.total:,}" if part.total else ""),
                    place=url,
                    remedy="ingest it again: it goes on where it broke off",
                ) from broke
            part.tries += 1

    def _once(
        self, url: str, part: _Part, limits: DownloadLimits, private: bool, hosts: Sequence[str], seconds: float
    ) -> Downloaded:
        headers = {"Accept-Encoding": "identity"}
        if part.size and part.validator:
            headers |= {"Range": f"bytes={part.size}-", "If-Range": part.validator}
        else:
            part.forget()
        with visit(url, seconds=seconds, stall=limits.stall, private=private, hosts=hosts, headers=headers) as answer:
            head = answer.head
            if head.status_code == 416 and part.size:
                part.forget()
                raise SourceUnavailable(
                    "the server has less of it than was fetched before", place=url, remedy="ingest it again"
                )
            if head.status_code not in (200, 206):
                raise _status(answer)
            _check_head(answer, part)
            length = head.headers.get("content-length", "")
            if head.status_code == 200:
                part.forget()
                part.begin(head.headers, int(length) if length.isdigit() else None)
            self._body(answer, part, limits, seconds)
            kind = head.headers.get("content-type", "").split(";")[0].strip().lower()
            path, size = part.keep()
            return Downloaded(path=path, bytes=size, type=kind, address=answer.url)

    def _body(self, answer: Answer, part: _Part, limits: DownloadLimits, seconds: float) -> None:
        import httpx

        _check_size(answer, part, limits, part.total or 0)
        looked = part.size
        with part.open() as file:
            try:
                for block in answer.head.iter_raw():  # as it comes: blocks of a size would keep the last bytes back
                    part.size += len(block)
                    if part.size > limits.bytes:
                        _check_size(answer, part, limits, part.size)
                    if part.size - looked > _LOOK:
                        looked = part.size
                        _check_size(answer, part, limits, 0)
                    file.write(block)
            except httpx.HTTPError as error:
                if answer.cut.fired:
                    raise _late(answer, "ingest it again: it goes on where it broke off") from error
                raise _Broken from error
            finally:
                file.flush()
                os.fsync(file.fileno())
        if answer.cut.fired:
            raise _late(answer, "ingest it again: it goes on where it broke off")
        if part.total is not None and part.size != part.total:
            raise _Broken


class _Part:
    """What is there of a download: `TARGET.part` and, beside it, what it is a part of."""

    def __init__(self, target: Path, url: str) -> None:
        self._target, self._url = target, url
        self._path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        self.size, self.total, self.validator, self.tries = 0, None, "", 0  # type: int, int | None, str, int
        try:
            said: Any = json.loads(self._note.read_text("utf-8"))
            if said["url"] == url:
                self.validator, total = str(said["validator"]), said["total"]
                self.total = total if isinstance(total, int) else None
                self.size = self._path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            self.size = 0
        if not self.size or (self.total is not None and self.size > self.total):
            self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.size, self.total, self.validator = 0, None, ""

    def begin(self, headers: Any, total: int | None) -> None:
        """Note what the server says it is, so that no two versions are ever joined (RFC 9110, 13.1.5)."""
        tag = headers.get("etag", "")
        self.validator = tag if tag.startswith('"') else headers.get("last-modified", "")
        self.total = total
        self._note.write_text(json.dumps({"url": self._url, "validator": self.validator, "total": total}), "utf-8")

    def open(self) -> Any:
        """To write on at the end."""
        return open(self._path, "ab")

    def keep(self) -> tuple[Path, int]:
        """It is whole."""
        os.replace(self._path, self._target)
        self._note.unlink(missing_ok=True)
        return self._target, self.size


def _check_head(answer: Answer, part: _Part) -> None:
    head, url = answer.head, answer.url
    if head.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise FetchError(
            "the server sends it packed, unasked", place=url, remedy="fetch it yourself and ingest the file"
        )
    if head.headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml")):
        raise FetchError(
            "it is a web page, no media file",
            place=url,
            remedy="name the media file itself, or fetch the page's media with yt-dlp and ingest the folder",
        )
    if head.status_code == 206:
        said = head.headers.get("content-range", "")
        start, _, total = said.removeprefix("bytes ").partition("/")
        if start.partition("-")[0] != str(part.size) or (
            part.total is not None and total not in (str(part.total), "*")
        ):
            part.forget()
            raise SourceUnavailable("the server sent another part than was asked for", place=url, remedy="try again")
        if part.total is None and total.isdigit():
            part.total = int(total)  # so that a part, asked for or not, is never taken for the whole


def _check_size(answer: Answer, part: _Part, limits: DownloadLimits, size: int) -> None:
    if size > limits.bytes:
        part.forget()
        raise FetchError(
            f"it is longer than {limits.bytes:,} bytes", place=answer.url, remedy="raise catalog.fetch.bytes"
        )
    if shutil.disk_usage(part._target.parent).free - max(0, size - part.size) < limits.keep_free:
        raise FetchError(
            f"the disk would have less than {limits.keep_free:,} bytes left",
            place=answer.url,
            remedy="make room, or lower catalog.fetch.keep_free",
        )


def _late(answer: Answer, remedy: str = "try later") -> SourceUnavailable:
    return SourceUnavailable(f"it took longer than {answer.cut.seconds:.0f} s", place=answer.url, remedy=remedy)


def _status(answer: Answer) -> SourceUnavailable:
    return SourceUnavailable(
        f"the server answered {answer.head.status_code}", place=answer.url, remedy="check the address, try later"
    )
