"""Commands about people: events import, recommend, explain, profile."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vitascope.base.errors import UsageError
from vitascope.cli._app import TranslatedGroup
from vitascope.cli._common import Run, command
from vitascope.cli._content import set_aside
from vitascope.cli._say import _, plain

if TYPE_CHECKING:
    from vitascope.base.ports.service import ProfileView
    from vitascope.base.ranking import Explanation, RecommendationList

SURFACES = ["short", "video", "music", "tv", "live"]


@click.group("events", cls=TranslatedGroup, help="What people did: import event files")
def events() -> None:
    """The group of event commands."""


@command("import", help="Import a CSV, JSONL or Parquet file of events; the same file twice changes nothing")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--strict", is_flag=True, help="Exit with 1 if anything was set aside")
def import_(run: Run, files: tuple[Path, ...], strict: bool) -> None:
    """Import events."""
    added = known = rejected = 0
    opened, refused = 0, []
    with run.system() as system, run.progress() as progress:
        for file in files:
            try:
                report = system.import_events(file, progress=progress)
            except UsageError as error:
                refused.append(str(error))
                run.say(str(error))
                continue
            opened += 1
            added, known, rejected = added + report.added, known + report.known, rejected + report.rejected_total
            if report.ignored_columns:
                run.say(
                    _("{file}: columns not used: {names}").format(file=file, names=", ".join(report.ignored_columns))
                )
    if not opened:
        raise UsageError(
            _("no event file could be opened"), place="; ".join(refused), remedy=_("name a CSV, JSONL or Parquet file")
        )
    run.result(
        {"added": added, "known": known, "set_aside": rejected},
        _("{added} events added, {known} known already").format(added=added, known=known),
    )
    set_aside(run, rejected + len(refused), strict)


events.add_command(import_)


@command(
    "import-archive",
    help="Import what a person downloaded from YouTube, TikTok, Bilibili or Mastodon: items, and what they did",
)
@click.argument("archives", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option("--user", required=True, metavar="ID", help="Whose archive it is")
@click.option("--strict", is_flag=True, help="Exit with 1 if anything was set aside")
def import_archive(run: Run, archives: tuple[str, ...], user: str, strict: bool) -> None:
    """Import archives."""
    from vitascope.base.errors import InputError

    done, refused = [], []
    with run.system() as system, run.progress() as progress:
        for archive in archives:
            try:
                done.append((archive, system.import_archive(archive, user, progress=progress)))
            except (UsageError, InputError) as error:
                refused.append(str(error))
                run.say(str(error))
    if not done:
        raise UsageError(
            _("no archive could be read"),
            place="; ".join(refused),
            remedy=_("name the file as it was downloaded, or the folder it was unpacked to"),
        )
    aside = sum(report.set_aside for _archive, report in done) + len(refused)
    run.result(
        {
            "archives": [{"archive": archive, **report.model_dump(mode="json")} for archive, report in done],
            "set_aside": aside,
        },
        "\n".join(
            _("{archive}: {connector}; {items} new items, {added} events added, {known} known already").format(
                archive=plain(archive),
                connector=report.connector,
                items=report.items_new,
                added=report.added,
                known=report.known,
            )
            for archive, report in done
        ),
    )
    set_aside(run, aside, strict)


events.add_command(import_archive)


def read_ids(path: Path) -> list[str]:
    """One id a line; empty lines are passed over; order and repeats are kept."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            _("cannot read the list of ids"), place=str(path), remedy=_("name a UTF-8 text file with one id a line")
        ) from error
    return [line.strip() for line in text.splitlines() if line.strip()]


@command("recommend", help="Lists of items for people, with reasons")
@click.option("--user", multiple=True, metavar="ID", help="A person; may be repeated")
@click.option("--users", type=click.Path(path_type=Path), metavar="FILE", help="File with one person's id a line")
@click.option("-k", default=10, type=click.IntRange(1, 10_000), help="How many items for each")
@click.option("--surface", type=click.Choice(SURFACES), help="Surface (default: the one with most events, else video)")
@click.option("--explain", is_flag=True, help="With reasons")
@click.option(
    "--exclude-seen/--include-seen",
    "exclude_seen",
    default=None,
    help="Leave out or keep what was seen (default: the surface decides)",
)
@click.option(
    "--candidates", type=click.Path(path_type=Path), metavar="FILE", help="Recommend only these items, one id a line"
)
@click.option("--explore", is_flag=True, help="Explore, and log impressions with their propensity")
@click.option("--rerank", is_flag=True, help="Apply the surface's re-rankers (diversity, quotas, fatigue)")
@click.option(
    "--format", "form", type=click.Choice(["text", "jsonl"]), default=None, help="text or one JSON object a line"
)
@click.option("--audience", help="Only what this audience of the moderation policy may see")
def recommend(
    run: Run,
    user: tuple[str, ...],
    users: Path | None,
    k: int,
    surface: str | None,
    explain: bool,
    exclude_seen: bool | None,
    candidates: Path | None,
    explore: bool,
    rerank: bool,
    form: str | None,
    audience: str | None,
) -> None:
    """Recommend."""
    from vitascope.base.ports.service import Ask

    who = [*user, *(read_ids(users) if users else [])]
    if not who and users is None:
        raise UsageError(_("nobody to recommend to"), remedy=_("give --user ID or --users FILE"))
    ask = Ask(
        surface=surface,
        n=k,
        include_seen=None if exclude_seen is None else not exclude_seen,
        candidates=tuple(read_ids(candidates)) if candidates else None,
        explain=explain,
        explore=explore,
        rerank=rerank,
        log_impressions=explore,
        audience=audience,
    )
    as_lines = (form or "jsonl") == "jsonl" and not run.as_json
    collected: list[dict[str, Any]] = []
    with run.system() as system, run.progress() as progress:
        for place, (user_id, answer) in enumerate(system.recommend_many(who, ask, progress=progress)):
            if not place:
                gc.freeze()  # library and model stay to the end: not to be looked through with every thousand lines
            line = list_line(user_id, answer)
            if run.as_json:
                collected.append(line)
            elif as_lines:
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            else:
                print(list_text(user_id, answer))
    if run.as_json:
        print(json.dumps({"lists": collected}, ensure_ascii=False))


def list_line(user_id: str, answer: RecommendationList) -> dict[str, Any]:
    """A list as CONTRACT line: ids as they came in, no pseudonyms."""
    items = []
    for item in answer.items:
        entry: dict[str, Any] = {"item_id": item.item_id, "score": round(item.score, 6), "source": item.source}
        if item.explanation is not None:
            entry["explanation"] = explanation_line(item.explanation)
        items.append(entry)
    return {"user_id": user_id, "surface": answer.surface.value, "items": items, "model": answer.model}


def explanation_line(explanation: Explanation) -> dict[str, Any]:
    """An explanation without internal ids."""
    return {
        "source": explanation.source,
        "sentence": explanation.sentence,
        "sentence_zh": explanation.sentence_zh,
        "parts": [p.model_dump(mode="json") for p in explanation.parts],
        "contributions": [
            {
                "feature": c.feature,
                "weight": c.weight,
                "taste": c.taste,
                "value": c.value,
                "product": c.product,
                "evidence": [
                    {
                        "field": e.field,
                        "start": float(e.span.start) if e.span else None,
                        "end": float(e.span.end) if e.span else None,
                        "quote": e.quote,
                    }
                    for e in c.evidence
                ],
            }
            for c in explanation.contributions
        ],
    }


def sentence(explanation: Explanation | None) -> str:
    """The reason in the reader's language."""
    from vitascope.cli._say import language

    if explanation is None:
        return ""
    return explanation.sentence_zh if language() == "zh" and explanation.sentence_zh else explanation.sentence


def list_text(user_id: str, answer: RecommendationList) -> str:
    """A list as a person reads it."""
    head = f"{plain(user_id)} ({answer.surface.value})"
    rows = [
        f"{place:3}. {item.score:7.3f}  {plain(item.item_id)}  [{item.source}]  "
        f"{plain(sentence(item.explanation))}".rstrip()
        for place, item in enumerate(answer.items, 1)
    ]
    return "\n".join([head, *rows])


def explanation_text(answer: RecommendationList) -> str:
    """The readable score, a term a line."""
    lines: list[str] = []
    for item in answer.items:
        lines.append(f"{plain(item.item_id)}  {item.score:.4f}  {plain(sentence(item.explanation))}")
        if item.explanation is None:
            continue
        for part in item.explanation.parts:
            lines.append(f"  {part.scorer:14} {part.weight:.3f} x {part.normalised:.4f}")
        for c in item.explanation.contributions:
            seen = "; ".join(where(e) for e in c.evidence[:2])
            lines.append(
                f"    {plain(c.feature):28} w {c.weight:.3f} u {c.taste:+.3f} v {c.value:.3f} "
                f"= {c.product:+.4f}  {seen}"
            )
    return "\n".join(lines)


def where(evidence: Any) -> str:
    """Where evidence stands: a time or a field, and a quote."""
    from vitascope.base.time import clock

    place = clock(evidence.span.start) if evidence.span else (evidence.field or "")
    return f"{place} {plain(evidence.quote, 60)}".strip()


@click.group("profile", cls=TranslatedGroup, help="A person's taste: show, correct, mute, reset")
def profile() -> None:
    """The group of profile commands."""


@command("show", help="Show a person's taste with its evidence")
@click.argument("user")
@click.option("-n", default=20, type=click.IntRange(1, 1000), help="How many features")
def show(run: Run, user: str, n: int) -> None:
    """Show a profile."""
    with run.system() as system:
        view = system.profile(user)
    run.result(view, lambda: profile_text(view, n))


def profile_text(view: ProfileView, n: int) -> str:
    """A profile as a person reads it."""
    lines = [plain(view.text, 2_000), _("made from {n} events").format(n=view.events)]
    for row in view.rows[:n]:
        mark = " *" if row.corrected else ""
        evidence = plain("; ".join(row.evidence[:2]), 120)
        lines.append(f"{plain(row.feature):32} u {row.taste:+.3f}{mark}  w {row.weight:.3f}  {evidence}")
    return "\n".join(lines)


@command("correct", help="Set a feature of a person's taste; it wins over behaviour")
@click.argument("user")
@click.argument("feature")
@click.argument("value", type=click.FloatRange(-1, 1))
def correct(run: Run, user: str, feature: str, value: float) -> None:
    """Correct a profile."""
    from vitascope.base.people import Correction

    with run.system() as system:
        view = system.correct_profile(user, Correction(name=feature, value=value))
    run.result(view, lambda: profile_text(view, 20))


@command("mute", help="Leave a feature out of a person's taste")
@click.argument("user")
@click.argument("feature")
def mute(run: Run, user: str, feature: str) -> None:
    """Mute a feature."""
    from vitascope.base.people import Correction

    with run.system() as system:
        view = system.correct_profile(user, Correction(name=feature, muted=True))
    run.result(view, lambda: profile_text(view, 20))


@command("reset", help="Forget a person's taste; the events stay, but count no more")
@click.argument("user")
def reset(run: Run, user: str) -> None:
    """Reset a profile."""
    with run.system() as system:
        system.reset_profile(user)
    run.result({"user_id": user, "reset": True}, _("taste forgotten"))


for one in (show, correct, mute, reset):
    profile.add_command(one)
