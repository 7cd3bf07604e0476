"""The command that serves the page and the API."""

from __future__ import annotations

import click

from vitascope.cli._common import Run, command
from vitascope.cli._say import _


@command("serve", help="Serve the library's page and API on this machine")
@click.option("--host", help="Address to listen on (default 127.0.0.1)")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (default 8000; 0 takes a free one)")
def serve(run: Run, host: str | None, port: int | None) -> None:
    """Serve until stopped."""
    from vitascope.assemble import serve_system

    with run.system() as system:
        serve_system(
            system, host=host, port=port, announce=lambda url: run.say(_("serving {url} (Ctrl-C ends)").format(url=url))
        )
