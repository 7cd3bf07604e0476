"""The clips: the table keeps its promises, fetching refuses what is not what was named, made clips play."""

from __future__ import annotations

import functools
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import av
import pytest

from vitascope.backends.demo import Clip, ClipTable, clip_table, fetch_clips, make_clips, take_from_deb, write_manifest
from vitascope.backends.models import WantedFile, fetch_package_files
from vitascope.backends.models._index import PipSettings
from vitascope.base.errors import ChecksumRefused, SourceUnavailable
from vitascope.base.items import ItemKind


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_table_holds_what_the_demo_promises() -> None:
    clips = clip_table().clips()
    works = [c for c in clips if c.same_work_as is None]
    assert len({c.id for c in clips}) == len(clips)
    assert len({c.sha256 for c in clips}) == len(clips)
    assert len(works) >= 24
    assert sum(c.kind is ItemKind.VIDEO for c in works) >= 4
    spoken = [c for c in works if c.language]
    assert len(spoken) >= 6
    assert {c.language for c in spoken} == {"en", "es"}
    assert sum("music" in c.group for c in works) >= 3
    assert sum(c.seconds < 2 for c in works) <= len(works) / 3
    assert all(c.licence and c.licence_source and c.credit for c in clips)
    assert len(clip_table().clips(short=True)) == 8
    groups = {c.group for c in clips}
    assert all(set(p.likes) <= groups for p in clip_table().person)


CONTENTS = {"a": b"RIFF-first-clip" * 50, "b": b"RIFF-second-clip" * 50, "c": b"OggS-third" * 50}


def local_table(**changes: str) -> ClipTable:
    def clip(name: str, path: str) -> dict[str, object]:
        return {
            "id": name,
            "title": name,
            "creator": "tests",
            "credit": "tests",
            "licence": "CC0-1.0",
            "licence_source": "here",
            "group": "g",
            "kind": "audio",
            "seconds": 1.0,
            "path": path,
            "bytes": len(CONTENTS[name]),
            "sha256": changes.get(name, sha(CONTENTS[name])),
        }

    return ClipTable.model_validate(
        {
            "package": [
                {
                    "requirement": "demo-sounds==1.0",
                    "archive": "sdist",
                    "clip": [clip("a", "demo-sounds-1.0/a.wav"), clip("b", "demo-sounds-1.0/b.wav")],
                },
                {"requirement": "demo-wheel==2.0", "archive": "wheel", "clip": [clip("c", "demo_wheel/c.ogg")]},
            ],
            "person": [],
        }
    )


@pytest.fixture
def index(tmp_path: Path) -> functools.partial[tuple[Path, ...]]:
    """A find-links folder with an sdist (whose build script must never run) and a wheel."""
    folder = tmp_path / "index"
    folder.mkdir()
    with tarfile.open(folder / "demo-sounds-1.0.tar.gz", "w:gz") as tar:
        files = {"setup.py": b"raise SystemExit('it ran')", "a.wav": CONTENTS["a"], "b.wav": CONTENTS["b"]}
        for name, content in files.items():
            entry = tarfile.TarInfo(f"demo-sounds-1.0/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    with zipfile.ZipFile(folder / "demo_wheel-2.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("demo_wheel/c.ogg", CONTENTS["c"])
    settings = PipSettings(indexes=(), find_links=(str(folder),), cert=None, timeout_s=5)
    return functools.partial(fetch_package_files, settings=settings)


def test_clips_come_out_of_an_sdist_and_a_wheel(tmp_path: Path, index: functools.partial[tuple[Path, ...]]) -> None:
    haul = fetch_clips(local_table(), tmp_path / "clips", package_files=index)
    assert [c.id for c in haul.clips] == ["a", "b", "c"]
    assert not haul.missing
    assert (tmp_path / "clips" / "b.wav").read_bytes() == CONTENTS["b"]


def test_a_second_run_goes_on_where_the_first_stopped(
    tmp_path: Path, index: functools.partial[tuple[Path, ...]]
) -> None:
    folder = tmp_path / "clips"
    fetch_clips(local_table(), folder, package_files=index)
    kept = (folder / "a.wav").stat().st_mtime_ns
    (folder / "b.wav").unlink()
    (folder / "c.ogg").write_bytes(b"damaged")
    haul = fetch_clips(local_table(), folder, package_files=index)
    assert not haul.missing
    assert (folder / "a.wav").stat().st_mtime_ns == kept
    assert (folder / "c.ogg").read_bytes() == CONTENTS["c"]


def test_other_bytes_are_refused_after_one_more_try(tmp_path: Path, index: functools.partial[tuple[Path, ...]]) -> None:
    asked: list[str] = []

    def counting(package: str, wanted: Sequence[WantedFile], into: Path, **more: object) -> tuple[Path, ...]:
        asked.append(package)
        return index(package, wanted, into, **more)  # type: ignore[arg-type]

    haul = fetch_clips(local_table(a="0" * 64), tmp_path / "clips", package_files=counting)  # type: ignore[arg-type]
    assert [c.id for c in haul.clips] == ["b", "c"]
    assert [c.id for m in haul.missing for c in m.clips] == ["a"]
    assert "SHA-256" in haul.missing[0].reason
    assert not (tmp_path / "clips" / "a.wav").exists()
    assert asked.count("demo-sounds==1.0") == 3  # refused, once more, then the rest without it


def test_an_index_out_of_reach_is_said_with_its_reason(tmp_path: Path) -> None:
    def nothing(package: str, wanted: Sequence[WantedFile], into: Path, **_more: object) -> tuple[Path, ...]:
        raise SourceUnavailable("no answer", place=package, remedy="check the network")

    haul = fetch_clips(local_table(), tmp_path / "clips", package_files=nothing)  # type: ignore[arg-type]
    assert not haul.clips
    assert {m.package for m in haul.missing} == {"demo-sounds==1.0", "demo-wheel==2.0"}
    assert all("no answer" in m.reason for m in haul.missing)


def deb(path: Path, content: bytes) -> Path:
    """A minimal .deb: an `ar` archive with data.tar.xz."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as tar:
        entry = tarfile.TarInfo("./usr/share/x.wav")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    out = b"!<arch>\n"
    for name, body in (("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), ("data.tar.xz", data.getvalue())):
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(body):<10}".encode() + b"`\n" + body
        out += b"\n" * (len(body) % 2)
    path.write_bytes(out)
    return path


def test_a_deb_is_read_as_an_archive(tmp_path: Path) -> None:
    archive = deb(tmp_path / "x.deb", b"hola" * 100)
    take_from_deb(archive, [WantedFile("./usr/share/x.wav", sha(b"hola" * 100))], tmp_path)
    assert (tmp_path / "x.wav").read_bytes() == b"hola" * 100
    with pytest.raises(ChecksumRefused):
        take_from_deb(archive, [WantedFile("./usr/share/x.wav", "0" * 64)], tmp_path)
    with pytest.raises(SourceUnavailable, match="does not hold"):
        take_from_deb(archive, [WantedFile("./nothing", "0" * 64)], tmp_path)
    (tmp_path / "no.deb").write_bytes(b"not an archive")
    with pytest.raises(SourceUnavailable, match="no ar archive"):
        take_from_deb(tmp_path / "no.deb", [WantedFile("./x", "0" * 64)], tmp_path)


def test_made_clips_play_and_say_that_they_were_made(tmp_path: Path) -> None:
    haul = make_clips(tmp_path, short=True)
    assert haul.made
    assert len(haul.clips) == 8
    assert all(c.title.startswith("Made:") and "Made on this machine" in c.credit for c in haul.clips)
    for clip in haul.clips:
        with av.open(tmp_path / clip.file_name) as container:
            stream = container.streams.video[0] if clip.kind is ItemKind.VIDEO else container.streams.audio[0]
            seconds = sum(
                f.samples / f.sample_rate if isinstance(f, av.AudioFrame) else 1 / 15 for f in container.decode(stream)
            )
        assert 1.0 < seconds < 9.0, clip.id
    groups = {c.group for c in haul.clips}
    assert {"calm-music", "lively-music", "games", "world", "cartoon"} == groups
    rows = write_manifest(haul, "made").read_text("utf-8").splitlines()
    assert len(rows) == 8
    assert all('"licence": "CC0-1.0"' in row for row in rows)


def test_a_clip_is_never_named_outside_its_folder() -> None:
    for clip in clip_table().clips():
        assert isinstance(clip, Clip)
        assert "/" not in clip.file_name
        assert not clip.file_name.startswith(".")
