"""Room 1: files, folders, manifests and feeds become items with assets; copies are found and linked.

Stable: `Catalog`, `CatalogConfig` (also as `Config`), `Tally`, `sidecar_subtitles`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.catalog._config import CatalogConfig

if TYPE_CHECKING:
    from vitascope.catalog._catalog import Catalog
    from vitascope.catalog._sidecars import sidecar_subtitles
    from vitascope.catalog._tally import Tally

Config = CatalogConfig

__all__ = ["Catalog", "CatalogConfig", "Config", "Tally", "sidecar_subtitles"]


def __getattr__(name: str) -> Any:
    if name == "Catalog":
        from vitascope.catalog._catalog import Catalog

        return Catalog
    if name == "sidecar_subtitles":
        from vitascope.catalog._sidecars import sidecar_subtitles

        return sidecar_subtitles
    if name == "Tally":
        from vitascope.catalog._tally import Tally

        return Tally
    raise AttributeError(name)
