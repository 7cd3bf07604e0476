"""The real server: a real socket, a real SIGTERM."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tests.serve.fake_service import FakeService

from vitascope.base.errors import UsageError
from vitascope.serve import create_app, run

SERVER = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.serve.fake_service import FakeService
from vitascope.serve import create_app, run
service = FakeService()
run(create_app(service), port=0, ready=lambda url: print(url, flush=True))
service.close()
print("closed", flush=True)
"""


def test_it_binds_loopback_and_ends_cleanly_at_sigterm() -> None:
    command = [sys.executable, "-c", SERVER, str(Path(__file__).parents[2])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            assert httpx.get(url + "/v1/health/ready", timeout=10).status_code == 200
            start = time.monotonic()
            server.send_signal(signal.SIGTERM)
            rest = server.stdout.read()
            assert server.wait(timeout=15) == 0
            assert time.monotonic() - start < 10
            assert rest == "closed\n"
        finally:
            if server.poll() is None:
                os.kill(server.pid, signal.SIGKILL)


def test_a_taken_port_is_a_clear_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UsageError, match="cannot listen"),
    ):
        run(create_app(FakeService()), port=taken.getsockname()[1])
