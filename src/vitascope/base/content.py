"""What is known of an item: signals with evidence and provenance, and the description made of them. No person here."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from vitascope.base.records import AssetKey, ItemKey, Record
from vitascope.base.time import MediaTime, Span


class Provenance(Record):
    """What produced a signal."""

    extractor: str
    """Name and version: "transcript/1"."""
    model: str | None = None
    """Model id: "whisper-base"."""
    model_sha256: str | None = None
    prompt: str | None = None
    """Prompt name and version: "summary/1"."""
    options: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    """Why it is missing or weak, where it is ("language model off: extracted sentences")."""


class SignalKind(StrEnum):
    """What a signal says. `value` holds the label or text, `score` its strength."""

    TRANSCRIPT = "transcript"
    DROPPED_SPEECH = "dropped_speech"
    """Recognised words that were not believed; `label` says why."""
    LANGUAGE = "language"
    SHOT = "shot"
    SCENE = "scene"
    OBJECT = "object"
    SCREEN_TEXT = "screen_text"
    AUDIO_KIND = "audio_kind"
    """value speech | music | other."""
    SOUND = "sound"
    LOUDNESS = "loudness"
    TEMPO = "tempo"
    TIMBRE = "timbre"
    """A named figure of the sound: value = name, score = figure."""
    LOOK = "look"
    """A named figure of the picture; value = name, score = figure."""
    UNSAFE = "unsafe"
    MOOD = "mood"
    CAPTION = "caption"
    """A sentence that a model wrote of a picture; span = the shot."""
    WRITTEN = "written"
    """What a language model wrote, before it was checked; `label` names the prompt."""
    EMPTY = "empty"
    """Sound or picture that holds nothing: value silent | tone | black | blank | still | test card, label = what was measured."""
    GAP = "gap"
    """Something could not be looked at; value = what, label = why."""


class Word(Record):
    """One recognised word."""

    span: Span
    text: str
    confidence: float


class Signal(Record):
    """One thing an extractor found in a stretch of an asset."""

    kind: SignalKind
    value: str = ""
    label: str = ""
    span: Span | None = None
    """None: the whole asset."""
    score: float = 1.0
    words: tuple[Word, ...] = ()
    source: int = 0
    """Index into the provenance of the extraction that holds it."""


class Extraction(Record):
    """What one extractor found in one asset; kept by the hash of everything it was made from, so it is made once."""

    key: str
    """Hex digest over asset bytes, extractor, model, prompt and options."""
    asset: AssetKey
    provenance: tuple[Provenance, ...]
    signals: tuple[Signal, ...]
    vector: str | None = None
    """Base64 of little-endian float16 values, unit length: what a picture or sound extractor adds to the item's vectors."""


class Evidence(Record):
    """Where something can be checked: a field of the item, or a span of an asset and what was there."""

    field: str | None = None
    span: Span | None = None
    quote: str = ""


class Keyword(Record):
    """A key word or phrase, with where it stands."""

    text: str
    score: float
    evidence: tuple[Evidence, ...]


class Claim(Record):
    """A sentence about an item, and what it rests on; without evidence there is no claim."""

    text: str
    evidence: tuple[Evidence, ...]


class ChapterSource(StrEnum):
    """Who says where an item's parts begin."""

    CONTAINER = "container"
    """The file itself, or the feed that it was fetched from."""
    FEED = "feed"
    """A further field of its feed, manifest or page."""
    DESCRIPTION = "description"
    """Lines with times in its description."""
    CONTENT = "content"
    """Found by what is said, shown and heard."""


class ItemChapter(Record):
    """A stretch of an item that keeps to one subject."""

    span: Span
    title: str
    source: ChapterSource
    evidence: tuple[Evidence, ...] = ()
    """What the title rests on."""
    claims: tuple[Claim, ...] = ()
    """What is said or shown in it, in short."""


class AccountPart(Record):
    """A part of an account."""

    heading: str
    span: Span | None
    claims: tuple[Claim, ...]


class Account(Record):
    """What happens in an item, told at length in one style."""

    style: str
    """account | script | news."""
    language: str
    """Of the words around the quotations: en | zh."""
    title: str
    parts: tuple[AccountPart, ...]
    dropped: int = 0
    """Sentences left out because nothing supports them."""


class Sentiment(Record):
    """positive | neutral | negative, and a score from -1 to 1."""

    label: str
    score: float


class Scene(Record):
    """What a stretch of the picture shows."""

    span: Span
    label: str
    score: float


class TranscriptLine(Record):
    """An utterance."""

    span: Span
    text: str
    words: tuple[Word, ...] = ()
    confidence: float = 1.0


class ScreenText(Record):
    """Text read off the picture."""

    span: Span
    text: str
    score: float = 1.0


class SoundLabel(Record):
    """A named sound or figure of the sound."""

    label: str
    score: float
    span: Span | None = None


class AudioShares(Record):
    """Shares of the time, summing to 1 where there is sound."""

    speech: float
    music: float
    other: float


class Verdict(StrEnum):
    """A moderation decision, mildest first."""

    ALLOW = "allow"
    WARN = "warn"
    AGE_LIMIT = "age-limit"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """Its place from mild (0) to strict."""
        return tuple(Verdict).index(self)


class ReasonCode(StrEnum):
    """What a finding is about."""

    HATE = "hate"
    HARASSMENT = "harassment"
    SELF_HARM = "self-harm"
    SEXUAL = "sexual"
    VIOLENCE = "violence"
    DRUGS = "drugs"
    NUDITY = "nudity"
    """Seen in a picture."""
    EXPLICIT = "explicit"
    """Its own source calls it so."""
    LISTED = "listed"
    """A word of the owner's own list."""


class Finding(Record):
    """Something that a moderation policy may act on: what, where, how sure. Facts; the policy draws the lines."""

    reason: ReasonCode
    score: float = Field(ge=0.0, le=1.0)
    source: str
    """picture, title, description, transcript, screen_text, ... or the field's name."""
    span: Span | None = None
    quote: str = ""
    of: int = 1
    """Of how many pictures this is one."""
    copied: bool = False
    """Found in a whole-work copy of the item."""


class Moderation(Record):
    """The decision and why."""

    decision: Verdict = Verdict.ALLOW
    reasons: tuple[str, ...] = ()
    """Sentences."""
    findings: tuple[Finding, ...] = ()
    age: int | None = None
    """The age that an age limit names."""


class SharedSpan(Record):
    """A stretch this item shares with another work (compilations)."""

    item_id: str
    span: Span
    other: Span


class Feature(Record):
    """A named feature of an item: "category:music", "topic:rockets", "mood:calm", "creator:X", "sound:speech".

    A person's taste uses the same names, so that the score is readable.
    """

    name: str
    value: float = Field(ge=0.0, le=1.0)
    evidence: tuple[Evidence, ...] = ()


LIGHT = "text:"
"""Beginning of the fingerprint of a description that was made of an item's own fields alone."""

EMPTY = "empty:"
"""Features of this group say that there is nothing to watch or hear, and why."""


class Description(Record):
    """What is known of an item."""

    item: ItemKey
    fingerprint: str
    """Hash of everything it was made from; equal means nothing to do."""
    language: str | None = None
    transcript: tuple[TranscriptLine, ...] = ()
    summary: str = ""
    summary_claims: tuple[Claim, ...] = ()
    """The sentences of the summary with what each rests on."""
    chapters: tuple[ItemChapter, ...] = ()
    """In order of time, without gaps; empty for anything short."""
    category: str | None = None
    category_score: float = 0.0
    topics: tuple[str, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    sentiment: Sentiment | None = None
    moods: tuple[tuple[str, float], ...] = ()
    shots: tuple[Span, ...] = ()
    scenes: tuple[Scene, ...] = ()
    audio: AudioShares | None = None
    sounds: tuple[SoundLabel, ...] = ()
    tempo: float | None = None
    """Beats a minute."""
    loudness: float | None = None
    """LUFS."""
    screen_text: tuple[ScreenText, ...] = ()
    moderation: Moderation = Moderation()
    features: tuple[Feature, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    gaps: tuple[str, ...] = ()
    """What could not be looked at and why, one sentence each."""
    thumbnail_time: MediaTime | None = None
    described_at: float = 0.0

    @property
    def light(self) -> bool:
        """Whether only the item's own fields were looked at, not its media."""
        return self.fingerprint.startswith(LIGHT)

    @property
    def empty(self) -> tuple[Feature, ...]:
        """Why there is nothing to watch or hear: silent, black, a test card, a placeholder. Such items are not listed."""
        return tuple(f for f in self.features if f.name.startswith(EMPTY))


class VectorKind(StrEnum):
    """Which of our models made a vector. The owner's own vectors have keys of their own ("own:KEY")."""

    TEXT = "text"
    PICTURE = "picture"
    SOUND = "sound"
    CHARS = "chars"
    """Hashed character n-grams of the item's text: the fallback where the text model does not speak the language."""
