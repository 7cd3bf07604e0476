"""What was gathered about one item, what is needed to make a description of it, and the item's texts and their language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Evidence, Extraction, Signal, SignalKind
from vitascope.base.items import Item
from vitascope.base.media import Asset
from vitascope.base.moderation import ModerationPolicy
from vitascope.base.ports.models import LanguageModel, TextEmbedder
from vitascope.describe import _vectors
from vitascope.describe._config import DescribeConfig
from vitascope.describe._evidence import SILENT, Passage, field_passages, media_passages
from vitascope.describe._impressions import Impressions
from vitascope.describe._language import may_embed, written_language
from vitascope.describe._prompts import Prompt
from vitascope.describe._taxonomy import Classifier
from vitascope.describe.extractors import language_code

Vector = npt.NDArray[np.float32]


@dataclass
class Bench:
    """What is needed to put descriptions together; lives as long as the describer."""

    config: DescribeConfig
    classifier: Classifier
    text: TextEmbedder | None
    language: LanguageModel | None
    ask: Callable[[Item, Prompt, str], str]
    clock: Callable[[], float]
    languages: tuple[str, ...] = ("en",)
    """What the text model reads; ("*",) any."""
    impressions: Impressions = field(default_factory=lambda: Impressions(None))
    policy: ModerationPolicy = field(default_factory=ModerationPolicy)


@dataclass
class Material:
    """What was gathered about one item."""

    item: Item
    asset: Asset | None = None
    extractions: list[Extraction] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    """Model roles that could not speak."""
    light: bool = False
    """Only the item's own fields are looked at for now."""
    text_vectors: Vector | None = None
    """Vectors of `pieces`, where they were made in a batch beforehand."""

    def signals(self) -> list[Signal]:
        """All signals, in order."""
        return [s for e in self.extractions for s in e.signals]


def passages_of(material: Material) -> list[Passage]:
    """All texts of the item."""
    probe = material.asset.probe if material.asset else None
    return field_passages(material.item) + media_passages(material.signals(), probe.chapters if probe else ())


def language_of(material: Material, passages: Sequence[Passage]) -> tuple[str | None, Evidence]:
    """What the item states, else what was heard, else what its texts are written in."""
    if stated := language_code(material.item.language):
        return stated, Evidence(field="language", quote=material.item.language or "")
    heard = [s for s in material.signals() if s.kind is SignalKind.LANGUAGE]
    if heard:
        return heard[0].value, Evidence(field="speech", quote=f"{heard[0].score:.0%} sure")
    found = written_language(" ".join(p.text for p in passages if p.source not in SILENT)[:5_000])
    return found, Evidence(field="text")


def read_pieces(
    passages: Sequence[Passage], language: str | None, languages: Sequence[str]
) -> list[tuple[str, Passage]]:
    """The pieces of text that a text model of these languages may read."""
    return [(t, p) for t, p in _vectors.pieces(passages) if may_embed(t, written_language(t) or language, languages)]
