"""What manifests and feeds name elsewhere becomes media of the home, where the settings allow it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.backends.feeds.conftest import Site, say
from tests.media.make_clips import sound, wav

from vitascope.backends.feeds import HttpFetcher
from vitascope.backends.media import PyAvReader
from vitascope.backends.stores import Stores
from vitascope.base.errors import UsageError
from vitascope.catalog import Catalog, CatalogConfig, sidecar_subtitles


def catalog(stores: Stores, reader: PyAvReader, home: Path, **fetch: object) -> Catalog:
    config = CatalogConfig.model_validate({"private_addresses": True, "fetch": {"keep_free": 0, **fetch}})
    s = stores
    return Catalog(
        s.items, s.duplicates, s.vectors, s.problems, s.settings, reader, config, HttpFetcher(), home / "fetched"
    )


def test_a_manifest_names_media_elsewhere(site: Site, stores: Stores, reader: PyAvReader, tmp_path: Path) -> None:
    clip = wav(tmp_path / "clip.wav", sound(0.5)).read_bytes()
    site.answers["/clip.wav"] = say(clip, ETag='"1"')
    site.answers["/page"] = say(b"<html>", Content_Type="text/html")
    rows = [
        {"item_id": "a", "title": "A clip", "uri": site.url("/clip.wav")},
        {"item_id": "b", "title": "A page", "uri": site.url("/page")},
        {"item_id": "c", "title": "Elsewhere", "uri": site.url("/clip.wav", "localhost")},
    ]
    manifest = tmp_path / "m.jsonl"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows))
    # no host is trusted by default: linked, and said once
    report = catalog(stores, reader, tmp_path).ingest([str(manifest)])
    assert (report.items_new, report.set_aside, site.asked) == (3, 0, [])
    told = [p for p in stores.problems.iter() if p.place.endswith(":hosts")]
    assert len(told) == 1
    assert "127.0.0.1 (2), localhost (1)" in told[0].reason
    assert "catalog.fetch.hosts" in told[0].remedy
    # then one is
    report = catalog(stores, reader, tmp_path, hosts=["127.0.0.1"]).ingest([str(manifest)])
    assert report.set_aside == 1
    a, b, c = (stores.items.get(i) for i in "abc")
    assert a is not None
    assert b is not None
    assert c is not None
    assets = stores.items.assets([a.key, b.key, c.key])
    (media,) = assets[a.key]
    assert media.path.is_relative_to(tmp_path / "fetched")
    assert media.path.read_bytes() == clip
    assert media.probe is not None
    assert a.kind.value == "audio"
    assert dict(a.extra)["media_address"] == site.url("/clip.wav")
    assert [x.uri for x in assets[b.key]] == [site.url("/page")]
    assert [x.uri for x in assets[c.key]] == [site.url("/clip.wav", "localhost")]
    said = {p.place: p for p in stores.problems.iter()}
    assert "yt-dlp" in said[site.url("/page")].remedy
    # a second run asks for what is missing alone
    site.asked.clear()
    again = catalog(stores, reader, tmp_path, hosts=["127.0.0.1"]).ingest([str(manifest)])
    assert [path for path, _ in site.asked] == ["/page"]
    assert again.items_same == 3
    assert len(stores.items.assets([a.key])[a.key]) == 1


FEED = """<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters"><channel>
<title>Rocket talk</title><itunes:author>Ada</itunes:author><language>en</language>
<itunes:category text="Science"><itunes:category text="Astronomy"/></itunes:category>
<item><guid>1</guid><title>Engines</title><itunes:summary>How an engine works</itunes:summary>
 <pubDate>Tue, 02 Jun 2026 10:00:00 GMT</pubDate><itunes:duration>1:00</itunes:duration>
 <itunes:season>2</itunes:season><itunes:episode>7</itunes:episode><itunes:episodeType>full</itunes:episodeType>
 <podcast:person role="guest">Grace</podcast:person>
 <enclosure url="{base}/1.wav" length="1" type="audio/x-wav"/>
 <podcast:transcript url="{base}/1.json" type="application/json" language="en"/>
 <podcast:transcript url="{base}/1.html" type="text/html"/>
 <podcast:chapters url="{base}/1.chapters" type="application/json+chapters"/></item>
<item><guid>2</guid><title>Fuels</title><pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate>
 <enclosure url="{base}/2.wav" length="1" type="audio/x-wav"/>
 <podcast:transcript url="{base}/2.vtt" type="text/vtt" language="de"/>
 <psc:chapters><psc:chapter start="00:00:00.100" title="Kerosene &amp; oxygen"/></psc:chapters></item>
<item><guid>3</guid><title>Old one</title><pubDate>Mon, 01 Jun 2020 10:00:00 GMT</pubDate>
 <enclosure url="{base}/3.wav" length="1" type="audio/x-wav"/></item>
</channel></rss>"""


def test_a_podcast_with_chapters_and_transcripts(
    site: Site, stores: Stores, reader: PyAvReader, tmp_path: Path
) -> None:
    for n in (1, 2):
        site.answers[f"/{n}.wav"] = say(wav(tmp_path / f"{n}.wav", sound(0.5 + n, seed=n)).read_bytes())
    site.answers["/feed"] = say(FEED.format(base=site.url("")).encode())
    segments = [{"startTime": 0.1, "endTime": 0.4, "body": "Hello --> there"}, {"startTime": "bad", "body": "x"}, 7]
    site.answers["/1.json"] = say(json.dumps({"version": "1.0.0", "segments": segments}).encode())
    listed = [{"startTime": 1.0, "title": "Nozzles"}, {"startTime": 0, "title": "Pumps"}, {"title": "no start"}]
    site.answers["/1.chapters"] = say(json.dumps({"version": "1.2.0", "chapters": listed}).encode())
    site.answers["/2.vtt"] = say(b"no cues here")
    report = catalog(stores, reader, tmp_path, newest=2).ingest([site.url("/feed")])
    assert (report.items_new, report.set_aside) == (3, 0)
    items = {i.title: i for i in stores.items.iter()}
    first = items["Engines"]
    assert first.tags == ("Science", "Astronomy")
    assert first.description == "How an engine works"
    extra = dict(first.extra)
    assert (extra["season"], extra["episode"], extra["episodeType"], extra["people"]) == ("2", "7", "full", "Grace")
    assets = stores.items.assets([i.key for i in items.values()])
    (one,), (two,), (three,) = (assets[items[t].key] for t in ("Engines", "Fuels", "Old one"))
    assert one.probe is not None
    assert two.probe is not None
    assert [(c.title, float(c.span.start), float(c.span.end)) for c in one.probe.chapters] == [
        ("Pumps", 0.0, 1.0),
        ("Nozzles", 1.0, 2.0),
    ]
    assert [c.title for c in two.probe.chapters] == ["Kerosene & oxygen"]
    (said,) = sidecar_subtitles(one)
    assert (said.language, [c.text for c in said.cues]) == ("en", ["Hello → there"])
    assert three.uri == site.url("/3.wav"), "the third newest is known by its text"
    notes = {p.place: p.reason for p in stores.problems.iter()}
    assert list(notes) == [site.url("/2.vtt")]
    assert "no transcript" in notes[site.url("/2.vtt")]
    # the next day the addresses carry other tokens: what is here is not fetched again
    site.asked.clear()
    site.answers["/feed"] = say(FEED.format(base=site.url("/token")).encode())
    assert catalog(stores, reader, tmp_path, newest=2).ingest([site.url("/feed")]).items_new == 0
    assert [path for path, _ in site.asked] == ["/feed"]
    assert len(stores.items.assets([first.key])[first.key]) == 1
    assert [a.uri for a in stores.items.assets([items["Old one"].key])[items["Old one"].key]] == [
        site.url("/token/3.wav")
    ]


def test_a_hostile_feed_leads_nowhere(site: Site, stores: Stores, reader: PyAvReader, tmp_path: Path) -> None:
    """Without the test's setting: enclosures on this machine are dropped, a redirect to it is refused."""
    site.answers["/feed"] = say(FEED.format(base=site.url("")).encode())
    s = stores
    careful = Catalog(
        s.items, s.duplicates, s.vectors, s.problems, s.settings, reader, CatalogConfig(), HttpFetcher(), tmp_path / "f"
    )
    path = tmp_path / "feed.xml"
    path.write_bytes(FEED.format(base=site.url("")).encode())
    assert careful.ingest([str(path)]).items_new == 3
    assert site.asked == []
    assert not any(stores.items.assets([i.key]).get(i.key) for i in stores.items.iter())
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>'
    path.write_text(bomb)
    assert careful.ingest([str(path)]).set_aside == 1
    assert any("DOCTYPE" in p.remedy for p in stores.problems.iter())


def test_what_the_api_names_is_fetched_before_it_is_described(
    site: Site, stores: Stores, reader: PyAvReader, tmp_path: Path
) -> None:
    clip = wav(tmp_path / "clip.wav", sound(0.5)).read_bytes()
    site.answers["/clip.wav"] = say(clip)
    taker = catalog(stores, reader, tmp_path, hosts=["127.0.0.1"])
    rows = [{"item_id": "a", "title": "A", "uri": site.url("/clip.wav")}, {"item_id": "b", "uri": site.url("/no.wav")}]
    taker.put_rows(rows)
    assert site.asked == [], "a request of the API waits for no server"
    assert catalog(stores, reader, tmp_path).fetch_pushed() == 0, "no host is listed"
    assert taker.fetch_pushed() == 1
    assert [path for path, _ in site.asked] == ["/clip.wav", "/no.wav"]
    assert taker.fetch_pushed() == 0
    assert len(site.asked) == 2, "what failed is asked for again later, not at once"
    item = stores.items.get("a")
    assert item is not None
    assert [a.path.parent for a in stores.items.assets([item.key])[item.key]] == [tmp_path / "fetched"]


def test_the_password_of_an_address_is_sent_and_never_shown(
    site: Site, stores: Stores, reader: PyAvReader, tmp_path: Path
) -> None:
    def secret(path: str) -> str:
        return site.url(path).replace("://", "://ana:s@cret@")

    clip = wav(tmp_path / "clip.wav", sound(0.5)).read_bytes()
    feed = """<rss version="2.0"><channel><title>Own</title><item><guid>1</guid><title>One</title>
        <link>{}</link><enclosure url="/clip.wav" length="1" type="audio/x-wav"/></item>
        <item><title>Two</title><guid>2</guid><enclosure url="/gone.wav" length="1" type="audio/x-wav"/></item>
        <item/></channel></rss>""".format(secret("/one"))
    site.answers["/feed"] = say(feed.encode())
    site.answers["/clip.wav"] = say(clip, ETag='"1"')
    catalog(stores, reader, tmp_path).ingest([secret("/feed")])
    assert {path for path, _ in site.asked} == {"/feed", "/clip.wav", "/gone.wav"}
    assert all(said.startswith("Basic ") for said in site.secrets)
    places = {p.place for p in stores.problems.iter()}
    assert {site.url("/gone.wav"), site.url("/feed") + ":3"} <= places
    told = [i.model_dump_json() for i in stores.items.iter()] + [p.model_dump_json() for p in stores.problems.iter()]
    assert site.url("/clip.wav") in "".join(told)
    assert "ana" not in "".join(told)
    # what is mended is cleared under the place that is shown
    site.answers["/gone.wav"] = say(clip, ETag='"2"')
    catalog(stores, reader, tmp_path).ingest([secret("/feed")])
    assert site.url("/gone.wav") not in {p.place for p in stores.problems.iter()}
    # an address that does not answer: neither the error's words nor its place
    with pytest.raises(UsageError) as refused:
        catalog(stores, reader, tmp_path).ingest([secret("/nowhere")])
    assert "ana" not in str(refused.value)
