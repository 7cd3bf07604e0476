"""Moderation policies as data, and what they make of findings. Pure rules: no store, no clock, no person.

A description holds findings (what was seen or said, where, how sure). A policy turns them into a verdict for a surface
and an audience whenever something is listed, so that a changed policy counts at once. An owner's decision stands above
the policy; nothing here is decided by a model alone that the policy does not name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field, field_validator

from vitascope.base.content import Finding, Moderation, ReasonCode, Verdict
from vitascope.base.households import audience_parts
from vitascope.base.records import ItemKey, PersonKey, Record, RoomConfig

TEXT_REASONS = (
    ReasonCode.HATE,
    ReasonCode.HARASSMENT,
    ReasonCode.SELF_HARM,
    ReasonCode.SEXUAL,
    ReasonCode.VIOLENCE,
    ReasonCode.DRUGS,
)
"""What texts are looked through for."""


class Rule(RoomConfig):
    """From which score on a finding of one reason has which consequence; an unnamed consequence never comes."""

    warn: float | None = Field(None, ge=0, le=1)
    age_limit: float | None = Field(None, ge=0, le=1)
    review: float | None = Field(None, ge=0, le=1)
    block: float | None = Field(None, ge=0, le=1)
    age: int = Field(18, ge=1, le=21)
    """The age that an age limit names."""
    pictures: int = Field(2, ge=1)
    """Pictures that must reach `block` before it comes (or the only one there is)."""

    def verdict(self, findings: Sequence[Finding]) -> Verdict:
        """What findings of this reason lead to."""
        best = Verdict.ALLOW
        for verdict, least in (
            (Verdict.WARN, self.warn),
            (Verdict.AGE_LIMIT, self.age_limit),
            (Verdict.REVIEW, self.review),
            (Verdict.BLOCK, self.block),
        ):
            if least is None:
                continue
            enough = [f for f in findings if f.score >= least]
            needed = min((min(self.pictures, f.of) for f in enough), default=1) if verdict is Verdict.BLOCK else 1
            if len(enough) >= needed:
                best = verdict
        return best


Rules = dict[ReasonCode, Rule]

REVIEW = 0.5
"""From this score on a text goes to review: what the detector's scores are made to mean (docs/moderation.md)."""

DEFAULT_RULES: Rules = {
    **{reason: Rule(review=REVIEW) for reason in TEXT_REASONS},
    ReasonCode.NUDITY: Rule(review=0.5, block=0.9),
    ReasonCode.EXPLICIT: Rule(review=0.5),
    ReasonCode.LISTED: Rule(review=0.5),
}

CHILDREN_RULES: Rules = {
    **{reason: Rule(block=0.3) for reason in TEXT_REASONS},
    ReasonCode.NUDITY: Rule(block=0.35, pictures=1),
    ReasonCode.EXPLICIT: Rule(block=0.5),
    ReasonCode.LISTED: Rule(block=0.5),
}


class SurfacePolicy(RoomConfig):
    """What is different on one surface: the rules stated here take the place of the general ones."""

    rules: Rules = Field(default_factory=dict)


class AudiencePolicy(RoomConfig):
    """What is stricter for one audience. Its rules come on top of the general ones, never instead of them."""

    age: int | None = Field(None, ge=0, le=120)
    """Age of the youngest; nothing with a higher age limit is shown. None: age limits are only labelled."""
    hold_review: bool = False
    """Nothing that waits for review is shown."""
    looked_at: bool = False
    """Nothing is shown whose media nobody has looked at yet."""
    rules: Rules = Field(default_factory=dict)


CHILDREN = AudiencePolicy(age=7, hold_review=True, looked_at=True, rules=CHILDREN_RULES)


class ModerationPolicy(RoomConfig):
    """What is shown to whom, where. What is not stated keeps its default; `vitascope moderation policy` prints all of it."""

    rules: Rules = Field(default_factory=lambda: dict(DEFAULT_RULES))
    """By reason: hate, harassment, self-harm, sexual, violence, drugs (texts), nudity (pictures), explicit, listed."""
    surfaces: dict[str, SurfacePolicy] = Field(default_factory=dict)
    """By surface: short, video, music, tv, live."""
    audiences: dict[str, AudiencePolicy] = Field(default_factory=lambda: {"children": CHILDREN})
    """By audience; `vitascope moderation audience USER NAME` puts a person into one."""

    def audience(self, name: str | None) -> AudiencePolicy | None:
        """What holds for an audience; for one that the policy does not know (any more) what children may see."""
        policy = audience_parts(name)[0]  # a person's list of allowed items is not the policy's
        return None if policy is None else self.audiences.get(policy, CHILDREN)

    @field_validator("rules", mode="before")
    @classmethod
    def _rules(cls, given: Any) -> Any:
        return {**DEFAULT_RULES, **given} if isinstance(given, Mapping) else given

    @field_validator("audiences", mode="before")
    @classmethod
    def _audiences(cls, given: Any) -> Any:
        return {"children": CHILDREN, **given} if isinstance(given, Mapping) else given


class Act(StrEnum):
    """What somebody did in the moderation of an item."""

    DECIDE = "decide"
    APPEAL = "appeal"
    AUDIENCE = "audience"
    """A person was put into an audience, or taken out."""


class ActDraft(Record):
    """What somebody did, before it is in the audit trail."""

    at: float
    act: Act
    item: ItemKey | None = None
    item_id: str | None = None
    """Kept beside the key: the trail outlives the item."""
    person: PersonKey | None = None
    """Whom an AUDIENCE act is about."""
    verdict: Verdict | None = None
    """What was decided. REVIEW takes a decision back: the policy speaks again, and the item waits for review."""
    age: int | None = None
    audience: str | None = None
    """None: for everybody."""
    who: str
    why: str
    policy: str = ""
    """Digest of the policy that held then."""


class ModerationAct(ActDraft):
    """One line of the audit trail. It is only ever added."""

    number: int


Standing = dict[ItemKey, dict[str | None, ModerationAct]]
"""The owner's decisions that hold, by item and audience (None: everybody)."""


def digest(policy: ModerationPolicy) -> str:
    """A short name of a policy, kept with every act: 16 hex digits of SHA-256 over its canonical JSON."""
    told = json.dumps(policy.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def standing_of(acts: Iterable[ModerationAct]) -> Standing:
    """The latest decision on each item for each audience, out of a trail in its order."""
    out: Standing = {}
    for act in acts:
        if act.act is Act.DECIDE and act.item is not None:
            out.setdefault(act.item, {})[act.audience] = act
    return out


def spread(standing: Standing, groups: Mapping[ItemKey, ItemKey]) -> Standing:
    """Decisions with a block of one copy counting for its whole-work copies, unless they have one of their own.

    Args:
        groups: item -> the first of its group, for items that have a copy.
    """
    blocked: Standing = {}
    for item, mine in standing.items():
        for audience, act in mine.items():
            if act.verdict is Verdict.BLOCK and item in groups:
                blocked.setdefault(groups[item], {})[audience] = act
    if not blocked:
        return standing
    out = {item: dict(mine) for item, mine in standing.items()}
    for item, first in groups.items():
        for audience, act in blocked.get(first, {}).items():
            out.setdefault(item, {}).setdefault(audience, act)
    return out


class Judgement(Record):
    """What a policy, or an owner, says of an item for a surface and an audience."""

    verdict: Verdict = Verdict.ALLOW
    age: int | None = None
    shown: bool = True
    reasons: tuple[ReasonCode, ...] = ()
    by: str = "policy"
    """policy | owner."""


def _by_reason(findings: Sequence[Finding]) -> dict[ReasonCode, list[Finding]]:
    out: dict[ReasonCode, list[Finding]] = {}
    for finding in findings:
        out.setdefault(finding.reason, []).append(finding)
    return out


def automatic(findings: Sequence[Finding], rules: Mapping[ReasonCode, Rule], has_media: bool) -> Judgement:
    """What rules make of findings. An item without media is sent to review at most."""
    best, age, reasons = Verdict.ALLOW, None, []
    for reason, mine in _by_reason(findings).items():
        rule = rules.get(reason)
        verdict = rule.verdict(mine) if rule is not None else Verdict.ALLOW
        if verdict is Verdict.ALLOW or rule is None:
            continue
        reasons.append(reason)
        if rule.age_limit is not None and any(f.score >= rule.age_limit for f in mine):
            age = max(age or 0, rule.age)  # also below a severer verdict: a surer finding never lifts an age limit
        best = max(best, verdict, key=lambda v: v.severity)
    if best is Verdict.BLOCK and not has_media:
        best = Verdict.REVIEW
    return Judgement(verdict=best, age=age, reasons=tuple(reasons))


def judge(
    moderation: Moderation | None,
    policy: ModerationPolicy,
    *,
    has_media: bool,
    looked_at: bool = True,
    surface: str | None = None,
    audience: str | None = None,
    standing: Mapping[str | None, ModerationAct] | None = None,
    allowed: bool = True,
) -> Judgement:
    """The verdict on an item, and whether it may be shown.

    Args:
        moderation: what its description says; None: not described.
        looked_at: whether its media was looked at (true for an item without any).
        surface: None for what belongs to no surface (search, similar items, pages of items).
        audience: a name of the policy; one that it does not know may see what children may.
        standing: the owner's latest decision for each audience; None is the key of everybody.
        allowed: whether it stands on the list of the person whose list holds for the audience.
    """
    found = _judged(moderation, policy, has_media, looked_at, surface, audience_parts(audience)[0], standing)
    return found if allowed else found.model_copy(update={"shown": False})


def _judged(
    moderation: Moderation | None,
    policy: ModerationPolicy,
    has_media: bool,
    looked_at: bool,
    surface: str | None,
    audience: str | None,
    standing: Mapping[str | None, ModerationAct] | None,
) -> Judgement:
    decided = standing or {}
    findings = moderation.findings if moderation is not None else ()
    rules = policy.rules | (policy.surfaces[surface].rules if surface in policy.surfaces else {})
    general = automatic(findings, rules, has_media)
    old = moderation.decision if moderation is not None and not findings else Verdict.ALLOW
    if old.severity > general.verdict.severity:  # described by a version that kept no findings
        general = general.model_copy(update={"verdict": old})
    if (own := decided.get(None)) is not None and own.verdict not in (None, Verdict.REVIEW):
        general = Judgement(verdict=own.verdict, age=own.age, reasons=general.reasons, by="owner")
    told = policy.audience(audience)
    if told is None or general.verdict is Verdict.BLOCK:  # for everybody: no audience is let past it
        return general.model_copy(update={"shown": general.verdict is not Verdict.BLOCK})
    if (own := decided.get(audience)) is not None and own.verdict not in (None, Verdict.REVIEW):
        found = Judgement(verdict=own.verdict, age=own.age, reasons=general.reasons, by="owner")
    else:
        strict = automatic(findings, told.rules, has_media)
        found = strict if strict.verdict.severity > general.verdict.severity else general
        if general.age or strict.age:
            found = found.model_copy(update={"age": max(general.age or 0, strict.age or 0)})
    young = told.age is not None and found.age is not None and told.age < found.age
    shown = not (
        found.verdict is Verdict.BLOCK
        or young
        or (found.verdict is Verdict.REVIEW and told.hold_review)
        or (told.looked_at and not looked_at and audience not in decided)
    )
    return found.model_copy(update={"shown": shown})


def strictest(own: Moderation, copies: Sequence[Moderation], most: int = 24) -> Moderation:
    """An item's findings joined with those of its whole-work copies: it is never judged milder than they are."""
    theirs = [f for copy in copies for f in copy.findings if not f.copied and f.source in MEDIA_SOURCES]
    known = {(f.reason, f.source, f.span) for f in own.findings}
    more = [f.model_copy(update={"copied": True}) for f in theirs if (f.reason, f.source, f.span) not in known]
    if not more:
        return own
    more.sort(key=lambda f: -f.score)
    return own.model_copy(update={"findings": (*own.findings, *more)[:most]})


MEDIA_SOURCES = frozenset({"picture", "transcript", "screen_text"})
"""Sources of findings that lie in the work itself, so that they hold for every copy of it."""
