"""Softmax over many items without ever holding all scores: chunks of tokens, gradients made in the same pass.

Takes states, item vectors and targets, gives the mean cross-entropy. Memory is one chunk of scores, whatever the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

CHUNK = 256
"""Tokens at once: the scores of a chunk stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Past:
    """What each of t tokens' person had met up to it: the window it is in and its place there."""

    item: Tensor
    """Columns of the score matrix, shape (b, l)."""
    row: Tensor
    column: Tensor

    def of(self, first: int, last: int) -> Tensor:
        """Columns met by tokens `first` to `last`, shape (last - first, l); the token's own stands for later ones."""
        row, column = self.row[first:last], self.column[first:last]
        mine = self.item[row]
        own = mine.gather(1, column[:, None])
        return torch.where(torch.arange(mine.shape[1]) <= column[:, None], mine, own)


class _Softmax(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        state: Tensor,
        table: Tensor,
        target: Tensor,
        shift: Tensor | None,
        past: Past | None,
        dtype: torch.dtype,
    ) -> Tensor:
        t = len(state)
        small_table = table.detach().to(dtype)
        small_state = state.detach().to(dtype)
        grad_state = torch.empty(t, table.shape[1])
        grad_table = torch.zeros_like(table)
        total = torch.zeros(())
        for a in range(0, t, CHUNK):
            h = small_state[a : a + CHUNK]
            y = target[a : a + CHUNK, None]
            scores = h @ small_table.T
            mine = scores.gather(1, y)
            if shift is not None:
                scores += shift.to(dtype)
            if past is not None:
                met = past.of(a, a + len(h)) + torch.arange(0, len(h) * scores.shape[1], scores.shape[1])[:, None]
                scores.view(-1).index_fill_(0, met.view(-1), float("-inf"))
            if shift is not None or past is not None:
                scores.scatter_(1, y, mine)
            p = scores.softmax(1)
            total -= p.gather(1, y).float().clamp_(min=1e-30).log_().sum()
            grad_state[a : a + CHUNK] = p @ small_table
            grad_table += p.T @ h
        # the one-hot part of the gradient is exact, whatever the dtype of the products
        grad_state -= table.detach()[target]
        grad_table.index_add_(0, target, state.detach().float(), alpha=-1.0)
        ctx.save_for_backward(grad_state, grad_table)
        ctx.count = max(t, 1)
        mean: Tensor = total / ctx.count
        return mean

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        grad_state, grad_table = ctx.saved_tensors
        scale = grads[0] / ctx.count
        return grad_state * scale, grad_table * scale, None, None, None, None


def softmax(
    state: Tensor,
    table: Tensor,
    target: Tensor,
    shift: Tensor | None = None,
    past: Past | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Mean cross-entropy of targets under softmax(state . table).

    Args:
        state: shape (t, d). table: vectors of the items that take part, shape (n, d).
        target: columns of the right items, shape (t,).
        shift: added to the scores of all but the target, shape (n,): minus the log of the expected count of a sampled
            negative (logQ correction; Bengio, Senecal 2003; for a uniform sample of k out of n the constant log(n / k)).
        past: items that cannot be the answer, for lists that leave out what was seen; the target always can.
        dtype: of the products; sums and exponentials are float32 always.
    """
    loss: Tensor = _Softmax.apply(state, table, target, shift, past, dtype)  # type: ignore[no-untyped-call]
    return loss
