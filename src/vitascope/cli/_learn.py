"""Commands about learning: fit, rollback, flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vitascope.cli._common import Run, command
from vitascope.cli._people import SURFACES
from vitascope.cli._say import _

if TYPE_CHECKING:
    from vitascope.base.ranking import FitReport, TrainedModel


@command("fit", help="Train on what is stored; promote the new model if it is not worse")
@click.option("--seed", default=0, type=int, help="Seed; the same seed on the same data gives the same model")
@click.option(
    "--promote", type=click.Choice(["always", "better", "never"]), default="better", help="When the new model is used"
)
def fit(run: Run, seed: int, promote: str) -> None:
    """Fit a model."""
    with run.system() as system, run.progress() as progress:
        report = system.fit(seed=seed, promote=promote, progress=progress)
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
    lines.append(("* " if report.promoted else "- ") + _(report.reason))
    return "\n".join(lines)


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
