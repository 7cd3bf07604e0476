"""The one decode of a file: everything later steps need, in one pass and bounded memory. Runs in the worker only.

Takes a path and an empty folder, fills the folder (audio.pcm, audio.print, picture.print, cover.jpg, frames/*.jpg) and
gives a `Decoded` whose paths are relative to the folder. It does not know the cache that the folder becomes part of.
"""

from __future__ import annotations

import re
import time as clock
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vitascope.backends.media import _container as safe
from vitascope.backends.media import _diagnosis as diagnosis
from vitascope.backends.media import _picture as look
from vitascope.backends.media import _shots as cutting
from vitascope.backends.media import _sound as sound
from vitascope.backends.media import _strokes as strokes
from vitascope.backends.media._content import Content
from vitascope.base.errors import UnreadableMedia
from vitascope.base.media import Cue, Decoded, FrameRef, Probe, ReadingRef, Subtitles
from vitascope.base.ports.media import Limits
from vitascope.base.time import Span

FULL_VIDEO = 1_200.0
"""Seconds of video that are decoded frame by frame; of longer files the key frames alone are looked at."""
_START = Fraction(0)
_FASTEST = Fraction(1, 70)
_GAP = 0.1
_LONGEST_GAP = 600
_CUES = 20_000
_ASS = re.compile(r"\{[^}]*\}")


class _Audio:
    """Decoded sound of one stream: PCM, loudness, position."""

    def __init__(self, folder: Path, limits: Limits, zero: Fraction) -> None:
        self.writer = sound.PcmWriter(
            folder / "audio.pcm",
            min(limits.output, int(limits.media_seconds) * sound.RATE * 2),
        )
        self.meter: sound.LoudnessMeter | None = None
        self.meter_broken = False
        self._zero = float(zero)
        self._resampler: Any = None
        self._form: tuple[Any, ...] | None = None
        self._waiting: list[Any] = []
        self._measured: list[Any] = []
        self._waiting_samples = 0
        self.frames = 0

    def feed(self, frame: Any, base: Fraction | None) -> bool:
        """Add a frame; False once the bound is reached."""
        from av.audio.resampler import AudioResampler

        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            self.flush()
            self._resampler, self._form = AudioResampler(format="s16", layout="mono", rate=sound.RATE), form
            self._measure(frame)
        if frame.pts is not None and base:
            self._align(float(frame.pts * base.numerator) / base.denominator - self._zero)
        frame.pts = None  # the resampler would fill holes by its own rules
        for part in self._resampler.resample(frame) if self._resampler else []:
            block = part.to_ndarray().reshape(-1)
            block = block[self._drop(len(block)) :]
            self._waiting.append(block)
            self._waiting_samples += len(block)
        if self.meter and (self.meter.rate, self.meter.channels) == (frame.sample_rate, frame.layout.nb_channels):
            self._measured.append(sound.as_float(frame))
        self.frames += 1
        return self._write() if self._waiting_samples >= sound.RATE or len(self._waiting) >= 256 else True

    _before = 0  # samples that lie before media time 0 and are left out

    def _drop(self, have: int) -> int:
        cut = min(self._before, have)
        self._before -= cut
        return cut

    def _write(self) -> bool:
        """Hand a second or so on at once: many codecs give frames of a few milliseconds."""
        more = True
        if self._waiting:
            more = self.writer.write(np.concatenate(self._waiting))
        if self._measured and self.meter:
            self.meter.feed(np.concatenate(self._measured, axis=1))
        self._waiting, self._measured, self._waiting_samples = [], [], 0
        return more

    def _align(self, at: float) -> None:
        """Put the next samples where their time says: pad holes with silence, leave out what lies before 0."""
        if self.frames == 0 and at < 0:
            self._before = int(-at * sound.RATE)
        missing = at - (self.writer.samples + self._waiting_samples) / sound.RATE
        if _GAP < missing < _LONGEST_GAP or (self.frames == 0 and 0 < missing < _LONGEST_GAP):
            self._write()
            self.writer.silence(int(missing * sound.RATE))

    def _measure(self, frame: Any) -> None:
        if self.meter is None and not self.meter_broken:
            try:
                self.meter = sound.LoudnessMeter(frame.sample_rate, frame.layout.nb_channels)
            except (
                ValueError,
                ZeroDivisionError,
                FloatingPointError,
            ):  # rates below what K-weighting is defined for
                self.meter_broken = True

    def flush(self) -> bool:
        """Write what the resampler still holds."""
        if self._resampler is not None:
            for part in self._resampler.resample(None):
                self._waiting.append(part.to_ndarray().reshape(-1))
            self._resampler = None
        return self._write()


class _Video:
    """What is seen while the pictures of one stream go by."""

    def __init__(self, stream: Any, limits: Limits, zero: Fraction, sparse: bool, path: Path) -> None:
        rate = float(stream.average_rate or stream.guessed_rate or 25)
        self.shots = cutting.ShotFinder(min(rate, 70.0), sparse)
        self.gallery = look.Gallery(3 * limits.frames)
        self.hashes = look.HashLine()
        self.patches = look.PatchLine()
        self.strokes = strokes.StrokeWatch(limits.readings)
        self._scale = look.Scaler(stream.sample_aspect_ratio)
        self._limits, self._zero, self._path = limits, zero, path
        self._most = Fraction(limits.media_seconds)
        self._step = Fraction(1) / Fraction(rate).limit_denominator(100_000) if rate > 0 else Fraction(1, 25)
        self.rotation: int | None = None
        self.last: Fraction | None = None
        self.seen: Fraction | None = None
        self.brightest = 0.0
        self.moved = 0.0
        self._first: Any = None
        self.frames = 0

    def feed(self, frame: Any, base: Fraction | None) -> bool:
        """Add a frame; False once the bound of media time is reached."""
        if frame.width * frame.height > self._limits.pixels:
            raise UnreadableMedia(
                f"a picture of {frame.width} x {frame.height} pixels, over the bound of {self._limits.pixels:,}",
                place=str(self._path),
                remedy="scale it down, or raise the pixel bound in the settings",
                reason="too-large",
            )
        base = frame.time_base or base
        at = frame.pts * base - self._zero if frame.pts is not None and base else None
        if at is None:
            at = Fraction(0) if self.last is None else self.last + self._step
        if at > self._most:
            return False
        at = max(at, _START if self.last is None else self.last)
        self.frames += 1
        self.last = at
        if self.seen is not None and at - self.seen < _FASTEST:
            return True
        self.seen = at
        if self.rotation is None:
            self.rotation = safe.rotation_of(frame)
        small = self._scale.bgr(frame, look.SMALL_WIDTH, self.rotation, fast=True)
        change = self.shots.feed(at, small)
        if self.hashes.wants(at):
            self.hashes.add(at, small)
            self.brightest = max(self.brightest, float(small.mean()))
            fields = look.fields(small)
            self._first = fields if self._first is None else self._first
            self.moved = max(self.moved, float(np.abs(fields - self._first).max()))
        if self.patches.wants(at):
            self.patches.add(at, small)
        if self.gallery.wants(at, change):
            self.gallery.add(at, self._scale.bgr(frame, look.FRAME_EDGE, self.rotation), change)
        if self._limits.readings and self.strokes.wants(at):
            edge = strokes.STROKE_EDGE
            if self.strokes.feed(at, self._scale.bgr(frame, edge, self.rotation, fast=True)):
                self.strokes.keep(self._scale.bgr(frame, strokes.READ_EDGE, self.rotation))
        return True

    def end(self) -> Fraction:
        """When the last picture stops being shown."""
        return Fraction(0) if self.last is None else self.last + self._step


def decode(path: Path, sha256: str, folder: Path, limits: Limits) -> Decoded:
    """Decode a file once. Raises UnreadableMedia where nothing of it can be decoded."""
    deadline = clock.monotonic() + 0.8 * limits.seconds
    with safe.opened(path, limits) as container:
        return _Pass(container, path, folder, limits, deadline).run(sha256)


class _Pass:
    def __init__(self, container: Any, path: Path, folder: Path, limits: Limits, deadline: float) -> None:
        self.container, self.path, self.folder, self.limits, self.deadline = (
            container,
            path,
            folder,
            limits,
            deadline,
        )
        self.zero = safe.origin(container)
        self._most = Fraction(limits.media_seconds)
        self.payload = 0
        self.failures = 0
        self.failure = ""
        self.cut_short: str | None = None
        self.notes: list[str] = []
        self.cover: Path | None = None
        self.cues: dict[int, list[Cue]] = {}
        self.packet_end = Fraction(0)
        self.video_stream: Any = safe.pictures(container)
        self.audio_stream: Any = max(
            (s for s in container.streams.audio if s.codec_context is not None),
            key=lambda s: (bool(int(s.disposition) & 1), -s.index),
            default=None,
        )
        covers = [s for s in container.streams.video if safe.is_cover(s) and s.codec_context is not None]
        self.cover_stream: Any = covers[0] if covers else None
        self.subtitle_streams = [s for s in container.streams.subtitles if s.codec_context is not None][:16]
        self.video: _Video | None = None
        self.audio: _Audio | None = None
        self.alpha: Any = None
        self.finished: set[int] = set()
        self.content = Content()

    def run(self, sha256: str) -> Decoded:
        """The pass itself."""
        streams = [
            s
            for s in (
                self.video_stream,
                self.audio_stream,
                self.cover_stream,
                *self.subtitle_streams,
            )
            if s is not None
        ]
        locked = safe.encrypted(self.path, self.container)
        if self.video_stream is None and self.audio_stream is None:
            self._nothing(locked)
        self._prepare()
        try:
            self._demux(streams)
        finally:
            if self.audio:
                self.audio.writer.close()
        return self._result(sha256, locked, streams)

    def _prepare(self) -> None:
        from av.codec.context import CodecContext, ThreadType

        header = (self.container.duration or 0) / 1e6
        if self.video_stream is not None:
            safe.check_pixels(self.video_stream, self.limits, self.path)
            sparse = header > FULL_VIDEO
            context = self.video_stream.codec_context
            context.thread_type = ThreadType.AUTO
            context.thread_count = 2
            if self.video_stream.metadata.get("alpha_mode") == "1" and context.name in {
                "vp8",
                "vp9",
            }:
                # FFmpeg's own decoders drop the alpha channel; libvpx keeps it
                self.alpha = CodecContext.create("libvpx" if context.name == "vp8" else "libvpx-vp9", "r")
                self.alpha.extradata = context.extradata
            if sparse:
                self._key_frames_only()
            self.video = _Video(self.video_stream, self.limits, self.zero, sparse, self.path)
        if self.audio_stream is not None:
            self.audio = _Audio(self.folder, self.limits, self.zero)
            if len(self.container.streams.audio) > 1:
                self.notes.append(
                    f"{len(self.container.streams.audio)} sound tracks; track {self.audio_stream.index} was listened to"
                )

    def _key_frames_only(self) -> None:
        self.video_stream.codec_context.skip_frame = "NONKEY"
        self.notes.append(
            f"longer than {FULL_VIDEO / 60:.0f} min: only key frames were looked at, a shot starts at the one after its cut"
        )

    def _demux(self, streams: list[Any]) -> None:
        from av.error import FFmpegError

        try:
            start = float(self.zero)
            for count, packet in enumerate(self.container.demux(*streams)):
                self.content.add(packet, start)
                if not self._packet(packet):
                    break
                if count % 64 == 0 and clock.monotonic() > self.deadline:
                    self.cut_short = f"the time bound of {self.limits.seconds:.0f} s for one file was reached"
                    break
        except FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            self.failures += 1
            self.cut_short = f"the file is damaged or ends early ({safe.brief(error)})"
        if self.audio:
            self.audio.flush()

    def _packet(self, packet: Any) -> bool:
        """One packet; False once every stream reached its bound."""
        stream = packet.stream
        if stream.index in self.finished:
            return True
        self.payload += packet.size
        if self.video_stream is not None and stream.index == self.video_stream.index:
            self._seen(packet)
            assert self.video is not None
            more = self._each(packet, self.video, self.alpha or None)
        elif self.audio_stream is not None and stream.index == self.audio_stream.index:
            assert self.audio is not None
            more = self._each(packet, self.audio, None)
        elif self.cover_stream is not None and stream.index == self.cover_stream.index:
            self._cover(packet)
            more = True
        else:
            self._subtitle(packet)
            more = True
        if not more:
            self.finished.add(stream.index)
            self.cut_short = f"the bound of {self.limits.media_seconds:.0f} s of media for one file was reached"
        live = {s.index for s in (self.video_stream, self.audio_stream) if s is not None}
        return not live <= self.finished

    def _seen(self, packet: Any) -> None:
        base = packet.time_base or packet.stream.time_base
        if packet.pts is not None and base:
            end = (packet.pts + (packet.duration or 0)) * base - self.zero
            if end <= self._most:
                self.packet_end = max(self.packet_end, end)
            if (
                end > FULL_VIDEO
                and self.video
                and self.video_stream.codec_context.skip_frame != "NONKEY"
                and self.video.frames > 1_000
            ):
                self._key_frames_only()  # the header said less than the file holds

    def _each(self, packet: Any, sink: _Audio | _Video, other: Any) -> bool:
        from av.error import FFmpegError

        try:
            frames = other.decode(packet) if other is not None else packet.decode()
        except FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            self.failures += 1
            self.failure = self.failure or safe.brief(error)
            return self.failures < 5_000
        more = True
        for frame in frames:
            try:
                more = sink.feed(frame, packet.time_base or packet.stream.time_base) and more
            except (FFmpegError, ValueError) as error:
                if isinstance(error, MemoryError):
                    raise
                self.failures += 1
                self.failure = self.failure or safe.brief(error)
        return more

    def _cover(self, packet: Any) -> None:
        from av.error import FFmpegError

        if self.cover is not None:
            return
        try:
            safe.check_pixels(packet.stream, self.limits, self.path)
            for frame in packet.decode():
                image = look.Scaler().bgr(frame, 1_000, 0)
                (self.folder / "cover.jpg").write_bytes(look.jpeg(image))
                self.cover = Path("cover.jpg")
                return
        except (FFmpegError, UnreadableMedia, ValueError):
            self.notes.append("the cover picture could not be decoded")

    def _subtitle(self, packet: Any) -> None:
        from av.error import FFmpegError

        stream = packet.stream
        cues = self.cues.setdefault(stream.index, [])
        base = packet.time_base or stream.time_base
        if packet.size == 0 or packet.pts is None or not base or len(cues) >= _CUES:
            return
        start = packet.pts * base - self.zero
        length = (packet.duration or 0) * base
        if start < 0 or length < 0 or start + length > Fraction(self.limits.media_seconds):
            return
        try:
            parts = packet.decode()
        except (FFmpegError, ValueError):
            self.failures += 1
            return
        for part in parts:
            raw = getattr(part, "ass", None) or getattr(part, "dialogue", None)
            if raw:
                text = plain_ass(raw.decode("utf-8", "replace"))
                if text:
                    cues.append(Cue(span=Span(start=start, end=start + length), text=text))

    def _nothing(self, locked: bool) -> None:
        what = safe.looks_like(self.path)
        if locked:
            raise UnreadableMedia(
                "it is encrypted",
                place=str(self.path),
                remedy="get a copy without copy protection",
                reason="encrypted",
            )
        raise UnreadableMedia(
            f"it is {what}" if what else f"it holds no sound and no pictures that can be decoded{self._why()}",
            place=str(self.path),
            remedy=safe.REMEDY,
            reason=safe.other(what) if what else self._code(),
        )

    def _code(self) -> str:
        streams = sum(s is not None for s in (self.video_stream, self.audio_stream))
        if not streams and (self.container.streams.audio or self.container.streams.video):
            return "no-decoder"
        return diagnosis.undecoded(self.path, streams, self.payload, self.failures)

    def _why(self) -> str:
        return f" ({self.failures} decoding errors, the first: {self.failure})" if self.failure else ""

    def _result(self, sha256: str, locked: bool, streams: list[Any]) -> Decoded:
        heard = bool(self.audio and self.audio.frames and self.audio.writer.samples)
        watched = bool(self.video and self.video.frames)
        if not heard and not watched:
            self._nothing(locked)
        video, audio = self.video, self.audio
        video_end = max(video.end(), self.packet_end) if video and watched else Fraction(0)
        audio_end = Fraction(audio.writer.samples, sound.RATE) if audio and heard else Fraction(0)
        duration = max(video_end, audio_end)
        shots = video.shots.shots(video_end) if video and watched else ()
        frames = self._frames(video, shots) if video and watched else ()
        print_path = self._print() if heard else None
        patch_path = self._patches(video) if video and watched else None
        if not heard:
            (self.folder / "audio.pcm").unlink(missing_ok=True)
        if self.audio_stream is not None and not heard:
            self.notes.append(f"the sound could not be decoded{self._why()}")
        if self.video_stream is not None and not watched:
            self.notes.append(f"the pictures could not be decoded{self._why()}")
        if audio and heard and audio.writer.peak == 0:
            self.notes.append("the sound is silent throughout")
        if video and watched and video.brightest < 6:
            self.notes.append("the picture is black throughout")
        rotations = {self.video_stream.index: video.rotation or 0} if video else {}
        return Decoded(
            sha256=sha256,
            probe=Probe(
                container=self.container.format.name,
                duration=duration,
                streams=safe.streams_of(self.container, rotations),
                tags=safe.tags_of(self.container),
                chapters=safe.chapters_of(self.container),
                encrypted=locked,
                content="" if self.cut_short else self.content.digest(streams, rotations),
            ),
            duration=duration,
            audio=Path("audio.pcm") if heard else None,
            frames=frames,
            readings=self._readings(video, shots) if video and watched else (),
            shots=shots,
            loudness=audio.meter.result() if audio and heard and audio.meter else None,
            cover=self.cover,
            picture_hashes=tuple(video.hashes.hashes) if video else (),
            picture_print=patch_path,
            audio_print=print_path,
            audio_print_step=sound.PRINT_STEP / sound.RATE if print_path else 0.0,
            subtitles=self._subtitles(),
            brightest=video.brightest if video and watched else None,
            moved=video.moved if video and watched else None,
            audible=audio.writer.audible if audio and heard else None,
            decode_failures=self.failures,
            cut_short=self.cut_short,
            notes=tuple(self.notes),
        )

    def _frames(self, video: _Video, shots: tuple[Span, ...]) -> tuple[FrameRef, ...]:
        (self.folder / "frames").mkdir()
        records = []
        for number, (time, data, width, height, shot) in enumerate(video.gallery.choose(shots, self.limits.frames)):
            name = Path("frames") / f"{number:04}.jpg"
            (self.folder / name).write_bytes(data)
            records.append(FrameRef(time=time, path=name, width=width, height=height, shot=shot))
        return tuple(records)

    def _readings(self, video: _Video, shots: tuple[Span, ...]) -> tuple[ReadingRef, ...]:
        (self.folder / "readings").mkdir()
        records, shot = [], 0
        for number, found in enumerate(video.strokes.result()):
            name = Path("readings") / f"{number:04}.jpg"
            (self.folder / name).write_bytes(found.data)
            while shot + 1 < len(shots) and found.time >= shots[shot].end:
                shot += 1
            sizes = {"width": found.width, "height": found.height}
            stood = {"since": found.since, "until": max(found.until, found.time)}
            records.append(ReadingRef(time=found.time, path=name, shot=shot, **sizes, **stood))
        return tuple(records)

    def _print(self) -> Path | None:
        pcm = np.memmap(self.folder / "audio.pcm", dtype="<i2", mode="r")
        prints = sound.audio_print(pcm)
        if prints.size == 0:
            return None
        (self.folder / "audio.print").write_bytes(prints.tobytes())
        return Path("audio.print")

    def _patches(self, video: _Video) -> Path | None:
        data = video.patches.bytes()
        if not data:
            return None
        (self.folder / "picture.print").write_bytes(data)
        return Path("picture.print")

    def _subtitles(self) -> tuple[Subtitles, ...]:
        return tuple(
            Subtitles(
                language=safe.language_of(stream),
                cues=tuple(sorted(self.cues[stream.index], key=lambda c: c.span.start)),
                source=f"stream:{stream.index}",
            )
            for stream in self.subtitle_streams
            if self.cues.get(stream.index)
        )


def plain_ass(event: str) -> str:
    """The text of an ASS event: fields and override codes taken out, bounded."""
    fields = event.removeprefix("Dialogue:").split(",", 8)
    text = fields[8] if len(fields) == 9 and fields[0].strip().isdigit() else event.split(",", 9)[-1]
    text = _ASS.sub("", text).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    return re.sub(r"<[^>]{0,200}>", "", text).strip()[:2_000]
