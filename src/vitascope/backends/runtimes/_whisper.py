"""Loads Whisper models through faster-whisper. Takes a folder with a CTranslate2 model; knows nothing of what is done with it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_REMEMBERED = 4
_FRAMES_A_SECOND = 100


class WindowEnds(Exception):
    """What is left of the window is not worth another look (see `load_whisper`)."""


def load_whisper(folder: Path, threads: int) -> WhisperModel:
    """A Whisper model on the CPU in int8 that encodes the same window once.

    Telling the language and recognising both encode the window (.6 s on two cores), so the last few results are kept
    (3 MB each).

    Where recognition stops before a window's end, the library encodes the rest by itself, be it a tenth of a second of silence,
    which costs as much as the whole window and is where words are invented. So its `worth` (None: always) is asked with the
    seconds that are to be encoded; where it says no, WindowEnds is raised out of the library's iterator.
    """
    from faster_whisper import WhisperModel

    class Remembering(WhisperModel):  # type: ignore[misc]  # the library has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._encoded: OrderedDict[bytes, Any] = OrderedDict()
            self.worth: Callable[[float], bool] | None = None

        def encode(self, features: Any) -> Any:
            if self.worth is not None and not self.worth(_seconds(features)):
                raise WindowEnds
            key = hashlib.blake2b(features.tobytes(), digest_size=16).digest()
            found = self._encoded.pop(key, None)
            if found is None:
                found = super().encode(features)
            self._encoded[key] = found
            while len(self._encoded) > _REMEMBERED:
                self._encoded.popitem(last=False)
            return found

    return Remembering(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)


def _seconds(features: Any) -> float:
    """Seconds of sound in spectrogram columns that were padded with zeros, shape (bands, columns)."""
    import numpy as np

    filled = np.flatnonzero(np.asarray(features).any(axis=-2).reshape(-1))
    return float(filled[-1] + 1) / _FRAMES_A_SECOND if len(filled) else 0.0
