"""The PyAV reader passes the contract, survives its worker's death, and measures what others measure."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.contracts.media import MediaReaderContract, sha
from tests.media import make_clips

from vitascope.backends.media import PyAvReader
from vitascope.base.errors import UnreadableMedia
from vitascope.base.ports.media import Limits


class TestContract(MediaReaderContract):
    """Three lines."""

    @pytest.fixture(scope="class")
    def shared_reader(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PyAvReader]:
        reader = PyAvReader(tmp_path_factory.mktemp("cache"))
        yield reader
        reader.close()

    @pytest.fixture
    def reader(self, shared_reader: PyAvReader) -> Iterator[PyAvReader]:
        return shared_reader


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[PyAvReader]:
    found = PyAvReader(tmp_path / "cache")
    yield found
    found.close()


def test_a_dead_worker_costs_nothing_but_its_file(reader: PyAvReader, tmp_path: Path) -> None:
    good = make_clips.wav(tmp_path / "good.wav", make_clips.sound(0.5))
    slow = make_clips.video(tmp_path / "slow.mp4", shots=(5.0, 4.0), size=(480, 360), audio=None)
    reader.probe(good, Limits())
    assert reader.worker.pid is not None
    os.kill(reader.worker.pid, signal.SIGKILL)  # while it is idle: no file is to blame
    assert reader.decode(good, sha(good), Limits()).audio is not None
    pid = reader.worker.pid

    def crash() -> None:
        time.sleep(0.1)
        assert pid is not None
        os.kill(pid, signal.SIGSEGV)  # what a codec's bug does

    killer = threading.Thread(target=crash)
    killer.start()
    with pytest.raises(UnreadableMedia, match="crashed"):
        reader.decode(slow, sha(slow), Limits())
    killer.join()
    assert reader.decode(slow, sha(slow), Limits()).shots


def test_time_is_bounded_by_killing(reader: PyAvReader, tmp_path: Path) -> None:
    path = make_clips.video(tmp_path / "a.mp4", shots=(4.0, 4.0), size=(320, 240))
    reader.probe(path, Limits())
    with pytest.raises(UnreadableMedia, match="longer than"):
        reader.worker.ask(
            {"op": "decode", "sha256": "x", "folder": str(tmp_path).encode().hex()}, path, Limits(seconds=0.05)
        )
    assert reader.worker.pid is None


def test_memory_is_bounded(reader: PyAvReader, tmp_path: Path) -> None:
    path = make_clips.video(tmp_path / "a.mp4", shots=(0.4,), size=(640, 480), audio=None)
    with pytest.raises(UnreadableMedia):
        reader.decode(path, sha(path), Limits(memory=1 << 16))


def test_loudness_agrees_with_pyloudnorm(reader: PyAvReader, tmp_path: Path) -> None:
    import pyloudnorm

    samples = make_clips.sound(5.0)
    samples[32_000:48_000] = 0
    path = make_clips.wav(tmp_path / "a.wav", samples)
    measured = reader.decode(path, sha(path), Limits()).loudness
    wanted = pyloudnorm.Meter(16_000).integrated_loudness(samples / 32_768)
    assert measured is not None
    assert measured.integrated == pytest.approx(wanted, abs=0.1)
    assert measured.peak == pytest.approx(20 * np.log10(np.abs(samples.astype(int)).max() / 32_768), abs=0.01)


def test_hashes_are_imagehash_s() -> None:
    import imagehash
    from PIL import Image

    from vitascope.backends.media._picture import picture_hash

    for shot in range(5):
        image = make_clips.picture(shot, 3)
        wanted = int(str(imagehash.phash(Image.fromarray(image))), 16)
        assert picture_hash(np.ascontiguousarray(image[:, :, ::-1])) == wanted


def test_a_damaged_bundle_is_made_again(reader: PyAvReader, tmp_path: Path) -> None:
    path = make_clips.wav(tmp_path / "a.wav", make_clips.sound(0.6))
    first = reader.decode(path, sha(path), Limits())
    assert first.audio is not None
    (first.audio.parent / "bundle.json").write_text("{")
    assert reader.decode(path, sha(path), Limits()) == first


def test_old_bundles_go_first(reader: PyAvReader, tmp_path: Path) -> None:
    paths = [make_clips.wav(tmp_path / f"{i}.wav", make_clips.sound(1.0, seed=i)) for i in range(3)]
    bundles = [reader.decode(p, sha(p), Limits()).audio for p in paths]
    for age, audio in enumerate(reversed(bundles)):
        assert audio is not None
        os.utime(audio.parent / "bundle.json", (time.time() - 100 * age, time.time() - 100 * age))
    assert reader.trim(60_000) > 0
    assert [a is not None and a.exists() for a in bundles] == [False, False, True]


def test_silence_costs_no_disk(reader: PyAvReader, tmp_path: Path) -> None:
    path = make_clips.wav(tmp_path / "a.wav", np.zeros(160_000, np.int16))
    decoded = reader.decode(path, sha(path), Limits())
    assert decoded.audio is not None
    assert decoded.audio.stat().st_size == 320_000
    assert decoded.audio.stat().st_blocks * 512 < 100_000
    assert any("silent" in n for n in decoded.notes)
    assert decoded.loudness is not None
    assert decoded.loudness.integrated is None


def test_rotation_is_undone(shared: Path, reader: PyAvReader) -> None:
    path = shared / "media/dev/bad/rotated-90.mp4"
    decoded = reader.decode(path, sha(path), Limits())
    stream = next(s for s in decoded.probe.streams if s.width)
    assert stream.rotation in (90, 270)
    assert stream.width
    assert stream.height
    assert stream.width > stream.height
    assert all(f.height > f.width for f in decoded.frames)


def test_subtitles_and_encryption(shared: Path, reader: PyAvReader) -> None:
    subs = shared / "media/dev/bad/subs-two-languages.mkv"
    decoded = reader.decode(subs, sha(subs), Limits())
    assert [s.language for s in decoded.subtitles] == ["eng", "ger"]
    assert all(len(s.cues) == 2 for s in decoded.subtitles)
    locked = shared / "media/dev/bad/mp4parse__short-cenc.mp4"
    with pytest.raises(UnreadableMedia, match="encrypted"):
        reader.decode(locked, sha(locked), Limits())


def test_known_cuts(shared: Path, reader: PyAvReader) -> None:
    path = shared / "media/dev/video/montage__dev-cuts.mp4"
    starts = [float(s.start) for s in reader.decode(path, sha(path), Limits()).shots]
    assert starts == pytest.approx([0, 3.0, 5.4, 8.6, 11.4], abs=0.001)


@pytest.mark.slow
def test_every_bad_file_ends_well(shared: Path, reader: PyAvReader) -> None:
    """Readable or refused with a remedy; nothing hangs, the worker dies of none, odd but valid ones work."""
    import csv

    with open(shared / "media/MANIFEST.tsv", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["group"] == "bad"]
    refused = {}
    for row in rows:
        path = shared / "media" / row["path"]
        try:
            reader.decode(path, sha(path), Limits())
        except UnreadableMedia as error:
            refused[row["path"]] = row["labels"] if error.thing and error.remedy else "no remedy: odd but valid"
    assert reader.worker.starts == 1
    odd = {p: why for p, why in refused.items() if "odd but valid" in why}
    assert set(odd) <= {"dev/bad/mutagen__64bit.mp4"}, odd  # 85 bytes, no track in it
