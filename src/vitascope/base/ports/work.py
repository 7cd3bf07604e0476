"""Long work on content: how far it is, what it did, and who does it. Knows no person, so that catalog and describe may use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from vitascope.base.records import Record


class Progress(Protocol):
    """Where long work says how far it is. `step` names the work; total None while unknown."""

    def __call__(self, step: str, done: int, total: int | None, what: str = "") -> None: ...


def silent(step: str, done: int, total: int | None, what: str = "") -> None:
    """A Progress that says nothing."""


class IngestReport(Record):
    """What an ingest did."""

    files: int = 0
    items_new: int = 0
    items_changed: int = 0
    items_same: int = 0
    items_gone: int = 0
    set_aside: int = 0
    duplicates: int = 0
    described: int = 0
    seconds: float = 0.0


class DescribeReport(Record):
    """What a describe run did."""

    described: int = 0
    unchanged: int = 0
    failed: int = 0
    gaps: tuple[str, ...] = ()
    seconds: float = 0.0


class Job(Record):
    """Work that can be done elsewhere: opened once a worker, asked once a task. Text goes in and comes out, never code."""

    opens: str
    """"package.module:function" of ours. Called on the worker with `settings`; gives what is called with a task's body and gives
    the answer. Both may raise; the error is the task's."""
    settings: str
    version: str
    """Of Vitascope; a worker of another one refuses."""
    seconds: float = 3_600.0
    """A task that takes longer is given up, and its process with it."""


class Task(Record):
    """One piece of a job. `key` is unique in a run."""

    key: str
    body: str


class Outcome(Record):
    """What became of a task: an answer, or an error in words."""

    key: str
    body: str = ""
    error: str = ""
    worker: str = ""
    """Host and process that did it."""


class Engine(Protocol):
    """Who does jobs: processes of this machine, or a cluster. Contract suite: tests/contracts/engines.py."""

    @property
    def name(self) -> str:
        """For logs and reports."""
        ...

    def run(self, job: Job, tasks: Sequence[Task], stop: Callable[[], bool] = lambda: False) -> Iterator[Outcome]:
        """One outcome for each task, in any order, each once; none are lost with a worker.

        A task may be done more than once (a worker died before it could answer), so a job must be idempotent. Ends early when
        `stop` says so, between two outcomes. Closing the iterator ends the workers.

        Raises:
            EngineFailed: the engine cannot be reached or gives no answers at all.
        """
        ...
