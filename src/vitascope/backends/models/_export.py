"""The child that makes ONNX graphs: `python -m vitascope.backends.models._export RECIPE SOURCE TARGET`.

Takes weights as data (safetensors; .pth only through weights_only=True, which runs no code of the file), gives one ONNX
file with dynamic batch. The modules below are written from the published architectures; every tensor of the file must find
its place and every place its tensor, or nothing is made.

MiniLM: BERT (Devlin et al. 2018, arXiv 1810.04805), 6 layers of 384, mean pooling over the mask and unit length inside.
An encoder in Hugging Face layout: the same with the sizes of its config.json, RoBERTa's too (Liu et al. 2019, arXiv 1907.11692).
EfficientNet-Lite0: Tan & Le 2019 (arXiv 1905.11946) in the Lite form (ReLU6, no squeeze-and-excitation, fixed stem and head),
TensorFlow "same" padding, batch-norm epsilon 1e-3.
"""

from __future__ import annotations

import sys
from pathlib import Path


def _minilm(source: Path, target: Path) -> None:
    import math

    import torch
    from safetensors.torch import load_file
    from torch import Tensor, nn

    class Layer(nn.Module):
        def __init__(self, d: int, inner: int) -> None:
            super().__init__()
            self.query, self.key, self.value, self.out = (nn.Linear(d, d) for _ in range(4))
            self.norm1, self.norm2 = nn.LayerNorm(d, eps=1e-12), nn.LayerNorm(d, eps=1e-12)
            self.up, self.down = nn.Linear(d, inner), nn.Linear(inner, d)

        def forward(self, x: Tensor, bias: Tensor) -> Tensor:
            def heads(y: Tensor) -> Tensor:
                return y.reshape(y.shape[0], -1, 12, 32).transpose(1, 2)

            q, k, v = heads(self.query(x)), heads(self.key(x)), heads(self.value(x))
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(32) + bias, dim=-1)
            seen = (weights @ v).transpose(1, 2).reshape(x.shape[0], -1, 384)
            x = self.norm1(x + self.out(seen))
            y: Tensor = self.norm2(x + self.down(nn.functional.gelu(self.up(x))))
            return y

    class MiniLM(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.places, self.kinds = nn.Embedding(30522, 384), nn.Embedding(512, 384), nn.Embedding(2, 384)
            self.norm = nn.LayerNorm(384, eps=1e-12)
            self.layers = nn.ModuleList([Layer(384, 1536) for _ in range(6)])

        def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
            place = torch.cumsum(torch.ones_like(ids), dim=1) - 1
            x = self.norm(self.words(ids) + self.places(place) + self.kinds(torch.zeros_like(ids)))
            real = mask.to(x.dtype)
            bias = (1.0 - real)[:, None, None, :] * -1e9
            for layer in self.layers:
                x = layer(x, bias)
            mean = (x * real[:, :, None]).sum(1) / real.sum(1, keepdim=True).clamp(min=1e-9)
            return nn.functional.normalize(mean, dim=-1)

    names, inner = dict(_BERT_TOP), _BERT_LAYER
    names |= {f"encoder.layer.{i}.{a}": f"layers.{i}.{b}" for i in range(6) for a, b in inner.items()}
    state = {}
    for key, tensor in load_file(str(source)).items():
        stem, _, kind = key.rpartition(".")
        if stem in names:
            state[f"{names[stem]}.{kind}"] = tensor
        elif not stem.startswith("pooler") and kind != "position_ids":
            raise SystemExit(f"unknown tensor {key}")
    model = MiniLM()
    model.load_state_dict(state, strict=True)
    ids = torch.tensor([[101, 7592, 102], [101, 102, 0]])
    axes = {"ids": {0: "batch", 1: "length"}, "mask": {0: "batch", 1: "length"}, "vector": {0: "batch"}}
    _write(model, (ids, (ids > 0).long()), target, ["ids", "mask"], ["vector"], axes)


def _encoder(source: Path, target: Path) -> None:
    """A text encoder in Hugging Face layout: BERT, or RoBERTa and XLM-RoBERTa, whose places count from the padding's id on.

    Sizes come from config.json beside the weights and are bounded; `last_hidden_state` is the output, pooling is the caller's.
    """
    import json
    import math

    import torch
    from safetensors.torch import load_file
    from torch import Tensor, nn

    stated = json.loads((source.parent / "config.json").read_text("utf-8"))
    kind = stated.get("model_type")
    if kind not in ("bert", "roberta", "xlm-roberta", "camembert"):
        raise SystemExit(f"no recipe for a {kind} encoder: name its ONNX export in the pack")
    if stated.get("hidden_act", "gelu") != "gelu" or stated.get("position_embedding_type", "absolute") != "absolute":
        raise SystemExit("no recipe for that activation or those places: name its ONNX export in the pack")
    wide, deep, heads = (int(stated[n]) for n in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
    inner, vocabulary = int(stated["intermediate_size"]), int(stated["vocab_size"])
    most, kinds = int(stated["max_position_embeddings"]), int(stated.get("type_vocab_size", 2))
    eps, first = float(stated.get("layer_norm_eps", 1e-12)), 0 if kind == "bert" else int(stated["pad_token_id"]) + 1
    if not (0 < heads <= 128 and 0 < wide <= 8_192 and wide % heads == 0 and 0 < deep <= 96 and 0 < inner <= 65_536):
        raise SystemExit("config.json states impossible sizes")
    if not (0 < vocabulary <= 2_000_000 and 0 < most <= 65_536 and 0 < kinds <= 16):
        raise SystemExit("config.json states impossible sizes")

    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.query, self.key, self.value, self.out = (nn.Linear(wide, wide) for _ in range(4))
            self.norm1, self.norm2 = nn.LayerNorm(wide, eps=eps), nn.LayerNorm(wide, eps=eps)
            self.up, self.down = nn.Linear(wide, inner), nn.Linear(inner, wide)

        def forward(self, x: Tensor, bias: Tensor) -> Tensor:
            def split(y: Tensor) -> Tensor:
                return y.reshape(y.shape[0], -1, heads, wide // heads).transpose(1, 2)

            q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(wide // heads) + bias, dim=-1)
            seen = (weights @ v).transpose(1, 2).reshape(x.shape[0], -1, wide)
            x = self.norm1(x + self.out(seen))
            y: Tensor = self.norm2(x + self.down(nn.functional.gelu(self.up(x))))
            return y

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.places = nn.Embedding(vocabulary, wide), nn.Embedding(most, wide)
            self.kinds, self.norm = nn.Embedding(kinds, wide), nn.LayerNorm(wide, eps=eps)
            self.layers = nn.ModuleList([Layer() for _ in range(deep)])

        def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
            place = torch.cumsum(torch.ones_like(ids), dim=1) - 1 + first
            x: Tensor = self.norm(self.words(ids) + self.places(place) + self.kinds(torch.zeros_like(ids)))
            bias = (1.0 - mask.to(x.dtype))[:, None, None, :] * -1e9
            for layer in self.layers:
                x = layer(x, bias)
            return x

    names, own = dict(_BERT_TOP), _BERT_LAYER
    names |= {f"encoder.layer.{i}.{a}": f"layers.{i}.{b}" for i in range(deep) for a, b in own.items()}
    state = {}
    for key, tensor in load_file(str(source)).items():
        plain = key.removeprefix("bert.").removeprefix("roberta.")
        stem, _, part = plain.rpartition(".")
        if stem in names:
            state[f"{names[stem]}.{part}"] = tensor.float()
        elif not stem.startswith(("pooler", "cls", "lm_head")) and part != "position_ids":
            raise SystemExit(f"unknown tensor {key[:100]}")
    model = Encoder()
    model.load_state_dict(state, strict=True)
    ids = torch.tensor([[1, 2, 3], [1, 2, 0]])
    axes = {n: {0: "batch", 1: "length"} for n in ("input_ids", "attention_mask", "last_hidden_state")}
    _write(model, (ids, (ids > 0).long()), target, ["input_ids", "attention_mask"], ["last_hidden_state"], axes)


_BERT_TOP = {
    "embeddings.word_embeddings": "words",
    "embeddings.position_embeddings": "places",
    "embeddings.token_type_embeddings": "kinds",
    "embeddings.LayerNorm": "norm",
}
_BERT_LAYER = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "out",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "norm2",
}


def _lite0(source: Path, target: Path) -> None:
    import torch
    from torch import Tensor, nn

    class Same(nn.Conv2d):
        """A convolution padded as TensorFlow does for sizes that its stride divides: the odd pixel right and below."""

        def forward(self, x: Tensor) -> Tensor:
            pad = max(self.kernel_size[0] - self.stride[0], 0)
            x = nn.functional.pad(x, (pad // 2, pad - pad // 2, pad // 2, pad - pad // 2))
            return nn.functional.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def norm(channels: int) -> nn.BatchNorm2d:
        return nn.BatchNorm2d(channels, eps=1e-3)

    class Block(nn.Module):
        def __init__(self, inside: int, out: int, kernel: int, stride: int, grow: int) -> None:
            super().__init__()
            wide = inside * grow
            self.grow, self.keep = grow > 1, stride == 1 and inside == out
            if self.grow:
                self._expand_conv, self._bn0 = Same(inside, wide, 1, bias=False), norm(wide)
            self._depthwise_conv = Same(wide, wide, kernel, stride, groups=wide, bias=False)
            self._bn1 = norm(wide)
            self._project_conv, self._bn2 = Same(wide, out, 1, bias=False), norm(out)

        def forward(self, x: Tensor) -> Tensor:
            y = nn.functional.relu6(self._bn0(self._expand_conv(x))) if self.grow else x
            y = nn.functional.relu6(self._bn1(self._depthwise_conv(y)))
            y = self._bn2(self._project_conv(y))
            out: Tensor = x + y if self.keep else y
            return out

    class Lite0(nn.Module):
        # repeats, kernel, stride, growth, channels out
        plan = (
            (1, 3, 1, 1, 16),
            (2, 3, 2, 6, 24),
            (2, 5, 2, 6, 40),
            (3, 3, 2, 6, 80),
            (3, 5, 1, 6, 112),
            (4, 5, 2, 6, 192),
            (1, 3, 1, 6, 320),
        )

        def __init__(self) -> None:
            super().__init__()
            self._conv_stem, self._bn0 = Same(3, 32, 3, 2, bias=False), norm(32)
            blocks, inside = [], 32
            for repeats, kernel, stride, grow, out in self.plan:
                for i in range(repeats):
                    blocks.append(Block(inside, out, kernel, stride if i == 0 else 1, grow))
                    inside = out
            self._blocks = nn.ModuleList(blocks)
            self._conv_head, self._bn1 = Same(320, 1280, 1, bias=False), norm(1280)
            self._fc = nn.Linear(1280, 1000)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            x = nn.functional.relu6(self._bn0(self._conv_stem(x)))
            for block in self._blocks:
                x = block(x)
            x = nn.functional.relu6(self._bn1(self._conv_head(x)))
            vector = x.mean((2, 3))
            return vector, torch.softmax(self._fc(vector), dim=-1)

    state = torch.load(source, map_location="cpu", weights_only=True)
    model = Lite0()
    model.load_state_dict(state, strict=True)
    axes = {"picture": {0: "batch"}, "vector": {0: "batch"}, "scores": {0: "batch"}}
    _write(model, (torch.zeros(2, 3, 224, 224),), target, ["picture"], ["vector", "scores"], axes)


def _write(
    model: object,
    example: tuple[object, ...],
    target: Path,
    inputs: list[str],
    outputs: list[str],
    axes: dict[str, dict[int, str]],
) -> None:
    import warnings

    import torch

    warnings.simplefilter("ignore")
    torch.onnx.export(
        model.eval(),  # type: ignore[attr-defined]
        example,
        str(target),
        input_names=inputs,
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    recipe, source_path, target_path = sys.argv[1:]
    {"minilm-onnx/1": _minilm, "lite0-onnx/1": _lite0, "encoder-onnx/1": _encoder}[recipe](
        Path(source_path), Path(target_path)
    )
