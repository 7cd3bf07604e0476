"""Uploads on disk: whatever the pieces, repeats and restarts, what is acknowledged is what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitascope.backends.home import Config, UploadFolder
from vitascope.base.errors import NoSpace, TooLarge, UnknownUpload, UsageError, WrongOffset
from vitascope.base.ports.uploads import UploadState

ID, OTHER = "0" * 32, "f" * 32


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=60), cuts=st.lists(st.integers(0, 70), max_size=6), wrong=st.integers(0, 70))
def test_any_pieces_make_the_whole(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int], wrong: int
) -> None:
    folder = tmp_path_factory.mktemp("up")
    uploads = UploadFolder(folder)
    uploads.begin(ID, len(data), (("filename", "a.bin"),), "item")
    for end in [*sorted(cuts), len(data)]:
        uploads = UploadFolder(folder)  # another process goes on
        at = uploads.get(ID).offset
        if at == len(data):
            break
        if wrong != at:
            with pytest.raises(WrongOffset):
                uploads.append(ID, wrong, b"x")
        assert uploads.append(ID, at, data[at:end]).offset == max(at, min(end, len(data)))
    now = uploads.get(ID)
    assert (now.state, now.offset) == (UploadState.RECEIVED, len(data))
    assert uploads.path(ID).read_bytes() == data
    with pytest.raises(WrongOffset):
        uploads.append(ID, len(data), b"x")


def test_a_crash_before_the_note_loses_nothing(tmp_path: Path) -> None:
    uploads = UploadFolder(tmp_path)
    uploads.begin(ID, 3, (("filename", "a.wav"),), "item")
    (tmp_path / ID / "data.part").write_bytes(b"abc")
    (tmp_path / ID / "data.part").rename(tmp_path / ID / "a.wav")
    assert uploads.get(ID).state is UploadState.RECEIVED
    assert uploads.path(ID).read_bytes() == b"abc"


def test_limits_expiry_and_names(tmp_path: Path) -> None:
    now = 1_000.0
    uploads = UploadFolder(tmp_path, Config(upload_bytes=100, uploads_open=1), lambda: now)
    with pytest.raises(TooLarge):
        uploads.begin(ID, 101, (), "item")
    with pytest.raises(UsageError):
        uploads.begin(ID, 0, (), "item")
    with pytest.raises(NoSpace):
        UploadFolder(tmp_path, Config(upload_bytes=1 << 62)).begin(ID, 1 << 61, (), "item")
    uploads.begin(ID, 10, (), "item")
    with pytest.raises(TooLarge):
        uploads.begin(OTHER, 10, (), "item")
    now = uploads.get(ID).expires_at + 1
    uploads.begin(OTHER, 10, (("filename", "..\\..\\é x.Tar.GZ"),), "item")
    with pytest.raises(UnknownUpload):
        uploads.get(ID)
    assert uploads.path(OTHER).parent == tmp_path / OTHER
    assert uploads.path(OTHER).name == "x_Tar.gz"
    for bad in ("", "..", "../key", "0" * 31, "G" * 32):
        with pytest.raises(UnknownUpload):
            uploads.get(bad)
    assert not uploads.forget_file(tmp_path / "key")
    assert not uploads.forget_file(Path("/nowhere") / OTHER / "x")
