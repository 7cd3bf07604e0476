"""A long text retold by a language model, piece by piece, and the pieces together again: map and reduce.

Takes sentences with their times and a way to ask the model; gives claims. No question is longer than the model's room. Of every
answer only sentences stay whose content words all stand in the sentences it was asked about; a piece of which nothing stays
speaks for itself, with the sentence that covers most of its words. Knows no model: asking may raise ModelError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from vitascope.base.content import Claim, ItemChapter
from vitascope.describe._chapters import content_of
from vitascope.describe._evidence import Passage, is_order, sentences
from vitascope.describe._language import words
from vitascope.describe._sayings import Saying, sayings
from vitascope.describe._summary import stems_of, supported
from vitascope.describe._tidy import tidy

Ask = Callable[[str], str]
MOST_ROUNDS = 6
LEAST_WORDS = 40
"""Less is not worth a question."""
LEAST = 0.8
"""Of what a chapter's own sentences tell, what the model's must."""


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
    best = max(group, key=lambda row: covers(row[0], text))
    return [best]


def covers(sentence: str, text: str) -> float:
    """How much of what a text says often stands in a sentence; length brings no more than its words do."""
    counts = Counter(content_of(text))
    here = set(content_of(sentence))
    return sum(counts[w] for w in here) / (5 + len(here)) if here else 0.0


def _where(sentence: str, sources: Sequence[Saying]) -> tuple[Saying, ...]:
    """The sentences that hold the words of a sentence, best first, three at most."""
    left = set(content_of(sentence))
    out: list[Saying] = []
    while left and len(out) < 3:
        best = max(sources, key=lambda s: len(left & set(content_of(s.text))))
        shared = left & set(content_of(best.text))
        if not shared:
            break
        left -= shared
        out.append(best)
    return tuple(out)


def retell(
    chapters: Sequence[ItemChapter], passages: Sequence[Passage], ask: Ask, room: int
) -> tuple[tuple[ItemChapter, ...], int]:
    """The chapters with what the model made of each, and in how many it stayed.

    Where the model's sentences tell less than `LEAST` of what the chapter's own do, its own stay.
    """
    said = sayings(passages)
    out, written = [], 0
    for chapter in chapters:
        inside = [s for s in said if chapter.span.start <= s.start < chapter.span.end]
        if sum(s.size for s in inside) >= LEAST_WORDS:
            text = " ".join(s.text for s in inside)
            told = retold(inside, ask, room)
            own = {s.text for s in inside}
            new = any(c.text not in own for c in told)
            if new and _tells(told, text) >= LEAST * _tells(chapter.claims, text):
                chapter = chapter.model_copy(update={"claims": told})
                written += 1
        out.append(chapter)
    return tuple(out), written


def _tells(claims: Sequence[Claim], text: str) -> float:
    return covers(" ".join(c.text for c in claims), text)
