"""The parts of the collaborative model over one set of histories, each made once and kept while it is wanted.

Takes a binary matrix people x items and the channels of content. Gives item-item matrices: EASE with content in its Gram
matrix, the spectral low pass, item neighbours, and their mix by a recipe, with columns for items that nobody took up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.train import cold, factors, near
from vitascope.train.config import TrainConfig
from vitascope.train.content import Channel, joined
from vitascope.train.recipe import Recipe

Floats = npt.NDArray[np.float32]
_LEVEL_PEOPLE = 500


class Kernels:
    """Kernels of content by channel, and the one that was joined last."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._made: dict[str, Floats] = {}
        self._joined: tuple[tuple[tuple[str, float], ...], Floats] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Channels that there are."""
        return tuple(self._channels)

    def joined(self, weights: tuple[tuple[str, float], ...]) -> Floats | None:
        """One kernel of all channels, (n, n); None where the library says nothing of its items."""
        wanted = {name: w for name, w in weights if name in self._channels and w > 0}
        if not wanted:
            return None
        if self._joined is None or self._joined[0] != weights:
            self._joined = None
            for name in wanted:
                if name not in self._made:
                    self._made[name] = self._channels[name].kernel()
            has = {name: self._channels[name].has for name in wanted}
            self._joined = (weights, joined(self._made, has, wanted))
        return self._joined[1]


class Parts:
    """Item-item matrices of one set of histories.

    Args:
        matrix: sparse 0/1, people x n items.
        kernels: of content.
    """

    def __init__(self, matrix: Any, kernels: Kernels, config: TrainConfig) -> None:
        self.matrix, self._kernels, self._config = matrix, kernels, config
        self.taken: Floats = np.asarray(matrix.sum(axis=0), np.float32).ravel()
        self.closed = matrix.shape[1] <= config.closed_form_up_to
        self._together: Floats | None = None
        self._evened: Floats | None = None
        self._near: Any = None
        self._company: tuple[float, Any] | None = None
        self._factors: tuple[object, Floats] | None = None
        self._ease: tuple[object, Floats] | None = None
        self._spectrum: tuple[object, near.Spectrum] | None = None
        step = max(1, matrix.shape[0] // _LEVEL_PEOPLE)
        self._some = matrix[::step]

    def ease(self, recipe: Recipe) -> Floats:
        """The closed form, levelled."""
        kernel = self._kernels.joined(recipe.channels) if recipe.content > 0 else None
        key = (recipe.strength, recipe.content if kernel is not None else 0.0, recipe.channels)
        if self._ease is None or self._ease[0] != key:
            self._ease = None
            if self._together is None:
                self._together = near.gram(self.matrix)
            system = self._together
            if kernel is not None:
                system = system + np.float32(recipe.content * recipe.strength) * kernel
            self._ease = (key, self._level(near.ease(system, recipe.strength)))
        return self._ease[1]

    def smooth(self, recipe: Recipe) -> Floats:
        """The spectral low pass, levelled."""
        kernel = self._kernels.joined(recipe.channels) if recipe.smooth_content > 0 else None
        key = (recipe.smooth_content if kernel is not None else 0.0, recipe.channels)
        if self._spectrum is None or self._spectrum[0] != key:
            self._spectrum = None
            if self._evened is None:
                self._evened = near.evened(self.matrix)
            most = max(self._config.smooth_ranks)
            made = near.spectrum(self._evened, self.taken, kernel, recipe.smooth_content, most)
            self._spectrum = (key, made)
        smooth: Floats = self._level(self._spectrum[1].matrix(min(recipe.smooth_rank, len(self.taken) // 4)))
        return smooth

    def close(self) -> Any:
        """Item neighbours, levelled (sparse)."""
        if self._near is None:
            self._near = self._level(near.neighbours(self.matrix, self._config.neighbours))
        return self._near

    def mixed(self, recipe: Recipe) -> Any:
        """EASE plus shares of the others; item neighbours alone where the closed form would be too large."""
        if not self.closed:
            return self.close()
        out = self.ease(recipe)
        if recipe.smooth_share > 0:
            out = out + np.float32(recipe.smooth_share) * self.smooth(recipe)
        if recipe.neighbour_share > 0:
            out = out + np.float32(recipe.neighbour_share) * np.asarray(self.close().todense(), np.float32)
        return out

    def whole(self, recipe: Recipe) -> Any:
        """The matrix that serves: mixed, with foretold columns for items that nobody or hardly anybody took up."""
        out = self.mixed(recipe)
        kernel = self._kernels.joined(recipe.channels)
        if not isinstance(out, np.ndarray) or kernel is None:
            return out
        return cold.extend(out.copy(), kernel, self.taken, recipe.cold, recipe.few)

    def factors(self, recipe: Recipe) -> Floats:
        """Item factors, (n, recipe.factors)."""
        kernel = self._kernels.joined(recipe.channels)
        key = (recipe.factors, recipe.channels, recipe.cold)
        if self._factors is None or self._factors[0] != key:
            told = self._config
            made = factors.fit(
                self.matrix, recipe.factors, told.factor_confidence, told.factor_ridge, kernel, recipe.cold
            )
            self._factors = (key, made)
        return self._factors[1]

    def together(self, recipe: Recipe) -> Any:
        """What was taken up together, by `recipe.flatten` (sparse)."""
        if self._company is None or self._company[0] != recipe.flatten:
            self._company = (recipe.flatten, near.together(self.matrix, self._config.neighbours, recipe.flatten))
        return self._company[1]

    def drop(self) -> None:
        """Give back what is large."""
        self._together = self._evened = self._ease = self._spectrum = self._near = None

    def _level(self, part: Any) -> Any:
        """Scaled so that people's scores by it have mean square 1 / n: parts of any kind then weigh alike."""
        if not part.shape[0] or not self._some.shape[0]:
            return part
        scores = self._some @ part
        square = scores.power(2).mean() if hasattr(scores, "power") else np.square(scores).mean()
        level = float(np.sqrt(max(float(square), 1e-30) * part.shape[0]))
        return part / np.float32(level) if square > 0 else part
