"""Archives of social and video apps, read by their connectors: made samples, any JSON at all, hostile containers.

Every connector that is installed is held to the port: what it gives, and that it never raises for what a file holds.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts import sample_sources

from vitascope.assemble import _plugins
from vitascope.backends.feeds import ArchiveLimits, _sources, open_source
from vitascope.base.errors import InputError, Refused, UsageError
from vitascope.base.ports.connectors import Act, Connector, Fault, Source, SourceItem
from vitascope.catalog.connectors import Bilibili, Mastodon, TikTok, YouTube
from vitascope.catalog.connectors._activity import activities, date_of
from vitascope.catalog.connectors._youtube import video_of

LIMITS = ArchiveLimits(files=50, file_bytes=2_000_000, bytes=20_000_000, ratio=200)
SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {
    "youtube": sample_sources.youtube,
    "tiktok": sample_sources.tiktok,
    "bilibili": sample_sources.bilibili,
    "mastodon": sample_sources.mastodon,
}


def no_network(url: str, limit: int) -> bytes:
    raise AssertionError(f"asked for {url}")


def source(path: Path) -> Source:
    return open_source(str(path), LIMITS, no_network)


def read(connector: Connector, path: Path) -> tuple[dict[str, SourceItem], list[Act], list[Fault]]:
    things = list(connector.read(source(path)))
    items = {}
    for thing in things:
        if isinstance(thing, SourceItem):
            known = items.get(thing.draft.item_id)
            items[thing.draft.item_id] = known if known is not None and known.draft.title else thing
        elif isinstance(thing, Act) and thing.item_id is not None:
            assert thing.item_id in items, "an item comes before the acts on it"
    return items, [t for t in things if isinstance(t, Act)], [t for t in things if isinstance(t, Fault)]


def did(acts: list[Act]) -> list[tuple[str, str | None]]:
    return [(a.type, a.item_id or a.target) for a in acts]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_archive_is_claimed_by_its_connector_alone(name: str, tmp_path: Path) -> None:
    files = SAMPLES[name]()
    folder, packed = sample_sources.write(tmp_path / "folder", files), sample_sources.pack(tmp_path / "a.zip", files)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(folder, arcname=".")
    by_name = {c.name: c for c in _plugins.connectors()}
    assert set(by_name) >= set(SAMPLES)
    seen = []
    for path in (folder, packed, tmp_path / "a.tar.gz"):
        assert [n for n, c in by_name.items() if c.claims(source(path))] == [name]
        items, acts, _ = read(by_name[name], path)
        seen.append((sorted(items), sorted(map(str, did(acts)))))
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0][0]) >= 3


def test_youtube(tmp_path: Path) -> None:
    items, acts, faults = read(YouTube(), sample_sources.pack(tmp_path / "t.zip", sample_sources.youtube()))
    first = items["youtube:dQw4w9WgXcQ"].draft
    assert (items["youtube:aaaaaaaaaa3"].draft.title or "").startswith("Night train"), "from the HTML"
    assert first.origin == "connector:youtube"
    assert dict(first.extra)["link"] == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    played = [a for a in acts if a.type == "play"]
    assert [a.item_id for a in played[:5]] == [
        "youtube:dQw4w9WgXcQ",
        "youtube:aaaaaaaaaa1",
        "youtube:aaaaaaaaaa2",
        "youtube:mmmmmmmmmm1",
        "youtube:ssssssssss1",
    ], "advertisements, searches and removed videos are no watch"
    assert [a.surface for a in played[:5]] == ["video", "video", "video", "music", "short"]
    assert items["youtube:mmmmmmmmmm1"].draft.kind.value == "audio"
    assert played[0].timestamp == 1_767_261_600.123
    html = [a for a in played if a.item_id in {"youtube:aaaaaaaaaa3", "youtube:dQw4w9WgXcQ"}]
    assert [a.timestamp for a in html] == [1_767_261_600.123, 1_767_731_400.0, 1_767_261_600.0]
    assert html[0].event_id == html[2].event_id, "the same watch in JSON and in HTML"
    others = did([a for a in acts if a.type != "play"])
    assert others == [
        ("like", "youtube:dQw4w9WgXcQ"),
        ("like", "youtube:cccccccccc1"),
        ("favourite", "youtube:aaaaaaaaaa2"),
        ("follow", "creator:Orbit Lab"),
        ("comment", "youtube:dQw4w9WgXcQ"),
    ], "watch later is no act"
    assert [a.text for a in acts if a.type == "comment"] == ["So clear!"]
    assert [f.place.rsplit(":", 1)[1] for f in faults] == ["9", "10"]
    assert all(f.remedy and "watch-history.json" in f.place for f in faults)


def test_tiktok_old_new_and_as_text(tmp_path: Path) -> None:
    new = sample_sources.write(tmp_path / "new", sample_sources.tiktok())
    old = sample_sources.write(tmp_path / "old", sample_sources.tiktok(newer=False))
    for folder in (new, old):
        items, acts, faults = read(TikTok(), folder)
        assert len(items) == 5
        counts = {kind: sum(a.type == kind for a in acts) for kind in ("play", "like", "favourite", "follow", "share")}
        assert counts == {"play": 5, "like": 1, "favourite": 1, "follow": 1, "share": int(folder == new)}
        assert {a.surface for a in acts if a.item_id} == {"short"}
        assert [f.place.rsplit("/", 1)[-1] for f in faults] == ["5", "6"], "a date, a link to no video"
    assert acts[0].timestamp is not None
    text = tmp_path / "text"
    block = b"Date: 2026-02-01 10:00:00 UTC\nLink: https://www.tiktokv.com/share/video/7000000000000000001/\n"
    sample_sources.write(
        text, {"TikTok/Your Activity/Watch History.txt": block + b"\n" + block.replace(b"01/", b"02/")}
    )
    assert TikTok().claims(source(text))
    items, acts, faults = read(TikTok(), text)
    assert (len(items), [a.timestamp for a in acts], faults) == (2, [1_769_940_000.0] * 2, [])


def test_douyin(tmp_path: Path) -> None:
    folder = sample_sources.write(tmp_path / "d", sample_sources.douyin())
    assert TikTok().claims(source(folder))
    items, acts, _ = read(TikTok(), folder)
    (item,) = items.values()
    assert (item.draft.item_id, item.draft.title, item.draft.creator) == (
        "douyin:7100000000000000001",
        "火箭发动机的原理",
        "航天小课堂",
    )
    assert {a.timestamp for a in acts} == {1_769_940_000.0}, "UTC+8"


def test_bilibili(tmp_path: Path) -> None:
    items, acts, faults = read(Bilibili(), sample_sources.write(tmp_path / "b", sample_sources.bilibili()))
    one = items["bilibili:BV1aaaaaaaa1"].draft
    assert (one.title, one.creator, one.tags) == ("火箭发动机的原理", "航天小课堂", ("科学",))
    assert dict(items["bilibili:BV1aaaaaaaa6"].draft.extra)["playlist 默认收藏夹"] == "1"
    told = {(a.type, a.item_id, a.value) for a in acts}
    assert told == {
        ("complete", "bilibili:BV1aaaaaaaa1", None),
        ("progress", "bilibili:BV1aaaaaaaa2", 0.5),
        ("play", "bilibili:live4", None),
        ("favourite", "bilibili:BV1aaaaaaaa6", None),
        ("like", "bilibili:BV1aaaaaaaa1", None),
    }
    assert items["bilibili:live4"].draft.kind.value == "live"
    assert len(faults) == 1
    assert "no bvid" in faults[0].reason


def test_mastodon(tmp_path: Path) -> None:
    path = sample_sources.pack(tmp_path / "m.zip", sample_sources.mastodon())
    items, acts, faults = read(Mastodon(), path)
    own = items["mastodon:social.example/users/ada/statuses/1"]
    assert own.file == "media_attachments/files/001/harbour.wav"
    assert (own.draft.creator, own.draft.tags) == ("Ada", ("fieldrecording",))
    assert own.draft.description == "Field recording 1: a harbour at dawn\nGulls and a bell"
    assert not any(n.endswith(("/2", "/4")) for n in items), "no media; to one person alone"
    assert did(acts) == [
        ("share", "mastodon:other.example/users/bob/statuses/9"),
        ("favourite", "mastodon:video.example/w/abc"),
        ("like", "mastodon:other.example/@bob/9"),
        ("like", "mastodon:video.example/w/abc"),
        ("follow", "creator:@bob@other.example"),
    ]
    assert [a.timestamp is None for a in acts] == [False, True, True, True, True]
    assert len(faults) == 3
    kept = source(path).keep(own.file or "", tmp_path / "kept")
    assert kept.read_bytes() == sample_sources.tone()
    assert kept.parent == tmp_path / "kept"


# --- anything at all

KEYS = """header title titleUrl time subtitles details bvid history view_at fav_time progress duration medias info upper
business orderedItems type object id attachment mediaType url to tag Date Link VideoList owner Following 收藏""".split()
KEYS += ["Watch History", "Like List"]
ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["BV1aaaaaaaa1", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "Create", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(KEYS),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=ANY)
def test_no_document_stops_a_connector(document: Any, tmp_path: Path) -> None:
    written = json.dumps(document).encode()
    names = ("watch-history.json", "outbox.json", "likes.json", "like.json")
    folder = sample_sources.write(tmp_path / "any", dict.fromkeys(names, written))
    for connector in (YouTube(), TikTok(), Bilibili(), Mastodon()):
        connector.claims(source(folder))
        for thing in connector.read(source(folder)):
            if isinstance(thing, Act):
                assert thing.item_id or thing.target
                assert thing.type in {"play", "progress", "complete", "like", "favourite", "share", "follow", "comment"}
            elif isinstance(thing, SourceItem):
                assert len(thing.draft.item_id) <= 500


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"[" * 100_000, b'{"a":1', b"7", b"null", b"\x00" * 50])
def test_broken_documents_are_named(data: bytes, tmp_path: Path) -> None:
    names = ("watch-history.json", "outbox.json", "user_data.json", "watch-history.html", "a.csv", "Like List.txt")
    folder = sample_sources.write(tmp_path, dict.fromkeys(names, data))
    for connector in (YouTube(), TikTok(), Bilibili(), Mastodon()):
        connector.claims(source(folder))
        items, acts, faults = read(connector, folder)
        assert not items
        assert not acts
        assert all(f.remedy and f.place for f in faults)


# --- hostile containers


def packed(path: Path, members: dict[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name) if options.get("raw") else name, data, zipfile.ZIP_DEFLATED)
    return path


def test_names_that_lead_out_are_left_out(tmp_path: Path) -> None:
    bad = ("../up.json", "/etc/passwd", "a/../../b.json", "c:\\x.json", "a//b.json", "C:/x.json", "a\nb.json")
    path = packed(tmp_path / "t.zip", {**dict.fromkeys(bad, b"{}"), "good.json": b"[]"})
    opened = source(path)
    assert opened.names() == ("good.json",)
    (fault,) = opened.faults()
    assert f"{len(bad)} files" in fault.reason
    for name in bad:
        with pytest.raises(InputError) as error:
            source(tmp_path).keep(name, tmp_path / "kept")
        assert error.value.remedy
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kept", "t.zip"]
    assert not list((tmp_path / "kept").iterdir())


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    path = packed(tmp_path / "b.zip", {"watch-history.json": b"0" * 19_000_000, "long.json": b"[" + b" " * 3_000_000})
    limits = LIMITS.model_copy(update={"file_bytes": 20_000_000})
    with pytest.raises(InputError, match="bomb"):
        open_source(str(path), limits, no_network).read("watch-history.json")
    with pytest.raises(InputError, match="longer than 2,000,000"):
        source(path).read("long.json")
    # a head that lies about its length is held to what is read
    data = bytearray(path.read_bytes())
    place = data.rfind(b"PK\x01\x02", 0, data.rfind(b"long.json"))
    data[place + 24 : place + 28] = (10).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(InputError):
        source(path).read("long.json")
    many = packed(tmp_path / "many.zip", {f"{n}.json": b"" for n in range(60)})
    with pytest.raises(InputError, match="more than 50 files"):
        source(many)
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("a.json")
        info.size = 19_000_000
        tar.addfile(info, io.BytesIO(b"0" * info.size))
    with pytest.raises(InputError, match="bomb"):
        source(tmp_path / "b.tar.gz")


def head(kind: bytes, size: int, name: str = "x") -> bytes:
    """A tar header of a kind that tarfile's writer does not write at this size."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("form", ["", "xz"])
def test_what_stands_before_a_file_of_a_tar_archive_is_bounded(form: str, tmp_path: Path) -> None:
    size = _sources._HEAD + 512
    numbers = b"0\n" * (size // 2)
    extended = head(tarfile.GNUTYPE_SPARSE, 0)
    extended = extended[:482] + b"\x01" + extended[483:]
    extended = extended[:148] + b"%06o\0 " % (sum(extended[:148]) + 256 + sum(extended[156:512])) + extended[156:]
    heads = {
        "pax": head(tarfile.XHDTYPE, size) + b"\0" * size + head(tarfile.REGTYPE, 0),
        "name": head(tarfile.GNUTYPE_LONGNAME, size) + b"a" * size + head(tarfile.REGTYPE, 0),
        "holes": extended + (b"\0" * 504 + b"\x01" + b"\0" * 7) * (size // 512),
        "map": head(tarfile.XHDTYPE, 44)
        + b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n".ljust(512, b"\0")
        + head(tarfile.REGTYPE, size)
        + b"4000000\n"
        + numbers,
    }
    for name, data in heads.items():
        path = tmp_path / f"{name}.tar{form and '.' + form}"
        data += b"\0" * 1024
        path.write_bytes({"": bytes, "xz": lzma.compress}[form](data))
        with pytest.raises(InputError, match="file's name should"):
            source(path)


def test_files_of_a_packed_tar_archive_are_read_in_one_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for n in range(6):
            info = tarfile.TarInfo(f"{n}.mp4")
            info.size = 1_000
            tar.addfile(info, io.BytesIO(bytes([n]) * info.size))
    opened = source(path)
    walks = []
    real = gzip.open
    monkeypatch.setattr(_sources._Unpacked, "_KINDS", ((b"", lambda p: walks.append(p) or real(p)),))
    assert [opened.read(f"{n}.mp4")[0] for n in (0, 1, 3, 4)] == [0, 1, 3, 4]
    assert len(walks) == 1
    assert [opened.read(f"{n}.mp4")[0] for n in (2, 2, 5)] == [2, 2, 5]
    assert len(walks) == 3
    with pytest.raises(InputError, match="no such file"):
        opened.read("6.mp4")


def test_links_and_broken_archives(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("[1]")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "watch-history.json").symlink_to(tmp_path / "secret.json")
    opened = source(folder)
    assert opened.names() == ()
    assert opened.faults()
    with pytest.raises(InputError, match="outside"):
        opened.read("watch-history.json")
    with tarfile.open(tmp_path / "l.tar", "w") as tar:
        link = tarfile.TarInfo("outbox.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert source(tmp_path / "l.tar").names() == ()
    whole = packed(tmp_path / "w.zip", {"a.json": bytes(range(256)) * 50}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:60] + b"\0" * 40 + whole[100:])
    with pytest.raises(InputError, match="cannot be read"):
        source(tmp_path / "cut.zip").read("a.json")
    (tmp_path / "no.tar.gz").write_bytes(b"\x1f\x8bnothing")
    with pytest.raises(InputError, match="cannot be opened"):
        source(tmp_path / "no.tar.gz")
    with pytest.raises(UsageError):
        source(tmp_path / "nowhere.zip")
    with pytest.raises(Refused):
        source(folder).fetch("http://example.org", 10)


# --- small parsers


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("Jan 6, 2026, 9:30:00\u202fPM CET", 1_767_731_400.0),
        ("6 Jan 2026, 21:30:00 MEZ", 1_767_731_400.0),
        ("2026年1月7日 04:30:00 CST", 1_767_731_400.0),
        ("2026/01/07 5:30:00 JST", 1_767_731_400.0),
        ("06.01.2026, 21:30:00 GMT+01:00", 1_767_731_400.0),
        ("Jan 6, 2026, 12:30:00 AM UTC", 1_767_659_400.0),
        ("Feb 31, 2026, 1:00:00 PM UTC", None),
        ("yesterday", None),
    ],
)
def test_dates_of_activities(written: str, seconds: float | None) -> None:
    assert date_of(["x", written]) == seconds


@given(st.text(alphabet=st.sampled_from('<>/=" adiv&;\u00a0content-cell outer body-1 href')))
@settings(max_examples=40, deadline=None)
def test_any_html_reads(written: str) -> None:
    list(activities(written.encode()))


@pytest.mark.parametrize(
    ("url", "video"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://www.youtube.com/watch?v=../../etc", None),
        ("https://evilyoutube.com/watch?v=dQw4w9WgXcQ", None),
        ("http://[", None),
    ],
)
def test_addresses_of_videos(url: str, video: str | None) -> None:
    assert video_of(url) == video
