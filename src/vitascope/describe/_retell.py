"""A long text retold by a language model, piece by piece, and the pieces together again: map and reduce.

Takes sentences with their times and a way to ask the model; gives claims. No question is longer than the model's room. Of every
answer only sentences stay whose content words all stand in the sentences it was asked about; a piece of which nothing stays
speaks for itself, with the sentence that covers most of its words. Knows no model: asking may raise ModelError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from vitascope.base.content import Claim
from vitascope.describe._evidence import is_order, sentences
from vitascope.describe._language import stopwords, words
from vitascope.describe._sayings import Saying
from vitascope.describe._summary import supported
from vitascope.describe._tidy import tidy
from vitascope.describe._words import stem

Ask = Callable[[str], str]
MOST_ROUNDS = 6


def retold(said: Sequence[Saying], ask: Ask, room: int, most: int = 2) -> tuple[Claim, ...]:
    """At most `most` sentences on what is said, in the model's words where they can be checked.

    Args:
        ask: a text to what the model makes of it; raises ModelError.
        room: characters of text in one question.
    """
    fit = [s for s in said if not is_order(s.text)]
    if not fit:
        return ()
    rounds: list[tuple[str, tuple[Saying, ...]]] = [(s.text, (s,)) for s in fit]
    for _ in range(MOST_ROUNDS):
        groups = _groups(rounds, room)
        made = [_one(group, ask, room) for group in groups]
        rounds = [sentence for piece in made for sentence in piece]
        if len(groups) == 1:
            break
    return tuple(Claim(text=text, evidence=tuple(s.evidence() for s in of[:3])) for text, of in rounds[:most])


def _groups(rows: Sequence[tuple[str, tuple[Saying, ...]]], room: int) -> list[list[tuple[str, tuple[Saying, ...]]]]:
    """Neighbours that fit into one question; each group but the last has at least two where two fit."""
    out: list[list[tuple[str, tuple[Saying, ...]]]] = [[]]
    size = 0
    for row in rows:
        length = min(len(row[0]), room) + 1
        if out[-1] and size + length > room:
            out.append([])
            size = 0
        out[-1].append(row)
        size += length
    return out


def _one(group: Sequence[tuple[str, tuple[Saying, ...]]], ask: Ask, room: int) -> list[tuple[str, tuple[Saying, ...]]]:
    text = " ".join(t for t, _ in group)[:room]
    sources = list(dict.fromkeys(s for _, of in group for s in of))
    evidence = stems_of(" ".join(s.text for s in sources))
    kept: list[tuple[str, tuple[Saying, ...]]] = []
    for sentence in sentences(tidy(ask(text), 1_200)):
        whole = sentence.rstrip("\"'”’) ").endswith((".", "!", "?"))
        if whole and len(words(sentence)) >= 4 and not is_order(sentence) and supported(sentence, evidence):
            of = _where(sentence, sources)
            if of and all(sentence != t for t, _ in kept):
                kept.append((sentence, of))
    if kept:
        return kept[:2]
    best = max(group, key=lambda row: _covers(row[0], text))
    return [best]


def stems_of(text: str) -> frozenset[str]:
    """Words of a text as they stand and as stems."""
    return frozenset(e for w in words(text) for e in (w.casefold(), stem(w.casefold())))


def _content(text: str) -> list[str]:
    return [stem(w.casefold()) for w in words(text) if w.casefold() not in stopwords("en") and len(w) > 2]


def _covers(sentence: str, text: str) -> float:
    """How much of what a text says often stands in a sentence; length brings no more than its words do."""
    counts = Counter(_content(text))
    here = set(_content(sentence))
    return sum(counts[w] for w in here) / (5 + len(here)) if here else 0.0


def _where(sentence: str, sources: Sequence[Saying]) -> tuple[Saying, ...]:
    """The sentences that hold the words of a sentence, best first, three at most."""
    left = set(_content(sentence))
    out: list[Saying] = []
    while left and len(out) < 3:
        best = max(sources, key=lambda s: len(left & set(_content(s.text))))
        shared = left & set(_content(best.text))
        if not shared:
            break
        left -= shared
        out.append(best)
    return tuple(out)
