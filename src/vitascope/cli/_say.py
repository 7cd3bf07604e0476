"""What the command line says, and in which language.

Takes English texts as they stand in the code and the catalogues `messages/*.zh.toml` ("English" = "Chinese"); gives
texts in the reader's language, consoles for results (stdout) and for progress and notes (stderr). Knows no library.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from vitascope.base.ports.service import Progress

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def language() -> str:
    """ "zh" or "en": VITASCOPE_LANG, else the locale's language, else English."""
    for name in ("VITASCOPE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


@cache
def catalogue() -> dict[str, str]:
    """English -> Chinese, all catalogues merged."""
    merged: dict[str, str] = {}
    for file in sorted(resources.files(__package__).joinpath("messages").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".zh.toml"):
            merged |= tomllib.loads(file.read_text(encoding="utf-8"))["messages"]
    return merged


def _(text: str) -> str:
    """The text (a template may hold {places}) in the reader's language; English where the catalogue has no word."""
    return catalogue().get(text, text) if language() == "zh" else text


def plain(text: object, limit: int = 500) -> str:
    """Hostile text made fit for a terminal: no control or direction characters, one line, bounded."""
    clean = _CONTROL.sub(" ", str(text).replace("\n", " ").replace("\t", " "))
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


@cache
def out() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False, emoji=False)


@cache
def err() -> Console:
    """Where progress, notes and errors go."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def note(text: str) -> None:
    """One line on stderr; the text may hold hostile parts and is never read as markup."""
    sys.stderr.write(plain(text, 4_000) + "\n")


@contextmanager
def progress_bars(quiet: bool) -> Iterator[Progress]:
    """Bars on a terminal, a line now and then elsewhere, nothing when quiet. Gives a `Progress` to call."""
    from vitascope.base.ports.service import silent

    if quiet:
        yield silent
    elif err().is_terminal:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        with Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}", markup=False),
            console=err(),
        ) as bars:
            tasks: dict[str, Any] = {}

            def show(step: str, done: int, total: int | None, what: str = "") -> None:
                if step not in tasks:
                    tasks[step] = bars.add_task(_(step), total=total, what="")
                bars.update(tasks[step], completed=done, total=total, what=plain(what, 60))

            yield show
    else:
        yield _lines()


def _lines() -> Progress:
    """Progress for a log: a line at the start, at the end and about each tenth between."""
    said: dict[str, int] = {}

    def show(step: str, done: int, total: int | None, what: str = "") -> None:
        tenth = 10 * done // total if total else done // 1000
        if said.get(step) == tenth:
            return
        said[step] = tenth
        note(f"{_(step)}: {done}/{total}" if total else f"{_(step)}: {done}")

    return show
