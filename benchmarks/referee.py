"""What the benchmarks on real media share: the manifest, the media's own referee as a module, halves, samples.

Media: $VITASCOPE_SHARED/media, else ../shared/media.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

from vitascope.base.ports.models import Pcm


def media_folder() -> Path:
    """The folder with MANIFEST.tsv and score.py; ends the program where there is none."""
    media = Path(os.environ.get("VITASCOPE_SHARED", "../shared")).resolve() / "media"
    if not (media / "score.py").is_file():
        sys.exit(f"no media to score at {media}: set VITASCOPE_SHARED")
    return media


def rows_of(media: Path, *groups: str) -> list[dict[str, str]]:
    """Lines of the manifest, of these groups."""
    with open(media / "MANIFEST.tsv", encoding="utf-8") as file:
        return [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["group"] in groups]


def referee_of(media: Path) -> ModuleType:
    """score.py as a module."""
    spec = importlib.util.spec_from_file_location("score", media / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def half_of(path: str) -> int:
    """0 or 1, by the name alone."""
    return hashlib.sha256(path.encode()).digest()[0] % 2


def sound_of(path: Path) -> Pcm:
    """Mono 16 kHz samples."""
    import av

    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", 16_000)
        parts = []
        for frame in container.decode(container.streams.audio[0]):
            frame.pts = None
            parts += [p.to_ndarray().reshape(-1) for p in resampler.resample(frame)]
        parts += [p.to_ndarray().reshape(-1) for p in resampler.resample(None)]
    return np.concatenate(parts).astype(np.int16)
