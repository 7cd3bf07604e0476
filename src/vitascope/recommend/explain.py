"""Reasons: the readable score term by term, the cause, the sentence; and why an item moved between two lists.

Takes the very numbers that ranked an item and the evidence recorded with its features. Gives explanations in English and
Chinese that name nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Description, Evidence
from vitascope.base.histories import Histories
from vitascope.base.items import Item
from vitascope.base.people import EVENT_TYPES, EventType
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.ranking import Contribution, Explanation, Move, RecommendationList
from vitascope.base.time import clock
from vitascope.recommend.wording import FAMILIES, join, liked, words
from vitascope.recommend.wording import shared as shared_words

Floats = npt.NDArray[np.float32]

_DID = {
    EventType.COMPLETE: ("you finished", "您看完了"),
    EventType.LIKE: ("you liked", "您喜欢"),
    EventType.FAVOURITE: ("it is a favourite of yours:", "您收藏了"),
    EventType.SHARE: ("you shared", "您分享了"),
    EventType.RATE: ("you rated", "您评价了"),
    EventType.COMMENT: ("you commented on", "您评论了"),
    EventType.FOLLOW: ("you follow the creator of", "您关注了其作者："),
}
_PLAYED = ("you played", "您播放过")
_BY_SOURCE = {
    "popular": ("many people here watch it", "这里很多人在看"),
    "new": ("it is new here", "这是新内容"),
    "any": ("you have not seen it yet", "您还没有看过"),
    "explore": ("to find out whether you like something new", "试试您是否喜欢新的内容"),
}

_TERMS = 64


def contributions(
    taste: Floats, weights: Floats, row: int, table: FeatureTable, evidence: Mapping[str, tuple[Evidence, ...]]
) -> tuple[Contribution, ...]:
    """Every term w_i u_i v_i of one item that is not zero, largest first; they sum to R(u, v)."""
    first, last = int(table.start[row]), int(table.start[row + 1])
    terms = []
    for entry in range(first, last):
        column = int(table.column[entry])
        if taste[column] == 0 or weights[column] == 0:
            continue
        name = table.names[column]
        terms.append(
            Contribution(
                feature=name,
                weight=float(weights[column]),
                taste=float(taste[column]),
                value=float(table.value[entry]),
                evidence=evidence.get(name, ())[:3],
            )
        )
    return tuple(sorted(terms, key=lambda t: (-abs(t.product), t.feature))[:_TERMS])


def evidence_of(description: Description | None) -> dict[str, tuple[Evidence, ...]]:
    """Feature -> where it was seen or heard."""
    return {f.name: f.evidence for f in description.features} if description is not None else {}


def sentences(
    source: str,
    because: Item | None,
    did: EventType | None,
    terms: Sequence[Contribution],
    shared: frozenset[str],
) -> tuple[str, str]:
    """A sentence in English and one in Chinese, from the source, the cause and the strongest terms for the item.

    `shared` are the features that the cause has as well: only those are said to be of both.
    """
    good = [t for t in terms if t.product > 0 and not t.feature.startswith(("kind:", "length:"))][:3]
    if because is not None:
        verb, verb_zh = _DID.get(did, _PLAYED) if did is not None else _PLAYED
        title = because.title or because.item_id
        both = [t for t in good if t.feature in shared][:2]
        english, chinese = f"because {verb} “{title}”", f"因为{verb_zh}“{title}”"
        if both:
            english += "; " + shared_words([t.feature for t in both], because.creator)
            chinese += f"；两者都有{_and_zh([_spelt_zh(t.feature, because.creator) for t in both])}"
        at = next((e for t in both for e in t.evidence if e.span is not None), None)
    elif good and source in ("personal", "similar", "collaborative", "neighbours", "factors", "sequence"):
        english = f"because you like {join([liked(t.feature) for t in good[:2]])}"
        chinese = f"因为您喜欢{_and_zh([words(t.feature)[1] for t in good[:2]])}"
        at = next((e for t in good[:2] for e in t.evidence if e.span is not None), None)
    else:
        plain, plain_zh = _BY_SOURCE.get(source, ("it is close to what you watch", "与您看的内容相近"))
        english, chinese, at = f"because {plain}", f"因为{plain_zh}", None
    if at is not None and at.span is not None:
        english += f" (at {clock(at.span.start)})"
        chinese += f"（见 {clock(at.span.start)}）"
    return english, chinese


def _spelt_zh(feature: str, creator: str | None) -> str:
    """A feature's words, a creator as its owner spells it (features are lower case)."""
    if creator and feature.partition(":")[2] == creator.strip().lower():
        return f"{FAMILIES['creator']}“{creator.strip()}”"
    return words(feature)[1]


def _and_zh(parts: list[str]) -> str:
    return "和".join(dict.fromkeys(parts))


def cause(histories: Histories, amounts: Floats) -> tuple[int, int, EventType] | None:
    """Of one person's history, the act that speaks loudest: (row, event number, what was done); None if none speaks."""
    if not len(amounts) or float(amounts.max(initial=0.0)) <= 1e-6:
        return None
    row = int(histories.item[int(np.argmax(amounts))])
    mine = np.flatnonzero(histories.item == row)
    best = mine[np.lexsort((mine, histories.strength[mine]))[-1]]
    return row, int(histories.number[best]), EVENT_TYPES[int(histories.type[best])]


def moves(
    before: RecommendationList,
    after: RecommendationList,
    gone: Mapping[str, str],
    new_events: Mapping[str, str],
) -> tuple[Move, ...]:
    """How places changed, in order of the new list, then what left.

    Args:
        gone: item id -> why it cannot be shown any more ("seen" | "hidden").
        new_events: title of an item -> what was just done to it, newest last.
    """
    old = {item.item_id: (place, item.explanation) for place, item in enumerate(before.items, 1)}
    new = {item.item_id: (place, item.explanation) for place, item in enumerate(after.items, 1)}
    done = next(reversed(list(new_events.items())), None)
    since = f"you just {done[1]} “{done[0]}”" if done else "what you just did"
    found = []
    for item_id, (place, why) in new.items():
        was, because = old.get(item_id, (None, None))
        if was == place:
            continue
        feature, change = _changed(because, why) if was is not None else _strongest(why)
        up = was is None or place < was
        if feature is not None and (change > 0) == up:
            name, name_zh = words(feature)
            direction, direction_zh = ("more", "增加") if change > 0 else ("less", "减少")
            text = f"{since}: {name} counts {direction} for you now"
            chinese = f"您刚才的行为使{name_zh}的分量{direction_zh}"
        elif was is not None:
            text = "it made room" if not up else "others above it left or fell"
            chinese = "为其他条目让位" if not up else "它上面的条目离开或下降了"
        else:
            text, chinese = "a place became free", "有位置空出"
        found.append(Move(item_id=item_id, before=was, after=place, why=text, why_zh=chinese))
    reasons = {"seen": ("you have seen it now", "您已看过"), "hidden": ("you hid it", "您已隐藏它")}
    for item_id, (was, _) in old.items():
        if item_id in new:
            continue
        text, chinese = reasons.get(gone.get(item_id, ""), ("others fit better now", "其他条目现在更合适"))
        found.append(Move(item_id=item_id, before=was, after=None, why=text, why_zh=chinese))
    return tuple(found)


def _changed(before: Explanation | None, after: Explanation | None) -> tuple[str | None, float]:
    if before is None or after is None:
        return None, 0.0
    old = {c.feature: c.product for c in before.contributions}
    new = {c.feature: c.product for c in after.contributions}
    change = {name: new.get(name, 0.0) - old.get(name, 0.0) for name in {**old, **new}}
    name = max(sorted(change), key=lambda n: abs(change[n]), default=None)
    return (name, change[name]) if name is not None and abs(change[name]) > 1e-4 else (None, 0.0)


def _strongest(why: Explanation | None) -> tuple[str | None, float]:
    best = next((c for c in why.contributions if c.product > 0), None) if why is not None else None
    return (best.feature, best.product) if best is not None else (None, 0.0)
