"""What an extractor is given, and what it answers.

`Work` is one asset on the bench: its decode (made only when an extractor really needs it), its models, what earlier
extractors found. An extractor is a small class with a name, a version, the model roles it uses and one call.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Extraction, Provenance, Signal, SignalKind
from vitascope.base.media import Asset, Decoded, FrameRef, Probe, Subtitles
from vitascope.base.ports.models import Models, Pcm, Picture
from vitascope.base.time import Span, media_time
from vitascope.describe._config import DescribeConfig

T = TypeVar("T")

ROLES = ("voice_activity", "noise", "speech", "text", "picture", "unsafe", "screen", "language", "sound", "vision")
"""Names of the model roles, as attributes of `Models`."""
EXTRA = ("sound", "vision")
"""Roles that few packs have; where one has not, nothing is said to be missing."""


@dataclass
class Work:
    """One asset on the bench."""

    asset: Asset
    language: str | None
    """Language the item or its streams state, if any."""
    models: Models
    config: DescribeConfig
    decode: Callable[[], Decoded]
    sidecars: tuple[Subtitles, ...] = ()
    found: dict[str, Extraction] = field(default_factory=dict)
    """What earlier extractors found, by extractor name."""
    memo: dict[str, Any] = field(default_factory=dict)
    """Things worth keeping between extractors of this asset (pictures, speech probabilities)."""

    @cached_property
    def decoded(self) -> Decoded:
        """The decode of this asset. Raises UnreadableMedia."""
        return self.decode()

    @property
    def probe(self) -> Probe:
        """What the file holds."""
        return self.asset.probe or self.decoded.probe

    @cached_property
    def pcm(self) -> Pcm:
        """All samples, mono 16 kHz, as a memory map; empty where there is no sound."""
        path = self.decoded.audio
        if path is None or path.stat().st_size < 2:
            return np.zeros(0, dtype=np.int16)
        return np.memmap(path, dtype="<i2", mode="r")

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.pcm) / self.decoded.audio_rate

    @cached_property
    def looked_at(self) -> tuple[FrameRef, ...]:
        """Evenly chosen pictures, bounded by the config; every shot keeps its first where they suffice."""
        return evenly(self.decoded.frames, self.config.pictures)

    def picture(self, frame: FrameRef) -> Picture:
        """One picture, RGB, read once."""
        key = f"picture:{frame.path}"
        if key not in self.memo:
            self.memo[key] = read_picture(frame.path)
        picture: Picture = self.memo[key]
        return picture

    @property
    def silent(self) -> bool:
        """Whether `shots` found that there is nothing to hear: then no model needs to listen."""
        return any(s.value == "silent" for s in self.signals("shots", SignalKind.EMPTY))

    def shot_span(self, frame: FrameRef) -> Span:
        """The shot a picture was taken from."""
        shots = self.decoded.shots
        if 0 <= frame.shot < len(shots):
            return shots[frame.shot]
        return Span(start=frame.time, end=max(frame.time, self.decoded.duration))

    def signals(self, extractor: str, *kinds: SignalKind) -> list[Signal]:
        """Signals of an earlier extractor; empty where it did not run."""
        extraction = self.found.get(extractor)
        return [s for s in extraction.signals if s.kind in kinds] if extraction else []


@dataclass(frozen=True)
class Found:
    """What an extractor found."""

    signals: tuple[Signal, ...]
    provenance: tuple[Provenance, ...]
    vector: str | None = None


class Extractor(Protocol):
    """One way of looking at an asset; `Describer` takes a list of them."""

    name: str
    version: str
    roles: tuple[str, ...]
    """Model roles it cannot do without."""
    helpers: tuple[str, ...]
    """Model roles it uses where they are there."""
    after: tuple[str, ...]
    """Extractors whose results it reads. One that reads some kinds of signals alone may say so in `reads`, a table of kinds by
    extractor: it is then run again only where those changed."""
    missing: str
    """What is not known where a role of it is missing: "what is said"."""

    def wanted(self, work: Work) -> bool:
        """Whether the asset has what it looks at."""
        ...

    def options(self, work: Work) -> dict[str, str]:
        """All else that changes its result (settings, hints)."""
        ...

    def __call__(self, work: Work) -> Found:
        """Look. Raises ModelError, UnreadableMedia."""
        ...


def evenly(frames: Sequence[T], count: int) -> tuple[T, ...]:
    """At most `count` of them, evenly spread, first and last kept."""
    if len(frames) <= count:
        return tuple(frames)
    places = np.unique(np.linspace(0, len(frames) - 1, count).round().astype(int))
    return tuple(frames[i] for i in places)


def read_picture(path: Any) -> Picture:
    """An RGB picture of the decode cache (bounded in size by the decoder)."""
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


def span(start: float, end: float) -> Span:
    """A span from float seconds."""
    return Span(start=media_time(float(start)), end=media_time(float(max(start, end))))


def pack_vector(vector: npt.NDArray[np.floating]) -> str | None:
    """Unit length, fp16, base64; None for a vector of nothing."""
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length < 1e-6:
        return None
    return base64.b64encode((vector / length).astype("<f2").tobytes()).decode()


def unpack_vector(text: str) -> npt.NDArray[np.float32]:
    """Back from `pack_vector`, unit length again."""
    vector = np.frombuffer(base64.b64decode(text), dtype="<f2").astype(np.float32)
    unit: npt.NDArray[np.float32] = vector / max(float(np.linalg.norm(vector)), 1e-6)
    return unit


def own(extractor: Extractor, note: str | None = None, **options: str) -> Provenance:
    """Provenance of something no model was needed for."""
    return Provenance(
        extractor=f"{extractor.name}/{extractor.version}", options=tuple(sorted(options.items())), note=note
    )


def gap(what: str, why: str) -> Signal:
    """Something that could not be looked at."""
    return Signal(kind=SignalKind.GAP, value=what, label=why)
