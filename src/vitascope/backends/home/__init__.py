"""The home folder of one library: layout, key, settings file, logs, backup and restore, clearing up.

Takes a path; gives a `Home` whose library is at the present schema. Knows files and the stores' door, no room.
"""

from __future__ import annotations

from vitascope.backends.home._backup import restore
from vitascope.backends.home._config import Config
from vitascope.backends.home._gc import FETCHED, UPLOADS
from vitascope.backends.home._home import Home, encrypt_home, keep_in_keyring, rotate_home
from vitascope.backends.home._kek import make_file
from vitascope.backends.home._personal import PersonalFolder
from vitascope.backends.home._uploads import UploadFolder

__all__ = [
    "FETCHED",
    "UPLOADS",
    "Config",
    "Home",
    "PersonalFolder",
    "UploadFolder",
    "encrypt_home",
    "keep_in_keyring",
    "make_file",
    "restore",
    "rotate_home",
]
