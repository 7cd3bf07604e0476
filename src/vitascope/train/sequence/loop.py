"""The training loop: steps over batches, judged on held-out next items, the best state kept.

Takes tokens, content and what to judge by; gives the trained network and what happened. One cycle of the learning rate
over the steps that the time allows: the speed of the first steps says how many those are. Time is the processor time of
the training thread, not the clock on the wall: what else the machine does then takes longer, but gives the same model.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vitascope.base.tokens import Tokens
from vitascope.train.sequence.data import Batch, batches
from vitascope.train.sequence.loss import Past, softmax
from vitascope.train.sequence.network import Content, Network, Shape

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How a network is trained."""

    epochs: int = 30
    minutes: float = 20.0
    """Of the training thread on the processor; the whole cycle is shortened so that it fits."""
    patience_of_wall: float = 4.0
    """On the wall it may take so many times as long (a machine that does much else), then it ends as it stands."""
    tokens: int = 6_400
    """Most tokens in a batch."""
    rate: float = 2e-3
    decay: float = 0.05
    warm: float = 0.05
    """Share of the steps in which the rate rises; after them it falls as a cosine."""
    average: float = 0.998
    """Decay of the running average of the weights that is judged and kept."""
    patience: int = 4
    """Looks at the held-out items without a gain before the end."""
    looks: int = 12
    """How often they are looked at, spread over the cycle's later two thirds."""
    negatives: int = 4_096
    """Items in the softmax: all where there are no more, else a uniform sample, corrected, beside the targets."""
    exclude_seen: bool = True
    half: bool = True
    """bfloat16 products where the processor has them."""
    threads: int = 0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Held:
    """The last item of some people, and what they did before."""

    before: Tokens
    answer: Ints
    """Row of the item, shape (p,)."""


@dataclass(frozen=True)
class Look:
    """One look at the held-out items."""

    epoch: float
    seconds: float
    """Of the training thread on the processor, since the beginning."""
    loss: float
    hit: float
    gain: float


@dataclass(frozen=True, eq=False)
class Run:
    """What a training gave."""

    network: Network
    looks: tuple[Look, ...]
    steps: int
    """Steps until the state that is kept."""
    epochs: float
    """The same in epochs."""
    seconds: float
    """Of the training thread on the processor."""
    wall: float
    seconds_a_token: float


Progress = Callable[[float, str], None]


def train(
    data: Tokens,
    content: Content,
    shape: Shape,
    plan: Plan,
    held: Held | None = None,
    progress: Progress | None = None,
    network: Network | None = None,
) -> Run:
    """Train from nothing, or go on from `network` (which is changed).

    The global random state of torch is left as it was; one seed and one number of threads give one result, as long as
    the time allows all epochs.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        before = torch.get_num_threads()
        if plan.threads:
            torch.set_num_threads(plan.threads)
        try:
            return _train(network or Network(shape, content), data, plan, held, progress)
        finally:
            torch.set_num_threads(before)


def _train(network: Network, data: Tokens, plan: Plan, held: Held | None, progress: Progress | None) -> Run:
    began, began_wall = time.thread_time(), time.monotonic()
    most_wall = plan.minutes * 60 * plan.patience_of_wall
    random = np.random.default_rng(plan.seed)
    optimiser = torch.optim.AdamW(_groups(network, plan.decay), lr=plan.rate, betas=(0.9, 0.98), fused=True)
    average = {k: v.detach().clone() for k, v in network.named_parameters()}
    best: dict[str, Tensor] | None = None
    looks: list[Look] = []
    step, best_step, epoch = 0, 0, 0
    total = math.inf
    loss_sum, loss_count, tokens_done = 0.0, 0, 0
    next_look, poor = math.inf, 0
    half = plan.half and _has_bf16()
    queued = 0
    while step < total:
        count = 0
        queue = list(batches(data, network.shape.length, plan.tokens, random))
        if not queue:
            break
        queued = len(queue)
        if total is math.inf:
            total = len(queue) * plan.epochs
            next_look = total // 3
        for batch in queue:
            if step >= total:
                break
            rate = _rate(step, int(total), plan)
            for group in optimiser.param_groups:
                group["lr"] = rate
            loss = _step(network, optimiser, batch, plan, half, random)
            keep = min(plan.average, (1 + step) / (10 + step))
            with torch.no_grad():
                torch._foreach_lerp_(list(average.values()), [p.detach() for p in network.parameters()], 1 - keep)
            step, count = step + 1, count + 1
            loss_sum, loss_count = loss_sum + loss, loss_count + 1
            tokens_done += int((batch.item >= 0).sum())
            spent = time.thread_time() - began
            if time.monotonic() - began_wall > most_wall:
                total = step
            if step in (20, 100, 400):
                possible = int(plan.minutes * 60 * 0.95 / (spent / step))
                if possible < total:
                    total = max(possible, step + 1)
                    next_look = max(total // 3, step)
            if step >= next_look or step >= total:
                next_look = step + max(1, int(total * 2 / 3 / plan.looks))
                if held is not None and len(held.answer):
                    now = judge(network, held, average)
                    looks.append(
                        Look(
                            epoch + count / len(queue), time.thread_time() - began, loss_sum / max(loss_count, 1), *now
                        )
                    )
                    if progress is not None:
                        progress(step / total, f"loss {looks[-1].loss:.4f}, HR@10 {now[0]:.4f}, NDCG@10 {now[1]:.4f}")
                    loss_sum, loss_count = 0.0, 0
                    if now[1] >= max(look.gain for look in looks):
                        best, best_step, poor = {k: v.clone() for k, v in average.items()}, step, 0
                    else:
                        poor += 1
                        if poor >= plan.patience:
                            total = step
                            break
        epoch += 1
    _load(network, best if best is not None else average)
    network.eval()
    seconds, wall = time.thread_time() - began, time.monotonic() - began_wall
    kept = best_step or step
    return Run(network, tuple(looks), kept, kept / max(queued, 1), seconds, wall, seconds / max(tokens_done, 1))


def _step(
    network: Network,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    plan: Plan,
    half: bool,
    random: np.random.Generator,
) -> float:
    network.train()
    item, target = torch.from_numpy(batch.item), torch.from_numpy(batch.target)
    rows, columns = torch.nonzero(target >= 0, as_tuple=True)
    if not len(rows):
        return 0.0
    table = network.items()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        state = network(table, item, torch.from_numpy(batch.mark), torch.from_numpy(batch.gap))
    picked = state[rows, columns].float()
    wanted = target[rows, columns]
    n = len(table)
    dtype = torch.bfloat16 if half else torch.float32
    if n <= plan.negatives:
        past = Past(torch.where(item >= 0, item, item[:, :1]), rows, columns) if plan.exclude_seen else None
        loss = softmax(picked, table, wanted, None, past, dtype)
    else:
        sample = torch.from_numpy(random.choice(n, plan.negatives, replace=False))
        # a sampled target of another token is a negative like any other; the targets beside it are shifted to count as one
        chosen = torch.unique(torch.cat([sample, wanted]))
        shift = torch.full((len(chosen),), float("-inf"))
        shift[torch.searchsorted(chosen, torch.unique(sample))] = math.log(n / plan.negatives)
        loss = softmax(picked, table[chosen], torch.searchsorted(chosen, wanted), shift, None, dtype)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def judge(network: Network, held: Held, weights: dict[str, Tensor] | None = None) -> tuple[float, float]:
    """HR@10 and NDCG@10 of held-out items among all that a person has not met, with other weights where given."""
    own = {k: v.detach().clone() for k, v in network.named_parameters()} if weights is not None else None
    if weights is not None:
        _load(network, weights)
    network.eval()
    gains = []
    with torch.no_grad():
        table = network.items()
        for first in range(0, len(held.answer), 256):
            part = _people(held.before, first, min(first + 256, len(held.answer)))
            scores = states(network, table, part) @ table.T
            for j in range(len(part.start) - 1):
                scores[j, torch.from_numpy(part.item[part.start[j] : part.start[j + 1]])] = -math.inf
            answer = torch.from_numpy(held.answer[first : first + 256])[:, None]
            mine = held_scores = scores.gather(1, answer)
            place = (scores > held_scores).sum(1) + ((scores == mine).sum(1) - 1) / 2
            gains.append(place)
    if own is not None:
        _load(network, own)
    place = torch.cat(gains).double()
    hit = place < 10
    return float(hit.double().mean()), float(torch.where(hit, 1 / torch.log2(place + 2), 0.0).mean())


def states(network: Network, table: Tensor, data: Tokens) -> Tensor:
    """The newest state of each person, shape (p, width); zeros where a person has no token."""
    length = network.shape.length
    size = np.minimum(np.diff(data.start), length)
    out = torch.zeros(len(size), network.shape.width)
    at = np.flatnonzero(size > 0)
    if not len(at):
        return out
    place = (data.start[1:][at] - size[at])[:, None] + np.arange(int(size.max()))
    there = place < data.start[1:][at][:, None]
    place = np.where(there, place, 0)
    item = torch.from_numpy(np.where(there, data.item[place], -1))
    mark, gap = (torch.from_numpy(np.where(there, x[place], 0)) for x in (data.mark, data.gap))
    made = network(table, item, mark, gap)
    out[torch.from_numpy(at)] = made[torch.arange(len(at)), torch.from_numpy(size[at] - 1)]
    return out


def _people(data: Tokens, first: int, last: int) -> Tokens:
    a, b = int(data.start[first]), int(data.start[last])
    return replace(
        data,
        start=data.start[first : last + 1] - a,
        item=data.item[a:b],
        mark=data.mark[a:b],
        gap=data.gap[a:b],
        wanted=data.wanted[a:b],
    )


def _rate(step: int, total: int, plan: Plan) -> float:
    warm = max(1, int(total * plan.warm))
    if step < warm:
        return plan.rate * (step + 1) / warm
    return plan.rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, total - warm)))))


def _groups(network: Network, decay: float) -> list[dict[str, object]]:
    matrices = [p for name, p in network.named_parameters() if p.ndim >= 2 and "bias" not in name]
    others = [p for name, p in network.named_parameters() if p.ndim < 2 or "bias" in name]
    return [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def _load(network: Network, weights: dict[str, Tensor]) -> None:
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(weights[name])


def _has_bf16() -> bool:
    return bool(torch.backends.cpu.get_cpu_capability() == "AVX512") and bool(torch.cpu._is_avx512_bf16_supported())
