"""What a linear model reads in a text: words and pairs of words (English), runs of one to three characters (Chinese).

Takes a text and kinds of words (drugs, weapons, words of reports, ...); gives names of features: each word, each pair of
neighbours, each kind ("#drug"), each two kinds that stand together. Masked words ("f***") and digits for letters ("s3x")
are told, since both hide. It knows no weights.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from vitascope.describe._language import HAN
from vitascope.describe._words import stem

_TOKEN = re.compile(r"[a-z0-9@$*']+")
_MASKED = re.compile(r"[a-z]+\*+[a-z]*|[a-z]*\*+[a-z]+")
_LEET = str.maketrans("013457@$", "oieastas")
_MOST = 400
"""Tokens looked at in one piece of text."""
MASKED = "***"

Kinds = Mapping[tuple[str, ...], tuple[str, ...]]
"""A run of stems (English) or one piece of text (Chinese) -> the kinds it is of."""


def tokens(text: str) -> list[str]:
    """Stems of the English words of a text, in order."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    out: list[str] = []
    for token in _TOKEN.findall(folded)[:_MOST]:
        if _MASKED.fullmatch(token):
            out.append(MASKED)
            continue
        word = token.replace("'", "").replace("*", "")
        if any(c.isalpha() for c in word) and not word.isalpha():
            plain = word.translate(_LEET)
            word = plain if plain.isalpha() else word
        if word:
            out.append(stem(word))
    return out


def english(text: str, kinds: Kinds) -> list[str]:
    """Features of an English text, each once."""
    said = tokens(text)
    pairs = [f"{a} {b}" for a, b in zip(["^", *said], [*said, "$"], strict=True)]
    longest = max(map(len, kinds), default=0)
    found = {
        kind
        for i in range(len(said))
        for n in range(1, min(longest, len(said) - i) + 1)
        for kind in kinds.get(tuple(said[i : i + n]), ())
    }
    return list(dict.fromkeys([*said, *pairs, *_kinds(found)]))


def chinese(text: str, kinds: Kinds) -> list[str]:
    """Features of a Chinese text, each once; a run ends where other characters stand."""
    folded = unicodedata.normalize("NFKC", text)[: 4 * _MOST]
    out: list[str] = []
    for match in HAN.finditer(folded):
        run = match.group()
        out += [run[i : i + n] for n in (1, 2, 3) for i in range(len(run) - n + 1)]
    found = {kind for (piece,), of in kinds.items() if piece in folded for kind in of}
    return list(dict.fromkeys([*out, *_kinds(found)]))


def _kinds(found: set[str]) -> list[str]:
    told = sorted(found)
    return [*told, *(f"{a}&{b}" for i, a in enumerate(told) for b in told[i + 1 :])]


def kinds_of(lists: Mapping[str, str], language: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Kinds out of lists of words divided by commas: {"drug": "cocaine, magic mushrooms"}."""
    out: dict[tuple[str, ...], tuple[str, ...]] = {}
    for kind, listed in lists.items():
        for entry in filter(None, map(str.strip, listed.split(","))):
            key = tuple(tokens(entry)) if language == "en" else (unicodedata.normalize("NFKC", entry),)
            if key:
                out[key] = (*out.get(key, ()), f"#{kind}")
    return out
