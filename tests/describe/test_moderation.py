"""Unfit texts and pictures: what is found where, on what the weights stand, and that the evaluation is not learnt by heart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks.describe import moderation as bench
from benchmarks.describe import moderation_train as training
from hypothesis import given
from hypothesis import strategies as st
from tests.describe.library import Library, Pack

from vitascope.backends.media import PyAvReader
from vitascope.base.content import ReasonCode, Signal, SignalKind
from vitascope.base.errors import ModelFailed
from vitascope.base.items import ItemDraft
from vitascope.base.moderation import TEXT_REASONS
from vitascope.base.ports.models import ModelInfo, Models
from vitascope.base.time import Span
from vitascope.describe._evidence import Passage
from vitascope.describe._moderation import moderate
from vitascope.describe._unfit import reads, scores, unfit, weights
from vitascope.describe._unfit_words import MASKED, tokens

THREAT = "I know where you live and I will smash your face, you pathetic loser"
WORDS = [w for w in weights("en").words if w.isalpha()][:400]


def said(*lines: str, step: int = 4) -> list[Passage]:
    return [Passage(t, "transcript", Span(start=step * n, end=step * n + step)) for n, t in enumerate(lines)]


def found(passages: list[Passage], least: float = 0.5, language: str | None = "en") -> dict[ReasonCode, str]:
    return {f.reason: f.quote for f in unfit(passages, language, None, least)}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_weights_are_those_of_the_committed_texts(language: str) -> None:
    file = training.DATA / f"unfit_{language}.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["made_from"] == training.made_from(language), "run python -m benchmarks.describe.moderation_train"
    assert told["reasons"] == [r.value for r in TEXT_REASONS]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_evaluation_text_was_trained_on(language: str) -> None:
    def plain(text: str) -> str:
        return "".join(c for c in text.casefold() if c.isalnum())

    learnt = {plain(t.text) for t in training.texts(language)}
    rows = bench.load(language)
    assert not {plain(r["text"]) for r in rows} & learnt
    for reason in TEXT_REASONS:
        for fits in (True, False):
            mine = [r for r in rows if r["reason"] == reason.value and r["unfit"] is fits]
            assert len(mine) >= 30, (reason, fits)
            assert sum(r["split"] == "held-back" for r in mine) >= 12


@pytest.mark.parametrize(("language", "least"), [("zh", 0.7), ("en", 0.55)])
def test_words_alone_find_most_unfit_texts_and_leave_most_others(language: str, least: float) -> None:
    rows = [r for r in bench.load(language) if r["split"] == "held-back"]
    sure = 1 / (1 + np.exp(-scores([r["text"] for r in rows], language, None).max(axis=1)))
    for reason in TEXT_REASONS:
        of = [s >= 0.5 for s, r in zip(sure, rows, strict=True) if r["unfit"] and r["reason"] == reason.value]
        assert np.mean(of) >= least, reason
    assert np.mean([s >= 0.5 for s, r in zip(sure, rows, strict=True) if not r["unfit"]]) <= 0.2


@pytest.mark.slow
def test_recall_of_each_reason_however_it_is_read(models: Models) -> None:
    assert models.text is not None
    rows = [r for r in bench.load("en") if r["split"] == "held-back" and r["unfit"]]
    for reading, read in bench.READINGS.items():
        for reason in TEXT_REASONS:
            mine = [r for r in rows if r["reason"] == reason.value]
            hits = [bench.to_review(read(r["text"], "en", models.text.embed)) for r in mine]
            assert np.mean(hits) >= 0.7, (reading, reason)


def test_a_finding_says_where_and_what() -> None:
    cues = said(
        "Good morning everybody,", "I know where you live and", "I will smash your face, you pathetic loser.", "Bye"
    )
    (one,) = [f for f in unfit(cues, "en", None, 0.5) if f.reason is ReasonCode.HARASSMENT]
    assert one.span is not None
    assert 4 <= float(one.span.start) <= 8
    assert float(one.span.end) == 12
    assert "smash your face" in one.quote
    assert one.source == "transcript"


def test_both_languages_and_no_other() -> None:
    assert ReasonCode.HARASSMENT in found([Passage(THREAT, "title")])
    assert ReasonCode.DRUGS in found([Passage("现货出售冰毒和大麻，加微信，包邮", "title")], language="zh")
    assert found([Passage("Ich weiß, wo du wohnst und werde dich finden", "title")], language="de") == {}
    assert reads("Я знаю, где ты живёшь", None) is None
    assert reads("You", "en") is None


def test_hidden_words_are_read() -> None:
    assert tokens("p0rn s3x f**k b1tch") == ["porn", "sex", MASKED, "bitch"]
    assert tokens("2024 1st 42") == ["2024", "1st", "42"] or "2024" in tokens("2024 1st 42")


def test_a_long_text_must_be_surer() -> None:
    many = ["We looked at the river and then we went home to cook"] * 300

    def best(lines: list[str]) -> float:
        scored = [f.score for f in unfit(said(*lines), "en", None, 0.01) if f.reason is ReasonCode.HARASSMENT]
        return max(scored, default=0.0)

    assert best([THREAT]) > best([*many, THREAT]) > 0.01


def test_a_silent_text_model_leaves_words_to_speak() -> None:
    def silent(texts: object) -> np.ndarray:
        raise ModelFailed("gone")

    assert np.array_equal(scores([THREAT], "en", silent), scores([THREAT], "en", None))


def test_that_it_fell_silent_is_a_gap_and_the_item_is_described_again(tmp_path: Path) -> None:
    class Text:
        info = ModelInfo(id="text", sha256="t", licence="none", languages=("en",))
        speaks = False

        def embed(self, texts: Sequence[str]) -> np.ndarray:
            if not self.speaks and THREAT in texts:  # the item's own text, of title and description, went well
                raise ModelFailed("the text model's server is gone")
            return np.ones((len(texts), 384), np.float32) / np.float32(384**0.5)

    text = Text()
    library = Library(tmp_path, PyAvReader(tmp_path / "cache"))
    library.stores.items.put([ItemDraft(item_id="a", title=THREAT, description="A quiet walk along the river.")])
    assert library.describer(Pack(None, text=text)).run().described == 1
    first = library.description("a")
    assert [g for g in first.gaps if "unfit" in g] == [
        "unfit texts are found by words alone: the text model's server is gone"
    ]
    assert any(f.reason is ReasonCode.HARASSMENT for f in first.moderation.findings)
    text.speaks = True
    assert library.describer(Pack(None, text=text)).run().described == 1
    assert not any("unfit" in g for g in library.description("a").gaps)
    library.stores.close()


@given(st.lists(st.sampled_from(WORDS), max_size=30), st.sampled_from(["", "!", " ...", "\n"]))
def test_case_and_punctuation_change_nothing(words: list[str], end: str) -> None:
    text = " ".join(words)
    assert np.allclose(weights("en").by_words(text), weights("en").by_words(text.upper() + end))


def test_what_the_owner_lists_and_what_a_source_says() -> None:
    item = bench.item(title="A quiet walk", extra=(("explicit", "yes"),))
    config = bench.ModerationConfig(words=("quiet walk",))
    reasons = {f.reason for f in moderate(item, [Passage("A quiet walk", "title")], [], config).findings}
    assert reasons == {ReasonCode.LISTED, ReasonCode.EXPLICIT}
    off = bench.ModerationConfig(words=("quiet walk",), text=False)
    assert moderate(item, [Passage("A quiet walk", "title")], [], off).findings == ()


def test_unfit_pictures_score_as_the_bare_model_scores(models: Models) -> None:
    """Fixed pictures of the size at which preparing them is no more than cutting out the middle."""
    import onnxruntime

    from vitascope.backends.models import ModelCache, load_pack

    rng = np.random.default_rng(7)
    pictures = [
        rng.integers(0, 256, (256, 256, 3), dtype=np.uint8),
        np.full((256, 256, 3), (224, 172, 140), np.uint8),
        np.linspace(0, 255, 256 * 256 * 3).reshape(256, 256, 3).astype(np.uint8),
    ]
    role = load_pack("embedded").role("unsafe_picture")
    assert role is not None
    assert models.unsafe is not None
    session = onnxruntime.InferenceSession(
        str(ModelCache().files(role).path("model.onnx")), providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    bare = []
    for picture in pictures:
        pixels = picture[16:240, 16:240, ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32)
        (out,) = session.run(None, {name: np.ascontiguousarray(pixels[None])})
        bare.append(float(np.asarray(out).reshape(-1)[1]))
    assert models.unsafe.unsafe(pictures) == pytest.approx(bare, abs=1e-5)
    told = [
        Signal(kind=SignalKind.UNSAFE, value="picture", score=s, span=Span(start=i, end=i)) for i, s in enumerate(bare)
    ]
    kept = moderate(bench.item(), [], told, bench.ModerationConfig(least=0.0)).findings
    assert sorted(f.score for f in kept) == pytest.approx(sorted(bare), abs=1e-4)


def test_other_weights_are_another_version() -> None:
    from vitascope.describe import _unfit

    assert _unfit.version().startswith("unfit/1:")
    assert len(_unfit.version()) == len("unfit/1:") + 12
