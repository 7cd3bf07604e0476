"""Named features of an item, 0..1, each with evidence. A person's taste uses the same names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vitascope.base.content import AudioShares, Evidence, Feature, Scene, SoundLabel
from vitascope.base.items import Item, ItemKind
from vitascope.base.time import Span, media_time
from vitascope.describe._language import fold
from vitascope.describe._moods import Feel
from vitascope.describe._taxonomy import Placed

MOST = 120
SHORT, LONG = 240.0, 1_200.0
"""Seconds: under 4 minutes is short, from 20 minutes on is long (the usual cut of video sites)."""


class Gatherer:
    """Collects features, one of each name, the strongest counts."""

    def __init__(self) -> None:
        self._found: dict[str, Feature] = {}

    def add(self, group: str, name: str, value: float, evidence: Iterable[Evidence] = ()) -> None:
        """`group:name`; values outside 0..1 are cut, nothing at all is left out."""
        plain = fold(name)[:100]
        value = round(max(0.0, min(1.0, value)), 4)
        full = f"{group}:{plain}"
        if not plain or value <= 0 or (full in self._found and self._found[full].value >= value):
            return
        if len(self._found) < MOST or full in self._found:
            self._found[full] = Feature(name=full, value=value, evidence=tuple(evidence)[:3])

    def features(self) -> tuple[Feature, ...]:
        """In the order they were added."""
        return tuple(self._found.values())


def features(
    item: Item,
    placed: Placed,
    feel: Feel,
    *,
    language: str | None,
    language_evidence: Evidence,
    moving: bool | None,
    seconds: float | None,
    audio: AudioShares | None,
    audio_spans: dict[str, Span],
    sounds: Sequence[SoundLabel],
    looks: dict[str, tuple[float, str]],
    scenes: Sequence[Scene],
    tempo: float | None,
    empty: Sequence[Feature] = (),
) -> tuple[Feature, ...]:
    """All features of an item."""
    out = Gatherer()
    for none in empty:
        group, name = none.name.split(":", 1)
        out.add(group, name, none.value, none.evidence)
    for tag in item.tags[:50]:
        out.add("tag", tag, 1.0, [Evidence(field="tags", quote=tag[:160])])
    if item.creator:
        out.add("creator", item.creator[:200], 1.0, [Evidence(field="creator", quote=item.creator[:160])])
    for name, share in sorted(placed.shares.items(), key=lambda s: (-s[1], s[0]))[:3]:
        if name == placed.category or share >= 0.2:
            out.add("category", name, share, placed.evidence.get(f"category:{name}", ()))
    for name, score in placed.topics.items():
        out.add("topic", name, score, placed.evidence.get(f"topic:{name}", ()))
    for name, score in feel.moods.items():
        out.add("mood", name, score, feel.evidence.get(f"mood:{name}", ()))
    kind = item.kind
    if kind is ItemKind.OTHER and moving is not None:
        kind = ItemKind.VIDEO if moving else ItemKind.AUDIO
    if kind is not ItemKind.OTHER:
        out.add("kind", kind.value, 1.0, [Evidence(field="kind", quote=kind.value)])
    if language:
        out.add("language", language, 1.0, [language_evidence])
    if seconds:
        name = "short" if seconds < SHORT else "long" if seconds >= LONG else "medium"
        whole = Span(start=media_time(0), end=media_time(seconds))
        out.add("length", name, 1.0, [Evidence(span=whole, quote=f"{seconds:.0f} s")])
    if audio:
        for name in ("speech", "music", "other"):
            share = getattr(audio, name)
            if share >= 0.1:
                quote = f"{share:.0%} of the time"
                out.add("sound", name, share, [Evidence(field="audio", span=audio_spans.get(name), quote=quote)])
    for sound in sounds:
        out.add("sound", sound.label, sound.score, [Evidence(field="sound", span=sound.span, quote=sound.label)])
    if tempo and audio and audio.music >= 0.3:
        name = "fast" if tempo >= 110 else "slow"
        out.add(
            "tempo",
            name,
            min(1.0, 0.5 + abs(tempo - 110) / 60),
            [Evidence(field="sound", quote=f"{tempo:.0f} beats/min")],
        )
    for name, (score, quote) in looks.items():
        out.add("look", name, score, [Evidence(field="picture", quote=quote)])
    for scene in sorted(scenes, key=lambda s: -s.score)[:8]:
        out.add("scene", scene.label, scene.score, [Evidence(span=scene.span, quote=scene.label)])
    return out.features()
