"""Manifests, feeds, sidecars: hostile rows are set aside with their line, the rest is kept."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.catalog.conftest import Library
from tests.media import make_clips

from vitascope.base.errors import BadRow, InputError
from vitascope.catalog import _feeds, _files, _nfo, _rows, _sidecars
from vitascope.catalog import _text as text

FIELDS = ("title", "description", "tags", "creator")


def jsonl(path: Path, *rows: object) -> Path:
    """A manifest."""
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows))
    return path


def test_bad_rows_are_set_aside_with_their_line(library: Library, folder: Path) -> None:
    path = jsonl(
        folder / "m.jsonl",
        {"item_id": "a", "title": "A", "published_at": "01-Jan-1995", "mood_column": "calm"},
        "{no json",
        {"title": "no id"},
        {"item_id": "a", "title": "again"},
        {"item_id": "b", "kind": "nonsense", "language": "eng", "published_at": "soon", "tags": "x;y"},
    )
    report = library.catalog.ingest([str(path)])
    assert (report.items_new, report.set_aside) == (2, 3)
    places = {p.place.rsplit(":", 1)[1]: p for p in library.stores.problems.iter()}
    assert set(places) == {"2", "3", "4", "5"}
    assert all(p.remedy for p in places.values())
    a, b = library.stores.items.get("a"), library.stores.items.get("b")
    assert a is not None
    assert a.title == "A"
    assert a.published_at == 788_918_400.0
    assert a.extra == (("mood_column", "calm"),)
    assert b is not None
    assert b.language == "en"
    assert b.tags == ("x", "y")
    assert b.published_at is None
    jsonl(path, {"item_id": "a", "title": "A"}, {"item_id": "b"})
    assert library.catalog.ingest([str(path)]).set_aside == 0
    assert list(library.stores.problems.iter()) == []


def test_several_files_of_one_item_and_own_vectors(library: Library, folder: Path) -> None:
    make_clips.wav(folder / "one.wav", make_clips.sound(0.5, seed=1))
    make_clips.wav(folder / "two.wav", make_clips.sound(0.5, seed=2))
    path = jsonl(
        folder / "m.jsonl",
        {"item_id": "a", "uri": "one.wav", "vectors": {"picture": [3, 4]}},
        {"item_id": "a", "uri": "two.wav"},
        {"item_id": "b", "uri": "three.wav", "vectors": {"picture": [1, 2, 3]}},
    )
    library.catalog.ingest([str(path)])
    keys = library.stores.items.keys(["a", "b"])
    assert [Path(x.uri).name for x in library.stores.items.assets([keys["a"]])[keys["a"]]] == ["one.wav", "two.wav"]
    found, matrix = library.stores.vectors.matrix("own:picture")
    assert found.tolist() == [keys["a"]]
    assert matrix[0] == pytest.approx([0.6, 0.8], abs=1e-3)
    said = " ".join(p.reason for p in library.stores.problems.iter())
    assert "three.wav" in said
    assert "vector picture" in said
    assert library.stores.items.get("b") is not None


def test_csv_and_parquet_say_the_same(library: Library, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / "m.csv").write_text('item_id,title,tags,published_at\nc1,"A, b",x|y,1995\n')
    pq.write_table(pa.table({"item_id": ["p1"], "title": ["A, b"], "tags": [["x", "y"]]}), folder / "m.parquet")
    library.catalog.ingest([str(folder / "m.csv"), str(folder / "m.parquet")])
    c, p = library.stores.items.get("c1"), library.stores.items.get("p1")
    assert c is not None
    assert p is not None
    assert (c.title, c.tags) == (p.title, p.tags) == ("A, b", ("x", "y"))
    (folder / "bad.csv").write_text("name,title\nx,y\n")
    assert library.catalog.ingest([str(folder / "bad.csv")]).set_aside == 1


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("01-Jan-1995", 788918400),
        (0, 0),
        ("2020-01-02T03:04:05Z", 1577934245),
        ("1995", 788918400),
        ("25/12/2000", 977702400),
        ("Fri, 08 Jul 2016 13:40:00 UTC", 1467985200),
        ("March 3, 2001", 983577600),
        (None, None),
        ("", None),
    ],
)
def test_dates(written: object, seconds: float | None) -> None:
    assert text.timestamp(written) == seconds


@pytest.mark.parametrize("written", ["soon", "03/04/2020", "0000", True, float("nan"), 1e300, "99999999999999999999"])
def test_no_dates(written: object) -> None:
    with pytest.raises((ValueError, OverflowError)):
        text.timestamp(written)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(_rows.KNOWN)) | st.text(max_size=6), json_values, max_size=8))
def test_any_row_is_read_or_refused(row: dict[str, object]) -> None:
    with contextlib.suppress(BadRow):  # anything else that is raised fails the test
        stated = _rows.read_row(row, FIELDS, "test")
        assert stated.draft.item_id
        assert isinstance(stated.draft.text(), str)


@given(st.text(min_size=1, max_size=40).filter(lambda s: "/" not in s and "\0" not in s and s not in {".", ".."}))
def test_ids_depend_on_root_and_normalised_name_alone(name: str) -> None:
    import unicodedata

    names = [
        _files.relative_name(Path("/r"), Path("/r") / unicodedata.normalize(form, name)) for form in ("NFC", "NFD")
    ]
    assert _files.item_id_of("r_1", names[0]) == _files.item_id_of("r_1", names[1])
    assert _files.item_id_of("r_1", names[0]) != _files.item_id_of("r_2", names[0])


def test_xml_attacks_are_refused(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="entit"):
        _nfo.read_nfo(shared / "media/dev/meta/hostile-xxe.nfo")
    laughs = b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>'
    with pytest.raises(InputError):
        list(_feeds.read_feed(laughs, "x", FIELDS, 10))


def test_real_nfo_files(shared: Path) -> None:
    meta = shared / "media/dev/meta"
    assert _nfo.read_nfo(meta / "Big Buck Bunny (2008).nfo")["tags"] == ("Animation", "Comedy", "Short")
    assert _nfo.read_nfo(meta / "jellyfin__Rising.nfo")["title"] == "Rising (1) / Rising (2)"
    assert _nfo.read_nfo(meta / "jellyfin__Tmdb.nfo") == {}


def test_real_subtitles(shared: Path) -> None:
    meta = shared / "media/dev/meta"
    assert "中" in text.clean("中", 5)
    chinese = _sidecars.read_subtitles(meta / "cdown__gb2312.srt")
    assert chinese.cues
    assert any("\u4e00" <= c <= "\u9fff" for c in chinese.cues[0].text)
    assert _sidecars.read_subtitles(meta / "utf16.srt").cues
    lines = _sidecars.read_subtitles(meta / "made__sonnet001.lrc").cues
    assert lines[1].text == "From fairest creatures we desire increase,"
    assert float(lines[1].span.start) == 2.68
    hostile = _sidecars.read_subtitles(meta / "hostile-markup.srt").cues
    assert all("<" not in c.text and c.span.end >= c.span.start for c in hostile)


def test_hostile_feed(library: Library, shared: Path) -> None:
    report = library.catalog.ingest([str(shared / "media/dev/meta/hostile-rss.xml")])
    assert (report.items_new, report.set_aside) == (1, 1)
    assert library.stores.items.counts().assets == 0


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/x",
        "http://[::1]/x",
        "http://localhost/x",
        "http://10.0.0.1/x",
        "http://2130706433/x",
        "http://0x7f000001/x",
        "http://127.1/x",
        "ftp://example.com/x",
        "http://nas.local/x",
        "http:///x",
    ],
)
def test_addresses_of_this_machine_and_its_network(url: str) -> None:
    assert _feeds.refused_address(url)


def test_public_addresses() -> None:
    assert _feeds.refused_address("https://example.com/a.mp3") is None
    assert _feeds.refused_address("http://93.184.216.34/a.mp3") is None
