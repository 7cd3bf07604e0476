"""Texts as rows of weighted words: TF-IDF over single words and pairs, unit length.

Takes texts, gives a sparse matrix. Knows no language: words are runs of letters and digits; Chinese, Japanese and Korean,
which put no spaces, count by the character, so that pairs of characters stand for their words.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\W_぀-ヿ㐀-鿿가-힯]+")
_MOST_CHARACTERS = 20_000
_COMMON = 0.5
"""A word that more of the texts have tells nothing apart."""


def tokens(text: str) -> list[str]:
    """The words of a text, in order."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).casefold())


def tfidf(texts: Sequence[str]) -> Any:
    """Sparse (n, words), rows of unit length or zero: (1 + log count) (1 + log((n + 1) / (texts with it + 1))).

    Words and pairs of neighbouring words that at least two texts have, and at most half of them.
    """
    from scipy import sparse

    counts: list[Counter[str]] = []
    spread: Counter[str] = Counter()
    for text in texts:
        words = tokens(text)
        mine = Counter(words)
        mine.update(f"{a} {b}" for a, b in pairwise(words))
        counts.append(mine)
        spread.update(mine.keys())
    n = len(texts)
    kept = sorted(word for word, many in spread.items() if 2 <= many <= max(_COMMON * n, 2))
    place = {word: i for i, word in enumerate(kept)}
    rare = [math.log((n + 1) / (spread[word] + 1)) + 1 for word in kept]
    start, column, value = [0], [], []
    for mine in counts:
        for word, many in mine.items():
            at = place.get(word)
            if at is not None:
                column.append(at)
                value.append((1 + math.log(many)) * rare[at])
        start.append(len(column))
    made = sparse.csr_matrix(
        (np.array(value, np.float32), np.array(column, np.int64), np.array(start, np.int64)), shape=(n, len(kept))
    )
    made.sort_indices()
    return unit(made)


def unit(matrix: Any) -> Any:
    """Rows of a sparse matrix at length 1; empty rows stay."""
    from scipy import sparse

    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1), np.float64).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return (sparse.diags(scale.astype(np.float32)) @ matrix).tocsr()
