"""Key words and phrases of English texts: how often, how rare in speech, how near to what the whole item means.

Takes passages and, where a text model speaks, its vectors; gives scored phrases with the passages they stand in. Candidates
are content words, joined to phrases where they keep company (as YAKE and RAKE do); a candidate's score is
log(1 + count) x rarity x cosine² to the item's mean vector (the cosine as in KeyBERT: Grootendorst, 2020). What says no
more than what was chosen before is left out. The form of the score was chosen on one half of the talks of
benchmarks/describe_text.py and judged on the other.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vitascope.describe._evidence import Passage
from vitascope.describe._language import WORD, stopwords
from vitascope.describe._words import rarity, stem

Vector = npt.NDArray[np.float32]

WEIGHTS = {"title": 3.0, "description": 2.0, "chapter": 1.5}
COMPARED = 48
"""Candidates that are compared by meaning, about 3 ms each."""
COHESION = 0.3
"""Two words are a phrase where they stand together in at least this share of the places of the rarer one."""
ALIKE = 0.8
"""Two candidates this near in meaning say the same."""
WEAK = frozenset(
    "thing things something anything everything nothing someone somebody anyone people person lot lots kind sort way ways bit"
    " day days year years time times today tomorrow yesterday minute minutes hour week month thank thanks please sure maybe"
    " really actually basically course fact point part couple one two three four five six seven eight nine ten hundred"
    " thousand million billion percent first second last next new old good great big little right different important"
    " laughter applause music happen happened happening start started try trying tried use used using want wanted need put"
    " give gave work talk talking look looking think thought feel told tell ask asked became become called call every never"
    " always still back away around ever even much many else enough hello ladies gentlemen welcome place end number name"
    " per via whole real able long best better keep kept bring brought turn turned left move moved stop let's mean means"
    " himself herself itself themselves myself yourself yourselves ourselves oneself".split()
)
"""Words that carry no subject of their own: no keyword alone, and no end of a phrase."""
UNITS = frozenset(
    "bpm fps kbps mbps khz mhz ghz hz lufs dbfs rpm kph mph kwh mp3 mp4 wav flac ogg opus avi mkv webm mov hd uhd fhd sd 4k 8k 2k"
    " 1080p 720p 480p 360p 240p 2160p 1440p 60fps 30fps hdr sdr dvd vhs cd lp ep feat ft vs aka pt vol min mins sec secs"
    " hr hrs hours px dpi kb mb gb tb approx".split()
)
"""Units, formats and short forms of titles: they measure or file an item and say nothing of what it is about."""
OPENING = frozenset(
    "new old good great big right different real first second third one two three open best human".split()
)
"""Of these, the ones a phrase may begin with: "big data", "new york"."""


@dataclass
class Candidate:
    """A word or phrase."""

    stems: tuple[str, ...]
    count: float = 0.0
    forms: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[Passage]] = field(default_factory=lambda: defaultdict(list))
    score: float = 0.0

    def see(self, form: str, passage: Passage, weight: float) -> None:
        """It stands there once more."""
        self.count += weight
        self.forms[form] += 1
        here = self.places[form]
        if len(here) < 5 and (not here or here[-1] is not passage):
            here.append(passage)


def candidates(passages: Sequence[Passage], most_text: int) -> dict[tuple[str, ...], Candidate]:
    """Content words, and phrases of two or three of them, by their stems."""
    stop = stopwords("en")
    found: dict[tuple[str, ...], Candidate] = {}
    read = 0

    def see(parts: list[tuple[str, str, int, int]], passage: Passage, weight: float) -> None:
        key = tuple(p[1] for p in parts)
        form = passage.text[parts[0][2] : parts[-1][3]]
        found.setdefault(key, Candidate(key)).see(form, passage, weight)

    for passage in passages:
        text = passage.text[: max(0, most_text - read)]
        read += len(text)
        weight = WEIGHTS.get(passage.source, 1.0)
        run: list[tuple[str, str, int, int]] = []
        for match in [*WORD.finditer(text), None]:
            if match is not None:
                word = match.group()
                plain = word.casefold().replace("’", "'")
                own = plain.removesuffix("'s") if plain.endswith("'s") else plain
                between = text[run[-1][3] : match.start()] if run else ""
                content = (
                    own not in stop and plain not in stop and len(own) > 2 and not own[0].isdigit() and "'" not in own
                )
                end = match.start() + len(own)
                if content and not between.strip(" -"):
                    run.append((own, stem(own), match.start(), end))
                    if plain == own:
                        continue
            elif not run:
                continue
            for size in (1, 2, 3):
                for first in range(len(run) - size + 1):
                    see(run[first : first + size], passage, weight)
            run = []
            if match is not None and content and between.strip(" -"):
                run = [(own, stem(own), match.start(), end)]
    return found


def english(
    passages: Sequence[Passage],
    most: int,
    most_text: int,
    embed: Callable[[Sequence[str]], Vector] | None = None,
    whole: Vector | None = None,
) -> list[tuple[float, str, list[Passage]]]:
    """The best candidates, best first: score, text as it stands, passages.

    Args:
        embed: texts to unit vectors; raises ModelError.
        whole: unit vector of all that the item says, shape (d,).
    """
    found = candidates(passages, most_text)
    kept = [c for c in found.values() if _stands(c, found)]
    for c in kept:
        c.score = (
            math.log1p(c.count) * sum(rarity(s) for s in c.stems) / len(c.stems) * (1.0, 1.2, 1.25)[len(c.stems) - 1]
        )
    kept.sort(key=lambda c: (-c.score, c.stems))
    kept = kept[: max(COMPARED, most)]
    vectors: Vector | None = None
    if embed is not None and whole is not None and len(kept) > most // 2:
        vectors = embed([_form(c) for c in kept])
        cosines = vectors @ whole
        for c, cosine in zip(kept, cosines, strict=True):
            c.score *= max(0.05, float(cosine)) ** 2
    order = sorted(range(len(kept)), key=lambda i: (-kept[i].score, kept[i].stems))
    return [(kept[i].score, _form(kept[i]), kept[i].places[_form(kept[i])]) for i in _apart(order, kept, vectors, most)]


def _form(candidate: Candidate) -> str:
    return max(candidate.forms.items(), key=lambda f: (f[1], f[0].islower(), f[0]))[0]


def _stands(candidate: Candidate, found: dict[tuple[str, ...], Candidate]) -> bool:
    """Whether a candidate may be one: a word with a subject, or a phrase whose words keep company."""
    stems = candidate.stems
    if len(stems) == 1:
        return not (candidate.forms.keys() & WEAK or _form(candidate).casefold() in WEAK | UNITS)
    if len(set(stems)) < len(stems) or (sum(candidate.forms.values()) < 2 and candidate.count < WEIGHTS["title"]):
        return False
    ends = [w.casefold() for w in (_form(found[stems[:1]]), _form(found[stems[-1:]]))]
    if UNITS & set(ends):
        return False
    if ends[1] in WEAK or (ends[0] in WEAK and ends[0] not in OPENING):
        return False
    parts = [stems] if len(stems) == 2 else list(pairwise(stems))
    return all(found[p].count >= COHESION * min(found[(s,)].count for s in p) for p in parts)


def _apart(order: Sequence[int], kept: Sequence[Candidate], vectors: Vector | None, most: int) -> list[int]:
    """The best ones that say something new; a phrase takes the place of its word where it stands nearly as often."""
    chosen: list[int] = []
    for i in order:
        mine = set(kept[i].stems)
        covered = {s for j in chosen for s in kept[j].stems}
        if mine <= covered:
            continue
        part = [j for j in chosen if set(kept[j].stems) < mine]
        if part:
            if len(part) == 1 and kept[i].count >= 0.5 * kept[part[0]].count:
                chosen[chosen.index(part[0])] = i
            continue
        if vectors is not None and any(float(vectors[i] @ vectors[j]) > ALIKE for j in chosen):
            continue
        if len(chosen) < most:
            chosen.append(i)
    return chosen
