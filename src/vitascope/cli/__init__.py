"""The command line: thin, one command per step. `main` is the only door."""

from vitascope.cli._app import main

__all__ = ["main"]
