"""The network and the file system as sources: bounded GETs, http(s) only, never to this machine or its network unless
allowed.

Takes addresses, gives bytes and files. It parses nothing.
"""

from __future__ import annotations

from vitascope.backends.feeds._http import HttpFetcher
from vitascope.backends.feeds._sources import ArchiveLimits, open_source
from vitascope.backends.feeds._watch import FolderWatcher

__all__ = ["ArchiveLimits", "FolderWatcher", "HttpFetcher", "open_source"]
