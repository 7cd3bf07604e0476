"""Settings of the server. Cheap to import; knows nothing but its own names."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from pydantic import Field, SecretStr

from vitascope.base.errors import UsageError
from vitascope.base.records import RoomConfig


class ServeConfig(RoomConfig):
    """What the server listens to and how much it takes."""

    host: str = "127.0.0.1"
    """Address to bind. Anything but this machine's own loopback needs `token`."""
    port: int = Field(default=8000, ge=0, le=65535)
    """0: any free port."""
    allowed_hosts: tuple[str, ...] = ()
    """Further host names a browser may use for this server, without port. Loopback names always work."""
    token: SecretStr | None = None
    """Asked for with every call once set: `Authorization: Bearer TOKEN`, or once as /?token=TOKEN in a browser."""
    session_hours: float = Field(default=168.0, gt=0, le=8_760)
    """How long a sign-in holds."""
    oidc_issuer: str = ""
    """Address of an OpenID Connect provider that owners may sign in with, such as https://login.example.org/realms/home."""
    oidc_client: str = ""
    """Name of this server with that provider."""
    oidc_secret: SecretStr | None = None
    oidc_owners: tuple[str, ...] = ()
    """Who of the provider's users is an owner: `sub` values, or e-mail addresses that the provider says are verified."""
    cors_origins: tuple[str, ...] = ()
    """Pages elsewhere that may call this API with a key, such as https://app.example.org. Cookies never go there."""
    rate: float = Field(default=100.0, ge=0)
    """Requests a second, on average, of one key, person or address; 0: no bound. On an open loopback none is counted."""
    burst: int = Field(default=1_000, ge=1)
    """Requests at once, above that rate."""
    sign_in_tries: int = Field(default=10, ge=1, le=1_000)
    """Wrong passwords for one account within 15 minutes; for one address three times as many, wrong keys included."""
    tls_cert: Path | None = None
    """PEM file of the server's certificate and its chain; with `tls_key` the server speaks https alone."""
    tls_key: Path | None = None
    log_requests: bool = False
    """Whether each request is a line of the log (an object with home.log_format = "json"). Failures always are."""
    traces: str = ""
    """Address of an OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318; "": no traces. Needs the extra
    `vitascope[traces]`. Spans name routes and calls, never people."""
    max_body: int = Field(default=8 << 20, ge=1 << 10)
    """Bytes of one request body."""
    batch_events: int = Field(default=1_000, ge=1, le=10_000)
    """Events taken in one call."""
    media_workers: int = Field(default=3, ge=1, le=64)
    """Media files prepared at the same time; further ones wait."""
    feeds: int = Field(default=256, ge=0, le=10_000)
    """Live feeds open at the same time in one process."""
    feeds_each: int = Field(default=8, ge=1, le=100)
    """Of one person."""
    feed_seconds: float = Field(default=0.1, gt=0, le=10)
    """How often the head of the event log is looked at while a feed is open."""
    feed_beat: float = Field(default=15.0, gt=0, le=300)
    """Seconds of silence after which a feed sends a comment, so that the connection is kept."""
    shutdown_seconds: int = Field(default=5, ge=0, le=600)
    """How long running answers may take to finish after SIGTERM."""
    static: Path | None = None
    """Folder of the built page; None: the one that came with the package."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_address(host: str, token: SecretStr | None, closed: bool = False) -> None:
    """Refuse to open the library to other machines without a token.

    Args:
        closed: an owner's sign-in is set up, so that somebody has to say who they are anyway.

    Raises:
        UsageError: the address is not loopback and there is no token, or the token is short enough to guess.
    """
    if token is not None and len(token.get_secret_value()) < 16:
        raise UsageError(
            "the token is shorter than 16 characters",
            place="setting serve.token",
            remedy="set a longer random token",
        )
    if not is_loopback(host) and token is None and not closed:
        raise UsageError(
            "this address can be reached from other machines, and no token is set",
            place=host,
            remedy="bind 127.0.0.1, set serve.token (VITASCOPE_SERVE__TOKEN) to a long random text, or make an owner's "
            "sign-in: `vitascope access owner set NAME`",
        )
