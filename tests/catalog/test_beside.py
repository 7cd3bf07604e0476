"""What lies beside media: NFO files, yt-dlp's info.json, playlists. Made samples; each field is named by its format."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.media import make_clips

from vitascope.backends.media import PyAvReader
from vitascope.backends.stores import Stores
from vitascope.base.errors import InputError
from vitascope.base.items import Item
from vitascope.catalog import Catalog, CatalogConfig, _info_json, _nfo, _playlists

EPISODE = """<episodedetails><title>{0}</title><showtitle>Comets</showtitle><season>1</season><episode>{1}</episode>
<plot>Plot {1}</plot><aired>2024-05-0{1}</aired><uniqueid type="tvdb">90{1}</uniqueid>
<watched>true</watched><playcount>3</playcount></episodedetails>"""
SHOW = """<?xml version="1.0"?><tvshow><title>Comets</title><plot>All on comets</plot><genre>Documentary</genre>
<studio>Sky House</studio><mpaa>TV-G</mpaa><actor><name>Ada</name></actor></tvshow>"""
INFO = {
    "id": "dQw4w9WgXcQ",
    "extractor_key": "Youtube",
    "title": "A walk",
    "description": "Through the town",
    "uploader": "Walker",
    "tags": ["walk", 7],
    "categories": ["Travel"],
    "upload_date": "20240102",
    "language": "en-US",
    "license": "CC-BY",
    "webpage_url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "age_limit": 0,
    "chapters": [{"start_time": 0, "end_time": 0.2, "title": "Start"}, {"start_time": 0.2, "title": "End"}],
}


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def catalog(stores: Stores, reader: PyAvReader) -> Catalog:
    s = stores
    return Catalog(s.items, s.duplicates, s.vectors, s.problems, s.settings, reader, CatalogConfig())


def by_file(stores: Stores) -> dict[str, Item]:
    items = {i.key: i for i in stores.items.iter()}
    return {Path(a.uri).name: items[k] for k, found in stores.items.assets(list(items)).items() for a in found}


def test_a_folder_with_all_of_it(catalog: Catalog, stores: Stores, tmp_path: Path) -> None:
    root = tmp_path / "media"
    season, films, music = root / "Comets" / "Season 1", root / "Film", root / "Music"
    for folder in (season, films, music):
        folder.mkdir(parents=True)
    names = [season / "e1.wav", season / "e2.wav", films / "film.wav", music / "a.wav", music / "b.wav"]
    for number, path in enumerate(names):
        make_clips.wav(path, make_clips.sound(0.3, seed=number))
    (root / "Comets" / "tvshow.nfo").write_text(SHOW)
    (season / "e1.nfo").write_text(EPISODE.format("Ice", 1) + EPISODE.format("Dust", 2))
    (films / "movie.nfo").write_text("<movie><title>The film</title><set><name>Trilogy</name></set></movie>")
    (music / "a.info.json").write_text(json.dumps(INFO))
    (music / "b.nfo").write_text("<musicvideo><title>Song</title><artist>Band</artist><album>Disc</album></musicvideo>")
    (music / "mix.m3u8").write_text("#EXTM3U\n#PLAYLIST:Mix\n#EXTINF:1,B\nb.wav\na.wav\n../Film/film.wav\ngone.wav\n")
    (music / "out.pls").write_text("[playlist]\nFile1=/etc/passwd\nFile2=../../library.db\nNumberOfEntries=2\n")
    report = catalog.ingest([str(root)])
    assert (report.items_new, report.files) == (5, 7)
    found = by_file(stores)
    one, two = found["e1.wav"], found["e2.wav"]
    assert one.title == "Ice / Dust"
    assert one.description == "Plot 1\n\nPlot 2"
    assert one.tags == two.tags == ("Documentary",)
    assert one.creator == two.creator == "Sky House"
    extra = dict(one.extra)
    assert (extra["showtitle"], extra["season"], extra["episode"], extra["actors"]) == ("Comets", "1", "1, 2", "Ada")
    assert extra["source_id"] == "tvdb:901"
    assert not {"watched", "playcount"} & set(extra), "a catalogue knows no person"
    assert dict(two.extra)["show_plot"] == "All on comets"
    assert (found["film.wav"].title, dict(found["film.wav"].extra)["set"]) == ("The film", "Trilogy")
    a = found["a.wav"]
    assert (a.title, a.creator, a.language, a.licence) == ("A walk", "Walker", "en", "CC-BY")
    assert a.tags == ("walk", "Travel")
    assert a.published_at == 1_704_153_600.0
    assert dict(a.extra)["source_id"] == "youtube:dQw4w9WgXcQ"
    (asset,) = stores.items.assets([a.key])[a.key]
    assert asset.probe is not None
    assert [c.title for c in asset.probe.chapters] == ["Start", "End"]
    assert (found["b.wav"].creator, dict(found["b.wav"].extra)["album"]) == ("Band", "Disc")
    assert [dict(found[n].extra)["playlist Mix"] for n in ("b.wav", "a.wav", "film.wav")] == [
        "1 of 4",
        "2 of 4",
        "3 of 4",
    ]
    told = {Path(p.place).name: p for p in stores.problems.iter()}
    assert set(told) == {"out.pls", "mix.m3u8", "mix.m3u8:missing"}
    assert "only matched" in told["mix.m3u8"].reason
    assert told["out.pls"].kind == "hostile-playlist"
    assert "2 of 2" in told["out.pls"].reason
    # again, with nothing changed; then with chapters that came later
    assert catalog.ingest([str(root)]).items_same == 5
    (music / "b.info.json").write_text(json.dumps(INFO | {"id": "b", "title": "Later"}))
    catalog.ingest([str(root)])
    b = by_file(stores)["b.wav"]
    assert b.title == "Later"
    assert [c.title for c in (stores.items.assets([b.key])[b.key][0].probe or asset.probe).chapters] == ["Start", "End"]


def test_a_named_playlist_stays_in_its_folder(catalog: Catalog, stores: Stores, tmp_path: Path) -> None:
    inside = tmp_path / "lists"
    inside.mkdir()
    for number, path in enumerate((tmp_path / "outside.wav", inside / "in ä.wav")):
        make_clips.wav(path, make_clips.sound(0.3, seed=number))
    os.symlink(tmp_path / "outside.wav", inside / "link.wav")
    (inside / "all.xspf").write_text(
        '<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>All</title><trackList>'
        "<track><location>in%20%C3%A4.wav</location></track><track><location>link.wav</location></track>"
        "<track><location>../outside.wav</location></track><track><location>gopher://x/y</location></track>"
        "<track><location>http://127.0.0.1/a.mp3</location></track>"
        "<track><location>https://media.example/a.mp3</location><title>Far</title><duration>1500</duration></track>"
        "</trackList></playlist>"
    )
    report = catalog.ingest([str(inside / "all.xspf")])
    items = {i.title: i for i in stores.items.iter()}
    assert set(items) == {"in ä", "Far"}
    assert dict(items["Far"].extra)["playlist All"] == "6 of 6"
    assert [a.uri for a in stores.items.assets([items["Far"].key])[items["Far"].key]] == ["https://media.example/a.mp3"]
    assert report.set_aside == 1
    assert {p.place.rsplit(":", 1)[-1] for p in stores.problems.iter()} >= {"5"}


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n", "HLS"),
        ("a.m3u", b"", "empty"),
        ("a.m3u", b"\x00\x01\x02" * 50, "binary"),
        ("a.pls", b"[playlist]\n", "no entry"),
        ("a.xspf", b"<!DOCTYPE x [<!ENTITY a 'b'>]><playlist/>", "no XSPF"),
        ("a.xspf", b"\xff\xfe<", "no XSPF"),
    ],
)
def test_hostile_lists_are_named(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said) as error:
        _playlists.read_playlist(tmp_path / name)
    assert error.value.remedy
    assert error.value.place == str(tmp_path / name)


@settings(max_examples=25, deadline=None)
@given(
    location=st.one_of(
        st.text(max_size=40), st.lists(st.sampled_from(["..", "a", "%2e%2e", "\\", "/", "~"])).map("/".join)
    )
)
def test_no_entry_leads_out(location: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = Path(os.path.realpath(tmp_path_factory.getbasetemp())) / "root"
    (root / "lists").mkdir(parents=True, exist_ok=True)
    for percent in (False, True):
        where = _playlists.leads_to(_playlists.Listed(location), root / "lists", root, percent)
        assert where is None or isinstance(where, str) or Path(os.path.realpath(where)).is_relative_to(root)
        assert not isinstance(where, str) or where.startswith(("http://", "https://"))


@settings(max_examples=25, deadline=None)
@given(said=st.dictionaries(st.sampled_from([*INFO, "x"]), VALUES))
def test_any_info_json_reads(said: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.info.json"
    path.write_text(json.dumps(said))
    stated, chapters = _info_json.read_info(path)
    assert all(c.span.end > c.span.start for c in chapters)
    assert all(isinstance(v, str) and v for _, v in stated.get("extra", ()))


@pytest.mark.parametrize("written", ["[]", "{", "7", '{"a":' * 100_000])
def test_what_is_no_info_json_is_named(tmp_path: Path, written: str) -> None:
    (tmp_path / "a.info.json").write_text(written)
    with pytest.raises(InputError, match="JSON") as error:
        _info_json.read_info(tmp_path / "a.info.json")
    assert error.value.remedy


def test_a_show_without_entities(tmp_path: Path) -> None:
    (tmp_path / "tvshow.nfo").write_text('<!DOCTYPE x [<!ENTITY a "b">]><tvshow><title>&a;</title></tvshow>')
    with pytest.raises(InputError, match="entities"):
        _nfo.read_show(tmp_path / "tvshow.nfo")
