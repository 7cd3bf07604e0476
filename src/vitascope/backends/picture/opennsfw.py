"""Unfit pictures with OpenNSFW (Yahoo 2016, ONNX). Takes RGB pictures, gives how likely each is sexual.

It knows nothing of violence. Preparation as the reference does it: squeezed to 256, middle 224, blue first, the training
set's mean taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, onnx_session, role_info, role_loader
from vitascope.base.ports.models import ModelInfo, Picture

from ._pixels import squeezed

_MEAN_BGR = np.array([104, 117, 123], np.float32)


class OpenNsfw:
    """Fulfils `UnsafePictureModel`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._info = keeper, role_info(role)

        def load(files: ModelFiles) -> Any:
            return onnx_session(files.path("model.onnx"), threads)

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def unsafe(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        """Probability per picture, shape (len(pictures),)."""
        found = np.zeros(len(pictures), np.float32)
        if not pictures:
            return found
        with self._keeper.hold(self._loader) as session:
            name = session.get_inputs()[0].name
            for i, picture in enumerate(pictures):  # the published graph takes one picture at a time
                pixels = squeezed(picture, 256, 224)[:, :, ::-1] - _MEAN_BGR
                (scores,) = session.run(None, {name: np.ascontiguousarray(pixels[None], np.float32)})
                found[i] = float(np.asarray(scores).reshape(-1)[1])  # (safe, unsafe)
        return found
