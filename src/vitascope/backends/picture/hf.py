"""Picture models in Hugging Face layout: config.json, preprocessor_config.json and ONNX graphs.

`HfPictures`: a picture and a text encoder in one space (CLIP, Radford et al. 2021; SigLIP, Zhai et al. 2023; SigLIP 2,
Tschannen et al. 2025): labels are those texts of a list that a picture is nearest to, so any list will do, and texts find
pictures.
`HfClassifier`: a classifier with its own labels. `HfUnsafe`: a classifier some of whose labels are unfit.

Takes upright RGB pictures, gives labels, probabilities and vectors. Sizes, means and filters are the layout's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec, layout_json, number, onnx_name, unfit
from vitascope.backends.runtimes import Keeper, TextTower, labels_of, onnx_session, role_info, role_loader, unit_rows
from vitascope.base.ports.models import LookResult, ModelInfo, Picture, PictureLabel

from ._pixels import Preparation

_BATCH = 8
_TEMPLATE = "This is a photo of {}."
_CLIP_SCALE = 100.0
"""What CLIP's temperature was trained to (its limit)."""
_UNSAFE = frozenset({"nsfw", "porn", "hentai", "sexy", "unsafe", "explicit", "sexual"})


def preparation(files: ModelFiles) -> Preparation:
    """How the layout wants pictures."""
    table = layout_json(files, "preprocessor_config.json")

    def side(value: Any, *names: str) -> int:
        stated = value if not isinstance(value, dict) else next((value[n] for n in names if n in value), 224)
        return int(number(files, {"size": stated}, "size", 8, 2_048, 224))

    def three(name: str, otherwise: float) -> tuple[float, float, float]:
        values = table.get(name) or [otherwise] * 3
        if not isinstance(values, list) or len(values) != 3:
            raise unfit(files, f"{name} is not three numbers")
        a, b, c = (number(files, {name: v}, name, -1_000, 1_000, otherwise) for v in values)
        return a, b, c

    size = table.get("size", 224)
    crop = table.get("crop_size", size) if table.get("do_center_crop") else None
    short = (isinstance(size, dict) and "shortest_edge" in size) or (crop is not None and not isinstance(size, dict))
    deviation = three("image_std", 1.0)
    if not all(deviation):
        raise unfit(files, "image_std holds a zero")
    return Preparation(
        width=side(size, "width", "shortest_edge"),
        height=side(size, "height", "shortest_edge"),
        shortest=short,
        crop=side(crop, "width", "height") if crop is not None else None,
        scale=number(files, table, "rescale_factor", 0, 1, 1 / 255) if table.get("do_rescale", True) else 1.0,
        mean=three("image_mean", 0.0) if table.get("do_normalize", True) else (0.0, 0.0, 0.0),
        deviation=deviation if table.get("do_normalize", True) else (1.0, 1.0, 1.0),
        filter=int(number(files, table, "resample", 0, 5, 3)),
    )


def _seen(session: Any, prepared: Preparation, pictures: Sequence[Picture]) -> dict[str, npt.NDArray[np.float32]]:
    """What the graph makes of a batch, by the names of its outputs."""
    pixels = np.stack([prepared(p) for p in pictures]).transpose(0, 3, 1, 2)
    asked = session.get_inputs()[0]
    kind = np.float16 if "float16" in asked.type else np.float32
    names = [o.name for o in session.get_outputs()]
    found = session.run(names, {asked.name: np.ascontiguousarray(pixels, kind)})
    return {name: np.asarray(value, np.float32) for name, value in zip(names, found, strict=True)}


@dataclass(frozen=True)
class _Dual:
    vision: Any
    prepared: Preparation
    text: TextTower
    labels: tuple[str, ...]
    of_labels: npt.NDArray[np.float32]
    scale: float
    bias: float | None


class HfPictures:
    """Fulfils `PictureTextModel`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._cache, self._role = keeper, cache, role
        self._dimensions, self._sha256 = role.options.dimensions, ""

        def load(files: ModelFiles) -> _Dual:
            vision = onnx_name(files, "vision_model")
            if vision is None:
                raise unfit(files, "no vision_model.onnx")
            text = TextTower(files, threads, ("text_embeds", "pooler_output"))
            labels = labels_of(files, "scenes")
            template = role.options.template or _TEMPLATE
            vectors = text.embed([template.format(label) for label in labels])
            if role.options.dimensions not in (None, vectors.shape[1]):
                raise unfit(
                    files, f"vectors of {vectors.shape[1]} numbers, not {role.options.dimensions} as the pack states"
                )
            scale = role.options.scale if role.options.scale is not None else _CLIP_SCALE
            session = onnx_session(files.path(vision), threads)
            return _Dual(session, preparation(files), text, labels, vectors, scale, role.options.bias)

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        self._sha256 = self._sha256 or self._cache.main_hash(self._role)
        return role_info(self._role, self._dimensions).model_copy(update={"sha256": self._sha256})

    def look(self, pictures: Sequence[Picture], top: int = 5) -> tuple[list[LookResult], npt.NDArray[np.float32]]:
        """Results in order, and vectors of unit length, shape (len(pictures), dimensions)."""
        if not pictures and self._dimensions:
            return [], np.zeros((0, self._dimensions), np.float32)
        results: list[LookResult] = []
        rows: list[npt.NDArray[np.float32]] = []
        with self._keeper.hold(self._loader) as model:
            self._dimensions = model.of_labels.shape[1]
            for first in range(0, len(pictures), _BATCH):
                seen = _seen(model.vision, model.prepared, pictures[first : first + _BATCH])
                vectors = unit_rows(_named(seen, ("image_embeds", "pooler_output")), self._dimensions, self._role.model)
                rows.append(vectors)
                logits = vectors @ model.of_labels.T * model.scale
                scores = _sigmoid(logits + model.bias) if model.bias is not None else _softmax(logits)
                results += [_best(row, model.labels, top) for row in scores]
            return results, np.concatenate([np.zeros((0, self._dimensions), np.float32), *rows])

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Texts in the space of the pictures."""
        with self._keeper.hold(self._loader) as model:
            self._dimensions = model.of_labels.shape[1]
            return model.text.embed(texts)


class HfClassifier:
    """Fulfils `PictureModel`: the classifier's labels; the vector is what its graph gives before them, else its probabilities."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._cache, self._role = keeper, cache, role
        self._dimensions, self._sha256 = role.options.dimensions, ""
        self._loader = role_loader(cache, role, lambda files: _classifier(files, threads))

    @property
    def info(self) -> ModelInfo:
        self._sha256 = self._sha256 or self._cache.main_hash(self._role)
        return role_info(self._role, self._dimensions).model_copy(update={"sha256": self._sha256})

    def look(self, pictures: Sequence[Picture], top: int = 5) -> tuple[list[LookResult], npt.NDArray[np.float32]]:
        """Results in order, and vectors of unit length, shape (len(pictures), dimensions)."""
        if not pictures and self._dimensions:
            return [], np.zeros((0, self._dimensions), np.float32)
        results: list[LookResult] = []
        rows: list[npt.NDArray[np.float32]] = []
        with self._keeper.hold(self._loader) as model:
            for first in range(0, len(pictures), _BATCH):
                seen = _seen(model.session, model.prepared, pictures[first : first + _BATCH])
                scores = model.scores(seen)
                before = next((seen[n] for n in ("image_embeds", "pooler_output", "vector") if n in seen), scores)
                self._dimensions = self._dimensions or before.shape[1]
                rows.append(unit_rows(before, self._dimensions, self._role.model))
                results += [_best(row, model.labels, top) for row in scores]
        return results, np.concatenate([np.zeros((0, self._dimensions or 0), np.float32), *rows])


class HfUnsafe:
    """Fulfils `UnsafePictureModel`: the probability of the labels that count as unfit."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._cache, self._role, self._sha256 = keeper, cache, role, ""

        def load(files: ModelFiles) -> tuple[_Classifier, npt.NDArray[np.int64]]:
            model = _classifier(files, threads)
            names = {n.casefold() for n in role.options.unsafe} or _UNSAFE
            unfit_ones = np.array([i for i, n in enumerate(model.labels) if n.casefold() in names], np.int64)
            if not 0 < len(unfit_ones) < len(model.labels):
                raise unfit(
                    files,
                    f"which of its labels are unfit ({', '.join(model.labels[:10])}) must be named in options.unsafe",
                )
            return model, unfit_ones

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        self._sha256 = self._sha256 or self._cache.main_hash(self._role)
        return role_info(self._role).model_copy(update={"sha256": self._sha256})

    def unsafe(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        """Probability per picture, shape (len(pictures),)."""
        found = np.zeros(len(pictures), np.float32)
        if not pictures:
            return found
        with self._keeper.hold(self._loader) as (model, unfit_ones):
            for first in range(0, len(pictures), _BATCH):
                batch = pictures[first : first + _BATCH]
                scores = model.scores(_seen(model.session, model.prepared, batch))
                found[first : first + len(batch)] = scores[:, unfit_ones].sum(axis=1)
        return np.clip(found, 0, 1)


@dataclass(frozen=True)
class _Classifier:
    session: Any
    prepared: Preparation
    labels: tuple[str, ...]
    model: str

    def scores(self, seen: dict[str, npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Probabilities, shape (pictures, labels); an output named "scores" or "probabilities" holds them already."""
        name = next((n for n in ("logits", "scores", "probabilities") if n in seen), next(iter(seen)))
        value = seen[name]
        if value.ndim != 2 or value.shape[1] != len(self.labels) or not np.isfinite(value).all():
            from vitascope.base.errors import ModelFailed

            raise ModelFailed(
                f"its graph gave {value.shape}", place=self.model, remedy="config.json must name its labels"
            )
        return value if name in ("scores", "probabilities") else _softmax(value)


def _classifier(files: ModelFiles, threads: int) -> _Classifier:
    config = layout_json(files, "config.json")
    table = config.get("id2label")
    name = onnx_name(files)
    if not isinstance(table, dict) or not 1 < len(table) <= 100_000 or name is None:
        raise unfit(files, "no labels (id2label) in config.json, or no onnx/model.onnx")
    try:
        labels = tuple(str(table[str(i)])[:200] for i in range(len(table)))
    except KeyError as error:
        raise unfit(files, "id2label is not numbered from 0 on") from error
    return _Classifier(onnx_session(files.path(name), threads), preparation(files), labels, files.role.model)


def _named(seen: dict[str, npt.NDArray[np.float32]], names: Sequence[str]) -> npt.NDArray[np.float32]:
    """The first output of these names, else the first that has one row of numbers for each picture."""
    for name in names:
        if name in seen:
            return seen[name]
    return next((v for v in seen.values() if v.ndim == 2), next(iter(seen.values())))


def _best(row: npt.NDArray[np.float32], labels: Sequence[str], top: int) -> LookResult:
    best = np.argsort(-row, kind="stable")[:top]
    return LookResult(labels=tuple(PictureLabel(label=labels[i], score=float(row[i])) for i in best))


def _softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    out: npt.NDArray[np.float32] = weights / weights.sum(axis=1, keepdims=True)
    return out


def _sigmoid(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60, 60))), np.float32)
