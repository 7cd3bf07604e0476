"""Wires the rooms into a library: Settings -> System. The only place that knows every room.

`open_system` makes or opens a home and gives the `System` that the command line, the API and the page use. Importing
this module is cheap; a room is imported when it is first needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.assemble._system import System

if TYPE_CHECKING:
    from vitascope.assemble._packs import Packs
    from vitascope.backends.live import Looker
    from vitascope.base.ports.work import IngestReport

__all__ = [
    "System",
    "home_folder",
    "live_server",
    "mcp_http",
    "mcp_stdio",
    "model_packs",
    "open_system",
    "restore_home",
    "serve_system",
    "watch_system",
]


def home_folder(home: Path | None = None) -> Path:
    """The home: the one named, else VITASCOPE_HOME, else the user's data folder."""
    if home is not None:
        return home.expanduser()
    if said := os.environ.get("VITASCOPE_HOME"):
        return Path(said).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("vitascope", appauthor=False))


def open_system(
    home: Path | None = None,
    *,
    log_level: str | None = None,
    settings: dict[str, Any] | None = None,
    clock: Callable[[], float] | None = None,
    encrypt: bool = False,
) -> System:
    """Open a library, making a missing or empty home first.

    Args:
        home: its folder; default VITASCOPE_HOME, else the user's data folder.
        log_level: how much the log under the home tells.
        settings: by room, over everything else: {"describe": {"language_model": False}}.
        clock: seconds since 1970; tests give their own.
        encrypt: make a new home as an encrypted one.

    Raises:
        ConfigError, HomeTooNew, HomeDamaged, NoSpace, ReadOnly.
    """
    import time

    from vitascope.assemble._rooms import Rooms
    from vitascope.backends.home import Home
    from vitascope.config import load

    folder = home_folder(home)
    read = load(folder, settings)
    opened = Home.open(folder, read.stores, read.home, encrypt=encrypt)
    opened.log_to_file(log_level or "info")
    return System(Rooms(opened, read, clock or time.time))


def restore_home(file: Path, home: Path | None, key_file: Path, erased: Sequence[Path] = ()) -> Path:
    """Make a home from a backup; refuses one that is not empty. Who stands in a list of the erased does not come back."""
    from vitascope.backends.home import restore
    from vitascope.config import load

    settings = load(None)
    known = [p for p in (settings.privacy.tombstones,) if p is not None and p.is_file()]
    return restore(file, home_folder(home), key_file, settings.stores, [*erased, *known])


def model_packs(home: Path | None = None) -> Packs:
    """Model packs and their cache; needs no home, but reads its settings where it is there."""
    from vitascope.assemble._packs import Packs
    from vitascope.config import load

    return Packs(load(home_folder(home)).models)


def serve_system(
    system: System, *, host: str | None = None, port: int | None = None, announce: Callable[[str], None] | None = None
) -> None:
    """Serve a library until SIGTERM or Ctrl-C."""
    from vitascope.serve import create_app, run

    rooms = system.rooms
    rooms.access.note_settings(rooms.settings.digests())
    told, tracer = rooms.settings.serve, None
    if told.traces:
        from vitascope.backends.tracing import open_tracer

        tracer = open_tracer(told.traces)
    run(create_app(system, told, rooms.access, rooms.identity, tracer), host, port, ready=announce)


def live_server(home: Path | None = None, url: str | None = None, token: str | None = None) -> Looker:
    """Who looks at a running server; by default the one that the settings of a home describe. Opens no home."""
    from vitascope.backends.live import Looker
    from vitascope.config import load

    told = load(home_folder(home)).serve
    scheme = "https" if told.tls_cert is not None else "http"
    host = f"[{told.host}]" if ":" in told.host else told.host
    ours = url is None  # the home's own token and certificate never go to another address
    if ours and token is None and told.token is not None:
        token = told.token.get_secret_value()
    return Looker(url or f"{scheme}://{host}:{told.port}", token, told.tls_cert if ours else None)


def mcp_stdio(system: System, **settings: Any) -> None:
    """Speak MCP over standard input and output until they end. `settings` win over those of the home (`user`, `write`)."""
    from vitascope.backends.mcp import mcp_server, run_stdio

    run_stdio(mcp_server(system, system.rooms.settings.mcp.model_copy(update=settings)))


def mcp_http(
    system: System,
    *,
    host: str | None = None,
    port: int | None = None,
    announce: Callable[[str], None] | None = None,
    **settings: Any,
) -> None:
    """Serve MCP at /mcp behind the same gate as the page, until SIGTERM or Ctrl-C."""
    from vitascope.backends.mcp import http_app, mcp_server
    from vitascope.serve import guarded, run

    config = system.rooms.settings.serve
    hosts = ("127.0.0.1", "localhost", "[::1]", *config.allowed_hosts, *((config.host,) if config.host else ()))
    server = mcp_server(system, system.rooms.settings.mcp.model_copy(update=settings))
    run(guarded(http_app(server, hosts), config, system.access), host, port, ready=announce)


def watch_system(system: System, paths: Sequence[str], **how: Any) -> Iterator[tuple[tuple[str, ...], IngestReport]]:
    """Ingest, then go on with what changes, until stopped: see `assemble._watch.watch`."""
    from vitascope.assemble._watch import watch

    return watch(system, paths, **how)
