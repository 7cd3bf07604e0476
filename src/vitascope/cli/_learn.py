"""Commands about learning: fit, evaluate, rollback, flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vitascope.cli._common import Run, command
from vitascope.cli._people import SURFACES
from vitascope.cli._say import _

if TYPE_CHECKING:
    from vitascope.base.ranking import EvaluationReport, FitReport, Judged, TrainedModel


@command("fit", help="Train on what is stored; promote the new model if it is not worse")
@click.option("--seed", default=0, type=int, help="Seed; the same seed on the same data gives the same model")
@click.option(
    "--promote", type=click.Choice(["always", "better", "never"]), default="better", help="When the new model is used"
)
@click.option("--warm", is_flag=True, help="Start from the current model's settings: a quick refit, as for every night")
def fit(run: Run, seed: int, promote: str, warm: bool) -> None:
    """Fit a model."""
    with run.system() as system, run.progress() as progress:
        report = system.fit(seed=seed, promote=promote, progress=progress, warm=warm)
    run.result(report, lambda: fit_text(report))


def fit_text(report: FitReport) -> str:
    """A fit report as a person reads it."""
    model = report.model
    lines = [
        _("model {version}: {events} events of {people} people on {items} items, {seconds:.1f} s").format(
            version=model.version, events=model.events, people=model.people, items=model.items, seconds=model.seconds
        )
    ]
    for count in model.noise:
        done = _("set aside") if count.dropped else _("marked")
        lines.append(f"  {count.rule.value}: {count.events} ({count.people}) {done}")
    lines += [f"  {m.name} {m.value:.4f} (n={m.n})" for m in model.evaluation]
    if model.note:
        lines.append(f"  {model.note}")
    lines.append(("* " if report.promoted else "- ") + _(report.reason))
    return "\n".join(lines)


@command("evaluate", help="What this library's lists are worth on held-out events, beside popularity and chance")
@click.option("--surface", type=click.Choice(SURFACES), help="Default: the one most stored events have, else video")
@click.option("-k", "k", default=10, type=click.IntRange(1, 1000), help="Length of the lists")
@click.option(
    "--split",
    type=click.Choice(["last", "time", "both"]),
    default="both",
    help="Hold out each person's last item, or all that came after one moment",
)
@click.option(
    "--logged",
    is_flag=True,
    help="What these lists would have earned where others were shown, from logged chances: IPS, SNIPS and DR",
)
@click.option("--people", default=2000, type=click.IntRange(1), help="People judged at most, drawn by seed")
@click.option("--seed", default=0, type=int, help="Seed of the drawing and of the model")
@click.option(
    "--reranker",
    "rerankers",
    multiple=True,
    metavar="NAME[:SETTING=VALUE,...]",
    help="Price this re-ranker, as quota:share=0.3 (again for more; default: the surface's own)",
)
def evaluate(
    run: Run,
    surface: str | None,
    k: int,
    split: str,
    logged: bool,
    people: int,
    seed: int,
    rerankers: tuple[str, ...],
) -> None:
    """Evaluate on held-out events, or on the log of what was shown."""
    splits = ("logged",) if logged else ("last", "time") if split == "both" else (split,)
    with run.system() as system, run.progress() as progress:
        reports = system.evaluate(surface, k, splits, people, seed, progress, rerankers)
    run.result(
        {"evaluations": [r.model_dump(mode="json") for r in reports]},
        lambda: "\n\n".join(map(evaluation_text, reports)),
    )


def evaluation_text(report: EvaluationReport) -> str:
    """An evaluation as a person reads it."""
    if report.split == "logged":
        return _logged_text(report)
    how = {"last": _("each person's last item held out"), "time": _("all after one moment held out")}[report.split]
    lines = [
        _("{surface}, {how}: {people} people, {held} held-out items, lists of {k}").format(
            surface=report.surface.value, how=how, people=report.people, held=report.held_out, k=report.k
        )
    ]
    if report.note:
        return "\n".join([*lines, "  " + _(report.note)])
    names = [figure.name for figure in report.ways[0].figures]
    width = max(len(way.what) for way in (*report.ways, *report.prices)) + 4
    lines.append("  " + " " * width + "".join(f"{name:>26}" for name in names))
    lines += [_row(way, names, width) for way in report.ways]
    if report.prices:
        lines.append(_("what re-rankers change"))
        lines += [_row(price, names, width, signed=True) for price in report.prices]
    lines.append(_("in brackets: 95% interval over people; chance is its exact expectation"))
    return "\n".join(lines)


def _logged_text(report: EvaluationReport) -> str:
    """Off-policy estimates as a person reads them."""
    lines = [
        _("{surface}, from the log: {people} people, {held} places that were shown with a known chance").format(
            surface=report.surface.value, people=report.people, held=report.held_out
        )
    ]
    if report.note:
        return "\n".join([*lines, "  " + _(report.note)])
    names = [figure.name for figure in max((way.figures for way in report.ways), key=len)]
    width = max(len(way.what) for way in report.ways) + 4
    lines.append("  " + " " * width + "".join(f"{name:>26}" for name in names))
    lines += [_row(way, names, width) for way in report.ways]
    lines.append(_("share of places whose item was taken up within a week; in brackets: 95% interval over people"))
    return "\n".join(lines)


def _row(way: Judged, names: list[str], width: int, signed: bool = False) -> str:
    told = {f.name: f for f in way.figures}
    cells = ""
    for name in names:
        f = told.get(name)
        sign = "+" if signed else ""
        cell = "" if f is None else f"{f.value:{sign}.4f} [{f.low:{sign}.3f}, {f.high:{sign}.3f}]"
        cells += f"{cell:>26}"
    return f"  {way.what:<{width}}{cells}".rstrip()


@command("rollback", help="Go back to the model before the current one")
def rollback(run: Run) -> None:
    """Roll back."""
    with run.system() as system:
        model: TrainedModel = system.rollback()
    run.result(model, _("current model: {version}").format(version=model.version))


@command("flow", help="Draw the pipeline of a surface")
@click.argument("surface", type=click.Choice(SURFACES), default="video")
def flow(run: Run, surface: str) -> None:
    """Draw a pipeline."""
    from vitascope.base.people import Surface

    with run.system() as system:
        drawing = system.flow(Surface(surface))
    run.result({"surface": surface, "flow": drawing}, drawing)
