"""Makes one tiny file of each kind of bad media, with what must become of it. Nothing random without a seed."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tests.media import make_clips

BARS = ((235, 235, 235), (235, 235, 16), (16, 235, 235), (16, 235, 16), (235, 16, 235), (235, 16, 16), (16, 16, 235))


@dataclass(frozen=True)
class Bad:
    """A kind of bad file: how it is made, and what must become of it."""

    name: str
    make: Callable[[Path], object]
    problem: str = ""
    """Code of the problem; empty: it is described."""
    empty: frozenset[str] = frozenset()
    """Why it is kept out of lists, where it is described."""


def film(
    path: Path,
    picture: Callable[[int], npt.NDArray[np.uint8]],
    seconds: float,
    sound: npt.NDArray[np.int16] | None = None,
) -> Path:
    """A video of 5 pictures a second that `picture` gives by number, with or without sound."""
    import av

    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=5)
        height, width = picture(0).shape[:2]
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "26", "preset": "ultrafast"}
        voice: Any = out.add_stream("aac", rate=make_clips.RATE, layout="mono") if sound is not None else None
        for number in range(round(seconds * 5)):
            frame = av.VideoFrame.from_ndarray(picture(number), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 5)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
        if sound is not None:
            for at in range(0, len(sound), 1_024):
                part = sound[at : at + 1_024].astype(np.float32)[None] / 32_768
                block = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
                block.sample_rate, block.pts, block.time_base = make_clips.RATE, at, Fraction(1, make_clips.RATE)
                out.mux(voice.encode(block))
            out.mux(voice.encode(None))
    return path


def flat(*colour: int) -> Callable[[int], npt.NDArray[np.uint8]]:
    """Pictures of one colour."""
    return lambda number: np.full((120, 160, 3), colour, np.uint8)


def bars(number: int = 0, dim: float = 0.75) -> npt.NDArray[np.uint8]:
    """Colour bars over a row of darker fields, as SMPTE and EBU have them."""
    image = np.zeros((120, 168, 3), np.uint8)
    for i, colour in enumerate(BARS):
        image[:80, 24 * i : 24 * i + 24] = np.asarray(colour) * dim
        image[80:, 24 * i : 24 * i + 24] = 30 * i
    return image


def tone(seconds: float, hz: float = 1_000) -> npt.NDArray[np.int16]:
    """A sine."""
    at = np.arange(int(seconds * make_clips.RATE)) / make_clips.RATE
    return np.asarray(9_000 * np.sin(2 * np.pi * hz * at), np.int16)


def silence(seconds: float) -> npt.NDArray[np.int16]:
    """Digital silence."""
    return np.zeros(int(seconds * make_clips.RATE), np.int16)


def wave(samples: bytes = bytes(3_200), rate: int = 16_000, channels: int = 1, extra: bytes = b"") -> bytes:
    """A WAV file that states what it is told to."""
    form = struct.pack("<HHIIHH", 1, channels, rate, 32_000, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + extra + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _flac(comments: int) -> bytes:
    info = bytes.fromhex("1200120000000e0042d40ac442f0005d") + bytes(18)
    said = struct.pack("<I", 4) + b"none" + struct.pack("<I", comments)
    return b"fLaC\x00\x00\x00\x22" + info + b"\x84" + len(said).to_bytes(3, "big") + said


def _encrypted(path: Path) -> None:
    make_clips.video(path, shots=(0.4,), audio=None)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"encv"))


def _write(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n"
KINDS = (
    Bad("zero-bytes.mp4", _write(b""), "zero-bytes"),
    Bad("one-byte.mkv", _write(b"\x1a"), "truncated"),
    Bad("cut-in-the-header.mp4", _write(b"\0\0\0\x14ftypisom\0\0\0\0isom\0\0\x10\0moov" + bytes(99)), "truncated"),
    Bad("no-samples.wav", _write(wave(b"")), "no-samples"),
    Bad("no-streams.mp4", _write(b"\0\0\0\x14ftypisom\0\0\0\0isom\0\0\0\x08moov"), "no-media"),
    Bad("header-only.rm", _write(b".RMF\0\0\0\x12\0\x01\0\0\0\0\0\0\0\x02PROP" + bytes(60)), "header-only"),
    Bad("document.mp3", _write(b"%PDF-1.4\n" + bytes(60)), "not-media"),
    Bad("page.webm", _write(b"<!doctype html><title>404</title>" + bytes(60)), "not-media"),
    Bad("notes.mid", _write(b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0"), "not-media"),
    Bad("playlist.mp4", _write(PLAYLIST % b"file:///etc/hostname"), "playlist"),
    Bad("address.avi", _write(PLAYLIST % b"http://127.0.0.1:9/x.ts"), "playlist"),
    Bad("rate-0.wav", _write(wave(rate=0)), "lying-header"),
    Bad("rate-4GHz.wav", _write(wave(rate=4_000_000_000)), "lying-header"),
    Bad("channels.wav", _write(wave(channels=65_535)), "lying-header"),
    Bad("chunk.wav", _write(wave(extra=b"junk\xff\xff\xff\x3f")), "lying-header"),
    Bad("comments.flac", _write(_flac(comments=0x6E902592)), "lying-header"),
    Bad("encrypted.mp4", _encrypted, "encrypted"),
    Bad("silence.wav", lambda p: make_clips.wav(p, silence(2)), empty=frozenset({"silent"})),
    Bad("black.mp4", lambda p: film(p, flat(0, 0, 0), 2), empty=frozenset({"black"})),
    Bad("black-silent.mp4", lambda p: film(p, flat(0, 0, 0), 2, silence(2)), empty=frozenset({"black", "silent"})),
    Bad("blue.mp4", lambda p: film(p, flat(0, 0, 200), 2), empty=frozenset({"blank"})),
    Bad("bars.mp4", lambda p: film(p, bars, 2), empty=frozenset({"test card"})),
    Bad("bars-and-tone.mp4", lambda p: film(p, bars, 2, tone(2)), empty=frozenset({"test card", "tone"})),
    Bad("still.mp4", lambda p: film(p, lambda n: make_clips.picture(3, 0), 11), empty=frozenset({"still"})),
    # what must stay listed
    Bad("black-with-sound.mp4", lambda p: film(p, flat(0, 0, 0), 2, make_clips.sound(2))),
    Bad("still-with-sound.mp4", lambda p: film(p, lambda n: make_clips.picture(3, 0), 11, make_clips.sound(11))),
    Bad("photograph.mp4", lambda p: film(p, lambda n: make_clips.picture(3, 0), 3)),
    Bad("mute.mp4", lambda p: film(p, lambda n: make_clips.picture(3, 9 * n), 2, silence(2))),
    Bad("one-dark-picture.mp4", lambda p: film(p, flat(0, 0, 0), 0.2)),
    Bad("tone.wav", lambda p: make_clips.wav(p, tone(2))),
    Bad("quiet.wav", lambda p: make_clips.wav(p, (make_clips.sound(2) // 200).astype(np.int16))),
)
