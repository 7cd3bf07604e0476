"""Makes a file playable in a browser, and finds its most telling picture. Runs in the worker process only.

Takes a path and an empty folder or target, writes one file. The rule: leave alone what Chromium plays, copy streams
into MP4 or WebM where only the container is wrong, encode the rest. It does not know the cache.
"""

from __future__ import annotations

import os
import time as clock
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vitascope.backends.media import _container as safe
from vitascope.backends.media import _picture as look
from vitascope.base.errors import UnreadableMedia
from vitascope.base.ports.media import Limits

_EIGHT_BIT = {"yuv420p", "yuvj420p"}
_AAC = {"LC", "HE-AAC", "HE-AACv2", "Main", "SSR", "LTP"}
_MP4_AUDIO, _WEBM_AUDIO = {"aac", "mp3", "opus", "flac"}, {"opus", "vorbis"}
_MP4_VIDEO, _WEBM_VIDEO = {"h264", "av1", "vp9"}, {"vp8", "vp9", "av1"}
_WAV = {"pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"}
_MEASURE = 512 << 20
RATE = 48_000


def plays(stream: Any) -> bool:
    """Whether Chromium decodes this stream, going by codec, profile and picture format."""
    if stream is None:
        return True
    codec, context = safe._codec(stream.codec_context), stream.codec_context
    if stream.type == "audio":
        if codec == "aac":
            return str(context.profile) in _AAC and (context.channels or 9) <= 8
        rate_ok = 8_000 <= (context.sample_rate or 0) <= 96_000 and (context.channels or 9) <= 8
        return rate_ok and (codec in _MP4_AUDIO | _WEBM_AUDIO or codec in _WAV)
    if codec == "h264":
        return context.pix_fmt in _EIGHT_BIT and context.width >= 16 and context.height >= 16
    return codec in {"vp8", "vp9", "av1"} and context.pix_fmt in _EIGHT_BIT | {"yuva420p", "yuv420p10le"}


def as_is(path: Path, container: Any, video: Any, audio: Any) -> str | None:
    """The MIME type under which a browser plays the file untouched; None where it would not."""
    with open(path, "rb") as file:
        head = file.read(16)
    name = container.format.name
    v = safe._codec(video.codec_context) if video is not None else None
    a = safe._codec(audio.codec_context) if audio is not None else None
    if not plays(video) or not plays(audio):
        return None
    kind = "video" if v else "audio"
    if name.startswith("mov"):
        fits = head[4:8] == b"ftyp" and head[8:12] != b"qt  "
        return f"{kind}/mp4" if fits and (v is None or v in _MP4_VIDEO) and (a is None or a in _MP4_AUDIO) else None
    if name.startswith("matroska"):
        fits = (v is None or v in _WEBM_VIDEO) and (a is None or a in _WEBM_AUDIO)
        return f"{kind}/webm" if fits and head[:4] == b"\x1aE\xdf\xa3" and _doctype(path) == b"webm" else None
    if v is not None:
        return None
    return {
        "mp3": "audio/mpeg"
        if a == "mp3" and (head[:3] == b"ID3" or (head[0] == 0xFF and head[1] & 0xE0 == 0xE0))
        else None,
        "wav": "audio/wav" if a in _WAV and head[:4] == b"RIFF" else None,
        "flac": "audio/flac" if a == "flac" and head[:4] == b"fLaC" and _honest_flac(path) else None,
        "ogg": "audio/ogg" if a in {"vorbis", "opus", "flac"} and head[:4] == b"OggS" else None,
        "aac": "audio/aac" if a == "aac" and head[0] == 0xFF and head[1] & 0xF0 == 0xF0 else None,
    }.get(name)


def _doctype(path: Path) -> bytes:
    with open(path, "rb") as file:
        head = file.read(256)
    at = head.find(b"\x42\x82")
    return head[at + 3 : at + 3 + (head[at + 2] & 0x7F)] if 0 <= at < 240 else b""


def _honest_flac(path: Path) -> bool:
    """Whether the first frame is what the stream information says (RFC 9639, 8.2 and 9.1): Chromium refuses others."""
    with open(path, "rb") as file:
        file.seek(4)
        info = b""
        for _ in range(128):  # metadata blocks; pictures may be large, so they are skipped, not read
            head = file.read(4)
            if len(head) < 4:
                return False
            size = int.from_bytes(head[1:], "big")
            if head[0] & 0x7F == 0:
                info = file.read(min(size, 34))
                file.seek(size - len(info), os.SEEK_CUR)
            else:
                file.seek(size, os.SEEK_CUR)
            if head[0] & 0x80:
                break
        frame = file.read(16)
    if len(info) < 34 or len(frame) < 16 or frame[0] != 0xFF or frame[1] & 0xFE != 0xF8:
        return False
    channels, bits = (info[12] >> 1 & 7) + 1, ((info[12] & 1) << 4 | info[13] >> 4) + 1
    layout, depth = frame[3] >> 4, (None, 8, 12, None, 16, 20, 24, 32)[frame[3] >> 1 & 7]
    code, after = frame[2] >> 4, 4  # the frame's number is coded like UTF-8; the block size may stand behind it
    after += 1 if frame[4] < 0xC0 else 8 - (frame[4] ^ 0xFF).bit_length()
    blocks = {1: 192, 6: frame[after] + 1, 7: int.from_bytes(frame[after : after + 2], "big") + 1}
    block = blocks.get(code, 576 << max(0, code - 2) if code <= 5 else 256 << (code - 8) if code >= 8 else 0)
    return (
        (layout + 1 if layout < 8 else 2) == channels
        and depth in (None, bits)
        and block <= int.from_bytes(info[2:4], "big")
    )


def sound_file(path: Path, container: Any) -> bool:
    """Whether the packets run to the end the header names, without damage; big files are trusted."""
    from av.error import FFmpegError

    if (
        os.stat(path).st_size > _MEASURE
        or not container.duration
        or (
            container.format.name not in {"flac", "wav"} and not (container.format.name.startswith(("mov", "matroska")))
        )
    ):
        return True
    end, zero = Fraction(0), Fraction(max(0, container.start_time or 0), 1_000_000)
    try:
        for packet in container.demux():
            if packet.is_corrupt:
                return False
            base = packet.time_base or packet.stream.time_base
            if packet.pts is not None and base and packet.stream.type in {"audio", "video"}:
                end = max(end, (packet.pts + (packet.duration or 0)) * base)
    except FFmpegError:
        return False
    return bool(float(end - zero) >= 0.9 * container.duration / 1e6 - 0.5)


def make_playable(path: Path, folder: Path, recipe: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Answer {"mime"} where the file plays as it is, else {"mime", "name"} of the file made in `folder`.

    Args:
        recipe: {"height", "rate"}: bounds of encoded pictures.
    """
    with safe.opened(path, limits) as container:
        video, audio = safe.pictures(container), next(iter(container.streams.audio), None)
        if safe.encrypted(path, container):
            raise UnreadableMedia("it is encrypted", place=str(path), remedy="get a copy without copy protection")
        if video is None and audio is None:
            raise UnreadableMedia("it holds nothing to play", place=str(path), remedy=safe.REMEDY)
        mime = as_is(path, container, video, audio)
        if mime and sound_file(path, container):
            return {"mime": mime}
    with safe.opened(path, limits) as container:
        return _Maker(container, path, folder, recipe, limits).run()


class _Maker:
    def __init__(self, container: Any, path: Path, folder: Path, recipe: dict[str, Any], limits: Limits) -> None:
        self.container, self.path, self.limits = container, path, limits
        self.height, self.rate = int(recipe["height"]), int(recipe["rate"])
        self.zero = safe.origin(container)
        self.video: Any = safe.pictures(container)
        self.audio: Any = next(iter(container.streams.audio), None)
        v = safe._codec(self.video.codec_context) if self.video is not None else None
        a = safe._codec(self.audio.codec_context) if self.audio is not None else None
        webm = v in _WEBM_VIDEO and v != "av1" and plays(self.video)
        self.copy_video = self.video is not None and plays(self.video) and (webm or v in _MP4_VIDEO)
        self.copy_audio = (
            self.audio is not None
            and plays(self.audio)
            and self.video is not None
            and a in (_WEBM_AUDIO if webm else {"aac", "mp3"})
        )
        if self.video is None:
            self.name, self.mime, self.format = "audio.m4a", "audio/mp4", "mp4"
        elif webm:
            self.name, self.mime, self.format = "video.webm", "video/webm", "webm"
        else:
            self.name, self.mime, self.format = "video.mp4", "video/mp4", "mp4"
        self.target = folder / self.name
        self.deadline = clock.monotonic() + 0.9 * limits.seconds
        self.written = 0

    def run(self) -> dict[str, Any]:
        import av

        options = {"movflags": "+faststart"} if self.format == "mp4" else {}
        with av.open("file:" + str(self.target), "w", format=self.format, options=options) as out:
            self._open_streams(out)
            streams = [s for s in (self.video, self.audio) if s is not None]
            self._demux(streams, out)
            for sink in self.encoders.values():
                for packet in sink.end():
                    self._mux(out, packet)
        if not self.written:
            raise UnreadableMedia(
                "nothing of it could be decoded for playing", place=str(self.path), remedy=safe.REMEDY
            )
        return {"mime": self.mime, "name": self.name}

    def _open_streams(self, out: Any) -> None:
        self.copies: dict[int, Any] = {}
        self.encoders: dict[int, Any] = {}
        for stream, copy in ((self.video, self.copy_video), (self.audio, self.copy_audio)):
            if stream is None:
                continue
            if copy:
                self.copies[stream.index] = out.add_stream_from_template(stream)
            elif stream.type == "video":
                safe.check_pixels(stream, self.limits, self.path)
                from av.codec.context import ThreadType

                stream.codec_context.thread_type = ThreadType.AUTO
                stream.codec_context.thread_count = 2
                self.encoders[stream.index] = _Pictures(out, stream, self.zero, self.height, self.rate)
            else:
                self.encoders[stream.index] = _Sound(
                    out, stream, self.zero, "libopus" if self.format == "webm" else "aac"
                )

    def _demux(self, streams: list[Any], out: Any) -> None:
        from av.error import FFmpegError

        failures = 0
        started: set[int] = set()
        waiting: dict[int, list[Any]] = {}
        try:
            for count, packet in enumerate(self.container.demux(*streams)):
                index = packet.stream.index
                base = packet.time_base or packet.stream.time_base
                if packet.pts is not None and base and packet.pts * base > self.limits.media_seconds:
                    break
                if index in self.copies:
                    if packet.size == 0 or (
                        packet.stream.type == "video" and index not in started and not packet.is_keyframe
                    ):
                        continue
                    started.add(index)
                    for ready in self._timed(packet, waiting.setdefault(index, []), base):
                        ready.stream = self.copies[index]
                        try:
                            self._mux(out, ready)
                        except (FFmpegError, ValueError):
                            failures += 1  # a damaged packet is left out
                else:
                    try:
                        frames = packet.decode()
                    except FFmpegError as error:
                        if isinstance(error, MemoryError):
                            raise
                        failures += 1
                        continue
                    for frame in frames:
                        for made in self.encoders[index].feed(frame, base):
                            self._mux(out, made)
                if failures > 5_000 or (count % 32 == 0 and clock.monotonic() > self.deadline):
                    break
        except FFmpegError as error:
            if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in (27, 28)):
                raise  # the output bound or a full disk

    def _timed(self, packet: Any, waiting: list[Any], base: Fraction | None) -> list[Any]:
        """Packets that have a decoding time. Matroska names none for the first ones of streams that reorder pictures:
        they wait for the first that has one, and count back from it."""
        if self.zero and base:
            shift = int(self.zero / base)
            packet.pts = None if packet.pts is None else packet.pts - shift
            packet.dts = None if packet.dts is None else packet.dts - shift
        if packet.dts is None:
            if len(waiting) < 64:
                waiting.append(packet)
            return []
        step = packet.duration or 1
        for back, earlier in enumerate(reversed(waiting), 1):
            earlier.dts = packet.dts - back * step
        ready = [*waiting, packet]
        waiting.clear()
        return ready

    def _mux(self, out: Any, packet: Any) -> None:
        out.mux(packet)
        self.written += 1


class _Pictures:
    """Encodes pictures upright as H.264 (VP8 where the build has no x264)."""

    def __init__(self, out: Any, stream: Any, zero: Fraction, height: int, rate: int) -> None:
        import av

        source = stream.average_rate or stream.guessed_rate or Fraction(25)
        self._fps = min(max(Fraction(source).limit_denominator(1_001), Fraction(1)), Fraction(rate))
        name = "libx264" if "libx264" in av.codecs_available else "libvpx"
        self._out = out.add_stream(name, rate=self._fps)
        self._out.pix_fmt = "yuv420p"
        fast, small = {"preset": "veryfast", "crf": "24"}, {"deadline": "realtime", "crf": "30", "b:v": "1M"}
        self._out.options = fast if name == "libx264" else small
        self._zero, self._height = zero, height
        self._scale = look.Scaler(stream.sample_aspect_ratio)
        self._last, self._size = -1, (0, 0)
        self._rotation: int | None = None

    def feed(self, frame: Any, base: Fraction | None) -> list[Any]:
        """Packets of one more frame."""
        import av

        base = frame.time_base or base
        number = self._last + 1
        if frame.pts is not None and base:
            number = round((frame.pts * base - self._zero) * self._fps)
        if number <= self._last or number < 0:
            return []
        if self._rotation is None:
            self._rotation = safe.rotation_of(frame)
            width, height = self._scale.shown(frame)
            if self._rotation in (90, 270):
                width, height = height, width
            scale = min(1.0, self._height / height, 1_280 / width)
            self._size = max(16, round(width * scale) // 2 * 2), max(16, round(height * scale) // 2 * 2)
            self._out.width, self._out.height = self._size
        image = self._scale.bgr(frame, max(self._size), self._rotation)
        if image.shape[:2] != (self._size[1], self._size[0]):
            import cv2

            image = np.asarray(cv2.resize(image, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        made = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="yuv420p")
        made.pts, made.time_base = number, 1 / self._fps
        self._last = number
        return list(self._out.encode(made))

    def end(self) -> list[Any]:
        """What the encoder still holds."""
        return list(self._out.encode(None)) if self._last >= 0 else []


class _Sound:
    """Encodes sound at 48 kHz, stereo at most."""

    def __init__(self, out: Any, stream: Any, zero: Fraction, codec: str) -> None:
        self._layout = "mono" if (stream.codec_context.channels or 2) == 1 else "stereo"
        self._out = out.add_stream(codec, rate=RATE, layout=self._layout)
        self._out.bit_rate = 96_000 if self._layout == "mono" else 160_000
        self._format = "fltp" if codec == "aac" else "s16"
        self._size = 1_024 if codec == "aac" else 960
        self._zero, self._at = zero, -1
        self._form: tuple[Any, ...] | None = None
        self._resampler: Any = None

    def feed(self, frame: Any, base: Fraction | None) -> list[Any]:
        """Packets of one more frame."""
        from av.audio.resampler import AudioResampler

        packets: list[Any] = []
        form: Any = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            packets += self._flush()
            self._resampler = AudioResampler(format=self._format, layout=self._layout, rate=RATE, frame_size=self._size)
            self._form = form
        if frame.pts is not None and base:
            at = int((frame.pts * base - self._zero) * RATE)
            if self._at < 0:
                self._at = at if 0 < at < 60 * RATE else 0
            elif RATE // 5 < at - self._at < 60 * RATE:
                self._at = at  # a hole in the sound stays one
        self._at = max(0, self._at)
        frame.pts = None
        return packets + self._encode(self._resampler.resample(frame))

    def _encode(self, frames: list[Any]) -> list[Any]:
        packets: list[Any] = []
        for made in frames:
            made.pts, made.time_base = self._at, Fraction(1, RATE)
            self._at += made.samples
            packets += self._out.encode(made)
        return packets

    def _flush(self) -> list[Any]:
        return self._encode(self._resampler.resample(None)) if self._resampler is not None else []

    def end(self) -> list[Any]:
        """What the encoder still holds."""
        if self._resampler is None:
            return []
        return self._flush() + list(self._out.encode(None))


def telling_picture(path: Path, target: Path, width: int, limits: Limits) -> dict[str, Any]:
    """Write a JPEG `width` pixels wide at most: the cover of sound, the most telling of a few moments of pictures.

    Answers {"made": whether there was one}.
    """
    from av.error import FFmpegError

    with safe.opened(path, limits) as container:
        video = safe.pictures(container)
        cover = video is None
        stream: Any = video if video is not None else next(iter(container.streams.video), None)
        if stream is None or stream.codec_context is None:
            return {"made": False}
        safe.check_pixels(stream, limits, path)
        scale = look.Scaler(None if cover else stream.sample_aspect_ratio)
        best: tuple[float, Any] | None = None
        length = container.duration or 0
        for share in (0.0,) if cover or length <= 0 else (0.1, 0.3, 0.5, 0.75, 0.0):
            if best is not None and share == 0.0:
                break
            try:
                if share:
                    container.seek(int(length * share) + max(0, container.start_time or 0))
                frame = next(iter(container.decode(stream)), None)
            except (FFmpegError, StopIteration):
                continue
            if frame is None:
                continue
            image = scale.bgr(frame, 1_280, 0 if cover else safe.rotation_of(frame))
            score = look.telling(image)
            if best is None or score > best[0]:
                best = (score, image)
    if best is None:
        return {"made": False}
    import cv2

    image = best[1]
    if image.shape[1] > width:
        size = (width, max(1, round(image.shape[0] * width / image.shape[1])))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    target.write_bytes(look.jpeg(np.asarray(image, np.uint8)))
    return {"made": True}
