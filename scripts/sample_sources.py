"""Made samples of what people bring along: archives of YouTube, TikTok, Bilibili and Mastodon, a podcast, playlists, NFO files,
yt-dlp's info.json.

python scripts/sample_sources.py FOLDER [--base http://127.0.0.1:8000]

Real archives are personal, so none can be in a repository. These are written by this script in the forms that the
connectors' docstrings name, with made people and works; they show that a form is read, not that every service's archive is.
Media are a second of made sound. `--base` is where the folder is served from, for the feed and the manifest.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import struct
import wave
import zipfile
from pathlib import Path
from typing import Any

TITLES = (
    ("dQw4w9WgXcQ", "How rocket engines work", "Orbit Lab"),
    ("aaaaaaaaaa1", "Sourdough for beginners", "Bread & Butter"),
    ("aaaaaaaaaa2", "The history of comets", "Orbit Lab"),
    ("aaaaaaaaaa3", "Night train to Lisbon: a slow ride", "Rails"),
)


def tone(seconds: float = 1.0, hertz: float = 440.0) -> bytes:
    """A WAV file of a tone."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        n = int(8_000 * seconds)
        file.writeframes(
            b"".join(struct.pack("<h", int(9_000 * math.sin(hertz * 2 * math.pi * i / 8_000))) for i in range(n))
        )
    return out.getvalue()


def youtube() -> dict[str, bytes]:
    """Google Takeout: history as JSON and as HTML, a liked list, a playlist, watch later, subscriptions, comments."""
    watched: list[dict[str, Any]] = [
        {
            "header": "YouTube",
            "title": f"Watched {title}",
            "titleUrl": f"https://www.youtube.com/watch?v={video}",
            "subtitles": [{"name": channel, "url": "https://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa"}],
            "time": f"2026-01-0{day}T10:00:00.123Z",
            "products": ["YouTube"],
            "activityControls": ["YouTube watch history"],
        }
        for day, (video, title, channel) in enumerate(TITLES[:3], 1)
    ]
    watched += [
        {**watched[0], "details": [{"name": "From Google Ads"}], "time": "2026-01-05T10:00:00Z"},
        {
            "header": "YouTube",
            "title": "Watched a video that has been removed",
            "time": "2026-01-05T11:00:00Z",
            "products": ["YouTube"],
        },
        {
            **watched[1],
            "header": "YouTube Music",
            "titleUrl": "https://music.youtube.com/watch?v=mmmmmmmmmm1",
            "title": "Watched A quiet song",
        },
        {
            **watched[1],
            "titleUrl": "https://www.youtube.com/shorts/ssssssssss1",
            "title": "Watched Bread in 20 seconds",
        },
        {
            "header": "YouTube",
            "title": "Searched for comets",
            "titleUrl": "https://www.youtube.com/results?search_query=comets",
        },
        {**watched[1], "titleUrl": "https://www.youtube.com/watch?v=bbbbbbbbbb1", "time": "yesterday"},
        7,
    ]
    video, title, channel = TITLES[3]
    cell = (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        '<div class="header-cell mdl-cell mdl-cell--12-col"><p class="mdl-typography--title">YouTube<br></p></div>'
        '<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">Watched\u00a0'
        '<a href="https://www.youtube.com/watch?v={0}">{1}</a><br>'
        '<a href="https://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa">{2}</a><br>{3}<br></div>'
        '<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1 mdl-typography--text-right"></div>'
        '<div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption"><b>Products:</b><br>&emsp;YouTube<br>{4}'
        "</div></div></div>"
    )
    html = "<html><head><style>.mdl-cell{margin:0}</style></head><body>" + "".join(
        (
            cell.format(video, title.replace("&", "&amp;"), channel, "Jan 6, 2026, 9:30:00\u202fPM CET", ""),
            cell.format(
                "aaaaaaaaaa1",
                "An advert",
                "Shop",
                "Jan 6, 2026, 9:31:00 PM CET",
                "<b>Details:</b><br>&emsp;From Google Ads",
            ),
            cell.format("dQw4w9WgXcQ", TITLES[0][1], TITLES[0][2], "Jan 1, 2026, 11:00:00 AM CET", ""),
        )
    )
    top = "Takeout/YouTube and YouTube Music/"
    return {
        f"{top}history/watch-history.json": json.dumps(watched, ensure_ascii=False, indent=2).encode(),
        f"{top}history/watch-history.html": html.encode(),
        f"{top}playlists/Liked videos.csv": b"Playlist Id,Channel Id,Time Created\nLL,UCx,2020-01-01 00:00:00 UTC\n\n"
        b"Video Id,Time Added\ndQw4w9WgXcQ,2026-01-01 10:05:00 UTC\ncccccccccc1,2026-01-02 10:05:00 UTC\n",
        f"{top}playlists/Space-videos.csv": b"Video ID,Playlist Video Creation Timestamp\n"
        b"aaaaaaaaaa2,2026-01-03T10:05:00+00:00\n",
        f"{top}playlists/Watch later-videos.csv": b"Video ID,Playlist Video Creation Timestamp\n"
        b"aaaaaaaaaa3,2026-01-03T10:06:00+00:00\n",
        f"{top}subscriptions/subscriptions.csv": b"Channel Id,Channel Url,Channel Title\n"
        b"UCaaaaaaaaaaaaaaaaaaaaaa,http://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa,Orbit Lab\n",
        f"{top}comments/comments.csv": b"Comment ID,Channel ID,"
        b"Comment Create Timestamp,Price,Parent Comment ID,Post ID,Video ID,Comment Text\n"
        b'UgA,UCx,2026-01-01T10:06:00+00:00,0,,,dQw4w9WgXcQ,"{""text"":""So clear!""}"\n',
    }


def tiktok(newer: bool = True) -> dict[str, bytes]:
    """TikTok's export; `newer`: the section names since 2024."""

    def link(n: int) -> str:
        return f"https://www.tiktokv.com/share/video/70000000000000000{n:02}/"

    history = {"VideoList": [{"Date": f"2026-02-01 10:0{n}:00", "Link": link(n)} for n in range(4)]}
    history["VideoList"] += [
        {"Date": "never", "Link": link(9)},
        {"Date": "2026-02-01 10:09:00", "Link": "https://www.tiktok.com/@x"},
    ]
    likes = {"ItemFavoriteList": [{"date": "2026-02-01 10:05:00", "link": link(1)}]}
    favourites = {"FavoriteVideoList": [{"Date": "2026-02-01 10:06:00", "Link": link(2)}]}
    following = {"Following": [{"Date": "2026-01-01 10:00:00", "UserName": "breadlady"}]}
    if newer:
        said: dict[str, Any] = {
            "Your Activity": {
                "Watch History": history,
                "Share History": {
                    "ShareHistoryList": [{"Date": "2026-02-01 10:07:00", "SharedContent": "video", "Link": link(3)}]
                },
            },
            "Likes and Favorites": {"Like List": likes, "Favorite Videos": favourites},
            "Profile And Settings": {"Following": following},
        }
    else:
        said = {
            "Activity": {
                "Video Browsing History": history,
                "Like List": likes,
                "Favorite Videos": favourites,
                "Following List": following,
            }
        }
    return {"user_data_tiktok.json": json.dumps(said).encode()}


def douyin() -> dict[str, bytes]:
    """Douyin, in TikTok's shape with Chinese names: a guess, since Douyin publishes no description."""
    entry = {
        "时间": "2026-02-01 18:00:00",
        "链接": "https://www.douyin.com/video/7100000000000000001",
        "标题": "火箭发动机的原理",
        "作者": "航天小课堂",
    }
    return {
        "user_data.json": json.dumps(
            {"活动": {"观看历史": {"列表": [entry]}, "点赞列表": [entry]}}, ensure_ascii=False
        ).encode()
    }


def bilibili() -> dict[str, bytes]:
    """Pages of Bilibili's web interface as export tools save them."""

    def seen(number: int, title: str, progress: int, **inner: Any) -> dict[str, Any]:
        history = {"oid": number, "bvid": f"BV1aaaaaaaa{number}", "business": "archive"} | inner
        return {
            "title": title,
            "history": history,
            "author_name": "航天小课堂",
            "view_at": 1_769_900_000 + number,
            "progress": progress,
            "duration": 300,
            "tag_name": "科学",
        }

    listed = [
        seen(1, "火箭发动机的原理", -1),
        seen(2, "彗星从哪里来", 150),
        seen(3, "一篇专栏", 0, business="article", bvid=""),
        seen(4, "夜谈直播", 0, business="live", bvid=""),
        seen(5, "没有编号", 0, bvid=""),
    ]
    medias = [
        {
            "id": 6,
            "bvid": "BV1aaaaaaaa6",
            "title": "面包的科学",
            "intro": "从面粉开始",
            "upper": {"mid": 1, "name": "厨房"},
            "fav_time": 1_769_900_500,
            "pubtime": 1_700_000_000,
            "duration": 60,
        }
    ]
    return {
        "history.json": json.dumps([{"code": 0, "data": {"list": listed}}], ensure_ascii=False).encode(),
        "favourites.json": json.dumps(
            {"data": {"info": {"title": "默认收藏夹"}, "medias": medias}}, ensure_ascii=False
        ).encode(),
        "点赞.json": json.dumps(
            [{"bvid": "BV1aaaaaaaa1", "title": "火箭发动机的原理", "owner": {"name": "航天小课堂"}}]
        ).encode(),
    }


def mastodon() -> dict[str, bytes]:
    """Mastodon's archive, with one sound file."""
    public = "https://www.w3.org/ns/activitystreams#Public"

    def post(number: int, *attachments: dict[str, str], to: str = public) -> dict[str, Any]:
        address = f"https://social.example/users/ada/statuses/{number}"
        note = {
            "id": address,
            "type": "Note",
            "url": f"https://social.example/@ada/{number}",
            "published": "2026-03-01T10:00:00Z",
            "content": f"<p>Field recording {number}: a harbour at dawn</p>",
            "to": [to],
            "cc": [],
            "attachment": list(attachments),
            "tag": [{"type": "Hashtag", "name": "#fieldrecording"}],
        }
        return {"id": f"{address}/activity", "type": "Create", "published": "2026-03-01T10:00:00Z", "object": note}

    sound = {
        "type": "Document",
        "mediaType": "audio/wav",
        "url": "/media_attachments/files/001/harbour.wav",
        "name": "Gulls and a bell",
    }
    collection = {"@context": "https://www.w3.org/ns/activitystreams", "type": "OrderedCollection"}
    outbox = [
        post(1, sound),
        post(2),
        post(3, sound | {"url": "/media_attachments/files/002/gone.wav"}),
        post(4, sound, to="https://social.example/users/bob"),
        {
            "id": "x",
            "type": "Announce",
            "published": "2026-03-02T10:00:00Z",
            "object": "https://other.example/users/bob/statuses/9",
        },
        {"type": "Strange"},
    ]
    likes = ["https://other.example/@bob/9", "https://video.example/w/abc", 7]
    return {
        "actor.json": json.dumps({"type": "Person", "preferredUsername": "ada", "name": "Ada"}).encode(),
        "outbox.json": json.dumps(collection | {"orderedItems": outbox}).encode(),
        "likes.json": json.dumps(collection | {"orderedItems": likes}).encode(),
        "bookmarks.json": json.dumps(collection | {"orderedItems": ["https://video.example/w/abc"]}).encode(),
        "following_accounts.csv": b"Account address,Show boosts,Notify on new posts,Languages\nbob@other.example,true,false,\n",
        "media_attachments/files/001/harbour.wav": tone(),
    }


def media_folder() -> dict[str, bytes]:
    """A series with NFO files, a film, a song that yt-dlp fetched with its info.json, and two playlists."""
    info = {
        "id": "dQw4w9WgXcQ",
        "extractor_key": "Youtube",
        "title": "How rocket engines work",
        "uploader": "Orbit Lab",
        "description": "Pumps, nozzles and fire",
        "tags": ["rockets"],
        "categories": ["Education"],
        "upload_date": "20250102",
        "webpage_url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "chapters": [
            {"start_time": 0, "end_time": 0.5, "title": "Pumps"},
            {"start_time": 0.5, "end_time": 1, "title": "Nozzles"},
        ],
    }
    episode = "<episodedetails><title>Ice</title><season>1</season><episode>1</episode>"
    episode += "<plot>Where comets come from</plot></episodedetails>"
    show = "<tvshow><title>Comets</title><plot>All on comets</plot><genre>Documentary</genre><studio>Sky House</studio></tvshow>"
    film = "<movie><title>The night train</title><plot>A slow ride</plot><genre>Drama</genre><year>2020</year></movie>"
    song = "<musicvideo><title>A quiet song</title><artist>The Band</artist><album>Disc</album></musicvideo>"
    return {
        "Comets/tvshow.nfo": show.encode(),
        "Comets/Season 1/e1.wav": tone(1.0, 300),
        "Comets/Season 1/e1.nfo": episode.encode(),
        "Film/train.wav": tone(1.1, 350),
        "Film/movie.nfo": film.encode(),
        "Music/song.wav": tone(1.2, 400),
        "Music/song.nfo": song.encode(),
        "Music/engines [dQw4w9WgXcQ].wav": tone(1.3, 450),
        "Music/engines [dQw4w9WgXcQ].info.json": json.dumps(info).encode(),
        "evening.m3u8": b"#EXTM3U\n#PLAYLIST:Evening\nMusic/song.wav\nFilm/train.wav\n",
        "strange.pls": b"[playlist]\nFile1=/etc/passwd\nNumberOfEntries=1\nVersion=2\n",
    }


def podcast(base: str) -> dict[str, bytes]:
    """A feed with an episode, its transcript and its chapters; and a manifest that names a file at the same address."""
    feed = f"""<?xml version="1.0"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Rocket talk</title><itunes:author>Ada</itunes:author>
<language>en</language><itunes:category text="Science"/><item><guid>1</guid><title>Engines</title>
<itunes:summary>How an engine works</itunes:summary><pubDate>Tue, 02 Jun 2026 10:00:00 GMT</pubDate>
<itunes:season>2</itunes:season><itunes:episode>7</itunes:episode><enclosure url="{base}/1.wav" length="1" type="audio/x-wav"/>
<podcast:transcript url="{base}/1.vtt" type="text/vtt" language="en"/>
<podcast:chapters url="{base}/1.json" type="application/json+chapters"/></item></channel></rss>"""
    chapters = {
        "version": "1.2.0",
        "chapters": [{"startTime": 0, "title": "Pumps"}, {"startTime": 1, "title": "Nozzles"}],
    }
    row = {"item_id": "far", "title": "A clip elsewhere", "uri": f"{base}/far.wav"}
    return {
        "feed.xml": feed.encode(),
        "1.wav": tone(2.0, 500),
        "far.wav": tone(1.4, 550),
        "1.vtt": b"WEBVTT\n\n00:00.000 --> 00:02.000\nA rocket engine burns fuel with oxygen.\n",
        "1.json": json.dumps(chapters).encode(),
        "manifest.jsonl": (json.dumps(row) + "\n").encode(),
    }


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Files into a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Files into a zip archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def main() -> None:
    """Write everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    told = parser.parse_args()
    top: Path = told.folder
    pack(top / "archives" / "takeout-20260401T000000Z-001.zip", youtube())
    pack(top / "archives" / "TikTok_Data_1711.zip", tiktok())
    write(top / "archives" / "douyin", douyin())
    write(top / "archives" / "bilibili", bilibili())
    pack(top / "archives" / "archive-20260401-mastodon.zip", mastodon())
    write(top / "media", media_folder())
    write(top / "site", podcast(told.base))
    print(f"written to {top}")


if __name__ == "__main__":
    main()
