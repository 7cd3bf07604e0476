"""A library in memory with three short tones, and clients for it."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.serve.fake_service import EVIL, FakeService, view

from vitascope.serve import ServeConfig, create_app


def tone(path: Path, seconds: float = 1.0, pitch: float = 440.0) -> Path:
    """A real WAV file, 8 kHz mono."""
    n = int(8000 * seconds)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * pitch * i / 8000))) for i in range(n))
        )
    return path


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    """Three items; one id holds every character that could confuse a path, one title is hostile."""
    return FakeService(
        [
            view(1, "a", "Calm tone", tone(tmp_path / "a.wav")),
            view(2, "b/../%2F?x=1#y z", "Odd id", tone(tmp_path / "b.wav", pitch=220)),
            view(3, "c", EVIL, tone(tmp_path / "c.wav", pitch=330), video=True),
        ]
    )


@pytest.fixture
def client(service: FakeService) -> Iterator[TestClient]:
    """A client that calls as this machine's own browser or script would."""
    with TestClient(
        create_app(service, ServeConfig(max_body=200_000)),
        base_url="http://127.0.0.1:8000",
        raise_server_exceptions=False,
    ) as one:
        yield one
