"""Names and vectors of sounds with CLAP (Wu et al. 2023, arXiv 2211.06687) in Hugging Face layout.

Takes 16 kHz samples, gives labels of a list (any list will do) and vectors beside which texts can be put. The model wants 48 kHz:
samples are brought there, but what was above 8 kHz is gone, which costs it cymbals and hiss. Its log-mel pictures are
computed as its own feature extractor does for `truncation = "rand_trunc"`: Slaney's mel scale (Auditory Toolbox, 1998),
64 bands, power in dB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec, layout_json, number, onnx_name, unfit
from vitascope.backends.runtimes import Keeper, TextTower, labels_of, onnx_session, role_info, role_loader, unit_rows
from vitascope.base.ports.models import LookResult, ModelInfo, Pcm, PictureLabel

_OURS = 16_000
_TEMPLATE = "This is a sound of {}."
_SCALE = 18.0
"""Of the cosine before the softmax over labels, unless the pack states the trained one."""
_MOST_PARTS = 12


@dataclass(frozen=True)
class LogMel:
    """How the model wants sound."""

    rate: int
    window: int
    hop: int
    bands: int
    low: float
    high: float
    samples: int

    def filters(self) -> npt.NDArray[np.float64]:
        """Triangles of equal area on Slaney's mel scale, shape (window // 2 + 1, bands)."""
        edges = _hertz(np.linspace(_mel(self.low), _mel(self.high), self.bands + 2))
        bins = np.linspace(0, self.rate / 2, self.window // 2 + 1)
        slopes = edges[None, :] - bins[:, None]
        down = -slopes[:, :-2] / np.diff(edges)[:-1]
        up = slopes[:, 2:] / np.diff(edges)[1:]
        area: npt.NDArray[np.float64] = 2 / (edges[2:] - edges[:-2])
        return np.maximum(0, np.minimum(down, up)) * area

    def __call__(self, pcm: Pcm) -> npt.NDArray[np.float32]:
        """Log-mel of at most `samples` at `rate`; a shorter sound is repeated, then filled with silence. (frames, bands)"""
        from scipy.signal import resample_poly

        step = np.gcd(self.rate, _OURS)
        loud = np.asarray(pcm[: int(self.samples * _OURS / self.rate) + 1], np.float64) / 32768
        sound = resample_poly(loud, self.rate // step, _OURS // step)[: self.samples] if len(loud) else np.zeros(1)
        sound = np.tile(sound, max(1, self.samples // max(1, len(sound))))
        sound = np.pad(sound, (0, self.samples - len(sound)))
        sound = np.pad(sound, self.window // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(sound, self.window)[:: self.hop]
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.window) / self.window)
        power = np.abs(np.fft.rfft(frames * hann, axis=1)) ** 2
        return np.asarray(10 * np.log10(np.maximum(1e-10, power @ self.filters())), np.float32)


def _mel(hertz: float) -> float:
    """Slaney: linear to 1 kHz (200/3 Hz a mel), then 27 mels to a factor of 6.4."""
    return hertz * 3 / 200 if hertz < 1_000 else 15 + np.log(hertz / 1_000) * 27 / np.log(6.4)


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1_000 * np.exp((mel - 15) * np.log(6.4) / 27))


@dataclass(frozen=True)
class _Loaded:
    audio: Any
    log_mel: LogMel
    text: TextTower
    labels: tuple[str, ...]
    of_labels: npt.NDArray[np.float32]


class ClapSound:
    """Fulfils `SoundModel`."""

    def __init__(self, cache: ModelCache, role: RoleSpec, keeper: Keeper, threads: int) -> None:
        self._keeper, self._cache, self._role = keeper, cache, role
        self._dimensions, self._sha256 = role.options.dimensions, ""

        def load(files: ModelFiles) -> _Loaded:
            name = onnx_name(files, "audio_model")
            if name is None:
                raise unfit(files, "no audio_model.onnx")
            text = TextTower(files, threads, ("text_embeds",))
            labels = labels_of(files, "sounds")
            vectors = text.embed([(role.options.template or _TEMPLATE).format(label) for label in labels])
            return _Loaded(onnx_session(files.path(name), threads), _log_mel(files), text, labels, vectors)

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        self._sha256 = self._sha256 or self._cache.main_hash(self._role)
        return role_info(self._role, self._dimensions).model_copy(update={"sha256": self._sha256})

    def hear(self, clips: Sequence[Pcm], top: int = 5) -> tuple[list[LookResult], npt.NDArray[np.float32]]:
        """Labels of each clip, best first, and unit vectors; a clip longer than the model's window is the mean of its parts."""
        if not clips and self._dimensions:
            return [], np.zeros((0, self._dimensions), np.float32)
        scale = self._role.options.scale if self._role.options.scale is not None else _SCALE
        with self._keeper.hold(self._loader) as model:
            self._dimensions = model.of_labels.shape[1]
            vectors = np.zeros((len(clips), self._dimensions), np.float32)
            results = []
            for row, clip in enumerate(clips):
                size = int(model.log_mel.samples * _OURS / model.log_mel.rate)
                starts = list(range(0, max(1, len(clip)), size))[:_MOST_PARTS]
                parts = [
                    self._vector(model, clip[s : s + size]) for s in starts if s == 0 or len(clip) - s >= size // 4
                ]
                vectors[row] = unit_rows(np.mean(parts, axis=0, keepdims=True), self._dimensions, self._role.model)[0]
                logits = model.of_labels @ vectors[row] * scale
                shares = np.exp(logits - logits.max())
                shares /= shares.sum()
                best = np.argsort(-shares, kind="stable")[:top]
                labels = tuple(PictureLabel(label=model.labels[i], score=float(shares[i])) for i in best)
                results.append(LookResult(labels=labels))
            return results, vectors

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Texts in the space of the sounds."""
        with self._keeper.hold(self._loader) as model:
            self._dimensions = model.of_labels.shape[1]
            return model.text.embed(texts)

    def _vector(self, model: _Loaded, clip: Pcm) -> npt.NDArray[np.float32]:
        asked = model.audio.get_inputs()
        feeds: dict[str, npt.NDArray[Any]] = {asked[0].name: model.log_mel(clip)[None, None]}
        feeds |= {i.name: np.zeros((1, 1), bool) for i in asked[1:] if "bool" in i.type}  # is_longer: it is cut to size
        names = [o.name for o in model.audio.get_outputs()]
        name = next((n for n in ("audio_embeds", "pooler_output") if n in names), names[0])
        found = np.asarray(model.audio.run([name], feeds)[0], np.float32)
        unit: npt.NDArray[np.float32] = unit_rows(found, self._dimensions, self._role.model)[0]
        return unit


def _log_mel(files: ModelFiles) -> LogMel:
    table = layout_json(files, "preprocessor_config.json")
    rate = int(number(files, table, "sampling_rate", 8_000, 192_000, 48_000))
    return LogMel(
        rate=rate,
        window=int(number(files, table, "fft_window_size", 64, 16_384, 1_024)),
        hop=int(number(files, table, "hop_length", 16, 16_384, 480)),
        bands=int(number(files, table, "feature_size", 8, 512, 64)),
        low=number(files, table, "frequency_min", 0, rate / 2, 50),
        high=number(files, table, "frequency_max", 100, rate / 2, 14_000),
        samples=int(number(files, table, "nb_max_samples", 8_000, 60 * rate, 10 * rate)),
    )
