"""Says English texts with espeak-ng and lets the pack's recognition hear them: a stand-in for recorded speech.

espeak-ng is no dependency (GPL-3.0): `pip install espeakng-loader` beside the benchmark, not in the product.
"""

from __future__ import annotations

import ctypes
import io
import tempfile
import wave
from pathlib import Path

import numpy as np

from vitascope.base.time import Span

RATE_MODE, BUFFER_MS = 1, 0
_UTF8 = 1
"""AUDIO_OUTPUT_RETRIEVAL, and espeakCHARS_UTF8, of speak_lib.h."""


class Voice:
    """One espeak-ng voice. Raises ImportError where espeakng_loader is not installed."""

    def __init__(self, name: bytes = b"en-us", words_a_minute: int = 150) -> None:
        import espeakng_loader

        self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self._rate = self._lib.espeak_Initialize(RATE_MODE, BUFFER_MS, data, 0)
        self._heard: list[np.ndarray] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._callback = kind(self._keep)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._lib.espeak_SetVoiceByName(name)
        self._lib.espeak_SetParameter(1, words_a_minute, 0)

    def _keep(self, samples: ctypes.Array, count: int, _events: int) -> int:  # type: ignore[type-arg]
        if samples and count > 0:
            self._heard.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        return 0

    def say(self, text: str) -> bytes:
        """A WAV file of the text."""
        self._heard = []
        data = text.encode()
        self._lib.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        pcm = np.concatenate(self._heard) if self._heard else np.zeros(0, np.int16)
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self._rate)
            file.writeframes(pcm.astype("<i2").tobytes())
        return out.getvalue()


def hear(wavs: list[bytes]) -> list[list[tuple[Span, str]]]:
    """What a fresh library's own recognition hears in each file, as lines with times."""
    from vitascope.assemble import open_system

    with tempfile.TemporaryDirectory(prefix="vitascope-said-") as folder:
        clips = Path(folder) / "clips"
        clips.mkdir()
        for n, wav in enumerate(wavs):
            (clips / f"{n:03}.wav").write_bytes(wav)
        system = open_system(Path(folder) / "home", settings={"describe": {"language_model": False}})
        try:
            system.ingest([str(clips)])
            out: dict[str, list[tuple[Span, str]]] = {}
            for view in system.items(n=1_000)[0]:
                lines = view.description.transcript if view.description else ()
                out[view.assets[0].path.name] = [(line.span, line.text) for line in lines]
        finally:
            system.close()
    return [out.get(f"{n:03}.wav", []) for n in range(len(wavs))]
