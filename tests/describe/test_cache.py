"""Every signal is made once: same streams, model, options and code, in whatever container and whatever library."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.describe.library import Library, Pack

from vitascope.backends.llm import MeteredLanguageModel
from vitascope.backends.llm._chat import Said
from vitascope.backends.media import PyAvReader
from vitascope.backends.models import BudgetConfig
from vitascope.backends.signals import SignalFolder
from vitascope.base.content import Extraction, ScreenText, TranscriptLine
from vitascope.base.media import Decoded, FrameRef, Probe, ReadingRef, Stream, StreamKind
from vitascope.base.ports.accounts import Part, Use
from vitascope.base.ports.media import Limits
from vitascope.base.ports.models import LookResult, ModelInfo, PictureLabel, Speech
from vitascope.base.records import AssetKey
from vitascope.base.time import Span, media_time
from vitascope.describe import DescribeConfig, Describer
from vitascope.describe.extractors import BUILT_IN

NAMES = [e.name for e in BUILT_IN]
WHOLE = Span(start=media_time(0), end=media_time(2))
TITLE = "How the old bell in the tower of the harbour town was cast, hung and rung by hand for three hundred years, told again"


class Role:
    """Stands for every model; says the same each time, and counts."""

    def __init__(self, name: str, **more: Any) -> None:
        self.info = ModelInfo(id=name, sha256=name, licence="none", languages=("en",), **more)
        self.asked = 0

    def probabilities(self, pcm: Any) -> Any:
        self.asked += 1
        return np.full(-(-len(pcm) // 512), 0.9, np.float32), 0.032

    def listen(self, pcm: Any, speech: Any, language: Any) -> Speech:
        self.asked += 1
        line = TranscriptLine(span=WHOLE, text="The bell was rung by hand.", confidence=0.9)
        return Speech(language="en", language_score=0.9, lines=(line,))

    def look(self, pictures: Any, top: int = 5) -> Any:
        self.asked += 1
        found = [LookResult(labels=(PictureLabel(label="bell", score=0.9),)) for _ in pictures]
        return found, np.eye(len(pictures), 8, dtype=np.float32)

    def unsafe(self, pictures: Any) -> Any:
        self.asked += 1
        return np.full(len(pictures), 0.01, np.float32)

    def hear(self, clips: Any, top: int = 5) -> Any:
        return self.look(clips)

    def see(self, system: str, prompt: str, pictures: Any, schema: Any, **_: Any) -> Any:
        self.asked += 1
        return {"shown": "A bell hangs in a tower.", "things": ["Bell tower"]}

    def read(self, picture: Any, span: Span) -> Any:
        self.asked += 1
        return (ScreenText(span=span, text="HARBOUR BELL", score=0.95),)

    def say(self, system: str, prompt: str, *_: Any) -> Said:
        self.asked += 1
        return Said("The old bell in the tower was rung by hand for three hundred years.", 90, 15)

    def close(self) -> None:
        """Nothing."""


class Reader:
    """Gives the decode of a small film made here, under any name and container."""

    def __init__(self, folder: Path, content: str = "c" * 64) -> None:
        from PIL import Image

        draw = np.random.default_rng(0)  # noise that swells: neither a tone nor a test card
        sound = draw.normal(0, 6_000, 32_000) * (1 + np.sin(np.arange(32_000) / 900)) / 2
        (folder / "audio.pcm").write_bytes(sound.astype("<i2").tobytes())
        picture = Image.fromarray(draw.integers(0, 256, (48, 64, 3), dtype=np.uint8))
        picture.save(folder / "a.jpg")
        sizes = {"path": folder / "a.jpg", "width": 64, "height": 48, "shot": 0}
        streams = (
            Stream(index=0, kind=StreamKind.VIDEO, codec="h264"),
            Stream(index=1, kind=StreamKind.AUDIO, codec="aac"),
        )
        self.content, self.folder, self.streams, self.sizes = content, folder, streams, sizes

    def probe(self, path: Path, limits: Limits) -> Probe:
        tags = (("title", path.name),)
        return Probe(container=path.suffix, duration=WHOLE.end, streams=self.streams, tags=tags, content=self.content)

    def decode(self, path: Path, sha256: str, limits: Limits) -> Decoded:
        moment = media_time(1)
        return Decoded(
            sha256=sha256,
            probe=self.probe(path, limits),
            duration=WHOLE.end,
            audio=self.folder / "audio.pcm",
            audible=2.0,
            frames=(FrameRef(time=moment, **self.sizes),),
            readings=(ReadingRef(time=moment, since=moment, until=moment, **self.sizes),),
            shots=(WHOLE,),
        )

    def close(self) -> None:
        """Nothing."""


class Shelf:
    """One library with fake models, a shared cache and accounts."""

    def __init__(self, folder: Path, reader: Reader, shared: SignalFolder, **roles: Any) -> None:
        folder.mkdir()
        self.library = Library(folder, reader)
        self.stores = self.library.stores
        names = ("voice_activity", "speech", "picture", "unsafe", "screen", "language", "sound", "vision")
        made = {n: Role(n) for n in names} | roles
        self.roles, self.shared, self.reader = made, shared, reader

    def describe(self, name: str, config: dict[str, Any] | None = None, **more: Any) -> None:
        """Take a file of that name in and describe what is pending."""
        path = self.reader.folder / name
        if not path.exists():
            path.write_bytes(name.encode())
            self.library.add(path, title=more.pop("title", TITLE))
        s = self.stores
        language = MeteredLanguageModel(self.roles["language"], s.accounts, BudgetConfig(**more.pop("budget", {})))
        describer = Describer(
            s.items,
            s.descriptions,
            s.duplicates,
            self.reader,
            Pack(None, **self.roles | {"language": language}),
            DescribeConfig(**config or {}),
            self.library.clock,
            shared=self.shared,
            accounts=s.accounts,
            **more,
        )
        assert describer.run().failed == 0

    def made(self) -> dict[str, tuple[int, int]]:
        """(made, taken from a cache) of each signal so far."""
        return {u.name: (u.made, u.kept) for u in self.stores.accounts.sums() if u.part is not Part.DECODE}


@pytest.fixture
def shared(tmp_path: Path) -> SignalFolder:
    return SignalFolder(tmp_path / "shared", 1 << 20, "code")


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shelf, Shelf]]:
    """One film described in one library, then under another name and container in another one."""
    folder = tmp_path_factory.mktemp("twice")
    shared = SignalFolder(folder / "shared", 1 << 20, "code")
    reader = Reader(folder)
    first, second = Shelf(folder / "a", reader, shared), Shelf(folder / "b", reader, shared)
    first.describe("film.mp4")
    second.describe("retagged.mkv")
    yield first, second
    first.stores.close()
    second.stores.close()


@pytest.mark.parametrize("name", [*NAMES, "summary"])
def test_a_signal_is_made_once_in_all_libraries(name: str, twice: tuple[Shelf, Shelf]) -> None:
    first, second = twice
    assert first.made()[name] == (1, 0)
    assert second.made()[name] == (0, 1)


def test_what_is_taken_from_another_library_says_the_same(twice: tuple[Shelf, Shelf]) -> None:
    one, other = (s.library.description(n) for s, n in zip(twice, ("film.mp4", "retagged.mkv"), strict=True))
    same = {"item", "fingerprint", "described_at", "features"}
    assert one.model_dump(exclude=same) == other.model_dump(exclude=same)
    assert one.transcript
    assert one.screen_text
    assert one.scenes
    assert tuple(sorted({s.label for s in one.scenes})) == ("bell", "bell tower")
    assert [s.label for s in one.sounds].count("bell") == 1
    assert all(role.asked == 0 for role in twice[1].roles.values())


@pytest.mark.parametrize(
    ("config", "again"),
    [
        ({"pictures": 7}, {"shots", "pictures", "unsafe"}),
        ({"speech_threshold": 0.2}, {"voice"}),
        ({"stretch_seconds": 5}, {"audio_kind", "sound"}),
        ({"noise_below_db": 3}, {"transcript"}),
        ({"screen_belief": 0.5}, {"screen_text"}),
        ({"label_belief": 0.2}, {"pictures"}),
        ({"sound_belief": 0.95}, {"named_sounds"}),
        ({"seen_pictures": 7}, {"seen"}),
        ({"summary_tokens": 40}, {"summary"}),
        ({"keywords": 5}, set()),
    ],
)
def test_another_option_makes_anew_what_it_changes(
    config: dict[str, Any], again: set[str], twice: tuple[Shelf, Shelf], tmp_path: Path
) -> None:
    third = Shelf(tmp_path / "c", twice[0].reader, twice[0].shared)
    third.describe(f"{tmp_path.name}.mp4", config)
    assert {n for n, (made, _) in third.made().items() if made} == again
    third.stores.close()


@pytest.mark.parametrize(
    ("role", "again"),
    [
        ("voice_activity", {"voice", "audio_kind", "transcript"}),
        ("speech", {"transcript"}),
        ("picture", {"pictures"}),
        ("unsafe", {"unsafe"}),
        ("screen", {"screen_text"}),
        ("language", {"summary"}),
        ("sound", {"named_sounds"}),
        ("vision", {"seen"}),
    ],
)
def test_another_model_makes_anew_what_it_said(
    role: str, again: set[str], twice: tuple[Shelf, Shelf], tmp_path: Path
) -> None:
    third = Shelf(tmp_path / "c", twice[0].reader, twice[0].shared, **{role: Role("another")})
    third.describe(f"{tmp_path.name}.mp4")
    assert {n for n, (made, _) in third.made().items() if made} == again
    third.stores.close()


def test_other_bounds_streams_or_settings_of_a_model_are_something_else(
    twice: tuple[Shelf, Shelf], tmp_path: Path
) -> None:
    one, other = tmp_path / "1", tmp_path / "2"
    one.mkdir()
    other.mkdir()
    third = Shelf(tmp_path / "c", Reader(one, "d" * 64), twice[0].shared)
    third.describe("film.mp4")
    assert {n for n, (made, _) in third.made().items() if made} == set(NAMES), "other streams; the texts are the same"
    fourth = Shelf(tmp_path / "d", Reader(other), twice[0].shared)
    fourth.describe("film.mp4", limits=Limits(frames=3))
    assert {n for n, (made, _) in fourth.made().items() if made} == set(NAMES)
    narrow = Role("speech", options=(("languages", "en fr"),))
    fifth = Shelf(tmp_path / "e", twice[0].reader, twice[0].shared, speech=narrow)
    fifth.describe(f"{tmp_path.name}.mp4")
    assert {n for n, (made, _) in fifth.made().items() if made} == {"transcript"}
    for shelf in (third, fourth, fifth):
        shelf.stores.close()


def test_the_budget_gone_a_plainer_form_speaks_and_says_so(tmp_path: Path, shared: SignalFolder) -> None:
    shelf = Shelf(tmp_path / "a", Reader(tmp_path), shared)
    shelf.describe("one.mp4", budget={"day_tokens": 100})
    assert shelf.library.description("one.mp4").summary.startswith("The old bell")
    shelf.describe("two.mp4", {"summary_tokens": 40}, budget={"day_tokens": 100})
    second = shelf.library.description("two.mp4")
    record = next(p for p in second.provenance if p.extractor.startswith("summary/"))
    assert ("way", "extracted") in record.options
    assert "the day's 100 tokens for language models are used" in (record.note or "")
    assert second.summary
    assert shelf.roles["language"].asked == 1
    shelf.describe("two.mp4", {"summary_tokens": 40}, budget={"day_tokens": 100})
    assert shelf.library.description("two.mp4") == second, "while it is gone nothing is done again"
    shelf.describe("two.mp4", {"summary_tokens": 40}, budget={"day_tokens": 1_000})
    assert shelf.library.description("two.mp4").summary.startswith("The old bell"), "described again once there is some"
    shelf.describe("three.mp4", {"summary_tokens": 41}, budget={"item_tokens": 1})
    third = shelf.library.description("three.mp4")
    shelf.stores.close()
    assert third.gaps == () or not any("tokens" in g for g in third.gaps)


def test_what_a_model_says_of_pictures_is_no_text_to_sum_up(tmp_path: Path, shared: SignalFolder) -> None:
    class Wordy(Role):
        def see(self, *_: Any, **__: Any) -> Any:
            return {"shown": "A bell " + "that hangs in a tower " * 9, "things": []}

    shelf = Shelf(tmp_path / "a", Reader(tmp_path), shared, vision=Wordy("vision"))
    shelf.describe("film.mp4", {"off": ("transcript", "screen_text")}, title="The bell")
    found = shelf.library.description("film.mp4")
    shelf.stores.close()
    assert shelf.roles["language"].asked == 0
    assert "too little text" in next(p.note or "" for p in found.provenance if p.extractor.startswith("summary/"))
    assert not any("tower" in e.quote for c in found.summary_claims for e in c.evidence)


class TestFolder:
    def extraction(self, number: int, size: int = 50) -> Extraction:
        noise = np.random.default_rng(number).bytes(size).hex()
        return Extraction(key=f"{number:064x}", asset=AssetKey(9), provenance=(), signals=(), vector=noise)

    def test_keeps_what_was_put(self, shared: SignalFolder) -> None:
        made = self.extraction(1)
        shared.put(made)
        assert shared.get(made.key) == made.model_copy(update={"asset": AssetKey(0)})
        assert shared.get("f" * 64) is None
        with pytest.raises(ValueError, match="key"):
            shared.get("../../etc/passwd")

    def test_other_code_finds_nothing(self, shared: SignalFolder, tmp_path: Path) -> None:
        shared.put(self.extraction(1))
        assert SignalFolder(tmp_path / "shared", 1 << 20, "newer").get(f"{1:064x}") is None
        real = SignalFolder(tmp_path / "shared", 1 << 20)
        assert real.get(f"{1:064x}") is None

    @pytest.mark.parametrize("damage", [b"", b"\x00" * 40, None])
    def test_what_is_damaged_is_thrown_away(self, shared: SignalFolder, damage: bytes | None) -> None:
        made = self.extraction(1)
        shared.put(made)
        file = shared._path(made.key)
        file.write_bytes(file.read_bytes()[:-8] if damage is None else damage)
        assert shared.get(made.key) is None
        assert not file.exists()
        shared.put(made)
        assert shared.get(made.key) is not None

    def test_is_bounded_and_lets_the_longest_unused_go_first(self, tmp_path: Path) -> None:
        shared = SignalFolder(tmp_path / "s", 5_000, "code")
        for number in range(10):
            shared.put(self.extraction(number, 500))
            file = shared._path(f"{number:064x}")
            os.utime(file, (1_000 + number, 1_000 + number))
        assert shared.get(f"{0:064x}") is not None, "used again, so it goes last"
        before = shared.size()
        assert before > 5_000
        assert shared.trim(dry_run=True) == before - shared.size() + shared.trim(dry_run=True) > 0
        freed = shared.trim()
        assert shared.size() == before - freed <= 5_000
        kept = [n for n in range(10) if shared.get(f"{n:064x}") is not None]
        assert kept[0] == 0
        assert kept[1:] == list(range(10 - len(kept) + 1, 10))
        shared.put(self.extraction(77, 9_000))
        assert shared.get(f"{77:064x}") is None, "what is larger than all of it is not kept"

    def test_a_folder_that_cannot_be_written_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no folder")
        shared = SignalFolder(tmp_path / "file", 1 << 20, "code")
        shared.put(self.extraction(1))
        assert shared.get(f"{1:064x}") is None
        assert (shared.size(), shared.trim()) == (0, 0)


def test_a_new_container_and_new_tags_are_the_same_content(tmp_path: Path) -> None:
    import av

    sound = tmp_path / "a.wav"
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((3000 * np.sin(np.arange(16_000) / 9)).astype("<i2").tobytes())
    other = tmp_path / "b.mkv"
    with av.open(str(sound)) as source, av.open(str(other), "w") as target:
        target.metadata["title"] = "another"
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    louder = tmp_path / "c.wav"
    louder.write_bytes(sound.read_bytes()[:-2] + b"\x01\x00")
    reader = PyAvReader(tmp_path / "cache")
    found = [reader.decode(p, f"{n:064x}", Limits()).probe.content for n, p in enumerate((sound, other, louder))]
    reader.close()
    assert found[0] == found[1] != found[2]
    assert all(len(c) == 64 for c in found)


def test_gc_clears_the_shared_cache_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vitascope.assemble import open_system

    settings = {"signals": {"shared": True, "folder": str(tmp_path / "s"), "bytes": 2_000}}
    system = open_system(tmp_path / "home", settings=settings)
    assert system.rooms.signals is not None
    for number in range(8):
        system.rooms.signals.put(TestFolder().extraction(number, 300))
    over = system.rooms.signals.size()
    assert over > 2_000
    assert system.gc(dry_run=True)["signals"] > 0
    assert system.rooms.signals.size() == over
    assert system.gc()["signals"] == over - system.rooms.signals.size()
    assert "signals" not in system.gc()
    report = system.cost()
    assert report.shared_bytes == system.rooms.signals.size() > 0
    system.close()


def test_accounts_say_what_was_spared(twice: tuple[Shelf, Shelf]) -> None:
    rows: tuple[Use, ...] = twice[1].stores.accounts.sums()
    assert {u.kept for u in rows} == {1}
    assert sum(u.seconds for u in rows) == 0
    assert sum(u.media for u in twice[0].stores.accounts.sums()) == pytest.approx(2.0 * len(NAMES))
