"""The one client through which every call of a language model goes: counted, priced, and held to the budget.

Takes a language model, the store of accounts and the budget of the settings; gives the same model, seen by one feature about
one item (`about`). `Meter` counts, for `metered_vision` too. A call that the budget does not allow is refused before it is made,
so that at most the calls under way at that moment go over it. Sums are written with every call: a run that is killed loses none.
It reads no prompt and keeps no answer (who asks about content keeps answers by prompt and evidence, see describe).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from copy import copy
from fnmatch import fnmatchcase
from typing import Any

from vitascope.backends.models import BudgetConfig
from vitascope.base.errors import BudgetSpent, ItemBudgetSpent, ModelError
from vitascope.base.policy import SafeText
from vitascope.base.ports.accounts import DAY, NO_ITEM, AccountStore, Part, Use
from vitascope.base.ports.models import ModelInfo
from vitascope.base.records import ItemKey

from ._chat import Said, guessed_tokens
from ._speaks import Speaks, Writes

_SETTING = "models.budget"
UNASKED = frozenset({"model-missing", "model-corrupt", "model-resting"})
"""Codes of errors before which nothing was sent: they cost nothing."""


class Meter:
    """The account and the budget of one feature's calls about one item.

    Args:
        model: its name, for prices and sums.
    """

    def __init__(
        self,
        model: str,
        accounts: AccountStore,
        budget: BudgetConfig,
        clock: Callable[[], float],
        feature: str = "",
        item: ItemKey = NO_ITEM,
    ) -> None:
        self._model, self._accounts, self._budget, self._clock = model, accounts, budget, clock
        self._feature, self._item = feature, item

    def about(self, feature: str, item: ItemKey) -> Meter:
        """The meter of another feature or item."""
        return Meter(self._model, self._accounts, self._budget, self._clock, feature, item)

    def ask(self, call: Callable[[], Said], guessed: int) -> Said:
        """The answer of a call that the budget allows, counted; one that fails counts as its prompt's `guessed` tokens.

        Raises:
            BudgetSpent, ItemBudgetSpent; what the call raises.
        """
        self.allowed()
        began = time.monotonic()
        try:
            said = call()
        except ModelError as error:
            if error.code not in UNASKED:
                self.add(Said("", guessed, 0), began)
            raise
        self.add(said, began)
        return said

    @property
    def _day(self) -> int:
        return int(self._clock() // DAY)

    def share(self) -> float:
        """The share of a day's budget from which this feature gives way: 1 for the last of the order, .5 for the first."""
        order = self._budget.gives_way
        place = order.index(self._feature) if self._feature in order else 0
        return 1.0 if len(order) < 2 else 0.5 + 0.5 * place / (len(order) - 1)

    def allowed(self) -> None:
        """Raises BudgetSpent, ItemBudgetSpent."""
        budget = self._budget
        bound = budget.item_tokens if self._item else 0
        if bound and self._accounts.spent(self._day, self._item).tokens >= bound:
            self._refuse(
                ItemBudgetSpent(
                    f"this item's {bound} tokens of today are used",
                    place=f"{_SETTING}.item_tokens",
                    remedy="raise it; until then the plainer form speaks",
                )
            )
        if not budget.day_tokens and not budget.day_money:
            return
        spent, share = self._accounts.spent(self._day), self.share()
        tokens = budget.day_tokens and spent.tokens >= share * budget.day_tokens
        money = budget.day_money and spent.money >= share * budget.day_money
        if tokens or money:
            what = f"{budget.day_tokens} tokens" if tokens else f"money ({budget.day_money:g})"
            gone = "are used" if share == 1 else f"are used to {share:.0%}, from where this feature gives way"
            self._refuse(
                BudgetSpent(
                    f"the day's {what} for language models {gone}",
                    place=f"{_SETTING}.{'day_tokens' if tokens else 'day_money'}",
                    remedy="raise it, or describe again tomorrow; until then the plainer form speaks",
                )
            )

    def _refuse(self, error: ModelError) -> None:
        self._accounts.add(self._day, [self._use(refused=1)])
        raise error

    def add(self, said: Said, began: float) -> None:
        """Put a call on the account. `began`: on the monotonic clock."""
        price = next((p for p in self._budget.prices if fnmatchcase(self._model, p.model)), None)
        money = (said.prompt_tokens * price.prompt + said.output_tokens * price.output) / 1e6 if price else 0.0
        use = self._use(
            made=1,
            seconds=time.monotonic() - began,
            prompt_tokens=said.prompt_tokens,
            output_tokens=said.output_tokens,
            money=money,
        )
        self._accounts.add(self._day, [use])

    def _use(self, **figures: Any) -> Use:
        return Use(part=Part.LANGUAGE, name=self._feature or "other", model=self._model, item=self._item, **figures)


class MeteredLanguageModel(Writes):
    """Fulfils `LanguageModel`."""

    def __init__(
        self,
        model: Speaks,
        accounts: AccountStore,
        budget: BudgetConfig,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._model = model
        self._meter = Meter(model.info.id, accounts, budget, clock)

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    def about(self, feature: str, item: ItemKey = NO_ITEM) -> MeteredLanguageModel:
        """The same model, its calls on the account of a feature and an item."""
        other = copy(self)
        other._meter = self._meter.about(feature, item)
        return other

    def say(
        self, system: str, prompt: SafeText, max_tokens: int, seed: int, schema: dict[str, Any] | None = None
    ) -> Said:
        """An answer. Raises BudgetSpent, ItemBudgetSpent, ModelError."""
        guessed = guessed_tokens(system) + guessed_tokens(prompt)
        return self._meter.ask(lambda: self._model.say(system, prompt, max_tokens, seed, schema), guessed)

    def stream(self, system: str, prompt: SafeText, max_tokens: int = 256, seed: int = 0) -> Iterator[str]:
        """As `write`, piece by piece; its tokens are estimated."""
        self._meter.allowed()
        began, told = time.monotonic(), ""
        try:
            for piece in self._model.stream(system, prompt, max_tokens, seed):
                told += piece
                yield piece
        finally:
            guessed = guessed_tokens(system) + guessed_tokens(prompt)
            self._meter.add(Said("", guessed, guessed_tokens(told)), began)

    def close(self) -> None:
        """Close the model's connection."""
        self._model.close()
