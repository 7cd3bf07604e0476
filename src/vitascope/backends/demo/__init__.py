"""The demo's clips: real, freely licensed ones out of released packages, or made here where no index can be reached.

The door: the table of clips and people (`clip_table`), fetching (`fetch_clips`), making (`make_clips`), and the manifest
that `vitascope ingest` reads (`write_manifest`).
"""

from ._deb import fetch_deb_files, take_from_deb
from ._fetch import Haul, Missing, default_clip_folder, fetch_clips, write_manifest
from ._made import make_clips
from ._table import Clip, ClipTable, DemoPerson, Package, clip_table

__all__ = [
    "Clip",
    "ClipTable",
    "DemoPerson",
    "Haul",
    "Missing",
    "Package",
    "clip_table",
    "default_clip_folder",
    "fetch_clips",
    "fetch_deb_files",
    "make_clips",
    "take_from_deb",
    "write_manifest",
]
