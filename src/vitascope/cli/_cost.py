"""`vitascope cost`: what describing took."""

from __future__ import annotations

import click

from vitascope.base.ports.accounts import CostReport, Part, Use
from vitascope.cli._common import Run, command
from vitascope.cli._home import size
from vitascope.cli._say import _, plain


@command("cost", help="What describing cost: seconds, tokens and bytes, per item and per media hour")
@click.option("--item", metavar="ITEM", help="Of one item alone")
@click.option("--since", metavar="DATE", help="From this day on (2026-11-24, UTC)")
def cost(run: Run, item: str | None, since: str | None) -> None:
    """Show the accounts."""
    with run.system() as system:
        report = system.cost(item, since)
    run.result(report, lambda: cost_text(report))


def cost_text(report: CostReport) -> str:
    """The accounts as a person reads them."""
    head = (
        _("work"), _("model"), _("done"), _("cached"), _("refused"), _("seconds"), _("per media hour"), _("tokens in"),
        _("tokens out"), _("written"), _("money"),
    )  # fmt: skip
    lines = [head, *(_row(use, report.media_hours) for use in report.rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    table = [
        "  ".join(
            cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    budget = [
        (_("today's tokens"), f"{report.today_tokens} / {report.budget_tokens or _('no bound')}"),
        (_("today's money"), f"{report.today_money:.4f} / {report.budget_money or _('no bound')}"),
    ]
    rows = [
        (_("items"), _("{n} with {hours:.2f} h of media").format(n=report.items, hours=report.media_hours)),
        (
            _("seconds"),
            _("{all:.1f}; {item:.2f} an item, {hour:.0f} a media hour").format(
                all=report.seconds, item=report.seconds_per_item, hour=report.seconds_per_media_hour
            ),
        ),
        (
            _("tokens"),
            _("{all}; {item:.0f} an item, {hour:.0f} a media hour").format(
                all=report.prompt_tokens + report.output_tokens,
                item=report.tokens_per_item,
                hour=report.tokens_per_media_hour,
            ),
        ),
        (
            _("bytes"),
            _("decoded {decoded}, found {found}; {item} an item, {hour} a media hour").format(
                decoded=size(report.decoded_bytes),
                found=size(report.signal_bytes),
                item=size(int(report.bytes_per_item)),
                hour=size(int(report.bytes_per_media_hour)),
            ),
        ),
        (_("shared cache"), size(report.shared_bytes)),
        (
            _("looked for"),
            _("{made} done, {kept} taken from a cache, {refused} refused by a budget").format(
                made=report.made, kept=report.kept, refused=report.refused
            ),
        ),
        *budget,
    ]
    said = [*table, ""] if report.rows else []
    return "\n".join([*said, *(f"{name:16} {value}" for name, value in rows)])


def _name(part: Part) -> str:
    """The kind of work in the reader's language."""
    names = {
        Part.DECODE: _("decode"),
        Part.EXTRACTOR: _("extractor"),
        Part.LANGUAGE: _("language"),
        Part.WRITE: _("write"),
    }
    return names[part]


def _row(use: Use, hours: float) -> tuple[str, ...]:
    return (
        f"{_name(use.part)} {plain(use.name)}" if use.name != use.part.value else _name(use.part),
        plain(use.model, 40) or "-",
        str(use.made),
        str(use.kept),
        str(use.refused),
        f"{use.seconds:.1f}",
        f"{use.seconds / hours:.0f}" if hours else "-",
        str(use.prompt_tokens),
        str(use.output_tokens),
        size(use.bytes),
        f"{use.money:.4f}",
    )
