"""What is said, with times and language.

Subtitles and lyrics that came with the media are trusted over recognition. Otherwise: voice activity, measured noise, noise
suppression only where the measurement asks for it, recognition; what was recognised where nobody speaks is dropped, with
the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from vitascope.base.content import Provenance, Signal, SignalKind, TranscriptLine
from vitascope.base.errors import ModelError, ModelMissing
from vitascope.base.mapped import let_go
from vitascope.base.media import StreamKind, Subtitles
from vitascope.base.ports.models import Pcm, provenance
from vitascope.base.time import Span
from vitascope.describe._language import written_language
from vitascope.describe._tidy import cue_text, looped, tidy
from vitascope.describe.extractors._voice import speech_probabilities, voice_of
from vitascope.describe.extractors._work import Found, Work, span

LYRICS_TAGS = ("lyrics", "unsyncedlyrics", "lyrics-eng", "lyrics-xxx")
MOST_LINES = 20_000
UNSURE, UNLIKE = 0.5, 0.4
"""A line is not believed where both its own confidence and the sound's likeness to speech are below these."""
CHANT, CHANT_WORDS = 5, 3
"""So many equal lines in a row, of so few words, are a cry or a loop of the recogniser's, and nothing said."""

_THREE_LETTERS = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "nld": "nl",
    "dut": "nl", "swe": "sv", "dan": "da", "nor": "no", "nob": "no", "fin": "fi", "ces": "cs", "cze": "cs", "pol": "pl",
    "rus": "ru", "ukr": "uk", "bul": "bg", "bel": "be", "ell": "el", "gre": "el", "ron": "ro", "rum": "ro", "cat": "ca",
    "tur": "tr", "hun": "hu", "zho": "zh", "chi": "zh", "cmn": "zh", "yue": "zh", "jpn": "ja", "kor": "ko", "ara": "ar",
    "heb": "he", "hin": "hi", "tha": "th", "vie": "vi", "ind": "id",
}  # fmt: skip


def language_code(text: str | None) -> str | None:
    """ISO 639-1 code from "en", "en-GB", "eng"; None for "und" and what is not a language code."""
    if not text:
        return None
    head = text.strip().casefold().replace("_", "-").split("-")[0]
    if len(head) == 2 and head.isalpha():
        return head
    return _THREE_LETTERS.get(head)


def stated_language(work: Work) -> str | None:
    """What the item or its sound stream says; None where neither does."""
    if work.language:
        return language_code(work.language)
    for stream in work.probe.streams:
        if stream.kind is StreamKind.AUDIO:
            return language_code(stream.language)
    return None


def speech_to_noise(pcm: Pcm, probabilities: np.ndarray, step: float) -> float | None:
    """Signal-to-noise ratio of speech in dB: power where somebody speaks against power where nobody does.

    None where either is under 0.2 s, so that nothing can be said.
    """
    size = max(1, round(step * 16_000))
    count = min(len(pcm) // size, len(probabilities))
    if not count:
        return None
    power = np.empty(count)
    for first in range(0, count, 4096):
        block = np.asarray(pcm[first * size : min(count, first + 4096) * size], dtype=np.float32).reshape(-1, size)
        power[first : first + len(block)] = (block**2).mean(axis=1)
        let_go(pcm)
    spoken, silent = power[probabilities[:count] > 0.6], power[probabilities[:count] < 0.1]
    if min(len(spoken), len(silent)) * step < 0.2:
        return None
    noise = max(float(np.median(silent)), 1e-3)
    return float(10 * np.log10(max(float(spoken.mean()) - noise, 1e-3) / noise))


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c.isspace()).strip()


def _chants(lines: Sequence[TranscriptLine]) -> frozenset[str]:
    """Short lines that stand many times in a row."""
    found: set[str] = set()
    last, run = "", 0
    for line in lines:
        text = _bare(line.text)
        run = run + 1 if text == last else 1
        last = text
        if run >= CHANT and text and len(text.split()) <= CHANT_WORDS:
            found.add(text)
    return frozenset(found)


class Transcript:
    """Speech recognition, or the subtitles that came along."""

    name, version = "transcript", "2"
    roles: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ("speech", "noise", "voice_activity")
    after: tuple[str, ...] = ("shots", "voice", "audio_kind")
    reads: ClassVar = {"shots": (SignalKind.EMPTY,)}
    missing = "what is said"

    def wanted(self, work: Work) -> bool:
        """Sound or subtitles."""
        return (
            work.probe.has_audio
            or bool(work.sidecars)
            or any(s.kind is StreamKind.SUBTITLE for s in work.probe.streams)
        )

    def options(self, work: Work) -> dict[str, str]:
        """Language hint, noise rule, and the sidecars' text."""
        digest = hashlib.sha256()
        for sidecar in work.sidecars:
            digest.update(sidecar.model_dump_json().encode())
        return {
            "language": stated_language(work) or "",
            "noise_below_db": str(work.config.noise_below_db),
            "sidecars": digest.hexdigest()[:16] if work.sidecars else "",
            "tags": self._tags(work),
        }

    @staticmethod
    def _tags(work: Work) -> str:
        """What the container, not its streams, says that is listened to: lyrics, and the languages of subtitles."""
        lyrics = [work.probe.tag(name) or "" for name in LYRICS_TAGS]
        spoken = [s.language or "" for s in work.probe.streams if s.kind is StreamKind.SUBTITLE]
        said = [*filter(None, lyrics), *spoken]
        return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16] if said else ""

    def __call__(self, work: Work) -> Found:
        """Signals: transcript lines, language, dropped_speech."""
        written = self._written(work)
        if written is not None:
            return written
        if work.silent:
            return Found((), (self._record("silent throughout: nobody speaks"),))
        if work.models.speech is None:
            raise ModelMissing("there is no model for speech recognition", remedy="vitascope models pull")
        if not work.probe.has_audio or not len(work.pcm):
            return Found((), ())
        return self._heard(work)

    # --- what came along

    def _written(self, work: Work) -> Found | None:
        hint = stated_language(work)
        choices = [*work.sidecars, *(work.decoded.subtitles if not work.sidecars else ())]
        best: tuple[int, Subtitles, list[TranscriptLine], str | None] | None = None
        for subtitles in choices:
            lines = [
                TranscriptLine(span=c.span, text=t) for c in subtitles.cues[:MOST_LINES] if (t := cue_text(c.text))
            ]
            language = language_code(subtitles.language) or written_language(
                " ".join(line.text for line in lines[:200])
            )
            if not lines or (hint and language and hint != language):
                continue  # a translation says what is meant, not what is said
            rank = 2 * (language is not None and language == hint) + (language is not None)
            if best is None or rank > best[0]:
                best = (rank, subtitles, lines, language)
        if best is None:
            return self._lyrics(work)
        _, subtitles, lines, language = best
        note = "taken from the subtitles that came with the media"
        record = self._record(note, source=tidy(subtitles.source, 200))
        return Found(self._signals(lines, language or hint, 1.0), (record,))

    def _lyrics(self, work: Work) -> Found | None:
        lyrics = next((t for name in LYRICS_TAGS if (t := tidy(work.probe.tag(name) or ""))), "")
        if len(lyrics.split()) < 8 or work.probe.has_video:
            return None
        line = TranscriptLine(span=span(0, float(work.decoded.duration)), text=lyrics)
        record = self._record("taken from the lyrics tag of the file; no times", source="tag:lyrics")
        return Found(self._signals([line], stated_language(work) or written_language(lyrics), 1.0), (record,))

    def _record(self, note: str, **options: str) -> Provenance:
        return Provenance(extractor=f"{self.name}/{self.version}", options=tuple(sorted(options.items())), note=note)

    # --- what is heard

    def _heard(self, work: Work) -> Found:
        assert work.models.speech is not None
        spans, skipped = self._spans(work)
        if not spans:
            return Found(tuple(skipped), (self._record("nobody speaks"),))
        pcm, ratio, cleaned = self._clean(work)
        speech = work.models.speech.listen(pcm, spans, stated_language(work))
        options = dict(speech.options) | {"noise_suppression": cleaned, "language_hint": stated_language(work) or ""}
        if ratio is not None:
            options["speech_to_noise_db"] = f"{ratio:.1f}"
        record = provenance(f"{self.name}/{self.version}", work.models.speech.info, **options)
        kept: list[TranscriptLine] = []
        dropped = [*speech.dropped]
        chants = _chants(speech.lines)
        for line in speech.lines:
            text = looped(tidy(line.text))
            if not any(c.isalnum() for c in text):
                dropped.append((line, "no words"))
            elif _bare(text) in chants:
                dropped.append((line, "the same few words over and over"))
            elif (why := self._not_believed(line, work)) is not None:
                dropped.append((line, why))
            else:
                kept.append(line.model_copy(update={"text": text}))
        signals = self._signals(kept, speech.language if kept else None, speech.language_score)
        unheard = [
            Signal(
                kind=SignalKind.DROPPED_SPEECH,
                value=tidy(line.text, 500),
                label=why,
                span=line.span,
                score=line.confidence,
            )
            for line, why in dropped
        ]
        return Found((*signals, *unheard, *skipped), (record,))

    def _spans(self, work: Work) -> tuple[list[Span], list[Signal]]:
        """Stretches worth listening to; stretches of music that only resemble a voice are left out, with the reason."""
        if "voice" not in work.found:
            return [span(0, work.seconds)], []
        kinds = work.signals("audio_kind", SignalKind.AUDIO_KIND)
        spans: list[Span] = []
        skipped: list[Signal] = []
        for signal in work.signals("voice", SignalKind.SOUND):
            assert signal.span is not None
            speech = [k.score for k in kinds if k.value == "speech" and k.span and k.span.overlap(signal.span)]
            if speech and max(speech) < 0.1 and signal.score < 0.6:
                skipped.append(
                    Signal(
                        kind=SignalKind.DROPPED_SPEECH,
                        label="sounds like music or noise, not like speech",
                        span=signal.span,
                    )
                )
            else:
                spans.append(signal.span)
        return spans, skipped

    def _clean(self, work: Work) -> tuple[Pcm, float | None, str]:
        found = speech_probabilities(work) if work.models.voice_activity is not None else None
        if found is None:
            return work.pcm, None, "off: nothing measured"
        ratio = speech_to_noise(work.pcm, *found)
        if ratio is None or ratio >= work.config.noise_below_db or work.models.noise is None:
            return work.pcm, ratio, "not needed"
        try:
            return work.models.noise.clean(work.pcm), ratio, work.models.noise.info.id
        except ModelError as error:
            return work.pcm, ratio, f"failed: {error.thing}"

    def _not_believed(self, line: TranscriptLine, work: Work) -> str | None:
        voice = voice_of(work)
        if voice and not any(line.span.overlap(v) > 0 for v in voice) and line.span.length > 0:
            return "nobody speaks there"
        if line.confidence < UNSURE and (share := self._like_speech(line.span, work)) is not None and share < UNLIKE:
            return "sounds more like noise or music than speech, and its words are unsure"
        return None

    def _like_speech(self, span: Span, work: Work) -> float | None:
        """How much the sound of a stretch is like speech, 0..1; None where nothing was measured."""
        kinds = work.signals("audio_kind", SignalKind.AUDIO_KIND)
        parts = [(float(k.span.overlap(span)), k.score) for k in kinds if k.value == "speech" and k.span]
        total = sum(length for length, _ in parts)
        return sum(length * score for length, score in parts) / total if total > 0 else None

    def _signals(self, lines: list[TranscriptLine], language: str | None, score: float) -> tuple[Signal, ...]:
        said = tuple(
            Signal(kind=SignalKind.TRANSCRIPT, value=line.text, span=line.span, score=line.confidence, words=line.words)
            for line in lines
        )
        if language is None:
            return said
        return (Signal(kind=SignalKind.LANGUAGE, value=language, score=min(1.0, max(0.0, score))), *said)
