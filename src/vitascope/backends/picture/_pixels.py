"""Pictures to the sizes that models want, with Pillow's filters. Takes (height, width, 3) uint8, gives float32."""

from __future__ import annotations

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
