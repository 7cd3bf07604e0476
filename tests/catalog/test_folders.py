"""Identity of files: same path, same item; moved bytes keep the item; copies are items of their own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.catalog.conftest import Library
from tests.media import make_clips

from vitascope.base.errors import UsageError


def ids(library: Library) -> dict[str, str]:
    """Name of the file -> item id, available items alone."""
    items = {i.key: i for i in library.stores.items.iter(available=True)}
    return {
        Path(a.uri).name: items[k].item_id
        for k, found in library.stores.items.assets(list(items)).items()
        for a in found
    }


def test_the_id_is_what_the_contract_says(library: Library, folder: Path) -> None:
    (folder / "deep").mkdir()
    make_clips.wav(folder / "deep" / "a.wav", make_clips.sound(0.5))
    library.catalog.ingest([str(folder)])
    root = library.stores.items.root_id(str(folder))
    wanted = "f_" + hashlib.sha256(f"{root}\ndeep/a.wav".encode()).hexdigest()[:20]
    assert ids(library) == {"a.wav": wanted}


def test_again_moved_copied_vanished_back(library: Library, folder: Path) -> None:
    one = make_clips.wav(folder / "one.wav", make_clips.sound(1.0, seed=3))
    first = library.catalog.ingest([str(folder)])
    assert (first.files, first.items_new) == (1, 1)
    same = library.catalog.ingest([str(folder)])
    assert (same.items_new, same.items_changed, same.items_same) == (0, 0, 1)
    was = ids(library)["one.wav"]
    (folder / "sub").mkdir()
    one.rename(folder / "sub" / "moved.wav")
    library.catalog.ingest([str(folder)])
    assert ids(library) == {"moved.wav": was}
    shutil.copy(folder / "sub" / "moved.wav", folder / "copy.wav")
    library.catalog.ingest([str(folder)])
    now = ids(library)
    assert now["moved.wav"] == was
    assert now["copy.wav"] != was
    keys = library.stores.items.keys(now.values())
    assert library.stores.duplicates.copies_of([keys[was]])[keys[was]] == (keys[now["copy.wav"]],)
    (folder / "copy.wav").rename(folder.parent / "away.wav")
    assert library.catalog.ingest([str(folder)]).items_gone == 1
    assert ids(library) == {"moved.wav": was}
    (folder.parent / "away.wav").rename(folder / "copy.wav")
    library.catalog.ingest([str(folder)])
    assert ids(library) == now


def test_what_is_bad_is_a_problem_until_it_is_mended(library: Library, folder: Path) -> None:
    make_clips.wav(folder / "good.wav", make_clips.sound(0.5))
    (folder / "bad.mp3").write_bytes(b"%PDF-1.4 not music")
    (folder / "notes.txt").write_text("no media, no problem")
    report = library.catalog.ingest([str(folder)])
    assert (report.items_new, report.set_aside, report.files) == (1, 1, 2)
    (found,) = library.stores.problems.iter()
    assert found.place == str(folder / "bad.mp3")
    assert "PDF" in found.reason
    assert found.remedy
    (folder / "bad.mp3").unlink()
    make_clips.wav(folder / "bad.wav", make_clips.sound(0.6, seed=9)).rename(folder / "bad.mp3")
    assert library.catalog.ingest([str(folder)]).items_new == 1
    assert list(library.stores.problems.iter()) == []


def test_tags_nfo_and_name_give_the_title(library: Library, folder: Path) -> None:
    make_clips.video(folder / "tagged.mp4", shots=(0.4,), audio=None, title="From the tag", genre="Calm; Piano")
    make_clips.video(folder / "A Film (2001).mp4", shots=(0.4,), audio=None, seed=2)
    (folder / "A Film (2001).nfo").write_text(
        "<movie><title>From the NFO</title><year>2001</year><genre>Drama</genre><plot>Once.</plot></movie>"
    )
    make_clips.video(folder / "just_a.name.mp4", shots=(0.4,), audio=None, seed=3)
    library.catalog.ingest([str(folder)])
    found = {i.title: i for i in library.stores.items.iter()}
    assert set(found) == {"From the tag", "From the NFO", "just a name"}
    assert found["From the tag"].tags == ("Calm", "Piano")
    assert found["From the NFO"].tags == ("Drama",)
    assert found["From the NFO"].description == "Once."
    assert found["From the NFO"].published_at == 978_307_200.0


def test_hostile_names_are_names(library: Library, shared: Path, folder: Path) -> None:
    import csv

    with open(shared / "media/MANIFEST.tsv", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["as_name"]]
    for row in rows:
        shutil.copy(shared / "media" / row["path"], folder / row["as_name"])
    report = library.catalog.ingest([str(folder)])
    assert report.items_new == len(rows)
    assert report.set_aside == 0
    assert not (Path.cwd() / "pwned").exists()
    named = library.catalog.ingest([str(folder / ".hidden.mp4")])
    assert (named.items_same, named.items_new) == (1, 0)


def test_nothing_that_could_be_opened_is_a_usage_error(library: Library, folder: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        library.catalog.ingest([str(folder / "nothing")])
    assert library.catalog.ingest([str(folder / "nothing"), str(folder)]).set_aside == 1


def test_copies_are_found_and_others_are_not(library: Library, folder: Path) -> None:
    make_clips.video(folder / "work.mp4", shots=(2.0, 2.0), seed=1)
    make_clips.video(folder / "small.mkv", shots=(2.0, 2.0), seed=1, size=(96, 72))
    make_clips.video(folder / "trim.mp4", shots=(2.0, 2.0), seed=1, start=1.0)
    make_clips.video(folder / "other.mp4", shots=(2.0, 2.0), seed=5)
    make_clips.wav(folder / "sound.wav", make_clips.sound(4.0, seed=8))
    library.catalog.ingest([str(folder)])
    names = ids(library)
    keys = library.stores.items.keys(names.values())
    groups = library.stores.duplicates.groups()
    group = {n: groups.get(keys[i]) for n, i in names.items()}
    assert group["work.mp4"] is not None
    assert group["work.mp4"] == group["small.mkv"] == group["trim.mp4"]
    assert group["other.mp4"] is None
    assert group["sound.wav"] is None


_RUN = """
import sys
from pathlib import Path
from vitascope.backends.media import PyAvReader
from vitascope.backends.stores import Stores
from vitascope.catalog import Catalog, CatalogConfig
home = Path(sys.argv[1])
s = Stores.open(f"sqlite:///{home / 'library.db'}", b"k" * 32)
r = PyAvReader(home / "cache")
c = Catalog(s.items, s.duplicates, s.vectors, s.problems, s.settings, r, CatalogConfig())
print(c.ingest(sys.argv[2:], progress=lambda *a: print(*a[:2], file=sys.stderr, flush=True)).model_dump_json())
r.close()
s.close()
"""


def killed_twice(folder: Path, home: Path, files: int) -> None:
    """Ingest, killed by SIGKILL after a third and two thirds of the files; the third run must be complete."""
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-c", _RUN, str(home), str(folder)]
    for share in (3, 3):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(b"files") and int(line.split()[1]) >= files // share:
                break
        time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert report["files"] == files
    from vitascope.backends.stores import Stores

    stores = Stores.open(f"sqlite:///{home / 'library.db'}", b"k" * 32)
    try:
        items = list(stores.items.iter(available=True))
        assets = [a for found in stores.items.assets([i.key for i in items]).values() for a in found]
        assert len({a.uri for a in assets}) == len(assets) == len(items)
        places = {p.place for p in stores.problems.iter()}
        assert len(items) + len(places) == files
        assert not places & {a.uri for a in assets}
        assert {f.asset for f in stores.duplicates.fingerprints()} == {a.key for a in assets}
    finally:
        stores.close()


def test_sigkill_twice_loses_and_doubles_nothing(shared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    media = shared / "media" / "dev"
    for path in sorted((media / "speech").glob("[!.]*"))[:9] + sorted((media / "bad").glob("*.mp4"))[-3:]:
        shutil.copy(path, folder)
    killed_twice(folder, tmp_path / "home", 12)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_sigkill_twice_on_everything(shared: Path, tmp_path: Path) -> None:
    from vitascope.catalog._files import walk

    folder = shared / "media" / "dev"
    lists = sum(1 for path in folder.rglob("*.m3u8"))
    killed_twice(folder, tmp_path / "home", lists + sum(len(media) for _, media, _, _ in walk(folder)))
