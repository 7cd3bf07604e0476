"""Fetching from real servers on this machine: what comes, what is refused, what is too much. And a feed taken in so."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from tests.backends.feeds.conftest import Site, say
from tests.media.make_clips import sound, wav

from vitascope.assemble import open_system
from vitascope.backends.feeds import HttpFetcher
from vitascope.base.errors import FetchError, Refused, SourceUnavailable, UsageError


def test_what_a_server_says_comes_as_it_is(site: Site) -> None:
    site.answers["/feed"] = say(b"hello")
    assert HttpFetcher().fetch(site.url("/feed"), 100, private=True) == b"hello"


def test_a_name_is_resolved_once_and_kept_in_the_request(site: Site) -> None:
    site.answers["/feed"] = say(b"hello")
    assert HttpFetcher().fetch(site.url("/feed", "localhost"), 100, private=True) == b"hello"
    assert site.asked == [("/feed", f"localhost:{site.port}")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433"])
def test_this_machine_is_refused_before_anything_is_asked(site: Site, host: str) -> None:
    with pytest.raises((Refused, SourceUnavailable)):
        HttpFetcher().fetch(site.url("/feed", host), 100)
    assert site.asked == []


@pytest.mark.parametrize("url", ["ftp://example.org/x", "file:///etc/passwd", "http://", "gopher://127.0.0.1/"])
def test_only_the_web_is_asked(url: str) -> None:
    with pytest.raises(Refused):
        HttpFetcher().fetch(url, 100, private=True)


def test_a_redirect_is_followed_and_each_hop_checked_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    site.answers["/old"] = say(b"", 301, Location="/new")
    site.answers["/new"] = say(b"moved")
    assert HttpFetcher().fetch(site.url("/old"), 100, private=True) == b"moved"
    # a public name whose server sends the client to this machine: the second hop is refused
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *more: object, **named: object) -> object:
        if host == "public.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]
        return real(host, port, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    from vitascope.backends.feeds import _addresses

    target, headers, extensions = _addresses.checked("http://public.example/feed", False)
    assert target == "http://93.184.216.34:80/feed"
    assert headers["Host"] == "public.example"
    assert extensions["sni_hostname"] == "public.example"
    with pytest.raises(Refused):
        _addresses.checked(site.url("/new"), False)


def test_endless_redirects_end(site: Site) -> None:
    site.answers["/loop"] = say(b"", 302, Location="/loop")
    with pytest.raises(SourceUnavailable, match="redirects"):
        HttpFetcher().fetch(site.url("/loop"), 100, private=True)
    assert len(site.asked) < 10


def test_too_much_is_cut_off_also_when_it_comes_packed(site: Site) -> None:
    site.answers["/long"] = say(b"x" * 5_000)
    site.answers["/bomb"] = say(gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip")
    for path in ("/long", "/bomb"):
        with pytest.raises(FetchError, match="longer than"):
            HttpFetcher().fetch(site.url(path), 1_000, private=True)


def test_who_drips_does_not_hold_us(site: Site) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b"x" * 70_000)
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    site.answers["/slow"] = drip
    with pytest.raises(SourceUnavailable, match="longer than 0 s"):
        HttpFetcher(seconds=0.3).fetch(site.url("/slow"), 10_000_000, private=True)


@pytest.mark.parametrize("status", [403, 404, 410, 500, 503])
def test_a_server_that_will_not_is_named(site: Site, status: int) -> None:
    site.answers["/feed"] = say(b"no", status)
    with pytest.raises(SourceUnavailable, match=str(status)):
        HttpFetcher().fetch(site.url("/feed"), 100, private=True)


def test_nobody_listens() -> None:
    site = Site()
    url = site.url("/feed")
    site.close()
    with pytest.raises(SourceUnavailable, match="cannot be fetched"):
        HttpFetcher().fetch(url, 100, private=True)


def feed(site: Site, episodes: int = 2) -> bytes:
    entries = "".join(
        f"<item><guid>e{n}</guid><title>Episode {n}: &lt;b&gt;rockets&lt;/b&gt;</title>"
        f"<description>How a rocket engine of stage {n} works</description>"
        f'<pubDate>Mon, 0{n} Jun 2026 10:00:00 GMT</pubDate><enclosure url="{site.url(f"/e{n}.wav")}" '
        f'length="1" type="audio/x-wav"/></item>'
        for n in range(1, episodes + 1)
    )
    return f'<rss version="2.0"><channel><title>Rocket talk</title>{entries}</channel></rss>'.encode()


def test_a_feed_is_taken_in_from_its_address_and_taken_up_again(site: Site, tmp_path: Path) -> None:
    site.answers["/feed"] = say(feed(site))
    site.answers["/e1.wav"] = say(wav(tmp_path / "e1.wav", sound(2.0)).read_bytes())
    settings = {"models": {"off": ["language_model"]}, "catalog": {"private_addresses": True}}
    system = open_system(tmp_path / "home", settings=settings)
    first = system.ingest([site.url("/feed")])
    assert first.items_new == 2, first
    items = {i.title: i for i in system.rooms.stores.items.iter()}
    assert set(items) == {"Episode 1: rockets", "Episode 2: rockets"}
    assert all(i.creator == "Rocket talk" for i in items.values())
    assert system.ingest([site.url("/feed")]).items_new == 0
    site.answers["/feed"] = say(feed(site, 3))
    assert system.ingest([site.url("/feed")]).items_new == 1
    site.answers["/feed"] = say(b"gone", 410)
    with pytest.raises(UsageError, match="410"):
        system.ingest([site.url("/feed")])
    assert system.rooms.stores.items.counts().available == 3, "a feed that is gone takes nothing away"
    system.close()


def test_the_command_names_the_address_and_the_remedy(site: Site, tmp_path: Path) -> None:
    site.answers["/feed"] = say(feed(site))
    home = {"VITASCOPE_HOME": str(tmp_path / "home"), "VITASCOPE_LANG": "en"}
    refused = subprocess.run(
        [sys.executable, "-m", "vitascope", "ingest", site.url("/feed"), "--no-describe"],
        capture_output=True,
        text=True,
        env=os.environ | home,
        timeout=120,
        check=False,
    )
    assert refused.returncode == 2, refused.stderr
    assert "catalog.private_addresses" in refused.stderr
    assert site.url("/feed") in refused.stderr.replace("\n", "")
    assert site.asked == []
    allowed = subprocess.run(
        [sys.executable, "-m", "vitascope", "ingest", site.url("/feed"), "--no-describe", "--json"],
        capture_output=True,
        text=True,
        env=os.environ | home | {"VITASCOPE_CATALOG__PRIVATE_ADDRESSES": "true"},
        timeout=120,
        check=False,
    )
    assert allowed.returncode == 0, allowed.stderr
    assert json.loads(allowed.stdout)["items_new"] == 2
