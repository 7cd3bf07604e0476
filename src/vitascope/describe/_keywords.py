"""Key words and phrases, each standing word for word in the evidence it names.

For spaced scripts: runs of content words (as in RAKE: Rose et al., 2010), scored by how often and how early they stand,
how much company their words keep, and in which field. For Chinese, Japanese, Thai and the like: character runs of two to
four, by frequency and by how freely their neighbours vary (accessor variety: Feng et al., 2004).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from vitascope.base.content import Keyword
from vitascope.describe._evidence import Passage, excerpt
from vitascope.describe._language import CJK, WORD, fold, stopwords, written_language

WEIGHTS = {
    "title": 3.0,
    "tags": 3.5,
    "description": 2.0,
    "chapter": 1.5,
    "screen_text": 1.0,
    "transcript": 1.0,
    "creator": 0.0,
}
SILENT = ("scene", "creator")
"""Sources that are no text of the item: labels of our own model, and the creator, who has a feature of their own."""
MOST_TEXT = 60_000
_CJK_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]+")
_JOINERS = set(" -'’")


def keywords(passages: Sequence[Passage], language: str | None, most: int) -> tuple[Keyword, ...]:
    """The best `most` keywords, best first; scores in (0, 1], the best is 1."""
    used = [p for p in passages if p.source not in SILENT and fold(p.text)]
    cjk = sum(len(CJK.findall(p.text[:5_000])) for p in used)
    letters = sum(sum(c.isalpha() for c in p.text[:5_000]) for p in used)
    found = _characters(used) if letters and cjk / letters > 0.3 else _phrases(used, language)
    out: list[Keyword] = []
    seen: set[str] = set()
    best = 0.0
    for score, text, places in sorted(found, key=lambda f: (-f[0], f[1])):
        plain = fold(text)
        if plain in seen or any(plain in s or s in plain for s in seen if min(len(s), len(plain)) > 3):
            continue
        best = best or score
        seen.add(plain)
        evidence = tuple(p.evidence(text) for p in places if text in excerpt(p.text, text))[:3]
        if evidence:
            out.append(Keyword(text=text, score=round(max(1e-4, min(1.0, score / best)), 4), evidence=evidence))
        if len(out) == most:
            break
    return tuple(out)


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
        if plain in stop or len(word) < 3 or word.isdigit() or plain.split("'")[0] in stop:
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
        if passage.source == "tags":
            text = passage.text
            counts[fold(text)] += WEIGHTS["tags"]
            first_form.setdefault(fold(text), text)
            length[fold(text)] = len(text.split())
            places[fold(text)].append(passage)
            continue
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
        if passage.source == "tags":
            weight[text] += WEIGHTS["tags"]
            counts[text] += 2
            places[text].append(passage)
            continue
        if re.search(r"[A-Za-z]{3}", text):
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
