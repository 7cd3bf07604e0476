"""The command explain: the whole record of why an item is where it is, as text, as JSON, or as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vitascope.cli._common import Run, command
from vitascope.cli._people import SURFACES, explanation_text, list_line
from vitascope.cli._say import _, language, plain

if TYPE_CHECKING:
    from vitascope.base.reasons import Attribution, Reason
    from vitascope.base.whys import Why

_WIDTH = 24
_MOST = 8


@command("explain", help="Why an item is, or would be, recommended to a person")
@click.argument("user")
@click.argument("item")
@click.option("--surface", type=click.Choice(SURFACES), help="Surface")
@click.option("-k", default=10, type=click.IntRange(1, 100), help="How long a list to look at")
@click.option("--all", "everything", is_flag=True, help="With words, stretches, attention, gradients: takes seconds")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write all of it as a page"
)
def explain(run: Run, user: str, item: str, surface: str | None, k: int, everything: bool, html: Path | None) -> None:
    """Explain one item for one person."""
    with run.system() as system:
        answer = system.explain(user, item, surface)
        why = system.why(user, item, surface, k, deep=everything or html is not None)
        if html is not None:
            from vitascope.backends.figures import why_page

            html.write_text(why_page(why, language()), encoding="utf-8")
            run.say(_("{file} written").format(file=html))
    line = list_line(user, answer) | {"why": why_line(why)}
    run.result(line, lambda: explanation_text(answer) + "\n\n" + why_text(why))


def why_line(why: Why) -> dict[str, Any]:
    """The record without internal ids; what the list line has already is left out."""
    found = why.model_dump(mode="json", exclude={"item", "user_id", "surface"})
    ranked = why.item.explanation.told if why.item.explanation is not None else ()
    found["told"] = [told.model_dump(mode="json") for told in (*ranked, *why.told)]
    return found


def why_text(why: Why) -> str:
    """The record as bars and sentences."""
    ranked = why.item.explanation.told if why.item.explanation is not None else ()
    lines = [_("place {place} in a list of {n}").format(place=why.place, n=why.n)]
    for told in (*ranked, *why.told):
        lines += ["", head(told), *_bars(told)]
        if told.method not in why.shown:
            lines.append("  " + _("(did not hold in the deletion test: look at it with care)"))
    lines += ["", *sentences(why)]
    lines += [_("not told: {gap}").format(gap=plain(gap)) for gap in why.gaps]
    return "\n".join(lines).rstrip()


def head(told: Attribution) -> str:
    """What a way of explaining is, in a line."""
    names = {
        "fusion": _("the scorers, weighted: they sum to the score"),
        "shap": _("the ranker's figures (SHAP, exact)"),
        "left-out": _("without each act in turn: how far the score falls"),
        "attention": _("what the sequential model looks at (attention)"),
        "rollout": _("what the sequential model looks at, through its layers (rollout)"),
        "gradients": _("what each act adds to the sequential model (integrated gradients)"),
        "words": _("words of the description (LIME)"),
        "segments": _("stretches of the media (LIME)"),
    }
    text = f"{names.get(told.method, told.method)}, {told.of}"
    text += f": {told.base:.4f} -> {told.score:.4f}" if told.exact else f" {told.score:.4f}"
    return text if told.fit is None else text + " " + _("(fits {share:.0%} of its trials)").format(share=told.fit)


def _bars(told: Attribution) -> list[str]:
    largest = max((abs(reason.amount) for reason in told.reasons), default=0.0)
    return [
        f"  {plain(_named(reason))[:44]:44} {reason.amount:+.4f} "
        + ("+" if reason.amount > 0 else "-") * max(round(_WIDTH * abs(reason.amount) / largest), 1)
        for reason in told.reasons[:_MOST]
    ]


def _named(reason: Reason) -> str:
    from vitascope.base.reasons import label
    from vitascope.base.time import clock

    english, chinese = label(reason)
    text = chinese if language() == "zh" else english
    return f"{clock(reason.span.start)} {text}" if reason.span is not None else text


def sentences(why: Why) -> list[str]:
    """The counterfactuals."""
    lines = []
    for without in why.without:
        acts = _(" and ").join(f"“{plain(act.title)}”" for act in without.acts)
        if without.gone:
            text = _("Without {acts} this would not be among the first {n} (place {place}).")
        else:
            text = _("Without {acts} this would be at place {place}.")
        lines.append(text.format(acts=acts, n=why.n, place=without.place))
    for more in why.more:
        text = (
            _("If you liked “{title}”, {after} of {n} would be {feature} (now {before}).")
            if more.did == "like"
            else _("If you hid “{title}”, {after} of {n} would be {feature} (now {before}).")
        )
        named = {"title": plain(more.title), "feature": plain(more.feature)}
        lines.append(text.format(n=why.n, before=more.before, after=more.after, **named))
    return lines
