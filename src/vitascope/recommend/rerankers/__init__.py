"""Re-rankers: each looks at the best candidates of one list and says, place by place, what they gain or lose.

diversity   a place costs what is like one above (maximal marginal relevance)
span        a place is worth what it adds to all above together (determinantal point process)
creators    no creator fills a list
topics      no leading topic fills a list
quota       a share of places for new items, or for those with a feature
fatigue     what was just heard rests
vain        creators and topics that were shown in vain are shown less
freshness   what is new stands higher
language    a language model's order, for people of whom little is known and for new items

`vitascope evaluate --reranker NAME[:SETTING=VALUE]` tells what one costs and what it brings.
"""

from __future__ import annotations

from vitascope.recommend.rerankers._language import Language
from vitascope.recommend.rerankers._order import reorder
from vitascope.recommend.rerankers._rest import Fatigue, Freshness, Vain
from vitascope.recommend.rerankers._turns import Creators, Quota, Topics
from vitascope.recommend.rerankers._variety import Diversity, Span, unit

__all__ = [
    "Creators",
    "Diversity",
    "Fatigue",
    "Freshness",
    "Language",
    "Quota",
    "Span",
    "Topics",
    "Vain",
    "reorder",
    "unit",
]
