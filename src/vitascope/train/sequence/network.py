"""The network: a causal transformer over tokens, whose items are a learned identity and what they contain, joined.

Takes batches and the library's content, gives hidden states and item vectors; base.sequence computes the same in numpy.

    e_i = identity_i + sum_k has_ik W_k v_ik + sum_f x_if u_f              (e_i also ranks: score = h . e_i)
    x_t = e_(item t) + mark_t + gap_t
    x  <- x + sigmoid(G n(x)) * attention(n(x)),   x <- x + W_o (silu(W_g n(x)) * W_u n(x))     per block, n = RMS norm

Pre-norm with gates as in LiGR (Hertel et al., "Efficient user history modeling", 2024) and eSASRec (Tikhonovich et al.,
RecSys 2025); causal self-attention over items as in SASRec (Kang, McAuley, ICDM 2018). Instead of positions each head has
a learned bias for the distance between two tokens (T5: Raffel et al. 2020; HSTU: Zhai et al. 2024): the model then
means "how long ago", is the same for every window and for every length of a history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from vitascope.base.tokens import GAPS, MARKS

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """Sizes of a network."""

    items: int
    width: int = 64
    blocks: int = 2
    heads: int = 2
    length: int = 200
    inner: int = 128
    dropout: float = 0.2
    identity_dropout: float = 0.1


@dataclass(frozen=True, eq=False)
class Content:
    """What is known of n items: vectors by kind (a row of zeros: missing) and named features as sparse rows (CSR)."""

    items: int
    vectors: Mapping[str, Floats] = field(default_factory=dict)
    feature_names: tuple[str, ...] = ()
    start: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    column: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    value: Floats = field(default_factory=lambda: np.zeros(0, np.float32))


def drop(x: Tensor, share: float, training: bool) -> Tensor:
    """Dropout whose chances are 256ths: one random byte a number, many times quicker than torch's own on a processor."""
    edge = round(share * 256)
    if not training or edge == 0:
        return x
    bytes_ = torch.empty((x.numel() + 7) // 8, dtype=torch.int64).random_(-(2**63), 2**63 - 1).view(torch.uint8)
    kept = (bytes_[: x.numel()] >= edge).view(x.shape)
    return x * (kept * (256 / (256 - edge))).to(x.dtype)


class Items(nn.Module):
    """Item vectors of the whole library, shape (n, width), made anew for each batch."""

    feature_start: Tensor
    feature_column: Tensor
    feature_value: Tensor

    def __init__(self, shape: Shape, content: Content) -> None:
        super().__init__()
        self.shape = shape
        self.identity = nn.Parameter(torch.randn(shape.items, shape.width) * 0.05)
        self.kinds = sorted(content.vectors)
        self.project = nn.ParameterDict()
        for kind in self.kinds:
            matrix = torch.from_numpy(np.ascontiguousarray(content.vectors[kind], np.float32))
            self.register_buffer(f"content_{kind}", matrix)
            self.project[kind] = nn.Parameter(torch.randn(matrix.shape[1], shape.width) * 0.02)
        self.features: nn.Parameter | None = None
        if len(content.column):
            self.features = nn.Parameter(torch.randn(len(content.feature_names), shape.width) * 0.03)
            self.register_buffer("feature_start", torch.from_numpy(content.start[:-1].astype(np.int64)))
            self.register_buffer("feature_column", torch.from_numpy(content.column.astype(np.int64)))
            self.register_buffer("feature_value", torch.from_numpy(content.value.astype(np.float32)))
        self.has_content = bool(self.kinds) or self.features is not None

    def content(self) -> Tensor | None:
        """The part of an item's vector that comes from what it is."""
        total: Tensor | None = None
        for kind in self.kinds:
            part = getattr(self, f"content_{kind}") @ self.project[kind]
            total = part if total is None else total + part
        if self.features is not None:
            part = functional.embedding_bag(
                self.feature_column,
                self.features,
                self.feature_start,
                mode="sum",
                per_sample_weights=self.feature_value,
            )
            total = part if total is None else total + part
        return total

    def forward(self) -> Tensor:
        """In training an item's identity is left out by chance, so that content learns to stand for the item alone."""
        identity: Tensor = self.identity
        content = self.content()
        if content is None:
            return identity
        if self.training and self.shape.identity_dropout > 0:
            keep = torch.rand(len(identity), 1) >= self.shape.identity_dropout
            identity = identity * keep
        return identity + content


class Block(nn.Module):
    """Gated attention and a gated two-layer network, both on the normed state and added to it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        d = shape.width
        self.heads = shape.heads
        self.norm_a, self.norm_b = nn.RMSNorm(d, eps=1e-6), nn.RMSNorm(d, eps=1e-6)
        self.qkvg = nn.Linear(d, 4 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)
        self.up = nn.Linear(d, 2 * shape.inner, bias=False)
        self.down = nn.Linear(shape.inner, d, bias=False)
        self.bias = nn.Parameter(torch.zeros(shape.heads, shape.length))
        self.drop = shape.dropout
        for linear in (self.qkvg, self.out, self.up, self.down):
            nn.init.xavier_normal_(linear.weight)

    def forward(self, x: Tensor, distance: Tensor, hidden: Tensor) -> Tensor:
        """x (b, l, d); `distance` (l, l) how far back a token is; `hidden` (l, l) true where it must not be seen."""
        b, length, d = x.shape
        q, k, v, gate = self.qkvg(self.norm_a(x)).view(b, length, 4, self.heads, d // self.heads).unbind(2)
        bias = self.bias[:, distance].masked_fill(hidden, float("-inf"))
        scores = (q.transpose(1, 2) * (d // self.heads) ** -0.5) @ k.permute(0, 2, 3, 1) + bias.to(q.dtype)
        seen = (scores.softmax(-1).to(v.dtype) @ v.transpose(1, 2)).transpose(1, 2)
        joined = self.out((torch.sigmoid(gate) * seen).reshape(b, length, d))
        x = x + drop(joined, self.drop, self.training)
        a, u = self.up(self.norm_b(x)).chunk(2, -1)
        return x + drop(self.down(functional.silu(a) * u), self.drop, self.training)

    def arrays(self) -> tuple[tuple[str, Tensor], ...]:
        """Its parameters by the names under which a trained model keeps them (`recommend.sequence.BlockWeights`)."""
        return (
            ("norm_a", self.norm_a.weight),
            ("qkvg", self.qkvg.weight),
            ("bias", self.bias),
            ("out", self.out.weight),
            ("norm_b", self.norm_b.weight),
            ("up", self.up.weight),
            ("down", self.down.weight),
        )


class Network(nn.Module):
    """Tokens to states: the state of a token foresees the next one."""

    def __init__(self, shape: Shape, content: Content) -> None:
        super().__init__()
        self.shape = shape
        self.items = Items(shape, content)
        self.mark = nn.Parameter(torch.zeros(MARKS, shape.width))
        self.gap = nn.Parameter(torch.zeros(GAPS, shape.width))
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.blocks))
        self.stack = [block for block in self.blocks if isinstance(block, Block)]
        self.norm = nn.RMSNorm(shape.width, eps=1e-6)

    def forward(self, table: Tensor, item: Tensor, mark: Tensor, gap: Tensor) -> Tensor:
        """States of tokens.

        Args:
            table: item vectors, shape (n, width).
            item: rows, -1 where there is no token (on the right only), shape (b, l), l at most `shape.length`.

        Returns:
            Shape (b, l, width); nothing is meant where there is no token.
        """
        length = item.shape[1]
        x = functional.embedding(item.clamp(min=0), table) + self.mark[mark] + self.gap[gap]
        x = drop(x, self.shape.dropout, self.training)
        back = torch.arange(length)
        distance = back[:, None] - back[None, :]
        hidden = distance < 0
        distance = distance.clamp(min=0)
        for block in self.stack:
            x = block(x, distance, hidden)
        out: Tensor = self.norm(x)
        return out
