"""A vision-language model whose calls are counted, priced and held to the budget as those of every language model are.

Takes the endpoint's client and the meter of language models; gives the same model, seen by one feature about one item (`about`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from vitascope.backends.models import BudgetConfig
from vitascope.base.errors import ModelError
from vitascope.base.policy import SafeText
from vitascope.base.ports.accounts import NO_ITEM, AccountStore
from vitascope.base.ports.models import ModelInfo, Picture
from vitascope.base.records import ItemKey

from ._chat import Said, object_of
from .metered import UNASKED, MeteredLanguageModel
from .vision import EndpointVision, guessed_prompt


class MeteredVision:
    """Fulfils `PictureLanguageModel`."""

    def __init__(
        self,
        model: EndpointVision,
        accounts: AccountStore,
        budget: BudgetConfig,
        clock: Callable[[], float] = time.time,
        *,
        feature: str = "vision",
        item: ItemKey = NO_ITEM,
    ) -> None:
        self._model, self._made_of = model, (accounts, budget, clock)
        # the meter of language models, of which only the counting is used: prices and budget are the same
        unspoken: Any = model
        self._meter = MeteredLanguageModel(unspoken, accounts, budget, clock, feature=feature, item=item)

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    def about(self, feature: str, item: ItemKey = NO_ITEM) -> MeteredVision:
        """The same model, its calls on the account of a feature and an item."""
        return MeteredVision(self._model, *self._made_of, feature=feature, item=item)

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
        self._meter._allowed()
        began = time.monotonic()
        try:
            said = self._model.tell(system, prompt, pictures, schema, max_tokens, seed)
        except ModelError as error:
            if error.code not in UNASKED:
                self._meter._add(Said("", guessed_prompt(system, prompt, pictures), 0), began)
            raise
        self._meter._add(said, began)
        return object_of(said.text, schema)

    def close(self) -> None:
        """Close the model's connection."""
        self._model.close()
