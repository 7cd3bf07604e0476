"""How much an item is about each topic: the words that stand in its texts and the meaning of its pieces, in one score.

Takes topics (names and words), passages and unit vectors of pieces; gives one score a topic and where it can be checked.
Meaning is the cosine of the pieces to two texts of each topic, half of it the mean of the three best pieces and half the
mean of all, less the mean over all topics (so that a piece which is near to everything speaks for nothing). Words are
counted with the saturation of BM25 (Robertson et al., 1994), each worth as much as it is rare in speech. The weights
were chosen on one half of the talks of benchmarks/describe_text.py and judged on the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Evidence
from vitascope.base.ports.models import TextEmbedder
from vitascope.base.records import Record
from vitascope.describe._evidence import Passage
from vitascope.describe._language import fold, words
from vitascope.describe._words import rarity, stem

Vector = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

WORDS_WEIGHT = 0.1
"""What words alone can add at most, roughly, on the scale of cosines."""
BESIDE = 0.25
"""What a word beside the topic's name counts, of the name itself."""
SATURATION, USUAL_LENGTH = 3.0, 2_000
"""A word said this often in a text of this many words has half its weight."""
NAMED = 0.16
"""A topic is named from this score on: on tagged talks .46 of the topics so named are tags of the talk, four a talk."""
LEAST_WORDS = 100
"""A text shorter than most of a piece is near to many topics by chance: of it only those are named whose words it says."""
OUTRIGHT = 0.25
"""What it adds that a tag, a title or a description says the topic's name outright."""
FIELDS = {"tags": 3, "genre": 3, "genres": 3, "title": 3, "description": 2}
_ADVERBS = frozenset(
    "ill well self half all far long short hard soft high low deep wide full fast slow ever over under best better so non"
    " anti pre post re co semi quasi mid out off up down on in by cross counter ex inter multi sub super ultra un".split()
)
"""What stands in front of a hyphen without being what is talked about."""
_IDLE = frozenset("and of the to in a an for on with".split())


class Topic(Record):
    """One topic of the taxonomy."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class About:
    """Scores of all topics for one item, in the topics' order."""

    total: Scores
    piece: npt.NDArray[np.int64] | None
    """Which piece is nearest to each topic."""
    stands: dict[int, list[Evidence]]
    """Topic -> where its words stand."""
    outright: frozenset[int]
    """Topics that a tag, a title or a description names; without a text model also those said three times and more."""
    words: int
    """How many words its texts have."""


def texts_of(topic: Topic) -> list[str]:
    """What the text model reads for a topic."""
    listed = f"{topic.name}: {', '.join(topic.words)}" if topic.words else topic.name
    return [f"This talk is about {topic.name}.", listed]


def topic_vectors(topics: Sequence[Topic], model: TextEmbedder) -> Vector:
    """One unit vector a topic, shape (n, d). Raises ModelError."""
    both = model.embed([t for topic in topics for t in texts_of(topic)])
    if not len(topics):
        return both
    mean = both.reshape(len(topics), 2, -1).mean(axis=1)
    lengths = np.linalg.norm(mean, axis=1, keepdims=True)
    unit: Vector = np.divide(mean, lengths, out=np.zeros_like(mean), where=lengths > 0)
    return unit


def by_meaning(pieces: Vector, topics: Vector) -> Scores:
    """Cosines of an item's pieces (n, d) to topics (t, d) as one score a topic, their mean taken out; shape (t,)."""
    cosines = (pieces @ topics.T).astype(np.float64)
    best = np.sort(cosines, axis=0)[-3:].mean(axis=0)
    both: Scores = (best + cosines.mean(axis=0)) / 2
    both -= both.mean()
    return both


def about(
    topics: Sequence[Topic],
    passages: Sequence[Passage],
    pieces: Vector | None = None,
    vectors: Vector | None = None,
) -> About:
    """How much an item is about each topic.

    Args:
        passages: its texts.
        pieces: unit vectors of pieces of its text, shape (n, d); None where no text model speaks.
        vectors: of the topics, from `topic_vectors`.
    """
    counts, places, total = _count(passages)
    scores = np.zeros(len(topics))
    stands: dict[int, list[Evidence]] = {}
    outright: set[int] = set()
    speaks = pieces is not None and vectors is not None and len(pieces) > 0 and len(topics) > 0
    room = SATURATION * (0.25 + 0.75 * total / USUAL_LENGTH)
    for number, topic in enumerate(topics):
        own, beside = _stems_of(topic)
        found = 0.0
        for part in own:
            found += rarity(part) * counts[part] / (counts[part] + room) / len(own) if counts[part] else 0.0
        for parts in beside:
            said = min(counts[p] for p in parts)
            if said:
                found += BESIDE * max(rarity(p) for p in parts) * said / (said + room)
        if not found:
            continue
        scores[number] = WORDS_WEIGHT * found
        evidence, named, spoken = _where(topic, own, beside, places)
        if evidence:
            stands[number] = evidence
        if named or (spoken >= 3 and not speaks):
            scores[number] += OUTRIGHT
            outright.add(number)
    nearest = None
    if speaks and pieces is not None and vectors is not None:
        scores = scores + by_meaning(pieces, vectors)
        nearest = (pieces @ vectors.T).argmax(axis=0)
    return About(scores, nearest, stands, frozenset(outright), total)


def _count(passages: Sequence[Passage]) -> tuple[Counter[str], dict[str, list[Passage]], int]:
    """Stems with how often they stand (fields count more), where, and how many words there are."""
    counts: Counter[str] = Counter()
    places: dict[str, list[Passage]] = {}
    total = 0
    for passage in passages:
        if passage.source in ("creator", "scene"):
            continue
        weight = FIELDS.get(passage.source, 1)
        for word in words(passage.text[:8_000]):
            total += 1
            for stemmed in _parts(word):
                counts[stemmed] += weight
                here = places.setdefault(stemmed, [])
                if len(here) < 200 and (not here or here[-1] is not passage):
                    here.append(passage)
    return counts, places, total


@cache
def _parts(word: str) -> tuple[str, ...]:
    """Stems of a word; a hyphenated one counts in its parts, one with an adverb in front as a whole and in its other parts.

    Nobody ill-disposed is ill, and well-being is no kind of well.
    """
    parts = [p for p in re.split(r"[-'’]", fold(word)) if len(p) > 1]
    if len(parts) > 1 and "-" in word and parts[0] in _ADVERBS:
        parts = ["".join(parts), *parts[1:]]
    return tuple(stem(p) for p in parts)


@cache
def _naming(word: str) -> tuple[str, ...]:
    """Stems that must all stand for a word of a topic to stand: a compound with an adverb in front is one."""
    stems = _parts(word)
    return stems[:1] if "-" in word and fold(word).split("-")[0] in _ADVERBS else stems


@cache
def _stems_of(topic: Topic) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Stems of the name, and of each word beside it."""

    def of(text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(s for w in words(text) for s in _naming(w) if s not in _IDLE))

    return of(topic.name), tuple(parts for w in topic.words if (parts := of(w)))


def _where(
    topic: Topic, own: tuple[str, ...], beside: tuple[tuple[str, ...], ...], places: dict[str, list[Passage]]
) -> tuple[list[Evidence], bool, int]:
    """Passages where a topic's words stand together, fields first; whether a field names it; how often its name is said."""
    every = frozenset(fold(w) for w in (topic.name, *topic.words))
    found: list[tuple[int, Evidence]] = []
    named, spoken = False, 0
    for parts in (own, *beside) if own else beside:
        here = [p for p in places.get(parts[0], ()) if all(any(p is q for q in places.get(x, ())) for x in parts[1:])]
        for passage in here[:6]:
            weight = FIELDS.get(passage.source, 1)
            if passage.source in ("tags", "genre", "genres"):
                named |= fold(passage.text) in every
            elif weight > 1 or passage.source not in ("transcript", "screen_text"):
                named |= parts is own
            else:
                spoken += parts is own
            form = next((w for w in words(passage.text) if parts[0] in _parts(w)), None)
            found.append((weight, passage.evidence(form)))
    found.sort(key=lambda f: -f[0])
    return [e for _, e in found[:3]], named, spoken
