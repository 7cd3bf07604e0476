"""What the signals of an item's sound amount to: shares and stretches of speech and music, named sounds, and what they speak for.

Takes signals; gives shares, labels with spans and weights of categories. Reads no text.
"""

from __future__ import annotations

from collections.abc import Sequence

from vitascope.base.content import AudioShares, Signal, SignalKind, SoundLabel
from vitascope.base.items import Item, ItemKind
from vitascope.base.time import Span
from vitascope.describe.extractors import NAMED, SPOKEN

SEEN_ONLY = ("film", "series", "animation", "documentary", "trailer", "game")
"""Categories of moving pictures: an item of sound alone is none, whatever its words tell."""


def shares(signals: Sequence[Signal]) -> tuple[AudioShares | None, dict[str, Span]]:
    """Shares of the sounding time, and the longest stretch of each kind."""
    time = {"speech": 0.0, "music": 0.0, "other": 0.0}
    for signal in signals:
        if signal.kind is SignalKind.AUDIO_KIND and signal.span:
            time[signal.value] += float(signal.span.length) * signal.score
    total = sum(time.values())
    if total <= 0:
        return None, {}
    speech, music = round(time["speech"] / total, 4), round(time["music"] / total, 4)
    longest: dict[str, Span] = {}
    for label in kind_spans(signals):
        if label.span and (label.label not in longest or label.span.length > longest[label.label].length):
            longest[label.label] = label.span
    return AudioShares(speech=speech, music=music, other=round(max(0.0, 1 - speech - music), 4)), longest


def named_sounds(signals: Sequence[Signal]) -> list[SoundLabel]:
    """Sounds that a model named, each once, at its surest place, the surest first."""
    best: dict[str, Signal] = {}
    for signal in signals:
        named = signal.kind is SignalKind.SOUND and signal.label == NAMED
        if named and (signal.value not in best or signal.score > best[signal.value].score):
            best[signal.value] = signal
    ordered = sorted(best.values(), key=lambda s: (-s.score, s.value))
    return [SoundLabel(label=s.value, score=min(1.0, s.score), span=s.span) for s in ordered]


def kind_spans(signals: Sequence[Signal]) -> list[SoundLabel]:
    """Stretches of speech, music and other sound: the likeliest kind of each stretch, equal neighbours joined."""
    best: dict[Span, Signal] = {}
    for signal in signals:
        if signal.kind is not SignalKind.AUDIO_KIND or signal.span is None:
            continue
        if signal.span not in best or signal.score > best[signal.span].score:
            best[signal.span] = signal
    out: list[SoundLabel] = []
    for span, signal in sorted(best.items(), key=lambda b: b[0].start):
        if out and out[-1].label == signal.value and out[-1].span and out[-1].span.end == span.start:
            joined = Span(start=out[-1].span.start, end=span.end)
            out[-1] = SoundLabel(label=signal.value, score=max(out[-1].score, signal.score), span=joined)
        else:
            out.append(SoundLabel(label=signal.value, score=signal.score, span=span))
    return out


def priors_of(
    item: Item, audio: AudioShares | None, moving: bool | None, seconds: float | None, signals: Sequence[Signal]
) -> dict[str, float]:
    """What kind of media and sound speak for, before any word is read."""
    out: dict[str, float] = {}
    if item.kind is ItemKind.LIVE:
        out["live"] = 0.3
    if moving is False:
        out |= dict.fromkeys(SEEN_ONLY, -0.25)
    if audio is None:
        return out
    said = any(s.kind is SignalKind.TRANSCRIPT for s in signals)
    spoken = sum(float(s.span.length) for s in signals if s.kind is SignalKind.SOUND and s.value == SPOKEN and s.span)
    long_enough = (seconds or 0) >= 5
    if not moving and item.kind is not ItemKind.LIVE:
        if audio.music >= 0.5:
            out["music"] = 0.45 if long_enough else 0.3
        if audio.other >= 0.5 and not said:
            out["sound"] = 0.45
        if audio.speech >= 0.5 and said:
            out["talk"] = 0.1
            if (seconds or 0) >= 600:
                out["podcast"] = 0.12
            elif spoken >= 12:
                out["audiobook"] = 0.06
    elif audio.music >= 0.7 and not said:
        out["music"] = 0.15
    return out
