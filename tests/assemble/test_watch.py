"""Folders that are watched: what comes, changes and goes is taken up; feeds and single files are looked at now and then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts.sample_sources import tone

from vitascope.assemble import System, open_system, watch_system
from vitascope.base.errors import UsageError

SETTINGS = {"models": {"off": ["language_model"]}, "catalog": {"watch": {"settle": 0.05}}}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    made = open_system(tmp_path / "home", settings=SETTINGS)
    yield made
    made.close()


def put(path: Path, data: bytes) -> None:
    """A file that is there at once, as a download ends."""
    path.with_suffix(".part").write_bytes(data)
    path.with_suffix(".part").rename(path)


@pytest.mark.timeout(60)
def test_a_folder_is_kept_in_step(system: System, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    put(folder / "a.wav", tone(0.3))
    manifest = tmp_path / "m.jsonl"
    manifest.write_text('{"item_id": "x", "title": "X"}\n')
    rounds = watch_system(system, [str(folder), str(manifest)], describe=False, every=0.2)

    def until(name: str) -> None:
        for _, report in rounds:
            if getattr(report, name):
                return

    assert next(rounds)[1].items_new == 2
    put(folder / "b.wav", tone(0.4, 300))
    until("items_new")
    (folder / "a.wav").unlink()
    until("items_gone")
    (folder / "b.nfo").write_text("<movie><title>Bee</title></movie>")
    until("items_changed")
    manifest.write_text('{"item_id": "x", "title": "X2"}\n')
    until("items_changed")
    titles = {i.title: i.available for i in system.rooms.stores.items.iter()}
    assert titles == {"a": False, "Bee": True, "X2": True}
    folder.rename(tmp_path / "unplugged")
    for _ in range(2):
        next(rounds)
    assert any(i.title == "Bee" and i.available for i in system.rooms.stores.items.iter()), (
        "a disk that is away takes nothing"
    )


def test_what_is_not_there_is_said_at_once(system: System, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        next(watch_system(system, [str(tmp_path / "nowhere")]))


@pytest.mark.slow
def test_the_command_ends_well_when_it_is_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    environment = os.environ | {"VITASCOPE_LANG": "en", "VITASCOPE_CATALOG__WATCH__SETTLE": "0.1"}
    command = [
        sys.executable,
        "-m",
        "vitascope",
        "watch",
        str(folder),
        "--no-describe",
        "--home",
        str(tmp_path / "home"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        assert "0 new" in process.stdout.readline()
        put(folder / "a.wav", tone(0.3))
        assert "1 new" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert "watching ended" in err
