"""RecTools' sequential models on a data set, for the time given; run by the interpreter of RecTools' own environment.

usage: python benchmarks/recommend/peer_rectools.py DATASET_DIR OUT_DIR --model sasrec|esasrec --minutes 10 20 [--seed N]

Needs `pip install torch==2.13.0 rectools[torch]==0.19.0 pyarrow` in an environment of its own (RecTools forces an
older numpy). Fits on train.parquet and, each time the training thread has used so many minutes of the processor, keeps
the weights; then each is given train and valid as history and writes OUT_DIR/MODEL-MINUTES.jsonl, lists of 10 without
seen items, in the format of `vitascope recommend`. OUT_DIR/MODEL.json says how many epochs that were and how long it took
on the wall.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from pytorch_lightning import Callback, Trainer, seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel
from rectools.models.nn.transformers.ligr import LiGRLayers

SETTINGS: dict[str, dict[str, Any]] = {
    # its own defaults, but for the length of the histories, which the published runs on this data set use
    "sasrec": {"session_max_len": 200},
    # the authors' recipe has layers of LiGR and a sampled softmax (Tikhonovich et al. 2025, "eSASRec"); here the sample of 256
    # took 45 s a batch of 128 on one thread and some 7 GB, so the full softmax, which is the kinder choice on a processor
    "esasrec": {"session_max_len": 200, "transformer_layers_type": LiGRLayers, "loss": "softmax"},
}


class Watch(Callback):
    """Keeps the weights at the minutes asked for, and ends the training at the last."""

    def __init__(self, minutes: list[float], say: Path) -> None:
        self.left, self.say = sorted(minutes), say
        self.kept: dict[float, dict[str, torch.Tensor]] = {}
        self.epochs: dict[float, float] = {}
        self.wall: dict[float, float] = {}

    def on_train_start(self, trainer: Trainer, module: Any) -> None:
        self.began, self.began_wall = time.thread_time(), time.monotonic()

    def on_train_batch_end(self, trainer: Trainer, module: Any, outputs: Any, batch: Any, index: int) -> None:
        minutes = (time.thread_time() - self.began) / 60
        if index % 20 == 0:
            epoch = trainer.current_epoch + index / trainer.num_training_batches
            self.say.write_text(f"{minutes:.2f} minutes, epoch {epoch:.2f}\n", "utf-8")
        if self.left and minutes >= self.left[0]:
            now = self.left.pop(0)
            self.kept[now] = copy.deepcopy(module.torch_model.state_dict())
            self.epochs[now] = trainer.current_epoch + (index + 1) / trainer.num_training_batches
            self.wall[now] = time.monotonic() - self.began_wall
            trainer.should_stop = not self.left


def interactions(*files: Path) -> pd.DataFrame:
    """In RecTools' columns; time is the place in the file's order of time."""
    rows = pd.concat([pd.read_parquet(f, columns=["user_id", "item_id", "timestamp"]) for f in files])
    rows = rows.sort_values(["user_id", "timestamp"], kind="stable")
    rows = rows.rename(columns={"user_id": Columns.User, "item_id": Columns.Item})
    when = pd.to_datetime(rows.pop("timestamp"), unit="s")
    return rows.assign(**{Columns.Weight: 1.0, Columns.Datetime: when})


def main() -> None:
    """Fit, keep, recommend."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", choices=sorted(SETTINGS), required=True)
    parser.add_argument("--minutes", nargs="+", type=float, default=[10.0, 20.0])
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    seed_everything(args.seed)
    watch = Watch(args.minutes, args.out / f"{args.model}.progress")

    def trainer() -> Trainer:
        return Trainer(
            max_epochs=10_000, accelerator="cpu", callbacks=[watch], logger=False,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip

    model = SASRecModel(get_trainer_func=trainer, epochs=10_000, **SETTINGS[args.model])
    model.fit(Dataset.construct(interactions(args.source / "train.parquet")))
    watch = next(c for c in model.fit_trainer.callbacks if isinstance(c, Watch))  # the model trains with a copy
    history = Dataset.construct(interactions(args.source / "train.parquet", args.source / "valid.parquet"))
    people = pd.read_parquet(args.source / "test.parquet", columns=["user_id"])["user_id"].unique()
    for minutes, weights in watch.kept.items():
        model.lightning_model.torch_model.load_state_dict(weights)
        said = model.recommend(people, history, k=10, filter_viewed=True, on_unsupported_targets="warn")
        said = said.sort_values([Columns.User, Columns.Rank])
        with (args.out / f"{args.model}-{minutes:g}.jsonl").open("w", encoding="utf-8") as lines:
            for person, rows in said.groupby(Columns.User, sort=False):
                items = [{"item_id": str(item)} for item in rows[Columns.Item]]
                lines.write(json.dumps({"user_id": str(person), "items": items}) + "\n")
    at = {str(m): {"epochs": watch.epochs[m], "wall": watch.wall[m]} for m in watch.kept}
    told = {"settings": {k: str(v) for k, v in SETTINGS[args.model].items()}, "seed": args.seed, "at": at}
    (args.out / f"{args.model}.json").write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main()
