"""What is answered; some of it is sent back.

Made by scripts/clients.py from the OpenAPI document; do not edit.
"""

from __future__ import annotations

from typing import Literal

from vitascope_client._http import Answered


class EvidenceOut(Answered):
    """Where a claim can be checked."""

    field: str | None = None
    start: float | None = None
    end: float | None = None
    quote: str = ""


class ClaimOut(Answered):
    """A sentence and what it rests on."""

    text: str
    evidence: tuple[EvidenceOut, ...] = ()


class AccountPartOut(Answered):
    """A part of an account."""

    heading: str
    start: float | None = None
    end: float | None = None
    claims: tuple[ClaimOut, ...]


class AccountOut(Answered):
    """An item told at length."""

    style: str
    language: str
    title: str
    parts: tuple[AccountPartOut, ...]
    dropped: int = 0


class ActOut(Answered):
    """A line of the trail."""

    number: int
    at: float
    act: str
    item_id: str | None = None
    verdict: str | None = None
    age: int | None = None
    audience: str | None = None
    who: str
    why: str
    policy: str


class AllowedOut(Answered):
    """A list of what a person may see; null: no list, the policy alone decides."""

    user_id: str
    item_ids: tuple[str, ...] | None


class ReasonOut(Answered):
    """One named reason and what it adds."""

    kind: str
    name: str
    label: str
    label_zh: str
    amount: float
    given: float | None = None
    start: float | None = None
    end: float | None = None
    title: str = ""
    did: str = ""


class AttentionOut(Answered):
    """How much the sequential model looks at each act: [layer][head][act]."""

    acts: tuple[ReasonOut, ...]
    weights: tuple[tuple[tuple[float, ...], ...], ...]


class AttributionOut(Answered):
    """What one way of explaining says."""

    method: str
    of: str
    score: float
    base: float
    exact: bool
    shown: bool
    fit: float | None = None
    reasons: tuple[ReasonOut, ...]


class AudienceOut(Answered):
    """Which audience a person is in."""

    user_id: str
    audience: str | None


class AuditOut(Answered):
    """The trail."""

    acts: tuple[ActOut, ...]
    total: int
    broken: int | None = None


class MediaOut(Answered):
    """One asset of an item, as a player needs it."""

    url: str
    status: str
    duration: float | None = None
    has_video: bool = False
    has_audio: bool = False
    width: int | None = None
    height: int | None = None
    sha256: str


class Card(Answered):
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


class FindingOut(Answered):
    """What was found where."""

    reason: str
    score: float
    source: str
    start: float | None = None
    end: float | None = None
    quote: str = ""
    in_a_copy: bool = False


class JudgementOut(Answered):
    """What holds for somebody."""

    verdict: str
    shown: bool
    age: int | None = None
    by: str


class CaseOut(Answered):
    """One item as a moderator sees it, and what holds for everybody."""

    verdict: str
    shown: bool
    age: int | None = None
    by: str
    item_id: str
    title: str
    automatic: str
    audiences: dict[str, JudgementOut] | None = None
    reasons: tuple[str, ...] = ()
    findings: tuple[FindingOut, ...] = ()
    appeal: ActOut | None = None
    trail: tuple[ActOut, ...] = ()


class CasesOut(Answered):
    """A page of cases."""

    cases: tuple[CaseOut, ...]
    total: int


class CategoryOut(Answered):
    """A category."""

    name: str
    items: int


class CategoriesOut(Answered):
    """Categories of what may be shown, most first."""

    categories: tuple[CategoryOut, ...]


class ProblemOut(Answered):
    """An input that was set aside."""

    kind: str
    place: str
    reason: str
    remedy: str
    item_id: str | None = None
    times: int = 1
    last_seen: float = 0.0


class ChangedOut(Answered):
    """What became of one item."""

    item_id: str
    created: bool
    problems: tuple[ProblemOut, ...] = ()


class LineOut(Answered):
    """A stretch and what was said, shown or found there."""

    start: float
    end: float
    text: str
    score: float | None = None


class NamedScore(Answered):
    """A name and a figure; 0..1 unless the name says otherwise."""

    name: str
    score: float


class HappeningOut(Answered):
    """The last minute of a channel, as the extractors saw and heard it."""

    at: float
    seconds: float
    language: str | None = None
    transcript: tuple[LineOut, ...] = ()
    scenes: tuple[NamedScore, ...] = ()
    moods: tuple[NamedScore, ...] = ()
    features: tuple[NamedScore, ...] = ()
    viewers: int = 0
    rate: float = 0.0
    gaps: tuple[str, ...] = ()


class ChannelOut(Answered):
    """A live channel."""

    item_id: str
    source: str
    started_at: float
    ended_at: float | None = None
    replay_id: str | None = None
    score: float = 0.0
    now: HappeningOut | None = None
    item: Card | None = None


class ChannelsOut(Answered):
    """Channels, best for the person first; what has ended comes last."""

    channels: tuple[ChannelOut, ...]


class ChapterOut(Answered):
    """A part of an item."""

    start: float
    end: float
    title: str
    source: str
    evidence: tuple[EvidenceOut, ...] = ()
    claims: tuple[ClaimOut, ...] = ()


Purpose = Literal["recommend", "content", "research", "outside"]


class Consent(Answered):
    """What a person said of one purpose, or what holds while they said nothing."""

    purpose: Purpose
    given: bool
    said_at: float | None = None


class ConsentsOut(Answered):
    """What holds for a person, purpose by purpose."""

    consents: tuple[Consent, ...]


class ContributionOut(Answered):
    """One term weight x taste x value of the readable score."""

    feature: str
    weight: float
    taste: float
    value: float
    product: float
    evidence: tuple[EvidenceOut, ...] = ()


class Like(Answered):
    """Something that the wanted items should be like, as the person named it."""

    text: str = ""
    when: str | None = None
    place: int | None = None


class Wish(Answered):
    """A structured request. Names are the library's own words for features: `calm`, `music`, `en`."""

    moods: tuple[str, ...] = ()
    not_moods: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    not_categories: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    not_about: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    not_sounds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    not_languages: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    like: Like | None = None
    time: str | None = None
    seen: bool | None = None
    n: int | None = None


class Conversation(Answered):
    """Where a conversation stands. Made by the library, kept by the client, checked like any input when it comes back."""

    wish: Wish | None = None
    shown: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    like_id: str | None = None


class CountsOut(Answered):
    """Sizes of a library."""

    items: int
    available: int
    assets: int
    described: int
    pending: int
    people: int
    events: int
    problems: int


class KeywordOut(Answered):
    """A key word and where it stands."""

    text: str
    score: float
    evidence: tuple[EvidenceOut, ...] = ()


class ProvenanceOut(Answered):
    """What produced a part of the description."""

    extractor: str
    model: str | None = None
    model_sha256: str | None = None
    prompt: str | None = None
    note: str | None = None


class SpanOut(Answered):
    """Seconds in the item's media."""

    start: float
    end: float


class DescriptionOut(Answered):
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


class Source(Answered):
    """What a sentence or a cut rests on."""

    item_id: str
    title: str
    start: float | None = None
    end: float | None = None
    quote: str = ""


class Matter(Answered):
    """Why an item may matter to a person."""

    item_id: str
    title: str
    text: str
    text_zh: str
    reason: str = ""
    reason_zh: str = ""
    sources: tuple[Source, ...] = ()
    generated: str = "template"


class Trend(Answered):
    """A topic of interest that moved."""

    topic: str
    trend: str
    strength: float


class Digest(Answered):
    """A person's week."""

    user_id: str
    week: str
    first: float
    last: float
    watched: tuple[Source, ...] = ()
    events: int = 0
    ahead: tuple[Matter, ...] = ()
    new: tuple[Source, ...] = ()
    trends: tuple[Trend, ...] = ()
    generated: str = "template"


class RejectedOut(Answered):
    """An event that was set aside."""

    index: int
    reason: str
    remedy: str


class EventsOut(Answered):
    """What became of the events. What counts as `added` or `known` is on disk."""

    added: int
    known: int
    rejected: tuple[RejectedOut, ...] = ()
    rejected_total: int = 0


class PartOut(Answered):
    """What one scorer gave."""

    scorer: str
    raw: float
    normalised: float
    weight: float


class ExplanationOut(Answered):
    """Why an item is there."""

    sentence: str = ""
    sentence_zh: str = ""
    source: str
    because: str | None = None
    parts: tuple[PartOut, ...] = ()
    contributions: tuple[ContributionOut, ...] = ()


class ExportedEvent(Answered):
    """One thing a person did, in outside ids."""

    number: int
    item_id: str | None
    type: str
    value: float | None = None
    timestamp: float | None = None
    surface: str | None = None
    session_id: str | None = None
    event_id: str
    text: str | None = None
    target: str | None = None
    undoes: str | None = None
    propensity: float | None = None
    source: str


class ExportedRow(Answered):
    """A row of a table that holds something of a person and has no form of its own here."""

    table: str
    values: dict[str, str | float | int | bool | None]


class RecommendedOut(Answered):
    """One line of a list."""

    item_id: str
    score: float
    source: str
    explanation: ExplanationOut | None = None
    propensity: float | None = None
    item: Card | None = None


class ListOut(Answered):
    """A list, and which sources spoke."""

    user_id: str | None = None
    surface: str
    items: tuple[RecommendedOut, ...]
    model: str
    spoke: tuple[tuple[str, int], ...] = ()
    note: str = ""


class MoveOut(Answered):
    """How one item's place changed; null: not in the list."""

    item_id: str
    title: str = ""
    before: int | None
    after: int | None
    why: str
    why_zh: str = ""


class FeedbackOut(Answered):
    """What the events did to the list."""

    report: EventsOut
    before: ListOut
    after: ListOut
    moves: tuple[MoveOut, ...]


class ProgrammeOut(Answered):
    """A programme of a guide."""

    channel: str
    channel_name: str = ""
    start: float
    stop: float
    title: str
    subtitle: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    language: str | None = None
    season: int | None = None
    episode: int | None = None
    age: int | None = None


class GuideOut(Answered):
    """Programmes by start and channel."""

    programmes: tuple[ProgrammeOut, ...]


class HealthOut(Answered):
    """Alive, or ready."""

    status: str
    version: str


class HitOut(Answered):
    """A search or similarity hit."""

    item_id: str
    score: float
    found_in: str = ""
    quote: str = ""
    item: Card | None = None


class HitsOut(Answered):
    """Hits, best first; ask again with `cursor` until it is null, where the list has pages."""

    hits: tuple[HitOut, ...]
    cursor: str | None = None


class RowItemOut(Answered):
    """One item of a row, with where to go on where it was begun."""

    item_id: str
    score: float
    source: str
    watched: float | None = None
    resume_at: float | None = None
    watched_at: float | None = None
    series: str | None = None
    season: int | None = None
    episode: int | None = None
    item: Card | None = None


class HomeRowOut(Answered):
    """A row of a home page."""

    kind: str
    name: str
    title: str
    title_zh: str
    because_id: str | None = None
    items: tuple[RowItemOut, ...]


class HomeOut(Answered):
    """A home page; no item stands in two rows."""

    user_id: str
    surface: str
    rows: tuple[HomeRowOut, ...]
    model: str


class HouseholdProfileOut(Answered):
    """A profile of a household."""

    user_id: str
    name: str
    child: bool
    allowed: int | None = None


class HouseholdOut(Answered):
    """Who shares a screen."""

    household: str
    profiles: tuple[HouseholdProfileOut, ...]


class InterestOut(Answered):
    """A topic of interest."""

    topic: str
    strength: float
    since: float | None = None
    trend: str
    item_ids: tuple[str, ...] = ()


class SharedOut(Answered):
    """A stretch shared with another work."""

    start: float
    end: float
    item_id: str
    other_start: float
    other_end: float


class ItemOut(Answered):
    """An item with all that is known of it."""

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
    description: str | None = None
    tags: tuple[str, ...] = ()
    published_at: float | None = None
    extra: tuple[tuple[str, str], ...] = ()
    content: DescriptionOut | None = None
    duplicates_of: tuple[str, ...] = ()
    shares_spans_with: tuple[SharedOut, ...] = ()


class ItemsPage(Answered):
    """A page of items; ask again with `cursor` until it is null."""

    items: tuple[Card, ...]
    cursor: str | None = None


class ItemsPut(Answered):
    """What became of the rows."""

    item_ids: tuple[str, ...]
    problems: tuple[ProblemOut, ...] = ()


class JobOut(Answered):
    """Work that takes long, and how far it is."""

    job_id: str
    kind: str
    state: str
    step: str = ""
    done: int = 0
    total: int | None = None
    result: str = ""
    created_at: float = 0.0


class JobsOut(Answered):
    """Jobs of this server process since it started, the newest first."""

    jobs: tuple[JobOut, ...]


class LoggedOut(Answered):
    """An event of the log."""

    user_id: str
    item_id: str | None = None
    type: str
    value: float | None = None
    timestamp: float | None = None
    surface: str | None = None
    session_id: str | None = None
    text: str | None = None
    target: str | None = None
    undoes: str | None = None
    undone: bool = False


class LogPage(Answered):
    """A page of the log, newest first; ask again with `cursor` until it is null."""

    events: tuple[LoggedOut, ...]
    cursor: str | None = None


class MetricOut(Answered):
    """A figure measured on held-out events."""

    name: str
    value: float
    n: int


class ModelOut(Answered):
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


class ModelsOut(Answered):
    """Trained models, the newest first."""

    models: tuple[ModelOut, ...]


class MoreOut(Answered):
    """What one more act would bring."""

    feature: str
    item_id: str
    title: str
    did: str
    before: int
    after: int


Move = Literal["ask", "more", "reject", "reset", "why"]


class NextOut(Answered):
    """The next episode; null where there is none."""

    next: RowItemOut | None = None


class PeopleOut(Answered):
    """People; ask again with `cursor` until it is null."""

    people: tuple[str, ...]
    cursor: str | None = None


class PersonExport(Answered):
    """Everything that is kept of a person. Its JSON schema: `vitascope privacy export --schema`."""

    format: int = 1
    user_id: str
    known_since: float
    exported_at: float
    consents: tuple[Consent, ...]
    events: tuple[ExportedEvent, ...]
    taste_text: str = ""
    taste: dict[str, float] | None = None
    corrections: dict[str, float | None] | None = None
    rows: tuple[ExportedRow, ...] = ()


class PlayableOut(Answered):
    """Whether a player can play an asset; asking prepares it."""

    playable: bool
    url: str | None = None
    mime: str | None = None
    bytes: int | None = None
    made: bool = False
    reason: str | None = None
    remedy: str | None = None


class PreviewOut(Answered):
    """The list as it is, and as it would be."""

    before: ListOut
    after: ListOut
    moves: tuple[MoveOut, ...]


class ProblemDetails(Answered):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    place: str | None = None
    remedy: str | None = None


class ProblemsOut(Answered):
    """Inputs that were set aside."""

    problems: tuple[ProblemOut, ...]
    total: int
    cursor: str | None = None


class TasteOut(Answered):
    """One line of a profile."""

    feature: str
    taste: float
    session: float
    weight: float
    corrected: bool = False
    evidence: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()


class ProfileOut(Answered):
    """A person's profile."""

    user_id: str
    text: str
    text_source: str
    rows: tuple[TasteOut, ...]
    interests: tuple[InterestOut, ...] = ()
    events: int
    liked: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    updated_at: float


class RankedOut(Answered):
    """The caller's items in order; each of them is in the list or named as left out."""

    user_id: str | None = None
    surface: str
    items: tuple[RecommendedOut, ...]
    model: str
    spoke: tuple[tuple[str, int], ...] = ()
    note: str = ""
    left_out: tuple[str, ...] = ()


class Removed(Answered):
    """What was removed from one place."""

    place: str
    count: int
    how: str


class Scheduled(Answered):
    """What still holds a share of a person's behaviour, summed with everybody's, and until when at most."""

    place: str
    why: str
    by: float


class Receipt(Answered):
    """What an erasure removed. Signed with Ed25519 (RFC 8032) over the canonical JSON of everything but the signature."""

    format: int = 1
    id: str
    pseudonym: str
    person: int
    erased_at: float
    removed: tuple[Removed, ...]
    scheduled: tuple[Scheduled, ...]
    notes: tuple[str, ...] = ()
    public_key: str
    signature: str = ""


class RemovedOut(Answered):
    """What was taken out, and what was not there."""

    removed: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    how: str


class SlotOut(Answered):
    """A programme of the lean-back channel."""

    item_id: str
    score: float
    source: str
    explanation: ExplanationOut | None = None
    propensity: float | None = None
    item: Card | None = None
    start: float
    stop: float


class ScheduleOut(Answered):
    """The next hours of a channel made for one person. Ask again with the end of the last and what was in it."""

    user_id: str
    slots: tuple[SlotOut, ...]
    next_at: float


class SeedOut(Answered):
    """Something a radio can start from, and how many items have it."""

    name: str
    items: int


class SeedsOut(Answered):
    """What a radio can start from here."""

    moods: tuple[SeedOut, ...]
    creators: tuple[SeedOut, ...]


class SimilarPersonOut(Answered):
    """Somebody who took to the same items, under a pseudonym."""

    pseudonym: str
    score: float
    common: int


class SimilarPeopleOut(Answered):
    """People who took to the same items, most alike first."""

    people: tuple[SimilarPersonOut, ...]


class StatusOut(Answered):
    """How the library stands."""

    version: str
    schema_version: str
    counts: CountsOut
    bytes: tuple[tuple[str, int], ...]
    disk_left: int
    model: ModelOut | None = None
    pack: str
    gaps: tuple[str, ...] = ()


class TalkReason(Answered):
    """One part of a wish that an item fulfils, from what is recorded of the item."""

    part: str
    text: str
    text_zh: str
    at: float | None = None
    quote: str = ""


class ToldOut(Answered):
    """One item of an answer."""

    item_id: str
    title: str
    score: float
    seconds: float | None = None
    reasons: tuple[TalkReason, ...] = ()
    item: Card | None = None


class Utterance(Answered):
    """One thing said, understood."""

    move: Move = "ask"
    wish: Wish | None = None
    places: tuple[int, ...] = ()
    change: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class TalkOut(Answered):
    """What the library says. `state` goes back with the next utterance."""

    text: str
    text_zh: str
    language: str
    heard: str = ""
    spoke: str
    understood: Utterance
    relaxed: tuple[str, ...] = ()
    items: tuple[ToldOut, ...] = ()
    state: Conversation


class UploadOut(Answered):
    """An upload as it stands."""

    upload_id: str
    url: str
    length: int
    offset: int
    state: str
    item_id: str
    item: str
    expires_at: float
    reason: str = ""
    remedy: str = ""


class WithoutOut(Answered):
    """The item's place had the person not done something."""

    acts: tuple[ReasonOut, ...]
    place: int
    gone: bool


class WhyOut(Answered):
    """Why an item is where it is in a person's list."""

    user_id: str
    surface: str
    item: RecommendedOut
    title: str
    place: int
    n: int
    sentence: str = ""
    sentence_by: str = ""
    told: tuple[AttributionOut, ...]
    attention: AttentionOut | None = None
    without: tuple[WithoutOut, ...] = ()
    more: tuple[MoreOut, ...] = ()
    gaps: tuple[str, ...] = ()
