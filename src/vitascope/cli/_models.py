"""Commands about model packs: pull, list, verify, remove."""

from __future__ import annotations

import click

from vitascope.cli._app import TranslatedGroup
from vitascope.cli._common import Run, command
from vitascope.cli._home import size
from vitascope.cli._say import _, plain


@click.group("models", cls=TranslatedGroup, help="Model packs: pull, list, verify, remove")
def models() -> None:
    """The group of model commands."""


@command("pull", help="Fetch a pack's files, check them, keep them in the cache")
@click.argument("pack", default="embedded")
def pull(run: Run, pack: str) -> None:
    """Pull a pack."""
    from vitascope.assemble import model_packs

    with run.progress() as progress:
        report = model_packs(run.home).pull(pack, progress=progress)
    run.result(
        report,
        _("pack {pack}: {fetched} fetched, {total} in all").format(
            pack=pack, fetched=size(report.fetched), total=size(report.total)
        ),
    )


@command("list", help="Roles of a pack: model, licence, source, size, languages; and what it lacks")
@click.argument("pack", required=False)
def list_(run: Run, pack: str | None) -> None:
    """List packs."""
    from vitascope.assemble import model_packs

    rows = model_packs(run.home).list(pack)
    lines = []
    for row in rows:
        if not row.model:
            lines.append(f"{row.pack:9} {row.role:20} {_('gap')}: {plain(_(row.note))}")
            continue
        state = (
            _("endpoint")
            if row.source.startswith("endpoint ")
            else _("here")
            if row.state == "ok"
            else _("not pulled")
            if row.state == "absent"
            else _("damaged")
        )
        languages = " ".join(row.languages) or "-"
        lines.append(
            f"{row.pack:9} {row.role:20} {plain(row.model):32} {size(row.bytes):>9}  {plain(row.licence):16} "
            f"{languages:6} {state}  {plain(row.source)}"
        )
    run.result({"models": [r.model_dump(mode="json") for r in rows]}, "\n".join(lines))


@command("verify", help="Check the cached files of a pack against their checksums")
@click.argument("pack", default="embedded")
def verify(run: Run, pack: str) -> None:
    """Verify a pack."""
    from vitascope.assemble import model_packs

    report = model_packs(run.home).verify(pack)
    run.result(
        report,
        _("pack {pack}: {good} good, {bad} damaged, {missing} missing").format(
            pack=pack, good=report.good, bad=report.bad, missing=report.missing
        ),
    )
    if report.bad or report.missing:
        raise click.exceptions.Exit(1)


@command("remove", help="Take a pack's files out of the cache")
@click.argument("pack")
def remove(run: Run, pack: str) -> None:
    """Remove a pack."""
    from vitascope.assemble import model_packs

    freed = model_packs(run.home).remove(pack)
    run.result({"pack": pack, "freed": freed}, _("{size} freed").format(size=size(freed)))


for one in (pull, list_, verify, remove):
    models.add_command(one)
