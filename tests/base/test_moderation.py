"""Policies as data: what they make of findings, for whom, and what an owner's decision changes."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vitascope.base.content import Finding, Moderation, ReasonCode, Verdict
from vitascope.base.moderation import (
    Act,
    ModerationAct,
    ModerationPolicy,
    Rule,
    automatic,
    digest,
    judge,
    spread,
    standing_of,
    strictest,
)
from vitascope.base.records import ItemKey


def found(reason: ReasonCode = ReasonCode.VIOLENCE, score: float = 0.9, **more: object) -> Finding:
    return Finding.model_validate({"reason": reason, "score": score, "source": "title", **more})


def decided(verdict: Verdict, item: int = 1, audience: str | None = None, age: int | None = None) -> ModerationAct:
    return ModerationAct(
        number=1,
        at=0,
        act=Act.DECIDE,
        item=ItemKey(item),
        verdict=verdict,
        audience=audience,
        age=age,
        who="o",
        why="w",
    )


FINDINGS = st.lists(
    st.builds(found, st.sampled_from(list(ReasonCode)), st.floats(0, 1), of=st.integers(1, 4)), max_size=6
)
THRESHOLD = st.none() | st.floats(0, 1)
RULES = st.dictionaries(
    st.sampled_from(list(ReasonCode)),
    st.builds(Rule, warn=THRESHOLD, age_limit=THRESHOLD, review=THRESHOLD, block=THRESHOLD),
)


@given(FINDINGS, RULES)
def test_more_findings_are_never_judged_milder(findings: list[Finding], rules: dict[ReasonCode, Rule]) -> None:
    whole = automatic(findings, rules, has_media=True)
    for i in range(len(findings)):
        less = automatic(findings[:i] + findings[i + 1 :], rules, has_media=True)
        assert less.verdict.severity <= whole.verdict.severity


@given(FINDINGS, RULES)
def test_without_media_nothing_is_blocked_by_itself(findings: list[Finding], rules: dict[ReasonCode, Rule]) -> None:
    assert automatic(findings, rules, has_media=False).verdict is not Verdict.BLOCK
    policy = ModerationPolicy.model_validate({"rules": rules})
    assert judge(Moderation(findings=tuple(findings)), policy, has_media=False).shown


@given(FINDINGS)
def test_children_never_see_more_than_everybody(findings: list[Finding]) -> None:
    policy, mine = ModerationPolicy(), Moderation(findings=tuple(findings))
    for surface in (None, "short"):
        everybody = judge(mine, policy, has_media=True, surface=surface)
        children = judge(mine, policy, has_media=True, surface=surface, audience="children")
        assert everybody.shown or not children.shown
        assert children.verdict.severity >= everybody.verdict.severity


def test_two_pictures_or_the_only_one_block() -> None:
    one, two = (tuple(found(ReasonCode.NUDITY, 0.95, of=9) for _ in range(n)) for n in (1, 2))
    cover = (found(ReasonCode.NUDITY, 0.95, of=1),)
    policy = ModerationPolicy()
    assert judge(Moderation(findings=one), policy, has_media=True).verdict is Verdict.REVIEW
    assert judge(Moderation(findings=two), policy, has_media=True).verdict is Verdict.BLOCK
    assert judge(Moderation(findings=cover), policy, has_media=True).verdict is Verdict.BLOCK


def test_what_a_policy_states_changes_that_alone() -> None:
    policy = ModerationPolicy.model_validate(
        tomllib.loads("""
        [rules.drugs]
        age_limit = 0.5
        age = 16
        [surfaces.short.rules.drugs]
        block = 0.5
        [audiences.teens]
        age = 14
        """)
    )
    assert policy.rules[ReasonCode.HATE].review == 0.5, "what is not stated keeps its default"
    assert "children" in policy.audiences
    mine = Moderation(findings=(found(ReasonCode.DRUGS),))
    told = judge(mine, policy, has_media=True)
    assert (told.verdict, told.age, told.shown) == (Verdict.AGE_LIMIT, 16, True)
    assert not judge(mine, policy, has_media=True, surface="short").shown
    assert not judge(mine, policy, has_media=True, audience="teens").shown
    assert judge(Moderation(), policy, has_media=True, audience="teens").shown
    assert digest(policy) != digest(ModerationPolicy())
    with pytest.raises(ValidationError):
        ModerationPolicy.model_validate({"rules": {"drugs": {"blok": 0.5}}})


def test_a_surer_finding_never_lifts_an_age_limit() -> None:
    policy = ModerationPolicy.model_validate(
        {"rules": {"violence": {"age_limit": 0.5, "review": 0.7}}, "audiences": {"teens": {"age": 13}}}
    )
    for score in (0.5, 0.8):
        told = judge(Moderation(findings=(found(score=score),)), policy, has_media=True, audience="teens")
        assert (told.age, told.shown) == (18, False)


def test_an_unknown_audience_sees_what_children_may() -> None:
    mine = Moderation(findings=(found(score=0.4),))
    assert judge(mine, ModerationPolicy(), has_media=True).shown
    assert not judge(mine, ModerationPolicy(), has_media=True, audience="gone").shown


def test_children_see_nothing_that_nobody_looked_at() -> None:
    policy = ModerationPolicy()
    assert judge(None, policy, has_media=True, looked_at=False).shown
    assert not judge(None, policy, has_media=True, looked_at=False, audience="children").shown
    assert judge(None, policy, has_media=False, audience="children").shown


def test_an_owner_stands_above_the_policy() -> None:
    policy, bad = ModerationPolicy(), Moderation(findings=(found(ReasonCode.NUDITY, 0.95, of=1),))
    allow = {None: decided(Verdict.ALLOW)}
    assert judge(bad, policy, has_media=True, standing=allow).shown
    assert not judge(bad, policy, has_media=True, standing=allow, audience="children").shown
    also = allow | {"children": decided(Verdict.ALLOW, audience="children")}
    assert judge(bad, policy, has_media=True, standing=also, audience="children").shown
    alone = {"children": decided(Verdict.ALLOW, audience="children")}
    for everybody in ({}, {None: decided(Verdict.BLOCK)}):
        told = judge(bad, policy, has_media=True, standing=alone | everybody, audience="children")
        assert not told.shown, "what is blocked for everybody is allowed to nobody"
    block = {None: decided(Verdict.BLOCK)}
    assert not judge(None, policy, has_media=False, standing=block).shown, "an owner may block anything"
    assert not judge(None, policy, has_media=False, standing=block, audience="children").shown
    back = {None: decided(Verdict.REVIEW)}
    assert judge(bad, policy, has_media=True, standing=back).by == "policy"
    old = {None: decided(Verdict.AGE_LIMIT, age=16)}
    assert judge(None, policy, has_media=True, standing=old).shown
    assert not judge(None, policy, has_media=True, standing=old, audience="children").shown


def test_a_block_counts_for_copies_and_a_pardon_does_not() -> None:
    a, b, c = ItemKey(1), ItemKey(2), ItemKey(3)
    groups = {a: a, b: a}
    blocked = spread(standing_of([decided(Verdict.BLOCK, 1)]), groups)
    assert blocked[b][None].verdict is Verdict.BLOCK
    assert c not in blocked
    assert b not in spread(standing_of([decided(Verdict.ALLOW, 1)]), groups)
    both = spread(standing_of([decided(Verdict.BLOCK, 1), decided(Verdict.ALLOW, 2)]), groups)
    assert both[b][None].verdict is Verdict.ALLOW, "its own decision wins"


def test_findings_in_the_work_hold_for_copies_and_titles_do_not() -> None:
    copy = Moderation(findings=(found(source="transcript"), found(source="title", score=0.8)))
    joined = strictest(Moderation(), [copy])
    assert [(f.source, f.copied) for f in joined.findings] == [("transcript", True)]


def test_what_an_older_version_blocked_stays_blocked() -> None:
    assert not judge(Moderation(decision=Verdict.BLOCK, reasons=("x",)), ModerationPolicy(), has_media=True).shown
