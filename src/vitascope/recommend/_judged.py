"""Which items moderation lets through for a surface and an audience: an array made of findings, decisions, the policy.

Takes items, what was found in them, the owner's decisions. Looks at nothing but these; most items have neither finding
nor decision and cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Moderation, Verdict
from vitascope.base.households import audience_parts
from vitascope.base.items import Item
from vitascope.base.moderation import ModerationPolicy, Standing, judge, spread, strictest
from vitascope.base.records import ItemKey, PersonKey

Mask = npt.NDArray[np.bool_]


class Judged:
    """Call it with a surface and an audience; None is everywhere, and everybody."""

    def __init__(
        self,
        items: Sequence[Item],
        described: Mapping[ItemKey, Moderation],
        light: Collection[ItemKey],
        groups: Mapping[ItemKey, ItemKey],
        standing: Standing,
        policy: ModerationPolicy,
        allowed: Callable[[PersonKey], frozenset[ItemKey]] | None = None,
    ) -> None:
        self._n, self._policy, self._allowed = len(items), policy, allowed
        self._keys = np.array([item.key for item in items], np.int64)
        self._standing = spread(standing, groups)
        members: dict[ItemKey, list[ItemKey]] = {}
        for key, first in groups.items():
            members.setdefault(first, []).append(key)
        self._found: list[tuple[int, Item, Moderation | None]] = []
        self._not_looked = np.zeros(self._n, np.bool_)
        for row, item in enumerate(items):
            mine = described.get(item.key)
            self._not_looked[row] = item.has_media and (mine is None or item.key in light)
            if mine is not None and item.has_media and item.key in groups:
                others = [described[k] for k in members[groups[item.key]] if k != item.key and k in described]
                mine = strictest(mine, others)
            flagged = mine is not None and (mine.findings or mine.decision is not Verdict.ALLOW)
            if flagged or item.key in self._standing:
                self._found.append((row, item, mine))

    def __call__(self, surface: str | None, audience: str | None) -> Mask:
        """Shape (n,)."""
        out = np.ones(self._n, np.bool_)
        told = self._policy.audience(audience)
        if told is not None and told.looked_at:
            out &= ~self._not_looked
        for row, item, moderation in self._found:
            out[row] = judge(
                moderation,
                self._policy,
                has_media=item.has_media,
                looked_at=not self._not_looked[row],
                surface=surface,
                audience=audience,
                standing=self._standing.get(item.key),
            ).shown
        person = audience_parts(audience)[1]
        if person is not None:  # without a store of lists nobody is on one
            listed = self._allowed(person) if self._allowed is not None else frozenset()
            out &= np.isin(self._keys, np.fromiter(listed, np.int64, len(listed)))
        return out
