"""A job to try an engine with: it does what each task says. Used by the contract suite and by the log of a run on a cluster."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

JOB = "vitascope.backends.engines.check:job"


def job(settings: str) -> Callable[[str], str]:
    """Tasks: "say X" answers X, "sleep S X" answers X after S seconds, "fail X" raises, "die" ends the process, "pid" tells it.

    `settings` stands before every answer.
    """

    def do(body: str) -> str:
        word, _, rest = body.partition(" ")
        if word == "die":
            os.kill(os.getpid(), 9)
        if word == "fail":
            raise ValueError(rest)
        if word == "pid":
            return str(os.getpid())
        if word == "sleep":
            seconds, _, rest = rest.partition(" ")
            time.sleep(float(seconds))
        return settings + rest

    return do
