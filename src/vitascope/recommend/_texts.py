"""Which words of an item's description carry its score, and which stretches of its media: LIME over both.

Takes an item's own words with their times, a text model, and how the score hangs on the item's text vector; gives
`Attribution` records. Of the score, the scorers "content" and "sequence" look at the text vector; each does so linearly (for one
person and item, the others held fixed), so that the score of another text is score + g . (its vector - the vector of all words).
What a scorer is brought to scale by (its largest magnitude over all items) is held fixed too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Description, TranscriptLine, VectorKind
from vitascope.base.histories import Histories
from vitascope.base.items import Item
from vitascope.base.ports.attribution import Attributor
from vitascope.base.reasons import Attribution, Reason
from vitascope.base.shelf import VECTOR_WEIGHTS, Shelf
from vitascope.base.time import Span
from vitascope.base.tokens import tokens
from vitascope.recommend import sequence
from vitascope.recommend._exact import ordered
from vitascope.recommend.scorers import Scores
from vitascope.recommend.scorers._content import recent_acts
from vitascope.recommend.scorers._sequence import Network

if TYPE_CHECKING:
    from vitascope.base.ports.models import TextEmbedder

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

WORDS, STRETCHES, PIECE = 60, 24, 10
"""Of a description, the first so many words; of its media, so many stretches at most; words of a piece at most."""
_TRIALS = 160
_KIND = VectorKind.TEXT.value
_WORD = re.compile(r"\S+")
_LETTER = re.compile(r"\w")


@dataclass(frozen=True)
class Passage:
    """Words of an item, and where in its media they are."""

    text: str
    span: Span | None


def words_of(item: Item, description: Description | None) -> str:
    """What is read of an item: its own text, else what was understood of it."""
    own = item.text()
    return own if len(own.split()) > 4 or description is None else f"{own}\n{description.summary}"


def stretches_of(description: Description | None) -> list[Passage]:
    """What is said and shown, joined to at most so many stretches, in order of time."""
    if description is None:
        return []
    size = min(PIECE, max(3, sum(len(line.words) for line in description.transcript) // 6))
    said = [pair for line in description.transcript if line.text.strip() for pair in _pieces(line, size)]
    said += [(line.span, line.text) for line in description.screen_text if line.text.strip()]
    said.sort(key=lambda pair: pair[0].start)
    size = max(1, -(-len(said) // STRETCHES))
    out = []
    for first in range(0, len(said), size):
        some = said[first : first + size]
        end = max(span.end for span, _ in some)
        out.append(Passage(" ".join(text for _, text in some)[:600], Span(start=some[0][0].start, end=end)))
    return out


def _pieces(line: TranscriptLine, size: int) -> list[tuple[Span, str]]:
    """An utterance, a long one in pieces of so many words, by the times of its words."""
    if len(line.words) <= 2 * size:
        return [(line.span, line.text)]
    some = [line.words[at : at + size] for at in range(0, len(line.words), size)]
    return [
        (Span(start=words[0].span.start, end=max(w.span.end for w in words)), " ".join(w.text.strip() for w in words))
        for words in some
    ]


def slope(
    history: Histories, scored: Scores, weights: dict[str, float], states: dict[str, object], row: int, shelf: Shelf
) -> Doubles | None:
    """g: how the blend of one person's item hangs on its text vector, shape (dimensions,); None: it does not."""
    matrix = shelf.vectors.get(_KIND)
    if matrix is None:
        return None
    g = np.zeros(matrix.shape[1])
    raw = scored.raw.get("content")
    if raw is not None and weights.get("content", 0) > 0 and (top := float(np.abs(raw[0]).max())) > 1e-9:
        acts = recent_acts(history, scored.crowd.recent)
        share, middle = 0.0, np.zeros(matrix.shape[1])
        for kind, vectors in shelf.vectors.items():
            mine = acts @ vectors[history.item]
            length = float(np.linalg.norm(mine))
            if length > 1e-6 and (kind == _KIND or np.abs(vectors[row]).any()):
                share += VECTOR_WEIGHTS.get(kind, 1.0)
                if kind == _KIND:
                    middle = np.asarray(mine / length, np.float64)
        if share > 0:
            g += weights["content"] / top * VECTOR_WEIGHTS[_KIND] / share * middle
    raw, state = scored.raw.get("sequence"), states.get("sequence")
    if raw is not None and isinstance(state, Network) and weights.get("sequence", 0) > 0:
        top = float(np.abs(raw[0]).max())
        projection = state.weights.projections.get(_KIND)
        if top > 1e-9 and projection is not None and len(projection) == len(g):
            data = tokens(history, state.weights.length)
            if len(data.item):
                now = sequence.states(state.weights, state.items, data)[0]
                g += weights["sequence"] / top * (projection @ now)
    return g if np.abs(g).max() > 1e-9 else None


def by_words(
    text: str, g: Doubles, score: float, embedder: TextEmbedder, attributor: Attributor, seed: int
) -> Attribution | None:
    """Each word's share; a word that comes twice is one part. None where there are fewer than three."""
    names, every, part = parts_of(text)
    if len(names) < 3:
        return None
    told = scorer_of(every, part, g, embedder)
    whole = float(told(np.ones((1, len(names)), np.bool_))[0])
    amounts, fit = attributor.lime(lambda masks: score + told(masks) - whole, len(names), _TRIALS, seed)
    reasons = [Reason(kind="word", name=name, amount=float(a)) for name, a in zip(names, amounts, strict=True)]
    return Attribution(method="words", of="score", score=score, exact=False, reasons=ordered(reasons), fit=fit)


def parts_of(text: str) -> tuple[list[str], list[str], dict[int, int]]:
    """The different words of a text, all its words in order, and of which word each place is: place -> number."""
    every = _WORD.findall(text)[:WORDS]
    names: dict[str, int] = {}
    part: dict[int, int] = {}
    for at, word in enumerate(every):
        plain = re.sub(r"^\W+|\W+$", "", word).casefold()
        if _LETTER.search(plain):
            part[at] = names.setdefault(plain, len(names))
    return list(names), every, part


def scorer_of(
    every: Sequence[str], part: Mapping[int, int], g: Doubles, embedder: TextEmbedder
) -> Callable[[Mask], Doubles]:
    """What a text says of which only some words are there; it is read anew."""

    def told(masks: Mask) -> Doubles:
        texts = [
            " ".join(word for at, word in enumerate(every) if at not in part or there[part[at]]) for there in masks
        ]
        return np.asarray(np.asarray(embedder.embed(texts), np.float64) @ g, np.float64)

    return told


def by_stretches(
    passages: Sequence[Passage], g: Doubles, score: float, embedder: TextEmbedder, attributor: Attributor, seed: int
) -> Attribution | None:
    """Each stretch's share of the mean of their vectors. None where there are fewer than three."""
    if len(passages) < 3:
        return None
    vectors = np.asarray(embedder.embed([passage.text for passage in passages]), np.float64)
    told = pooled(vectors, g)
    whole = float(told(np.ones((1, len(passages)), np.bool_))[0])
    amounts, fit = attributor.lime(lambda masks: score + told(masks) - whole, len(passages), _TRIALS, seed)
    reasons = [
        Reason(kind="segment", name=passage.text[:80], amount=float(amount), span=passage.span)
        for passage, amount in zip(passages, amounts, strict=True)
    ]
    return Attribution(method="segments", of="score", score=score, exact=False, reasons=ordered(reasons), fit=fit)


def pooled(vectors: Doubles, g: Doubles) -> Callable[[Mask], Doubles]:
    """What the vector of those passages that are there, their mean at unit length, says."""

    def told(masks: Mask) -> Doubles:
        mean = masks.astype(np.float64) @ vectors
        length = np.linalg.norm(mean, axis=1)
        return np.asarray(np.divide(mean @ g, length, out=np.zeros(len(masks)), where=length > 1e-9), np.float64)

    return told
