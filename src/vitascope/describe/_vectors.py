"""Vectors of an item's text: by meaning where the text model speaks its language, by characters everywhere.

Character n-grams (3 to 5 in words of spaced scripts, 1 to 3 characters of Chinese, Japanese and Korean) are hashed into
512 signed places (feature hashing: Weinberger et al., 2009), damped, unit length. They compare spelling, not meaning: the
named fallback for languages the text model does not speak.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vitascope.describe._evidence import Passage
from vitascope.describe._language import CJK, fold, stopwords, words

CHARS_MODEL = "chars-512/1"
PLACES = 512
PIECE = 150
"""Words of one piece of a long text; the model reads at most 256 tokens."""
MOST_PIECES = 16

Vector = npt.NDArray[np.float32]


def chars_vector(text: str, language: str | None = None) -> Vector | None:
    """Hashed character n-grams of a text; None for a text without letters."""
    counts: Counter[str] = Counter()
    stop = stopwords(language)
    for word in words(fold(text[:20_000])):
        if CJK.search(word):
            for size, weight in ((1, 1), (2, 2), (3, 1)):
                for i in range(len(word) - size + 1):
                    counts[word[i : i + size]] += weight
        elif word not in stop:
            marked = f"<{word}>"
            counts[marked] += 2
            for size in (3, 4, 5):
                for i in range(len(marked) - size + 1):
                    counts[marked[i : i + size]] += 1
    if not counts:
        return None
    out = np.zeros(PLACES, dtype=np.float32)
    for gram, count in counts.items():
        digest = zlib.crc32(gram.encode())
        out[digest % PLACES] += (1 if digest & 0x10000 else -1) * (1 + math.log(count))
    length = float(np.linalg.norm(out))
    return out / np.float32(length) if length > 1e-6 else None


def own_text(passages: Sequence[Passage]) -> str:
    """What the owner says of the item, as one text: title. description. tags. other fields."""
    fields = [p for p in passages if p.span is None and p.source not in ("tags", "creator", "chapter", "scene")]
    tags = ", ".join(p.text for p in passages if p.source == "tags")
    return ". ".join([*(p.text.rstrip(".") for p in fields), *([tags] if tags else [])])


def pieces(passages: Sequence[Passage]) -> list[tuple[str, Passage]]:
    """Texts to embed, bounded: the owner's text first, then what is said and shown in pieces of about 150 words."""
    out: list[tuple[str, Passage]] = []
    owned = [p for p in passages if p.span is None and p.source not in ("creator", "scene")]
    if owned and (text := own_text(owned)):
        out.append((text[:2_000], owned[0]))
    spoken = [p for p in passages if p.source in ("transcript", "screen_text", "chapter")]
    buffer: list[str] = []
    first: Passage | None = None
    made: list[tuple[str, Passage]] = []
    count = 0
    for passage in spoken:
        first = first or passage
        buffer.append(passage.text)
        count += len(passage.text.split())
        if count >= PIECE:
            made.append((" ".join(buffer)[:2_000], first))
            buffer, first, count = [], None, 0
    if buffer and first:
        made.append((" ".join(buffer)[:2_000], first))
    if len(made) > MOST_PIECES:
        made = [made[i] for i in np.unique(np.linspace(0, len(made) - 1, MOST_PIECES).round().astype(int))]
    return out + made


def text_vector(vectors: Vector, has_own: bool) -> Vector | None:
    """One vector: half the owner's text, half the mean of what is said; either alone where the other is missing."""
    if not len(vectors):
        return None
    vector = 0.5 * vectors[0] + 0.5 * vectors[1:].mean(axis=0) if has_own and len(vectors) > 1 else vectors.mean(axis=0)
    length = float(np.linalg.norm(vector))
    return (vector / length).astype(np.float32) if length > 1e-6 else None
