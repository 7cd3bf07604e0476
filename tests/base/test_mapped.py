"""Pages of a mapped file are given back, and what they hold is not lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vitascope.base.mapped import let_go


def resident_pages_of_files() -> int:
    """KiB."""
    status = Path("/proc/self/status")
    if not status.is_file():
        pytest.skip("no /proc here")
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("RssFile"))


def test_pages_are_given_back_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.pcm"
    np.arange(8 << 20, dtype=np.int32).tofile(path)
    mapped = np.memmap(path, np.int32, "r")
    total = int(mapped.sum())
    before = resident_pages_of_files()
    let_go(mapped[5:])  # a slice knows its mapping too
    assert resident_pages_of_files() < before - 20_000
    assert int(mapped.sum()) == total


def test_what_was_written_stays(tmp_path: Path) -> None:
    mapped = np.memmap(tmp_path / "b.pcm", np.int16, "w+", shape=(100_000,))
    mapped[:] = 7
    let_go(mapped)
    assert (mapped == 7).all()


def test_plain_arrays_are_left_alone() -> None:
    plain = np.arange(10)
    let_go(plain)
    let_go(None)
    assert plain.sum() == 45


def test_noise_suppression_of_a_long_file_is_mapped(tmp_path: Path) -> None:
    from vitascope.backends.speech.gate import _HELD, _room

    assert not isinstance(_room(_HELD), np.memmap)
    room = _room(_HELD + 1)
    assert isinstance(room, np.memmap)
    room[-1] = 5  # its file has no name any more
    let_go(room)
    assert (int(room[-1]), len(room)) == (5, _HELD + 1)
