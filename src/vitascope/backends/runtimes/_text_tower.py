"""The text half of a model that puts texts beside pictures or sounds (CLIP, SigLIP, CLAP), in Hugging Face layout.

Takes tokenizer.json, config.json and text_model.onnx; gives rows of unit length. It does not know what stands beside the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelFiles, layout_json, number, onnx_name, unfit
from vitascope.base.errors import ModelFailed

from ._onnx import onnx_session

_BATCH = 32
_MAX_CHARS = 2_000
_MOST_LABELS = 5_000


class TextTower:
    """A text encoder that pads as its training did: SigLIP to the full length, others to the longest text.

    Args:
        outputs: names of the graph's outputs that may hold the vectors, the best one first.
    """

    def __init__(self, files: ModelFiles, threads: int, outputs: Sequence[str]) -> None:
        from tokenizers import Tokenizer

        config = layout_json(files, "config.json")
        text = config.get("text_config")
        text = text if isinstance(text, dict) else {}
        family = str(config.get("model_type", ""))
        fixed = family.startswith("siglip")
        most = int(number(files, text, "max_position_embeddings", 4, 8_192, 64 if fixed else 77))
        if text.get("model_type", "").startswith("roberta") or family == "clap":
            most = min(most, 514) - 2  # RoBERTa's places count from the padding's id on
        self._lower = fixed
        self._model, self._outputs = files.role.model, tuple(outputs)
        name = onnx_name(files, "text_model")
        if name is None:
            raise unfit(files, "no text_model.onnx")
        self._session = onnx_session(files.path(name), threads)
        self._tokenizer: Any = Tokenizer.from_file(str(files.path("tokenizer.json")))
        stated = text.get("pad_token_id", config.get("pad_token_id"))
        padding = int(number(files, {"pad": stated}, "pad", 0, 1 << 31, 0)) if stated is not None else 0
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=most)
        options = files.role.options
        self._padding = options.padding if options.padding is not None else padding
        self._end, self._most, self._fixed = options.end, most, fixed

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Shape (len(texts), dimensions), unit length, a zero row for an empty text."""
        kept = [i for i, t in enumerate(texts) if t.strip()]
        rows: list[npt.NDArray[np.float32]] = []
        asked = [texts[i][:_MAX_CHARS].lower() if self._lower else texts[i][:_MAX_CHARS] for i in kept] or ["a"]
        for first in range(0, len(asked), _BATCH):
            given = self._tokens(asked[first : first + _BATCH])
            feeds = {i.name: given[i.name] for i in self._session.get_inputs() if i.name in given}
            names = [o.name for o in self._session.get_outputs()]
            name = next((n for n in self._outputs if n in names), names[0])
            rows.append(unit_rows(np.asarray(self._session.run([name], feeds)[0], np.float32), None, self._model))
        found = np.concatenate(rows)
        out = np.zeros((len(texts), found.shape[1]), np.float32)
        if kept:
            out[kept] = found
        return out

    def _tokens(self, texts: Sequence[str]) -> dict[str, npt.NDArray[np.int64]]:
        found = [list(e.ids) for e in self._tokenizer.encode_batch(list(texts))]
        if self._end is not None:
            found = [ids if ids[-1:] == [self._end] else [*ids[: self._most - 1], self._end] for ids in found]
        length = self._most if self._fixed else max(map(len, found))
        ids = np.full((len(found), length), self._padding, np.int64)
        mask = np.zeros((len(found), length), np.int64)
        for i, row in enumerate(found):
            ids[i, : len(row)], mask[i, : len(row)] = row, 1
        return {"input_ids": ids, "attention_mask": mask}


def unit_rows(found: npt.NDArray[np.float32], dimensions: int | None, model: str) -> npt.NDArray[np.float32]:
    """Rows of unit length. Raises ModelFailed where they are not rows of that many finite numbers."""
    if found.ndim != 2 or dimensions not in (None, found.shape[1]) or not np.isfinite(found).all():
        raise ModelFailed(
            f"its graph gave numbers of shape {found.shape} where rows of {dimensions or 'numbers'} were expected",
            place=model,
            remedy="name an export with projected vectors (image_embeds, text_embeds, audio_embeds), or correct `dimensions`",
        )
    unit: npt.NDArray[np.float32] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return unit


def labels_of(files: ModelFiles, ours: str) -> tuple[str, ...]:
    """The labels that are compared with: the role's own file of them (options.labels), else our list of that name."""
    if files.role.options.labels:
        path = files.path(files.role.options.labels)
        if path.stat().st_size > 1 << 20:
            raise unfit(files, "its list of labels is larger than 1 MB")
        text = path.read_text("utf-8", "replace")
    else:
        text = (resources.files(__package__) / "labels" / f"{ours}.txt").read_text("utf-8")
    found = dict.fromkeys(line.strip()[:100] for line in text.splitlines() if line.strip() and not line.startswith("#"))
    if not 1 < len(found) <= _MOST_LABELS:
        raise unfit(files, f"its list of labels has {len(found)} of them")
    return tuple(found)
