"""The real server: a real socket, a real SIGTERM."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.serve.fake_service import FakeService

from vitascope.base.errors import UsageError
from vitascope.serve import ServeConfig, _server, create_app, run

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


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine's own for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vitascope")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


def test_tls_by_one_setting(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    config = ServeConfig(tls_cert=cert, tls_key=key)
    url: list[str] = []
    listening = threading.Event()
    servers: list[_server._Server] = []

    class Kept(_server._Server):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)  # type: ignore[arg-type]
            servers.append(self)

    def ready(at: str) -> None:
        url.append(at)
        listening.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_server, "_Server", Kept)
        thread = threading.Thread(
            target=run, args=(create_app(FakeService(), config), None, 0), kwargs={"ready": ready}
        )
        thread.start()
        try:
            assert listening.wait(30)
            assert url[0].startswith("https://127.0.0.1:")
            trusted = ssl.create_default_context(cafile=str(cert))
            assert httpx.get(url[0] + "/v1/health/live", verify=trusted, timeout=20).status_code == 200
            with pytest.raises(httpx.HTTPError):
                httpx.get(url[0].replace("https", "http") + "/v1/health/live", timeout=20)
        finally:
            servers[0].should_exit = True
            thread.join(20)


def test_a_certificate_that_cannot_be_used(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    for config in (
        ServeConfig(tls_cert=cert),
        ServeConfig(tls_key=key),
        ServeConfig(tls_cert=key, tls_key=cert),
        ServeConfig(tls_cert=tmp_path / "none", tls_key=key),
    ):
        with pytest.raises(UsageError) as found:
            run(create_app(FakeService(), config), port=0)
        assert "tls" in str(found.value.place) or "pem" in str(found.value.place)


def test_a_taken_port_is_a_clear_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UsageError, match="cannot listen"),
    ):
        run(create_app(FakeService()), port=taken.getsockname()[1])
