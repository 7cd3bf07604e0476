"""Media files as records: what a file holds (probe), what one decode of it gave (decoded), and problems with it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from vitascope.base.records import AssetKey, ItemKey, Record
from vitascope.base.time import MediaTime, Span


class StreamKind(StrEnum):
    """Kind of an elementary stream."""

    VIDEO = "video"
    AUDIO = "audio"
    SUBTITLE = "subtitle"
    ATTACHMENT = "attachment"
    DATA = "data"


class Stream(Record):
    """One stream of a container. Picture sizes are in pixels as stored, before rotation."""

    index: int
    kind: StreamKind
    codec: str
    language: str | None = None
    width: int | None = None
    height: int | None = None
    rotation: int = 0
    """Degrees clockwise to show the picture upright: 0, 90, 180 or 270."""
    frame_rate: MediaTime | None = None
    sample_rate: int | None = None
    channels: int | None = None
    is_cover: bool = False
    """An attached picture (cover art), not moving pictures."""


class Chapter(Record):
    """A named stretch the container itself declares."""

    span: Span
    title: str


class Probe(Record):
    """What a file says and shows it is. Duration is measured from packets where the header lies or is silent."""

    container: str
    duration: MediaTime | None
    streams: tuple[Stream, ...]
    tags: tuple[tuple[str, str], ...] = ()
    """Embedded tags, lower-case names, text cut to 2,000 characters each. Hostile text."""
    chapters: tuple[Chapter, ...] = ()
    encrypted: bool = False
    content: str = ""
    """SHA-256 over the packets of the streams that are looked at, whatever container and tags are around them; "" where they were
    not all read."""

    @property
    def has_video(self) -> bool:
        """Moving pictures, cover art left out."""
        return any(s.kind is StreamKind.VIDEO and not s.is_cover for s in self.streams)

    @property
    def has_audio(self) -> bool:
        """At least one audio stream."""
        return any(s.kind is StreamKind.AUDIO for s in self.streams)

    def tag(self, name: str) -> str | None:
        """An embedded tag by its lower-case name."""
        return dict(self.tags).get(name)


class Cue(Record):
    """A timed text: a subtitle line, a lyric line."""

    span: Span
    text: str


class Subtitles(Record):
    """Timed text that came with the media (sidecar file or embedded stream)."""

    language: str | None
    cues: tuple[Cue, ...]
    source: str
    """File name or "stream:INDEX"."""


class FrameRef(Record):
    """A decoded picture on disk (JPEG, upright, alpha laid on grey)."""

    time: MediaTime
    path: Path
    width: int
    height: int
    shot: int
    """Index into `Decoded.shots`."""


class ReadingRef(FrameRef):
    """A decoded picture worth reading: strokes like those of letters came to stand still in it."""

    since: MediaTime
    until: MediaTime
    """First and last time at which most of them were seen."""


class Loudness(Record):
    """EBU R128 integrated loudness in LUFS and sample peak in dBFS; None for silence or clips under 0.4 s."""

    integrated: float | None
    peak: float | None


class Decoded(Record):
    """What one decode of one file gave, kept in a folder of the home's cache that can always be made again."""

    sha256: str
    probe: Probe
    duration: MediaTime
    audio: Path | None = None
    """Raw little-endian int16 mono PCM at `audio_rate`; memory-map it. Starts at media time 0 (padded)."""
    audio_rate: int = 16_000
    frames: tuple[FrameRef, ...] = ()
    """In time order: at least one of each shot, more of long shots, bounded in number."""
    readings: tuple[ReadingRef, ...] = ()
    """In time order: the pictures in which text may have come up, at most `Limits.readings` of them."""
    shots: tuple[Span, ...] = ()
    loudness: Loudness | None = None
    cover: Path | None = None
    picture_hashes: tuple[tuple[MediaTime, int], ...] = ()
    """(time, 64-bit perceptual hash) at about 2 a second, bounded in number; for near-duplicates."""
    picture_print: Path | None = None
    """Raw little-endian uint64 hashes, three a row (picture inside its bars, its middle 85 % and 70 %), a row every quarter
    of a second; 0 says nothing. For near-duplicates."""
    audio_print: Path | None = None
    """Raw sub-fingerprints of the sound, 12 bytes (96 bits, little-endian) each, in time order; for near-duplicates."""
    audio_print_step: float = 0.0
    """Seconds between two sub-fingerprints."""
    subtitles: tuple[Subtitles, ...] = ()
    """Embedded text subtitle streams."""
    brightest: float | None = None
    """Mean light (0 to 255) of the brightest picture; None without pictures."""
    moved: float | None = None
    """Largest change (0 to 255) of any of 12 x 9 fields of the picture against the first one, at about 2 looks a second;
    a still picture stays near 0."""
    audible: float | None = None
    """Seconds of the sound that are not silence (above -65 dBFS, in pieces of 50 ms); None without sound."""
    decode_failures: int = 0
    """Packets or frames that could not be decoded; the rest was used."""
    cut_short: str | None = None
    """Why the decode ended before the file did (a bound was reached), or None."""
    notes: tuple[str, ...] = ()
    """What a reader should know of it: silent, black, key frames only, which of several sound tracks was heard."""


class Asset(Record):
    """A media file or stream behind an item."""

    key: AssetKey
    item: ItemKey
    uri: str
    """Absolute path or URL, unencoded."""
    sha256: str
    bytes: int
    modified: float
    """The file's modification time, seconds since 1970, to skip hashing what did not change."""
    probe: Probe | None
    duration: MediaTime | None
    loudness: Loudness | None = None
    available: bool = True

    @property
    def path(self) -> Path:
        """The local file."""
        return Path(self.uri)


class Problem(Record):
    """An input that was set aside, with what to do about it."""

    kind: str
    """The error's `code`; of unreadable media with the reason's code behind a slash: "unreadable-media/encrypted"."""
    place: str
    """File, "file:line", or id."""
    reason: str
    remedy: str
    item_id: str | None = None
    payload: str | None = None
    """The row as it came, where it was a row (stored as personal data)."""
    first_seen: float = 0.0
    last_seen: float = 0.0
    times: int = 1
