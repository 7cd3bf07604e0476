"""Does taking noise off help recognition, and below which measured ratio of speech to noise?

    python -m benchmarks.speech_noise [--seed N]      # writes benchmarks/reports/speech_noise.md

Mixes recorded English speech of media/dev (3 to 12 s, at least 8 words) with recorded noises of its sound group at known ratios,
lets the pack's recogniser hear the mixture as it is and after the pack's noise suppression, as the product would: voice activity
on the mixture, suppression over all of it. Word errors by the ratio that the product itself measures (`speech_to_noise`). Clips
are in two halves by a hash of their names. The folder is $VITASCOPE_SHARED, else ../shared.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
from collections import defaultdict
from pathlib import Path

import jiwer
import numpy as np
import numpy.typing as npt

from benchmarks.referee import half_of, media_folder, referee_of, rows_of, sound_of
from vitascope.backends.models import ModelsConfig
from vitascope.backends.roles import open_models
from vitascope.base.ports.models import Models, Pcm
from vitascope.base.time import Span, media_time
from vitascope.describe import DescribeConfig
from vitascope.describe.extractors._transcript import speech_to_noise
from vitascope.describe.extractors._voice import spoken_spans

REPORT = Path(__file__).parent / "reports" / "speech_noise.md"
RATIOS = (20, 10, 5, 0, -5)
STEADY = ("harbor", "train", "sports crowd", "traffic", "motorcycle", "crowd/party noise", "sewing machine", "running water",
          "3D printer machine", "vacuum cleaner")  # fmt: skip
EDGES = (-99.0, -5.0, 0.0, 5.0, 10.0, 15.0, 99.0)


def mixed(speech: Pcm, noise: Pcm, ratio: float, spoken: npt.NDArray[np.bool_]) -> Pcm:
    """Speech with noise, repeated to its length, at `ratio` dB: power of the spoken samples over power of the noise."""
    clean = speech.astype(np.float64)
    ground = np.resize(noise.astype(np.float64), len(clean))
    power = (clean[spoken] ** 2).mean() if spoken.any() else (clean**2).mean()
    ground *= np.sqrt(power / 10 ** (ratio / 10) / max((ground**2).mean(), 1e-9))
    total = clean + ground
    return np.asarray(total * min(1.0, 32_000 / max(np.abs(total).max(), 1)), np.int16)


def heard(models: Models, pcm: Pcm, spans: list[Span]) -> str:
    """What is recognised."""
    assert models.speech is not None
    return " ".join(line.text for line in models.speech.listen(pcm, spans, "en").lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clips", type=int, default=18)
    asked = parser.parse_args()
    media = media_folder()
    referee, rows = referee_of(media), rows_of(media, "speech", "sound")
    noises = [
        sound_of(media / r["path"])
        for r in rows
        if r["group"] == "sound" and (referee.label(r, "event") or "") in STEADY
    ]
    clips = [
        r for r in rows if r["group"] == "speech" and r["language"] == "en" and 3 <= float(r["duration_s"]) <= 12
        and len(referee.plain(r["transcript"]).split()) >= 8
    ]  # fmt: skip
    clips = sorted(clips, key=lambda r: hashlib.sha256(r["path"].encode()).hexdigest())[: asked.clips]
    models = open_models(ModelsConfig(threads=1))
    voice, gate = models.voice_activity, models.noise
    assert voice is not None
    assert gate is not None
    threshold = DescribeConfig().speech_threshold
    random = np.random.default_rng(asked.seed)
    tally: dict[tuple[str, float, int], list[float]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in clips:
        speech, meant = sound_of(media / row["path"]), referee.plain(row["transcript"])
        probability, step = voice.probabilities(speech)
        spoken = np.repeat(probability > 0.6, round(step * 16_000))[: len(speech)]
        spoken = np.pad(spoken, (0, len(speech) - len(spoken)))
        for ratio in RATIOS:
            pcm = mixed(speech, noises[random.integers(len(noises))], ratio, spoken)
            found, step = voice.probabilities(pcm)
            total = len(pcm) / 16_000
            spans = [
                Span(start=media_time(a), end=media_time(b)) for a, b, _ in spoken_spans(found, step, threshold, total)
            ]
            measured = speech_to_noise(pcm, found, step)
            words = len(meant.split())
            errors = [jiwer.wer(meant, referee.plain(heard(models, p, spans))) * words for p in (pcm, gate.clean(pcm))]
            edge = (
                next(e for e in EDGES[::-1] if measured is not None and measured >= e) if measured is not None else None
            )
            for key in (("mixed", float(ratio)), ("measured", 999.0 if edge is None else edge)):
                entry = tally[(*key, half_of(row["path"]))]
                for i, value in enumerate((1, words, *errors)):
                    entry[i] += value
            print(row["path"], ratio, measured, [round(e / words, 2) for e in errors], flush=True)
    models.close()

    def table(kind: str) -> str:
        lines = []
        for key in sorted({k[1] for k in tally if k[0] == kind}):
            cells = []
            for halves in ((0,), (1,), (0, 1)):
                n, words, raw, clean = (sum(tally[kind, key, h][i] for h in halves) for i in range(4))
                cells.append(f"{raw / words:.3f} / {clean / words:.3f} ({n:.0f})" if words else "-")
            name = "not measurable" if key == 999 else f"{key:.0f}"
            if kind == "measured" and key != 999:
                top = EDGES[EDGES.index(key) + 1]
                name = (
                    f"under {top:.0f}"
                    if key == -99
                    else f"{key:.0f} and more"
                    if top == 99
                    else f"{key:.0f} to {top:.0f}"
                )
            lines.append(f"| {name} | {' | '.join(cells)} |")
        return "\n".join(lines)

    REPORT.write_text(
        f"""# Noise suppression before recognition

    python -m benchmarks.speech_noise --seed {asked.seed} --clips {asked.clips}

{datetime.date.today()}, embedded pack. {len(clips)} English clips, each mixed with one of {len(noises)} recorded noises
(drawn with the seed) at {len(RATIOS)} ratios. Cells: word error rate as it is / after suppression (number of mixtures);
halves by a hash of the clip's name.

| mixed at, dB | first half | second half | all |
| --- | --- | --- | --- |
{table("mixed")}

| the product measures, dB | first half | second half | all |
| --- | --- | --- | --- |
{table("measured")}

Suppression is used below `describe.noise_below_db` = {DescribeConfig().noise_below_db:.0f} dB measured, and not where nothing can
be measured (under .2 s of surely spoken, or of surely silent sound). Few mixtures measure as low as that: most made at -5 dB
leave no moment that is surely silent.
""",
        encoding="utf-8",
    )
    print(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
