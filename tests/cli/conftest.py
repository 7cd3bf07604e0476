"""The real command line, run as its user runs it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as the one JSON object that --json promises."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Cli:
    """`vitascope` with a home of its own."""

    home: Path

    def __call__(self, *arguments: str | Path, expect: int = 0, text: str | None = None, timeout: float = 600) -> Ended:
        """Run a command; fail the test with its stderr if it ends otherwise than expected."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VITASCOPE_")}
        environment |= {k: v for k, v in os.environ.items() if k in {"VITASCOPE_MODELS", "VITASCOPE_SHARED"}}
        environment["VITASCOPE_LANG"] = "en"
        done = subprocess.run(
            [sys.executable, "-m", "vitascope", *map(str, arguments), "--home", str(self.home)],
            capture_output=True,
            text=True,
            input=text if text is not None else "",
            env=environment,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command line on an empty home."""
    return Cli(tmp_path / "home")
