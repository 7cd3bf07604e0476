"""Runs a GGUF model behind llama.cpp's OpenAI-compatible endpoint in a child process.

Takes a model file; gives an address on loopback, a random port and a random key. A crash of the native code ends the child
only. It does not know what is asked.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import subprocess
import sys
import time
from pathlib import Path

from vitascope.base.errors import ModelFailed

_START_LIMIT_S = 120.0


class LlamaServer:
    """A running endpoint of chat, or of embeddings. `address` is "http://127.0.0.1:PORT", `key` must come with every call."""

    def __init__(self, model: Path, *, threads: int, context: int = 4096, embedding: bool = False) -> None:
        self.key = secrets.token_urlsafe(32)
        ours = str(Path(__file__).resolve().parents[3])
        env = os.environ | {"PYTHONPATH": os.pathsep.join([ours, os.environ.get("PYTHONPATH", "")])}
        self._child = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}._llama_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            start_new_session=True,  # Ctrl-C ends the caller's work first, then closes the pipe
        )
        told = {
            "model": str(model.resolve()),
            "key": self.key,
            "threads": threads,
            "context": context,
            "embedding": embedding,
        }
        try:
            self.address = self._start(json.dumps(told) + "\n")
        except BaseException:
            self.close()
            raise

    def _start(self, line: str) -> str:
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the child has no pipes")
        with contextlib.suppress(BrokenPipeError):
            stdin.write(line.encode())
            stdin.flush()
        deadline, said = time.monotonic() + _START_LIMIT_S, b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(stdout, selectors.EVENT_READ)
            while b"\n" not in said or not said.strip().startswith(b"{"):
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    raise ModelFailed(
                        "the language model did not start in time", remedy="try again, or use a smaller model"
                    )
                chunk = os.read(stdout.fileno(), 65536)
                if not chunk:
                    raise RuntimeError(
                        f"the language model's process ended at the start (exit code {self._child.wait()})"
                    )
                said += chunk
                while b"\n" in said and not said.startswith(b"{"):  # native code may print on its own
                    said = said.partition(b"\n")[2]
        return str(json.loads(said.partition(b"\n")[0])["address"])

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._child.poll() is None

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def close(self) -> None:
        """Stop the child and wait until it is gone."""
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._child.wait(3)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
