"""What models that take any label or answer in words add: named sounds (a sound and text model), sentences about pictures.

Both are silent where the pack has no such model, and then no gap of an item: `vitascope models list` says what a pack lacks.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from vitascope.base.content import Signal, SignalKind
from vitascope.base.ports.accounts import asked_by
from vitascope.base.ports.models import provenance
from vitascope.describe._prompts import prompt
from vitascope.describe._tidy import tidy
from vitascope.describe.extractors._audio_kind import SILENT
from vitascope.describe.extractors._work import Found, Work, evenly, span

NAMED = "named"
"""The label of SOUND signals whose value is a name."""
RATE, STRETCH = 16_000, 10
MOST_STRETCHES = 60
BATCH = 8


class NamedSounds:
    """Names of what is heard, by stretches of ten seconds."""

    name, version = "named_sounds", "1"
    roles: tuple[str, ...] = ("sound",)
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    missing = "which sounds and music there are"

    def wanted(self, work: Work) -> bool:
        """Sound, and a model that names it."""
        return work.models.sound is not None and work.probe.has_audio

    def options(self, work: Work) -> dict[str, str]:
        """What is believed."""
        return {"belief": str(work.config.sound_belief)}

    def __call__(self, work: Work) -> Found:
        """Signals: sound (label "named"), the stretch, and the share of the name in it; long files in 60 even stretches."""
        model = work.models.sound
        assert model is not None
        record = provenance(f"{self.name}/{self.version}", model.info, **self.options(work))
        size = STRETCH * RATE
        starts = list(range(0, max(1, len(work.pcm) - RATE), size))
        places = np.unique(np.linspace(0, len(starts) - 1, min(len(starts), MOST_STRETCHES)).round().astype(int))
        clips = []
        for start in (starts[i] for i in places):
            clip = np.asarray(work.pcm[start : start + size])
            if len(clip) >= RATE // 2 and np.sqrt(np.mean(clip.astype(np.float32) ** 2)) >= SILENT:
                clips.append((start, clip))
        signals: list[Signal] = []
        for first in range(0, len(clips), BATCH):
            batch = clips[first : first + BATCH]
            heard, _ = model.hear([clip for _, clip in batch])
            for (start, clip), result in zip(batch, heard, strict=True):
                where = span(start / RATE, (start + len(clip)) / RATE)
                for label in result.labels:
                    if label.score >= work.config.sound_belief:
                        name, score = tidy(label.label, 80), round(label.score, 4)
                        signals.append(Signal(kind=SignalKind.SOUND, value=name, label=NAMED, span=where, score=score))
        return Found(tuple(signals), (record,))


class Seen:
    """What a vision-language model says of a few pictures: a sentence, and things that become scenes.

    Its words are evidence of that picture alone; they are tidied, and what in them would be an order is shown to no model.
    """

    name, version = "seen", "1"
    roles: tuple[str, ...] = ("vision",)
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    missing = "the pictures in sentences"
    schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {
            "shown": {"type": "string", "maxLength": 300},
            "things": {"type": "array", "items": {"type": "string", "maxLength": 60}, "maxItems": 5},
        },
        "required": ["shown", "things"],
        "additionalProperties": False,
    }

    def wanted(self, work: Work) -> bool:
        """Moving pictures, and a model to show them to."""
        return work.models.vision is not None and work.probe.has_video and work.config.seen_pictures > 0

    def options(self, work: Work) -> dict[str, str]:
        """How many pictures, and the prompt."""
        return {"pictures": str(work.config.seen_pictures), "prompt": prompt("seen").sha256[:16]}

    def __call__(self, work: Work) -> Found:
        """Signals: caption and scene, each with the shot its picture stands in."""
        seeing = work.models.vision
        assert seeing is not None
        model, asked = asked_by(seeing, "vision", work.asset.item), prompt("seen")
        record = provenance(f"{self.name}/{self.version}", model.info, **self.options(work))
        signals: list[Signal] = []
        for frame in evenly(work.looked_at, work.config.seen_pictures):
            answer = model.see(asked.system, asked.fill(""), [work.picture(frame)], self.schema)
            where = work.shot_span(frame)
            if text := tidy(str(answer["shown"]), 300):
                signals.append(Signal(kind=SignalKind.CAPTION, value=text, span=where, score=1.0))
            names = dict.fromkeys(tidy(str(thing), 60).casefold() for thing in answer["things"])
            signals += [Signal(kind=SignalKind.SCENE, value=n, span=where, score=0.5) for n in names if n]
        return Found(tuple(signals), (record,))
