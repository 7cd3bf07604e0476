"""Work that takes longer than a request: one fit or describe run at a time, in a thread, with its progress.

Takes a library; gives states. It stops at the next item when the server ends; what was done is kept.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict

from vitascope.base.errors import Refused, UnknownItem, VitascopeError
from vitascope.base.ports.service import Service
from vitascope.serve.wire.answers import JobOut

log = logging.getLogger(__name__)
_KEPT = 50


class Jobs:
    """The jobs of one server; kept in memory, the newest fifty."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._jobs: OrderedDict[str, JobOut] = OrderedDict()
        self._thread: threading.Thread | None = None

    def start(self, kind: str, seed: int = 0) -> JobOut:
        """Begin a job.

        Raises:
            Refused: one is running.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise Refused(
                    "another job is running",
                    place=next(reversed(self._jobs)),
                    remedy="wait for its end",
                )
            job = JobOut(job_id=secrets.token_hex(8), kind=kind, state="running")
            self._jobs[job.job_id] = job
            while len(self._jobs) > _KEPT:
                self._jobs.popitem(last=False)
            self._thread = threading.Thread(
                target=self._run,
                args=(job.job_id, kind, seed),
                name=f"job-{kind}",
                daemon=True,
            )
            self._thread.start()
        return job

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

    def close(self, seconds: float = 5.0) -> None:
        """Ask the running job to stop and wait a little."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _say(self, job_id: str, **changes: object) -> None:
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id] = self._jobs[job_id].model_copy(update=changes)

    def _run(self, job_id: str, kind: str, seed: int) -> None:
        def progress(step: str, done: int, total: int | None, what: str = "") -> None:
            self._say(job_id, step=step, done=done, total=total)

        try:
            if kind == "fit":
                fitted = self._service.fit(seed=seed, progress=progress)
                result = f"{fitted.model.version}: {fitted.reason}"
            else:
                told = self._service.describe(progress=progress, stop=self._stop.is_set)
                result = f"{told.described} described, {told.unchanged} unchanged, {told.failed} failed"
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
