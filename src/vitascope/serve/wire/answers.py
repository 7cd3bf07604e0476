"""What clients get: outside ids, float seconds, links. Knows no record."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """Base of what is answered."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class SpanOut(Wire):
    """Seconds in the item's media."""

    start: float
    end: float


class LineOut(SpanOut):
    """A stretch and what was said, shown or found there."""

    text: str
    score: float | None = None


class EvidenceOut(Wire):
    """Where a claim can be checked."""

    field: str | None = None
    start: float | None = None
    end: float | None = None
    quote: str = ""


class MediaOut(Wire):
    """One asset of an item, as a player needs it."""

    url: str
    status: str
    duration: float | None = None
    has_video: bool = False
    has_audio: bool = False
    width: int | None = None
    height: int | None = None
    sha256: str


class Card(Wire):
    """What a list shows of an item."""

    item_id: str
    kind: str
    title: str
    creator: str | None = None
    language: str | None = None
    summary: str = ""
    category: str | None = None
    moods: tuple[str, ...] = ()
    duration: float | None = None
    has_video: bool = False
    has_audio: bool = False
    thumbnail: str | None = None
    media: tuple[MediaOut, ...] = ()
    licence: str | None = None
    credit: str | None = None
    available: bool = True


class KeywordOut(Wire):
    """A key word and where it stands."""

    text: str
    score: float
    evidence: tuple[EvidenceOut, ...] = ()


class ClaimOut(Wire):
    """A sentence and what it rests on."""

    text: str
    evidence: tuple[EvidenceOut, ...] = ()


class ChapterOut(SpanOut):
    """A part of an item."""

    title: str
    source: str
    """Who says where it begins: container, feed, description or content (found by what is said, shown and heard)."""
    evidence: tuple[EvidenceOut, ...] = ()
    claims: tuple[ClaimOut, ...] = ()


class AccountPartOut(Wire):
    """A part of an account."""

    heading: str
    start: float | None = None
    end: float | None = None
    claims: tuple[ClaimOut, ...]


class AccountOut(Wire):
    """An item told at length."""

    style: str
    language: str
    title: str
    parts: tuple[AccountPartOut, ...]
    dropped: int = 0
    """Sentences left out because nothing supports them."""


class NamedScore(Wire):
    """A name and a figure; 0..1 unless the name says otherwise."""

    name: str
    score: float


class SharedOut(SpanOut):
    """A stretch shared with another work."""

    item_id: str
    other_start: float
    other_end: float


class ProvenanceOut(Wire):
    """What produced a part of the description."""

    extractor: str
    model: str | None = None
    model_sha256: str | None = None
    prompt: str | None = None
    note: str | None = None


class DescriptionOut(Wire):
    """All that is known of an item's content."""

    language: str | None = None
    summary: str = ""
    summary_claims: tuple[ClaimOut, ...] = ()
    chapters: tuple[ChapterOut, ...] = ()
    category: str | None = None
    category_score: float = 0.0
    topics: tuple[str, ...] = ()
    keywords: tuple[KeywordOut, ...] = ()
    sentiment: str | None = None
    sentiment_score: float | None = None
    moods: tuple[NamedScore, ...] = ()
    transcript: tuple[LineOut, ...] = ()
    shots: tuple[SpanOut, ...] = ()
    scenes: tuple[LineOut, ...] = ()
    screen_text: tuple[LineOut, ...] = ()
    speech: float | None = None
    music: float | None = None
    other: float | None = None
    sounds: tuple[NamedScore, ...] = ()
    tempo: float | None = None
    loudness: float | None = None
    moderation: str = "allow"
    moderation_reasons: tuple[str, ...] = ()
    provenance: tuple[ProvenanceOut, ...] = ()
    gaps: tuple[str, ...] = ()


class ItemOut(Card):
    """An item with all that is known of it."""

    description: str | None = None
    tags: tuple[str, ...] = ()
    published_at: float | None = None
    extra: tuple[tuple[str, str], ...] = ()
    content: DescriptionOut | None = None
    duplicates_of: tuple[str, ...] = ()
    shares_spans_with: tuple[SharedOut, ...] = ()


class ItemsPage(Wire):
    """A page of items; ask again with `cursor` until it is null."""

    items: tuple[Card, ...]
    cursor: str | None = None


class ContributionOut(Wire):
    """One term weight x taste x value of the readable score."""

    feature: str
    weight: float
    taste: float
    value: float
    product: float
    evidence: tuple[EvidenceOut, ...] = ()


class PartOut(Wire):
    """What one scorer gave."""

    scorer: str
    raw: float
    normalised: float
    weight: float


class ExplanationOut(Wire):
    """Why an item is there."""

    sentence: str = ""
    sentence_zh: str = ""
    source: str
    because: str | None = None
    parts: tuple[PartOut, ...] = ()
    contributions: tuple[ContributionOut, ...] = ()


class RecommendedOut(Wire):
    """One line of a list."""

    item_id: str
    score: float
    source: str
    explanation: ExplanationOut | None = None
    propensity: float | None = None
    item: Card | None = None


class ListOut(Wire):
    """A list, and which sources spoke."""

    user_id: str | None = None
    surface: str
    items: tuple[RecommendedOut, ...]
    model: str
    spoke: tuple[tuple[str, int], ...] = ()
    note: str = ""


class MoveOut(Wire):
    """How one item's place changed; null: not in the list."""

    item_id: str
    title: str = ""
    before: int | None
    after: int | None
    why: str
    why_zh: str = ""


class RejectedOut(Wire):
    """An event that was set aside."""

    index: int
    reason: str
    remedy: str


class EventsOut(Wire):
    """What became of the events. What counts as `added` or `known` is on disk."""

    added: int
    known: int
    rejected: tuple[RejectedOut, ...] = ()
    rejected_total: int = 0


class FeedbackOut(Wire):
    """What the events did to the list."""

    report: EventsOut
    before: ListOut
    after: ListOut
    moves: tuple[MoveOut, ...]


class HitOut(Wire):
    """A search or similarity hit."""

    item_id: str
    score: float
    found_in: str = ""
    quote: str = ""
    item: Card | None = None


class HitsOut(Wire):
    """Hits, best first; ask again with `cursor` until it is null, where the list has pages."""

    hits: tuple[HitOut, ...]
    cursor: str | None = None


class CategoryOut(Wire):
    """A category."""

    name: str
    items: int


class CategoriesOut(Wire):
    """Categories of what may be shown, most first."""

    categories: tuple[CategoryOut, ...]


class TasteOut(Wire):
    """One line of a profile."""

    feature: str
    taste: float
    session: float
    weight: float
    corrected: bool = False
    evidence: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()


class InterestOut(Wire):
    """A topic of interest."""

    topic: str
    strength: float
    since: float | None = None
    trend: str
    item_ids: tuple[str, ...] = ()


class ProfileOut(Wire):
    """A person's profile."""

    user_id: str
    text: str
    text_source: str
    rows: tuple[TasteOut, ...]
    interests: tuple[InterestOut, ...] = ()
    events: int
    liked: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    """Features that count for nothing, as the person wants it."""
    updated_at: float


class ProblemOut(Wire):
    """An input that was set aside."""

    kind: str
    place: str
    reason: str
    remedy: str
    item_id: str | None = None
    times: int = 1
    last_seen: float = 0.0


class ProblemsOut(Wire):
    """Inputs that were set aside."""

    problems: tuple[ProblemOut, ...]
    total: int
    cursor: str | None = None


class ItemsPut(Wire):
    """What became of the rows."""

    item_ids: tuple[str, ...]
    problems: tuple[ProblemOut, ...] = ()


class MetricOut(Wire):
    """A figure measured on held-out events."""

    name: str
    value: float
    n: int


class ModelOut(Wire):
    """A trained model."""

    version: str
    created_at: float
    seed: int
    current: bool
    parent: str | None = None
    evaluation: tuple[MetricOut, ...] = ()
    events: int
    items: int
    people: int
    note: str = ""
    seconds: float = 0.0


class CountsOut(Wire):
    """Sizes of a library."""

    items: int
    available: int
    assets: int
    described: int
    pending: int
    people: int
    events: int
    problems: int


class StatusOut(Wire):
    """How the library stands."""

    version: str
    schema_version: str
    counts: CountsOut
    bytes: tuple[tuple[str, int], ...]
    disk_left: int
    model: ModelOut | None = None
    pack: str
    gaps: tuple[str, ...] = ()


class PlayableOut(Wire):
    """Whether a player can play an asset; asking prepares it."""

    playable: bool
    url: str | None = None
    mime: str | None = None
    bytes: int | None = None
    made: bool = False
    reason: str | None = None
    remedy: str | None = None


class PeopleOut(Wire):
    """People; ask again with `cursor` until it is null."""

    people: tuple[str, ...]
    cursor: str | None = None


class HealthOut(Wire):
    """Alive, or ready."""

    status: str
    version: str


class JobOut(Wire):
    """Work that takes long, and how far it is."""

    job_id: str
    kind: str
    state: str
    """running | done | failed | stopped"""
    step: str = ""
    done: int = 0
    total: int | None = None
    result: str = ""
    """What came of it, or why it failed."""
    created_at: float = 0.0


class JobsOut(Wire):
    """Jobs of this server process since it started, the newest first."""

    jobs: tuple[JobOut, ...]


class ModelsOut(Wire):
    """Trained models, the newest first."""

    models: tuple[ModelOut, ...]


class PreviewOut(Wire):
    """The list as it is, and as it would be."""

    before: ListOut
    after: ListOut
    moves: tuple[MoveOut, ...]


class ProblemDetails(Wire):
    """RFC 9457 problem details."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:vitascope:problem:unknown-item",
                    "title": "Not Found",
                    "status": 404,
                    "code": "unknown-item",
                    "detail": "there is no such item",
                    "place": "f_0",
                    "remedy": "list the items to see their ids",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    place: str | None = None
    remedy: str | None = None
