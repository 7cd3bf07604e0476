"""Moderation on the wire: what is asked and what is answered, and how records become it."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from vitascope.base.content import Finding, Verdict
from vitascope.base.moderation import Judgement, ModerationAct
from vitascope.base.ports.moderating import Audit, ModerationCase
from vitascope.serve.wire.answers import Wire
from vitascope.serve.wire.asked import Asked


class ActIn(Asked):
    """An act of moderation names who acts and why."""

    who: str = Field(min_length=1, max_length=200)
    why: str = Field(min_length=1, max_length=2_000)


class DecisionIn(ActIn):
    """An owner's decision. `review` hands the item back to the policy."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"verdict": "allow", "who": "ada", "why": "a history lesson"}]}
    )

    verdict: Verdict
    age: int | None = Field(default=None, ge=1, le=21, description="with `age-limit`, and only then")
    audience: str | None = Field(default=None, max_length=100, description="null: for everybody")


class AppealIn(ActIn):
    """Somebody disagrees with what is decided."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"who": "ben", "why": "it is about prevention"}]})


class AudienceIn(ActIn):
    """Which audience a person is in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"audience": "children", "who": "ada", "why": "seven years old"}]}
    )

    audience: str | None = Field(max_length=100, description="null takes the person out")


class FindingOut(Wire):
    """What was found where."""

    reason: str
    score: float
    source: str
    start: float | None = None
    end: float | None = None
    quote: str = ""
    in_a_copy: bool = False


class JudgementOut(Wire):
    """What holds for somebody."""

    verdict: str
    shown: bool
    age: int | None = None
    by: str


class ActOut(Wire):
    """A line of the trail."""

    number: int
    at: float
    act: str
    item_id: str | None = None
    verdict: str | None = None
    age: int | None = None
    audience: str | None = None
    who: str
    why: str
    policy: str


class CaseOut(JudgementOut):
    """One item as a moderator sees it, and what holds for everybody."""

    item_id: str
    title: str
    automatic: str
    audiences: dict[str, JudgementOut] = Field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    findings: tuple[FindingOut, ...] = ()
    appeal: ActOut | None = None
    trail: tuple[ActOut, ...] = ()


class CasesOut(Wire):
    """A page of cases."""

    cases: tuple[CaseOut, ...]
    total: int


class AuditOut(Wire):
    """The trail."""

    acts: tuple[ActOut, ...]
    total: int
    broken: int | None = None


class AudienceOut(Wire):
    """Which audience a person is in."""

    user_id: str
    audience: str | None


def finding(found: Finding) -> FindingOut:
    """With float times."""
    return FindingOut(
        reason=found.reason.value,
        score=found.score,
        source=found.source,
        start=float(found.span.start) if found.span else None,
        end=float(found.span.end) if found.span else None,
        quote=found.quote,
        in_a_copy=found.copied,
    )


def judgement(told: Judgement) -> JudgementOut:
    """Its outside."""
    return JudgementOut(verdict=told.verdict.value, shown=told.shown, age=told.age, by=told.by)


def act(line: ModerationAct) -> ActOut:
    """Without internal keys."""
    return ActOut(
        number=line.number,
        at=line.at,
        act=line.act.value,
        item_id=line.item_id,
        verdict=line.verdict.value if line.verdict else None,
        age=line.age,
        audience=line.audience,
        who=line.who,
        why=line.why,
        policy=line.policy,
    )


def case(told: ModerationCase) -> CaseOut:
    """Without the places of its files."""
    return CaseOut(
        item_id=told.item_id,
        title=told.title,
        **judgement(told.judgement).model_dump(),
        automatic=told.automatic.verdict.value,
        audiences={name: judgement(one) for name, one in told.audiences},
        reasons=told.reasons,
        findings=tuple(map(finding, told.findings)),
        appeal=act(told.appeal) if told.appeal else None,
        trail=tuple(map(act, told.trail)),
    )


def audit(trail: Audit, offset: int, n: int) -> AuditOut:
    """A page of the trail."""
    some = trail.acts[offset : offset + n]
    return AuditOut(acts=tuple(map(act, some)), total=len(trail.acts), broken=trail.broken)
