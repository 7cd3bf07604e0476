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
    short_histories=(),  # all are as long
    closed_form_up_to=1,  # neighbours alone: what order says, the sequential model says
    sequence_from=300,
    sequence_width=16,
    sequence_length=12,
    sequence_epochs=40,
    sequence_dropout=0.0,
)


def crowd(taste: Taste, dated: bool) -> dict[str, int]:
    """Each of 240 people follows three rings of eight items in turn, eleven steps; gives the item that comes next.

    What was met together says that one of three rings goes on, or what came before; only the order says which it is.
    """
    random = np.random.default_rng(0)
    lines, following = ["user_id,item_id,type,timestamp"], {}
    for person in range(240):
        start, turn = random.integers(8, size=3), int(random.integers(3))
        items = [8 * ((turn + at) % 3) + (int(start[(turn + at) % 3]) + at // 3) % 8 for at in range(12)]
        for at, item in enumerate(items[:-1]):
            time = f"{NOW - 9_000_000 + 7_200 * at}" if dated else ""
            lines.append(f"p{person},i{item},complete,{time}")
        following[f"p{person}"] = items[-1]
    file = taste.folder / "crowd.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert taste.intake.import_file(file, now=NOW).report.rejected_total == 0
    return following


def test_an_order_is_learned_and_kept_where_it_was_given_a_weight(tmp_path: Path) -> None:
    taste = Taste(tmp_path)
    taste.library()
    following = crowd(taste, dated=True)

    def first(**changes: float) -> float:
        model = taste.trainer_with(CONFIG.model_copy(update=changes)).fit(seed=1, promote="always").model
        artifacts = ArtifactFolder(tmp_path / "models")(model.path)
        weight = json.loads(artifacts.text("blend") or "{}")["weights"].get("sequence", 0.0)
        assert ("sequence: NDCG@10" in model.note) == (not changes)
        assert (artifacts.array("sequence_identity") is not None) == (weight > 0) == (not changes), model.note
        asked = taste.ask(None)
        lists = taste.recommender.recommend_many([taste.person(name) for name in tuple(following)[:60]], asked)
        wanted = (f"i{item}" for item in following.values())
        return float(np.mean([mine.items[0].item_id == item for mine, item in zip(lists, wanted, strict=False)]))

    without, with_it = first(sequence_minutes=0.0), first()
    assert without < 0.7
    assert with_it > 0.9


def test_sets_make_no_sequential_model(tmp_path: Path) -> None:
    taste = Taste(tmp_path)
    taste.library()
    crowd(taste, dated=False)
    model = taste.trainer_with(CONFIG).fit(seed=1).model
    assert "sequence:" not in model.note
    assert ArtifactFolder(tmp_path / "models")(model.path).text("sequence") is None
