"""A fit on a real home whose people follow an order: the sequential model is trained, weighed, stored and serves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.taste_home import NOW, Taste

from vitascope.train import ArtifactFolder, TrainConfig

pytest.importorskip("torch")

CONFIG = TrainConfig(
    few=20,
    strengths=(100.0,),
    half_lives=(0.0,),
    neighbour_shares=(0.0,),
    closed_form_up_to=1,  # neighbours alone: what order says, the sequential model says
    sequence_from=300,
    sequence_width=16,
    sequence_length=12,
    sequence_epochs=40,
    sequence_dropout=0.0,
)


def crowd(taste: Taste, dated: bool) -> dict[str, int]:
    """Each of 120 people goes forward or backward from somewhere, eleven steps; gives the item that comes next."""
    random = np.random.default_rng(0)
    lines, following = ["user_id,item_id,type,timestamp"], {}
    for person in range(120):
        start, step = int(random.integers(24)), 7 if person % 2 else -7
        for at in range(11):
            time = f"{NOW - 9_000_000 + 7_200 * at}" if dated else ""
            lines.append(f"p{person},i{(start + step * at) % 24},complete,{time}")
        following[f"p{person}"] = (start + step * 11) % 24
    file = taste.folder / "crowd.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert taste.intake.import_file(file, now=NOW).report.rejected_total == 0
    return following


def test_an_order_is_learned_and_kept_where_it_was_given_a_weight(tmp_path: Path) -> None:
    taste = Taste(tmp_path)
    taste.library()
    following = crowd(taste, dated=True)
    model = taste.trainer_with(CONFIG).fit(seed=1).model
    assert "sequence: NDCG@10" in model.note
    artifacts = ArtifactFolder(tmp_path / "models")(model.path)
    weight = json.loads(artifacts.text("blend") or "{}")["weights"]["sequence"]
    # other scorers may say as much here: the fit weighs by held-out acts, and keeps what it gave a weight
    assert (artifacts.array("sequence_identity") is not None) == (weight > 0), model.note
    lists = {name: taste.recommender.recommend(taste.ask(name)).items for name in following}
    first = np.mean([mine[0].item_id == f"i{following[name]}" for name, mine in lists.items()])
    assert first > 0.8


def test_sets_make_no_sequential_model(tmp_path: Path) -> None:
    taste = Taste(tmp_path)
    taste.library()
    crowd(taste, dated=False)
    model = taste.trainer_with(CONFIG).fit(seed=1).model
    assert "sequence:" not in model.note
    assert ArtifactFolder(tmp_path / "models")(model.path).text("sequence") is None
