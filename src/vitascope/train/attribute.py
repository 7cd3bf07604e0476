"""Explaining by Captum (Kokhlikyan et al., arXiv 2009.07896): LIME, and integrated gradients through the sequential model.

Takes a way to score and arrays; gives amounts. LIME's linear model is a ridge in closed form, so that no further library is
needed; its kernel is exponential in the share of parts that a trial leaves out. Implements base.ports.attribution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.attribution import BlockArrays

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_KERNEL = 0.5
"""Width of LIME's kernel, in shares of the parts."""
_RIDGE = 1e-3
_BATCH = 64


class CaptumAttributor:
    """Implements `Attributor`. Loads torch and captum when first asked."""

    def lime(self, score: Callable[[Mask], Doubles], parts: int, trials: int, seed: int) -> tuple[Doubles, float]:
        """By captum's LimeBase; the trials are scored in batches beforehand, so that a batch costs one call."""
        import torch
        from captum.attr import LimeBase

        if parts == 0:
            return np.zeros(0), 1.0
        random = np.random.default_rng(seed)
        masks = np.ones((max(trials, 2), parts), np.bool_)
        for row in masks[1:]:
            # as many parts as not are left out by different amounts, so that near trials and far ones are there
            row[random.permutation(parts)[: random.integers(1, parts + 1)]] = False
        told = np.concatenate([score(masks[a : a + _BATCH]) for a in range(0, len(masks), _BATCH)])
        fitted = _Ridge()
        rows = iter(range(len(masks)))

        def trial(original: Any, **_: Any) -> Any:
            return torch.tensor([[next(rows)]], dtype=torch.long)

        def near(original: Any, perturbed: Any, interpretable: Any, **_: Any) -> Any:
            away = 1 - float(interpretable.mean())
            return torch.tensor(float(np.exp(-((away / _KERNEL) ** 2))), dtype=torch.float64)

        lime = LimeBase(
            forward_func=lambda at: torch.tensor(told[at[:, 0].numpy()]),
            interpretable_model=fitted,
            similarity_func=near,
            perturb_func=trial,
            perturb_interpretable_space=False,
            from_interp_rep_transform=None,
            to_interp_rep_transform=lambda perturbed, original, **_: torch.tensor(
                masks[int(perturbed[0, 0])][None].astype(np.float64)
            ),
        )
        amounts = lime.attribute(torch.zeros((1, 1), dtype=torch.long), n_samples=len(masks), perturbations_per_eval=1)
        return np.asarray(amounts.detach().numpy(), np.float64).ravel(), fitted.share

    def gradients(
        self,
        blocks: Sequence[BlockArrays],
        norm: Floats,
        x: Floats,
        base: Floats,
        target: Floats,
        steps: int = 32,
    ) -> Doubles:
        """By captum's IntegratedGradients, in double precision."""
        import torch
        from captum.attr import IntegratedGradients

        from vitascope.train.sequence.network import Block, Shape

        width, length = len(norm), len(x)
        if not length:
            return np.zeros(0)
        made = []
        for arrays in blocks:
            heads, most = arrays.bias.shape
            shape = Shape(items=1, width=width, heads=heads, length=most, inner=arrays.down.shape[1], dropout=0.0)
            block = Block(shape).double().eval()
            with torch.no_grad():
                for name, parameter in block.arrays():
                    parameter.copy_(torch.from_numpy(np.asarray(getattr(arrays, name), np.float64)))
            made.append(block.requires_grad_(False))
        last = torch.nn.RMSNorm(width, eps=1e-6).double().requires_grad_(False)
        last.weight.copy_(torch.from_numpy(np.asarray(norm, np.float64)))
        back = torch.arange(length)
        distance = back[:, None] - back[None, :]
        hidden, distance = distance < 0, distance.clamp(min=0)
        wanted = torch.from_numpy(np.asarray(target, np.float64))

        def forward(tokens: Any) -> Any:
            for block in made:
                tokens = block(tokens, distance, hidden)
            return last(tokens[:, -1]) @ wanted

        told = IntegratedGradients(forward).attribute(
            torch.from_numpy(np.asarray(x, np.float64))[None],
            baselines=torch.from_numpy(np.asarray(base, np.float64))[None],
            n_steps=steps,
            internal_batch_size=8,
        )
        return np.asarray(told[0].sum(-1).detach().numpy(), np.float64)


class _Ridge:
    """A weighted ridge with an intercept, as captum's LimeBase trains a linear model."""

    def __init__(self) -> None:
        self.share = 0.0
        self._slopes: Any = None

    def fit(self, train_data: Any, **_: Any) -> None:
        """From captum's data loader of (parts there, score, weight)."""
        rows, scores, weights = [], [], []
        for x, y, w in train_data:
            rows.append(x.numpy().reshape(len(x), -1))
            scores.append(y.numpy().ravel())
            weights.append(w.numpy().ravel())
        x, y, w = np.concatenate(rows), np.concatenate(scores), np.concatenate(weights)
        w = w / w.sum()
        centre, middle = w @ x, float(w @ y)
        away, left = x - centre, y - middle
        curve = (away * w[:, None]).T @ away
        self._slopes = np.linalg.solve(
            curve + _RIDGE * np.trace(curve) / len(curve) * np.eye(len(curve)) + 1e-12 * np.eye(len(curve)),
            (away * w[:, None]).T @ left,
        )
        all_of_it = float(w @ left**2)
        self.share = 1 - float(w @ (left - away @ self._slopes) ** 2) / all_of_it if all_of_it > 1e-18 else 1.0

    def representation(self) -> Any:
        """The slopes."""
        import torch

        return torch.from_numpy(self._slopes)[None]
