"""Jobs on this machine: so many child processes, each with a thread that hands it tasks. Fulfils `Engine`."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence

from vitascope.base.ports.work import Job, Outcome, Task

from ._hand import Hand


class LocalEngine:
    """Fulfils `Engine`."""

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)

    @property
    def name(self) -> str:
        """For logs."""
        return f"{self._workers} processes of this machine"

    def run(self, job: Job, tasks: Sequence[Task], stop: Callable[[], bool] = lambda: False) -> Iterator[Outcome]:
        """One outcome for each task, as they come."""
        waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
        for task in tasks:
            waiting.put(task)
        done: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        ended = threading.Event()
        hands = [Hand(job) for _ in range(min(self._workers, len(tasks)))]

        def work(hand: Hand) -> None:
            try:
                while not ended.is_set():
                    done.put(hand.do(waiting.get_nowait()))
            except queue.Empty:
                pass
            except BaseException as error:
                done.put(error)
            finally:
                hand.close()

        threads = [threading.Thread(target=work, args=(hand,), name="engine", daemon=True) for hand in hands]
        for thread in threads:
            thread.start()
        try:
            for _ in tasks:
                while True:
                    if stop():
                        return
                    try:
                        found = done.get(timeout=0.5)
                        break
                    except queue.Empty:
                        continue
                if isinstance(found, BaseException):
                    raise found
                yield found
        finally:
            ended.set()
            for hand in hands:
                hand.end()
            for thread in threads:
                thread.join(5)
