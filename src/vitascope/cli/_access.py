"""Commands about who may do what: keys of the API, owners' sign-ins, the audit trail."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vitascope.base.ports.access import Scope
from vitascope.cli._app import TranslatedGroup
from vitascope.cli._common import Run, command
from vitascope.cli._say import _, plain

if TYPE_CHECKING:
    from vitascope.base.ports.access import AuditLine, AuditReport, KeyView


@click.group("access", cls=TranslatedGroup, help="Who may do what: keys of the API, owners' sign-ins, the audit trail")
def access() -> None:
    """The group of access commands."""


@click.group("key", cls=TranslatedGroup, help="Keys of the API: create, list, revoke")
def key() -> None:
    """The group of key commands."""


@click.group("owner", cls=TranslatedGroup, help="Owners who sign in with a password: set, list, remove")
def owner() -> None:
    """The group of owner commands."""


access.add_command(key)
access.add_command(owner)


@command("create", help="Make a key; its secret is shown once and kept nowhere")
@click.option("--label", default="", help="What it is for, to tell keys apart")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([s.value for s in Scope]),
    help="What it may do; repeat for several",
)
@click.option("--person", metavar="USER", help="A person's own token: it sees that person alone")
@click.option("--days", type=float, help="How long it holds; without: until it is revoked")
def create(run: Run, label: str, scopes: tuple[str, ...], person: str | None, days: float | None) -> None:
    """Make a key."""
    with run.system() as system:
        made = system.access.create_key(label, [Scope(name) for name in scopes], person, days)
    run.say(_("This secret is shown once. Send it as: Authorization: Bearer SECRET"))
    run.result(made, lambda: made.secret)


@command("list", help="Keys, with what they may do and until when")
def list_(run: Run) -> None:
    """List keys."""
    with run.system() as system:
        keys = system.access.list_keys()
    run.result(
        {"keys": [one.model_dump(mode="json") for one in keys]},
        lambda: "\n".join(map(key_line, keys)) or _("there are no keys"),
    )


def key_line(one: KeyView) -> str:
    """A key on one line."""
    states = {"valid": _("valid"), "expired": _("expired"), "revoked": _("revoked")}
    until = _("until {when}").format(when=moment(one.expires_at)) if one.expires_at is not None else _("no end")
    whose = "  " + _("person: {person}").format(person=plain(one.user_id, 60)) if one.user_id is not None else ""
    scopes = ",".join(one.scopes)
    return f"{one.key_id}  {states[one.state]}  {until}  {scopes}{whose}  {plain(one.label, 60)}".rstrip()


@command("revoke", help="End a key at once")
@click.argument("key_id", metavar="KEY")
def revoke(run: Run, key_id: str) -> None:
    """End a key."""
    with run.system() as system:
        ended = system.access.revoke_key(key_id)
    run.result(ended, lambda: key_line(ended))


@command("set", help="Make an owner's sign-in, or change its password; from then on the server asks who is there")
@click.argument("name")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File whose first line is the password (- for stdin); without it the terminal asks",
)
def set_(run: Run, name: str, password_file: Path | None) -> None:
    """Make a sign-in."""
    if password_file is None:
        password = str(click.prompt(_("Password"), hide_input=True, confirmation_prompt=True, err=True))
    elif str(password_file) == "-":
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = (password_file.read_text(encoding="utf-8").splitlines() or [""])[0]
    with run.system() as system:
        system.access.set_owner(name, password)
        names = system.access.owners()
    run.result(
        {"owners": list(names)}, lambda: _("{name} can sign in; earlier sessions ended").format(name=plain(name))
    )


@command("list", help="Owners who can sign in")
def owners(run: Run) -> None:
    """List owners."""
    with run.system() as system:
        names = system.access.owners()
    run.result(
        {"owners": list(names)},
        lambda: "\n".join(map(plain, names)) or _("nobody: on this machine's own address the server asks for nothing"),
    )


@command("remove", help="Take an owner's sign-in away; its sessions end")
@click.argument("name")
def remove(run: Run, name: str) -> None:
    """Take a sign-in away."""
    with run.system() as system:
        system.access.remove_owner(name)
        names = system.access.owners()
    run.result({"owners": list(names)}, lambda: _("{name} cannot sign in any more").format(name=plain(name)))


@command("audit", help="The audit trail: who did what, and whether it is as it was written")
@click.option("--verify", is_flag=True, help="Only check it; the command fails where it was tampered with")
@click.option("-n", "newest", type=click.IntRange(0, 1_000_000), default=50, help="How many of the newest lines")
def audit(run: Run, verify: bool, newest: int) -> None:
    """Show and check the trail."""
    with run.system() as system:
        report = system.access.audit_report(0 if verify else newest)
    run.result(
        report.model_dump(mode="json") | {"whole": report.whole},
        lambda: "\n".join([*map(audit_line, report.lines), verdict(report)]),
    )
    if verify and not report.whole:
        raise click.exceptions.Exit(1)


def audit_line(line: AuditLine) -> str:
    """A line of the trail as a person reads it."""
    done = "" if line.done else _("refused") + "  "
    told = f"{line.number}  {moment(line.at)}  {line.act}  {done}{plain(line.who, 60)}  {plain(line.subject, 80)}"
    return f"{told}  {plain(line.detail, 120)}".rstrip()


def verdict(report: AuditReport) -> str:
    """Whether the trail is whole, in words."""
    if report.broken is not None:
        return _("TAMPERED WITH: line {number} is not as it was written, or lines around it are missing").format(
            number=report.broken
        )
    if report.head != "kept":
        return _("TAMPERED WITH: the newest line's digest in logs/audit.head is missing or not ours")
    return _("whole: {n} lines, none changed, none missing").format(n=report.total)


def moment(at: float | None) -> str:
    """A time, UTC, to the minute."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


for _one in (create, list_, revoke):
    key.add_command(_one)
for _one in (set_, owners, remove):
    owner.add_command(_one)
access.add_command(audit)
