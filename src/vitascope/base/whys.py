"""Why one item is where it is for one person: the whole record, of which a sentence may say nothing else."""

from __future__ import annotations

from vitascope.base.people import Surface
from vitascope.base.ranking import Recommended
from vitascope.base.reasons import Attribution, Reason
from vitascope.base.records import Record


class Attention(Record):
    """How much the newest state of the sequential model looks at each act, by layer and head. Looking is not yet counting:
    `Attribution` of the methods rollout and gradients stand beside it."""

    acts: tuple[Reason, ...]
    """Oldest first; their amount is the mean over layers and heads."""
    weights: tuple[tuple[tuple[float, ...], ...], ...]
    """[layer][head][act], each head's summing to 1."""


class Without(Record):
    """What the list would be had the person not done something: recomputed, not estimated."""

    acts: tuple[Reason, ...]
    """On one item or two; `amount` is how much the score falls without that one alone."""
    place: int
    """The item's place without them, from 1."""
    gone: bool
    """It would not be among the first n any more."""


class More(Record):
    """What one more act would bring: recomputed."""

    feature: str
    item_id: str
    title: str
    did: str
    """Type of the act: like | hide."""
    before: int
    """Items with the feature among the first n."""
    after: int


class Why(Record):
    """All that is known of why an item is where it is. Outside ids."""

    user_id: str = ""
    surface: Surface
    item: Recommended
    """With its explanation: the terms w u v, what ranked it in exact parts, the sentence."""
    title: str
    place: int
    """In the person's list, from 1, copies of one work counting once."""
    n: int
    """How long a list the counterfactuals look at."""
    told: tuple[Attribution, ...] = ()
    """Further ways of explaining."""
    attention: Attention | None = None
    without: tuple[Without, ...] = ()
    more: tuple[More, ...] = ()
    sentence: str = ""
    """English, by a language model that kept to the record, else by the template; "" where it was not asked for."""
    sentence_by: str = ""
    """model:ID prompt:NAME | template."""
    shown: tuple[str, ...] = ()
    """Methods that held in the deletion test (docs/explanations.md): what a page shows unasked."""
    gaps: tuple[str, ...] = ()
    """What could not be told, and why."""
