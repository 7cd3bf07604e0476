"""Streaming measures of pictures: upright JPEGs, perceptual hashes. Runs in the worker only.

Takes decoded video frames in time order, keeps memory bounded for any length. It does not know containers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.time import Span

Image = npt.NDArray[np.uint8]
FRAME_EDGE = 640
SMALL_WIDTH = 192
HASH_STEP = Fraction(1, 2)
PRINT_STEP = Fraction(1, 4)


class Scaler:
    """Makes upright pictures of a frame at a size; keeps FFmpeg's scaling contexts between frames."""

    def __init__(self, aspect: Fraction | None = None) -> None:
        from av.video.reformatter import Interpolation, VideoReformatter

        self._make = VideoReformatter
        self._area, self._fast = Interpolation.AREA, Interpolation.BILINEAR
        self._kept: dict[tuple[int, int], Any] = {}
        self._aspect = aspect if aspect and Fraction(1, 8) <= aspect <= 8 else Fraction(1)

    def shown(self, frame: Any) -> tuple[int, int]:
        """Width and height as shown, before rotation: square pixels."""
        return max(1, round(frame.width * self._aspect)), frame.height

    def bgr(self, frame: Any, edge: int, rotation: int, fast: bool = False) -> Image:
        """Upright BGR picture whose longer side is at most `edge`; alpha is laid on grey."""
        width, height = self.shown(frame)
        scale = min(1.0, edge / max(width, height))
        size = max(2, round(width * scale)), max(2, round(height * scale))
        if fast:  # even sizes keep the fast paths of the scaler
            size = size[0] // 2 * 2, size[1] // 2 * 2
        alpha = _has_alpha(frame.format.name)
        scaler = self._kept.setdefault((edge, int(fast)), self._make())
        scaled = scaler.reformat(
            frame,
            size[0],
            size[1],
            "bgra" if alpha else "bgr24",
            interpolation=self._fast if fast else self._area,
        )
        image: Image = scaled.to_ndarray()
        if alpha:
            opacity = image[:, :, 3:].astype(np.float32) / 255
            image = (image[:, :, :3] * opacity + 128 * (1 - opacity)).astype(np.uint8)
        if rotation:
            image = np.rot90(image, k=-(rotation // 90))
        return np.ascontiguousarray(image)


def _has_alpha(name: str) -> bool:
    return name.startswith(("yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya", "pal8"))


def fields(image: Image) -> npt.NDArray[np.float32]:
    """The picture as 12 x 9 fields, mean BGR of each: what moves in a corner moves a field."""
    import cv2

    return np.asarray(cv2.resize(image, (12, 9), interpolation=cv2.INTER_AREA), np.float32)


def jpeg(image: Image, quality: int = 85) -> bytes:
    """JPEG bytes of a BGR picture."""
    import cv2

    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def telling(image: Image) -> float:
    """How much a picture shows: detail and contrast. Black, white and blurred ones come last."""
    import cv2

    grey = cv2.transform(image.astype(np.float32), np.full((1, 3), 1 / 3, np.float32))
    rows = [(grey[1:], grey[:-1]), (grey[:, 1:], grey[:, :-1])]
    detail = sum(float(cv2.mean(cv2.absdiff(a, b))[0]) for a, b in rows if a.size)
    return detail + 0.1 * float(cv2.meanStdDev(grey)[1][0, 0])


class Gallery:
    """Candidate pictures while a file is decoded, thinned as it goes; at the end the most telling of each shot.

    Memory: at most `room` JPEGs. When it is full every second one goes, those right after a change last.
    """

    def __init__(self, room: int) -> None:
        self._room = max(8, room)
        self._stride = Fraction(1, 2)
        self._kept: list[tuple[Fraction, bytes, int, int, float, bool]] = []
        self._next = Fraction(-1)

    def wants(self, time: Fraction, change: float) -> bool:
        """Whether a picture at this time should be handed in."""
        if not self._kept or time >= self._next:
            return True
        return change > 15 and time - self._kept[-1][0] >= Fraction(1, 5)

    def add(self, time: Fraction, image: Image, change: float) -> None:
        """Keep a picture."""
        height, width = image.shape[:2]
        self._kept.append((time, jpeg(image), width, height, telling(image), change > 15))
        self._next = time + self._stride
        if len(self._kept) > self._room:
            self._stride *= 2
            thinned, last = [], Fraction(-1)
            for kept in self._kept:
                if kept[5] or kept[0] - last >= self._stride:
                    thinned.append(kept)
                    last = kept[0]
            self._kept = thinned if len(thinned) <= self._room * 3 // 4 else self._kept[::2]

    def choose(self, shots: tuple[Span, ...], limit: int) -> list[tuple[Fraction, bytes, int, int, int]]:
        """(time, JPEG, width, height, shot) in time order: one of each shot, more of long ones, `limit` at most.

        With more shots than room, the longest shots are shown.
        """
        groups: list[list[tuple[Fraction, bytes, int, int, float, bool]]] = [[] for _ in shots]
        at = 0
        for kept in self._kept:
            while at + 1 < len(shots) and kept[0] >= shots[at].end:
                at += 1
            if shots:
                groups[at].append(kept)
        order = sorted(
            (i for i, g in enumerate(groups) if g),
            key=lambda i: shots[i].length,
            reverse=True,
        )[:limit]
        spare = limit - len(order)
        total = sum((shots[i].length for i in order), Fraction(0)) or Fraction(1)
        chosen = []
        for i in sorted(order):
            # one picture per 4 s of a shot where there is room
            more = min(
                int(shots[i].length / 4),
                int(spare * shots[i].length / total),
                len(groups[i]) - 1,
            )
            for part in np.array_split(np.arange(len(groups[i])), 1 + max(0, more)):
                middle = float(groups[i][part[0]][0] + groups[i][part[-1]][0]) / 2
                reach = max(0.5, float(groups[i][part[-1]][0] - groups[i][part[0]][0]))
                best = max(
                    (groups[i][j] for j in part),
                    key=lambda k: k[4] * (1 - 0.5 * abs(float(k[0]) - middle) / reach),
                )
                chosen.append((best[0], best[1], best[2], best[3], i))
        return chosen


_DCT: npt.NDArray[np.float64] | None = None


def _dct() -> npt.NDArray[np.float64]:
    """The first 8 rows of the 32-point DCT-II as scipy.fftpack.dct makes it (unnormalised)."""
    global _DCT
    if _DCT is None:
        n = np.arange(32)
        _DCT = 2 * np.cos(np.pi * np.outer(np.arange(8), 2 * n + 1) / 64)
    return _DCT


def picture_hash(image: Image) -> int:
    """64-bit perceptual hash, equal to `imagehash.phash` of that picture: 8 x 8 of a 32 x 32 DCT over its median."""
    from PIL import Image as Pillow

    small = (
        Pillow.fromarray(np.ascontiguousarray(image[:, :, ::-1]))
        .convert("L")
        .resize((32, 32), Pillow.Resampling.LANCZOS)
    )
    low = _dct() @ np.asarray(small, np.float64) @ _dct().T
    bits = (low > np.median(low)).flatten()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


class HashLine:
    """Perceptual hashes on a regular grid of times: each grid time has the hash of the picture shown then."""

    def __init__(self, step: Fraction = HASH_STEP, room: int = 20_000) -> None:
        self._step, self._room = step, room
        self._next = Fraction(0)
        self.hashes: list[tuple[Fraction, int]] = []

    def wants(self, time: Fraction) -> bool:
        """Whether a grid time was reached."""
        return time >= self._next and len(self.hashes) < self._room

    def add(self, time: Fraction, small: Image) -> None:
        """Keep the hash of the picture at `time`."""
        self.hashes.append((time, picture_hash(small)))
        self._next = (time // self._step + 1) * self._step


class PatchLine:
    """Picture prints for near-duplicates: per grid time, hashes of the picture without its bars and of its middle.

    A plain hash of the whole picture moves when bars are laid on or the picture is cropped. So each grid time keeps
    `KINDS` hashes: the picture inside its bars, and the middle 85 % and 70 % of that. Matching compares across kinds.
    """

    KINDS = 3

    def __init__(self, step: Fraction = PRINT_STEP, room: int = 14_400) -> None:
        self._step, self._room = step, room
        self._rows: list[tuple[int, ...]] = []

    def wants(self, time: Fraction) -> bool:
        """Whether a grid time was reached."""
        return time >= self._step * len(self._rows) and len(self._rows) < self._room

    def add(self, time: Fraction, small: Image) -> None:
        """Keep the hashes of the picture at `time`; grid times that were skipped repeat the last."""
        row = int(time // self._step)
        while self._rows and len(self._rows) < min(row, self._room):
            self._rows.append(self._rows[-1])
        if len(self._rows) < self._room:
            if not self._rows:
                self._rows.extend([(0,) * self.KINDS] * min(row, self._room))
            inner = without_bars(small)
            self._rows.append(tuple(_print_hash(middle(inner, share)) for share in (1.0, 0.85, 0.7)))

    def bytes(self) -> bytes:
        """uint64 little endian, `KINDS` a row, a row every `PRINT_STEP`."""
        return np.asarray(self._rows, "<u8").tobytes() if self._rows else b""


def without_bars(image: Image) -> Image:
    """The picture inside uniform borders (letterbox of any colour); the picture itself where little would be left."""
    height, width = image.shape[:2]
    top = np.maximum(np.maximum(image[:, :, 0], image[:, :, 1]), image[:, :, 2])
    rows, columns = (top.max(axis=a) - top.min(axis=a) for a in (1, 0))
    busy_rows, busy_columns = np.flatnonzero(rows > 24), np.flatnonzero(columns > 24)
    if len(busy_rows) < height // 3 or len(busy_columns) < width // 3:
        return image
    return image[busy_rows[0] : busy_rows[-1] + 1, busy_columns[0] : busy_columns[-1] + 1]


def middle(image: Image, share: float) -> Image:
    """The middle of a picture."""
    height, width = image.shape[:2]
    top, left = int(height * (1 - share) / 2), int(width * (1 - share) / 2)
    return image[top : height - top, left : width - left]


def _print_hash(image: Image) -> int:
    """As `picture_hash`, 0 for a flat picture (black, white: nothing to recognise)."""
    return 0 if min(image.shape[:2]) < 2 or _deviation(image) < 4 else picture_hash(image)


def _deviation(image: Image) -> float:
    """Standard deviation over all pixels and channels, as `image.std()` has it, a good deal faster."""
    import cv2

    means, deviations = cv2.meanStdDev(image)
    spread = float((deviations**2 + means**2).mean()) - float(means.mean()) ** 2
    return float(max(0.0, spread) ** 0.5)
