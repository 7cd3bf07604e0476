"""Commands about privacy: encryption of the home and its key; `_rights` has those about people."""

from __future__ import annotations

from pathlib import Path

import click

from vitascope.base.errors import UsageError
from vitascope.cli._app import TranslatedGroup
from vitascope.cli._common import Run, command
from vitascope.cli._rights import RIGHTS
from vitascope.cli._say import _

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("privacy", cls=TranslatedGroup, help="Encryption, people's rights, erasure and what proves them")
def privacy() -> None:
    """The group of privacy commands."""


def home_of(run: Run) -> Path:
    """The home that a command means."""
    from vitascope.assemble import home_folder

    return home_folder(run.home)


@command("encrypt", help="Encrypt this home as a whole; the key comes from VITASCOPE_KEY_FILE or VITASCOPE_KEY")
def encrypt(run: Run) -> None:
    """Encrypt a home."""
    from vitascope.assemble._privacy import encrypt_home

    home = home_of(run)
    sealed = encrypt_home(home)
    run.result(
        {"home": str(home), "encrypted": True, "records_sealed": sealed},
        _("encrypted: {home}").format(home=home),
    )
    run.say(_("backups made before are not encrypted: make a new one, and remove them"))


@command("rotate", help="Let another key open this encrypted home; running processes go on")
@click.option("--new-key-file", required=True, type=_FILE, help="The file that holds the new key")
@click.option("--keep-old", is_flag=True, help="Let the present key open it too, until the next rotation")
def rotate(run: Run, new_key_file: Path, keep_old: bool) -> None:
    """Rotate the key."""
    from vitascope.assemble._privacy import rotate_key

    home = home_of(run)
    rotate_key(home, new_key_file, keep_old)
    run.result(
        {"home": str(home), "rotated": True, "old_kept": keep_old},
        _("the home opens with the key in {file} now").format(file=new_key_file),
    )


@command("key", help="Make a key file, or keep a key in the system's keyring")
@click.option("--new", "new_file", type=_FILE, help="Make a new random key in this new file")
@click.option(
    "--into-keyring", "ring", type=_FILE, help="Keep the key of this file in the system's keyring for this home"
)
def key(run: Run, new_file: Path | None, ring: Path | None) -> None:
    """Make or keep a key."""
    from vitascope.assemble._privacy import key_into_keyring, new_key

    if (new_file is None) == (ring is None):
        raise UsageError(_("say what to do with a key"), remedy=_("give --new FILE or --into-keyring FILE"))
    if new_file is not None:
        new_key(new_file)
        run.result({"file": str(new_file)}, _("a new key stands in {file}: keep it apart").format(file=new_file))
    elif ring is not None:
        key_into_keyring(home_of(run), ring)
        run.result({"keyring": True}, _("the key is in the system's keyring"))


for one in (encrypt, rotate, key, *RIGHTS):
    privacy.add_command(one)
