"""Text vectors with an encoder in Hugging Face layout: config.json, tokenizer.json, and onnx/model.onnx or model.safetensors.

Takes texts of any length and language that the pack states, gives rows of unit length; a text longer than a window is the mean of
its windows, up to 16. E5, BGE, MiniLM, GTE and the like by mean or first token, decoders such as Qwen3-Embedding by the last. It
reads the graph's own input names, so exports with or without token types, places or an (empty) cache of keys all run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec, layout_json, number, onnx_name, unfit
from vitascope.backends.runtimes import Keeper, onnx_session, role_info, role_loader
from vitascope.base.errors import ModelFailed
from vitascope.base.ports.models import ModelInfo

_WINDOWS = 16
_BATCH_TOKENS = 4_096
_MAX_CHARS = 40_000


@dataclass(frozen=True)
class _Loaded:
    session: Any
    tokenizer: Any
    before: tuple[int, ...]
    """Token ids in front of every window: the special ones and the prefix."""
    after: tuple[int, ...]
    pooling: str
    padding: int
    dimensions: int
    centre: npt.NDArray[np.float32] | None = None


class HfText:
    """Fulfils `TextEmbedder`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._cache, self._role = keeper, cache, role
        self._dimensions, self._sha256 = role.options.dimensions, ""

        def load(files: ModelFiles) -> _Loaded:
            return _load(cache, files, threads)

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        self._sha256 = self._sha256 or self._cache.main_hash(self._role)
        return role_info(self._role, self._dimensions).model_copy(update={"sha256": self._sha256})

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Shape (len(texts), dimensions)."""
        if not any(t.strip() for t in texts) and self._dimensions:
            return np.zeros((len(texts), self._dimensions), np.float32)
        with self._keeper.hold(self._loader) as model:
            self._dimensions = model.dimensions
            vectors = np.zeros((len(texts), model.dimensions), np.float32)
            encoded = model.tokenizer.encode_batch([t[:_MAX_CHARS] for t in texts], add_special_tokens=False)
            size = self._role.options.window
            windows: list[tuple[int, list[int]]] = []
            for row, (text, tokens) in enumerate(zip(texts, encoded, strict=True)):
                ids = tokens.ids[: size * _WINDOWS] if text.strip() else []
                windows += [(row, ids[i : i + size]) for i in range(0, len(ids), size)]
            windows.sort(key=lambda w: len(w[1]))  # equal lengths together: no work for padding
            start = 0
            while start < len(windows):
                end = start + 1
                while end < len(windows) and (end + 1 - start) * len(windows[end][1]) <= _BATCH_TOKENS:
                    end += 1
                batch = windows[start:end]
                for (row, ids), vector in zip(batch, _run(model, [ids for _, ids in batch], self._role), strict=True):
                    vectors[row] += vector * len(ids)  # a short last window weighs as little as it says
                start = end
            if model.centre is not None:
                vectors = unit(vectors)
                vectors[vectors.any(axis=1)] -= model.centre
        return unit(vectors)


def unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Rows of unit length; zero rows stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0), np.float32)


def _load(cache: ModelCache, files: ModelFiles, threads: int) -> _Loaded:
    from tokenizers import Tokenizer

    config, options = layout_json(files, "config.json"), files.role.options
    dimensions = int(number(files, config, "hidden_size", 1, 65_536, options.dimensions or 0))
    if options.dimensions not in (None, dimensions):
        raise unfit(files, f"vectors of {dimensions} numbers where the pack states {options.dimensions}")
    most = int(number(files, config, "max_position_embeddings", 8, 1 << 20, 512))
    pooling = options.pooling or _stated_pooling(layout_json(files, "1_Pooling/config.json", needed=False))
    tokenizer = Tokenizer.from_file(str(files.path("tokenizer.json")))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    plain, whole = (tokenizer.encode("a", add_special_tokens=s).ids for s in (False, True))
    at = next((i for i in range(len(whole)) if whole[i : i + len(plain)] == plain), 0)
    prefix = tokenizer.encode(options.prefix, add_special_tokens=False).ids if options.prefix else []
    before, after = (*whole[:at], *prefix), tuple(whole[at + len(plain) :])
    if len(before) + options.window + len(after) > most:
        raise unfit(files, f"window {options.window} does not fit into its {most} places")
    name = onnx_name(files)
    if name is None and files.role.derive != "encoder-onnx/1":
        raise unfit(
            files, 'no onnx/model.onnx, and the role names no recipe (derive = "encoder-onnx/1") for its weights'
        )
    session = onnx_session(files.path(name) if name else cache.derived(files), threads)
    padding = int(number(files, config, "pad_token_id", 0, 1 << 31, 0)) if config.get("pad_token_id") is not None else 0
    loaded = _Loaded(session, tokenizer, tuple(before), after, pooling, padding, dimensions)
    if not options.centre:
        return loaded
    plain_ones = (resources.files(__package__) / "plain.txt").read_text("utf-8").splitlines()
    windows = [t.ids[: options.window] for t in tokenizer.encode_batch(plain_ones, add_special_tokens=False)]
    return replace(loaded, centre=_run(loaded, windows, files.role).mean(axis=0))


def _stated_pooling(table: dict[str, Any]) -> str:
    if table.get("pooling_mode_cls_token"):
        return "cls"
    return "last" if table.get("pooling_mode_lasttoken") else "mean"


def _run(model: _Loaded, windows: Sequence[Sequence[int]], role: RoleSpec) -> npt.NDArray[np.float32]:
    """Vectors of unit length of token windows, shape (len(windows), dimensions)."""
    rows = [[*model.before, *ids, *model.after] for ids in windows]
    length = max(map(len, rows))
    ids = np.full((len(rows), length), model.padding, np.int64)
    mask = np.zeros((len(rows), length), np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)], mask[i, : len(row)] = row, 1
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    given["position_ids"] = np.broadcast_to(np.arange(length), ids.shape).astype(np.int64)
    feeds: dict[str, npt.NDArray[Any]] = {}
    for wanted in model.session.get_inputs():
        if wanted.name in given:
            feeds[wanted.name] = given[wanted.name]
        elif wanted.name.startswith("past_key_values"):  # a decoder's export: nothing was read before
            _, heads, _, width = wanted.shape
            kind = np.float16 if "float16" in wanted.type else np.float32
            feeds[wanted.name] = np.zeros((len(rows), int(heads), 0, int(width)), kind)
        else:
            raise ModelFailed(f"its graph asks for {wanted.name}", place=role.model, remedy="name another export of it")
    names = [o.name for o in model.session.get_outputs()]
    pooled = (
        next((n for n in ("sentence_embedding", "text_embeds") if n in names), None)
        if role.options.pooling is None
        else None
    )
    wanted_name = pooled or ("last_hidden_state" if "last_hidden_state" in names else names[0])
    found = np.asarray(model.session.run([wanted_name], feeds)[0], np.float32)
    if found.ndim == 3:
        if model.pooling == "cls":
            found = found[:, 0]
        elif model.pooling == "last":
            found = found[np.arange(len(rows)), mask.sum(axis=1) - 1]
        else:
            weights = mask[:, :, None].astype(np.float32)
            found = (found * weights).sum(axis=1) / weights.sum(axis=1)
    if found.shape != (len(rows), model.dimensions) or not np.isfinite(found).all():
        raise ModelFailed(
            f"its graph gave {found.shape}", place=role.model, remedy="correct dimensions and pooling in the pack"
        )
    unit: npt.NDArray[np.float32] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return unit
