"""Commands about moderation: list, show, decide, appeal, audit, policy, audience."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from vitascope.base.content import Verdict
from vitascope.base.time import clock
from vitascope.cli._app import TranslatedGroup
from vitascope.cli._common import Run, command
from vitascope.cli._say import _, plain

if TYPE_CHECKING:
    from vitascope.base.moderation import ModerationAct, ModerationPolicy, Rule
    from vitascope.base.ports.moderating import Audit, ModerationCase

VERDICTS = [verdict.value for verdict in Verdict]


@click.group(
    "moderation", cls=TranslatedGroup, help="Unfit items: the queue, decisions, appeals, the trail, the policy"
)
def moderation() -> None:
    """The group of moderation commands."""


@command("list", help="What waits for review, appeals first; or all items of one verdict")
@click.option("--verdict", type=click.Choice(VERDICTS), help="All items with this verdict")
@click.option("--all", "everything", is_flag=True, help="All items that are not simply allowed")
def list_(run: Run, verdict: str | None, everything: bool) -> None:
    """List cases."""
    with run.system() as system:
        if verdict is None and not everything:
            cases = list(system.moderation_queue())
        else:
            cases = list(system.moderation_list(Verdict(verdict) if verdict else None))
    run.result(
        {"cases": [case.model_dump(mode="json") for case in cases]},
        lambda: "\n".join(map(line, cases)) or _("nothing waits for review"),
    )


def line(case: ModerationCase) -> str:
    """A case on one line."""
    codes = ", ".join(dict.fromkeys(f.reason.value for f in case.findings))
    appeal = "  " + _("appeal: {why}").format(why=plain(case.appeal.why, 80)) if case.appeal else ""
    return f"{case.judgement.verdict.value:10} {plain(case.item_id)}  {plain(case.title, 60)}  {codes}{appeal}".rstrip()


@command("show", help="One item: findings with times and quotes, decisions, who may see it")
@click.argument("item")
def show(run: Run, item: str) -> None:
    """Show a case."""
    with run.system() as system:
        case = system.moderation_case(item)
    run.result(case, lambda: card(case))


def card(case: ModerationCase) -> str:
    """A case as a person reads it."""
    judgement = case.judgement
    age = f" {judgement.age}" if judgement.age else ""
    lines = [
        f"{plain(case.item_id)}  {plain(case.title, 100)}",
        _("verdict: {verdict}, by {by}; the policy alone says {alone}").format(
            verdict=judgement.verdict.value + age, by=judgement.by, alone=case.automatic.verdict.value
        ),
    ]
    for name, told in case.audiences:
        seen = _("shown") if told.shown else _("not shown")
        lines.append(f"  {plain(name)}: {seen} ({told.verdict.value})")
    for found in case.findings:
        where = f"{clock(found.span.start)}-{clock(found.span.end)} " if found.span else ""
        lines.append(f"  {found.reason.value} {found.score:.2f}  {where}{found.source}  {plain(found.quote, 160)}")
    lines += [_("media: {file}").format(file=plain(uri)) for uri in case.media]
    lines += map(act_line, case.trail)
    return "\n".join(lines)


def act_line(act: ModerationAct) -> str:
    """A line of the trail."""
    when = datetime.fromtimestamp(act.at, UTC).strftime("%Y-%m-%d %H:%M")
    verdict = act.verdict.value if act.verdict else ""
    age = f" {act.age}" if act.age else ""
    of = f" [{plain(act.audience)}]" if act.audience else ""
    about = plain(act.item_id or "")
    return f"{act.number:5} {when}  {act.act.value} {verdict}{age}{of}  {about}  {plain(act.who, 60)}: {plain(act.why, 300)}"


@command("decide", help="Decide about an item; the decision stands above the policy until the next")
@click.argument("item")
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.option("--by", "who", required=True, help="Who decides; kept in the trail")
@click.option("--why", required=True, help="Why; kept in the trail")
@click.option("--age", type=click.IntRange(1, 21), help="Age of an age limit")
@click.option("--audience", help="Only for this audience of the policy")
def decide(run: Run, item: str, verdict: str, who: str, why: str, age: int | None, audience: str | None) -> None:
    """Decide."""
    with run.system() as system:
        case = system.moderation_decide(item, Verdict(verdict), who, why, audience=audience, age=age)
    run.result(case, lambda: card(case))


@command("appeal", help="Disagree with what is decided: the item goes to the head of the queue")
@click.argument("item")
@click.option("--by", "who", required=True, help="Who appeals; kept in the trail")
@click.option("--why", required=True, help="Why; kept in the trail")
def appeal(run: Run, item: str, who: str, why: str) -> None:
    """Appeal."""
    with run.system() as system:
        case = system.moderation_appeal(item, who, why)
    run.result(case, lambda: card(case))


@command("audit", help="The trail: who did what, when and why, and whether every line is as it was written")
@click.argument("item", required=False)
def audit(run: Run, item: str | None) -> None:
    """Print the trail."""
    with run.system() as system:
        trail = system.moderation_audit(item)
    run.result(trail, lambda: audit_text(trail))
    if trail.broken is not None:
        raise click.exceptions.Exit(1)


def audit_text(trail: Audit) -> str:
    """The trail as a person reads it."""
    whole = (
        _("{n} lines, all as they were written").format(n=len(trail.acts))
        if trail.broken is None
        else _("line {n} is not as it was written, or lines before it are missing").format(n=trail.broken)
    )
    return "\n".join([*map(act_line, trail.acts), whole])


@command("policy", help="The policy that holds: what is shown to whom, where")
def policy(run: Run) -> None:
    """Print the policy."""
    with run.system() as system:
        told = system.moderation_policy()
    run.result(told, lambda: policy_toml(told))


def policy_toml(policy: ModerationPolicy) -> str:
    """The policy as the settings file writes it."""
    lines = []
    for reason, rule in policy.rules.items():
        lines.append(rule_line(f"moderation.rules.{reason.value}", rule))
    for surface, other in policy.surfaces.items():
        lines += [rule_line(f"moderation.surfaces.{surface}.rules.{r.value}", rule) for r, rule in other.rules.items()]
    for name, told in policy.audiences.items():
        age = f"age = {told.age}\n" if told.age is not None else ""
        held, looked = str(told.hold_review).lower(), str(told.looked_at).lower()
        lines.append(f"[moderation.audiences.{name}]\n{age}hold_review = {held}\nlooked_at = {looked}\n")
        lines += [rule_line(f"moderation.audiences.{name}.rules.{r.value}", rule) for r, rule in told.rules.items()]
    return "\n".join(lines)


def rule_line(table: str, rule: Rule) -> str:
    """One table of a rule."""
    stated = [f"{name} = {value}" for name, value in rule.model_dump(exclude_none=True, exclude_defaults=True).items()]
    return f"[{table}]\n" + "\n".join(stated) + "\n"


@command("audience", help="Put a person into an audience of the policy, such as children; or take them out")
@click.argument("user")
@click.argument("audience", required=False)
@click.option("--none", "out", is_flag=True, help="Take the person out")
@click.option("--by", "who", help="Who decides; kept in the trail")
@click.option("--why", help="Why; kept in the trail")
def audience_(run: Run, user: str, audience: str | None, out: bool, who: str | None, why: str | None) -> None:
    """Show or set a person's audience."""
    with run.system() as system:
        if audience is not None or out:
            system.put_audience(user, None if out else audience, who or "", why or "")
        found = system.audience_of(user)
    run.result({"user_id": user, "audience": found}, f"{plain(user)}: {plain(found) if found else '-'}")


for one in (list_, show, decide, appeal, audit, policy, audience_):
    moderation.add_command(one)
