"""What a record of why holds, as facts that a sentence may name: titles, acts, features with their sign, numbers, times.

Takes an explanation and what was told beside it; gives `Facts`, which the checker of sentences (spoken.py) goes by. Nothing that
stands in neither is a fact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from vitascope.base.languages import NAMES, named
from vitascope.base.people import EventType
from vitascope.base.ranking import Explanation
from vitascope.base.time import clock
from vitascope.base.whys import Why
from vitascope.recommend.wording import SOUNDS, split, words


def fold(text: str) -> str:
    """As names are compared: folded case, plain quotes, single spaces."""
    for curly, plain in (("“", '"'), ("”", '"'), ("「", '"'), ("」", '"'), ("‘", "'"), ("’", "'")):
        text = text.replace(curly, plain)
    return " ".join(text.casefold().split())


@dataclass
class Facts:
    """What may be said."""

    title: str = ""
    """Of the item that is explained."""
    acts: dict[str, set[str]] = field(default_factory=dict)
    """Folded title -> what was done with it: types of events. The item's own title has none."""
    features: dict[str, int] = field(default_factory=dict)
    """Folded words of a feature -> 1 it speaks for the item, -1 against, 0 both (two features of one name)."""
    times: dict[str, set[str]] = field(default_factory=dict)
    """Folded words of a feature -> clock times of its evidence."""
    place: int | None = None
    n: int | None = None
    gone: dict[frozenset[str], set[int]] = field(default_factory=dict)
    """Folded titles of acts -> places that the item would have without them."""
    counts: set[int] = field(default_factory=set)
    """Items with a feature among the first n, now or after one more act."""
    source: str = ""
    """Who named the item: popularity, newness, people alike ... may be spoken of only where they did."""
    elsewhere: frozenset[str] = frozenset()
    """Names of features of the library's other items, see `elsewhere`."""

    def add(self, feature: str, sign: int, times: set[str]) -> None:
        """A feature, under each of its names."""
        family, name = split(feature)
        names = {name, *words(feature)}
        if family == "language" and name in NAMES:
            names |= {named(name), named(name, "zh")}
        if family == "sound" and name in SOUNDS:
            names |= set(SOUNDS[name])
        for one in {fold(spelt).strip('"') for spelt in names}:
            self.features[one] = sign if self.features.get(one, sign) == sign else 0
            self.times.setdefault(one, set()).update(times)

    def did(self, title: str, kind: str) -> None:
        """An act."""
        self.acts.setdefault(fold(title), set()).add(kind)


WATCHED = {EventType.PLAY.value, EventType.PROGRESS.value, EventType.COMPLETE.value, EventType.CLICK.value}


def facts(explanation: Explanation, title: str, because: tuple[str, str] | None, creator: str | None = None) -> Facts:
    """Of an explanation.

    Args:
        because: title of the item that led there, and what was done with it.
        creator: of the item, as its owner spells it.
    """
    found = Facts(title=title, source=explanation.source)
    found.acts[fold(title)] = set()
    for term in explanation.contributions:
        times = {clock(e.span.start) for e in term.evidence if e.span is not None}
        found.add(term.feature, 1 if term.product > 0 else -1, times)
    if because is not None:
        found.did(*because)
    if creator:
        own = fold(creator)
        if own in found.features or f"by {own}" in found.features:
            found.features.setdefault(own, 1)
    return found


_GRAMMAR = frozenset("other like kind list more new you all work in a the to no of it this that here people".split())


def elsewhere(names: Iterable[str]) -> frozenset[str]:
    """Names of a library's features as a sentence could say them, for `Facts.elsewhere`; grammar's own words are none."""
    return frozenset(name for name in (fold(split(n)[1]) for n in names) if len(name) > 1) - _GRAMMAR


def facts_of(why: Why, because: tuple[str, str] | None, others: frozenset[str] = frozenset()) -> Facts:
    """Of a whole record.

    Args:
        others: what `elsewhere` makes of the library's features.
    """
    explanation = why.item.explanation
    found = facts(explanation, why.title, because) if explanation is not None else Facts(title=why.title)
    found.elsewhere = others - found.features.keys()
    found.place, found.n = why.place, why.n
    for told in why.told:
        for reason in told.reasons:
            if reason.kind == "act" and told.method == "left-out" and reason.amount > 0:
                found.did(reason.title, reason.did)
    for without in why.without:
        found.gone.setdefault(frozenset(fold(act.title) for act in without.acts), set()).add(without.place)
        for act in without.acts:
            found.did(act.title, act.did)
    for more in why.more:
        found.acts.setdefault(fold(more.title), set())
        found.counts |= {more.before, more.after}
    return found
