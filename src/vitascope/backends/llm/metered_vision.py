"""A vision-language model whose calls are counted, priced and held to the budget as those of every language model are.

Takes the endpoint's client, the store of accounts and the budget; gives the same model, seen by one feature about
one item (`about`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from vitascope.backends.models import BudgetConfig
from vitascope.base.policy import SafeText
from vitascope.base.ports.accounts import NO_ITEM, AccountStore
from vitascope.base.ports.models import ModelInfo, Picture
from vitascope.base.records import ItemKey

from ._chat import object_of
from .metered import Meter
from .vision import EndpointVision, guessed_prompt


class MeteredVision:
    """Fulfils `PictureLanguageModel`."""

    def __init__(
        self,
        model: EndpointVision,
        accounts: AccountStore,
        budget: BudgetConfig,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._model = model
        self._meter = Meter(model.info.id, accounts, budget, clock, "vision")

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    def about(self, feature: str, item: ItemKey = NO_ITEM) -> MeteredVision:
        """The same model, its calls on the account of a feature and an item."""
        other = copy(self)
        other._meter = self._meter.about(feature, item)
        return other

    def see(
        self,
        system: str,
        prompt: SafeText,
        pictures: Sequence[Picture],
        schema: dict[str, Any],
        max_tokens: int = 256,
        seed: int = 0,
    ) -> dict[str, Any]:
        """An answer that fits the schema. Raises BudgetSpent, ItemBudgetSpent, ModelError."""
        said = self._meter.ask(
            lambda: self._model.tell(system, prompt, pictures, schema, max_tokens, seed),
            guessed_prompt(system, prompt, pictures),
        )
        return object_of(said.text, schema)

    def close(self) -> None:
        """Close the model's connection."""
        self._model.close()
