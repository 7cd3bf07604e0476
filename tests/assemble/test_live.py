"""Live channels over a real library: on air, what happens now moves the ranking, ends, replays; guides; households."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from vitascope.assemble import System, open_system
from vitascope.base.errors import UnknownItem, UsageError
from vitascope.base.guide import Programme
from vitascope.base.items import ItemDraft, ItemKind
from vitascope.base.live import Channel, Happening, SourceKind
from vitascope.base.ports.service import Ask, RawEvent

NOW = 1_800_000_000.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def system(tmp_path: Path, clock: Clock) -> Iterator[System]:
    """Three channels and two films; ann likes rockets."""
    found = open_system(tmp_path / "home", clock=clock)
    stores = found.rooms.stores
    drafts = [ItemDraft(item_id=f"film{n}", title=f"Film {n}", tags=(("rockets", "cooking")[n],)) for n in range(2)]
    drafts += [ItemDraft(item_id=f"live{n}", title=f"Live {n}", kind=ItemKind.LIVE) for n in range(3)]
    items = stores.items.put(drafts)
    for item in items[2:]:
        stores.live.put(Channel(item=item.key, source=SourceKind.HLS, address="http://tv/x", started_at=NOW - 600))
    found.rooms.touch()
    found.record([RawEvent(user_id="ann", item_id="film0", type="like", timestamp=NOW - 500)])
    yield found
    found.close()


def key(system: System, item_id: str) -> int:
    item = system.rooms.stores.items.get(item_id)
    assert item is not None
    return item.key


def happen(system: System, item_id: str, at: float, blocked: bool = False, **features: float) -> None:
    now = Happening(
        item=key(system, item_id), at=at, seconds=60, features=tuple((f"tag:{n}", v) for n, v in features.items()),
        blocked=blocked,
    )  # fmt: skip
    system.rooms.stores.live.put_now(now)


def on_air(system: System, user: str | None = "ann", **more: bool) -> list[str]:
    return [one.item_id for one in system.live_channels(user, None, **more)]


def test_what_happens_now_moves_the_ranking_and_old_news_do_not(system: System, clock: Clock) -> None:
    happen(system, "live0", NOW - 10, cooking=1.0)
    happen(system, "live2", NOW - 10, rockets=1.0)
    assert on_air(system)[0] == "live2", "what ann likes is on there now"
    happen(system, "live0", NOW - 5, rockets=1.0)
    happen(system, "live2", NOW - 5, cooking=1.0)
    assert on_air(system)[0] == "live0", "a minute later it is elsewhere"
    clock.now = NOW + 3_600
    assert sorted(on_air(system)) == ["live0", "live1", "live2"]
    assert system.live_channels("ann")[0].now is not None
    assert set(on_air(system, None)) == {"live0", "live1", "live2"}


def test_many_viewers_lift_a_channel(system: System) -> None:
    for n in range(5):
        system.record([RawEvent(user_id=f"v{n}", item_id="live1", type="play", timestamp=NOW - 60)])
    shown = system.live_channels(None)[0]
    assert (shown.item_id, shown.now and shown.now.viewers) == ("live1", None)
    happen(system, "live1", NOW - 5)
    now = system.live_channels(None)[0].now
    assert now is not None
    assert (now.viewers, now.rate) == (5, 1.0)


def test_only_what_is_on_air_is_listed_and_what_is_unfit_now_is_not(system: System) -> None:
    def listed() -> set[str]:
        return {i.item_id for i in system.recommend(Ask(user_id="ann", surface="live", n=10, rerank=True)).items}

    assert listed() == {"live0", "live1", "live2"}
    happen(system, "live1", NOW - 5, blocked=True)
    assert listed() == {"live0", "live2"}
    happen(system, "live1", NOW - 4)
    assert "live1" in listed(), "clean again"


def test_a_channel_ends_and_its_replay_is_an_ordinary_item(system: System) -> None:
    done = system.live_end("live1", "film1")
    assert (done.ended_at, done.replay_id) == (NOW, "film1")
    assert on_air(system) == ["live0", "live2"] or on_air(system) == ["live2", "live0"]
    assert on_air(system, ended=True)[-1] == "live1"
    assert "film1" in {i.item_id for i in system.recommend(Ask(user_id="ann", surface="video", n=10)).items}
    with pytest.raises(UsageError):
        system.live_look("live1")
    with pytest.raises(UnknownItem):
        system.live_end("film0")
    with pytest.raises(UsageError):
        system.live_add("live0", "http://tv/y.m3u8")


def test_no_channel_begins_from_nothing(system: System) -> None:
    for address in ("/no/such/file.mp4", "ftp://tv/x"):
        with pytest.raises(UsageError):
            system.live_add("new", address)
    assert system.live_add("new", "https://tv.example/x.m3u8", "New").source is SourceKind.HLS
    assert "new" in on_air(system)


def test_a_guide_keeps_to_the_age_of_whom_it_is_shown(system: System, tmp_path: Path) -> None:
    guide = tmp_path / "g.xml"
    guide.write_text(
        '<tv><programme start="20270115080000" stop="20270115090000" channel="a"><title>Cartoon</title>'
        "<rating><value>0</value></rating></programme>"
        '<programme start="20270115083000" stop="20270115100000" channel="b"><title>Murder</title>'
        "<rating><value>18</value></rating></programme>"
        '<programme start="20270115083000" stop="20270115100000" channel="c"><title>Unrated</title></programme></tv>'
    )
    assert system.guide_import(str(guide)).programmes == 3
    start = 1_799_999_000.0
    system.rooms.stores.guide.replace([Programme(channel="a", start=start, stop=start + 9e3, title="Again", age=0)])

    def titles(user: str | None) -> set[str]:
        return {p.title for p in system.guide(start, start + 1e6, user)}

    assert titles(None) >= {"Murder", "Unrated", "Again"}
    system.put_audience("kim", "children", "ada", "is seven")
    assert titles("kim") <= {"Cartoon", "Again"}
    system.allow("kim", [], "ada", "nothing at all")
    assert titles("kim") == set()


def test_the_time_of_day_counts_where_there_is_a_habit(system: System, clock: Clock) -> None:
    items = [ItemDraft(item_id=f"d{n}", title=f"D {n}", tags=(("news", "comedy")[n % 2],)) for n in range(24)]
    system.rooms.stores.items.put(items)
    system.rooms.touch()
    day = 86_400.0
    midnight = NOW - NOW % day
    for n in range(12):  # comedy at 20:00, news at 7:00
        hour = 20 if n % 2 else 7
        done = RawEvent(
            user_id="eve", item_id=f"d{n}", type="complete", timestamp=midnight - (n // 2 + 1) * day + hour * 3_600
        )
        system.record([done])

    clock.now = midnight + 20 * 3_600
    evening = [i.item_id for i in system.recommend(Ask(user_id="eve", surface="tv", n=4, utc_offset=0)).items]
    clock.now = midnight + 7 * 3_600
    morning = [i.item_id for i in system.recommend(Ask(user_id="eve", surface="tv", n=4, utc_offset=0)).items]
    assert sum(int(i[1:]) % 2 for i in evening if i.startswith("d")) > sum(
        int(i[1:]) % 2 for i in morning if i.startswith("d")
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_last_minute_is_decoded_and_looked_at(tmp_path: Path, shared: Path, clock: Clock) -> None:
    """The real decoder and the embedded models on a real clip, played as live."""
    clip = tmp_path / "clip.mp4"
    shutil.copy(shared / "media" / "dev" / "video" / "TimedMediaHandler__apollo15-hammer-feather.mp4", clip)
    system = open_system(tmp_path / "home", clock=clock)
    try:
        system.live_add("moon", str(clip), "Moon", ["space"])
        clock.now = NOW + 20
        now = system.live_look("moon")
        assert now.seconds == pytest.approx(20, abs=5)
        assert now.features
        assert now.moods or now.scenes or now.transcript
        assert system.live_channels(None)[0].now is not None
        clock.now = NOW + 100_000
        system.live_look("moon")
        assert system.live_channels(None) == []
        replay = system.live_channels(None, ended=True)[0].replay_id
        assert replay is not None
        assert system.item(replay).item.kind is not ItemKind.LIVE
    finally:
        system.close()


def test_a_stored_happening_is_never_older_than_the_one_before(system: System) -> None:
    happen(system, "live0", NOW - 5, rockets=1.0)
    happen(system, "live0", NOW - 50, cooking=1.0)
    found = system.rooms.stores.live.now([key(system, "live0")])  # type: ignore[list-item]
    assert [f for n in found.values() for f, _ in n.features] == ["tag:rockets"]
