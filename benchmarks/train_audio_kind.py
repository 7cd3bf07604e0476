"""Trains the speech / music / other classifier on labelled clips, and says how often it errs.

    python benchmarks/train_audio_kind.py MEDIA [--write]

MEDIA is a folder with MANIFEST.tsv (columns path, group, ...; groups speech, music and sound are used). Each clip is
decoded, cut into stretches, and described by the figures of `vitascope.describe._dsp`; a multinomial logistic regression
with balanced classes (C = 0.02, L-BFGS) is fitted on their standard scores. Two estimates: five folds over clips, and
leaving out one source (the part of the file name before "__") at a time. `--write` replaces data/audio_kind.json in the
package with the coefficients of a fit on everything, and the means and deviations that sound vectors are scored by.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from vitascope.describe import _dsp

GROUPS = {"speech": 0, "music": 1, "sound": 2}
KINDS = ("speech", "music", "other")
STRETCH = 10.0
C = 0.02
TARGET = Path(__file__).parents[1] / "src/vitascope/describe/data/audio_kind.json"

Array = npt.NDArray[np.float64]


@dataclass
class Table:
    """Stretches of all clips."""

    names: list[str] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    clip: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    source: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    shapes: list[Array] = field(default_factory=list)

    def add(
        self, path: str, group: str, pcm: npt.NDArray[np.int16], speech: npt.NDArray[np.float32], step: float
    ) -> None:
        """One clip."""
        from vitascope.describe.extractors._sound import mel_shape

        pieces = _dsp.stretches(len(pcm) / _dsp.RATE, STRETCH)
        for start, end in pieces:
            piece = pcm[int(start * _dsp.RATE) : int(end * _dsp.RATE)]
            figures = _dsp.figures(piece, _dsp.speech_of(speech, step, start, end))
            self.names = self.names or list(figures)
            self.rows.append([figures[n] for n in self.names])
            self.kind.append(GROUPS[group])
            self.clip.append(len(self.paths))
            self.weight.append(1 / len(pieces))
            self.source.append(path.rsplit("/", 1)[-1].split("__")[0])
        self.shapes.append(mel_shape(_dsp.log_mel(_dsp.spectra(pcm))))
        self.paths.append(path)


def read(media: Path) -> Table:
    """Decode, find speech, take figures."""
    import tempfile

    from vitascope.backends.media import PyAvReader
    from vitascope.backends.models import ModelsConfig
    from vitascope.backends.roles import open_models
    from vitascope.base.ports.media import Limits

    table = Table()
    with open(media / "MANIFEST.tsv", encoding="utf-8") as file:
        clips = [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["group"] in GROUPS]
    models = open_models(ModelsConfig())
    assert models.voice_activity is not None
    with tempfile.TemporaryDirectory() as cache:
        reader = PyAvReader(Path(cache))
        for clip in clips:
            path = media / clip["path"]
            decoded = reader.decode(path, hashlib.sha256(path.read_bytes()).hexdigest(), Limits())
            if decoded.audio is None:
                continue
            pcm = np.fromfile(decoded.audio, dtype="<i2")
            table.add(clip["path"], clip["group"], pcm, *models.voice_activity.probabilities(pcm))
        reader.close()
    models.close()
    return table


def fit(rows: Array, kind: npt.NDArray[np.int64], weight: Array) -> tuple[Array, Array]:
    """Balanced multinomial logistic regression with an L2 penalty: weights (n, 3), bias (3,)."""
    balanced = weight.copy()
    for k in range(3):
        balanced[kind == k] *= len(rows) / 3 / balanced[kind == k].sum()
    target = np.eye(3)[kind]
    size = rows.shape[1] * 3

    def loss(flat: Array) -> tuple[float, Array]:
        weights, bias = flat[:size].reshape(-1, 3), flat[size:]
        logits = rows @ weights + bias
        logits -= logits.max(axis=1, keepdims=True)
        total = np.log(np.exp(logits).sum(axis=1))
        error = (np.exp(logits - total[:, None]) - target) * balanced[:, None] * C
        value = C * (balanced * (total - (logits * target).sum(axis=1))).sum() + 0.5 * (weights**2).sum()
        return float(value), np.concatenate([(rows.T @ error + weights).ravel(), error.sum(axis=0)])

    found = minimize(loss, np.zeros(size + 3), jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    return found[:size].reshape(-1, 3), found[size:]


def scale(rows: Array, weight: Array) -> tuple[Array, Array]:
    """Weighted mean and deviation of each figure."""
    mean = np.average(rows, axis=0, weights=weight)
    return mean, np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weight)) + 1e-6


def held_out(table: Table, groups: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    """The kind told for each clip by a model that saw none of the clip's group."""
    rows, kind = np.array(table.rows), np.array(table.kind)
    weight, clip = np.array(table.weight), np.array(table.clip)
    votes = np.zeros((len(table.paths), 3))
    for group in np.unique(groups):
        test = groups == group
        mean, spread = scale(rows[~test], weight[~test])
        scores = np.clip((rows - mean) / spread, -4, 4)
        weights, bias = fit(scores[~test], kind[~test], weight[~test])
        logits = scores[test] @ weights + bias
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        np.add.at(votes, clip[test], p / p.sum(axis=1, keepdims=True) * weight[test][:, None])
    return votes.argmax(axis=1)


def say(name: str, told: npt.NDArray[np.int64], truth: npt.NDArray[np.int64]) -> str:
    """One line of the report."""
    right = told == truth
    parts = ", ".join(f"{k} {right[truth == i].sum()}/{(truth == i).sum()}" for i, k in enumerate(KINDS))
    return f"{name}: {right.mean():.3f} ({parts})"


def main() -> None:
    """Train, report, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    table = read(arguments.media)
    truth = np.zeros(len(table.paths), dtype=np.int64)
    truth[table.clip] = table.kind
    folds = np.random.default_rng(0).permutation(len(table.paths)) % 5
    lines = [
        f"{len(table.paths)} clips, {len(table.rows)} stretches, {len(table.names)} figures",
        say("five folds", held_out(table, folds[np.array(table.clip)]), truth),
        say("leaving sources out", held_out(table, np.array(table.source)), truth),
    ]
    print("\n".join(lines))
    if arguments.write:
        write(table, lines)


def write(table: Table, lines: list[str]) -> None:
    """Fit on everything and replace the coefficients in the package."""
    rows, weight = np.array(table.rows), np.array(table.weight)
    mean, spread = scale(rows, weight)
    weights, bias = fit(np.clip((rows - mean) / spread, -4, 4), np.array(table.kind), weight)
    shapes = np.array(table.shapes)

    def short(values: Array) -> list[object]:
        return [float(f"{v:.5g}") if np.isscalar(v) else short(v) for v in values]  # type: ignore[arg-type]

    content = {
        "version": "1",
        "made_by": "benchmarks/train_audio_kind.py",
        "made_from": f"{len(table.paths)} labelled clips (speech, music, sound events) of free licences; no sound is contained",
        "measured": lines[1:],
        "names": table.names,
        "mean": short(mean),
        "scale": short(spread),
        "weights": short(weights),
        "bias": short(bias),
        "sound_vector": {"mean": short(shapes.mean(axis=0)), "scale": short(shapes.std(axis=0) + 1e-6)},
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
