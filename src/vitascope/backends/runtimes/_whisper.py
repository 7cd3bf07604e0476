"""Loads Whisper models through faster-whisper. Takes a folder with a CTranslate2 model; knows nothing of what is done with it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_REMEMBERED = 4


def load_whisper(folder: Path, threads: int) -> WhisperModel:
    """A Whisper model on the CPU in int8 that encodes the same window once.

    Telling the language and recognising both encode the window (.6 s on two cores), so the last few results are kept
    (3 MB each).
    """
    from faster_whisper import WhisperModel

    class Remembering(WhisperModel):  # type: ignore[misc]  # the library has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._encoded: OrderedDict[bytes, Any] = OrderedDict()

        def encode(self, features: Any) -> Any:
            key = hashlib.blake2b(features.tobytes(), digest_size=16).digest()
            found = self._encoded.pop(key, None)
            if found is None:
                found = super().encode(features)
            self._encoded[key] = found
            while len(self._encoded) > _REMEMBERED:
                self._encoded.popitem(last=False)
            return found

    return Remembering(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
