"""Cuts stretches of media files into one new file: pictures and sound encoded anew on one canvas, a chapter for each part.

Runs in the worker process only. Takes parts (file, start, end, chapter, mark) and a target; writes MP4 (H.264 and AAC) or,
where no part has pictures, sound alone. Parts are bounded in number and length; frames outside a part are never encoded. It
knows no person.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.media import _container as safe
from vitascope.backends.media import _picture as look
from vitascope.base.errors import UnreadableMedia
from vitascope.base.ports.media import Limits

RATE = 48_000
FPS = 25
MOST_PARTS, MOST_SECONDS = 60, 900.0
_FADE = 0.05
_EARLY = 1.0
_MARK = (235, 235, 235)


def cut(target: Path, recipe: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Write the file; answers {"seconds", "video", "mime", "bytes", "starts"}: where each part begins (None: nothing was had).

    Args:
        recipe: {"parts": [{"path" (hex), "start", "end", "title"}], "height", "mark", "title"}.

    Raises:
        UnreadableMedia: nothing of any part could be decoded.
    """
    parts = recipe["parts"][:MOST_PARTS]
    shapes = [_shape(_path(part), limits) for part in parts]
    video = any(shape is not None for shape, _ in shapes)
    audio = any(has for _, has in shapes)
    if not video and not audio:
        raise UnreadableMedia(
            "it holds nothing to cut", place=str(_path(parts[0])) if parts else "", remedy=safe.REMEDY
        )
    size = _canvas([shape for shape, _ in shapes if shape is not None], int(recipe["height"]))
    return _Cutter(target, recipe, limits, size if video else None, audio).run(parts)


def _path(part: dict[str, Any]) -> Path:
    return Path(os.fsdecode(bytes.fromhex(part["path"])))


def _shape(path: Path, limits: Limits) -> tuple[tuple[int, int] | None, bool]:
    """(width, height) as it is shown, or None without pictures; whether there is sound."""
    with safe.opened(path, limits) as container:
        if safe.encrypted(path, container):
            raise UnreadableMedia("it is encrypted", place=str(path), remedy="get a copy without copy protection")
        stream: Any = safe.pictures(container)
        audio = bool(container.streams.audio)
        if stream is None:
            return None, audio
        safe.check_pixels(stream, limits, path)
        frame = next(iter(container.decode(stream)), None)
        if frame is None:
            return None, audio
        width, height = look.Scaler(stream.sample_aspect_ratio).shown(frame)
        return ((height, width) if safe.rotation_of(frame) in (90, 270) else (width, height)), audio


def _canvas(shapes: list[tuple[int, int]], most: int) -> tuple[int, int]:
    """The largest part's shape, at most so high and 16:9 of it wide; even sides."""
    if not shapes:
        return 640, 360
    width, height = max(shapes, key=lambda s: s[0] * s[1])
    scale = min(1.0, most / height, most * 16 / 9 / width)
    return max(16, round(width * scale) // 2 * 2), max(16, round(height * scale) // 2 * 2)


class _Cutter:
    def __init__(
        self, target: Path, recipe: dict[str, Any], limits: Limits, size: tuple[int, int] | None, audio: bool
    ) -> None:
        self.target, self.limits, self.size, self.audio = target, limits, size, audio
        self.mark, self.title = str(recipe.get("mark", "")), str(recipe.get("title", ""))
        self.at = Fraction(0)
        self.frame = 0
        self.samples = 0
        self.waiting: npt.NDArray[np.float32] = np.zeros((2, 0), np.float32)

    def run(self, parts: list[dict[str, Any]]) -> dict[str, Any]:
        import av

        starts: list[float | None] = []
        chapters: list[Any] = []
        with av.open("file:" + str(self.target), "w", format="mp4", options={"movflags": "+faststart"}) as out:
            out.metadata["title"], out.metadata["comment"] = self.title[:200], self.mark[:200]
            self._streams(out)
            for part in parts:
                length = Fraction(str(part["end"])) - Fraction(str(part["start"]))
                if length <= 0 or float(self.at + length) > MOST_SECONDS:
                    starts.append(None)
                    continue
                begun = self.at
                if not self._part(out, part, length):
                    starts.append(None)
                    continue
                starts.append(float(begun))
                if part.get("title"):
                    span = {"start": int(begun * 1000), "end": int(self.at * 1000), "time_base": Fraction(1, 1000)}
                    chapters.append({"id": len(chapters), **span, "metadata": {"title": str(part["title"])[:200]}})
            if chapters and hasattr(out, "set_chapters"):
                out.set_chapters(chapters)
            if not self.frame and not self.samples:
                raise UnreadableMedia("nothing of it could be decoded", place=str(_path(parts[0])), remedy=safe.REMEDY)
            self._sound(out, last=True)
            for stream in self.made:
                if stream is not self.pictures or self.frame:
                    out.mux(stream.encode(None))
        return {
            "seconds": float(self.at),
            "video": self.size is not None,
            "mime": "video/mp4" if self.size is not None else "audio/mp4",
            "starts": starts,
            "bytes": self.target.stat().st_size,
        }

    def _streams(self, out: Any) -> None:
        import av

        self.pictures: Any = None
        self.voice: Any = None
        if self.size is not None:
            name = "libx264" if "libx264" in av.codecs_available else "mpeg4"
            self.pictures = out.add_stream(name, rate=FPS)
            self.pictures.width, self.pictures.height = self.size
            self.pictures.pix_fmt = "yuv420p"
            if name == "libx264":
                self.pictures.options = {"preset": "veryfast", "crf": "24"}
        if self.audio:
            self.voice = out.add_stream("aac", rate=RATE, layout="stereo")
            self.voice.bit_rate = 128_000
        self.made = [s for s in (self.pictures, self.voice) if s is not None]

    def _part(self, out: Any, part: dict[str, Any], length: Fraction) -> bool:
        """Decode one part and encode it at the end of what was made; whether anything was had."""
        from av.error import FFmpegError

        path, start = _path(part), Fraction(str(part["start"]))
        sound = np.zeros((2, int(length * RATE)), np.float32)
        last: Any = None
        heard = False
        first = self.frame
        wanted = round(float(length) * FPS)
        with safe.opened(path, self.limits) as container:
            zero = safe.origin(container)
            video: Any = safe.pictures(container) if self.size is not None else None
            voice: Any = next(iter(container.streams.audio), None)
            streams = [s for s in (video, voice) if s is not None]
            if not streams:
                return False
            if float(start) > 3 * _EARLY:
                container.seek(int((zero + start - Fraction(_EARLY)) * 1_000_000), backward=True)
            scale = look.Scaler(video.sample_aspect_ratio) if video is not None else None
            hearing = _Hearing(sound)
            ended: set[int] = set()
            try:
                for packet in container.demux(*streams):
                    if packet.stream.index in ended:
                        continue
                    try:
                        frames = packet.decode()
                    except FFmpegError as error:
                        if isinstance(error, MemoryError):
                            raise
                        continue
                    for frame in frames:
                        base = frame.time_base or packet.stream.time_base
                        if frame.pts is None or not base:
                            continue
                        place = frame.pts * base - zero - start
                        if place >= length:
                            ended.add(packet.stream.index)
                            break
                        if packet.stream.type == "audio":
                            heard |= hearing.add(frame, place)
                        elif video is not None and place > -1:
                            image = self._shown(frame, scale) if place + Fraction(1, FPS) >= 0 else None
                            until = min(wanted, int(max(place, Fraction(0)) * FPS))
                            while last is not None and self.frame - first < until:
                                self._show(out, last)  # the picture before stands until this one comes
                            last = image if image is not None else last
                    if len(ended) == len(streams):
                        break
            except FFmpegError as error:
                if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in (27, 28)):
                    raise
            heard |= hearing.end()
        if last is None and not heard:
            return False
        if self.size is not None:
            black = np.zeros((self.size[1], self.size[0], 3), np.uint8)
            while self.frame - first < wanted:
                self._show(out, last if last is not None else black)
        self.at += Fraction(wanted, FPS)
        if self.voice is not None:
            fade = min(int(_FADE * RATE), sound.shape[1] // 2)
            if fade:
                ramp = np.linspace(0, 1, fade, dtype=np.float32)
                sound[:, :fade] *= ramp
                sound[:, -fade:] *= ramp[::-1]
            self.waiting = np.concatenate([self.waiting, sound[:, : int(Fraction(wanted, FPS) * RATE)]], axis=1)
            short = int(self.at * RATE) - self.samples - self.waiting.shape[1]
            if short > 0:
                self.waiting = np.pad(self.waiting, ((0, 0), (0, short)))
            self._sound(out)
        return True

    def _shown(self, frame: Any, scale: Any) -> npt.NDArray[np.uint8]:
        """The picture upright on the canvas, bars around it where its shape is another, with the mark."""
        import cv2

        assert self.size is not None
        width, height = self.size
        image = scale.bgr(frame, max(width, height), safe.rotation_of(frame))
        share = min(width / image.shape[1], height / image.shape[0])
        inside = max(1, round(image.shape[1] * share)), max(1, round(image.shape[0] * share))
        image = cv2.resize(image, inside, interpolation=cv2.INTER_AREA)
        canvas = np.zeros((height, width, 3), np.uint8)
        top, left = (height - inside[1]) // 2, (width - inside[0]) // 2
        canvas[top : top + inside[1], left : left + inside[0]] = image
        if self.mark and height >= 100:
            size = height / 900
            where = (round(height * 0.03), round(height * 0.97))
            for colour, thick in (((0, 0, 0), 3), (_MARK, 1)):
                cv2.putText(canvas, self.mark, where, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)
        return canvas

    def _show(self, out: Any, image: npt.NDArray[np.uint8]) -> None:
        import av

        made = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="yuv420p")
        made.pts, made.time_base = self.frame, Fraction(1, FPS)
        self.frame += 1
        out.mux(self.pictures.encode(made))

    def _sound(self, out: Any, last: bool = False) -> None:
        """Encode what waits, in frames of the encoder's size."""
        import av

        if self.voice is None:
            return
        size = 1_024
        while self.waiting.shape[1] >= size or (last and self.waiting.shape[1]):
            piece, self.waiting = self.waiting[:, :size], self.waiting[:, size:]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, self.samples, Fraction(1, RATE)
            self.samples += piece.shape[1]
            out.mux(self.voice.encode(frame))


class _Hearing:
    """Puts decoded sound at its place in a buffer of 48 kHz stereo."""

    def __init__(self, into: npt.NDArray[np.float32]) -> None:
        self.into, self.at = into, -1
        self.form: Any = None
        self.resampler: Any = None
        self.heard = False

    def add(self, frame: Any, place: Fraction) -> bool:
        """One more frame that begins at `place` seconds of the buffer (negative: before it)."""
        from av.audio.resampler import AudioResampler

        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self.form:
            self.end()
            self.resampler, self.form = AudioResampler(format="fltp", layout="stereo", rate=RATE), form
            self.at = int(place * RATE)
        frame.pts = None
        return self._put(self.resampler.resample(frame))

    def _put(self, frames: list[Any]) -> bool:
        for made in frames:
            data = made.to_ndarray()
            first, last = max(0, self.at), min(self.into.shape[1], self.at + data.shape[1])
            if last > first:
                self.into[:, first:last] = data[:, first - self.at : last - self.at]
                self.heard = True
            self.at += data.shape[1]
        return self.heard

    def end(self) -> bool:
        """What the resampler still holds."""
        if self.resampler is not None:
            self._put(self.resampler.resample(None))
            self.resampler = None
        return self.heard
