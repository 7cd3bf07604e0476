"""What work cost: records of use, and the port of the store that sums them up. Knows no person: an item and a feature are named.

Contract suite: tests/contracts/test_accounts.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from vitascope.base.ports.models import LanguageModel, PictureLanguageModel
from vitascope.base.records import ItemKey, Record

M = TypeVar("M", LanguageModel, PictureLanguageModel)
DAY = 86_400
"""Seconds."""
NO_ITEM = ItemKey(0)
"""Stands for work that is not about one item."""


class Part(StrEnum):
    """What kind of work it was."""

    DECODE = "decode"
    EXTRACTOR = "extractor"
    LANGUAGE = "language"
    """A call of a language model; `name` is the feature that asked ("summary", "interests")."""
    WRITE = "write"
    """Putting descriptions together."""


class Use(Record):
    """Some work of one kind, done or spared."""

    part: Part
    name: str
    """Extractor or feature."""
    model: str = ""
    item: ItemKey = NO_ITEM
    """0: not about one item."""
    made: int = 0
    """Times it was done."""
    kept: int = 0
    """Times it was taken from a cache instead."""
    refused: int = 0
    """Times a budget did not allow it."""
    seconds: float = 0.0
    """Wall-clock."""
    media: float = 0.0
    """Seconds of media that were worked on."""
    prompt_tokens: int = 0
    output_tokens: int = 0
    bytes: int = 0
    """Written to a cache by it."""
    money: float = 0.0
    """By the price table of the settings at that time."""


class Spent(Record):
    """What language models took on one day."""

    tokens: int = 0
    money: float = 0.0


class AccountStore(Protocol):
    """Sums of use by day, part, name, model and item."""

    def add(self, day: int, uses: Sequence[Use]) -> None:
        """Add to the sums of a day (days since 1970, UTC), in one transaction."""
        ...

    def spent(self, day: int, item: ItemKey | None = None) -> Spent:
        """What language models took on that day, for all items or for one."""
        ...

    def sums(self, since: int = 0, item: ItemKey | None = None) -> tuple[Use, ...]:
        """Sums over the days from `since` on and over all items (or one), by part, name and model; `item` is that or 0."""
        ...


def asked_by(model: M, feature: str, item: ItemKey = NO_ITEM) -> M:
    """The model with its calls on the account of a feature ("summary") and an item, where calls are counted."""
    about = getattr(model, "about", None)
    counted: M = about(feature, item) if about is not None else model
    return counted


class CostReport(Record):
    """What `vitascope cost` says."""

    since: str
    """ISO date; "" for everything that was kept."""
    item_id: str | None
    items: int
    """Items with media in the library (1 where one is asked about)."""
    media_hours: float
    """Hours of media of these items."""
    rows: tuple[Use, ...]
    seconds: float
    seconds_per_item: float
    seconds_per_media_hour: float
    prompt_tokens: int
    output_tokens: int
    tokens_per_item: float
    tokens_per_media_hour: float
    money: float
    made: int
    kept: int
    refused: int
    decoded_bytes: int
    """Decoded media in the home's cache now."""
    signal_bytes: int
    """What extractors found, in the home's database."""
    shared_bytes: int
    """The signal cache that libraries share."""
    bytes_per_item: float
    bytes_per_media_hour: float
    today_tokens: int
    today_money: float
    budget_tokens: int
    """Of a day; 0: no bound."""
    budget_money: float
