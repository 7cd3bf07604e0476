"""On-screen text with PP-OCR through RapidOCR. Takes an RGB picture, gives its lines top to bottom.

Text is sought first and only what was found is recognised. It is sought at two sizes, 640 and 320 pixels: the large one finds
small print, the small one keeps apart what stands side by side in large letters; where both found something in one place, the
surer reading stays. RapidOCR's own default (every picture blown up to at least 736 pixels a side) costs five times as much
and invents more (benchmarks/reports/screen_text.md).

Lines of one character are dropped: they are specks and ticks, seldom text. It reads Chinese, English and Japanese; it does
not know which of them a line is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, role_info, role_loader
from vitascope.base.content import ScreenText
from vitascope.base.errors import ModelFailed
from vitascope.base.ports.models import ModelInfo, Picture
from vitascope.base.time import Span

_LONGEST = 1280
_SIZES = (640, 320)
_BOTH = 0
_SAME_PLACE = 0.3
"""Share of the smaller box that two boxes must have in common to be readings of one place."""
_SAME_BOX = 0.8
_SMALLEST = 16
"""Pixels of a side below which no letter fits (and the detector's own scaling fails)."""
_MAX_CHARS = 500
_MOST_LINES = 64
"""Lines recognised in one picture: a page of small print would take minutes."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Line:
    """One reading: what stands in a box, and how sure that is."""

    box: Box
    text: str
    score: float
    size: int
    """The size at which the box was found; 0: at both."""


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
                "Det.limit_type": "max",
            } | {f"EngineConfig.onnxruntime.{k}": v for k, v in engine.items()}
            reader: Any = RapidOCR(params=params)
            logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
            detector = reader._load_det_model()
            # its settings library unpacks these anew for every picture, which takes longer than scaling the picture
            detector.mean, detector.std = ([float(v) for v in of] for of in (detector.mean, detector.std))
            return reader

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def read(self, picture: Picture, span: Span) -> tuple[ScreenText, ...]:
        """Lines top to bottom, left to right, each with the picture's span and its confidence."""
        image = _fitted(picture)[:, :, ::-1].copy()
        with self._keeper.hold(self._loader) as reader, self._one_at_a_time:
            try:
                lines = _lines(reader, image)
            except (ValueError, RuntimeError, IndexError) as error:
                raise ModelFailed(f"the picture could not be read: {error}", place=self._info.id) from error
        ordered = sorted(surest(lines), key=lambda line: (line.box[1], line.box[0]))
        return tuple(ScreenText(span=span, text=line.text, score=line.score) for line in ordered if len(line.text) > 1)


def _lines(reader: Any, image: Picture) -> list[Line]:
    """Every reading at every size, boxes that both sizes found alike once."""
    found: list[tuple[int, npt.NDArray[np.float32]]] = []
    detector = reader._load_det_model()
    if min(image.shape[:2]) < _SMALLEST:
        return []
    for size in _SIZES:
        detector.limit_side_len = size
        boxes = detector(image).boxes
        for quad in () if boxes is None else boxes:
            alike = next((i for i, (s, q) in enumerate(found) if s != size and _alike(bounds(quad), bounds(q))), None)
            if alike is None:
                found.append((size, np.asarray(quad, np.float32)))
            else:
                found[alike] = (_BOTH, found[alike][1])
    found = found[:_MOST_LINES]
    if not found:
        return []
    crops = reader.crop_text_regions(image, np.stack([q for _, q in found]))
    upright, _ = reader.cls_and_rotate(crops)
    said = reader.recognize_txt(upright)
    return [
        Line(bounds(quad), " ".join(str(text).split())[:_MAX_CHARS], float(score), size)
        for (size, quad), text, score in zip(found, said.txts, said.scores, strict=True)
        if str(text).strip()
    ]


def bounds(quad: npt.NDArray[Any]) -> Box:
    """The upright box around four corners, shape (4, 2)."""
    low, high = quad.min(axis=0), quad.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def common(a: Box, b: Box) -> float:
    """The area two boxes share, as a share of the smaller one."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, width) * max(0.0, height) / smaller if smaller > 0 else 0.0


def _alike(a: Box, b: Box) -> bool:
    """Whether two boxes are one box found twice: they lie in each other and are of about one area."""
    small, large = sorted((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return common(a, b) >= _SAME_BOX and small >= 0.7 * large


def surest(lines: Sequence[Line]) -> list[Line]:
    """Of different readings of one place, those of the size that is surer, characters counted; all others as they are."""
    kept = [line for line in lines if line.size == _BOTH]
    places: list[list[Line]] = []
    for line in lines:
        if line.size == _BOTH:
            continue
        touching = [p for p in places if any(common(line.box, other.box) > _SAME_PLACE for other in p)]
        places = [p for p in places if all(p is not t for t in touching)]
        places.append([line, *(other for p in touching for other in p)])
    for place in places:
        readings = [[line for line in place if line.size == size] for size in sorted({line.size for line in place})]
        best: list[Line] = max(readings, key=_belief)
        kept += best
    return kept


def _belief(lines: list[Line]) -> tuple[float, int]:
    characters = sum(len(line.text) for line in lines)
    return round(sum(line.score * len(line.text) for line in lines) / characters, 2), characters


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
