"""Work that takes longer than a request: one job at a time, in a thread, with its progress.

Takes a library; gives states. It stops at the next item when the server ends; what was done is kept. What a job works on
(events, pending items, received uploads) is in the library, so nothing is lost with a job: the next one goes on.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from hashlib import sha256

from vitascope.base.errors import Refused, UnknownItem, UsageError, VitascopeError
from vitascope.base.ports.service import Service
from vitascope.serve.wire.answers import JobOut

log = logging.getLogger(__name__)
_KEPT = 50


class Busy(Refused):
    """Another job is running."""

    code = "busy"


class Jobs:
    """The jobs of one server; kept in memory, the newest fifty."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._jobs: OrderedDict[str, JobOut] = OrderedDict()
        self._seeds: dict[str, int] = {}
        self._soon: list[str] = []
        self._thread: threading.Thread | None = None
        self._working = False

    def start(self, kind: str, seed: int = 0, key: str | None = None) -> JobOut:
        """Begin a job; the same key again is the same job.

        Raises:
            Busy: one is running.
            UsageError: the key began another job.
        """
        with self._lock:
            job_id = secrets.token_hex(8) if key is None else sha256(f"job\n{key}".encode()).hexdigest()[:16]
            there = self._jobs.get(job_id)
            if there is not None:
                if (there.kind, self._seeds[job_id]) != (kind, seed):
                    raise UsageError(
                        "this Idempotency-Key was used for another job",
                        place="Idempotency-Key",
                        remedy="take a new key for each job",
                    )
                return there
            if self._working:
                raise Busy("another job is running", place=next(reversed(self._jobs)), remedy="wait for its end")
            return self._begin(kind, seed, job_id)

    def soon(self, kind: str) -> None:
        """Begin a job of that kind as soon as none is running; one that waits already is enough."""
        with self._lock:
            if self._stop.is_set():
                return
            if self._working:
                if kind not in self._soon:
                    self._soon.append(kind)
                return
            self._begin(kind, 0, secrets.token_hex(8))

    def get(self, job_id: str) -> JobOut:
        """A job's state now."""
        with self._lock:
            found = self._jobs.get(job_id)
        if found is None:
            raise UnknownItem(
                "there is no such job",
                place=job_id[:40],
                remedy="start one with POST /v1/jobs",
            )
        return found

    def all(self) -> list[JobOut]:
        """What was begun, the newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    @property
    def running(self) -> int:
        """How many run now."""
        return int(self._thread is not None and self._thread.is_alive())

    def close(self, seconds: float = 5.0) -> None:
        """Ask the running job to stop and wait a little."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _begin(self, kind: str, seed: int, job_id: str) -> JobOut:
        job = self._note(kind, seed, job_id)
        self._working = True
        self._thread = threading.Thread(
            target=self._work, args=(job.job_id, kind, seed), name=f"job-{kind}", daemon=True
        )
        self._thread.start()
        return job

    def _note(self, kind: str, seed: int, job_id: str) -> JobOut:
        job = JobOut(job_id=job_id, kind=kind, state="running", created_at=time.time())
        self._jobs[job_id], self._seeds[job_id] = job, seed
        while len(self._jobs) > _KEPT:
            gone, _ = self._jobs.popitem(last=False)
            del self._seeds[gone]
        return job

    def _say(self, job_id: str, **changes: object) -> None:
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id] = self._jobs[job_id].model_copy(update=changes)

    def _work(self, job_id: str, kind: str, seed: int) -> None:
        """One job, then those that wait for it."""
        while True:
            self._run(job_id, kind, seed)
            with self._lock:
                if not self._soon or self._stop.is_set():
                    self._working = False
                    return
                kind, seed = self._soon.pop(0), 0
                job_id = self._note(kind, seed, secrets.token_hex(8)).job_id

    def _run(self, job_id: str, kind: str, seed: int) -> None:
        def progress(step: str, done: int, total: int | None, what: str = "") -> None:
            self._say(job_id, step=step, done=done, total=total)

        try:
            if kind == "fit":
                fitted = self._service.fit(seed=seed, progress=progress)
                result = f"{fitted.model.version}: {fitted.reason}"
            else:
                taken = self._service.take_uploads(progress, self._stop.is_set) if kind == "uploads" else 0
                told = self._service.describe(progress=progress, stop=self._stop.is_set)
                result = f"{told.described} described, {told.unchanged} unchanged, {told.failed} failed"
                if kind == "uploads":
                    result = f"{taken} uploads taken, {result}"
            self._say(
                job_id,
                state="stopped" if self._stop.is_set() else "done",
                result=result,
            )
        except VitascopeError as error:
            self._say(job_id, state="failed", result=str(error))
        except Exception:
            log.exception("job %s failed", kind)
            self._say(
                job_id,
                state="failed",
                result="the server made a mistake; look into the log of the home",
            )
