"""Describing elsewhere: an item's task as a record, the worker's side that does it, and the answer that comes back.

The worker has no library: what it needs of one travels with the task (item, files by address, subtitles, what was found in
the same bytes before), and what it makes travels back (description, vectors, extractions, problems) and is stored by the
caller alone. So a task that is done twice changes nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Description, Extraction
from vitascope.base.items import Item
from vitascope.base.media import Asset, Problem, Subtitles
from vitascope.base.ports.accounts import Spent, Use
from vitascope.base.ports.stores import ProblemStore
from vitascope.base.records import ItemKey, Record

Vector = npt.NDArray[np.float32]


class DescribeTask(Record):
    """One item to describe."""

    item: Item
    assets: tuple[Asset, ...]
    sidecars: tuple[Subtitles, ...]
    base: str
    """What the description will be made from (its fingerprint where every model speaks)."""
    spent: Spent = Spent()
    """What language models took in the library on this day when the task was made, so that a worker holds to the budget."""
    known: tuple[Extraction, ...] = ()
    """What was found before in the bytes of its files."""


class DescribeAnswer(Record):
    """What was made of it. The moderation is the item's own; that of copies is the caller's to join."""

    description: Description
    vectors: tuple[tuple[str, str], ...]
    """Kind and base64 of little-endian float32."""
    extractions: tuple[Extraction, ...] = ()
    problems: tuple[Problem, ...] = ()
    uses: tuple[Use, ...] = ()
    """What it cost."""

    def unpacked(self) -> dict[str, Vector]:
        """The vectors by kind. Raises ValueError where they are not numbers."""
        out: dict[str, Vector] = {}
        for kind, text in self.vectors:
            vector = np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
            if not len(vector) or not np.isfinite(vector).all():
                raise ValueError(f"the vector {kind} is none")
            out[kind] = vector
        return out


def packed(vectors: Mapping[str, Vector]) -> tuple[tuple[str, str], ...]:
    """Vectors as a `DescribeAnswer` carries them."""
    return tuple((str(k), base64.b64encode(np.asarray(v, "<f4").tobytes()).decode()) for k, v in vectors.items())


class Carried:
    """What a task brought and what is being made of it; stands in for the stores, one task at a time."""

    def __init__(self) -> None:
        self._known: dict[str, Extraction] = {}
        self._made: dict[str, Extraction] = {}
        self._problems: list[Problem] = []
        self.accounts = Tally()

    def begin(self, task: DescribeTask) -> None:
        """Forget the task before."""
        self._known = {e.key: e for e in task.known}
        self.accounts.begin(task.spent)
        self._made = {}
        self._problems.clear()

    def made(self) -> tuple[tuple[Extraction, ...], tuple[Problem, ...]]:
        """What was made since `begin`."""
        return tuple(self._made.values()), tuple(self._problems)

    def extraction(self, key: str) -> Extraction | None:
        """By its content key."""
        return self._made.get(key) or self._known.get(key)

    def extractions_of(self, sha256: str) -> tuple[Extraction, ...]:
        """All that was brought."""
        return tuple(self._known.values())

    def put_extraction(self, extraction: Extraction) -> None:
        """Keep it for the answer."""
        self._made[extraction.key] = extraction

    def put(self, description: Description, vectors: dict[str, Vector]) -> None:
        """Descriptions are given back, not stored."""
        raise NotImplementedError

    def get(self, item: ItemKey) -> Description | None:
        """None are here."""
        return None

    def many(self, items: Sequence[ItemKey]) -> dict[ItemKey, Description]:
        """None are here."""
        return {}

    def fingerprints(self) -> dict[ItemKey, str]:
        """None are here."""
        return {}

    def iter(self) -> Iterator[Description]:
        """None are here."""
        return iter(())

    @property
    def problems(self) -> ProblemStore:
        """What could not be read, kept for the answer."""
        return _Problems(self._problems)


class Tally:
    """What the tasks of this worker cost; fulfils `AccountStore`.

    A budget is held to by what the library had spent when the task was made and what this worker spent since: workers do not see
    one another, so many of them may together pass a bound by what they do at once.
    """

    def __init__(self) -> None:
        self._before = Spent()
        self._uses: list[Use] = []
        self._own: dict[tuple[int, ItemKey | None], Spent] = {}

    def begin(self, spent: Spent) -> None:
        """Another task."""
        self._before = spent
        self._uses.clear()

    def made(self) -> tuple[Use, ...]:
        """Uses since `begin`."""
        return tuple(self._uses)

    def add(self, day: int, uses: Sequence[Use]) -> None:
        """Keep them for the answer."""
        self._uses += uses
        for use in uses:
            for who in (None, use.item):
                had = self._own.get((day, who), Spent())
                tokens = had.tokens + use.prompt_tokens + use.output_tokens
                self._own[day, who] = Spent(tokens=tokens, money=had.money + use.money)

    def spent(self, day: int, item: ItemKey | None = None) -> Spent:
        """The library's when the task was made, and this worker's."""
        own = self._own.get((day, item), Spent())
        if item is not None:
            return own
        return Spent(tokens=self._before.tokens + own.tokens, money=self._before.money + own.money)

    def sums(self, since: int = 0, item: ItemKey | None = None) -> tuple[Use, ...]:
        """Of this task alone."""
        return tuple(self._uses)


class _Problems:
    def __init__(self, kept: list[Problem]) -> None:
        self._kept = kept

    def add(self, problems: Sequence[Problem]) -> None:
        """Keep them for the answer."""
        self._kept.extend(problems)

    def clear(self, places: Iterable[str]) -> int:
        """None are here."""
        return 0

    def iter(self, kind: str | None = None) -> Iterator[Problem]:
        """None are here."""
        return iter(())
