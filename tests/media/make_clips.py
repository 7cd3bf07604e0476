"""Makes the tests' own clips, a few KB each: known cuts, known tones, known tags. Nothing random without a seed.

python -m tests.media.make_clips FOLDER
"""

from __future__ import annotations

import sys
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

RATE = 16_000


def sound(seconds: float, seed: int = 1, rate: int = RATE) -> npt.NDArray[np.int16]:
    """A melody of pseudo-random notes: unlike any other seed's."""
    random = np.random.default_rng(seed)
    notes = random.uniform(320, 1_900, int(seconds * 6) + 1)
    phase = np.cumsum(np.repeat(notes, rate // 6 + 1)[: int(seconds * rate)]) / rate
    voice = np.sin(2 * np.pi * phase) + 0.4 * np.sin(2 * np.pi * phase * 1.5)
    return np.asarray(8_000 * voice, np.int16)


def wav(path: Path, samples: npt.NDArray[np.int16], rate: int = RATE) -> Path:
    """Mono 16-bit WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def picture(shot: int, step: int, width: int = 160, height: int = 120) -> npt.NDArray[np.uint8]:
    """A frame of a shot: a coarse texture of its own colour range, with a bright block that moves."""
    random = np.random.default_rng(1_000 + shot)
    coarse = random.integers(0, 256, (6, 8, 3))
    image = np.asarray(np.kron(coarse, np.ones((height // 6, width // 8, 1))), np.uint8)
    x = (7 * step + 31 * shot) % (width - 30)
    image[30 : 30 + 40, x : x + 30] = (255, 255 - 40 * (shot % 5), 30)
    return image


def video(
    path: Path,
    shots: tuple[float, ...] = (1.2, 1.6),
    fps: int = 25,
    size: tuple[int, int] = (160, 120),
    codec: str = "libx264",
    audio: str | None = "aac",
    seed: int = 1,
    start: float = 0.0,
    **tags: str,
) -> Path:
    """A clip of hard cuts after `shots` seconds each; the look of each shot hangs on `seed`. `start` trims its head."""
    import av

    with av.open(str(path), "w") as out:
        for name, value in tags.items():
            out.metadata[name] = value
        stream: Any = out.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if codec == "libx264":
            stream.options = {"crf": "30", "preset": "veryfast"}
        voice: Any = out.add_stream(audio, rate=RATE, layout="mono") if audio else None
        number = made = 0
        for shot, seconds in enumerate(shots):
            for step in range(round(seconds * fps)):
                if number >= start * fps:
                    frame = av.VideoFrame.from_ndarray(picture(10 * seed + shot, step, *size), "rgb24")
                    frame.pts, frame.time_base = made, Fraction(1, fps)
                    made += 1
                    out.mux(stream.encode(frame.reformat(format="yuv420p")))
                number += 1
        out.mux(stream.encode(None))
        if voice is not None:
            samples = sound(sum(shots), seed)[int(start * RATE) :]
            size_of = voice.codec_context.frame_size or 1_024
            for at in range(0, len(samples), size_of):
                part = samples[at : at + size_of].astype(np.float32)[None] / 32_768
                block = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
                block.sample_rate, block.pts, block.time_base = RATE, at, Fraction(1, RATE)
                out.mux(voice.encode(block))
            out.mux(voice.encode(None))
    return path


def titled(
    path: Path,
    titles: tuple[tuple[str, float, float, float], ...] = (("HELLO WORLD", 1.0, 1.7, 0.0),),
    seconds: float = 3.0,
    moving: bool = False,
    size: tuple[int, int] = (480, 270),
    fps: int = 25,
) -> Path:
    """A clip with texts burnt in, each (text, from, to, pixels a second to the left); `moving`: a background that drifts."""
    import av
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=34)
    width, height = size
    random = np.random.default_rng(7)
    ground = np.kron(random.integers(40, 110, (9, 32, 3)), np.ones((height // 9, width // 16, 1))).astype(np.uint8)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "24", "preset": "veryfast"}
        for step in range(round(seconds * fps)):
            shift = 5 * step % width if moving else 0
            image = Image.fromarray(np.ascontiguousarray(ground[:, shift : shift + width]))
            draw = ImageDraw.Draw(image)
            for row, (text, start, end, speed) in enumerate(titles):
                if start <= step / fps < end:
                    place = (40 - speed * (step / fps - start), 60 + 60 * row)
                    draw.text(place, text, font=font, fill=(250, 250, 250))
            frame = av.VideoFrame.from_ndarray(np.asarray(image), "rgb24")
            frame.pts, frame.time_base = step, Fraction(1, fps)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    return path


def main() -> None:
    """Write the clips into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    wav(folder / "tone.wav", sound(3.0))
    wav(folder / "silence.wav", np.zeros(2 * RATE, np.int16))
    video(folder / "cuts.mp4", title="Two shots")
    video(folder / "old.avi", codec="mpeg4", audio="mp3")


if __name__ == "__main__":
    main()
