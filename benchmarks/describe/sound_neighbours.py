"""Are excerpts of one recording nearest neighbours of each other by the sound vector?

    python -m benchmarks.describe.sound_neighbours

Each recording of music and sound of the shared media that lasts 6 s and more gives excerpts that do not overlap: two of its
halves, or four of its quarters from 24 s on. Asked of every excerpt: is the nearest of all others one of the same recording?
Beside it: the plain mean of twelve cepstra, and chance. The report goes to reports/sound_neighbours.md.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.referee import media_folder, rows_of, sound_of
from vitascope.describe import _dsp
from vitascope.describe.extractors._sound import sound_rows, sound_vector

HERE = Path(__file__).parents[1]
SHORTEST, QUARTERED = 6.0, 24.0
STRETCH = 6.0

Array = npt.NDArray[np.float64]


def vectors(pcm: npt.NDArray[np.int16]) -> tuple[Array, Array]:
    """The product's sound vector, and the mean cepstra."""
    mel = _dsp.log_mel(_dsp.spectra(pcm))
    ours = sound_vector(mel, sound_rows(pcm, STRETCH))
    plain = (mel @ _dsp._cosines()).mean(axis=0)[1:]
    return ours, np.asarray(plain, dtype=np.float64)


def found(rows: list[Array], owner: npt.NDArray[np.int64]) -> float:
    """Share of excerpts whose nearest other one, by cosine, is of the same recording."""
    matrix = np.array(rows)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    near = matrix @ matrix.T
    np.fill_diagonal(near, -2)
    return float((owner[near.argmax(axis=1)] == owner).mean())


def main() -> None:
    """See the module."""
    media = media_folder()
    lines = [
        "# Excerpts of one recording as neighbours",
        "",
        "    python -m benchmarks.describe.sound_neighbours",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}; cosine, one excerpt against all others of its group. No randomness.",
        "",
        "| group | recordings | excerpts | nearest is of the same recording | mean of cepstra | chance |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, groups in (("music", ("music",)), ("music and sound together", ("music", "sound"))):
        ours: list[Array] = []
        plain: list[Array] = []
        owner: list[int] = []
        recordings = 0
        for row in rows_of(media, *groups):
            pcm = np.asarray(sound_of(media / row["path"]))
            seconds = len(pcm) / _dsp.RATE
            if seconds < SHORTEST:
                continue
            for piece in np.array_split(pcm, 4 if seconds >= QUARTERED else 2):
                if np.abs(piece).max() < 50:
                    continue
                both = vectors(piece)
                ours.append(both[0])
                plain.append(both[1])
                owner.append(recordings)
            recordings += 1
        whose = np.array(owner)
        same = (whose[:, None] == whose[None]).sum(axis=1) - 1
        chance = float((same / (len(whose) - 1)).mean())
        lines.append(
            f"| {name} | {recordings} | {len(whose)} | {found(ours, whose):.3f} | {found(plain, whose):.3f} | {chance:.3f} |"
        )
    text = "\n".join(lines) + "\n"
    (HERE / "reports/sound_neighbours.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
