"""Opens a media file safely and says what it holds. Runs in the worker process only.

Takes a local path, gives an open PyAV container or a Probe. It does not know caches, items or the parent process.
Files are hostile: only demuxers of self-contained formats may open them, so that a playlist under another name cannot
make the decoder read a second file or the network.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.backends.media import _diagnosis as diagnosis
from vitascope.base.errors import UnreadableMedia
from vitascope.base.media import Chapter, Probe, Stream, StreamKind
from vitascope.base.ports.media import Limits
from vitascope.base.time import Span

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

FORMATS = """
    3dostr aa aac aax ac3 ac4 adx aiff amr amrnb amrwb ape apm asf asf_o au avi avr avs avs2 avs3 bink caf
    cavsvideo cdxl codec2 daud dff dfpwm dirac dnxhd dsf dts dtshd dv eac3 film_cpk flac flic flv g722 g723_1
    g726 gif gsm gxf h261 h263 h264 hca hevc iamf iff ilbc ivf ivr kux lmlm4 loas m4v matroska,webm mjpeg
    mjpeg_2000 mlp mov,mp4,m4a,3gp,3g2,mj2 mp3 mpc mpc8 mpeg mpegts mpegvideo mpsub msf mtaf mv mxf nsv nut
    nuv obu ogg oma osq pmp pva qcp r3d rm roq rso sbc sds shn smjpeg sol sox spdif swf tak tta ty vc1
    vc1test vivo voc vqf w64 wav wc3movie wsaud wsd wsvqa wtv wv xwma y4m yuv4mpegpipe
""".split()
"""Demuxers that read one file and nothing else. Left out on purpose: hls, dash, concat, sdp, rtsp, image2, ffmetadata,
tedcaptions, lavfi and every device."""

REMEDY = (
    "play it in a media player to check it; if it plays, convert it to MP4, WebM or FLAC, else get an undamaged copy"
)
_MEASURE_BYTES = 64 << 20
"""Up to this size every packet is looked at when a file is probed, so the duration is measured."""
_TEXT = 2_000
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"#EXTM3U", "a playlist (it points at other files), not media"),
    (b"%PDF", "a PDF document, not media"),
    (b"\x7fELF", "a program, not media"),
    (b"MZ", "a program, not media"),
    (b"MThd", "MIDI (notes, no recorded sound)"),
    (b"PK\x03\x04", "a zip archive, not media"),
    (b"<!doctype html", "a web page, not media"),
    (b"<html", "a web page, not media"),
    (b"<?xml", "an XML document, not media"),
    (b"\x89PNG", "a still picture"),
    (b"\xff\xd8\xff", "a still picture"),
)


def looks_like(path: Path) -> str | None:
    """What the first bytes say a file is, where that is no media; None where they do not say."""
    with open(path, "rb") as file:
        head = file.read(64).lstrip().lower()
    return next((name for magic, name in _MAGIC if head.startswith(magic.lower())), None)


@contextlib.contextmanager
def opened(path: Path, limits: Limits) -> Iterator[InputContainer]:
    """Open for reading under the format and protocol bounds. Raises UnreadableMedia with reason and remedy."""
    import av
    from av.error import FFmpegError

    try:
        size = os.stat(path).st_size
    except OSError as error:
        raise UnreadableMedia(
            f"the file cannot be opened ({error.strerror})",
            place=str(path),
            remedy="check that it exists and may be read",
            reason="no-access",
        ) from error
    if not path.is_file():
        raise UnreadableMedia(
            "this is not a file",
            place=str(path),
            remedy="name a file or a folder of files",
            reason="no-access",
        )
    if size == 0:
        raise UnreadableMedia(
            "the file is empty (0 bytes)", place=str(path), remedy="get a complete copy", reason="zero-bytes"
        )
    try:
        container = av.open(
            "file:" + os.path.abspath(path),
            options={
                "protocol_whitelist": "file",
                "format_whitelist": ",".join(FORMATS),
                "max_pixels": str(limits.pixels),
                "enable_drefs": "0",
            },
            metadata_errors="replace",
        )
    except (FFmpegError, ValueError, OSError, UnicodeError) as error:
        raise _refused(path, error) from error
    try:
        yield container
    finally:
        container.close()


def _refused(path: Path, error: Exception) -> UnreadableMedia:
    what = looks_like(path)
    if what:
        return UnreadableMedia(
            f"it is {what}",
            place=str(path),
            remedy="remove it from the folder, or give it its true name",
            reason=other(what),
        )
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == 12:
        return UnreadableMedia(
            "its header asks for more memory than a file may take",
            place=str(path),
            remedy=REMEDY,
            reason="lying-header",
        )
    return UnreadableMedia(
        f"no decoder knows it or its header is damaged ({brief(error)})",
        place=str(path),
        remedy=REMEDY,
        reason=diagnosis.refused(path),
    )


def other(what: str) -> str:
    """The code of something that is no media."""
    return "playlist" if "playlist" in what else "not-media"


def brief(error: BaseException) -> str:
    """An FFmpeg error in its own words, without the path."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)[:200]


def is_cover(stream: Any) -> bool:
    """An attached picture; FFmpeg also shows pictures of tags as video streams."""
    import av.stream

    return bool(stream.disposition & av.stream.Disposition.attached_pic) or bool(
        stream.disposition & av.stream.Disposition.timed_thumbnails
    )


def origin(container: InputContainer) -> Fraction:
    """What media time 0 is in the container's clock, in seconds.

    Broadcast streams start their clock anywhere, so they count from their first packet. In files that have an edit
    list or an index, 0 is 0: a stream that starts late starts late.
    """
    start = Fraction(container.start_time or 0, 1_000_000)
    if start > 0 and container.format.name.split(",")[0] in {
        "mpegts",
        "mpeg",
        "wtv",
        "asf",
        "rm",
        "flv",
        "nut",
        "ogg",
        "mp3",
    }:
        return start
    return start if start > 3600 else Fraction(0)


def language_of(stream: Any) -> str | None:
    """The language a stream declares, "und" and the like left out."""
    value = stream.metadata.get("language") or stream.metadata.get("LANGUAGE") or stream.language
    if not value:
        return None
    value = str(value).strip().lower()[:16]
    return None if value in {"und", "unk", "mul", "zxx", "mis", "qaa", ""} else value


def encrypted(path: Path, container: InputContainer) -> bool:
    """Whether the file says its samples are encrypted: ISO Common Encryption, iTunes/Audible, Matroska, ASF DRM."""
    name = container.format.name
    if name.startswith("mov"):
        with open(path, "rb") as file:
            head = file.read(1 << 20)
            file.seek(max(0, os.stat(path).st_size - (1 << 20)))
            both = head + file.read(1 << 20)
        return any(mark in both for mark in (b"encv", b"enca", b"drms", b"drmi", b"schmcenc", b"aavd"))
    if name.startswith("matroska"):
        with open(path, "rb") as file:
            return b"\x50\x35" in file.read(1 << 16) and any("encryption" in k.lower() for k in container.metadata)
    return name in {"aa", "aax"} and bool(container.metadata.get("DRM"))


def tags_of(container: InputContainer) -> tuple[tuple[str, str], ...]:
    """Embedded tags of the container, then of its first audio or video stream (Ogg keeps them there)."""
    found: dict[str, str] = {}
    sources = [
        container.metadata,
        *(s.metadata for s in container.streams if s.type in {"audio", "video"} and not is_cover(s)),
    ]
    for source in sources:
        for name, value in source.items():
            key = str(name).strip().lower()[:80]
            text = str(value).replace("\x00", " ").strip()[:_TEXT]
            if key and text and key not in found and len(found) < 200:
                found[key] = text
    for machine in (
        "major_brand",
        "minor_version",
        "compatible_brands",
        "handler_name",
        "vendor_id",
        "duration",
    ):
        found.pop(machine, None)
    return tuple(sorted(found.items()))


def chapters_of(container: InputContainer) -> tuple[Chapter, ...]:
    """Declared chapters in order; those that end before they start are dropped."""
    found = []
    for chapter in container.chapters()[:1_000]:
        base = chapter["time_base"] or Fraction(1, 1000)
        start, end = Fraction(chapter["start"]) * base, Fraction(chapter["end"]) * base
        if 0 <= start <= end < 10**7:
            title = str(chapter["metadata"].get("title", ""))[:200]
            found.append(Chapter(span=Span(start=start, end=end), title=title))
    return tuple(sorted(found, key=lambda c: c.span.start))


_KINDS = {
    "video": StreamKind.VIDEO,
    "audio": StreamKind.AUDIO,
    "subtitle": StreamKind.SUBTITLE,
    "attachment": StreamKind.ATTACHMENT,
}


def streams_of(container: InputContainer, rotations: dict[int, int]) -> tuple[Stream, ...]:
    """The streams as records. Rotations come from a decoded picture, by stream index."""
    records = []
    for stream in list(container.streams)[:64]:
        kind = _KINDS.get(stream.type, StreamKind.DATA)
        context: Any = stream.codec_context
        video, audio = (
            kind is StreamKind.VIDEO and context is not None,
            kind is StreamKind.AUDIO and context is not None,
        )
        rate = getattr(stream, "average_rate", None) if video else None
        records.append(
            Stream(
                index=stream.index,
                kind=kind,
                codec=_codec(context),
                language=language_of(stream),
                width=context.width or None if video else None,
                height=context.height or None if video else None,
                rotation=rotations.get(stream.index, 0),
                frame_rate=rate or None,
                sample_rate=context.sample_rate or None if audio else None,
                channels=getattr(context, "channels", None) or None if audio else None,
                is_cover=video and is_cover(stream),
            )
        )
    return tuple(records)


def _codec(context: Any) -> str:
    """The codec's canonical name: decoders such as "mp3float" and "libdav1d" answer to "mp3" and "av1"."""
    if context is None:
        return "unknown"
    name = getattr(context.codec, "canonical_name", None) or context.name
    return str(name)


def rotation_of(frame: Any) -> int:
    """Degrees clockwise that show a decoded picture upright (FFmpeg counts counterclockwise)."""
    return round(-float(frame.rotation) / 90) * 90 % 360


def pictures(container: InputContainer) -> VideoStream | None:
    """The video stream to look at: not a cover, the default one first, then the largest."""
    found = [s for s in container.streams.video if not is_cover(s) and s.codec_context is not None]
    return max(
        found,
        key=lambda s: (
            bool(int(s.disposition) & 1),
            (s.width or 0) * (s.height or 0),
            -s.index,
        ),
        default=None,
    )


def check_pixels(stream: Any, limits: Limits, path: Path) -> None:
    """Refuse picture sizes beyond the bound before anything is decoded."""
    width, height = stream.codec_context.width or 0, stream.codec_context.height or 0
    if width * height > limits.pixels:
        raise UnreadableMedia(
            f"its pictures are {width} x {height} pixels, over the bound of {limits.pixels:,}",
            place=str(path),
            remedy="scale it down, or raise the pixel bound in the settings",
            reason="too-large",
        )


def probe(path: Path, limits: Limits) -> Probe:
    """Open a file and look at its head, and at all packets where it is small or its header gives no duration."""
    from av.error import FFmpegError

    with opened(path, limits) as container:
        locked = encrypted(path, container)
        if not any(s.type in {"audio", "video"} and s.codec_context is not None for s in container.streams):
            what = looks_like(path)
            raise UnreadableMedia(
                f"it is {what}" if what else "it holds no sound and no pictures that a decoder knows",
                place=str(path),
                remedy="encrypted media cannot be read: get an open copy" if locked else REMEDY,
                reason="encrypted" if locked else other(what) if what else diagnosis.undecoded(path, 0, 0, 0),
            )
        rotations: dict[int, int] = {}
        video = pictures(container)
        if video is not None:
            check_pixels(video, limits, path)
        zero = origin(container)
        header = Fraction(container.duration, 1_000_000) if container.duration and container.duration > 0 else None
        measure = os.stat(path).st_size <= _MEASURE_BYTES or header is None
        end = Fraction(0)
        try:
            for count, packet in enumerate(container.demux()):
                stream: Any = packet.stream
                if stream.type not in {"audio", "video"} or packet.size == 0:
                    continue
                if video is not None and stream.index == video.index and video.index not in rotations and count < 300:
                    with contextlib.suppress(FFmpegError):
                        for frame in packet.decode():
                            rotations[video.index] = rotation_of(frame)
                            break
                if not is_cover(stream):
                    stamp = packet.pts if packet.pts is not None else packet.dts
                    base = packet.time_base or stream.time_base
                    if stamp is not None and base:
                        end = max(end, (stamp + (packet.duration or 0)) * base - zero)
                if not measure and (video is None or video.index in rotations or count > 300):
                    break
        except (FFmpegError, ValueError):
            pass  # what was read so far says enough; decoding will say where it breaks
        duration = header if not measure or end <= 0 else end
        return Probe(
            container=container.format.name,
            duration=duration,
            streams=streams_of(container, rotations),
            tags=tags_of(container),
            chapters=chapters_of(container),
            encrypted=locked,
        )
