"""Describing by an engine's workers: the records that travel, and the worker's side, which has models and a reader but no
library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from vitascope.base.moderation import ModerationPolicy
from vitascope.base.ports.accounts import AccountStore
from vitascope.base.ports.media import Limits, MediaReader
from vitascope.base.ports.models import Models
from vitascope.describe._config import DescribeConfig
from vitascope.describe._spread import Carried, DescribeAnswer, DescribeTask, packed

if TYPE_CHECKING:
    from vitascope.describe.extractors import Extractor

__all__ = ["AwayDescriber", "DescribeAnswer", "DescribeTask"]


class AwayDescriber:
    """Does tasks, one at a time, with the same `Describer` that works in the library's own process.

    Args:
        models: opens the pack, its calls of a language model on the account that is given.
    """

    def __init__(
        self,
        reader: MediaReader,
        models: Callable[[AccountStore], Models],
        config: DescribeConfig,
        clock: Callable[[], float],
        *,
        limits: Limits,
        extractors: Sequence[Extractor],
        policy: ModerationPolicy,
    ) -> None:
        from vitascope.describe._describer import Describer

        self._carried = Carried()
        nowhere: Any = None  # items and copies are the library's: one task asks for none of them
        self._describer = Describer(
            nowhere,
            self._carried,
            nowhere,
            reader,
            models(self._carried.accounts),
            config,
            clock,
            problems=self._carried.problems,
            limits=limits,
            extractors=extractors,
            policy=policy,
            accounts=self._carried.accounts,
        )

    def __call__(self, task: DescribeTask) -> DescribeAnswer:
        """What is made of the item."""
        self._carried.begin(task)
        description, vectors = self._describer.describe_task(task)
        extractions, problems = self._carried.made()
        return DescribeAnswer(
            description=description,
            vectors=packed(vectors),
            extractions=extractions,
            problems=problems,
            uses=self._carried.accounts.made(),
        )
