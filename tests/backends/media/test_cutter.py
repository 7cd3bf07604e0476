"""Cutting stretches of files into a new one: what was asked for is in it, at its place, marked, and nothing else."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vitascope.backends.media import PyAvCutter
from vitascope.base.errors import UnreadableMedia
from vitascope.base.ports.media import CutPart


def _clip(path: Path, colours: tuple[int, ...], size: tuple[int, int], pitch: float | None) -> Path:
    """A second of each grey, with a tone where a pitch is named."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.options = {"g": "50"}
        audio = out.add_stream("aac", rate=48_000, layout="mono") if pitch else None
        for number in range(25 * len(colours)):
            image = np.full((size[1], size[0], 3), colours[number // 25], np.uint8)
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None and pitch:
            wave = 0.5 * np.sin(2 * np.pi * pitch * np.arange(48_000 * len(colours)) / 48_000).astype(np.float32)
            sound = av.AudioFrame.from_ndarray(wave[None, :], format="fltp", layout="mono")
            sound.sample_rate, sound.pts, sound.time_base = 48_000, 0, Fraction(1, 48_000)
            out.mux(audio.encode(sound))
            out.mux(audio.encode(None))
    return path


def test_parts_of_several_files_one_after_another(tmp_path: Path) -> None:
    one = _clip(tmp_path / "one.mp4", (40, 120, 200), (160, 120), 440)
    two = _clip(tmp_path / "two.mp4", (80, 240), (120, 160), None)
    cutter = PyAvCutter()
    try:
        made = cutter.cut(
            [
                CutPart(path=one, start=1.2, end=1.8, title="middle"),
                CutPart(path=two, start=1.2, end=1.8, title="tall"),
                CutPart(path=one, start=50, end=52),
            ],
            tmp_path / "cut.mp4",
            "Best of 2",
        )
        with pytest.raises(UnreadableMedia):
            cutter.cut([CutPart(path=Path(__file__), start=0, end=1)], tmp_path / "no.mp4", "x")
    finally:
        cutter.close()
    assert not (tmp_path / "no.mp4").exists()
    assert made.video
    assert made.starts == (0.0, 0.6, None)
    assert made.seconds == pytest.approx(1.2, abs=0.05)
    with av.open(str(tmp_path / "cut.mp4")) as film:
        assert film.metadata["comment"] == "made by machine"
        assert [c["metadata"]["title"] for c in film.chapters()] == ["middle", "tall"]
        frames = [f.to_ndarray(format="gray") for f in film.decode(video=0)]
    assert len(frames) == 30
    middle = frames[0].shape[1] // 2
    assert all(100 < np.median(f[:60, middle]) < 140 for f in frames[1:14])  # nothing of 40 or 200
    tall = frames[20]
    assert int(np.median(tall[:60, middle])) > 220
    assert int(np.median(tall[:60, :8])) < 30  # bars beside what is narrower
    with av.open(str(tmp_path / "cut.mp4")) as film:
        sound = np.concatenate([f.to_ndarray()[0] for f in film.decode(audio=0)])
    assert np.abs(sound[9_600:24_000]).mean() > 0.2
    assert np.abs(sound[36_000:55_000]).mean() < 0.01
