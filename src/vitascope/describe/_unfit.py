"""Unfit texts in English and Chinese: how sure it is that a text is hate, harassment, self-harm, sexual, violence, drugs.

Takes passages and, for English, a text model; gives findings with reason, score, place and quote. Six logistic models a
language read words and kinds of words; in English six more read the meaning (MiniLM) of what the first did not find
harmless, and the two are averaged on the scale of log-odds. Weights come from data/unfit_{en,zh}.json, trained by
benchmarks/describe/moderation_train.py on texts written for it. A score of .5 is the line that the default policy draws.

A long text has many sentences, and some of them look unfit by chance: the line rises with the logarithm of their number.
It understands no irony, no pictures of words, and no other language: there the caller has only its word list.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Finding
from vitascope.base.errors import ModelError
from vitascope.base.moderation import TEXT_REASONS
from vitascope.base.time import Span
from vitascope.describe._evidence import Passage, excerpt, sentences
from vitascope.describe._language import HAN, speaks_english, written_language
from vitascope.describe._unfit_words import Kinds, chinese, english, kinds_of, tokens

Floats = npt.NDArray[np.float64]
Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

HARMLESS = 0.12
"""A piece whose words are less suspicious than this is not read for its meaning: on the development texts one unfit text
in a hundred is lost by it, and of plain speech 15 sentences in a hundred remain."""
MEANING_SCALE = 4.0
"""Unit vectors times this are as long as the features of words."""
USUAL, RISES = 20, 0.7
"""Sentences of a text from which on the line rises, and by how much of the natural logarithm of their number."""
LONGEST, MOST_LINES = 40, 3
"""Words and sentences of a piece at most, where several are read together."""
LONGEST_ZH = 60
"""The same in characters; a longer run without a full stop, as recognition gives it, is cut at commas and gaps."""
_APART = 3
"""Seconds between two lines of speech that are still read together."""
_GAP = re.compile(r"(?<=[，,、；;])|\s+")
_SKIPPED = frozenset({"scene", "creator"})


@cache
def version() -> str:
    """Name of what finds unfit texts: descriptions made by another are made anew."""
    data = resources.files("vitascope.describe")
    names = ("data/unfit_en.json", "data/unfit_zh.json", "data/moderation.toml")
    digest = hashlib.sha256(b"\0".join(data.joinpath(name).read_bytes() for name in names)).hexdigest()
    return f"unfit/1:{digest[:12]}"


@dataclass(frozen=True)
class Weights:
    """One language's models; a row a reason, in the order of TEXT_REASONS."""

    language: str
    kinds: Kinds
    words: Mapping[str, Floats]
    """Feature -> (6,)."""
    bias: Floats
    shift: float
    """Added to the log-odds, so that .5 is the chosen line."""
    meaning: Floats | None
    """(6, d + 1), the last column the bias."""

    def by_words(self, text: str) -> Floats:
        """Log-odds by words alone, (6,)."""
        features = (english if self.language == "en" else chinese)(text, self.kinds)
        known = [w for f in features if (w := self.words.get(f)) is not None]
        if not known:
            return self.bias
        made: Floats = np.sum(known, axis=0) * (2.0 / math.sqrt(len(known) + 2)) + self.bias
        return made


@cache
def weights(language: str) -> Weights:
    """The shipped models of a language ("en" or "zh")."""
    text = resources.files("vitascope.describe").joinpath(f"data/unfit_{language}.json").read_text(encoding="utf-8")
    told = json.loads(text)
    meaning = None
    if told.get("meaning"):
        flat = np.frombuffer(base64.b64decode(told["meaning"]), dtype="<f2").astype(np.float64)
        meaning = flat.reshape(len(TEXT_REASONS), -1)
    return Weights(
        language=language,
        kinds=kinds_of(told["kinds"], language),
        words={name: np.array(row, np.float64) / 1_000 for name, row in told["words"].items()},
        bias=np.array(told["bias"], np.float64),
        shift=float(told["shift"]),
        meaning=meaning,
    )


@dataclass(frozen=True)
class Piece:
    """A sentence, or a few that follow one another."""

    text: str
    passage: Passage
    span: Span | None
    language: str
    sentences: int = 1


def reads(text: str, language: str | None) -> str | None:
    """Which of its languages a text is in; None for others and for what has too few words to say anything."""
    written = written_language(text)
    if written == "zh":
        return "zh" if sum(map(len, HAN.findall(text))) >= 3 else None
    if written in (None, "en") and speaks_english(text, written or language):
        return "en" if len(tokens(text)) >= 2 else None
    return None


def pieces(passages: Sequence[Passage], language: str | None) -> Iterator[Piece]:
    """Sentences of the passages and up to `MOST_LINES` in a row: who speaks, and who cuts subtitles, stops anywhere."""
    row: list[Piece] = []
    for passage in passages:
        if passage.source in _SKIPPED:
            continue
        for sentence in _short(sentences(passage.text)):
            lang = reads(sentence, language)
            if lang is None:
                row = []
                continue
            now = Piece(sentence, passage, passage.span, lang)
            if row and not _follows(row[-1], now):
                row = []
            row = [*row[-(MOST_LINES - 1) :], now]
            joined = now
            yield now
            for before in reversed(row[:-1]):
                space = "" if lang == "zh" else " "
                span = Span(start=before.span.start, end=now.span.end) if before.span and now.span else now.span
                text = f"{before.text}{space}{joined.text}"
                if len(text) > (LONGEST_ZH if lang == "zh" else 6 * LONGEST) or len(tokens(text)) > LONGEST:
                    break
                joined = Piece(text, before.passage, span, lang, joined.sentences + 1)
                yield joined


def _short(said: Sequence[str]) -> Iterator[str]:
    """Sentences, a long run of Chinese in parts."""
    for sentence in said:
        if len(sentence) <= LONGEST_ZH or not HAN.search(sentence):
            yield sentence
            continue
        part = ""
        for bit in _GAP.split(sentence):
            if part and len(part) + len(bit) > LONGEST_ZH:
                yield part
                part = ""
            part += bit
        if part:
            yield part


def _follows(a: Piece, b: Piece) -> bool:
    """Whether b goes on where a stopped: in the same text, or soon after it."""
    if a.language != b.language or a.passage.source != b.passage.source:
        return False
    if a.passage is b.passage:
        return True
    return a.span is not None and b.span is not None and -1 <= float(b.span.start - a.span.end) <= _APART


def scores(texts: Sequence[str], language: str, embed: Embed | None) -> Floats:
    """How sure it is of each reason, (n, 6), each by itself. Raises nothing: without the text model words alone speak."""
    made = weights(language)
    if not texts:
        return np.zeros((0, len(TEXT_REASONS)))
    odds = np.stack([made.by_words(t) for t in texts])
    if embed is not None and made.meaning is not None:
        doubted = np.flatnonzero(_sure(odds).max(axis=1) >= HARMLESS)
        try:
            if len(doubted):
                vectors = embed([texts[i] for i in doubted.tolist()]).astype(np.float64) * MEANING_SCALE
                odds[doubted] = (odds[doubted] + vectors @ made.meaning[:, :-1].T + made.meaning[:, -1]) / 2
        except ModelError:
            pass
    return odds + made.shift


def _sure(odds: Floats) -> Floats:
    made: Floats = 1 / (1 + np.exp(-odds))
    return made


def unfit(passages: Sequence[Passage], language: str | None, embed: Embed | None, least: float) -> Iterator[Finding]:
    """Findings of at least `least`; of those that overlap, the surest."""
    all_pieces = list(pieces(passages, language))
    for code in ("en", "zh"):
        mine = [p for p in all_pieces if p.language == code]
        if not mine:
            continue
        single = [p for p in mine if p.sentences == 1]
        spoken = sum(p.span is not None for p in single)
        stated = len(single) - spoken
        odds = scores([p.text for p in mine], code, embed)
        raised = np.array([RISES * math.log(max(1.0, (spoken if p.span else stated) / USUAL)) for p in mine])
        sure = _sure(odds - raised[:, None])
        for reason, column in zip(TEXT_REASONS, sure.T, strict=True):
            kept: list[Piece] = []
            for i in np.lexsort((np.arange(len(mine)), -column)).tolist():
                if column[i] < least:
                    break
                found = mine[i]
                if any(_same_place(found, other) for other in kept):
                    continue
                kept.append(found)
                yield Finding(
                    reason=reason,
                    score=round(float(column[i]), 4),
                    source=found.passage.source,
                    span=found.span,
                    quote=excerpt(found.text),
                )


def _same_place(a: Piece, b: Piece) -> bool:
    if a.passage.source != b.passage.source:
        return False
    if a.span is None or b.span is None:
        return a.passage is b.passage
    return a.span.start <= b.span.end and b.span.start <= a.span.end
