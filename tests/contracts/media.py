"""What every MediaReader must do. A new implementation's test: subclass, give `reader`, done.

class TestMine(MediaReaderContract):
    @pytest.fixture
    def reader(self, tmp_path): ...
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.media import make_clips

from vitascope.base.errors import UnreadableMedia
from vitascope.base.ports.media import Limits, MediaReader


def sha(path: Path) -> str:
    """Hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class MediaReaderContract:
    """The port's promises."""

    @pytest.fixture
    def reader(self, tmp_path: Path) -> Iterator[MediaReader]:
        """The implementation under test."""
        raise NotImplementedError

    def test_probe_measures(self, reader: MediaReader, tmp_path: Path) -> None:
        probe = reader.probe(make_clips.video(tmp_path / "a.mp4", title="Hello"), Limits())
        assert probe.has_video
        assert probe.has_audio
        assert not probe.encrypted
        assert probe.duration is not None
        assert abs(float(probe.duration) - 2.8) < 0.15
        assert probe.tag("title") == "Hello"

    def test_one_decode_gives_the_bundle(self, reader: MediaReader, tmp_path: Path) -> None:
        path = make_clips.video(tmp_path / "a.mp4")
        decoded = reader.decode(path, sha(path), Limits())
        assert [float(s.start) for s in decoded.shots] == [0.0, 1.2]
        assert decoded.shots[0].end == decoded.shots[1].start
        assert {f.shot for f in decoded.frames} == {0, 1}
        assert all(f.path.is_file() for f in decoded.frames)
        assert decoded.audio is not None
        pcm = np.memmap(decoded.audio, "<i2", "r")
        assert abs(len(pcm) / 16_000 - 2.8) < 0.15
        assert np.abs(pcm).max() > 4_000
        assert decoded.loudness is not None
        assert decoded.loudness.integrated is not None
        assert decoded.audio_print is not None
        assert decoded.audio_print_step > 0
        assert 5 <= len(decoded.picture_hashes) <= 7

    def test_the_second_time_comes_from_the_cache(self, reader: MediaReader, tmp_path: Path) -> None:
        path = make_clips.wav(tmp_path / "a.wav", make_clips.sound(1.5))
        first = reader.decode(path, sha(path), Limits())
        digest = sha(path)
        path.unlink()
        assert reader.decode(path, digest, Limits()) == first

    @pytest.mark.parametrize("data", [b"", b"x", b"%PDF-1.4 no media at all, really", b"#EXTM3U\n/etc/hostname\n"])
    def test_what_is_no_media_says_why_and_what_to_do(self, reader: MediaReader, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "bad.mp4"
        path.write_bytes(data)
        for ask in (lambda: reader.probe(path, Limits()), lambda: reader.decode(path, sha(path), Limits())):
            with pytest.raises(UnreadableMedia) as caught:
                ask()
            assert caught.value.thing
            assert caught.value.remedy
            assert str(path) in str(caught.value.place)

    def test_bad_files_leave_the_next_one_alone(self, reader: MediaReader, tmp_path: Path) -> None:
        bad, good = tmp_path / "bad.mp3", make_clips.wav(tmp_path / "good.wav", make_clips.sound(0.5))
        bad.write_bytes(b"\x00" * 100)
        with pytest.raises(UnreadableMedia):
            reader.decode(bad, sha(bad), Limits())
        assert reader.decode(good, sha(good), Limits()).audio is not None

    def test_pixels_are_bounded(self, reader: MediaReader, tmp_path: Path) -> None:
        path = make_clips.video(tmp_path / "a.mp4", shots=(0.4,), audio=None)
        with pytest.raises(UnreadableMedia, match="pixels"):
            reader.decode(path, sha(path), Limits(pixels=1_000))

    def test_media_time_is_bounded(self, reader: MediaReader, tmp_path: Path) -> None:
        path = make_clips.wav(tmp_path / "a.wav", make_clips.sound(6))
        decoded = reader.decode(path, sha(path), Limits(media_seconds=2))
        assert float(decoded.duration) <= 2.01
        assert decoded.cut_short
