"""Models in Hugging Face layout through the same ports: contract suites, equality with the built-in adapters, hostile folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.backends.models import layouts
from tests.contracts import models_ports as contracts

from vitascope.backends.models import ModelCache, ModelsConfig, load_pack
from vitascope.backends.roles import PackModels, open_models
from vitascope.base.errors import ChecksumRefused, ConfigError, ModelCorrupt, SourceUnavailable
from vitascope.base.ports import models as ports

RED, GREEN, BLUE = (np.full((40, 90, 3), c, np.uint8) for c in ((250, 9, 9), (9, 250, 9), (9, 9, 250)))


def tone(hertz: float, seconds: float = 3.0) -> ports.Pcm:
    return (9_000 * np.sin(2 * np.pi * hertz * np.arange(int(16_000 * seconds)) / 16_000)).astype(np.int16)


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layouts")
    for make in (layouts.minilm, layouts.colours, layouts.redness, layouts.pitches):
        make(folder / make.__name__)
    graphs = ["onnx/vision_model.onnx", "onnx/text_model.onnx"]
    described = ["config.json", "preprocessor_config.json"]
    words = ["onnx/model.onnx", "onnx/model.onnx_data", "config.json", "tokenizer.json", "1_Pooling/config.json"]
    tables = [
        layouts.pack_of(folder / "minilm", "text_embedding", "hf-text", words, "options = { dimensions = 384 }"),
        layouts.pack_of(
            folder / "colours",
            "picture",
            "hf-picture-text",
            [*graphs, *described, "tokenizer.json", "colours.txt"],
            'options = { labels = "colours.txt", template = "{}", dimensions = 3 }',
        ),
        layouts.pack_of(folder / "redness", "unsafe_picture", "hf-classifier", ["onnx/model.onnx", *described]),
        layouts.pack_of(
            folder / "pitches",
            "sound",
            "hf-clap",
            ["onnx/audio_model.onnx", "onnx/text_model.onnx", *described, "tokenizer.json", "pitches.txt"],
            'options = { labels = "pitches.txt", template = "{}" }',
        ),
    ]
    (folder / "own.toml").write_text(layouts.HEAD + "\n".join(tables))
    return folder


def opened(pack: Path) -> PackModels:
    """The pack, pulled into a cache of its own."""
    cache = ModelCache(pack.parent / "cache", folders=(), offline=True)
    cache.pull(load_pack(str(pack)))
    return PackModels(ModelsConfig(pack=str(pack), threads=2, offline=True), cache)


@pytest.fixture(scope="module")
def models(laid_out: Path) -> PackModels:
    return opened(laid_out / "own.toml")


class TestHfText(contracts.TextEmbedderContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.TextEmbedder | None:
        return models.text

    def test_is_the_built_in_one(self, model: ports.TextEmbedder) -> None:
        same = open_models(ModelsConfig(threads=2)).text
        assert same is not None
        texts = ["A rocket flies to the moon.", "Onion soup with bread. " * 90]
        assert model.embed(texts) == pytest.approx(same.embed(texts), abs=1e-4)


class TestHfPictures(contracts.PictureModelContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.PictureModel | None:
        return models.picture

    def test_texts_find_pictures(self, model: ports.PictureModel) -> None:
        assert isinstance(model, ports.PictureTextModel)
        seen, vectors = model.look([RED, GREEN, BLUE])
        assert [s.labels[0].label for s in seen] == ["red", "green", "blue"]
        asked = model.embed_texts(["a blue thing", "", "green"])
        assert [int(i) for i in (asked @ vectors.T).argmax(axis=1)][::2] == [2, 1]
        assert not asked[1].any()


@pytest.mark.slow
class TestHfClassifier(contracts.PictureModelContract):
    @pytest.fixture(scope="class")
    def model(self, tmp_path_factory: pytest.TempPathFactory) -> ports.PictureModel | None:
        folder = tmp_path_factory.mktemp("lite0")
        layouts.lite0(folder)
        files = ["onnx/model.onnx", "config.json", "preprocessor_config.json"]
        (folder / "own.toml").write_text(layouts.HEAD + layouts.pack_of(folder, "picture", "hf-classifier", files))
        return opened(folder / "own.toml").picture

    def test_is_the_built_in_one(self, model: ports.PictureModel) -> None:
        same = open_models(ModelsConfig(threads=2)).picture
        assert same is not None
        picture = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
        (ours,), vector = model.look([picture])
        (theirs,), wanted = same.look([picture])
        assert vector[0] == pytest.approx(wanted[0], abs=1e-4)
        assert ours.labels[0].label == theirs.labels[0].label
        assert ours.labels[0].score == pytest.approx(theirs.labels[0].score, abs=1e-4)


class TestHfUnsafe(contracts.UnsafePictureContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.UnsafePictureModel | None:
        return models.unsafe

    def test_its_label_counts(self, model: ports.UnsafePictureModel) -> None:
        red, blue = model.unsafe([RED, BLUE])
        assert red > 0.9 > 0.1 > blue


class TestClap(contracts.SoundModelContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.SoundModel | None:
        return models.sound

    def test_names_pitches(self, model: ports.SoundModel) -> None:
        heard, vectors = model.hear([tone(200), tone(7_000), tone(200, 23)])
        assert [h.labels[0].label for h in heard] == ["low", "high", "low"]
        assert (vectors @ model.embed_texts(["high"])[0]).argmax() == 1


def test_gaps_name_what_the_pack_lacks(models: PackModels) -> None:
    said = " ".join(models.gaps())
    for role in ("speech", "language_model", "vision", "screen_text", "voice_activity"):
        assert role in said
    assert "text_embedding" not in said
    assert models.speech is None


def test_a_first_use_file_that_changed_is_refused(laid_out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    layouts.redness(folder)
    pack = tmp_path / "own.toml"
    files = ["onnx/model.onnx", "config.json", "preprocessor_config.json"]
    pack.write_text(layouts.HEAD + layouts.pack_of(folder, "unsafe_picture", "hf-classifier", files))
    cache = ModelCache(tmp_path / "cache", folders=(), offline=True)
    cache.pull(load_pack(str(pack)))
    (folder / "config.json").write_text(json.dumps({"id2label": {"0": "nsfw", "1": "normal"}}))
    cache.remove(load_pack(str(pack)))
    with pytest.raises((ChecksumRefused, SourceUnavailable), match=r"SHA-256|refused"):
        cache.pull(load_pack(str(pack)))


def test_a_file_far_larger_than_stated_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    layouts.redness(folder)
    pack = tmp_path / "own.toml"
    text = layouts.pack_of(folder, "unsafe_picture", "hf-classifier", ["onnx/model.onnx"])
    pack.write_text(layouts.HEAD + text)
    with (folder / "onnx/model.onnx").open("ab") as out:
        out.truncate(64 << 20)  # a hole, not 64 MB of disk
    with pytest.raises((ChecksumRefused, SourceUnavailable), match="stated"):
        ModelCache(tmp_path / "cache", folders=(), offline=True).pull(load_pack(str(pack)))


def test_a_mirror_of_the_hub_is_found_by_repository_and_revision(tmp_path: Path) -> None:
    mirror = tmp_path / "hub/models--some--classifier/snapshots/abc123"
    layouts.redness(mirror)
    (mirror.parents[1] / "refs").mkdir()
    (mirror.parents[1] / "refs/main").write_text("abc123")
    pack = tmp_path / "own.toml"
    files = ["onnx/model.onnx", "config.json", "preprocessor_config.json"]
    text = layouts.pack_of(mirror, "unsafe_picture", "hf-classifier", files)
    text = text.replace(f'{{ folder = "{mirror}" }}', '{ huggingface = "some/classifier", revision = "main" }')
    pack.write_text(layouts.HEAD + text)
    cache = ModelCache(tmp_path / "cache", folders=(tmp_path / "hub",), offline=True)
    cache.pull(load_pack(str(pack)))
    models = PackModels(ModelsConfig(pack=str(pack)), cache)
    assert models.unsafe is not None
    assert models.unsafe.unsafe([RED])[0] > 0.9
    assert len(models.unsafe.info.sha256) == 64


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("config.json", "[" * 100_000, "config.json"),
        ("config.json", "{}", "labels"),
        ("config.json", json.dumps({"id2label": {"0": "a", "1": "b"}}), "unfit"),
        ("preprocessor_config.json", json.dumps({"size": 1e9}), "outside"),
        ("preprocessor_config.json", json.dumps({"size": 8, "image_std": [0, 1, 1]}), "zero"),
        ("preprocessor_config.json", json.dumps({"size": {"height": "8"}}), "number"),
    ],
)
def test_hostile_settings_are_refused_by_name(tmp_path: Path, file: str, content: str, told: str) -> None:
    folder = tmp_path / "model"
    layouts.redness(folder)
    (folder / file).write_text(content)
    pack = tmp_path / "own.toml"
    files = ["onnx/model.onnx", "config.json", "preprocessor_config.json"]
    pack.write_text(layouts.HEAD + layouts.pack_of(folder, "unsafe_picture", "hf-classifier", files))
    model = opened(pack).unsafe
    assert model is not None
    with pytest.raises(ModelCorrupt, match=told):
        model.unsafe([RED])


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../b", "a//b", ".hidden/x", "a/b/c/d/e"])
def test_a_path_that_leads_out_is_no_file_of_a_pack(path: str, tmp_path: Path) -> None:
    pack = tmp_path / "own.toml"
    layouts.redness(tmp_path / "model")
    text = layouts.pack_of(tmp_path / "model", "unsafe_picture", "hf-classifier", ["config.json"])
    pack.write_text(layouts.HEAD + text.replace('name = "config.json"', f'name = "{path}"'))
    with pytest.raises(ConfigError, match="plain"):
        load_pack(str(pack))


def test_an_adapter_that_does_not_fit_its_role_is_named(tmp_path: Path) -> None:
    pack = tmp_path / "own.toml"
    layouts.redness(tmp_path / "model")
    pack.write_text(layouts.HEAD + layouts.pack_of(tmp_path / "model", "picture", "hf-clap", ["config.json"]))
    with pytest.raises(ConfigError, match="hf-clap"):
        _ = PackModels(ModelsConfig(pack=str(pack)), ModelCache(tmp_path, folders=(), offline=True)).picture


@pytest.mark.slow
def test_centred_vectors_keep_unlike_texts_near_zero(laid_out: Path, tmp_path: Path) -> None:
    """A model whose vectors all point one way, as E5's do: here MiniLM's with a common part put in."""
    import numpy.typing as npt

    from vitascope.backends.text import hf

    common: npt.NDArray[np.float32] = np.zeros(384, np.float32)
    common[0] = 3.0
    files = ["onnx/model.onnx", "onnx/model.onnx_data", "config.json", "tokenizer.json"]
    found = {}
    for centre in ("false", "true"):
        more = f"options = {{ dimensions = 384, centre = {centre} }}"
        (tmp_path / f"{centre}.toml").write_text(
            layouts.HEAD + layouts.pack_of(laid_out / "minilm", "text_embedding", "hf-text", files, more)
        )
        model = opened(tmp_path / f"{centre}.toml").text
        assert model is not None
        run = hf._run
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hf, "_run", lambda m, w, r, run=run: hf.unit(run(m, w, r) + common))
            found[centre] = model.embed(["how to cook soup", "a recipe for bread", "a rocket is launched", ""])
    (soup, bread, rocket, empty), (plain, _, far, _) = found["true"], found["false"]
    assert plain @ far > 0.85
    assert abs(soup @ rocket) < 0.25
    assert soup @ bread > abs(soup @ rocket) + 0.1
    assert not empty.any()


@pytest.mark.slow
def test_weights_alone_are_made_a_graph(laid_out: Path, tmp_path: Path) -> None:
    """model.safetensors with its config.json, through the recipe."""
    files = ["model.safetensors", "config.json", "tokenizer.json"]
    text = layouts.pack_of(laid_out / "minilm", "text_embedding", "hf-text", files, 'derive = "encoder-onnx/1"')
    (tmp_path / "own.toml").write_text(layouts.HEAD + text)
    made, same = opened(tmp_path / "own.toml").text, open_models(ModelsConfig(threads=2)).text
    assert made is not None
    assert same is not None
    texts = ["A rocket flies to the moon.", "Onion soup with bread. " * 90]
    assert made.embed(texts) == pytest.approx(same.embed(texts), abs=1e-4)
