"""Key words and phrases, each standing word for word in the evidence it names.

The owner's tags come first. English has its own way (`_english`), and Chinese (`_chinese`). Other spaced scripts: runs of
content words (as in RAKE: Rose et al., 2010), scored by how often and how early they stand, how much company their words
keep, and in which field. Japanese, Korean, Thai and the like: character runs of two to four, by frequency and by how freely
their neighbours vary (accessor variety: Feng et al., 2004).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Keyword
from vitascope.describe._chinese import chinese
from vitascope.describe._english import UNITS, english
from vitascope.describe._evidence import SILENT, Passage, excerpt
from vitascope.describe._language import CJK, WORD, fold, speaks_english, stopwords, written_language

WEIGHTS = {
    "title": 3.0,
    "description": 2.0,
    "chapter": 1.5,
    "screen_text": 1.0,
    "transcript": 1.0,
    "creator": 0.0,
}
MOST_TEXT = 60_000
_KANA, _HANGUL, _THAI = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\uac00-\ud7af]"), re.compile(r"[\u0e00-\u0e7f]")
_LATIN = re.compile(r"[A-Za-z]{3}")
_CJK_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]+")
_JOINERS = set(" -'’")

Vector = npt.NDArray[np.float32]
Scored = tuple[float, str, list[Passage]]


@dataclass(frozen=True)
class Meaning:
    """What a text model adds to keywords of English texts."""

    embed: Callable[[Sequence[str]], Vector]
    """Texts to unit vectors; may raise ModelError."""
    whole: Vector
    """Unit vector of all that the item says, shape (d,)."""


def keywords(
    passages: Sequence[Passage], language: str | None, most: int, meaning: Meaning | None = None
) -> tuple[Keyword, ...]:
    """The best `most` keywords, best first; scores in (0, 1], the best is 1. Raises ModelError where `meaning` does."""
    used = [p for p in passages if p.source not in SILENT and fold(p.text)]
    texts = [p for p in used if p.source != "tags"]
    found = _owned(used, most if not texts else max(1, most // 2))
    for ranked in _ranked(texts, language, most, meaning):
        found += ranked
    out: list[Keyword] = []
    seen: set[str] = set()
    for score, text, places in sorted(found, key=lambda f: -f[0]):
        plain = fold(text)
        if plain in seen or any(
            plain in s or s in plain for s in seen if min(len(s), len(plain)) > (1 if CJK.search(plain) else 3)
        ):
            continue
        evidence = tuple(p.evidence(text) for p in places if text in excerpt(p.text, text))[:3]
        if evidence:
            seen.add(plain)
            out.append(Keyword(text=text, score=round(max(1e-4, min(1.0, score)), 4), evidence=evidence))
        if len(out) == most:
            break
    return tuple(out)


def _owned(passages: Sequence[Passage], most: int) -> list[Scored]:
    """The owner's tags, in their order, before all that is found in texts."""
    places: dict[str, list[Passage]] = defaultdict(list)
    forms: dict[str, str] = {}
    for passage in passages:
        if passage.source == "tags" and sum(c.isalnum() for c in passage.text) > 1:
            forms.setdefault(fold(passage.text), passage.text)
            places[fold(passage.text)].append(passage)
    return [(1 - 0.01 * i, forms[plain], places[plain]) for i, plain in enumerate(list(forms)[:most])]


def _ranked(
    passages: Sequence[Passage], language: str | None, most: int, meaning: Meaning | None
) -> Iterator[list[Scored]]:
    """Candidates of each way of writing, the best of each being as good as the share of the text that is written so."""
    ways: dict[str, list[Passage]] = defaultdict(list)
    letters: Counter[str] = Counter()
    for passage in passages:
        head = passage.text[:5_000]
        cjk, alphabetic = len(CJK.findall(head)), sum(c.isalpha() for c in head)
        if alphabetic and cjk / alphabetic > 0.3:
            way = "characters" if language == "ja" or _KANA.search(head) or _HANGUL.search(head) else "chinese"
        elif _THAI.search(head):
            way = "characters"
        else:
            way = "english" if speaks_english(head, written_language(head) or language) else "other"
        ways[way].append(passage)
        letters[way] += alphabetic
    total = sum(letters.values()) or 1
    for way, mine in ways.items():
        if way == "english":
            embed, whole = (meaning.embed, meaning.whole) if meaning else (None, None)
            found = english(mine, most, MOST_TEXT, embed, whole)
        elif way == "chinese":
            latin = [p for p in mine if _LATIN.search(p.text)]
            found = chinese(mine, MOST_TEXT) + (_phrases(latin, "en") if latin else [])
        else:
            found = _characters(mine) if way == "characters" else _phrases(mine, language)
        best = max((f[0] for f in found), default=0.0)
        share = 0.5 + 0.5 * letters[way] / total
        if best > 0:
            yield [(0.95 * share * score / best, text, places) for score, text, places in found]


def _runs(text: str, stop: frozenset[str]) -> list[tuple[int, int, list[str]]]:
    """Runs of content words: (start, end, words), cut at function words and punctuation."""
    out: list[tuple[int, int, list[str]]] = []
    run: list[re.Match[str]] = []

    def close() -> None:
        for size in range(1, min(3, len(run)) + 1):
            for first in range(len(run) - size + 1):
                part = run[first : first + size]
                out.append((part[0].start(), part[-1].end(), [m.group() for m in part]))
        run.clear()

    last = 0
    for match in WORD.finditer(text):
        word = match.group()
        between = text[last : match.start()]
        last = match.end()
        if run and not set(between) <= _JOINERS:
            close()
        plain = word.casefold().replace("’", "'")
        if plain in stop or plain in UNITS or len(word) < 3 or word.isdigit() or plain.split("'")[0] in stop:
            close()
        else:
            run.append(match)
    close()
    return out


def _phrases(passages: Sequence[Passage], language: str | None) -> list[tuple[float, str, list[Passage]]]:
    counts: dict[str, float] = defaultdict(float)
    frequency: Counter[str] = Counter()
    degree: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    first_form: dict[str, str] = {}
    places: dict[str, list[Passage]] = defaultdict(list)
    length: dict[str, int] = {}
    total, read = 0, 0
    for passage in passages:
        text = passage.text[: max(0, MOST_TEXT - read)]
        read += len(text)
        own = written_language(text) if language is None or len(text) > 200 else language
        stop = stopwords(own or language)
        weight = WEIGHTS.get(passage.source, 1.0)
        for start, end, parts in _runs(text, stop):
            total += 1
            phrase = text[start:end]
            plain = fold(phrase)
            early = 1.0 / (1.0 + math.log1p(start / 400))
            counts[plain] += weight * early
            length[plain] = len(parts)
            if len(parts) == 1:
                frequency[plain] += 1
                capital[plain] += phrase[0].isupper() and start > 0
            for part in parts:
                degree[fold(part)] += len(parts) - 1
            first_form.setdefault(plain, phrase)
            if len(places[plain]) < 5 and passage not in places[plain]:
                places[plain].append(passage)
    out = []
    for plain, count in counts.items():
        parts = plain.split()
        size = length[plain]
        if size > 1 and count < 1.5 and total > 60:
            continue  # in a long text a phrase that stands once says little
        company = sum(math.log1p(degree[w] / max(frequency[w], 1)) for w in parts) / len(parts)
        named = 1.0 + 0.6 * (sum(capital[w] > 0 for w in parts) / len(parts))
        letters = sum(c.isalpha() for c in plain)
        if letters < 3:
            continue
        score = math.log1p(count) * (1 + 0.25 * company) * named * (1.0, 1.25, 1.3)[min(size, 3) - 1]
        score *= min(1.0, 0.55 + 0.09 * max(len(w) for w in parts))
        form = first_form[plain]
        out.append((score, form, [p for p in places[plain] if form in p.text] or []))
    return [entry for entry in out if entry[2]]


def _characters(passages: Sequence[Passage]) -> list[tuple[float, str, list[Passage]]]:
    stop = stopwords("zh") | stopwords("ja")
    counts: Counter[str] = Counter()
    weight: dict[str, float] = defaultdict(float)
    left: dict[str, set[str]] = defaultdict(set)
    right: dict[str, set[str]] = defaultdict(set)
    places: dict[str, list[Passage]] = defaultdict(list)
    latin: list[Passage] = []
    for passage in passages:
        text = passage.text[:MOST_TEXT]
        if _LATIN.search(text):
            latin.append(passage)
        for run in _CJK_RUN.finditer(text):
            chars = run.group()
            for size in (2, 3, 4):
                for i in range(len(chars) - size + 1):
                    gram = chars[i : i + size]
                    if gram[0] in stop or gram[-1] in stop or gram in stop:
                        continue
                    counts[gram] += 1
                    weight[gram] += WEIGHTS.get(passage.source, 1.0)
                    left[gram].add(chars[i - 1] if i else "^")
                    right[gram].add(chars[i + size] if i + size < len(chars) else "$")
                    if len(places[gram]) < 5 and passage not in places[gram]:
                        places[gram].append(passage)
    out = []
    for gram, count in counts.items():
        variety = min(len(left[gram]), len(right[gram])) or 1
        edge = ("^" in left[gram]) + ("$" in right[gram])
        if count < 2 and not edge:
            continue
        score = (
            math.log1p(weight[gram])
            * (1 + math.log(variety))
            * (1 + 0.2 * edge)
            * (1.0, 1.15, 1.2)[min(len(gram), 4) - 2 if len(gram) > 1 else 0]
        )
        out.append((score, gram, places[gram]))
    return out + _phrases(latin, "en")
