"""A small OpenAI-compatible server (ASGI): embeddings, transcriptions, and chat about pictures. It checks what it is sent.

`heard` keeps each request's path and parsed body, so that tests can say what left the process; `bad` makes it answer wrongly.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
import time
import wave
from collections.abc import Callable
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY = "a-key-of-the-test"
TOPICS = {"soup": 1, "bread": 1, "cook": 1, "recipe": 1, "onion": 1, "rocket": 2, "moon": 2, "launched": 2}


class OpenAiServer:
    """Runs until closed. `recognise` turns 16 kHz samples and a language into verbose_json."""

    def __init__(self, recognise: Callable[[Any, str | None], dict[str, Any]] | None = None) -> None:
        import uvicorn

        self.heard: list[tuple[str, Any]] = []
        self.bad: bytes | None = None
        self._recognise = recognise
        routes = {"embeddings": self._embeddings, "audio/transcriptions": self._sound, "chat/completions": self._chat}
        app = Starlette(routes=[Route(f"/v1/{path}", call, methods=["POST"]) for path, call in routes.items()])
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v1"

    def close(self) -> None:
        """Stop and wait."""
        self._server.should_exit = True
        self._thread.join(10)

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse({"error": {"message": "no such key"}}, 401)
        return Response(self.bad, media_type="application/json") if self.bad is not None else None

    async def _embeddings(self, request: Request) -> Response:
        body = await request.json()
        self.heard.append(("embeddings", body))
        if (refused := self._refused(request)) is not None:
            return refused
        rows = [{"object": "embedding", "index": i, "embedding": embedding(t)} for i, t in enumerate(body["input"])]
        return JSONResponse({"object": "list", "data": rows[::-1], "model": body["model"]})  # any order is allowed

    async def _sound(self, request: Request) -> Response:
        async with request.form(max_part_size=4 << 20) as form:
            if (refused := self._refused(request)) is not None:
                return refused
            upload: Any = form["file"]
            data = await upload.read()
            assert form["response_format"] == "verbose_json"
            assert form.getlist("timestamp_granularities[]") == ["word", "segment"]
            language = str(form["language"]) if "language" in form else None
            model = form["model"]
        with wave.open(io.BytesIO(data)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
            assert sound.getnframes() <= 30 * 16_000
            pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
        self.heard.append(("audio/transcriptions", {"samples": len(pcm), "language": language, "model": model}))
        assert self._recognise is not None
        return JSONResponse(self._recognise(pcm, language))

    async def _chat(self, request: Request) -> Response:
        from PIL import Image

        body = await request.json()
        self.heard.append(("chat/completions", body))
        if (refused := self._refused(request)) is not None:
            return refused
        parts = body["messages"][1]["content"]
        assert [p["type"] for p in parts] == ["image_url"] * (len(parts) - 1) + ["text"]
        head, _, data = parts[0]["image_url"]["url"].partition(",")
        assert head == "data:image/jpeg;base64"
        picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(data, validate=True))))
        assert max(picture.shape) <= 768
        colour = ("red", "green", "blue")[int(picture.reshape(-1, 3).mean(axis=0).argmax())]
        asked = body["response_format"]["json_schema"]["schema"]["properties"]
        answer = (
            {"colour": colour} if "colour" in asked else {"shown": f"a {colour} field", "things": [f"a {colour} field"]}
        )
        message = {"role": "assistant", "content": json.dumps(answer)}
        return JSONResponse({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]})


def embedding(text: str) -> list[float]:
    """Words of one topic point one way; every text a little its own way."""
    vector = np.zeros(16)
    for word in text.lower().split():
        vector[TOPICS.get(word.strip(".,"), 0)] += 1
    vector[3:] += [b / 2_550 for b in hashlib.sha256(text.encode()).digest()[:13]]
    return [float(v) for v in vector]
