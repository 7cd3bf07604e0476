"""Which addresses may be asked. Takes a URL; gives the IP address to connect to, or says why not. Opens no connection."""

from __future__ import annotations

import base64
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from vitascope.base.errors import Refused

_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Target(NamedTuple):
    """Where to connect, and how to go on calling the host by its name."""

    url: str
    """The address with its host replaced by a checked IP address."""
    headers: dict[str, str]
    extensions: dict[str, Any]
    """httpx request extensions: the name that the certificate must be for."""


def web(url: str) -> SplitResult:
    """The parts of an http(s) address. Raises Refused for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused("the address is malformed", place=url, remedy="correct the address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("an address to fetch is http or https", place=url, remedy="name an http(s) address")
    return parts


def checked(url: str, private: bool) -> Target:
    """Resolve a URL's host once and check every address it has.

    Raises:
        Refused: no http(s) address, or (unless `private`) one of its addresses is not public.
        OSError: the name does not resolve.
    """
    parts = web(url)
    assert parts.hostname
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Refused("its port is no port", place=url, remedy="correct the address") from None
    found = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    if not private and not all(is_public(ipaddress.ip_address(a.split("%")[0])) for a in found):
        raise Refused(
            "the address is on this machine or its network",
            place=url,
            remedy="set catalog.private_addresses to allow it",
        )
    address = sorted(found, key=lambda a: (":" in a, a))[0]
    host = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{host}:{port}", fragment="").geturl()
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    named = name if parts.port is None else f"{name}:{parts.port}"
    headers = {"Host": named, "User-Agent": "vitascope"}
    if parts.username is not None:  # of this address alone: where it leads to learns nothing of it
        said = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = "Basic " + base64.b64encode(said).decode()
    return Target(target, headers, {"sni_hostname": parts.hostname})


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet; of an IPv6 address that carries an IPv4 one, both must be."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if inner is not None and not is_public(inner):
            return False
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def host_allowed(url: str, hosts: Sequence[str]) -> bool:
    """Whether a URL's host is on the list: "example.org", "*.example.org" (what is below it), "*" (any)."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    for entry in hosts:
        wanted = entry.strip().rstrip(".").lower()
        if wanted == "*" or host == wanted or (wanted.startswith("*.") and host.endswith(wanted[1:])):
            return bool(host)
    return False
