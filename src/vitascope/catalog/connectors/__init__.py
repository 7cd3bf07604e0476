"""The archives that people download from social and video apps, each read by a connector (`base.ports.connectors`).

They come through the entry point group `vitascope.connectors`, as a stranger's would. Pure: they are given a `Source` and know
no path, no network and no person.
"""

from __future__ import annotations

from vitascope.catalog.connectors._bilibili import Bilibili
from vitascope.catalog.connectors._mastodon import Mastodon
from vitascope.catalog.connectors._tiktok import TikTok
from vitascope.catalog.connectors._youtube import YouTube

__all__ = ["Bilibili", "Mastodon", "TikTok", "YouTube"]
