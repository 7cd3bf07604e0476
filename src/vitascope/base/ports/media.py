"""Port of the media decoder. Contract suite: tests/contracts/media.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from vitascope.base.media import Decoded, Probe
from vitascope.base.records import Record


class Limits(Record):
    """Bounds for one file; what goes over them is cut or refused with a reason."""

    seconds: float = 600.0
    """Wall-clock time of one decode."""
    memory: int = 2 << 30
    """Bytes of address space the worker may add over its own start."""
    pixels: int = 64_000_000
    """Pixels of one picture."""
    media_seconds: float = 6 * 3600.0
    """Media time that is looked at."""
    output: int = 2 << 30
    """Bytes written for one file."""
    frames: int = 96
    """Pictures kept for one file."""
    readings: int = 120
    """Pictures kept for one file because text may stand in them; 0: none are sought."""


class MediaReader(Protocol):
    """Probes and decodes files in a worker process whose death does not stop the caller."""

    def probe(self, path: Path, limits: Limits) -> Probe:
        """Open and look at the head (and at packets where the header is silent). Raises UnreadableMedia."""
        ...

    def decode(self, path: Path, sha256: str, limits: Limits) -> Decoded:
        """Decode once; answered from the cache where the bundle of these bytes is there. Raises UnreadableMedia."""
        ...

    def close(self) -> None:
        """Stop the worker."""
        ...


class Playable(Record):
    """A file a browser can play."""

    path: Path
    mime: str
    made: bool
    """True: remuxed or transcoded, in the cache."""


class Transcoder(Protocol):
    """Makes what a browser cannot play playable, in a bounded worker, cached under a size limit."""

    def playable(self, path: Path, sha256: str, probe: Probe) -> Playable:
        """The file itself where a browser plays it, else a cached WebM/MP4/audio version. Raises UnreadableMedia."""
        ...

    def thumbnail(self, path: Path, sha256: str, probe: Probe, width: int) -> Path | None:
        """A JPEG of the most telling moment or the cover; None for sound without a cover."""
        ...

    def close(self) -> None:
        """Stop the worker."""
        ...


class CutPart(Record):
    """A stretch of a file that goes into a new one."""

    path: Path
    start: float
    end: float
    """Seconds of media time."""
    title: str = ""
    """Of its chapter."""


class CutFile(Record):
    """A file that was cut."""

    seconds: float
    video: bool
    mime: str
    bytes: int
    starts: tuple[float | None, ...]
    """Where each part begins in it; None: nothing of it could be had."""


class Cutter(Protocol):
    """Cuts stretches of files into one new file, in a bounded worker."""

    def cut(self, parts: Sequence[CutPart], target: Path, title: str, mark: str = ...) -> CutFile:
        """Write `target`, whole or not at all, with a chapter for each part and the mark in its pictures and its comment.

        Raises UnreadableMedia, StoreError.
        """
        ...

    def close(self) -> None:
        """Stop the worker."""
        ...


class DownloadLimits(Record):
    """Bounds of one download."""

    bytes: int = 4 << 30
    """A file may be this long."""
    seconds: float = 3_600.0
    """For everything together."""
    stall: float = 30.0
    """Without a byte."""
    keep_free: int = 2 << 30
    """Bytes that stay free on the disk."""


class Downloaded(Record):
    """A file that was fetched."""

    path: Path
    bytes: int
    type: str
    """The media type the server gave it; empty where it gave none."""
    address: str
    """Where the redirects led."""
    resumed: int = 0
    """Bytes that were there from an earlier attempt."""


class Fetcher(Protocol):
    """Fetches over http(s), bounded in size and time; refuses addresses of this machine and its network.

    Every hop is checked, and the connection goes to the address that was checked.
    """

    def fetch(self, url: str, limit: int, private: bool = False, hosts: Sequence[str] = ("*",)) -> bytes:
        """The bytes at an address, at most `limit`; `private` allows the local network, `hosts` hold for every hop.

        Raises FetchError (SourceUnavailable) or Refused.
        """
        ...

    def may(self, url: str, hosts: Sequence[str]) -> bool:
        """Whether the address's host is on the list: "example.org", "*.example.org", "*"."""
        ...

    def download(
        self, url: str, target: Path, limits: DownloadLimits, private: bool = False, hosts: Sequence[str] = ("*",)
    ) -> Downloaded:
        """The file at an address, to `target`, which is either whole or not there. What was fetched of it before stands in
        `TARGET.part` and is gone on with where the server allows.

        Raises FetchError (SourceUnavailable), Refused, NoSpace or ReadOnly.
        """
        ...


class Watcher(Protocol):
    """Tells when files below folders change."""

    def changes(
        self, folders: Sequence[Path], but: Sequence[Path], settle: float, tick: float, poll: bool
    ) -> Iterator[frozenset[Path]]:
        """Those of `folders` below which something changed, once it has been quiet for `settle` seconds; an empty set
        about every `tick` seconds. Never ends by itself.

        Args:
            but: what lies below these is no change (the library's own home).
            poll: look at the files again and again instead of being told, as network folders need.

        Raises UsageError: a folder is not there or cannot be watched.
        """
        ...
