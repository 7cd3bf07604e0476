"""Feelings: sentiment of the words, moods of words and sound, and how the sound and the picture are called.

Sentiment is VADER's (Hutto & Gilbert, 2014), English alone. Moods from sound follow the plane of valence and arousal
(Russell, 1980): tempo, loudness and onsets speak for arousal, mode and brightness, weakly, for valence. A voice speaks for
arousal alone (`extractors._feeling`): with the words beside it a lively one is happy or angry, a subdued one calm or sad.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from vitascope.base.content import Evidence, Sentiment, Signal, SignalKind, SoundLabel
from vitascope.describe._evidence import Passage, sentences
from vitascope.describe._impressions import moods_table
from vitascope.describe._language import words
from vitascope.describe._taxonomy import squash
from vitascope.describe._words import stem
from vitascope.describe.extractors import AROUSAL, usual

MOST_SENTENCES = 400
CLEAR_PULSE = 0.2
"""Autocorrelation height from which a tempo is named."""
LIVELY, SUBDUED = 0.7, 0.3
"""Arousal of the voice from which, and to which, it is said; half of it is a neutral one."""


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


@cache
def _mood_stems() -> dict[str, str]:
    table = moods_table()
    return {stem(w): m for m, listed in table["words"].items() if m not in table["quiet"]["names"] for w in listed}


def sentiment(passages: Sequence[Passage]) -> Sentiment | None:
    """Of English passages; None where there is not one sentence."""
    said = [s for p in passages if p.source in ("title", "description", "transcript") for s in sentences(p.text)]
    if not said:
        return None
    said = said[:: max(1, len(said) // MOST_SENTENCES)]
    scores = [float(_analyzer().polarity_scores(s[:1_000])["compound"]) for s in said]
    felt = [s for s in scores if s]  # a sentence without a word of feeling says nothing for or against
    mean = sum(felt) / len(felt) * min(1.0, 0.4 + len(felt) / len(scores)) if felt else 0.0
    label = "positive" if mean >= 0.05 else "negative" if mean <= -0.05 else "neutral"
    return Sentiment(label=label, score=round(max(-1.0, min(1.0, mean)), 4))


@dataclass
class Feel:
    """How an item feels and sounds."""

    moods: dict[str, float] = field(default_factory=dict)
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    """"mood:X" -> where."""

    def add(self, mood: str, score: float, evidence: Evidence) -> None:
        """Two independent hints count as one minus the product of their doubts."""
        before = self.moods.get(mood, 0.0)
        self.moods[mood] = 1 - (1 - before) * (1 - max(0.0, min(0.95, score)))
        self.evidence.setdefault(f"mood:{mood}", []).append(evidence)


def moods(
    passages: Sequence[Passage], signals: Sequence[Signal], music: float, feeling: Sentiment | None, english: bool
) -> Feel:
    """Moods with scores 0..1 and evidence; `music` is the share of music in the item's sound."""
    feel = Feel()
    if english:
        for passage in passages:
            if passage.source not in ("title", "tags", "description"):
                continue
            for word in words(passage.text)[:400]:
                mood = _mood_stems().get(stem(word.casefold()))
                if mood:
                    feel.add(mood, {"tags": 0.6, "title": 0.5}.get(passage.source, 0.25), passage.evidence(word))
    if feeling and abs(feeling.score) >= 0.3:
        quote = f"{feeling.label} words"
        feel.add(
            "happy" if feeling.score > 0 else "sad", 0.35 * abs(feeling.score), Evidence(field="sentiment", quote=quote)
        )
    _moods_of_voice(signals, feeling, feel)
    if music >= 0.4:
        _moods_of_music(signals, music, feel)
    feel.moods = {m: round(s, 4) for m, s in sorted(feel.moods.items(), key=lambda m: (-m[1], m[0])) if s >= 0.15}
    return feel


def voice_arousal(signals: Sequence[Signal]) -> float | None:
    """Mean over the time in which somebody speaks, 0..1; None where nobody does for a second."""
    heard = [(float(s.span.end - s.span.start), s.score) for s in signals if _of_voice(s) and s.span is not None]
    seconds = sum(t for t, _ in heard)
    return sum(t * score for t, score in heard) / seconds if seconds >= 1.0 else None


def _of_voice(signal: Signal) -> bool:
    return signal.kind is SignalKind.MOOD and signal.value == AROUSAL


def _moods_of_voice(signals: Sequence[Signal], feeling: Sentiment | None, feel: Feel) -> None:
    """The evidence is the stretch that is furthest from a neutral voice."""
    arousal = voice_arousal(signals)
    if arousal is None or SUBDUED < arousal < LIVELY:
        return
    lively = arousal >= LIVELY
    voices = [s for s in signals if _of_voice(s)]
    clearest = max(voices, key=lambda s: s.score if lively else -s.score)
    strength = abs(arousal - 0.5)  # 0.2 to 0.5
    evidence = Evidence(field="sound", span=clearest.span, quote=f"a voice of {clearest.label}")
    feel.add("energetic" if lively else "calm", strength, evidence)
    if feeling is not None and abs(feeling.score) >= 0.3:
        glad = feeling.score > 0
        feel.add(("happy" if glad else "angry") if lively else ("calm" if glad else "sad"), strength, evidence)


def _figures(signals: Sequence[Signal]) -> dict[str, float]:
    return {s.value: s.score for s in signals if s.kind is SignalKind.TIMBRE and s.value != "key"}


def _moods_of_music(signals: Sequence[Signal], music: float, feel: Feel) -> None:
    figures = _figures(signals)
    if not figures:
        return
    beat = tempo_of(signals)
    loudness = next((s.score for s in signals if s.kind is SignalKind.LOUDNESS and s.value == "integrated"), None)
    parts = [squash(figures["onset.peaks"], 4.8, 1.5), squash(figures["flux.mean"], 0.37, 0.06)]
    said = [f"{figures['onset.peaks']:.1f} onsets/s"]
    if beat:
        parts.append(squash(beat, 115, 18))
        said.append(f"{beat:.0f} beats/min")
    if loudness is not None:
        parts.append(squash(loudness, -16, 4))
        said.append(f"{loudness:.0f} LUFS")
    arousal = sum(parts) / len(parts)
    evidence = Evidence(field="sound", quote=", ".join(said))
    if arousal > 0.55:
        feel.add("energetic", music * (arousal - 0.35) * 1.3, evidence)
    elif arousal < 0.45:
        feel.add("calm", music * (0.65 - arousal) * 1.3, evidence)
    centroid = figures["centroid.mean"]
    if centroid < 0.8:
        feel.add(
            "dark",
            music * 0.45 * squash(0.8 - centroid, 0.15, 0.15),
            Evidence(field="sound", quote=f"{centroid:.1f} kHz"),
        )
    key = next((s for s in signals if s.kind is SignalKind.TIMBRE and s.value == "key"), None)
    if key is not None and key.score > 0.7:
        mode = Evidence(field="sound", quote=f"{key.label}, {said[0]}")
        if key.label.endswith("minor") and arousal < 0.45:
            feel.add("sad", music * 0.3, mode)
        elif key.label.endswith("major") and arousal > 0.5:
            feel.add("happy", music * 0.3, mode)


def tempo_of(signals: Sequence[Signal]) -> float | None:
    """Beats a minute, where the pulse is clear."""
    for signal in signals:
        if signal.kind is SignalKind.TEMPO and float(signal.label or 0) >= CLEAR_PULSE:
            return signal.score
    return None


def _beside(figures: dict[str, float], name: str) -> float:
    """Where a figure stands beside those of many sounds: .5 is the middle, .73 a standard deviation above it."""
    mean, spread = usual(name)
    return squash(figures[name], mean, spread)


def sound_names(signals: Sequence[Signal], music: float) -> list[SoundLabel]:
    """What the sound is called, scores 0..1: loud, quiet, bright, dull, noisy, tonal, fast, slow, calm; the key; the voice."""
    figures = _figures(signals)
    if not figures:
        return []
    out: list[SoundLabel] = []
    voice = voice_arousal(signals)
    if voice is not None and not SUBDUED < voice < LIVELY:
        name, score = ("lively voice", voice) if voice >= LIVELY else ("subdued voice", 1 - voice)
        out.append(SoundLabel(label=name, score=round(score, 3)))

    def either(high: str, low: str, value: float) -> None:
        name, score = (high, value) if value >= 0.5 else (low, 1 - value)
        if score >= 0.65:
            out.append(SoundLabel(label=name, score=round(score, 3)))

    loudness = next((s.score for s in signals if s.kind is SignalKind.LOUDNESS and s.value == "integrated"), None)
    if loudness is not None:
        either("loud", "quiet", squash(loudness, -20, 4))
    either("bright", "dull", _beside(figures, "centroid.mean"))
    either("noisy", "tonal", _beside(figures, "flatness.mean"))
    beat = tempo_of(signals)
    if beat and music >= 0.3:
        either("fast", "slow", squash(beat, 110, 18))
    if loudness is not None and figures["flux.mean"] < 0.3 and loudness < -18:
        out.append(SoundLabel(label="calm", score=round(squash(0.3 - figures["flux.mean"], 0, 0.08), 3)))
    key = next((s for s in signals if s.kind is SignalKind.TIMBRE and s.value == "key"), None)
    if key is not None and music >= 0.4:
        out.append(SoundLabel(label=f"key {key.label}", score=round(min(1.0, key.score), 3)))
    return out


def spectral_shape(signals: Sequence[Signal]) -> list[SoundLabel]:
    """Figures of the spectrum as they are, named with their unit."""
    names = {
        "centroid.mean": "spectral centroid, kHz",
        "rolloff.mean": "spectral rolloff (85 %), kHz",
        "flatness.mean": "spectral flatness, nepers",
        "zero_crossing.mean": "zero crossings a sample",
        "flux.mean": "spectral flux",
        "onset.peaks": "onsets a second",
    }
    figures = _figures(signals)
    return [SoundLabel(label=label, score=round(figures[name], 4)) for name, label in names.items() if name in figures]


def look_names(signals: Sequence[Signal]) -> dict[str, tuple[float, str]]:
    """What the picture looks like: name -> (score 0..1, figure as text)."""
    figures = {s.value: s.score for s in signals if s.kind is SignalKind.LOOK}
    out: dict[str, tuple[float, str]] = {}
    if "light" not in figures:
        return out

    def either(high: str, low: str, value: float, text: str) -> None:
        name, score = (high, value) if value >= 0.5 else (low, 1 - value)
        if score >= 0.62:
            out[name] = (round(score, 3), text)

    either("bright", "dark", squash(figures["light"], 0.42, 0.1), f"mean light {figures['light']:.2f}")
    either("colourful", "grey", squash(figures["colour"], 0.16, 0.06), f"mean colour {figures['colour']:.2f}")
    either("warm", "cold", squash(figures["warmth"], 0.02, 0.05), f"red over blue {figures['warmth']:.2f}")
    cuts = figures.get("cuts_a_minute", 0.0)
    either("fast cuts", "long takes", squash(cuts, 12, 5), f"{cuts:.0f} cuts a minute")
    return out
