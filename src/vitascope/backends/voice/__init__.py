"""Reads text aloud with the voice that the package hibari-tts brings (English, Apache-2.0, distilled from Kokoro-82M).

Takes text, gives 16-bit sound. The model loads at the first sentence; nothing is fetched. It knows no person.
"""

from __future__ import annotations

import io
import threading
import wave
from typing import Any

import numpy as np

from vitascope.base.errors import ModelFailed, ModelMissing
from vitascope.base.ports.models import ModelInfo

_LONGEST = 20_000


class HibariVoice:
    """Fulfils `base.ports.personal.Voice`. Safe from several threads, one speaks at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Any = None

    @property
    def info(self) -> ModelInfo:
        """What it is."""
        return ModelInfo(id="hibari-heart", sha256="", licence="Apache-2.0", languages=("en",))

    def speak(self, text: str) -> bytes:
        """A WAV file, 16 bit mono. The same text gives the same sound.

        Raises:
            ModelMissing: the package is not installed. ModelFailed: there is nothing that it can say.
        """
        with self._lock:
            if self._made is None:
                try:
                    from hibari import Hibari
                except ImportError as error:
                    raise ModelMissing(
                        "there is no voice", remedy="install hibari-tts; the page has the same text"
                    ) from error
                self._made = Hibari(threads=1)
            pieces = list(self._made.stream(text[:_LONGEST], seed=0))
            rate = int(self._made.sample_rate)
        if not pieces or not sum(len(p) for p in pieces):
            raise ModelFailed("the voice said nothing", remedy="it speaks English alone; the page has the same text")
        pause = np.zeros(rate // 3, np.float32)
        sound = np.concatenate([part for piece in pieces for part in (np.asarray(piece, np.float32), pause)])
        data = (np.clip(sound, -1, 1) * 32_767).astype("<i2")
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(data.tobytes())
        return out.getvalue()
