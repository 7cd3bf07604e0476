"""HLS tails and XMLTV guides: what is read, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.base.errors import InputError
from vitascope.catalog.hls import last_part
from vitascope.catalog.xmltv import moment, read_guide

MASTER = """#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=2000000,CODECS="avc1,mp4a"
big/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=300000
small/index.m3u8
"""
MEDIA = "#EXTM3U\n" + "".join(f"#EXTINF:10.0,\ns{n}.ts\n" for n in range(20))


class Web:
    """Addresses and what they give."""

    def __init__(self, **pages: str | bytes) -> None:
        self.pages = {f"http://tv/{name.replace('__', '/')}": page for name, page in pages.items()}
        self.asked: list[str] = []

    def fetch(self, url: str, limit: int, private: bool = False, hosts: Sequence[str] = ("*",)) -> bytes:
        self.asked.append(url)
        page = self.pages.get(url, url.rpartition("/")[2].encode())
        return page.encode() if isinstance(page, str) else page


def test_the_cheapest_variants_last_minute_is_joined() -> None:
    web = Web(**{"live.m3u8": MASTER, "small__index.m3u8": MEDIA})
    tail = last_part(web, "http://tv/live.m3u8", 60)  # type: ignore[arg-type]
    assert tail.data == b"s14.tss15.tss16.tss17.tss18.tss19.ts"
    assert (tail.seconds, tail.ended, tail.suffix) == (60.0, False, ".ts")
    assert not any("big" in address for address in web.asked)


def test_fragments_begin_with_their_map_and_an_end_is_noticed() -> None:
    text = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:6,\na.m4s\n#EXT-X-ENDLIST\n'
    tail = last_part(Web(**{"l.m3u8": text}), "http://tv/l.m3u8", 60)  # type: ignore[arg-type]
    assert (tail.data, tail.ended, tail.suffix) == (b"init.mp4a.m4s", True, ".mp4")


@pytest.mark.parametrize(
    "text",
    [
        "<html>",
        "#EXTM3U\n",
        "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=k\n#EXTINF:6,\na.ts\n",
        "#EXTM3U\n#EXTINF:6,\n#EXT-X-BYTERANGE:5@0\na.ts\n",
    ],
)
def test_what_cannot_be_played_is_refused_with_its_reason(text: str) -> None:
    with pytest.raises(InputError) as found:
        last_part(Web(**{"l.m3u8": text}), "http://tv/l.m3u8", 60)  # type: ignore[arg-type]
    assert found.value.remedy


GUIDE = """<?xml version="1.0"?><!DOCTYPE tv SYSTEM "xmltv.dtd">
<tv><channel id="c1"><display-name>Channel &lt;One&gt;</display-name></channel>
<programme start="20260101200000 +0100" channel="c1"><title lang="de">News</title></programme>
<programme start="20260101201500 +0100" stop="20260101220000 +0100" channel="c1"><title>Film</title>
 <desc>Long</desc><category>drama</category><category>drama</category><episode-num system="xmltv_ns">1.4.</episode-num>
 <rating system="FSK"><value>FSK 12</value></rating></programme>
<programme start="x" channel="c1"><title>None</title></programme>
<programme start="20260101" stop="20251231" channel="c1"><title>Backwards</title></programme></tv>"""


def test_a_guide_is_read_in_order_and_what_is_wrong_is_counted() -> None:
    found, aside = read_guide(GUIDE.encode(), "g.xml")
    assert aside == 2
    news, film = found
    assert (news.title, news.stop - news.start, news.language) == ("News", 900.0, "de")
    assert (film.season, film.episode, film.age, film.categories) == (2, 5, 12, ("drama",))
    assert "<" not in film.channel_name
    assert news.start == moment("20260101190000") == moment("20260101190000 UTC")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<rss/>",
        b'<!DOCTYPE tv [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tv><programme channel="&b;"/></tv>',
        b'<!DOCTYPE tv [<!ENTITY x SYSTEM "file:///etc/passwd">]><tv>&x;</tv>',
    ],
)
def test_what_is_no_guide_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_guide(data, "g.xml")


@settings(max_examples=50)
@given(st.text(max_size=30))
def test_any_text_as_a_time_is_a_time_or_none(text: str) -> None:
    made = moment(text)
    assert made is None or isinstance(made, float)
