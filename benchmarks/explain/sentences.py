"""Sentences from real records, true ones and ones with one planted falsehood each, for the checker; in English and Chinese.

Patterns are hand-written (tests/evals/sentences/patterns.toml); records are of real libraries; what fills a slot is drawn by
a seed. A falsehood is a name, number, time, feature or sign that the record does not hold, put where a true one stood.
"""

from __future__ import annotations

import string
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vitascope.base.time import clock
from vitascope.base.whys import Why
from vitascope.recommend.facts import Facts, elsewhere, facts_of
from vitascope.recommend.wording import split

PATTERNS = Path(__file__).resolve().parent.parent.parent / "tests" / "evals" / "sentences" / "patterns.toml"
KINDS = ("name", "number", "time", "feature", "sign")
DID = {
    "en": {"like": "liked", "complete": "finished", "play": "watched", "skip": "skipped", "favourite": "favourited"},
    "zh": {"like": "喜欢", "complete": "看完了", "play": "播放过", "skip": "跳过了", "favourite": "收藏了"},
}
OPPOSITE = {"like": "skip", "complete": "skip", "play": "skip", "favourite": "skip", "skip": "like"}


@dataclass(frozen=True)
class Sample:
    """A sentence, the record that it is about, and what is false in it ("" nothing)."""

    text: str
    facts: Facts
    false: str = ""


@dataclass(frozen=True)
class Source:
    """A record, and what can fill the slots."""

    why: Why
    facts: Facts
    because: tuple[str, str] | None


def people_made(system: Any, seed: int, people: int = 30) -> None:
    """People for a library of described media that has none: each likes and finishes items of one topic and skips another's."""
    from vitascope.base.ports.service import RawEvent

    table = system._rooms.features.table()
    items = {int(item.key): item.item_id for item in system._rooms.stores.items.iter()}
    random = np.random.default_rng(seed)
    having: dict[str, list[str]] = {}
    for row, key in enumerate(table.items.tolist()):
        for entry in range(int(table.start[row]), int(table.start[row + 1])):
            name = table.names[int(table.column[entry])]
            if name.startswith(("topic:", "mood:", "sound:", "category:", "look:")):
                having.setdefault(name, []).append(items[key])
    names = sorted(name for name, some in having.items() if 6 <= len(some) <= 150)
    kinds = ("like", "complete", "like", "complete", "skip", "skip", "skip")
    events = []
    for person in range(people):
        good, bad = random.choice(names, 2, replace=False)
        liked = random.choice(having[good], 4, replace=False)
        skipped = random.choice([i for i in having[bad] if i not in set(liked)], 3)
        for at, (item, kind) in enumerate(zip([*liked, *skipped], kinds, strict=True)):
            value = 1.0 if kind == "complete" else 0.05 if kind == "skip" else None
            time = 1_700_000_000 + 86_400 * person + 600 * at
            events.append(
                RawEvent(
                    user_id=f"made{person}", item_id=str(item), type=kind, value=value, timestamp=time, surface="video"
                )
            )
    system.record(events)


def records(system: Any, n: int, seed: int, each: int = 10) -> list[Source]:
    """Whys of people drawn, for items of their lists."""
    from vitascope.base.ports.service import Ask

    rec = system._rooms.recommender
    random = np.random.default_rng(seed)
    everyone = sorted(system.people(100_000))
    out: list[Source] = []
    others = elsewhere(rec._shelves.shelf().table.names)
    for at in random.permutation(len(everyone)):
        request = system._request(Ask(user_id=everyone[at], n=10), system._known(everyone[at]))
        for line in rec.recommend(request).items[:each]:
            why = rec.why(request, line.item, deep=False)
            out.append(source(why, rec.because(request, why), others))
        if len(out) >= n:
            break
    return out[:n]


def source(why: Why, because: tuple[str, str] | None, others: frozenset[str]) -> Source:
    """Of one record."""
    return Source(why, facts_of(why, because, others), because)


def slots(one: Source, language: str, random: np.random.Generator) -> dict[str, str]:
    """Drawn from the record; slots that it cannot fill are not there."""
    did = DID[language]
    out: dict[str, str] = {"title": one.why.title, "place": str(one.why.place), "n": str(one.why.n)}
    if one.because is not None and one.because[1] in did:
        out |= {"cause": one.because[0], "did": did[one.because[1]]}
    terms = one.why.item.explanation.contributions if one.why.item.explanation is not None else ()
    plain = {split(t.feature)[1] for t in terms}
    good = [t for t in terms if t.product > 0.001 and one.facts.features.get(split(t.feature)[1]) == 1]
    bad = [t for t in terms if t.product < -0.001 and one.facts.features.get(split(t.feature)[1]) == -1]
    assert len(plain) <= len(terms)
    if good:
        first = good[int(random.integers(len(good)))]
        out["f"] = split(first.feature)[1]
        spans = [e.span for e in first.evidence if e.span is not None]
        if spans:
            out["time"] = clock(spans[0].start)
        rest = [t for t in good if split(t.feature)[1] != out["f"]]
        if rest:
            out["g"] = split(rest[int(random.integers(len(rest)))].feature)[1]
    if bad:
        out["bad"] = split(bad[int(random.integers(len(bad)))].feature)[1]
    single = [w for w in one.why.without if len(w.acts) == 1 and w.acts[0].did in did]
    if single:
        without = single[int(random.integers(len(single)))]
        out |= {"act": without.acts[0].title, "other": str(without.place), "did_act": did[without.acts[0].did]}
    return out


def fields(pattern: str) -> set[str]:
    """Slots of a pattern."""
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name}


def spoil(
    pattern: str, filled: dict[str, str], one: Source, others: list[Source], kind: str, language: str, random: Any
) -> str | None:
    """The sentence with one falsehood of a kind; None where the pattern has no room for one."""
    has = fields(pattern)
    told = dict(filled)

    def other(pick: Any, known: Any) -> str | None:
        for at in random.permutation(len(others))[:40]:
            for value in pick(others[at]):
                if not known(value):
                    return str(value)
        return None

    if kind == "name":
        where = [s for s in ("cause", "title", "act") if s in has]
        new = other(lambda s: [s.why.title], lambda v: v.casefold() in one.facts.acts)
    elif kind == "feature":
        where = [s for s in ("f", "g", "bad") if s in has]
        new = other(lambda s: sorted(s.facts.features), lambda v: v in one.facts.features or not v.isascii())
    elif kind == "number":
        where = [s for s in ("place", "n", "other") if s in has]
        known = {told.get(s) for s in ("place", "n", "other")}
        new = next((str(x) for x in random.permutation(np.arange(2, 60)) if str(x) not in known), None)
    elif kind == "time":
        where = [s for s in ("time",) if s in has]
        minute, second = int(random.integers(0, 20)), int(random.integers(0, 60))
        new = f"{minute}:{second:02d}"
        new = None if new == told.get("time") else new
    else:
        ways = []
        if "did" in has:
            ways.append(("did", DID[language][OPPOSITE[one.because[1]]]))  # type: ignore[index]
        if "f" in has and "bad" in has:
            ways.append(("swap", ""))
        elif "f" in has and "bad" in filled and "time" not in has:
            ways.append(("f", filled["bad"]))
        if not ways:
            return None
        name, value = ways[int(random.integers(len(ways)))]
        if name == "swap":
            told["f"], told["bad"] = told["bad"], told["f"]
        else:
            told[name] = value
        return pattern.format(**told)
    if not where or new is None:
        return None
    told[where[int(random.integers(len(where)))]] = new
    return pattern.format(**told)


def samples(
    sources: list[Source], language: str, n: int, seed: int, which: str = "true"
) -> tuple[list[Sample], list[Sample]]:
    """n true sentences and n false ones, the kinds of falsehood as even as records allow."""
    random = np.random.default_rng(seed)
    patterns = tomllib.loads(PATTERNS.read_text("utf-8"))[language][which]
    true: list[Sample] = []
    false: list[Sample] = []
    used: Counter[str] = Counter()
    for _ in range(200 * n):
        one = sources[int(random.integers(len(sources)))]
        filled = slots(one, language, random)
        fit = [p for p in patterns if fields(p) <= filled.keys()]
        if not fit:
            continue
        fewest = min(used[p] for p in fit)
        pattern = next(p for p in fit if used[p] == fewest)
        if len(true) < n:
            true.append(Sample(pattern.format(**filled), one.facts))
            used[pattern] += 1
        kind = KINDS[len(false) % len(KINDS)]
        if len(false) < n:
            # patterns with room for this kind
            for at in random.permutation(len(fit)):
                text = spoil(fit[at], filled, one, sources, kind, language, random)
                if text is not None:
                    false.append(Sample(text, one.facts, kind))
                    break
        if len(true) == n and len(false) == n:
            break
    return true, false
