"""What every command shares: its common options, the opened library, results as text or as one JSON object."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vitascope.cli._app import Translated
from vitascope.cli._say import note, progress_bars

if TYPE_CHECKING:
    from pydantic import BaseModel

    from vitascope.assemble import System
    from vitascope.base.ports.service import Progress


@dataclass
class Run:
    """How a command was called."""

    home: Path | None
    as_json: bool
    quiet: bool
    log_level: str | None

    @contextmanager
    def system(self, **settings: Any) -> Iterator[System]:
        """The library of the home, closed at the end."""
        from vitascope.assemble import open_system

        system = open_system(self.home, log_level=self.log_level, **settings)
        try:
            yield system
        finally:
            system.close()

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Progress on stderr, none when quiet."""
        with progress_bars(self.quiet) as show:
            yield show

    def say(self, text: str) -> None:
        """A note on stderr, unless quiet."""
        if not self.quiet:
            note(text)

    def result(self, value: BaseModel | dict[str, Any], text: str | Callable[[], str]) -> None:
        """The command's result on stdout: one JSON object with --json, else the text."""
        if self.as_json:
            plain = value if isinstance(value, dict) else value.model_dump(mode="json")
            print(json.dumps(plain, ensure_ascii=False))
        elif not self.quiet:
            print(text if isinstance(text, str) else text())


_COMMON = (
    click.option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        help="How much the log under the home tells",
    ),
    click.option("--quiet", "-q", is_flag=True, help="No progress, no notes"),
    click.option("--json", "as_json", is_flag=True, help="The result as one JSON object"),
    click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="The library's home (default: VITASCOPE_HOME, else the user's data folder)",
    ),
)


def command(name: str, **settings: Any) -> Callable[[Callable[..., None]], click.Command]:
    """A command with the common options; its function gets a `Run` first."""

    def wrap(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def run(home: Path | None, as_json: bool, quiet: bool, log_level: str | None, **options: Any) -> None:
            function(Run(home, as_json, quiet, log_level), **options)

        own = list(getattr(function, "__click_params__", []))
        run.__click_params__ = []  # type: ignore[attr-defined]
        for option in _COMMON:
            option(run)
        # click reverses this list: own options come first on the help page, the common ones last
        run.__click_params__ += own  # type: ignore[attr-defined]
        return click.command(name, cls=Translated, **settings)(run)

    return wrap


def jsonl(lines: Iterable[dict[str, Any]]) -> None:
    """Objects to stdout, one a line."""
    for line in lines:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
