"""Media from real servers on this machine: whole or not there, gone on with, cut off, refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from tests.backends.feeds.conftest import Answer, Site, say

from vitascope.backends.feeds import HttpFetcher
from vitascope.backends.feeds._addresses import host_allowed, is_public
from vitascope.base.errors import FetchError, Refused, SourceUnavailable
from vitascope.base.ports.media import DownloadLimits

BODY = bytes(range(256)) * 400
LIMITS = DownloadLimits(bytes=1_000_000, seconds=5.0, stall=2.0, keep_free=0)


@pytest.fixture
def get(tmp_path: Path) -> Callable[..., bytes]:
    """Download to a file and read it."""

    def download(url: str, **limits: float) -> bytes:
        target = tmp_path / "clip.mp3"
        fetched = HttpFetcher().download(url, target, LIMITS.model_copy(update=limits), private=True)
        assert fetched.path == target
        assert fetched.bytes == target.stat().st_size
        assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.mp3"], "nothing else is left"
        return target.read_bytes()

    return download


def ranged(body: bytes, breaks: list[int], tag: str = '"1"') -> Answer:
    """A server that knows Range, and breaks off after so many bytes at each of the first asks."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if asked and handler.headers.get("If-Range") != tag:
            start, asked = 0, ""
        handler.send_response(206 if asked else 200)
        handler.send_header("ETag", tag)
        if asked:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        piece = body[start : start + breaks.pop(0)] if breaks else body[start:]
        handler.wfile.write(piece)
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def test_a_file_comes_whole(site: Site, get: Callable[..., bytes]) -> None:
    site.answers["/a.mp3"] = say(BODY, Content_Type="audio/mpeg")
    assert get(site.url("/a.mp3")) == BODY


def test_what_breaks_off_is_gone_on_with(site: Site, get: Callable[..., bytes]) -> None:
    site.answers["/a.mp3"] = ranged(BODY, [30_000, 40_000])
    assert get(site.url("/a.mp3")) == BODY
    assert site.ranges == ["", "bytes=30000-", "bytes=70000-"]


def test_the_next_run_goes_on_and_another_version_begins_anew(site: Site, tmp_path: Path) -> None:
    target, url = tmp_path / "clip.mp3", site.url("/a.mp3")
    site.answers["/a.mp3"] = ranged(BODY, [10_000, 0, 0, 0])
    with pytest.raises(SourceUnavailable, match="broke off after 10,000 bytes of 102,400") as broke:
        HttpFetcher().download(url, target, LIMITS, private=True)
    assert "goes on" in str(broke.value.remedy)
    assert not target.exists()
    site.answers["/a.mp3"] = ranged(BODY, [])
    assert HttpFetcher().download(url, target, LIMITS, private=True).resumed == 10_000
    assert target.read_bytes() == BODY
    target.unlink()
    site.answers["/a.mp3"] = ranged(BODY, [10_000, 0, 0, 0])
    with pytest.raises(SourceUnavailable):
        HttpFetcher().download(url, target, LIMITS, private=True)
    site.answers["/a.mp3"] = ranged(BODY[::-1], [], '"2"')
    HttpFetcher().download(url, target, LIMITS, private=True)
    assert target.read_bytes() == BODY[::-1], "two versions are never joined"


def test_a_server_without_ranges_begins_anew_at_the_next_run(site: Site, tmp_path: Path) -> None:
    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        handler.wfile.write(BODY[:50])
        handler.close_connection = True

    site.answers["/a.mp3"] = short
    with pytest.raises(SourceUnavailable, match="broke off after 50 bytes"):
        HttpFetcher().download(site.url("/a.mp3"), tmp_path / "a.mp3", LIMITS, private=True)
    assert len(site.asked) == 1, "nothing to go on with: asked once"
    site.answers["/a.mp3"] = say(BODY)
    HttpFetcher().download(site.url("/a.mp3"), tmp_path / "a.mp3", LIMITS, private=True)
    assert (tmp_path / "a.mp3").read_bytes() == BODY


def test_a_wrong_part_is_not_joined(site: Site, tmp_path: Path) -> None:
    site.answers["/a.mp3"] = ranged(BODY, [10_000, 0, 0, 0])
    with pytest.raises(SourceUnavailable):
        HttpFetcher().download(site.url("/a.mp3"), tmp_path / "a.mp3", LIMITS, private=True)
    site.answers["/a.mp3"] = say(BODY[:100], 206, Content_Range=f"bytes 0-99/{len(BODY)}")
    with pytest.raises(SourceUnavailable, match="another part"):
        HttpFetcher().download(site.url("/a.mp3"), tmp_path / "a.mp3", LIMITS, private=True)
    assert not (tmp_path / "a.mp3").exists()


def test_a_part_that_nobody_asked_for_is_not_the_whole(site: Site, tmp_path: Path) -> None:
    site.answers["/a.mp3"] = say(BODY[:100], 206, Content_Range=f"bytes 0-99/{len(BODY)}")
    with pytest.raises(SourceUnavailable, match="broke off after 100 bytes of 102,400"):
        HttpFetcher().download(site.url("/a.mp3"), tmp_path / "a.mp3", LIMITS, private=True)
    assert not (tmp_path / "a.mp3").exists()


def test_a_document_leads_to_no_host_off_the_list(site: Site) -> None:
    site.answers["/t.vtt"] = say(b"", 302, Location=site.url("/there", "localhost"))
    site.answers["/there"] = say(b"words")
    assert HttpFetcher().fetch(site.url("/t.vtt"), 100, private=True) == b"words"
    site.asked.clear()
    with pytest.raises(Refused, match="localhost"):
        HttpFetcher().fetch(site.url("/t.vtt"), 100, private=True, hosts=("127.0.0.1",))
    assert [path for path, _ in site.asked] == ["/t.vtt"]


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        return


def drip_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    try:
        for n in range(1_000):
            handler.wfile.write(b"X-%d: y\r\n" % n)
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        return


def drip_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        return


def lying(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "99999999999")
    handler.end_headers()


@pytest.mark.parametrize(
    ("answer", "limits", "said"),
    [
        (endless, {}, "longer than 1,000,000 bytes"),
        (lying, {}, "longer than 1,000,000 bytes"),
        (drip_head, {"seconds": 0.2}, "took longer than"),
        (drip_body, {"seconds": 0.2}, "took longer than"),
        (say(b"<html>", Content_Type="text/html; charset=utf-8"), {}, "web page"),
        (say(b"x", Content_Encoding="gzip"), {}, "packed"),
        (say(b"no", 403), {}, "answered 403"),
        (say(b"x"), {"keep_free": 1 << 60}, "disk would have less"),
        (say(b"", 302, Location="file:///etc/passwd"), {}, "http or https"),
        (say(b"", 302, Location="http://[::1"), {}, "malformed|cannot be fetched"),
    ],
    ids=["endless", "lying", "drip-head", "drip-body", "page", "packed", "403", "disk", "file", "malformed"],
)
def test_hostile_servers(site: Site, tmp_path: Path, answer: Answer, limits: dict[str, float], said: str) -> None:
    site.answers["/a.mp3"] = answer
    with pytest.raises((FetchError, Refused), match=said) as error:
        HttpFetcher().download(site.url("/a.mp3"), tmp_path / "a.mp3", LIMITS.model_copy(update=limits), private=True)
    assert error.value.remedy
    assert not (tmp_path / "a.mp3").exists()
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 2_000_000


def test_every_hop_is_on_the_list(site: Site, tmp_path: Path) -> None:
    site.answers["/a.mp3"] = say(b"", 302, Location=site.url("/b.mp3", "localhost"))
    site.answers["/b.mp3"] = say(BODY)
    with pytest.raises(Refused, match="localhost"):
        HttpFetcher().download(site.url("/a.mp3"), tmp_path / "a", LIMITS, private=True, hosts=["127.0.0.1"])
    assert [path for path, _ in site.asked] == ["/a.mp3"]
    HttpFetcher().download(site.url("/a.mp3"), tmp_path / "a", LIMITS, private=True, hosts=["127.0.0.1", "localhost"])


def test_a_name_is_resolved_once_and_the_checked_address_is_asked(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to this machine; and one that answers otherwise the second time (DNS rebinding)."""
    import socket

    asked: list[str] = []

    def resolve(host: str, port: int, *more: object, **named: object) -> object:
        if host == "rebinding.example":
            asked.append(host)
        address = "127.0.0.1" if host in {"inside.example", "127.0.0.1"} or asked == [host] else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    site.answers["/a"] = say(BODY)
    with pytest.raises(Refused):
        HttpFetcher().download(site.url("/a", "inside.example"), tmp_path / "a", LIMITS)
    assert site.asked == []
    HttpFetcher().download(site.url("/a", "rebinding.example"), tmp_path / "a", LIMITS, private=True)
    assert asked == ["rebinding.example"]
    assert site.asked == [("/a", f"rebinding.example:{site.port}")], "by its name, at the address that was checked"


def test_a_name_and_password_go_to_their_own_address_alone(site: Site) -> None:
    site.answers["/feed"] = say(b"", 302, Location=site.url("/else", "localhost"))
    site.answers["/else"] = say(b"feed")
    url = site.url("/feed").replace("://", "://ana:p%40ss@")
    assert HttpFetcher().fetch(url, 100, private=True) == b"feed"
    assert site.secrets == ["Basic YW5hOnBAc3M=", ""]


def test_a_redirect_from_a_public_address_to_a_private_one(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vitascope.backends.feeds import _addresses

    monkeypatch.setattr(_addresses, "is_public", lambda address: str(address) == "127.0.0.1")  # our server is the web
    for hop in ("127.0.0.2", "[::1]", "0.0.0.0", "2130706434"):
        site.asked.clear()
        site.answers["/a"] = say(b"", 302, Location=f"http://{hop}:{site.port}/secret")
        site.answers["/secret"] = say(BODY)
        with pytest.raises((Refused, SourceUnavailable)) as error:
            HttpFetcher().download(site.url("/a"), tmp_path / "a", LIMITS)
        assert error.value.remedy
        assert [path for path, _ in site.asked] == ["/a"]


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 240.0.0.1 255.255.255.255
    192.0.2.1 198.18.0.1 ::1 :: fe80::1 fc00::1 fec0::1 ff02::1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:db8::1
    2002:a00:1::""".split(),
)
def test_addresses_that_are_not_public(address: str) -> None:
    import ipaddress

    assert not is_public(ipaddress.ip_address(address))


def test_public_addresses() -> None:
    import ipaddress

    for address in ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "2002:5db8:d822::1"):
        assert is_public(ipaddress.ip_address(address)), address


@pytest.mark.parametrize(
    ("host", "hosts", "allowed"),
    [
        ("a.example", ["a.example"], True),
        ("A.Example.", ["a.example"], True),
        ("b.a.example", ["a.example"], False),
        ("b.a.example", ["*.a.example"], True),
        ("a.example", ["*.a.example"], False),
        ("eva.example", ["*.a.example", "a.example"], False),
        ("any.example", ["*"], True),
        ("any.example", [], False),
    ],
)
def test_the_list_of_hosts(host: str, hosts: list[str], allowed: bool) -> None:
    assert host_allowed(f"https://{host}/x", hosts) is allowed
    assert not host_allowed("https:///x", ["*"])
