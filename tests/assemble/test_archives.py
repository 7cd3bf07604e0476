"""Archives into a library: items, events, what is told apart, what is told of; and a stranger's connector."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts import sample_sources
from tests.assemble.test_strangers import package

from vitascope.assemble import System, open_system
from vitascope.base.errors import UsageError

CODE = '''
"""Someone else's source."""
from vitascope.base.items import ItemDraft
from vitascope.base.ports.connectors import Act, Fault, SourceItem


class Shelf:
    """Reads "shelf:NAME"."""
    name = "shelf"
    def claims(self, source):
        return source.address.startswith("shelf:")
    def read(self, source):
        yield SourceItem(draft=ItemDraft(item_id="shelf:1", title="From " + source.address))
        yield Act(type="like", item_id="shelf:1")
        yield Fault(place="row 2", reason="it is odd", remedy="make it even")
        raise RuntimeError("lost")
'''


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = open_system(
        tmp_path_factory.mktemp("home"), settings={"models": {"off": ["language_model"]}}, clock=lambda: 1_790_000_000.0
    )
    yield made
    made.close()


def events(system: System, user: str) -> list[tuple[str, str | None, bool]]:
    stores = system.rooms.stores
    (person,) = stores.people.find([user]).values()
    found = stores.events.of(person)
    names = {i.key: i.item_id for i in stores.items.iter()}
    return sorted((e.type.value, names.get(e.item) if e.item else e.target, e.time is not None) for e in found)


def test_an_archive_becomes_items_and_events_once(system: System, tmp_path: Path) -> None:
    path = sample_sources.pack(tmp_path / "takeout.zip", sample_sources.youtube())
    first = system.import_archive(str(path), "ana")
    assert first.connector == "youtube"
    assert (first.items_new, first.added, first.known, first.set_aside) == (8, 12, 1, 1)
    again = system.import_archive(str(path), "ana")
    assert (again.items_new, again.added, again.known) == (0, 0, 13)
    stores = system.rooms.stores
    known = stores.items.get("youtube:aaaaaaaaaa3")
    bare = stores.items.get("youtube:cccccccccc1")
    assert known is not None
    assert bare is not None
    assert known.title == "Night train to Lisbon: a slow ride"
    assert known.available
    assert dict(known.extra)["playlist Watch later"] == "1"
    assert not bare.available, "nothing but a number is known of it: kept out of lists"
    told = [p.place for p in stores.problems.iter() if p.place.startswith(str(path))]
    assert len(told) == 2
    assert ("follow", "creator:Orbit Lab", False) in events(system, "ana")
    columns = stores.events.columns()
    assert columns.imported.all(), "never taken for automation"
    assert not system.rooms.noise.clean(columns).marked.any()


def test_a_file_that_was_fetched_is_the_item(system: System, tmp_path: Path) -> None:
    folder = sample_sources.write(tmp_path / "media", sample_sources.media_folder())
    system.ingest([str(folder / "Music")], describe=False)
    path = sample_sources.pack(tmp_path / "takeout.zip", sample_sources.youtube())
    system.import_archive(str(path), "ben")
    mine = {name for kind, name, _ in events(system, "ben") if kind in ("play", "like")}
    ours = [i for i in system.rooms.stores.items.iter() if dict(i.extra).get("source_id") == "youtube:dQw4w9WgXcQ"]
    assert len(ours) == 1
    assert ours[0].item_id.startswith("f_")
    assert ours[0].item_id in mine
    assert "youtube:dQw4w9WgXcQ" not in mine


def test_media_of_an_archive_and_undated_likes(system: System, tmp_path: Path) -> None:
    path = sample_sources.pack(tmp_path / "m.zip", sample_sources.mastodon())
    report = system.ingest([str(path)], describe=False)
    assert report.items_new >= 3
    stores = system.rooms.stores
    own = stores.items.get("mastodon:social.example/users/ada/statuses/1")
    assert own is not None
    (asset,) = stores.items.assets([own.key])[own.key]
    assert asset.path.is_relative_to(system.rooms.fetched)
    assert any(p.place == f"{path}:acts" and "import-archive" in p.remedy for p in stores.problems.iter())
    broken = system.rooms.fetched / "x.mp3.part"
    broken.write_bytes(b"half")
    assert system.rooms.home.gc().get("fetched", 0) == 0, "a download that broke off today is gone on with"
    os.utime(broken, (1e9, 1e9))
    assert system.rooms.home.gc()["fetched"] == 4
    assert not broken.exists()
    assert asset.path.exists()
    system.import_archive(str(path), "cy")
    assert ("like", "mastodon:video.example/w/abc", False) in events(system, "cy")
    assert not any(p.place == f"{path}:acts" for p in stores.problems.iter())


def test_what_is_no_archive_says_what_would_be(system: System, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(UsageError, match="youtube") as error:
        system.import_archive(str(tmp_path / "x.json"), "ana")
    assert error.value.remedy
    sample_sources.write(tmp_path, sample_sources.tiktok())
    with pytest.raises(UsageError, match="does not say whose") as error:
        system.import_events(tmp_path / "user_data_tiktok.json")
    assert "import-archive" in (error.value.remedy or "")


def test_a_strangers_connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = "[vitascope.connectors]\nshelf = stranger3:Shelf\n"
    monkeypatch.syspath_prepend(str(package(tmp_path / "site", CODE, door, "stranger3")))
    library = open_system(tmp_path / "home", settings={"models": {"off": ["language_model"]}})
    try:
        assert library.ingest(["shelf:mine"], describe=False).items_new == 1
        report = library.import_archive("shelf:mine", "ana")
        assert (report.connector, report.added, report.set_aside) == ("shelf", 1, 2)
        told = {p.place: p.reason for p in library.rooms.stores.problems.iter()}
        assert told["shelf:mine:row 2"] == "it is odd"
        assert "the connector shelf failed: RuntimeError: lost" in told["shelf:mine"]
    finally:
        library.close()
