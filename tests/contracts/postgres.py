"""A real PostgreSQL server for the tests: made in a temporary folder, on a random loopback port, gone afterwards."""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

NOT_HERE = "PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)"


class Server:
    """A running server."""

    def __init__(self, port: int, password: str) -> None:
        self.port, self.password, self.made = port, password, 0

    def url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql://vitascope:{self.password}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        """A statement outside any transaction, on the maintenance database."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def database(self, template: str = "template1") -> str:
        """Make a database; answers its URL."""
        self.made += 1
        name = f"t{os.getpid()}_{self.made}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


def programs() -> Path | None:
    """The folder of initdb and pg_ctl."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if found:
        return found[-1].parent
    on_path = shutil.which("pg_ctl")
    return None if on_path is None else Path(on_path).parent


@functools.cache
def server() -> Server:
    """The one server of this test process; skips where there is none (fails with VITASCOPE_REQUIRE_ALL=1)."""
    binaries = programs()
    if binaries is None:
        if os.environ.get("VITASCOPE_REQUIRE_ALL") == "1":
            pytest.fail(NOT_HERE)
        pytest.skip(NOT_HERE)
    folder = Path(tempfile.mkdtemp(prefix="vitascope-postgres-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    as_user: dict[str, int] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        user = pwd.getpwnam("postgres" if "postgres" in {p.pw_name for p in pwd.getpwall()} else "nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid}
    password = secrets.token_hex(16)
    (folder / "password").write_text(password)
    if as_user:
        os.chown(folder / "password", as_user["user"], as_user["group"])

    def run(*command: str) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            timeout=60,
            **as_user,  # type: ignore[call-overload]
        )

    data = str(folder / "data")
    run(
        str(binaries / "initdb"),
        "-D",
        data,
        "-U",
        "vitascope",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
        "--auth=scram-sha-256",
        f"--pwfile={folder / 'password'}",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    run(str(binaries / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    atexit.register(run, str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
    return Server(port, password)
