"""Work that need not be done before an answer: what large batches of events teach the weights.

One thread, in the order in which it came. Where more waits than can be soon done, the caller does it, which slows the batches
down. A process that ends does what waits first; one that is killed loses these steps and nothing else: events are on the
disk, tastes are made of them when they are asked for.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

_MOST = 32


class Later:
    """A queue with one thread, which begins with the first work."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(_MOST)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def do(self, work: Callable[[], None]) -> None:
        """Do it soon; now, where too much waits."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="later", daemon=True)
                self._thread.start()
        try:
            self._queue.put_nowait(work)
        except queue.Full:
            _done(work)

    def wait(self) -> None:
        """Until all that waits is done."""
        self._queue.join()

    def close(self) -> None:
        """Do what waits and stop."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        while True:
            work = self._queue.get()
            try:
                if work is None:
                    return
                _done(work)
            finally:
                self._queue.task_done()


def _done(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        log.exception("what a batch of events teaches could not be learned")
