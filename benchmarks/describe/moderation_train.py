"""Train the detector of unfit texts on the texts written for it, and write its weights into the package.

    python -m benchmarks.describe.moderation_train          # needs the pack's text model; about a minute on one core

Takes benchmarks/describe/unfit/*.txt (texts with {a|b} for either and names of slots) and kinds of words (classes.toml);
gives src/vitascope/describe/data/unfit_{en,zh}.json. It never reads tests/evals. The same inputs give the same weights.
Logistic regression, one model a reason: texts of the reason against all others (unfit ones of other reasons count a
fifth, since a text may be several), L2, by L-BFGS.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from vitascope.base.moderation import TEXT_REASONS
from vitascope.describe._unfit import MEANING_SCALE
from vitascope.describe._unfit_words import Kinds, chinese, english, kinds_of

HERE = Path(__file__).parent / "unfit"
DATA = Path(__file__).parents[2] / "src" / "vitascope" / "describe" / "data"
PER_LINE, PER_PLAIN = 12, 60
"""Texts made of one line; plain lines with slots stand for much of what people say, so they give more and count four times."""
SEED = 0
L2_WORDS, L2_MEANING = 0.1, 0.3
SHIFT = {"en": 0.405, "zh": 1.0}
"""Added to the log-odds: the line stands where the models say .4 in English and .27 in Chinese, where no text model helps.
Chosen on development texts."""
LEAST_LINES = 2
"""A feature is known if it stands in texts of so many lines."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Text:
    """One made text."""

    text: str
    section: str
    unfit: bool
    line: tuple[bool, int]
    weight: float


def read(path: Path, unfit: bool, seed: int = SEED) -> list[Text]:
    """All texts of a file, expanded."""
    rng = random.Random(seed)
    slots: dict[str, list[str]] = {}
    section, number = "", 0
    out: list[Text] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("= "):
            name, listed = line[2:].split(" ", 1)
            slots[name] = listed.split("|")
        elif line.startswith("["):
            section = line[1:-1]
        else:
            number += 1
            plain = section == "plain" and "{" in line
            wanted = PER_PLAIN if plain else PER_LINE
            made = {expand(line, slots, rng) for _ in range(4 * wanted)}
            chosen = sorted(made)
            rng.shuffle(chosen)
            chosen = sorted(chosen[:wanted])
            weight = (4 if plain and len(chosen) > PER_PLAIN // 2 else 1) / len(chosen)
            out += [Text(t, section, unfit, (unfit, number), weight) for t in chosen]
    return out


def expand(line: str, slots: dict[str, list[str]], rng: random.Random) -> str:
    """One text of a line."""
    names = re.compile("|".join(sorted(slots, key=len, reverse=True)) or r"(?!)")
    before = None
    while before != line:
        before = line
        line = re.sub(r"\{([^{}]*)\}", lambda m: rng.choice(m.group(1).split("|")), line)
        line = names.sub(lambda m: rng.choice(slots[m.group()]), line)
    return line


def texts(language: str) -> list[Text]:
    """All training texts of a language."""
    return [*read(HERE / f"{language}_unfit.txt", True), *read(HERE / f"{language}_fit.txt", False)]


def fit(x: Any, y: Floats, weight: Floats, l2: float) -> tuple[Floats, float]:
    """Coefficients and bias of a logistic regression."""

    def loss(p: Floats) -> tuple[float, Floats]:
        z = x @ p[:-1] + p[-1]
        sign = np.where(y > 0, 1.0, -1.0)
        margin = sign * z
        slope = -weight * sign / (1 + np.exp(margin))
        value = float((weight * np.logaddexp(0, -margin)).sum() + 0.5 * l2 * p[:-1] @ p[:-1])
        return value, np.append(x.T @ slope + l2 * p[:-1], slope.sum())

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 400})
    return found.x[:-1], float(found.x[-1])


def features_of(made: list[Text], language: str, kinds: Kinds) -> tuple[sparse.csr_matrix, list[str]]:
    """One row a text, and the names of the columns."""
    read_ = english if language == "en" else chinese
    told = [read_(t.text, kinds) for t in made]
    lines: dict[str, set[tuple[bool, int]]] = defaultdict(set)
    for text, names in zip(made, told, strict=True):
        for name in names:
            lines[name].add(text.line)
    known = {name: i for i, name in enumerate(sorted(n for n, of in lines.items() if len(of) >= LEAST_LINES))}
    rows, columns, values = [], [], []
    for row, names in enumerate(told):
        mine = [known[n] for n in names if n in known]
        rows += [row] * len(mine)
        columns += mine
        values += [2 / np.sqrt(len(mine) + 2)] * len(mine)
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(made), len(known))), list(known)


def made_from(language: str) -> str:
    """Digest of what the weights of a language are made from: its texts and kinds."""
    parts = [(HERE / name).read_bytes() for name in (f"{language}_unfit.txt", f"{language}_fit.txt", "classes.toml")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def train(language: str) -> None:
    """Make and write one language's weights."""
    lists = tomllib.loads((HERE / "classes.toml").read_text(encoding="utf-8"))[language]
    made = texts(language)
    x, names = features_of(made, language, kinds_of(lists, language))
    vectors = _vectors([t.text for t in made]) if language == "en" else None
    rows, bias, meaning = [], [], []
    for reason in TEXT_REASONS:
        y = np.array([float(t.unfit and t.section == reason.value) for t in made])
        weight = np.array([t.weight * (0.2 if t.unfit and t.section != reason.value else 1.0) for t in made])
        coefficients, constant = fit(x, y, weight, L2_WORDS)
        rows.append(coefficients)
        bias.append(round(constant, 4))
        if vectors is not None:
            meaning.append(np.append(*fit(vectors * MEANING_SCALE, y, weight, L2_MEANING)))
    table = np.rint(np.array(rows).T * 1_000).astype(int)
    told: dict[str, Any] = {
        "made_from": made_from(language),
        "reasons": [r.value for r in TEXT_REASONS],
        "shift": SHIFT[language],
        "bias": bias,
        "kinds": lists,
        "words": {name: row for name, row in zip(names, table.tolist(), strict=True) if any(row)},
    }
    if meaning:
        told["meaning"] = base64.b64encode(np.array(meaning).astype("<f2").tobytes()).decode()
    lines = [json.dumps(name) + ": " + json.dumps(value, ensure_ascii=False) for name, value in told.items()]
    (DATA / f"unfit_{language}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{language}: {len(made)} texts of {len({t.line for t in made})} lines, {len(told['words'])} features")


def _vectors(these: list[str]) -> Floats:
    from vitascope.backends.models import ModelsConfig
    from vitascope.backends.roles import open_models

    model = open_models(ModelsConfig()).text
    assert model is not None, "the pack has no text model: vitascope models pull"
    return model.embed(these).astype(np.float64)


if __name__ == "__main__":
    for code in ("en", "zh"):
        train(code)
