"""A small in-memory library for tests of the wire and of the gate. It ranks by likes only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from vitascope.base.content import (
    Account,
    AccountPart,
    Claim,
    Description,
    Evidence,
    Keyword,
    Moderation,
    Sentiment,
    TranscriptLine,
    Verdict,
)
from vitascope.base.errors import (
    UnknownItem,
    UnknownModel,
    UnknownPerson,
    UnknownSurface,
    UnreadableMedia,
    UsageError,
)
from vitascope.base.items import Item, ItemKind
from vitascope.base.made import Digest, Matter, Rendered, Trailer
from vitascope.base.media import Asset, Probe, Problem, Stream, StreamKind
from vitascope.base.moderation import Judgement, ModerationPolicy
from vitascope.base.people import Correction, EventType, NoiseCount, Surface
from vitascope.base.ports.media import Playable
from vitascope.base.ports.moderating import Audit, ModerationCase
from vitascope.base.ports.service import (
    Ask,
    DescribeReport,
    EventsReport,
    Feedback,
    Hit,
    IngestReport,
    ItemView,
    ProfileView,
    Progress,
    RawEvent,
    Rejected,
    Status,
    TasteRow,
    silent,
)
from vitascope.base.ports.stores import Counts
from vitascope.base.ranking import (
    Contribution,
    Explanation,
    FitReport,
    Metric,
    Move,
    RecommendationList,
    Recommended,
    TrainedModel,
)
from vitascope.base.reasons import Attribution, Reason
from vitascope.base.records import AssetKey, ItemKey, PersonKey
from vitascope.base.talk import Conversation, TalkAnswer, Told, Utterance
from vitascope.base.time import Span
from vitascope.base.whys import Why, Without

EVIL = "<script>alert(1)</script>\u202e\"'><img src=x onerror=alert(1)>"


def view(
    number: int,
    item_id: str,
    title: str,
    path: Path | None = None,
    *,
    video: bool = False,
) -> ItemView:
    """An item with one asset and a short description."""
    key = ItemKey(number)
    assets: tuple[Asset, ...] = ()
    if path is not None:
        streams = [
            Stream(
                index=0,
                kind=StreamKind.AUDIO,
                codec="pcm_s16le",
                sample_rate=8000,
                channels=1,
            )
        ]
        if video:
            streams.append(
                Stream(
                    index=1,
                    kind=StreamKind.VIDEO,
                    codec="h264",
                    width=640,
                    height=360,
                    rotation=90,
                )
            )
        probe = Probe(container="wav", duration=1, streams=tuple(streams))
        assets = (
            Asset(
                key=AssetKey(number),
                item=key,
                uri=str(path),
                sha256=f"{number:064x}",
                bytes=path.stat().st_size,
                modified=0.0,
                probe=probe,
                duration=1,
            ),
        )
    said = Span(start="1/3", end="2/3")
    return ItemView(
        item=Item(
            key=key,
            item_id=item_id,
            title=title,
            kind=ItemKind.AUDIO,
            has_media=path is not None,
            licence="CC0",
        ),
        assets=assets,
        description=Description(
            item=key,
            fingerprint="x",
            language="en",
            transcript=(TranscriptLine(span=said, text=f"this is {title}"),),
            summary=f"About {title}.",
            category="music",
            keywords=(Keyword(text="tone", score=0.5, evidence=(Evidence(span=said, quote=title),)),),
            sentiment=Sentiment(label="neutral", score=0.0),
            moods=(("calm", 0.9), ("tense", 0.1)),
            moderation=Moderation(decision=Verdict.REVIEW, reasons=("loud",)),
        ),
    )


class FakeService:
    """Keeps everything in dictionaries; see `Service` for what each call promises."""

    def __init__(self, views: Sequence[ItemView] = ()) -> None:
        self.views = {v.item.item_id: v for v in views}
        self.reads = 0
        self.events: list[RawEvent] = []
        self.identities: set[str] = set()
        self.corrections: dict[str, dict[str, Correction]] = {}
        self.unreadable: set[str] = set()
        self.mimes: dict[str, str] = {}
        self.fail_with: Exception | None = None
        self.closed = False

    def ingest(
        self,
        paths: Sequence[str],
        describe: bool = True,
        text_fields: tuple[str, ...] | None = None,
        progress: Progress = silent,
        stop: Callable[[], bool] = lambda: False,
    ) -> IngestReport:
        return IngestReport()

    def describe(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> DescribeReport:
        for done in range(3):
            progress("describe", done, 3)
        return DescribeReport(described=0, unchanged=len(self.views))

    def item(self, item_id: str) -> ItemView:
        if self.fail_with is not None:
            raise self.fail_with
        if item_id not in self.views:
            raise UnknownItem(
                "there is no such item",
                place=item_id,
                remedy="list the items to see their ids",
            )
        return self.views[item_id]

    def account(self, item_id: str, style: str = "account", language: str = "en") -> Account:
        view = self.item(item_id)
        said = Claim(text=f"“this is {view.item.title}”", evidence=(Evidence(span=Span(start=0, end=1), quote="x"),))
        part = AccountPart(heading="All of it", span=Span(start=0, end=1), claims=(said,))
        return Account(style=style, language=language, title=view.item.title or "", parts=(part,))

    def items(
        self,
        cursor: str | None = None,
        n: int = 50,
        query: dict[str, str] | None = None,
        audience: str | None = None,
    ) -> tuple[list[ItemView], str | None]:
        ids = sorted(self.views)
        kind = (query or {}).get("kind")
        ids = [i for i in ids if (cursor is None or i > cursor) and kind in (None, self.views[i].item.kind.value)]
        page = ids[:n]
        return [self.views[i] for i in page], page[-1] if len(ids) > n else None

    def delete_item(self, item_id: str) -> None:
        self.item(item_id)
        del self.views[item_id]

    def put_items(self, rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[Problem]]:
        taken, problems = [], []
        for number, row in enumerate(rows):
            if not isinstance(row.get("item_id"), str):
                problems.append(
                    Problem(
                        kind="bad-row",
                        place=f"row {number}",
                        reason="no item_id",
                        remedy="give one",
                    )
                )
                continue
            self.views[row["item_id"]] = view(1000 + number, row["item_id"], str(row.get("title")))
            taken.append(row["item_id"])
        return taken, problems

    def export(self) -> Iterator[dict[str, Any]]:
        for item_id in sorted(self.views):
            yield {"item_id": item_id}

    def similar(self, item_id: str, n: int = 10, audience: str | None = None) -> list[Hit]:
        self.item(item_id)
        others = [i for i in sorted(self.views) if i != item_id]
        return [Hit(item_id=i, score=0.5, found_in="meaning") for i in others][:n]

    def search(self, query: str, n: int = 20, audience: str | None = None) -> list[Hit]:
        found = [v for v in self.views.values() if query.lower() in (v.item.title or "").lower()]
        return [
            Hit(
                item_id=v.item.item_id,
                score=1.0,
                found_in="title",
                quote=v.item.title or "",
            )
            for v in found
        ][:n]

    def item_views(self, item_ids: Sequence[str], audience: str | None = None) -> dict[str, ItemView]:
        self.reads += 1
        return {i: self.views[i] for i in item_ids if i in self.views}

    def received(self) -> int:
        return 0

    def models(self) -> list[TrainedModel]:
        return [self._model()]

    def find(
        self, query: str, filters: Any = None, n: int = 20, skip: int = 0, audience: str | None = None
    ) -> list[Hit]:
        return self.search(query, n + skip, audience)[skip:]

    # --- conversation: tests/recommend/talk asks a real library

    def talk(
        self,
        user_id: str | None,
        text: str,
        state: Conversation | None = None,
        *,
        n: int = 6,
        surface: str | None = None,
        audience: str | None = None,
    ) -> TalkAnswer:
        if not text.strip():
            raise UsageError("nothing was said", place="text", remedy="say what you would like")
        told = [Told(item_id=v.item.item_id, title=v.item.title or "", score=1.0) for v in self.views.values()][:n]
        before = state or Conversation()
        return TalkAnswer(
            text=f"{len(told)}",
            text_zh=f"{len(told)}",
            language="en",
            understood=Utterance(),
            items=tuple(told),
            state=before.model_copy(update={"shown": tuple(t.item_id for t in told), "refused": before.shown}),
        )

    def heard(self, sound: bytes, language: str | None = None) -> str:
        return sound.decode()

    # --- content for one person

    def matter(self, user_id: str, item_id: str) -> Matter:
        title = self.item(item_id).item.title or item_id
        return Matter(item_id=item_id, title=title, text=f"“{title}”", text_zh=f"《{title}》")

    def digest(self, user_id: str, until: float | None = None) -> Digest:
        return Digest(user_id=user_id, week="2026-W48", first=0.0, last=604_800.0)

    def digest_page(self, user_id: str, language: str = "en") -> str:
        return f"<!doctype html><html lang={language}><body>{user_id}</body></html>"

    def digest_sound(self, user_id: str) -> bytes:
        return b"RIFF0000WAVE"

    def trailer(
        self, user_id: str, item_ids: Sequence[str], target: Path, seconds: float = 30.0
    ) -> tuple[Trailer, Rendered]:
        for item_id in item_ids:
            self.item(item_id)
        target.write_bytes(b"film")
        plan = Trailer(user_id=user_id, title="t", cuts=(), by_taste=False)
        return plan, Rendered(seconds=seconds, video=True, bytes=4, mime="video/mp4", captions="WEBVTT\n")

    # --- moderation: nothing is kept back; tests/serve/test_moderation.py asks a real library

    def check_shown(self, item_id: str, audience: str | None = None) -> None:
        self.item(item_id)

    def check_audience(self, name: str | None) -> str | None:
        if name not in (None, "children"):
            raise UsageError("no such audience", place=name, remedy="children")
        return name

    def audience_of(self, user_id: str) -> str | None:
        return None

    def put_audience(self, user_id: str, audience: str | None, who: str, why: str) -> None:
        self.check_audience(audience)

    def moderation_case(self, item_id: str) -> ModerationCase:
        return ModerationCase(item_id=self.item(item_id).item.item_id, judgement=Judgement(), automatic=Judgement())

    def moderation_queue(self) -> Iterator[ModerationCase]:
        return iter(())

    def moderation_list(self, verdict: Verdict | None = None) -> Iterator[ModerationCase]:
        return iter(())

    def moderation_decide(
        self, item_id: str, verdict: Verdict, who: str, why: str, *, audience: str | None = None, age: int | None = None
    ) -> ModerationCase:
        return self.moderation_case(item_id)

    def moderation_appeal(self, item_id: str, who: str, why: str) -> ModerationCase:
        return self.moderation_case(item_id)

    def moderation_audit(self, item_id: str | None = None) -> Audit:
        return Audit(acts=())

    def moderation_policy(self) -> ModerationPolicy:
        return ModerationPolicy()

    def playable(self, item_id: str, asset: int = 0) -> Playable:
        found = self.item(item_id)
        if item_id in self.unreadable or asset >= len(found.assets):
            raise UnreadableMedia("no decoder reads it", place=item_id, remedy="replace the file")
        return Playable(
            path=found.assets[asset].path,
            mime=self.mimes.get(item_id, "audio/wav"),
            made=False,
        )

    def thumbnail(self, item_id: str, width: int = 480) -> Path | None:
        self.item(item_id)
        return None

    def record(self, events: Sequence[RawEvent], source: str = "api") -> EventsReport:
        added = known = 0
        rejected = []
        for number, event in enumerate(events):
            if event.type not in set(EventType):
                rejected.append(
                    Rejected(
                        index=number,
                        reason=f"unknown type {event.type}",
                        remedy="see the list",
                    )
                )
                continue
            identity = event.event_id or f"{event.user_id}/{event.item_id}/{event.type}/{event.timestamp}"
            if identity in self.identities:
                known += 1
                continue
            self.identities.add(identity)
            self.events.append(event)
            added += 1
        return EventsReport(
            added=added,
            known=known,
            rejected=tuple(rejected),
            rejected_total=len(rejected),
        )

    def import_events(self, path: Path, progress: Progress = silent) -> EventsReport:
        return EventsReport(added=0, known=0)

    def _score(self, user_id: str | None, item_id: str) -> float:
        return float(sum(e.user_id == user_id and e.item_id == item_id and e.type == "like" for e in self.events))

    def recommend(self, ask: Ask) -> RecommendationList:
        try:
            surface = Surface(ask.surface or "video")
        except ValueError as error:
            raise UnknownSurface("there is no such surface", place=ask.surface, remedy="video") from error
        ids = [i for i in sorted(self.views) if ask.candidates is None or i in ask.candidates]
        ids = [i for i in ids if i not in ask.exclude]
        ids.sort(key=lambda i: (-self._score(ask.user_id, i), i))
        return RecommendationList(
            person=PersonKey(7) if ask.user_id else None,
            surface=surface,
            items=tuple(self._line(i, ask) for i in ids[: ask.n]),
            model="likes",
            spoke=(("likes", min(ask.n, len(ids))),),
        )

    def _line(self, item_id: str, ask: Ask) -> Recommended:
        found = self.views[item_id]
        why = Explanation(
            item=found.item.key,
            source="likes",
            because=ItemKey(1),
            because_id=item_id,
            contributions=(
                Contribution(
                    feature="mood:calm",
                    weight=0.8,
                    taste=0.7,
                    value=0.9,
                    evidence=(
                        Evidence(
                            span=Span(start="1/3", end="2/3"),
                            quote=found.item.title or "",
                        ),
                    ),
                ),
            ),
            sentence="because you like calm",
            sentence_zh="因为你喜欢平静",
        )
        return Recommended(
            item=found.item.key,
            item_id=item_id,
            score=self._score(ask.user_id, item_id),
            source="likes",
            explanation=why if ask.explain else None,
        )

    def recommend_many(
        self, user_ids: Iterable[str], ask: Ask, progress: Progress = silent
    ) -> Iterator[tuple[str, RecommendationList]]:
        for user_id in user_ids:
            yield user_id, self.recommend(ask.model_copy(update={"user_id": user_id}))

    def feedback(self, events: Sequence[RawEvent], ask: Ask) -> Feedback:
        before = self.recommend(ask)
        report = self.record(events)
        after = self.recommend(ask)
        old = {line.item_id: n for n, line in enumerate(before.items, 1)}
        new = {line.item_id: n for n, line in enumerate(after.items, 1)}
        moves = tuple(
            Move(
                item_id=i,
                before=old.get(i),
                after=new.get(i),
                why="liked",
                why_zh="喜欢",
            )
            for i in sorted(old.keys() | new.keys())
            if old.get(i) != new.get(i)
        )
        return Feedback(report=report, before=before, after=after, moves=moves)

    def explain(self, user_id: str, item_id: str, surface: str | None = None) -> RecommendationList:
        self.item(item_id)
        return self.recommend(Ask(user_id=user_id, surface=surface, candidates=(item_id,), explain=True))

    def why(self, user_id: str, item_id: str, surface: str | None = None, n: int = 10, deep: bool = True) -> Why:
        self.item(item_id)
        self.profile(user_id)
        ask = Ask(user_id=user_id, surface=surface, candidates=(item_id,), explain=True, include_seen=True)
        line = self.recommend(ask).items[0]
        act = Reason(kind="act", name="a", amount=0.2, event=1, title=EVIL, did="like")
        return Why(
            user_id=user_id,
            surface=Surface.VIDEO,
            item=line,
            title=EVIL,
            place=1,
            n=n,
            told=(Attribution(method="left-out", of="score", score=0.5, exact=False, reasons=(act,)),),
            without=(Without(acts=(act,), place=n + 2, gone=True),),
            shown=("left-out",),
        )

    def profile(self, user_id: str) -> ProfileView:
        mine = [e for e in self.events if e.user_id == user_id]
        if not mine:
            raise UnknownPerson("nobody of that name", place=user_id, remedy="record an event first")
        corrected = self.corrections.get(user_id, {}).get("mood:calm")
        taste = corrected.value if corrected and corrected.value is not None else 0.5
        row = TasteRow(
            feature="mood:calm",
            taste=taste,
            session=0.1,
            weight=0.8,
            corrected=corrected is not None,
        )
        return ProfileView(
            user_id=user_id,
            text="Likes calm.",
            text_source="template",
            rows=(row,),
            events=len(mine),
            updated_at=1.0,
        )

    def correct_profile(self, user_id: str, correction: Correction) -> ProfileView:
        self.corrections.setdefault(user_id, {})[correction.name] = correction
        return self.profile(user_id)

    def preview(self, user_id: str, corrections: Sequence[Correction], ask: Ask) -> Feedback:
        kept = {user: dict(theirs) for user, theirs in self.corrections.items()}
        self.profile(user_id)
        before = self.recommend(ask)
        try:
            for correction in corrections:
                self.correct_profile(user_id, correction)
            after = self.recommend(ask)
        finally:
            self.corrections = kept
        return Feedback(report=EventsReport(added=0, known=0), before=before, after=after, moves=())

    def reset_profile(self, user_id: str) -> None:
        self.profile(user_id)
        self.corrections.pop(user_id, None)

    def people(self, limit: int = 100) -> list[str]:
        return list(dict.fromkeys(e.user_id for e in reversed(self.events)))[:limit]

    def _model(self) -> TrainedModel:
        return TrainedModel(
            version="m1",
            created_at=1.0,
            seed=0,
            path="m1",
            evaluation=(Metric(name="HR@10", value=0.2, n=9),),
            current=True,
        )

    def fit(self, seed: int = 0, promote: str = "better", progress: Progress = silent, warm: bool = False) -> FitReport:
        progress("fit", 1, 1)
        return FitReport(model=self._model(), promoted=True, compared_with=None, reason="the first")

    def rollback(self) -> TrainedModel:
        raise UnknownModel("there is no model before this one", remedy="fit once more")

    def noise(self) -> tuple[NoiseCount, ...]:
        return ()

    def problems(self) -> Iterator[Problem]:
        for number in range(3):
            yield Problem(
                kind="unreadable-media",
                place=f"file{number}",
                reason="broken",
                remedy="replace it",
                payload="secret",
            )

    def status(self) -> Status:
        if self.fail_with is not None:
            raise self.fail_with
        n = len(self.views)
        return Status(
            home="/a/secret/place",
            version="0.1.0",
            schema_version="1",
            counts=Counts(
                items=n,
                available=n,
                assets=n,
                described=n,
                pending=0,
                people=1,
                events=len(self.events),
                problems=3,
            ),
            bytes=(("library.db", 4096),),
            disk_left=10**9,
            model=self._model(),
            pack="embedded",
            gaps=("no Chinese text vectors",),
        )

    def flow(self, surface: Surface) -> str:
        return f"{surface.value}: sources -> ranker"

    def close(self) -> None:
        self.closed = True
