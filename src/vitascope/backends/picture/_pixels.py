"""Pictures to the sizes that models want, with Pillow's filters. Takes (height, width, 3) uint8, gives float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.models import Picture


def centre(picture: Picture, size: int, crop: float) -> npt.NDArray[np.float32]:
    """The middle square, `crop` of the shorter side, at size x size (bicubic). Shape (size, size, 3), 0..255."""
    from PIL import Image

    height, width = picture.shape[:2]
    side = min(height, width) * crop
    left, top = (width - side) / 2, (height - side) / 2
    image = Image.fromarray(np.ascontiguousarray(picture[:, :, :3]))
    small = image.resize((size, size), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side))
    return np.asarray(small, np.float32)


def squeezed(picture: Picture, size: int, crop: int) -> npt.NDArray[np.float32]:
    """The whole picture squeezed to size x size (bilinear), then the middle crop x crop. Shape (crop, crop, 3), 0..255."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(picture[:, :, :3])).resize((size, size), Image.Resampling.BILINEAR)
    edge = (size - crop) // 2
    return np.asarray(image.crop((edge, edge, edge + crop, edge + crop)), np.float32)


@dataclass(frozen=True)
class Preparation:
    """How a model in Hugging Face layout wants pictures: resized, cut, scaled and normalised. Call it with one.

    `shortest`: the shorter side becomes `width` and the shape is kept; else the picture is squeezed to width x height.
    `filter` is Pillow's number of it.
    """

    width: int
    height: int
    shortest: bool
    crop: int | None
    scale: float
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    filter: int

    def __call__(self, picture: Picture) -> npt.NDArray[np.float32]:
        """Shape (height, width, 3), or (crop, crop, 3)."""
        from PIL import Image

        high, wide = picture.shape[:2]
        size = (self.width, self.height)
        box: tuple[float, float, float, float] | None = None
        if self.shortest:
            edge = self.crop or self.width
            # only the middle is resized: a hostile strip of 1 x 8,000 pixels would else become 224 x 1,792,000
            factor = min(high, wide) / self.width
            side = min(edge * factor, float(min(high, wide)))
            left, top = (wide - side) / 2, (high - side) / 2
            box, size = (left, top, left + side, top + side), (edge, edge)
        image = Image.fromarray(np.ascontiguousarray(picture[:, :, :3]))
        small = image.resize(size, Image.Resampling(self.filter), box=box)
        if self.crop is not None and not self.shortest:
            left_, top_ = (self.width - self.crop) // 2, (self.height - self.crop) // 2
            small = small.crop((left_, top_, left_ + self.crop, top_ + self.crop))
        values = np.asarray(small, np.float32) * np.float32(self.scale)
        return np.asarray((values - np.array(self.mean, np.float32)) / np.array(self.deviation, np.float32), np.float32)
