"""Feeds over the network: one bounded GET, http(s) only, never to this machine or its network unless allowed.

Takes an address, gives bytes. It parses nothing.
"""

from __future__ import annotations

from vitascope.backends.feeds._http import HttpFetcher

__all__ = ["HttpFetcher"]
