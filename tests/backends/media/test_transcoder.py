"""What a browser plays is left alone; the rest is copied or encoded, seekable, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.media import sha
from tests.media import make_clips

from vitascope.backends.media import MediaConfig, PyAvReader, PyAvTranscoder
from vitascope.base.errors import UnreadableMedia
from vitascope.base.ports.media import Limits


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PyAvReader]:
    found = PyAvReader(tmp_path_factory.mktemp("reader"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def transcoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PyAvTranscoder]:
    found = PyAvTranscoder(tmp_path_factory.mktemp("cache"))
    yield found
    found.close()


def test_mp4_is_left_alone(reader: PyAvReader, transcoder: PyAvTranscoder, tmp_path: Path) -> None:
    path = make_clips.video(tmp_path / "a.mp4")
    playable = transcoder.playable(path, sha(path), reader.probe(path, Limits()))
    assert (playable.path, playable.mime, playable.made) == (path, "video/mp4", False)


def test_matroska_is_copied_not_encoded(reader: PyAvReader, transcoder: PyAvTranscoder, tmp_path: Path) -> None:
    path = make_clips.video(tmp_path / "a.mkv")
    playable = transcoder.playable(path, sha(path), reader.probe(path, Limits()))
    made = reader.probe(playable.path, Limits())
    assert playable.made
    assert playable.mime == "video/mp4"
    assert [s.codec for s in made.streams] == ["h264", "aac"]
    assert made.duration is not None
    assert abs(float(made.duration) - 2.8) < 0.2
    head = playable.path.read_bytes()
    assert 0 < head.find(b"moov") < head.find(b"mdat")  # seekable before all of it is there


def test_old_codecs_are_encoded_once(reader: PyAvReader, transcoder: PyAvTranscoder, tmp_path: Path) -> None:
    path = make_clips.video(tmp_path / "a.avi", codec="mpeg4", audio=None)
    probe = reader.probe(path, Limits())
    first = transcoder.playable(path, sha(path), probe)
    stamp = first.path.stat().st_ino
    again = transcoder.playable(path, sha(path), probe)
    assert first.made
    assert again.path.stat().st_ino == stamp
    made = reader.decode(first.path, sha(first.path), Limits())
    assert any(abs(float(s.start) - 1.2) < 0.05 for s in made.shots)  # the cut stands where it stood


def test_thumbnails(reader: PyAvReader, transcoder: PyAvTranscoder, tmp_path: Path) -> None:
    from PIL import Image

    path = make_clips.video(tmp_path / "a.mp4")
    picture = transcoder.thumbnail(path, sha(path), reader.probe(path, Limits()), 80)
    assert picture is not None
    with Image.open(picture) as image:
        assert image.size == (80, 60)
    tone = make_clips.wav(tmp_path / "a.wav", make_clips.sound(0.5))
    assert transcoder.thumbnail(tone, sha(tone), reader.probe(tone, Limits()), 80) is None


def test_the_cache_has_a_limit(reader: PyAvReader, tmp_path: Path) -> None:
    transcoder = PyAvTranscoder(tmp_path / "cache", MediaConfig(transcodes_bytes=1 << 20))
    try:
        for seed in (1, 2):
            path = make_clips.video(tmp_path / f"{seed}.mkv", seed=seed)
            transcoder.playable(path, sha(path), reader.probe(path, Limits()))
        kept = list((tmp_path / "cache/transcodes").glob("*.mp4"))
        assert len(kept) == 2
        # room for either alone, whichever the folder lists first, but not for both
        assert transcoder.trim(max(file.stat().st_size for file in kept) + 10) > 0
        assert len(list((tmp_path / "cache/transcodes").glob("*.mp4"))) == 1
    finally:
        transcoder.close()


def test_a_vanished_file_says_so(reader: PyAvReader, transcoder: PyAvTranscoder, tmp_path: Path) -> None:
    path = make_clips.video(tmp_path / "a.mp4")
    probe = reader.probe(path, Limits())
    path.unlink()
    with pytest.raises(UnreadableMedia, match="gone"):
        transcoder.playable(path, "0" * 64, probe)
