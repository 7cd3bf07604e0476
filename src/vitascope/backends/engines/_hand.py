"""One worker: a child process that does a job's tasks one after another, ended and started anew where it dies or takes too long.

Takes a job; gives an outcome for every task, whatever becomes of the child. It does not know what the job is.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path

from vitascope.base.ports.work import Job, Outcome, Task

_MOST = 256 << 20
"""Characters of one answer: a description with its extractions of a day of speech has a few million."""
_START_S = 300.0
"""Seconds in which a child must have opened its job."""
_TRIES = 2
"""A task whose process died is done once more in a fresh one: the death may have been its neighbour's (memory)."""


class Hand:
    """Does tasks of one job. Starts its child at the first task."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._child: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self._over = False

    def do(self, task: Task) -> Outcome:
        """The task's outcome; never raises for what the child does."""
        told = ""
        for _ in range(_TRIES):
            if self._over:
                break
            try:
                answer = self._ask(task.body)
            except TimeoutError:
                self._stop()
                return self._outcome(task, error=f"it took over {self._job.seconds:.0f} seconds and was given up")
            except (OSError, EOFError, ValueError) as error:
                code = self._ended()
                told = f"its process ended ({_how(code)})" if code is not None else f"no answer ({error})"
                continue
            return self._outcome(task, body=answer.get("body", ""), error=answer.get("error", ""))
        return self._outcome(task, error=told)

    def end(self) -> None:
        """From any thread: a task that is being done ends with an error, and no further one is begun."""
        self._over = True
        child = self._child
        if child is not None:
            with contextlib.suppress(OSError):
                child.kill()  # who waits for its answer then sees the pipe's end

    def close(self) -> None:
        """End the child for good; only by whoever hands it tasks."""
        self._over = True
        self._stop()

    def _stop(self) -> None:
        """End the child and wait for it."""
        child, self._child, self._rest = self._child, None, b""
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(OSError):
            child.kill()
        child.wait()

    def _outcome(self, task: Task, body: str = "", error: str = "") -> Outcome:
        pid = self._child.pid if self._child is not None else 0
        return Outcome(key=task.key, body=body, error=error[:2_000], worker=f"{socket.gethostname()}/{pid}")

    def _ask(self, body: str) -> dict[str, str]:
        child = self._running()
        assert child.stdin is not None
        child.stdin.write(json.dumps(body).encode() + b"\n")
        child.stdin.flush()
        return self._answer(child, self._job.seconds)

    def _answer(self, child: subprocess.Popen[bytes], seconds: float) -> dict[str, str]:
        """The child's next line. Raises TimeoutError, EOFError, ValueError."""
        assert child.stdout is not None
        deadline, parts, size = time.monotonic() + seconds, [self._rest], len(self._rest)
        with selectors.DefaultSelector() as waiting:
            waiting.register(child.stdout, selectors.EVENT_READ)
            while b"\n" not in parts[-1]:
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                chunk = os.read(child.stdout.fileno(), 1 << 20)
                if not chunk:
                    raise EOFError
                parts.append(chunk)
                size += len(chunk)
                if size > _MOST:
                    self._stop()
                    raise ValueError("an answer without an end")
        line, _, self._rest = b"".join(parts).partition(b"\n")
        answer = json.loads(line)
        if not isinstance(answer, dict) or not all(isinstance(v, str) for v in answer.values()):
            raise ValueError("an answer of another form")
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            ours = str(Path(__file__).resolve().parents[3])
            paths = [ours, *[p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]]
            self._child = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}._child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))},
                start_new_session=True,  # Ctrl-C ends the caller's work first, then closes the pipe
            )
            assert self._child.stdin is not None
            self._child.stdin.write(self._job.model_dump_json().encode() + b"\n")
            self._child.stdin.flush()
            self._answer(self._child, _START_S)
        return self._child

    def _ended(self) -> int | None:
        """The exit code of a child that is gone; it is forgotten, so that the next task has a fresh one."""
        child = self._child
        code = None
        if child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = child.wait(2)
        self._stop()
        return code


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
