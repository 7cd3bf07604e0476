"""Commands about the home: init, problems, status, backup, restore, gc."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vitascope.cli._common import Run, command
from vitascope.cli._say import _, plain

if TYPE_CHECKING:
    from vitascope.base.ports.service import Status


@command("init", help="Make a home: the folder that holds the whole state of one library")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--encrypt", is_flag=True, help="Encrypt it as a whole, with the key from VITASCOPE_KEY_FILE or VITASCOPE_KEY"
)
def init(run: Run, folder: Path | None, encrypt: bool) -> None:
    """Make a home."""
    run.home = folder or run.home
    with run.system(encrypt=encrypt) as system:
        home, encrypted = system.status().home, system.rooms.home.encrypted
    run.result({"home": home, "encrypted": encrypted}, _("home: {home}").format(home=home))


@command("problems", help="Inputs that were set aside, with reason and remedy")
@click.option("--kind", help="Only problems of this kind")
def problems(run: Run, kind: str | None) -> None:
    """List problems."""
    with run.system() as system:
        found = [p for p in system.problems() if kind is None or kind in (p.kind, p.kind.split("/")[0])]
    rows: list[dict[str, Any]] = [p.model_dump(mode="json", exclude={"payload"}) for p in found]
    text = "\n".join(f"{p.kind:18} {plain(p.place)}: {plain(_(p.reason))} ({plain(_(p.remedy))})" for p in found)
    run.result({"problems": rows}, text or _("no problems"))


@command("status", help="Sizes, pending work, last fit, disk left")
def status(run: Run) -> None:
    """Show the state of the home."""
    with run.system() as system:
        state = system.status()
    run.result(state, lambda: status_text(state))


def size(number: int) -> str:
    """Bytes for people."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def status_text(state: Status) -> str:
    """The state as a person reads it."""
    counts = state.counts
    rows = [
        (_("home"), f"{state.home} (schema {state.schema_version})"),
        (
            _("items"),
            _("{n}, {available} available, {assets} files").format(
                n=counts.items, available=counts.available, assets=counts.assets
            ),
        ),
        (_("described"), _("{n}, {pending} pending").format(n=counts.described, pending=counts.pending)),
        (_("people"), f"{counts.people}"),
        (_("events"), f"{counts.events}"),
        (_("problems"), f"{counts.problems}"),
        (_("model"), state.model.version if state.model else _("none yet: run `vitascope fit`")),
        (_("pack"), state.pack),
        (_("sizes"), ", ".join(f"{name} {size(n)}" for name, n in state.bytes)),
        (_("disk left"), size(state.disk_left)),
        *((_("gap"), _(gap)) for gap in state.gaps),
    ]
    return "\n".join(f"{name:12} {value}" for name, value in rows)


@command("backup", help="Write the home to one consistent file")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False), help="Also write the key, to this file")
def backup(run: Run, file: Path, key_file: Path | None) -> None:
    """Back up."""
    with run.system() as system:
        written = system.backup(file, key_file)
    run.result({"file": str(file), "bytes": written}, _("{file}: {size}").format(file=file, size=size(written)))
    if key_file is None:
        run.say(_("the key is not in the backup: keep the home's `key` file apart, or name --key-file"))


@command("restore", help="Make a home from a backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--key-file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The home's key")
@click.option(
    "--erased",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A list of the erased (erased.json of a home); FILE.erased is read without being named",
)
def restore(run: Run, file: Path, key_file: Path, erased: tuple[Path, ...]) -> None:
    """Restore."""
    from vitascope.assemble import restore_home

    home = restore_home(file, run.home, key_file, erased)
    run.result({"home": str(home)}, _("home: {home}").format(home=home))


@command("gc", help="Clear caches and old models")
@click.option("--dry-run", is_flag=True, help="Only say what would go")
def gc(run: Run, dry_run: bool) -> None:
    """Collect garbage."""
    with run.system() as system:
        freed = system.gc(dry_run=dry_run)
    text = "\n".join(f"{part:12} {size(n)}" for part, n in freed.items()) or _("nothing to clear")
    run.result({"freed": freed, "dry_run": dry_run}, text)
