"""On-screen text with PP-OCR through RapidOCR. Takes an RGB picture, gives its lines top to bottom.

Lines of one character are dropped: they are specks and ticks, seldom text. It reads Chinese, English and Japanese; it does
not know which of them a line is.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

import numpy as np

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, role_info, role_loader
from vitascope.base.content import ScreenText
from vitascope.base.errors import ModelFailed
from vitascope.base.ports.models import ModelInfo, Picture
from vitascope.base.time import Span

_LONGEST = 1280
_MAX_CHARS = 500


class RapidScreenReader:
    """Fulfils `ScreenReader`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._info = keeper, role_info(role)
        self._one_at_a_time = threading.Lock()  # its pre- and postprocessing keep state between calls

        def load(files: ModelFiles) -> Any:
            from rapidocr import RapidOCR

            engine = {"intra_op_num_threads": threads, "inter_op_num_threads": 1, "enable_cpu_mem_arena": False}
            params = {
                "Global.log_level": "critical",
                "Det.model_path": str(files.path("det.onnx")),
                "Rec.model_path": str(files.path("rec.onnx")),
                "Cls.model_path": str(files.path("cls.onnx")),
            } | {f"EngineConfig.onnxruntime.{k}": v for k, v in engine.items()}
            reader = RapidOCR(params=params)
            logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
            return reader

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def read(self, picture: Picture, span: Span) -> tuple[ScreenText, ...]:
        """Lines top to bottom, left to right, each with the picture's span and its confidence."""
        with self._keeper.hold(self._loader) as reader, self._one_at_a_time:
            try:
                found = reader(_fitted(picture)[:, :, ::-1].copy())
            except (ValueError, RuntimeError, IndexError) as error:
                raise ModelFailed(f"the picture could not be read: {error}", place=self._info.id) from error
        if found.txts is None or found.boxes is None or found.scores is None:
            return ()
        lines = [
            (float(np.min(box[:, 1])), float(np.min(box[:, 0])), " ".join(text.split())[:_MAX_CHARS], float(score))
            for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        ]
        lines.sort(key=lambda line: line[:2])
        return tuple(ScreenText(span=span, text=t, score=s) for _, _, t, s in lines if len(t) > 1)


def _fitted(picture: Picture) -> Picture:
    """The picture with its longest side at most 1280: text on screen is made to be read from afar."""
    from PIL import Image

    height, width = picture.shape[:2]
    scale = _LONGEST / max(height, width)
    rgb = np.ascontiguousarray(picture[:, :, :3])
    if scale >= 1:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS), np.uint8)
