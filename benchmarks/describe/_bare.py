"""The bare runs that a whole description is measured against: one decode, and each model on the inputs it was given.

Takes what `_whole` noted (per file: spans that were listened to, texts that were embedded, prompts that were asked) and the
decoded bundles of that home; gives seconds and counts by part. Every part is loaded, used and timed by itself, one after another,
inputs being prepared outside of the clock. Nothing of the product but its thin adapters is used: the sound goes to the Whisper
library as it is, the pictures come from PyAV.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from vitascope.backends.media import PyAvReader
from vitascope.backends.models import ModelCache, ModelsConfig, load_pack
from vitascope.backends.roles import open_models
from vitascope.backends.runtimes import LlamaServer
from vitascope.backends.speech._windows import RATE, windows
from vitascope.base.media import Asset, Decoded
from vitascope.base.ports.media import Limits
from vitascope.base.records import AssetKey, ItemKey
from vitascope.base.time import Span
from vitascope.describe import DescribeConfig
from vitascope.describe.extractors import Work
from vitascope.describe.extractors._screen_text import OnScreen
from vitascope.describe.extractors._work import read_picture


def cpu() -> float:
    """CPU seconds of this process and of the children it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


class Parts:
    """Seconds by part."""

    def __init__(self) -> None:
        self.seconds: dict[str, dict[str, float]] = {}

    @contextmanager
    def timed(self, part: str) -> Iterator[dict[str, float]]:
        """Add what happens inside to a part."""
        row = self.seconds.setdefault(part, {"wall": 0.0, "cpu": 0.0})
        wall, used = time.monotonic(), cpu()
        yield row
        row["wall"] += time.monotonic() - wall
        row["cpu"] += cpu() - used


def decode(path: Path, times: frozenset[float]) -> tuple[int, int]:
    """Every frame of the first picture and sound stream, the sound to 16 kHz mono, the pictures at `times` to RGB."""
    import av
    from av.audio.resampler import AudioResampler

    pictures = samples = 0
    with av.open(str(path), metadata_errors="replace") as container:
        video = next(
            (s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic), None
        )
        audio = next(iter(container.streams.audio), None)
        if video is not None:
            video.thread_type, video.codec_context.thread_count = "AUTO", 2
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        for packet in container.demux([s for s in (video, audio) if s is not None]):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                if packet.stream is audio:
                    samples += sum(f.to_ndarray().size for f in resampler.resample(frame))
                elif frame.time is not None and round(frame.time, 2) in times:
                    frame.to_ndarray(format="rgb24")
                    pictures += 1
    return pictures, samples


def whisper(folder: Path, threads: int, sounds: list[np.ndarray]) -> int:
    """The library's own transcription of each window, language told by itself; answers the tokens."""
    from faster_whisper import WhisperModel

    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    tokens = 0
    for sound in sounds:
        parts, _ = model.transcribe(
            sound,
            beam_size=5,
            temperature=0.0,
            word_timestamps=True,
            condition_on_previous_text=False,
            no_speech_threshold=None,
            max_new_tokens=min(400, int(8 + 12 * len(sound) / RATE)),
        )
        tokens += sum(len(p.tokens) for p in parts)
    return tokens


def ask(model: Path, threads: int, prompts: list[dict[str, Any]]) -> dict[str, int]:
    """The language model's own endpoint with the same prompts; every answer as long as the one it gave before."""
    import httpx

    server = LlamaServer(model, threads=threads)
    told = written = 0
    try:
        with httpx.Client(
            base_url=server.address, headers={"Authorization": f"Bearer {server.key}"}, timeout=300
        ) as http:
            for asked in prompts:
                messages = [
                    {"role": "system", "content": asked["system"]},
                    {"role": "user", "content": asked["prompt"]},
                ]
                body = {"messages": messages, "max_tokens": asked["most"], "temperature": 0, "seed": 0}
                used = http.post("/v1/chat/completions", json=body).raise_for_status().json()["usage"]
                told, written = told + used["prompt_tokens"], written + used["completion_tokens"]
    finally:
        server.close()
    return {"prompts": len(prompts), "prompt_tokens": told, "output_tokens": written}


def given(decoded: Decoded) -> Callable[[], Decoded]:
    """Stands for decoding: it was done before."""
    return lambda: decoded


def _seen(work: Work, decoded: Decoded, count: int) -> tuple[list[Any], list[Any]]:
    """The pictures that the picture models looked at, and those that were read."""
    looked = [read_picture(f.path) for f in work.looked_at] if decoded.frames and count else []
    read = [(read_picture(f.path), Span(start=f.time, end=f.time)) for f in OnScreen().chosen(work)]
    return looked, read


def bare(
    home: Path, noted: list[dict[str, Any]], prompts: list[dict[str, Any]], pieces: list[list[str]]
) -> dict[str, Any]:
    """Seconds and counts of the bare runs over the files that were described in `home`."""
    pack, cache, config = load_pack("embedded"), ModelCache(), ModelsConfig()
    models = open_models(config)
    threads = models._threads
    reader, parts, counts = PyAvReader(home / "cache"), Parts(), dict[str, int]()
    looked: list[list[Any]] = []
    read: list[Any] = []
    voice: list[np.ndarray] = []
    sounds: list[np.ndarray] = []

    def count(name: str, number: int) -> None:
        counts[name] = counts.get(name, 0) + number

    for file in noted:
        path = Path(file["path"])
        decoded = reader.decode(path, file["sha256"], Limits())
        asset = Asset(key=AssetKey(0), item=ItemKey(0), uri=str(path), sha256=file["sha256"], bytes=0, modified=0.0,
                      probe=decoded.probe, duration=decoded.duration)  # fmt: skip
        work = Work(asset, None, models, DescribeConfig(), given(decoded))
        times = frozenset(round(float(f.time), 2) for f in (*decoded.frames, *decoded.readings))
        with parts.timed("decode"):
            pictures, samples = decode(path, times)
        count("decode.files", 1)
        count("decode.pictures", pictures)
        count("decode.samples", samples)
        pcm = np.array(work.pcm)
        if len(pcm):
            voice.append(pcm)
        for spans in file["listened"]:
            held = [Span(start=a, end=b) for a, b in spans]
            sounds += [np.asarray(pcm[a:b], np.float32) / 32768 for a, b in windows(pcm, held)]
        some, more = _seen(work, decoded, file["looked"])
        looked.append(some)
        read += more
    reader.close()

    def run(part: str, call: Callable[[], object]) -> None:
        with parts.timed(part):
            call()

    all_models: Any = models  # the embedded pack has every role
    run("voice activity", lambda: [all_models.voice_activity.probabilities(p) for p in voice])
    run("picture", lambda: [all_models.picture.look(p) for p in looked if p])
    run("unsafe picture", lambda: [all_models.unsafe.unsafe(p) for p in looked if p])
    run("screen text", lambda: [all_models.screen.read(p, s) for p, s in read])
    run("embedding", lambda: [all_models.text.embed(p) for p in pieces])
    count("voice activity.samples", sum(map(len, voice)))
    count("picture.pictures", sum(map(len, looked)))
    count("unsafe picture.pictures", sum(map(len, looked)))
    count("screen text.pictures", len(read))
    count("embedding.texts", sum(map(len, pieces)))
    models.close()
    speech, language = pack.role("speech"), pack.role("language_model")
    assert speech is not None
    assert language is not None
    folder, file = cache.files(speech).folder, cache.files(language).path("model.gguf")
    with parts.timed("speech"):
        count("speech.tokens", whisper(folder, threads, sounds) if sounds else 0)
    count("speech.windows", len(sounds))
    count("speech.samples", sum(map(len, sounds)))
    with parts.timed("language model"):
        for name, number in (ask(file, max(1, threads // 2), prompts) if prompts else {}).items():
            count(f"language model.{name}", number)
    return {"parts": parts.seconds, "counts": counts, "threads": threads}


def main(asked: str) -> None:
    """One chunk: reads what the whole run noted from a JSON file, writes the figures beside it."""
    note = Path(asked)
    told = json.loads(note.read_text("utf-8"))
    answer = bare(Path(told["home"]), told["files"], told["prompts"], told["texts"])
    note.with_suffix(".bare.json").write_text(json.dumps(answer), encoding="utf-8")
