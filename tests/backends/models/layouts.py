"""Folders in Hugging Face layout, made here: the embedded pack's weights laid out anew, and tiny graphs whose answers are known.

The tiny ones see what can be told by hand: a picture model that sees the mean colour, a sound model that hears low and high.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, load_pack

FLOAT, INT64, BOOL = 1, 7, 9


def embedded(role: str) -> tuple[Any, Any]:
    """The role of the embedded pack and its files."""
    spec = load_pack("embedded").role(role)
    assert spec is not None
    return spec, ModelCache().files(spec)


def write_json(path: Path, value: object) -> None:
    """One file of the layout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def renamed(source: Path, target: Path, names: dict[str, str], external: bool = False) -> None:
    """A graph whose inputs and outputs have the names of a Hugging Face export; its weights beside it where asked."""
    import onnx

    model = onnx.load(str(source))
    for node in model.graph.node:
        for side in (node.input, node.output):
            for i, name in enumerate(side):
                side[i] = names.get(name, name)
    for value in (*model.graph.input, *model.graph.output):
        value.name = names.get(value.name, value.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = {"save_as_external_data": True, "location": target.name + "_data"} if external else {}
    onnx.save_model(model, str(target), **kept)


def graph(target: Path, nodes: list[Any], inputs: dict[str, Any], outputs: dict[str, Any], **weights: Any) -> None:
    """A small graph; inputs and outputs are name -> (type, shape)."""
    from onnx import helper, numpy_helper, save_model

    made = helper.make_graph(
        [helper.make_node(kind, given, made, **more) for kind, given, made, more in nodes],
        "g",
        [helper.make_tensor_value_info(n, t, s) for n, (t, s) in inputs.items()],
        [helper.make_tensor_value_info(n, t, s) for n, (t, s) in outputs.items()],
        [numpy_helper.from_array(np.asarray(v), n) for n, v in weights.items()],
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    save_model(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(target))


def word_tokenizer(path: Path, words: list[str]) -> None:
    """A tokenizer of whole words; id 0 is the padding, 1 any other word."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(["[PAD]", "[UNK]", *words])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))


def text_tower(target: Path, rows: npt.NDArray[np.float32], output: str) -> None:
    """A text graph: the sum of its words' rows."""
    graph(
        target,
        [("Gather", ["table", "input_ids"], ["all"], {}), ("ReduceSum", ["all", "axis"], [output], {"keepdims": 0})],
        {"input_ids": (INT64, ["b", "t"])},
        {output: (FLOAT, ["b", rows.shape[1]])},
        table=rows.astype(np.float32),
        axis=np.array([1], np.int64),
    )


def minilm(folder: Path) -> None:
    """all-MiniLM-L6-v2 as an ONNX export with its weights beside it."""
    spec, files = embedded("text_embedding")
    names = {"ids": "input_ids", "mask": "attention_mask", "vector": "sentence_embedding"}
    renamed(ModelCache().derived(files), folder / "onnx/model.onnx", names, external=True)
    shutil.copy(files.path("tokenizer.json"), folder / "tokenizer.json")
    shutil.copy(files.path("model.safetensors"), folder / "model.safetensors")
    config = {"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12}
    config |= {"intermediate_size": 1536, "vocab_size": 30522, "max_position_embeddings": 512, "pad_token_id": 0}
    write_json(folder / "config.json", config)
    write_json(folder / "1_Pooling/config.json", {"pooling_mode_mean_tokens": True})
    assert spec


def lite0(folder: Path) -> None:
    """EfficientNet-Lite0 as a classifier with id2label and its preparation stated."""
    from vitascope.backends.picture.lite0 import _names

    _, files = embedded("picture")
    renamed(
        ModelCache().derived(files), folder / "onnx/model.onnx", {"picture": "pixel_values", "vector": "pooler_output"}
    )
    write_json(folder / "config.json", {"id2label": {str(i): n for i, n in enumerate(_names(files))}})
    prepared: dict[str, Any] = {"do_center_crop": True, "size": {"shortest_edge": 256}, "crop_size": 224, "resample": 3}
    write_json(
        folder / "preprocessor_config.json", prepared | {"image_mean": [127 / 255] * 3, "image_std": [128 / 255] * 3}
    )


_MEAN_COLOUR = [("ReduceMean", ["pixel_values"], ["mean"], {"axes": [2, 3], "keepdims": 0})]


def colours(folder: Path) -> None:
    """A picture and text model that sees and reads red, green and blue."""
    out = {"image_embeds": (FLOAT, ["b", 3])}
    nodes = [*_MEAN_COLOUR, ("Add", ["mean", "little"], ["image_embeds"], {})]
    graph(
        folder / "onnx/vision_model.onnx",
        nodes,
        {"pixel_values": (FLOAT, ["b", 3, 8, 8])},
        out,
        little=np.float32(1e-3),
    )
    rows = np.concatenate([np.zeros((1, 3)), np.full((1, 3), 0.05), np.eye(3)]).astype(np.float32)
    text_tower(folder / "onnx/text_model.onnx", rows, "text_embeds")
    word_tokenizer(folder / "tokenizer.json", ["red", "green", "blue"])
    write_json(folder / "config.json", {"model_type": "clip", "text_config": {"max_position_embeddings": 16}})
    write_json(folder / "preprocessor_config.json", {"size": {"height": 8, "width": 8}, "do_normalize": False})
    (folder / "colours.txt").write_text("# ours\nred\ngreen\nblue\n")


def redness(folder: Path) -> None:
    """A classifier to which red pictures are unfit."""
    weights = np.array([[0, 20], [0, -10], [0, -10]], np.float32)
    nodes = [*_MEAN_COLOUR, ("MatMul", ["mean", "w"], ["raw"], {}), ("Add", ["raw", "bias"], ["logits"], {})]
    given, out = {"pixel_values": (FLOAT, ["b", 3, 8, 8])}, {"logits": (FLOAT, ["b", 2])}
    graph(folder / "onnx/model.onnx", nodes, given, out, w=weights, bias=np.array([0, -15], np.float32))
    write_json(folder / "config.json", {"id2label": {"0": "normal", "1": "nsfw"}})
    write_json(folder / "preprocessor_config.json", {"size": 8, "do_normalize": False})


def pitches(folder: Path) -> None:
    """A sound and text model that hears and reads low and high."""
    bands = np.zeros((64, 2), np.float32)
    bands[:32, 0] = bands[32:, 1] = 1
    nodes = [
        ("ReduceMax", ["input_features"], ["peak"], {"axes": [0, 1, 2], "keepdims": 0}),
        ("Add", ["peak", "floor"], ["loud"], {}),
        ("Relu", ["loud"], ["heard"], {}),
        ("Unsqueeze", ["heard", "first"], ["row"], {}),
        ("MatMul", ["row", "w"], ["audio_embeds"], {}),
    ]
    given = {"input_features": (FLOAT, [1, 1, "t", 64]), "is_longer": (BOOL, [1, 1])}
    weights = {"w": bands, "floor": np.float32(20), "first": np.array([0], np.int64)}
    graph(folder / "onnx/audio_model.onnx", nodes, given, {"audio_embeds": (FLOAT, [1, 2])}, **weights)
    rows = np.concatenate([np.zeros((1, 2)), np.full((1, 2), 0.01), np.eye(2)]).astype(np.float32)
    text_tower(folder / "onnx/text_model.onnx", rows, "text_embeds")
    word_tokenizer(folder / "tokenizer.json", ["low", "high"])
    write_json(folder / "config.json", {"model_type": "clap", "text_config": {"model_type": "roberta"}})
    write_json(folder / "preprocessor_config.json", {"feature_size": 64, "frequency_min": 50, "frequency_max": 14000})
    (folder / "pitches.txt").write_text("low\nhigh\n")


def pack_of(folder: Path, role: str, adapter: str, files: list[str], more: str = "", name: str = "made") -> str:
    """A pack's table of one role whose files lie in a folder; their hashes are believed at first use."""
    lines = [
        f'[[role]]\nrole = "{role}"\nmodel = "{name}"\nruntime = "onnxruntime"\ntask = "for tests"\nlicence = "MIT"'
    ]
    lines += [f'languages = ["*"]\nadapter = "{adapter}"\nrepository = {{ folder = "{folder}" }}\n{more}']
    for file in files:
        lines.append(
            f'[[role.file]]\nname = "{file}"\nsha256 = "first-use"\nbytes = {max(1, (folder / file).stat().st_size)}'
        )
    return "\n".join(lines)


HEAD = '[pack]\nname = "own"\nversion = "1"\nsummary = "for tests"\n'
