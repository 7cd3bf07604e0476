"""What both grammars share: a text from which rules take pieces, and the slots that the pieces fill. Knows no language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from vitascope.base.talk import Like, Move, Utterance, Wish

GONE = "\x00"
"""Stands where a rule took something."""
QUOTED = "\x01"
"""Stands where a quoted title was."""
ABOUT = 0.25
"""A length that is said to be "about" so long may be off by this share."""
SHORT, LONG = 240.0, 1_200.0
"""Seconds: as descriptions call them short and long."""


@cache
def words(language: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Slot -> name -> words of a language ("en" or "zh")."""
    text = resources.files(__package__).joinpath(f"words_{language}.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    stop = tuple(told.pop("stop")["words"].split())
    tables = {slot: {name: tuple(said) for name, said in names.items()} for slot, names in told.items()}
    return {**tables, "stop": {"words": stop}}


@dataclass
class Text:
    """An utterance; what a rule takes is gone for those after it, places stay as they were."""

    left: str
    negative: list[tuple[int, int]] = field(default_factory=list)
    """Stretches that somebody does not want."""

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The first match among what is left, taken out."""
        found = pattern.search(self.left)
        if found is not None:
            self.drop(found.start(), found.end())
        return found

    def every(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """All matches, each taken out."""
        out = []
        while (found := self.take(pattern)) is not None and found.end() > found.start():
            out.append(found)
        return out

    def drop(self, start: int, end: int) -> None:
        """Take a stretch out."""
        self.left = self.left[:start] + GONE * (end - start) + self.left[end:]

    def against(self, place: int) -> bool:
        """Whether what stands there is not wanted."""
        return any(start <= place < end for start, end in self.negative)


@dataclass
class Slots:
    """What was understood so far."""

    yes: dict[str, list[str]] = field(default_factory=dict)
    no: dict[str, list[str]] = field(default_factory=dict)
    least: float | None = None
    most: float | None = None
    like: Like | None = None
    time: str | None = None
    seen: bool | None = None
    n: int | None = None
    move: Move = Move.ASK
    places: list[int] = field(default_factory=list)
    change: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def put(self, slot: str, name: str, against: bool = False) -> None:
        """A name into a slot, or into its opposite."""
        name = " ".join(name.replace(GONE, " ").replace(QUOTED, " ").split())
        if not name:
            return
        into = (self.no if against else self.yes).setdefault(slot, [])
        if name not in into:
            into.append(name)

    def at_most(self, seconds: float) -> None:
        """An upper bound; of several the tightest."""
        self.most = seconds if self.most is None else min(self.most, seconds)

    def at_least(self, seconds: float) -> None:
        """A lower bound; of several the tightest."""
        self.least = seconds if self.least is None else max(self.least, seconds)

    def utterance(self) -> Utterance:
        """As a record."""

        def many(table: dict[str, list[str]], slot: str) -> tuple[str, ...]:
            ordered = table.get(slot, []) if slot in ("about", "by") else sorted(table.get(slot, []))
            return tuple(name[:200] for name in ordered[:40])

        wish = Wish(
            moods=many(self.yes, "moods"),
            not_moods=many(self.no, "moods"),
            kinds=many(self.yes, "kinds"),
            categories=many(self.yes, "categories"),
            not_categories=many(self.no, "categories"),
            about=many(self.yes, "about"),
            not_about=many(self.no, "about"),
            by=many(self.yes, "by"),
            not_by=many(self.no, "by"),
            sounds=many(self.yes, "sounds"),
            not_sounds=many(self.no, "sounds"),
            languages=many(self.yes, "languages"),
            not_languages=many(self.no, "languages"),
            least=self.least,
            most=self.most,
            like=self.like if self.like is not None and self.like.anything else None,
            time=self.time,
            seen=self.seen,
            n=self.n,
        )
        return Utterance(
            move=self.move,
            wish=wish,
            places=tuple(dict.fromkeys(self.places))[:40],
            change=tuple(dict.fromkeys(self.change)),
            left=tuple(word[:200] for word in self.left[:40]),
        )


def alternatives(said: Iterable[str]) -> str:
    """A pattern of any of these, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(said), key=lambda w: (-len(w), w)))


def as_can_be(how: str, slots: Slots) -> None:
    """ "The shorter the better": no list is meant, but the kind of thing."""
    if how == "shorter":
        slots.at_most(SHORT)
    elif how == "longer":
        slots.at_least(LONG)
    else:
        slots.time = "old" if how == "older" else "recent"


@cache
def _pairs() -> dict[str, tuple[str, ...]]:
    told: dict[str, list[str]] = {}
    for english, chinese in words("zh")["same"].items():
        for word in chinese:
            told.setdefault(word, []).append(english)
            told.setdefault(english, []).append(word)
    return {word: tuple(others) for word, others in told.items()}


def other_words(word: str) -> tuple[str, ...]:
    """The same subject in the other language, where it is a common one, so that Chinese words find what English tags name."""
    plain = word.casefold()
    return _pairs().get(plain, ()) or _pairs().get(plain.removesuffix("s"), ()) or _pairs().get(f"{plain}s", ())
