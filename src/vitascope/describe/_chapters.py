"""The parts of an item that is longer than a moment: where each begins, what it is called, what is told of it.

Takes passages, signals and what somebody stated; gives chapters with evidence. Stated chapters are trusted; else the item is
parted by content (`_parting`). Titles are key words of the part; what is told of it are its own central sentences, whoever
may put them into other words later (`_retell`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.content import ChapterSource, Claim, Evidence, ItemChapter, Signal, SignalKind
from vitascope.base.time import Span
from vitascope.describe._config import DescribeConfig
from vitascope.describe._evidence import Passage, is_order
from vitascope.describe._keywords import Meaning, keywords
from vitascope.describe._language import CJK, fold, speaks_english, stopwords, words
from vitascope.describe._parting import Unit, parted, spelled, units_of
from vitascope.describe._sayings import Saying, sayings
from vitascope.describe._stated import nameless
from vitascope.describe._words import rarity, stem

VERSION = "chapters/2"
TOLD_EVERY = 150.0
"""One sentence is told for so many seconds of a part, one at least and `MOST_TOLD` at most."""
MOST_TOLD = 3
TITLE_WORDS = 3
_LINKS = frozenset(
    "and but so or because then also well now okay ok yeah yes no he she they it this that these those".split()
)

Vector = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vector]


def chapters(
    passages: Sequence[Passage],
    signals: Sequence[Signal],
    known: Sequence[ItemChapter],
    seconds: float | None,
    language: str | None,
    embed: Embed | None,
    config: DescribeConfig,
) -> tuple[ItemChapter, ...]:
    """The chapters of an item; none where it is short and nobody stated any. Raises ModelError where `embed` does.

    Args:
        passages: without sentences that give orders to a model.
        known: what was stated (`_stated.stated`).
        embed: texts to unit vectors; None where no text model speaks.
    """
    if not seconds or (not known and seconds < config.chapters_from):
        return ()
    said = [s for s in sayings(passages) if s.start < seconds]
    units = units_of(said)
    by_meaning = embed is not None and speaks_english(" ".join(s.text for s in said[:60]), language)
    vectors = None
    if units:
        texts = [u.text for u in units]
        vectors = embed(texts) if by_meaning and embed is not None else spelled(texts, language)
    common = Counter(w for u in units for w in content_of(u.text))
    whole = None
    if vectors is not None and len(vectors):
        mean = vectors.mean(axis=0)
        whole = mean / max(float(np.linalg.norm(mean)), 1e-6)
    spans = [c.span for c in known] or parted(units, vectors, by_meaning, signals, seconds, config)
    out = []
    for number, span in enumerate(spans):
        inside = [i for i, u in enumerate(units) if _inside(u, span)]
        stated = known[number] if known else None
        title, evidence = (stated.title, stated.evidence) if stated else ("", ())
        if nameless(title):
            mine = vectors[inside] if vectors is not None else None
            own, found = title_of([units[i] for i in inside], mine, language, embed if by_meaning else None)
            if not own:
                own, found = _seen_title(passages, span)
            title, evidence = (own, found) if own else (title, evidence)
        claims = _told(
            [units[i] for i in inside], vectors[inside] if vectors is not None else None, whole, common, span
        )
        out.append(
            ItemChapter(
                span=span,
                title=title,
                source=stated.source if stated else ChapterSource.CONTENT,
                evidence=evidence,
                claims=claims or _shown(signals, span),
            )
        )
    return tuple(out)


def _inside(unit: Unit, span: Span) -> bool:
    middle = (unit.said[0].start + unit.said[-1].end) / 2
    return float(span.start) <= middle < float(span.end)


# --- what they are called, and what is told of them


def title_of(
    units: Sequence[Unit], vectors: Vector | None, language: str | None, embed: Embed | None
) -> tuple[str, tuple[Evidence, ...]]:
    """A title made of what is said in these units, and where its words stand; empty where too little is said.

    Args:
        vectors: of the units.
        embed: as in `chapters`; None: words alone.
    """
    here = [Passage(s.text, "transcript", s.span) for u in units for s in u.said]
    if sum(s.size for u in units for s in u.said) < 8:
        return "", ()
    meaning = None
    if embed is not None and vectors is not None and len(vectors):
        own = vectors.mean(axis=0)
        meaning = Meaning(embed, own / max(float(np.linalg.norm(own)), 1e-6))
    found = keywords(here, language, TITLE_WORDS, meaning)
    title = ", ".join(k.text for k in found)
    return title[:1].upper() + title[1:], tuple(e for k in found for e in k.evidence[:1])


def _seen_title(passages: Sequence[Passage], span: Span) -> tuple[str, tuple[Evidence, ...]]:
    """What is read or seen there."""
    read = [p for p in passages if p.source in ("screen_text", "scene") and p.span and p.span.overlap(span) > 0]
    read.sort(key=lambda p: p.source != "screen_text")
    names = list(dict.fromkeys(p.text for p in read))[:2]
    return ", ".join(n[:60] for n in names), tuple(p.evidence() for p in read[:2])


def _told(
    units: Sequence[Unit], vectors: Vector | None, whole: Vector | None, common: Counter[str], span: Span
) -> tuple[Claim, ...]:
    """The central sentences of a part, in order: near in meaning to the whole item, full of the words it says often.

    Args:
        whole: unit vector of all that is said.
        common: how often each stem is said in the whole item.
    """
    if not units or vectors is None or whole is None:
        return ()
    count = min(MOST_TOLD, max(1, round(float(span.length) / TOLD_EVERY)))
    near = np.maximum(0.0, vectors @ whole) ** 2
    rated = [
        (float(near[i]) * worth * says_often(saying.text, common), -saying.start, saying)
        for i, unit in enumerate(units)
        for saying in unit.said
        if (worth := _worth(saying)) > 0
    ]
    chosen: list[Saying] = []
    seen: set[str] = set()
    for _, _, saying in sorted(rated, key=lambda r: r[:2], reverse=True):
        if fold(saying.text) not in seen:
            seen.add(fold(saying.text))
            chosen.append(saying)
        if len(chosen) == count:
            break
    return tuple(Claim(text=s.text, evidence=(s.evidence(),)) for s in sorted(chosen, key=lambda s: s.start))


def content_of(text: str) -> list[str]:
    """Stems of the content words of a text, characters of scripts without spaces as they are."""
    stop = stopwords("en")
    spaced = [stem(w.casefold()) for w in words(CJK.sub(" ", text)) if w.casefold() not in stop and len(w) > 2]
    return spaced + CJK.findall(text)


def says_often(text: str, common: Counter[str]) -> float:
    """How much of what is said often, and seldom elsewhere, stands in a text, its length taken out."""
    here = set(content_of(text))
    return sum(math.log1p(common[w]) * rarity(w) for w in here) / (10 + len(here)) if here else 0.0


def _worth(saying: Saying) -> float:
    """How fit a sentence is to be quoted alone: neither short nor endless, no question, no loose end before it."""
    if saying.size < 5 or is_order(saying.text):
        return 0.0
    worth = min(saying.size, 22) / 22 * (0.6 if saying.size > 45 else 1.0)
    first = words(saying.text)[:1]
    if first and first[0].casefold() in _LINKS:
        worth *= 0.8
    if saying.text.rstrip("\"'”’ ").endswith(("?", "？")):
        worth *= 0.6
    return worth


def _shown(signals: Sequence[Signal], span: Span) -> tuple[Claim, ...]:
    """What the pictures show there, where nothing is said: one claim for the labels believed most."""
    here = [s for s in signals if s.kind is SignalKind.SCENE and s.span and s.span.overlap(span) > 0]
    best: dict[str, Signal] = {}
    for signal in sorted(here, key=lambda s: -s.score):
        best.setdefault(signal.value, signal)
    top = list(best.values())[:3]
    if not top:
        return ()
    evidence = tuple(Evidence(span=s.span, quote=s.value) for s in top)
    return (Claim(text=", ".join(s.value for s in top), evidence=evidence),)
