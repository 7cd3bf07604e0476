"""All that the extractors found and the owner says, put together to one description.

Takes an item, its signals and texts; gives a `Description` and its vectors. Looks at no media and stores nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitascope.base.content import (
    Description,
    ItemChapter,
    Keyword,
    Moderation,
    Provenance,
    Scene,
    ScreenText,
    Sentiment,
    Signal,
    SignalKind,
    TranscriptLine,
    VectorKind,
)
from vitascope.base.errors import ModelError
from vitascope.base.ports.models import LanguageModel
from vitascope.base.time import MediaTime
from vitascope.describe import _vectors
from vitascope.describe._chapters import VERSION as CHAPTERS
from vitascope.describe._chapters import chapters
from vitascope.describe._config import DescribeConfig
from vitascope.describe._empty import emptiness, said_of
from vitascope.describe._evidence import SHOWN, SILENT, Passage, honest
from vitascope.describe._features import features
from vitascope.describe._heard import kind_spans, named_sounds, priors_of, shares
from vitascope.describe._keywords import Meaning, keywords
from vitascope.describe._language import speaks_english, stopwords, words
from vitascope.describe._material import Bench, Material, Vector, language_of, passages_of, read_pieces
from vitascope.describe._moderation import moderate
from vitascope.describe._moods import Feel, look_names, moods, sentiment, sound_names, spectral_shape, tempo_of
from vitascope.describe._prompts import prompt
from vitascope.describe._retell import retell
from vitascope.describe._stated import stated
from vitascope.describe._summary import Facts, claims_of, summarise
from vitascope.describe._unfit import Embed
from vitascope.describe.extractors import unpack_vector

VERSION = "fuse/5"
NOT_DESCRIBED = "not described yet: only its own fields were read"


def fuse(material: Material, fingerprint: str, bench: Bench) -> tuple[Description, dict[str, Vector]]:
    """The description of an item and its vectors."""
    item, config = material.item, bench.config
    signals = material.signals()
    everything = passages_of(material)
    passages, orders = honest(everything)
    gaps = list(material.gaps)
    provenance = [p for e in material.extractions for p in e.provenance]
    if orders:
        note = f"{orders} sentences give orders to a model and were not shown to one"
        provenance.append(Provenance(extractor=VERSION, note=note))
    language, language_evidence = language_of(material, everything)
    english = speaks_english(" ".join(p.text for p in passages if p.source not in SHOWN)[:3_000], language)
    gaps += [f"{s.value}: {s.label}" for s in signals if s.kind is SignalKind.GAP]

    audio, audio_spans = shares(signals)
    probe = material.asset.probe if material.asset else None
    moving = probe.has_video if probe else None
    empty = emptiness(signals, has_picture=bool(moving), has_sound=bool(probe and probe.has_audio))
    scenes = tuple(
        sorted(
            (
                Scene(span=s.span, label=s.value, score=round(min(1.0, s.score), 4))
                for s in signals
                if s.kind is SignalKind.SCENE and s.span and not empty  # what a model sees in black is nothing
            ),
            key=lambda s: (s.span.start, -s.score),
        )
    )
    seconds = float(material.asset.duration) if material.asset and material.asset.duration else None

    parts = read_pieces(passages, language, bench.languages)
    vectors, text_record = _embed(material, parts, bench, gaps, bool(passages), language)
    if text_record:
        provenance.append(text_record)
    priors = priors_of(item, audio, moving, seconds, signals)
    told = [i for i, (t, _) in enumerate(parts) if vectors is not None and _tells(t)]
    pieces = vectors[told] if vectors is not None and told else None
    try:
        placed = bench.classifier.place(passages, pieces, [parts[i][1] for i in told], priors, config.topics)
    except ModelError as error:
        material.absent.add("text")
        gaps.append(f"category and topics are from words and sound alone: {error.thing}")
        placed = bench.classifier.place(passages, None, [], priors, config.topics)
    provenance.append(_class_record(bench, vectors is not None))

    feeling = _sentiment(passages, english, language, gaps, provenance)
    music = audio.music if audio else 0.0
    feel = moods(passages, signals, music, feeling, english)
    found = _by_meaning(material, passages, pieces, [parts[i][1] for i in told], language, feel, bench, gaps)
    tempo = tempo_of(signals)
    sounds = sound_names(signals, music)

    writer = bench.language if config.language_model and not material.light and material.asset is not None else None
    made = _chapters_of(material, passages, signals, seconds, language, bench, gaps)
    if made and writer is not None and english and _writes_chapters(writer, config):
        made = _written_chapters(material, made, passages, bench, gaps, provenance)
    if made:
        sources = ",".join(sorted({c.source.value for c in made}))
        provenance.append(Provenance(extractor=CHAPTERS, options=(("count", str(len(made))), ("source", sources))))

    names = [s.label for s in sorted(scenes, key=lambda s: -s.score)]
    facts = Facts(
        passages=[p for p in passages if p.source != "caption"],  # the description keeps none to check a claim by
        keywords=found,
        language=language,
        english=english,
        moving=bool(moving),
        seconds=seconds,
        speech=audio.speech if audio else 0.0,
        music=music,
        shown=list(dict.fromkeys(names)),
        tempo=tempo if music >= 0.4 else None,
        sounds=[s.label for s in sounds if not s.label.startswith("key ")],
        has_media=material.asset is not None,
        empty=said_of(empty),
        gist=tuple(c.text for chapter in made for c in chapter.claims if c.evidence[0].span),
    )
    summary, silent = summarise(facts, writer, config.summary_words, lambda p, f: bench.ask(item, p, f))
    if silent:
        material.absent.add("language")
        gaps.append(f"the summary is taken from the item's own words: {silent}")
    provenance.append(summary.provenance)

    moderation = Moderation()
    if everything or signals or item.extra:
        reads = _reader_of_unfit(material, bench, gaps)
        moderation = moderate(item, everything, signals, config.moderation, bench.policy, language, reads)

    if material.light and item.has_media:
        gaps.append(NOT_DESCRIBED)
    description = Description(
        item=item.key,
        fingerprint=fingerprint,
        language=language,
        transcript=tuple(
            TranscriptLine(span=s.span, text=s.value, words=s.words, confidence=s.score)
            for s in signals
            if s.kind is SignalKind.TRANSCRIPT and s.span
        ),
        summary=summary.text,
        summary_claims=claims_of(summary.text, facts),
        chapters=made,
        category=placed.category,
        category_score=round(placed.score, 4),
        topics=tuple(placed.topics),
        keywords=found,
        sentiment=feeling,
        moods=tuple(feel.moods.items()),
        shots=tuple(s.span for s in signals if s.kind is SignalKind.SHOT and s.span),
        scenes=scenes,
        audio=audio,
        sounds=(*kind_spans(signals), *named_sounds(signals), *sounds, *spectral_shape(signals)),
        tempo=tempo,
        loudness=next((s.score for s in signals if s.kind is SignalKind.LOUDNESS and s.value == "integrated"), None),
        screen_text=tuple(
            ScreenText(span=s.span, text=s.value, score=s.score)
            for s in signals
            if s.kind is SignalKind.SCREEN_TEXT and s.span
        ),
        moderation=moderation,
        features=features(
            item,
            placed,
            feel,
            language=language,
            language_evidence=language_evidence,
            moving=moving,
            seconds=seconds,
            audio=audio,
            audio_spans=audio_spans,
            sounds=[*named_sounds(signals), *(s for s in sounds if not s.label.startswith("key "))],
            looks=look_names(signals),
            scenes=scenes,
            tempo=tempo,
            empty=empty,
        ),
        provenance=tuple(provenance),
        gaps=tuple(dict.fromkeys(gaps)),
        thumbnail_time=_thumbnail(signals),
        described_at=bench.clock(),
    )
    return description, _all_vectors(material, passages, vectors, language)


# --- parts


def _embed(
    material: Material,
    parts: Sequence[tuple[str, Passage]],
    bench: Bench,
    gaps: list[str],
    has_text: bool,
    language: str | None,
) -> tuple[Vector | None, Provenance | None]:
    if not parts:
        if has_text:
            note = f"no text model speaks {language or 'the language of its text'}: compared by character n-grams"
            return None, Provenance(extractor=_vectors.CHARS_MODEL, note=note)
        return None, None
    if bench.text is None or "text" in material.absent:
        gaps.append("meaning of the text: no text model, texts are compared by character n-grams")
        return None, Provenance(extractor=_vectors.CHARS_MODEL, note="no text model: compared by character n-grams")
    try:
        vectors = material.text_vectors
        if vectors is None:
            vectors = bench.text.embed([t for t, _ in parts])
        info = bench.text.info
    except ModelError as error:
        material.absent.add("text")
        gaps.append(f"meaning of the text: {error.thing}; texts are compared by character n-grams")
        return None, Provenance(extractor=_vectors.CHARS_MODEL, note=f"{error.thing}: compared by character n-grams")
    record = Provenance(extractor="text/1", model=info.id, model_sha256=info.sha256 or None)
    return vectors, record


def _embedder(material: Material, bench: Bench) -> Embed | None:
    """The text model, where it has not been found silent."""
    return bench.text.embed if bench.text is not None and "text" not in material.absent else None


def _reader_of_unfit(material: Material, bench: Bench, gaps: list[str]) -> Embed | None:
    """The same; where it falls silent, words alone tell what is unfit, and the item is described again once it speaks."""
    embed = _embedder(material, bench)
    if embed is None:
        return None

    def noted(texts: Sequence[str]) -> Vector:
        try:
            return embed(texts)
        except ModelError as error:
            material.absent.add("text")
            gaps.append(f"unfit texts are found by words alone: {error.thing}")
            raise

    return noted


def _by_meaning(
    material: Material,
    passages: Sequence[Passage],
    pieces: Vector | None,
    of: Sequence[Passage],
    language: str | None,
    feel: Feel,
    bench: Bench,
    gaps: list[str],
) -> tuple[Keyword, ...]:
    """Keywords, and the moods that the meaning of the text adds to those of its words; words alone where no model speaks.

    Items in the batches of `text_only` are compared by words alone: their texts are short, and there are many of them.
    """
    most = bench.config.keywords
    if pieces is None or bench.text is None or material.light or "text" in material.absent:
        return keywords(passages, language, most)
    try:
        for mood, strength, evidence in bench.impressions.felt(passages, pieces, of):
            feel.add(mood, strength, evidence)
        whole = pieces.mean(axis=0)
        return keywords(
            passages, language, most, Meaning(bench.text.embed, whole / max(float(np.linalg.norm(whole)), 1e-6))
        )
    except ModelError as error:
        material.absent.add("text")
        gaps.append(f"keywords and moods are from words alone: {error.thing}")
        return keywords(passages, language, most)


def _chapters_of(
    material: Material,
    passages: Sequence[Passage],
    signals: Sequence[Signal],
    seconds: float | None,
    language: str | None,
    bench: Bench,
    gaps: list[str],
) -> tuple[ItemChapter, ...]:
    """The chapters; by spelling where the text model cannot speak."""
    if material.light:
        return ()
    known = stated(material.item, material.asset, seconds)
    try:
        return chapters(passages, signals, known, seconds, language, _embedder(material, bench), bench.config)
    except ModelError as error:
        material.absent.add("text")
        gaps.append(f"chapters are by spelling: {error.thing}")
        return chapters(passages, signals, known, seconds, language, None, bench.config)


def _writes_chapters(writer: LanguageModel, config: DescribeConfig) -> bool:
    """Whether the language model tells the chapters: asked for, or an endpoint's (which has no file of its own)."""
    return config.chapter_writer == "language_model" or (config.chapter_writer == "auto" and not writer.info.sha256)


def _written_chapters(
    material: Material,
    made: tuple[ItemChapter, ...],
    passages: Sequence[Passage],
    bench: Bench,
    gaps: list[str],
    provenance: list[Provenance],
) -> tuple[ItemChapter, ...]:
    """The chapters in the language model's words, as far as they stand in what is said there."""
    asked = prompt("summary")
    try:
        told, written = retell(
            made, passages, lambda text: bench.ask(material.item, asked, text), bench.config.chapter_room
        )
    except ModelError as error:
        material.absent.add("language")
        gaps.append(f"chapters are told in their own sentences: {error.thing}")
        return made
    info = bench.language.info if bench.language is not None else None
    provenance.append(
        Provenance(
            extractor=CHAPTERS,
            model=info.id if info else None,
            model_sha256=(info.sha256 or None) if info else None,
            prompt=asked.id,
            note=f"{written} of {len(made)} chapters in words of the language model, checked against what is said there",
        )
    )
    return told


def _tells(text: str) -> bool:
    """Whether a text has enough words to place an item by: "1-0-0-0-1" or "ok" has not."""
    content = [w for w in words(text.casefold()) if len(w) > 2 and w.isalpha() and w not in stopwords("en")]
    return len(set(content)) >= 2


def _class_record(bench: Bench, by_meaning: bool) -> Provenance:
    way = "meaning, words and sound" if by_meaning else "words and sound"
    version = bench.classifier.taxonomy.version
    return Provenance(extractor="category/1", options=(("taxonomy", version), ("way", way)))


def _sentiment(
    passages: Sequence[Passage], english: bool, language: str | None, gaps: list[str], provenance: list[Provenance]
) -> Sentiment | None:
    if english:
        feeling = sentiment(passages)
        if feeling:
            provenance.append(Provenance(extractor="sentiment/1", options=(("lexicon", "vader"),)))
        return feeling
    if any(p.source in ("title", "description", "transcript") for p in passages):
        gaps.append(f"sentiment: no lexicon for {language or 'the language of its text'}")
    return None


def _all_vectors(
    material: Material, passages: Sequence[Passage], vectors: Vector | None, language: str | None
) -> dict[str, Vector]:
    out: dict[str, Vector] = {}
    if vectors is not None and len(vectors):
        made = _vectors.text_vector(vectors, has_own=any(p.span is None and p.source != "creator" for p in passages))
        if made is not None:
            out[VectorKind.TEXT.value] = made
    spelled = " ".join(p.text for p in passages if p.source not in SILENT)
    chars = _vectors.chars_vector(spelled, language)
    if chars is not None:
        out[VectorKind.CHARS.value] = chars
    for extraction in material.extractions:
        if extraction.vector:
            kind = VectorKind.SOUND if extraction.provenance[0].extractor.startswith("sound/") else VectorKind.PICTURE
            out[kind.value] = unpack_vector(extraction.vector)
    return out


def _thumbnail(signals: Sequence[Signal]) -> MediaTime | None:
    for signal in signals:
        if signal.kind is SignalKind.LOOK and signal.value == "thumbnail" and signal.span:
            return signal.span.start
    return None
