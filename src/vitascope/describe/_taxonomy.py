"""Which category an item belongs to and which topics it is about.

Takes passages, priors from the signals, and a text model (English) if there is one. The language model has no say here:
measured on talks, comparing with prompts was right for .78, the small language model for .23 (docs/decisions.md).
Without the text model, or outside its languages, words and priors decide alone.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Evidence
from vitascope.base.errors import ConfigError
from vitascope.base.ports.models import TextEmbedder
from vitascope.base.records import Record
from vitascope.describe._evidence import Passage
from vitascope.describe._language import fold
from vitascope.describe._topics import LEAST_WORDS, NAMED, Topic, about, topic_vectors

Vector = npt.NDArray[np.float32]

TEMPERATURE = 0.09
"""Of the softmax over category scores."""
LIKELY = 0.2
"""A category less likely than this is not named at all (31 categories: chance is .03)."""


class Category(Record):
    """One category of the taxonomy."""

    name: str
    prompt: str
    also: tuple[str, ...] = ()
    """More prompts, where one does not hold what the category is like; else its name stands beside the prompt."""
    words: tuple[str, ...] = ()
    iab: str | None = None
    """IAB content taxonomy 1.0."""
    podcast: str | None = None
    """Apple's podcast category."""
    jellyfin: tuple[str, ...] = ()
    """Genres as Jellyfin and the sites it asks (TheMovieDb, MusicBrainz) write them."""


class Taxonomy(Record):
    """All categories and topics."""

    version: str
    categories: tuple[Category, ...]
    topics: tuple[Topic, ...]


@cache
def taxonomy(path: Path | None = None) -> Taxonomy:
    """The shipped taxonomy, or the owner's. Raises ConfigError where the file cannot be used."""
    try:
        if path is None:
            text = resources.files("vitascope.describe").joinpath("data/taxonomy.toml").read_text(encoding="utf-8")
        else:
            text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
        topics = tuple(Topic(name=n, words=tuple(w)) for n, w in table.get("topics", {}).items())
        made = Taxonomy(version=str(table["version"]), categories=tuple(table["category"]), topics=topics)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"the taxonomy cannot be read: {error}",
            place=str(path or "shipped"),
            remedy="see the shipped data/taxonomy.toml",
        ) from error
    if not made.categories:
        raise ConfigError("the taxonomy has no category", place=str(path), remedy="name at least one")
    return made


@dataclass
class Placed:
    """Where an item belongs."""

    category: str | None = None
    score: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)
    """Category -> probability."""
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    """"category:X" or "topic:X" -> where that stands."""
    topics: dict[str, float] = field(default_factory=dict)


class Classifier:
    """Compares texts with the prompts of the taxonomy; the prompts are embedded once."""

    def __init__(self, model: TextEmbedder | None, path: Path | None) -> None:
        self.taxonomy = taxonomy(path)
        self._model = model
        self._prompts: tuple[Vector, Vector] | None = None

    def prompts(self) -> tuple[Vector, Vector]:
        """Vectors of the categories and of the topics. Raises ModelError."""
        if self._prompts is None:
            assert self._model is not None
            categories = _category_vectors(self.taxonomy.categories, self._model)
            self._prompts = categories, topic_vectors(self.taxonomy.topics, self._model)
        return self._prompts

    def place(
        self,
        passages: Sequence[Passage],
        vectors: Vector | None,
        vector_passages: Sequence[Passage],
        priors: dict[str, float],
        most_topics: int,
    ) -> Placed:
        """Category and topics of an item.

        Args:
            passages: all its texts.
            vectors: unit vectors of pieces of its English text, shape (n, d); None where no model speaks.
            vector_passages: the passage each piece comes from.
            priors: category -> what the signals say, about -1 to 1.
        """
        placed = Placed()
        scores = np.array([priors.get(c.name, 0.0) for c in self.taxonomy.categories])
        known = bool(np.any(scores > 0))
        for index, category in enumerate(self.taxonomy.categories):
            said = _said(passages, category.name, (*category.words, *category.jellyfin))
            if said:
                known = True
                scores[index] += min(0.5, 0.22 + 0.1 * sum(weight for _, weight in said))
                placed.evidence[f"category:{category.name}"] = [e for e, _ in said[:3]]
        if vectors is not None and len(vectors):
            known = True
            categories, _ = self.prompts()
            scores = scores + _best_of(vectors, categories)
            if vector_passages:
                evidence = vector_passages[int(np.argmax(vectors @ categories[int(scores.argmax())]))].evidence()
                placed.evidence.setdefault(
                    f"category:{self.taxonomy.categories[int(scores.argmax())].name}", [evidence]
                )
        self._topics(passages, vectors, vector_passages, most_topics, placed)
        if known:
            weights = np.exp((scores - scores.max()) / TEMPERATURE)
            weights /= weights.sum()
            placed.shares = {c.name: float(w) for c, w in zip(self.taxonomy.categories, weights, strict=True)}
            best = int(weights.argmax())
            if weights[best] >= LIKELY:
                placed.category, placed.score = self.taxonomy.categories[best].name, float(weights[best])
        return placed

    def _topics(
        self,
        passages: Sequence[Passage],
        vectors: Vector | None,
        vector_passages: Sequence[Passage],
        most: int,
        placed: Placed,
    ) -> None:
        """The topics that the item is about, each with where that stands, best first."""
        speaks = vectors is not None and len(vectors) > 0
        found = about(self.taxonomy.topics, passages, vectors, self.prompts()[1] if speaks else None)
        by_meaning = found.piece is not None and found.words >= LEAST_WORDS and bool(vector_passages)
        for number in np.argsort(-found.total, kind="stable").tolist():
            if found.total[number] < NAMED or len(placed.topics) == most:
                break
            name = self.taxonomy.topics[number].name
            evidence = list(found.stands.get(number, ()))
            if not evidence and by_meaning and found.piece is not None:
                evidence = [vector_passages[int(found.piece[number])].evidence()]
            if evidence:
                placed.topics[name] = round(squash(float(found.total[number]), NAMED, 0.08), 4)
                placed.evidence[f"topic:{name}"] = evidence

    def topic_scores(self, passages: Sequence[Passage], vectors: Vector | None) -> npt.NDArray[np.float64]:
        """How much an item is about each topic of the taxonomy, shape (topics,): what `place` names topics by."""
        speaks = vectors is not None and len(vectors) > 0
        return about(self.taxonomy.topics, passages, vectors, self.prompts()[1] if speaks else None).total


def _category_vectors(categories: Sequence[Category], model: TextEmbedder) -> Vector:
    """One unit vector a category, shape (n, d): the mean of its prompt and its further prompts or its name."""
    texts = [[c.prompt, *(c.also or (c.name,))] for c in categories]
    flat = model.embed([t for listed in texts for t in listed])
    ends = np.cumsum([len(listed) for listed in texts])
    mean = np.stack([flat[end - len(listed) : end].mean(axis=0) for end, listed in zip(ends, texts, strict=True)])
    unit: Vector = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6)
    return unit


def _best_of(vectors: Vector, prompts: Vector) -> npt.NDArray[np.float64]:
    """Mean of the three best pieces' cosines to each prompt, the mean over all prompts taken out."""
    cosines = np.sort(vectors @ prompts.T, axis=0)[-3:].mean(axis=0)
    centred: npt.NDArray[np.float64] = (cosines - cosines.mean()).astype(np.float64)
    return centred


def _said(passages: Sequence[Passage], name: str, words: tuple[str, ...]) -> list[tuple[Evidence, float]]:
    """Tags and genres that are one of the words, each of weight 2."""
    every = frozenset(fold(w) for w in (name, *words))
    return [(p.evidence(), 2.0) for p in passages if p.source in ("tags", "genre", "genres") and fold(p.text) in every]


def squash(value: float, middle: float, width: float) -> float:
    """Logistic: .5 at `middle`, .73 one `width` above."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, (value - middle) / width))))
