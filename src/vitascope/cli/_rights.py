"""Commands about the rights of people: consent, access, erasure, and what proves them. They join the group `privacy`."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from vitascope.base.privacy import Checked, Consent, PersonExport, Purpose, Receipt, Searched
from vitascope.cli._common import Run, command
from vitascope.cli._say import _, plain

_FILE = click.Path(path_type=Path, dir_okay=False)
_PURPOSES = [p.value for p in Purpose]


def day(seconds: float) -> str:
    """A moment as ISO 8601, UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds")


def consent_text(held: tuple[Consent, ...]) -> str:
    """Consents as a person reads them."""
    return "\n".join(
        f"{c.purpose.value:10} {_('yes') if c.given else _('no'):4} "
        + (day(c.said_at) if c.said_at is not None else _("(never said; the home's default)"))
        for c in held
    )


@command("consent", help="What a person agreed to; --yes or --no PURPOSE changes it")
@click.argument("user")
@click.option("--yes", multiple=True, type=click.Choice([*_PURPOSES, "all"]), help="Agree to this purpose")
@click.option("--no", multiple=True, type=click.Choice([*_PURPOSES, "all"]), help="Object to this purpose")
@click.option("--child", is_flag=True, help="Children's mode: own lists alone, and the audience children")
def consent(run: Run, user: str, yes: tuple[str, ...], no: tuple[str, ...], child: bool) -> None:
    """Show or change consent."""
    with run.system() as system:
        if child:
            system.child(user)
        for said, given in ((yes, True), (no, False)):
            chosen = tuple(Purpose) if "all" in said else tuple(Purpose(name) for name in said)
            if chosen:
                system.consent(user, chosen, given)
        held = system.consents(user)
    run.result({"user_id": user, "consents": [c.model_dump(mode="json") for c in held]}, lambda: consent_text(held))


@command("export", help="Everything that is kept of a person, as JSON")
@click.argument("user", required=False)
@click.option("--file", type=_FILE, help="Write it to this file (default: stdout)")
@click.option("--schema", is_flag=True, help="Print the JSON schema of an export instead")
def export(run: Run, user: str | None, file: Path | None, schema: bool) -> None:
    """Export a person."""
    if schema:
        print(json.dumps(PersonExport.model_json_schema(), indent=1, ensure_ascii=False))
        return
    if user is None:
        raise click.UsageError(_("name a person"))
    with run.system() as system:
        found = system.person_export(user)
    text = found.model_dump_json(indent=None if run.as_json else 1)
    if file is None:
        print(text)
    else:
        file.touch(mode=0o600)
        file.write_text(text + "\n", encoding="utf-8")
        run.say(_("{n} events, {file}").format(n=len(found.events), file=file))


def receipt_text(receipt: Receipt) -> str:
    """A receipt as a person reads it."""
    rows = [f"{r.place:32} {r.count:6}  {_(r.how)}" for r in receipt.removed]
    rows += [_("{place}: to be trained anew by {day}").format(place=s.place, day=day(s.by)) for s in receipt.scheduled]
    return "\n".join([*rows, *map(_, receipt.notes)])


@command("erase", help="Remove everything of a person, for good; ends with a signed receipt")
@click.argument("user")
@click.option("--yes", is_flag=True, help="Do not ask")
@click.option("--refit", is_flag=True, help="Train the model anew at once")
@click.option("--receipt", "file", type=_FILE, help="Also write the receipt to this file")
def erase(run: Run, user: str, yes: bool, refit: bool, file: Path | None) -> None:
    """Erase a person."""
    if not yes and not click.confirm(_("Remove everything of {user}, for good?").format(user=plain(user)), err=True):
        raise click.Abort
    with run.system() as system:
        receipt = system.erase(user, refit)
        kept = system.rooms.home.exports / "receipts" / f"{receipt.id}.json"
    if file is not None:
        file.write_text(receipt.model_dump_json(indent=1) + "\n", encoding="utf-8")
    run.result(receipt, lambda: receipt_text(receipt))
    run.say(_("receipt: {file}").format(file=file or kept))


@command("verify", help="Check a receipt: its signature, and that nothing of the person is left")
@click.argument("receipt", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--user", metavar="ID", help="The person's id, looked for in all files and behind the keys")
@click.option("--canary", multiple=True, metavar="TEXT", help="A text that only this person's data held")
@click.option("--public-key", metavar="HEX", help="Check the signature alone, with this key; needs no home")
def verify(run: Run, receipt: Path, user: str | None, canary: tuple[str, ...], public_key: str | None) -> None:
    """Verify a receipt."""
    from vitascope.assemble._privacy import check_signature
    from vitascope.assemble._rights import read_receipt

    told = read_receipt(receipt)
    if public_key is not None:
        checked = check_signature(told, public_key)
    else:
        with run.system() as system:
            checked = system.check_receipt(told, user, canary)
    found = checked.model_dump(mode="json") | {"clean": checked.clean}
    run.result(found, lambda: checked_text(checked))
    if not checked.clean:
        raise SystemExit(1)


def checked_text(checked: Checked) -> str:
    """What a check found, as a person reads it."""
    rows = [
        _("signature: {said}").format(said=_("good") if checked.signed and checked.ours is not False else _("BAD")),
        *(_("left in {place}: {n}").format(place=r.place, n=r.count) for r in checked.rows_left),
        *(_("overdue: {place}, by {day}").format(place=s.place, day=day(s.by)) for s in checked.overdue),
    ]
    if checked.searched is not None:
        rows.append(searched_text(checked.searched))
    rows.append(_("nothing is left") if checked.clean else _("NOT clean"))
    return "\n".join(rows)


def searched_text(searched: Searched) -> str:
    """What a search found."""
    head = _("{n} files and {rows} values looked through").format(n=searched.files, rows=searched.rows)
    return "\n".join([head, *(f"  {plain(t.place)}: #{t.canary} ({t.form})" for t in searched.found)])


@command("check", help="Plant texts in this home and look for them in its raw files; 1 where one is found")
@click.option("--canary", multiple=True, metavar="TEXT", help="Look for this text too")
@click.option("--also", multiple=True, type=click.Path(path_type=Path, exists=True), help="Look below this folder too")
def check(run: Run, canary: tuple[str, ...], also: tuple[Path, ...]) -> None:
    """Check the home."""
    with run.system() as system:
        encrypted = system.rooms.home.encrypted
        searched, planted = system.prove(canary, also)
    told = {"encrypted": encrypted, "planted": planted, **searched.model_dump(mode="json")}
    run.result(told, lambda: searched_text(searched))
    run.say(_("nothing was found in the clear") if not searched.found else _("texts stand in the clear in this home"))
    if searched.found:
        raise SystemExit(1)


@command("due", help="Do what is due: delete what is kept too long, train anew after erasures")
def due(run: Run) -> None:
    """Do what is due."""
    with run.system() as system, run.progress() as progress:
        done = system.due(progress)
    text = "\n".join(f"{r.place:32} {r.count:6}  {_(r.how)}" for r in done) or _("nothing is due")
    run.result({"done": [r.model_dump(mode="json") for r in done]}, text)


@command("public-key", help="The key with which others check this home's receipts")
def public_key(run: Run) -> None:
    """Print the public key."""
    from vitascope.assemble._privacy import public_key_of

    with run.system() as system:
        found = public_key_of(system.rooms.home.key)
    run.result({"public_key": found}, found)


RIGHTS = (consent, export, erase, verify, check, due, public_key)
