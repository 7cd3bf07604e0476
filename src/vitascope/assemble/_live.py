"""Live channels and the programme guide as one service.

Takes and gives outside ids. The last minute of a channel is decoded and looked at by the very extractors that describe every
item, in a worker that keeps nothing; what they find is kept as what happens now, and speaks in lists of the surface `live`.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vitascope.assemble._around import Around
from vitascope.base.errors import UnknownItem, UsageError
from vitascope.base.guide import GuideReport, Programme
from vitascope.base.items import Item, ItemDraft, ItemKind
from vitascope.base.live import Channel, Happening, OnAir, SourceKind
from vitascope.base.media import Asset
from vitascope.base.moderation import judge
from vitascope.base.ports.media import Limits
from vitascope.base.ports.service import Ask
from vitascope.base.records import AssetKey, ItemKey

if TYPE_CHECKING:
    from vitascope.assemble._rooms import Rooms
    from vitascope.base.content import Description

WINDOW = 60.0
"""Seconds of a stream that are looked at."""
_GUIDE_BYTES = 128 << 20
_DAY = 86_400.0


def happenings(rooms: Rooms) -> tuple[Happening, ...]:
    """What happens in the channels that are on air, with who watches now."""
    on_air = [c.item for c in rooms.stores.live.channels(on_air=True)]
    if not on_air:
        return ()
    known = rooms.stores.live.now(on_air)
    watched = rooms.recommender.watching(on_air, rooms.clock())
    return tuple(
        known.get(item, Happening(item=item, at=0.0, seconds=0.0)).model_copy(
            update={"viewers": watched[item][0], "rate": watched[item][1]}
        )
        for item in on_air
    )


class Broadcasts(Around):
    """Channels and programmes."""

    def live_add(self, item_id: str, address: str, title: str | None = None, tags: Sequence[str] = ()) -> OnAir:
        """Begin a channel."""
        stores, now = self._rooms.stores, self._rooms.clock()
        known = stores.items.get(item_id)
        if known is not None and any(c.item == known.key for c in stores.live.channels(on_air=True)):
            raise UsageError("this channel is on air already", place=item_id, remedy="end it first, or use another id")
        if known is not None and known.kind is not ItemKind.LIVE:
            raise UsageError("an item that is no channel has this id", place=item_id, remedy="use another id")
        if address.lower().startswith(("http://", "https://")):
            source = SourceKind.HLS
        else:
            source, path = SourceKind.FILE, Path(address).expanduser().resolve()
            if not path.is_file():
                raise UsageError("there is no such file", place=address, remedy="name a media file or an HLS address")
            self._rooms.reader.probe(path, Limits())
            address = str(path)
        draft = ItemDraft(item_id=item_id, kind=ItemKind.LIVE, title=title or item_id, tags=tuple(tags), origin="live")
        item = stores.items.put([draft])[0]
        stores.items.set_available([item.key], True)
        stores.live.put(Channel(item=item.key, source=source, address=address, started_at=now))
        self._rooms.touch()
        return self._on_air(self._channel(item_id), item_id)

    def live_end(self, item_id: str, replay: str | None = None) -> OnAir:
        """End a channel, and keep its replay as an ordinary item where there is one."""
        stores, channel = self._rooms.stores, self._channel(item_id)
        if replay is None and channel.source is SourceKind.FILE:
            replay = channel.address
        key = channel.replay
        if replay is not None:
            key = self._replay(replay)
        ended = channel.ended_at if channel.ended_at is not None else self._rooms.clock()
        done = channel.model_copy(update={"ended_at": ended, "replay": key})
        stores.live.put(done)
        stores.items.set_available([channel.item], False)
        self._rooms.touch()
        return self._on_air(done, item_id)

    def _replay(self, named: str) -> ItemKey | None:
        """The ordinary item of a recording: one of the library, else the file taken in."""
        items = self._rooms.stores.items
        if (item := items.get(named)) is not None:
            return item.key
        path = Path(named).expanduser().resolve()
        if not path.is_file():
            raise UsageError("neither an item nor a file", place=named, remedy="name the recording")
        asset = items.asset_by_uri(str(path))
        if asset is None:
            self.ingest([str(path)], describe=False)
            asset = items.asset_by_uri(str(path))
        return None if asset is None else asset.item

    def live_channels(
        self, user_id: str | None = None, audience: str | None = None, ended: bool = False
    ) -> list[OnAir]:
        """What is on air and may be shown, best for the person first."""
        stores = self._rooms.stores
        every = {c.item: c for c in stores.live.channels(None if ended else True)}
        names = {key: item.item_id for key, item in stores.items.by_key(list(every)).items()}
        current = {c: channel for c, channel in every.items() if channel.on_air}
        out: list[OnAir] = []
        if current:
            ask = Ask(user_id=user_id, surface="live", n=min(len(current), 200), rerank=True, audience=audience)
            told = {h.item: h for h in happenings(self._rooms)}
            for line in self.recommend(ask).items:
                if line.item in current:
                    shown = self._on_air(current[line.item], line.item_id, told.get(line.item))
                    out.append(shown.model_copy(update={"score": line.score}))
        past = [c for c in every.values() if not c.on_air and c.item in names]
        own = self.audience_of(user_id) if user_id else None
        views = self.item_views([names[c.item] for c in past], own or self.check_audience(audience)) if past else {}
        for channel in sorted(past, key=lambda c: -(c.ended_at or 0)):
            view = views.get(names[channel.item])
            if view is not None and view.judgement.shown:
                out.append(self._on_air(channel, names[channel.item]))
        return out

    def live_look(self, item_id: str) -> Happening:
        """Look at the last minute of a channel now; a stream that is over ends its channel."""
        channel = self._channel(item_id)
        if not channel.on_air:
            raise UsageError("this channel has ended", place=item_id, remedy="look at its replay")
        item = self._rooms.stores.items.by_key([channel.item])[channel.item]
        with tempfile.TemporaryDirectory(prefix="live-", dir=self._rooms.home.cache) as folder:
            chunk, seconds, ended = self._chunk(channel, Path(folder))
            happened = self._described(item, chunk, seconds)
        self._rooms.stores.live.put_now(happened)
        if ended:
            self.live_end(item_id)
        return happened

    def _chunk(self, channel: Channel, folder: Path) -> tuple[Path, float, bool]:
        """The last minute of a channel as a file of its own, how long it is, and whether the stream is over."""
        if channel.source is SourceKind.HLS:
            from vitascope.catalog.hls import last_part

            private = self._rooms.settings.catalog.private_addresses
            tail = last_part(self._rooms.fetcher, channel.address, WINDOW, private)
            path = folder / f"now{tail.suffix}"
            path.write_bytes(tail.data)
            return path, tail.seconds, tail.ended
        from vitascope.backends.media import cut

        source = Path(channel.address)
        whole = float(self._rooms.reader.probe(source, Limits()).duration or 0.0)
        at = self._rooms.clock() - channel.started_at
        over = bool(whole) and at >= whole
        stop = max(min(at, whole) if whole else at, 1.0)
        path = folder / "now.mkv"
        cut(source, path, max(stop - WINDOW, 0.0), min(stop, WINDOW))
        return path, min(stop, WINDOW), over

    def _described(self, item: Item, chunk: Path, seconds: float) -> Happening:
        probe = self._rooms.reader.probe(chunk, Limits())
        digest = hashlib.sha256(chunk.read_bytes()).hexdigest()
        stat = chunk.stat()
        asset = Asset(
            key=AssetKey(1),
            item=item.key,
            uri=str(chunk),
            sha256=digest,
            bytes=stat.st_size,
            modified=stat.st_mtime,
            probe=probe,
            duration=probe.duration,
        )
        made = self._rooms.live_work.look(item.model_copy(update={"has_media": True}), asset)
        told = judge(made.moderation, self._rooms.settings.moderation, has_media=True, surface="live")
        scenes: dict[str, float] = {}
        for scene in made.scenes:
            scenes[scene.label] = max(scenes.get(scene.label, 0.0), scene.score)
        return Happening(
            item=item.key,
            at=self._rooms.clock(),
            seconds=round(float(probe.duration or seconds), 3),
            language=made.language,
            transcript=made.transcript,
            scenes=tuple(sorted(scenes.items(), key=lambda s: (-s[1], s[0]))[:10]),
            moods=made.moods,
            features=tuple((f.name, f.value) for f in made.features),
            gaps=made.gaps,
            blocked=not told.shown,
        )

    def _on_air(self, channel: Channel, item_id: str, now: Happening | None = None) -> OnAir:
        stores = self._rooms.stores
        replay = None if channel.replay is None else stores.items.by_key([channel.replay]).get(channel.replay)
        return OnAir(
            item_id=item_id,
            source=channel.source,
            started_at=channel.started_at,
            ended_at=channel.ended_at,
            replay_id=None if replay is None else replay.item_id,
            now=now if now is not None and now.at > 0 else stores.live.now([channel.item]).get(channel.item),
        )

    def _channel(self, item_id: str) -> Channel:
        item = self._rooms.stores.items.get(item_id)
        found = [c for c in self._rooms.stores.live.channels() if item is not None and c.item == item.key]
        if not found:
            raise UnknownItem("no such channel", place=item_id, remedy="see `vitascope live list`, or add it")
        return found[0]

    # --- the guide

    def guide_import(self, address: str) -> GuideReport:
        """Take in an XMLTV guide; what ended more than a day ago is forgotten."""
        from vitascope.catalog.xmltv import read_guide

        if address.lower().startswith(("http://", "https://")):
            private = self._rooms.settings.catalog.private_addresses
            data = self._rooms.fetcher.fetch(address, _GUIDE_BYTES, private)
        else:
            path = Path(address).expanduser()
            if not path.is_file() or path.stat().st_size > _GUIDE_BYTES:
                raise UsageError(
                    "no such file, or it is too long", place=address, remedy="name an XMLTV file or address"
                )
            data = path.read_bytes()
        programmes, aside = read_guide(data, address)
        stores = self._rooms.stores
        kept = stores.guide.replace(programmes)
        stores.guide.forget(self._rooms.clock() - _DAY)
        return GuideReport(channels=len({p.channel for p in programmes}), programmes=kept, set_aside=aside)

    def guide(
        self, start: float, stop: float, user_id: str | None = None, audience: str | None = None
    ) -> list[Programme]:
        """Programmes that may be shown: to an audience with an age only those whose own rating names one that fits; to
        somebody with a list of allowed items none, since no programme stands on it."""
        from vitascope.base.households import audience_parts

        own = self.audience_of(user_id) if user_id else None
        whose, listed = audience_parts(own or self.check_audience(audience))
        if listed is not None:
            return []
        told = self._rooms.settings.moderation.audience(whose)
        found = self._rooms.stores.guide.between(start, stop)
        if told is None or told.age is None:
            return found
        return [p for p in found if p.age is not None and p.age <= told.age]


class LiveWork:
    """Looks at a minute of a stream as the describer looks at an item, and keeps nothing. Models load when first needed."""

    def __init__(self, rooms: Rooms) -> None:
        from vitascope.assemble._job import DescribeWork, describe_settings

        told = json.loads(describe_settings(rooms.settings, rooms.home.cache / "live"))
        told["settings"]["describe"]["language_model"] = False  # a minute is told by what was found in it
        self._work = DescribeWork(json.dumps(told))

    def look(self, item: Item, asset: Asset) -> Description:
        """The description of a stretch. Raises VitascopeError where nothing of it can be read."""
        from vitascope.base.ports.accounts import Spent
        from vitascope.describe.away import DescribeAnswer, DescribeTask

        task = DescribeTask(item=item, assets=(asset,), sidecars=(), base="", spent=Spent(), known=())
        return DescribeAnswer.model_validate_json(self._work(task.model_dump_json())).description

    def close(self) -> None:
        """Stop the decoder, unload the models."""
        self._work.close()
