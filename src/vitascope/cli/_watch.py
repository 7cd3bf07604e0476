"""The command that keeps a library in step with its folders and feeds."""

from __future__ import annotations

import sys

import click

from vitascope.cli._common import Run, command
from vitascope.cli._say import _, plain


@command("watch", help="Ingest folders and feeds, then go on ingesting what changes in them")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--no-describe", is_flag=True, help="Only take the items in; `vitascope describe` describes them later")
@click.option(
    "--text-fields",
    metavar="FIELDS",
    help="Fields that say what an item is (default title,description,tags,creator)",
)
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help="How often feeds and single files are looked at again (default catalog.watch.every)",
)
@click.option("--poll", is_flag=True, help="Look for changes instead of being told of them (network folders)")
def watch(
    run: Run, paths: tuple[str, ...], no_describe: bool, text_fields: str | None, every: float | None, poll: bool
) -> None:
    """Watch until stopped."""
    from vitascope.assemble import watch_system

    fields = tuple(f.strip() for f in text_fields.split(",") if f.strip()) if text_fields else None
    with run.system() as system, run.progress() as progress:
        rounds = watch_system(
            system, paths, describe=not no_describe, text_fields=fields, every=every, poll=poll, progress=progress
        )
        first = True
        try:
            for inputs, report in rounds:
                if first or report.items_new + report.items_changed + report.items_gone + report.set_aside:
                    run.result(
                        {"paths": list(inputs), **report.model_dump(mode="json")},
                        _(
                            "{paths}: {new} new, {changed} changed, {gone} gone, {aside} set aside; {described} described"
                        ).format(
                            paths=plain(", ".join(inputs)),
                            new=report.items_new,
                            changed=report.items_changed,
                            gone=report.items_gone,
                            aside=report.set_aside,
                            described=report.described,
                        ),
                    )
                    sys.stdout.flush()
                if first:
                    run.say(_("watching (Ctrl-C ends)"))
                first = False
        except KeyboardInterrupt:
            run.say(_("watching ended"))
