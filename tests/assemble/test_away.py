"""The describe job as a worker gets it: settings without keys, tasks in, answers out; and a home described by two processes."""

from __future__ import annotations

import json
import wave
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vitascope.assemble import System, open_system
from vitascope.assemble._job import describe_job, describe_settings
from vitascope.config import load
from vitascope.describe.away import DescribeAnswer, DescribeTask

OFF = (
    "voice_activity",
    "noise",
    "speech",
    "text_embedding",
    "picture",
    "unsafe_picture",
    "screen_text",
    "language_model",
)


def settings(**more: Any) -> dict[str, Any]:
    return {"models": {"off": OFF}, "signals": {"shared": False}, **more}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for name, hertz in (("low", 220), ("high", 880)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
            tone = 9_000 * np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000)
            out.writeframes(tone.astype("<i2").tobytes())
    return folder


def said(system: System) -> dict[str, Any]:
    lines = {line["item_id"]: line for line in system.export()}
    return {name: {k: v for k, v in line.items() if k != "described_at"} for name, line in lines.items()}


def test_keys_never_travel() -> None:
    endpoint = {"url": "http://127.0.0.1:1/v1", "key": "a-secret"}
    read = load(None, {"models": {"endpoint": endpoint, "endpoints": {"speech": endpoint}}})
    told = describe_settings(read)
    assert json.loads(told)["settings"]["models"]["threads"] == 1
    assert "a-secret" not in told
    assert "key" not in json.loads(told)["settings"]["models"]["endpoint"]


def test_the_job_gives_what_the_library_would_make(
    tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITASCOPE_WORK", str(tmp_path / "work"))
    with ExitStack() as closed:
        system = closed.enter_context(closing(open_system(tmp_path / "home", settings=settings())))
        system.ingest([str(clips)])
        stores = system.rooms.stores
        do = closed.enter_context(closing(describe_job(describe_settings(system.rooms.settings))))
        for item in list(stores.items.iter()):
            assets = stores.items.assets([item.key])[item.key]
            kept = stores.descriptions.get(item.key)
            assert kept is not None
            task = DescribeTask(item=item, assets=tuple(assets), sidecars=(), base=kept.fingerprint)
            answer = DescribeAnswer.model_validate_json(do(task.model_dump_json()))
            same = {"described_at", "fingerprint"}
            assert answer.description.model_dump(exclude=same) == kept.model_dump(exclude=same)
            assert answer.unpacked()
            assert answer.extractions
        assert not list((tmp_path / "work").rglob("*.pcm"))  # a worker keeps no decode


@pytest.mark.slow
def test_two_processes_describe_a_home_as_one_does(tmp_path: Path, clips: Path) -> None:
    homes = []
    for name, engine in (("one", {}), ("two", {"workers": 2})):
        system = open_system(tmp_path / name, settings=settings(engine=engine))
        try:
            report = system.ingest([str(clips)])
            assert report.described == 2
            homes.append(said(system))
        finally:
            system.close()
    assert homes[0] == homes[1]
