"""How common a word is, and where Chinese words end: from two shipped lists (scripts/word_lists.py makes them).

Takes words and texts; knows no item. English is looked up by stem in the order of spoken frequency; Chinese is cut into
words by the likeliest path through the list (a unigram model, as jieba does without its hidden Markov part).
"""

from __future__ import annotations

import math
from functools import cache
from importlib import resources
from typing import Any

_UNSEEN_RANK = 14_000
_LONGEST = 8
_SINGLE = 90
"""Cost of a single character (10 x -ln): dearer than a common word, cheaper than two words that are made up."""


def _lines(name: str) -> list[str]:
    text = resources.files("vitascope.describe").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _ranks() -> dict[str, int]:
    return {stem: rank for rank, stem in enumerate(_lines("words_en.txt"), 1)}


@cache
def stem(word: str) -> str:
    """English stem (Snowball) of a lower-case word."""
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def rarity(stemmed: str) -> float:
    """How rare an English stem is in speech: 0.07 for the commonest, 1 for one that is not in the list."""
    return math.log1p(_ranks().get(stemmed, _UNSEEN_RANK)) / math.log1p(_UNSEEN_RANK)


@cache
def _chinese() -> dict[str, tuple[int, str]]:
    rows = (line.split(" ") for line in _lines("words_zh.txt"))
    return {word: (int(cost), kind) for word, cost, kind in rows}


def chinese_rarity(word: str) -> float:
    """How rare a Chinese word is: about .4 for the commonest, 1 for one that is not in the list."""
    return _chinese().get(word, (140, "x"))[0] / 140


def segment(run: str) -> list[tuple[int, int, str]]:
    """Words of a run of Chinese characters: (start, end, part of speech); "x" for single characters and unknown words."""
    known = _chinese()
    best: list[tuple[float, int, str]] = [(0.0, 0, "")]
    for end in range(1, len(run) + 1):
        choice = (best[end - 1][0] + _SINGLE, end - 1, "x")
        for start in range(max(0, end - _LONGEST), end - 1):
            found = known.get(run[start:end])
            if found and best[start][0] + found[0] < choice[0]:
                choice = (best[start][0] + found[0], start, found[1])
        best.append(choice)
    out: list[tuple[int, int, str]] = []
    end = len(run)
    while end:
        _, start, kind = best[end]
        out.append((start, end, kind))
        end = start
    return out[::-1]
