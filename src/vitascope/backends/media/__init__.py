"""Media through PyAV (FFmpeg's libraries), always in a worker process: probe, decode once, make playable, thumbnails.

Takes local files; gives the records of `base.media`. It knows no items and opens no network.
"""

from __future__ import annotations

from vitascope.backends.media._config import MediaConfig
from vitascope.backends.media._cutter import PyAvCutter
from vitascope.backends.media._reader import PyAvReader
from vitascope.backends.media._stretch import cut
from vitascope.backends.media._transcoder import PyAvTranscoder

__all__ = ["MediaConfig", "PyAvCutter", "PyAvReader", "PyAvTranscoder", "cut"]
