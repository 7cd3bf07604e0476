"""`vitascope mcp`: the library for assistants."""

from __future__ import annotations

import click

from vitascope.cli._common import Run, command
from vitascope.cli._say import _


@command("mcp", help="Serve the library to assistants over the Model Context Protocol")
@click.option("--user", metavar="ID", help="The one person it speaks for")
@click.option("--write", is_flag=True, help="Let it record likes, dislikes and hidden items")
@click.option("--http", is_flag=True, help="Over HTTP at /mcp instead of standard input and output")
@click.option("--host", help="Address to listen on (default 127.0.0.1)")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (default 8000; 0 takes a free one)")
def mcp(run: Run, user: str | None, write: bool, http: bool, host: str | None, port: int | None) -> None:
    """Speak until the other side ends, or until stopped."""
    from vitascope.assemble import mcp_http, mcp_stdio

    stated = {name: value for name, value in (("user", user), ("write", write)) if value}
    with run.system() as system:
        if not http:
            mcp_stdio(system, **stated)
            return

        def announce(url: str) -> None:
            run.say(_("serving {url} (Ctrl-C ends)").format(url=f"{url}/mcp"))

        mcp_http(system, host=host, port=port, announce=announce, **stated)
