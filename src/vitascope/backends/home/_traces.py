"""What lies of a person in the files of a home: lines of logs, exports, copies; and the list of the erased. Knows no table.

The list holds keyed pseudonyms and times, never a name. It stands in the home, in a second place where the settings name one, and
beside every backup that this home made and that is still where it was; restoring reads it, so that nobody comes back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from vitascope.backends.home._disk import guard, write_private
from vitascope.base.errors import HomeDamaged
from vitascope.base.privacy import Removed

LIST = "erased.json"
BESIDE = ".erased"
"""What is put after the name of a backup, or of a key file, for the list that belongs to it."""
_MOST = 64 << 20
_HEX = re.compile(r"[0-9a-f]{32}")


def remove(home: Path, text: str) -> list[Removed]:
    """Take a text out of the logs and exports of a home: lines that hold it as a whole word, and files that are no text."""
    word = re.compile(rb"(?<![\w.@-])" + re.escape(text.encode("utf-8", "surrogatepass")) + rb"(?![\w@-])")
    found: list[Removed] = []
    for copy in sorted(
        (home / "exports").glob("library-schema-*.db")
    ):  # from before a migration: holds everybody's rows
        with guard(copy):
            copy.unlink(missing_ok=True)
        found.append(Removed(place=f"exports/{copy.name}", count=1, how="deleted"))
    for folder in ("logs", "exports", "cache"):
        for path in sorted((home / folder).rglob("*")):
            if not path.is_file() or path.is_symlink() or path.stat().st_size > _MOST:
                continue
            with guard(path):
                data = path.read_bytes()
            if not word.search(data):
                continue
            place = path.relative_to(home).as_posix()
            lines = data.splitlines(keepends=True)
            if b"\0" in data or len(lines) < 2 or folder == "cache":
                with guard(path):
                    path.unlink(missing_ok=True)
                found.append(Removed(place=place, count=1, how="deleted"))
                continue
            kept = [line for line in lines if not word.search(line)]
            write_private(path, b"".join(kept))
            found.append(Removed(place=place, count=len(lines) - len(kept), how="line removed"))
    return found


def bury(tombstones: dict[bytes, str], files: Iterable[Path]) -> list[str]:
    """Write the list of the erased to some files, joined with what they hold; answers those that could not be written."""
    missed = []
    for file in files:
        try:
            joined = read([file]) | tombstones
            told = {name.hex(): receipt for name, receipt in sorted(joined.items())}
            write_private(file, json.dumps({"format": 1, "erased": told}, indent=0).encode() + b"\n")
        except Exception:  # a medium that is not there now must not stop an erasure: it is named in the receipt
            missed.append(str(file))
    return missed


def read(files: Sequence[Path], strict: bool = False) -> dict[bytes, str]:
    """The erased, from all files that are there. Raises HomeDamaged for one that is no list."""
    found: dict[bytes, str] = {}
    for file in files:
        if not file.is_file():
            if strict:
                raise HomeDamaged(
                    "there is no such list", place=str(file), remedy="name the file `erased.json` of a home"
                )
            continue
        try:
            told = json.loads(file.read_bytes())["erased"]
            found |= {bytes.fromhex(name): str(receipt) for name, receipt in told.items() if _HEX.fullmatch(name)}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise HomeDamaged(
                "this is no list of the erased", place=str(file), remedy="name the file `erased.json` of a home"
            ) from error
    return found


def beside(file: Path) -> Path:
    """The list that belongs to a backup or a key file."""
    return file.with_name(file.name + BESIDE)
