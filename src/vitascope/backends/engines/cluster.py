"""Jobs as one Daft plan: on an existing Ray cluster, or on Daft's native runner of this machine. Fulfils `Engine`.

Each plan runs in a child (`_plan`). What it has not answered when it ends, dies or stalls is planned anew, so that no task
is lost with a worker, a node or the plan itself; what was answered is passed on at once and never asked again.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from vitascope.base.errors import EngineFailed
from vitascope.base.ports.work import Job, Outcome, Task

from ._plan import NODE_LOST

log = logging.getLogger(__name__)

_VAIN = 2
"""Plans in a row that answer nothing before the engine is given up."""
_QUIET = {"DO_NOT_TRACK": "true", "RAY_USAGE_STATS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}


class DaftEngine:
    """Fulfils `Engine`.

    Args:
        address: of a Ray cluster, "HOST:PORT" or "ray://HOST:PORT"; None: Daft's native runner.
        workers: actors at once; 0: two for every processor of the cluster.
        stall_seconds: without an answer for so long, a plan is given up.
    """

    def __init__(self, address: str | None, workers: int = 0, stall_seconds: float = 900.0) -> None:
        self._address, self._workers, self._stall = address, workers, stall_seconds

    @property
    def name(self) -> str:
        """For logs."""
        return f"Ray at {self._address}" if self._address else "Daft on this machine"

    def run(self, job: Job, tasks: Sequence[Task], stop: Callable[[], bool] = lambda: False) -> Iterator[Outcome]:
        """One outcome for each task, as they come; raises EngineFailed."""
        left = {task.key: task for task in tasks}
        vain, plans = 0, 0
        while left and not stop():
            answered, plans = 0, plans + 1
            log.info("%s: plan %d for %d tasks", self.name, plans, len(left))
            with tempfile.TemporaryFile() as said:
                for outcome in self._plan(job, list(left.values()), stop, said):
                    if left.pop(outcome.key, None) is not None:  # a task may be done twice; the first answer counts
                        answered += 1
                        yield outcome
                if not left or stop():
                    return
                log.warning("%s: %d tasks without an answer are planned anew", self.name, len(left))
                vain = 0 if answered else vain + 1
                if vain >= _VAIN:
                    raise EngineFailed(
                        f"{self.name} gave no answer: {_last_words(said)}",
                        place="setting engine.address",
                        remedy="check the cluster (`ray status`) and that Vitascope, Daft and Ray are on every node",
                    )

    def _plan(self, job: Job, tasks: list[Task], stop: Callable[[], bool], said: IO[bytes]) -> Iterator[Outcome]:
        """What one plan answers until it ends, dies or stalls."""
        ours = str(Path(__file__).resolve().parents[3])
        paths = [ours, *[p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]]
        env = os.environ | _QUIET | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
        with tempfile.TemporaryFile() as told:
            header = {"address": self._address, "workers": self._workers, "job": job.model_dump_json()}
            told.write(json.dumps(header).encode() + b"\n")
            for task in tasks:
                told.write(task.model_dump_json().encode() + b"\n")
            told.seek(0)
            child = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}._plan"],
                stdin=told,
                stdout=subprocess.PIPE,
                stderr=said,
                env=env,
                start_new_session=True,
            )
        assert child.stdout is not None
        try:
            yield from self._read(child.stdout, stop)
        finally:
            child.stdout.close()
            if child.poll() == NODE_LOST:
                log.warning("%s: a node was lost", self.name)
            _end(child)

    def _read(self, stream: IO[bytes], stop: Callable[[], bool]) -> Iterator[Outcome]:
        rest, last = b"", time.monotonic()
        with selectors.DefaultSelector() as waiting:
            waiting.register(stream, selectors.EVENT_READ)
            while not stop():
                if not waiting.select(0.5):
                    if time.monotonic() - last > self._stall:
                        log.warning("%s: no answer for %.0f s, the plan is given up", self.name, self._stall)
                        return
                    continue
                chunk = os.read(stream.fileno(), 1 << 20)
                if not chunk:
                    return
                last = time.monotonic()
                lines = (rest + chunk).split(b"\n")
                rest = lines.pop()
                for line in lines:
                    try:
                        yield Outcome.model_validate_json(line)
                    except ValueError:
                        log.warning("%s: a line that is no outcome", self.name)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a plan with all it started; the cluster then ends its actors."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        try:
            os.killpg(child.pid, sign)
            child.wait(10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _last_words(said: IO[bytes]) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - 4_000))
    lines = [line.strip() for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:])[:600] or "it said nothing"
