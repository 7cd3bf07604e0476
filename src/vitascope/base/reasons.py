"""Reasons: what one way of explaining says of one score, one named reason and its amount a line. Knows no model."""

from __future__ import annotations

from typing import Literal

from vitascope.base.records import Record
from vitascope.base.time import Span

Method = Literal["readable", "fusion", "shap", "left-out", "attention", "rollout", "gradients", "words", "segments"]
"""readable: the terms w u v of named features · fusion: the weighted scorers · shap: the ranker's trees (Lundberg et al.
2018) · left-out: each act taken away in turn · attention, rollout (Abnar and Zuidema 2020), gradients (integrated
gradients, Sundararajan et al. 2017): acts, through the sequential model · words, segments: LIME (Ribeiro et al. 2016)
over the words of a description and over its stretches of media."""


class Reason(Record):
    """One named reason and what it adds to a score."""

    kind: Literal["feature", "scorer", "figure", "act", "word", "segment"]
    name: str
    """A feature, a scorer, a figure of the ranker, an outside item id, a word, or the words of a stretch of media."""
    amount: float
    """In the unit of the score that is explained; below 0 it speaks against the item."""
    given: float | None = None
    """What was looked at: the figure's value, the scorer's normalised score; None where it is not known."""
    span: Span | None = None
    """Where in the media."""
    event: int | None = None
    """Number of the act."""
    title: str = ""
    """Of the item of an act."""
    did: str = ""
    """Type of the act."""


class Attribution(Record):
    """What one way of explaining says of one score."""

    method: Method
    of: str
    """What is explained: "score" (what the item is ranked by), "outcome:take" (log-odds), or a scorer ("sequence")."""
    score: float
    base: float = 0.0
    """What the score would be with nothing to go by; with the amounts it sums to the score where `exact`."""
    exact: bool
    """base + the amounts = the score, to 1e-6. Where not, amounts are comparable with one another only."""
    reasons: tuple[Reason, ...] = ()
    """Largest amount first, by magnitude."""
    fit: float | None = None
    """Of an approximation (LIME): the share of the score's variance over its trials that it accounts for."""


SCORERS: dict[str, tuple[str, str]] = {
    "taste": ("your taste in named features", "您对各项特征的喜好"),
    "content": ("likeness to what you took to lately", "与您近期喜欢的内容相似"),
    "collaborative": ("what people alike took up", "口味相近的人也看"),
    "neighbours": ("what is taken up together with what you took up", "与您看过的内容常被一起观看"),
    "factors": ("hidden directions of taste", "潜在的口味方向"),
    "sequence": ("the order of what you did", "您的观看顺序"),
    "popular": ("how many people here took to it", "这里有多少人喜欢"),
}
FIGURES: dict[str, tuple[str, str]] = {
    "blend": ("all scorers together", "各项评分合计"),
    "place": ("its place by all scorers together", "按合计评分的名次"),
    "popular": ("how many people here took to it", "这里有多少人喜欢"),
    "age_days": ("how long it has been here", "上架时间"),
    "acts": ("how much is known of you", "对您了解的多少"),
    "liked_share": ("how often you like what you take up", "您喜欢所看内容的比例"),
    "mainstream": ("how popular it is beside what you usually watch", "与您平常所看内容相比的热门程度"),
    "creator_share": ("how much you watch of its creator", "您看这位作者的多少"),
    "creator_strength": ("how you liked its creator", "您对这位作者的喜欢程度"),
    "topic_share": ("how much you watch of its main topic", "您看这一主题的多少"),
    "topic_strength": ("how you liked its main topic", "您对这一主题的喜欢程度"),
    "hours_since_topic": ("how long ago you watched its main topic", "距您上次看这一主题的时间"),
}


def label(reason: Reason) -> tuple[str, str]:
    """A reason as English and Chinese words, where it is one of ours; what comes from the library is as it is there."""
    if reason.kind == "scorer":
        return SCORERS.get(reason.name, (reason.name, reason.name))
    if reason.kind == "figure":
        family, _, scorer = reason.name.partition(":")
        if family == "scorer":
            return SCORERS.get(scorer, (scorer, scorer))
        return FIGURES.get(reason.name, (reason.name, reason.name))
    if reason.kind == "act":
        return reason.title or reason.name, reason.title or reason.name
    return reason.name, reason.name
