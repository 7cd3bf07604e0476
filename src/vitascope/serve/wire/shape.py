"""Answers made of records: outside ids, float seconds, links. Internal keys and paths of files stay inside."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from vitascope.base.content import Account, Claim, Description, Evidence
from vitascope.base.media import Asset, Probe, Problem, StreamKind
from vitascope.base.ports.service import (
    EventsReport,
    Feedback,
    Hit,
    ItemView,
    ProfileView,
    Status,
)
from vitascope.base.ranking import (
    Explanation,
    Move,
    RecommendationList,
    Recommended,
    TrainedModel,
)
from vitascope.base.time import Span
from vitascope.serve.wire.answers import (
    AccountOut,
    AccountPartOut,
    Card,
    ChapterOut,
    ClaimOut,
    ContributionOut,
    CountsOut,
    DescriptionOut,
    EventsOut,
    EvidenceOut,
    ExplanationOut,
    FeedbackOut,
    HitOut,
    HitsOut,
    ItemOut,
    KeywordOut,
    LineOut,
    ListOut,
    MediaOut,
    ModelOut,
    MoveOut,
    NamedScore,
    PartOut,
    ProblemOut,
    ProfileOut,
    ProvenanceOut,
    RecommendedOut,
    RejectedOut,
    SharedOut,
    SpanOut,
    StatusOut,
)


def item_path(item_id: str) -> str:
    """Where an item is."""
    return f"/v1/items/{quote(item_id, safe='')}"


def _picture_size(probe: Probe) -> tuple[int | None, int | None]:
    """Upright size of the moving picture."""
    for stream in probe.streams:
        if stream.kind is StreamKind.VIDEO and not stream.is_cover and stream.width and stream.height:
            turned = stream.rotation in (90, 270)
            return (stream.height, stream.width) if turned else (stream.width, stream.height)
    return None, None


def media(item_id: str, number: int, asset: Asset) -> MediaOut:
    """An asset as a player needs it."""
    probe = asset.probe
    width, height = _picture_size(probe) if probe else (None, None)
    url = f"{item_path(item_id)}/media/{number}"
    return MediaOut(
        url=url,
        status=f"{url}/status",
        duration=None if asset.duration is None else float(asset.duration),
        has_video=bool(probe and probe.has_video),
        has_audio=bool(probe and probe.has_audio),
        width=width,
        height=height,
        sha256=asset.sha256,
    )


def _has_picture(assets: tuple[Asset, ...]) -> bool:
    return any(a.probe and (a.probe.has_video or any(s.is_cover for s in a.probe.streams)) for a in assets)


def _card_fields(view: ItemView) -> dict[str, Any]:
    item, content = view.item, view.description
    assets = tuple(media(item.item_id, n, a) for n, a in enumerate(view.assets) if a.available)
    return {
        "item_id": item.item_id,
        "kind": item.kind.value,
        "title": item.title or item.item_id,
        "creator": item.creator,
        "language": item.language or (content.language if content else None),
        "summary": content.summary if content else "",
        "category": content.category if content else None,
        "moods": tuple(name for name, _ in sorted(content.moods, key=lambda m: -m[1])[:3]) if content else (),
        "duration": assets[0].duration if assets else None,
        "has_video": any(a.has_video for a in assets),
        "has_audio": any(a.has_audio for a in assets),
        "thumbnail": f"{item_path(item.item_id)}/thumbnail" if _has_picture(view.assets) else None,
        "media": assets,
        "licence": item.licence,
        "credit": item.credit,
        "available": item.available,
    }


def card(view: ItemView) -> Card:
    """What a list shows of an item."""
    return Card(**_card_fields(view))


def _span(span: Span) -> SpanOut:
    return SpanOut(start=float(span.start), end=float(span.end))


def _line(span: Span, text: str, score: float | None = None) -> LineOut:
    return LineOut(start=float(span.start), end=float(span.end), text=text, score=score)


def evidence(found: tuple[Evidence, ...]) -> tuple[EvidenceOut, ...]:
    """Evidence with float times, at most 20."""
    return tuple(
        EvidenceOut(
            field=e.field,
            start=float(e.span.start) if e.span else None,
            end=float(e.span.end) if e.span else None,
            quote=e.quote,
        )
        for e in found[:20]
    )


def claims(found: tuple[Claim, ...]) -> tuple[ClaimOut, ...]:
    """Sentences with float times."""
    return tuple(ClaimOut(text=c.text, evidence=evidence(c.evidence)) for c in found)


def account(told: Account) -> AccountOut:
    """An account with float times."""
    return AccountOut(
        style=told.style,
        language=told.language,
        title=told.title,
        parts=tuple(
            AccountPartOut(
                heading=p.heading,
                start=float(p.span.start) if p.span else None,
                end=float(p.span.end) if p.span else None,
                claims=claims(p.claims),
            )
            for p in told.parts
        ),
        dropped=told.dropped,
    )


def description(content: Description) -> DescriptionOut:
    """A description with float times."""
    audio, feeling = content.audio, content.sentiment
    return DescriptionOut(
        language=content.language,
        summary=content.summary,
        summary_claims=claims(content.summary_claims),
        chapters=tuple(
            ChapterOut(
                start=float(c.span.start),
                end=float(c.span.end),
                title=c.title,
                source=c.source.value,
                evidence=evidence(c.evidence),
                claims=claims(c.claims),
            )
            for c in content.chapters
        ),
        category=content.category,
        category_score=content.category_score,
        topics=content.topics,
        keywords=tuple(KeywordOut(text=k.text, score=k.score, evidence=evidence(k.evidence)) for k in content.keywords),
        sentiment=feeling.label if feeling else None,
        sentiment_score=feeling.score if feeling else None,
        moods=tuple(NamedScore(name=name, score=score) for name, score in content.moods),
        transcript=tuple(_line(t.span, t.text, t.confidence) for t in content.transcript),
        shots=tuple(_span(s) for s in content.shots),
        scenes=tuple(_line(s.span, s.label, s.score) for s in content.scenes),
        screen_text=tuple(_line(s.span, s.text, s.score) for s in content.screen_text),
        speech=audio.speech if audio else None,
        music=audio.music if audio else None,
        other=audio.other if audio else None,
        sounds=tuple(NamedScore(name=s.label, score=s.score) for s in content.sounds),
        tempo=content.tempo,
        loudness=content.loudness,
        moderation=content.moderation.decision.value,
        moderation_reasons=content.moderation.reasons,
        provenance=tuple(
            ProvenanceOut(
                extractor=p.extractor,
                model=p.model,
                model_sha256=p.model_sha256,
                prompt=p.prompt,
                note=p.note,
            )
            for p in content.provenance
        ),
        gaps=content.gaps,
    )


def item(view: ItemView) -> ItemOut:
    """An item with all that is known of it."""
    return ItemOut(
        **_card_fields(view),
        description=view.item.description,
        tags=view.item.tags,
        published_at=view.item.published_at,
        extra=view.item.extra,
        content=description(view.description) if view.description else None,
        duplicates_of=view.duplicates_of,
        shares_spans_with=tuple(
            SharedOut(
                item_id=other,
                start=start,
                end=end,
                other_start=other_start,
                other_end=other_end,
            )
            for other, start, end, other_start, other_end in view.shares
        ),
    )


def explanation(why: Explanation) -> ExplanationOut:
    """An explanation without internal keys."""
    return ExplanationOut(
        sentence=why.sentence,
        sentence_zh=why.sentence_zh,
        source=why.source,
        because=why.because_id,
        parts=tuple(PartOut(scorer=p.scorer, raw=p.raw, normalised=p.normalised, weight=p.weight) for p in why.parts),
        contributions=tuple(
            ContributionOut(
                feature=c.feature,
                weight=c.weight,
                taste=c.taste,
                value=c.value,
                product=c.product,
                evidence=evidence(c.evidence),
            )
            for c in why.contributions
        ),
    )


def recommended(line: Recommended, cards: dict[str, Card]) -> RecommendedOut:
    """One line of a list."""
    return RecommendedOut(
        item_id=line.item_id,
        score=line.score,
        source=line.source,
        explanation=explanation(line.explanation) if line.explanation else None,
        propensity=line.propensity,
        item=cards.get(line.item_id),
    )


def listing(user_id: str | None, found: RecommendationList, cards: dict[str, Card]) -> ListOut:
    """A list under the outside id that asked for it."""
    return ListOut(
        user_id=user_id,
        surface=found.surface.value,
        items=tuple(recommended(line, cards) for line in found.items),
        model=found.model,
        spoke=found.spoke,
        note=found.note,
    )


def report(done: EventsReport) -> EventsOut:
    """What became of events."""
    return EventsOut(
        added=done.added,
        known=done.known,
        rejected=tuple(RejectedOut(index=r.index, reason=r.reason, remedy=r.remedy) for r in done.rejected),
        rejected_total=done.rejected_total or len(done.rejected),
    )


def move(moved: Move, cards: dict[str, Card]) -> MoveOut:
    """A move, with the item's title where it is known."""
    known = cards.get(moved.item_id)
    return MoveOut(
        item_id=moved.item_id,
        title=known.title if known else "",
        before=moved.before,
        after=moved.after,
        why=moved.why,
        why_zh=moved.why_zh,
    )


def feedback(user_id: str | None, done: Feedback, cards: dict[str, Card]) -> FeedbackOut:
    """What events did to a list."""
    return FeedbackOut(
        report=report(done.report),
        before=listing(user_id, done.before, cards),
        after=listing(user_id, done.after, cards),
        moves=tuple(move(m, cards) for m in done.moves),
    )


def hits(found: list[Hit], cards: dict[str, Card], cursor: str | None = None) -> HitsOut:
    """Hits with their cards."""
    return HitsOut(
        cursor=cursor,
        hits=tuple(
            HitOut(
                item_id=h.item_id,
                score=h.score,
                found_in=h.found_in,
                quote=h.quote,
                item=cards.get(h.item_id),
            )
            for h in found
        ),
    )


def profile(view: ProfileView) -> ProfileOut:
    """A person's profile."""
    return ProfileOut.model_validate(view.model_dump())


def problem(found: Problem) -> ProblemOut:
    """A problem; the row it came from may hold personal data and stays inside."""
    return ProblemOut.model_validate(found.model_dump(exclude={"payload", "first_seen"}))


def model(trained: TrainedModel) -> ModelOut:
    """A trained model without its folder."""
    return ModelOut.model_validate(trained.model_dump(exclude={"path", "noise"}))


def status(now: Status) -> StatusOut:
    """How the library stands, without the path of its home."""
    return StatusOut(
        version=now.version,
        schema_version=now.schema_version,
        counts=CountsOut.model_validate(now.counts.model_dump()),
        bytes=now.bytes,
        disk_left=now.disk_left,
        model=model(now.model) if now.model else None,
        pack=now.pack,
        gaps=now.gaps,
    )
