"""Which category an item belongs to and which topics it is about.

Takes passages, priors from the signals, and a text model (English) if there is one. The language model has no say here:
measured on talks, comparing with prompts was right for .78, the small language model for .23 (docs/decisions.md).
Without the text model, or outside its languages, words and priors decide alone.
"""

from __future__ import annotations

import math
import re
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

Vector = npt.NDArray[np.float32]

TEMPERATURE = 0.09
"""Of the softmax over category scores."""
LIKELY = 0.2
"""A category less likely than this is not named at all (22 categories: chance is .045)."""
TOPIC_COSINE, TOPIC_ABOVE = 0.24, 0.16
"""A topic is named from meaning alone where its cosine, and its distance to the mean of all topics, reach these."""


class Category(Record):
    """One category of the taxonomy."""

    name: str
    prompt: str
    words: tuple[str, ...] = ()
    iab: str | None = None
    podcast: str | None = None


class Topic(Record):
    """One topic of the taxonomy."""

    name: str
    words: tuple[str, ...] = ()


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
            both = [c.prompt for c in self.taxonomy.categories]
            both += [f"This talk is about {t.name}." for t in self.taxonomy.topics]
            vectors = self._model.embed(both)
            count = len(self.taxonomy.categories)
            self._prompts = vectors[:count], vectors[count:]
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
            said = _said(passages, category.name, category.words)
            if said:
                known = True
                scores[index] += min(0.5, 0.22 + 0.1 * sum(weight for _, weight in said))
                placed.evidence[f"category:{category.name}"] = [e for e, _ in said[:3]]
        if vectors is not None and len(vectors):
            known = True
            categories, topics = self.prompts()
            scores = scores + _best_of(vectors, categories)
            self._topics_by_meaning(vectors, topics, vector_passages, placed)
            if vector_passages:
                evidence = vector_passages[int(np.argmax(vectors @ categories[int(scores.argmax())]))].evidence()
                placed.evidence.setdefault(
                    f"category:{self.taxonomy.categories[int(scores.argmax())].name}", [evidence]
                )
        for topic in self.taxonomy.topics:
            said = _said(passages, topic.name, topic.words, everywhere=True)
            if said:
                placed.topics[topic.name] = min(
                    1.0, 0.5 + 0.15 * sum(w for _, w in said) + placed.topics.get(topic.name, 0) / 2
                )
                placed.evidence[f"topic:{topic.name}"] = [e for e, _ in said[:3]]
        placed.topics = dict(sorted(placed.topics.items(), key=lambda t: (-t[1], t[0]))[:most_topics])
        if known:
            weights = np.exp((scores - scores.max()) / TEMPERATURE)
            weights /= weights.sum()
            placed.shares = {c.name: float(w) for c, w in zip(self.taxonomy.categories, weights, strict=True)}
            best = int(weights.argmax())
            if weights[best] >= LIKELY:
                placed.category, placed.score = self.taxonomy.categories[best].name, float(weights[best])
        return placed

    def _topics_by_meaning(self, vectors: Vector, topics: Vector, passages: Sequence[Passage], placed: Placed) -> None:
        if not len(topics):
            return
        cosines = vectors @ topics.T
        best = np.sort(cosines, axis=0)[-3:].mean(axis=0)
        above = best - best.mean()
        for index in np.argsort(-best)[:3]:
            if best[index] >= TOPIC_COSINE and above[index] >= TOPIC_ABOVE:
                name = self.taxonomy.topics[int(index)].name
                placed.topics[name] = float(min(1.0, 0.3 + best[index]))
                if passages:
                    placed.evidence[f"topic:{name}"] = [passages[int(cosines[:, index].argmax())].evidence()]


def _best_of(vectors: Vector, prompts: Vector) -> npt.NDArray[np.float64]:
    """Mean of the three best pieces' cosines to each prompt, the mean over all prompts taken out."""
    cosines = np.sort(vectors @ prompts.T, axis=0)[-3:].mean(axis=0)
    centred: npt.NDArray[np.float64] = (cosines - cosines.mean()).astype(np.float64)
    return centred


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    inner = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)", re.IGNORECASE)


def _said(
    passages: Sequence[Passage], name: str, words: tuple[str, ...], everywhere: bool = False
) -> list[tuple[Evidence, float]]:
    """Where the words stand: in tags and genres (weight 2); with `everywhere` also in other texts (1).

    A word said in passing is no topic: in speech, on the screen or in a picture's label it counts from the third time on.
    """
    found: list[tuple[Evidence, float]] = []
    every = frozenset(fold(w) for w in (name, *words))
    pattern = _pattern((name, *words))
    for passage in passages:
        if passage.source in ("tags", "genre", "genres"):
            if fold(passage.text) in every:
                found.append((passage.evidence(), 2.0))
        elif everywhere and passage.source not in ("creator",):
            match = pattern.search(passage.text)
            if match:
                passing = passage.source in ("transcript", "screen_text", "scene")
                found.append((passage.evidence(match.group()), 0.34 if passing else 1.0))
    found.sort(key=lambda f: -f[1])
    return found if sum(weight for _, weight in found) >= 1 else []


def squash(value: float, middle: float, width: float) -> float:
    """Logistic: .5 at `middle`, .73 one `width` above."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, (value - middle) / width))))
