"""The parent's side of the worker process: start, ask, watch the clock, kill, start anew.

Takes a request, gives the answer or raises UnreadableMedia with what befell the worker. It decodes nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

import vitascope
from vitascope.base.errors import StoreError, UnreadableMedia
from vitascope.base.ports.media import Limits

_START = 60.0
_QUIET = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",  # each arena of glibc reserves 64 MiB of address space, which is bounded
    "OPENCV_LOG_LEVEL": "SILENT",
}


def pack(path: Path) -> str:
    """A path as hex of its bytes: names may be no valid text."""
    return os.fsencode(path).hex()


class Worker:
    """One worker process, started when it is first needed. Safe from several threads; one request at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._errors: IO[bytes] | None = None
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def ask(self, request: dict[str, Any], path: Path, limits: Limits) -> Any:
        """Send a request and wait for its answer.

        Raises:
            UnreadableMedia: the worker said so, died of the file, or took longer than `limits.seconds`.
            StoreError: the worker does not start.
        """
        line = json.dumps(request | {"path": pack(path), "limits": limits.model_dump(mode="json")}).encode() + b"\n"
        with self._lock:
            reply = self._once(line, path, limits)
            if not reply and self._process is not None and self._process.wait() == -signal.SIGKILL:
                # killed from outside, perhaps while it was idle: that says nothing of this file, so ask once more
                reply = self._once(line, path, limits)
            if not reply:
                raise self._death(path)
        answer = json.loads(reply)
        if "error" in answer:
            raise UnreadableMedia(
                answer["error"]["thing"],
                place=str(path),
                remedy=answer["error"]["remedy"],
                reason=answer["error"].get("reason", ""),
            )
        return answer["ok"]

    def _once(self, line: bytes, path: Path, limits: Limits) -> bytes:
        """Send and wait; b"" where the worker died."""
        process, lines = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(line)
            process.stdin.flush()
            return lines.get(timeout=limits.seconds)
        except queue.Empty:
            self._kill()
            raise UnreadableMedia(
                f"decoding took longer than {limits.seconds:.0f} s and was stopped",
                place=str(path),
                remedy="raise the time bound in the settings, or convert the file",
                reason="too-slow",
            ) from None
        except BrokenPipeError:
            return b""

    def _running(self) -> tuple[subprocess.Popen[bytes], queue.SimpleQueue[bytes]]:
        if self._process is None or self._process.poll() is not None:
            self._kill()
            self._start()
        assert self._process is not None
        return self._process, self._lines

    def _start(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
        home = str(Path(vitascope.__file__).parent.parent)
        found = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = (
            {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | _QUIET | {"PYTHONPATH": found}
        )
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "vitascope.backends.media._worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            start_new_session=True,  # Ctrl-C and a terminal's end reach the parent alone; stdin's end stops the worker
        )
        self._lines = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(self._process, self._lines), daemon=True).start()
        self.starts += 1
        try:
            ready = self._lines.get(timeout=_START)
        except queue.Empty:
            ready = b""
        if not ready:
            said = self._said()
            self._kill()
            raise StoreError(
                "the media worker process does not start",
                place=sys.executable,
                remedy=said or "install the package `av` again",
            )

    def _said(self) -> str:
        if self._errors is None:
            return ""
        with contextlib.suppress(OSError, ValueError):
            self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, self._errors.tell() - 400))
            return self._errors.read().decode("utf-8", "replace").strip()
        return ""

    def _death(self, path: Path) -> UnreadableMedia:
        process = self._process
        code = process.wait() if process else 0
        said = self._said()
        self._kill()
        if code == -signal.SIGKILL:
            thing = "the decoder was killed while reading it (out of memory?)"
        elif code < 0:
            thing = f"the decoder crashed while reading it ({signal.Signals(-code).name})"
        else:
            thing = "the decoder stopped while reading it" + (f" ({said.splitlines()[-1][:160]})" if said else "")
        return UnreadableMedia(
            thing,
            place=str(path),
            remedy="convert the file with another program, or get an undamaged copy",
            reason="decoder-died",
        )

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def close(self) -> None:
        """Stop the worker."""
        with self._lock:
            self._kill()


def _pump(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Answers line by line, then an empty one for the end."""
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError):
        for line in process.stdout:
            lines.put(line)
    lines.put(b"")
