"""The child that does a job's tasks: `python -m vitascope.backends.engines._child`.

Reads one JSON line with the job, then one a task; answers one JSON line each. A codec or a model that crashes ends this
process and nothing else; when the parent dies, however it dies, stdin closes and the child ends.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

import vitascope
from vitascope.base.ports.work import Job

ALLOWED = "vitascope."
"""Jobs are functions of ours: an engine is no door for code of strangers."""


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what native code prints is no answer
    job = Job.model_validate_json(sys.stdin.readline())
    do, refused = None, ""
    try:
        do = opened(job)
    except Exception as error:  # whatever is wrong is said with every task
        refused = f"{type(error).__name__}: {error}"
    answers.write(json.dumps({"body": "ready"}) + "\n")  # a task's time counts from here on
    answers.flush()
    for line in sys.stdin:
        answer: dict[str, str] = {}
        if do is None:
            answer["error"] = refused
        else:
            try:
                answer["body"] = do(json.loads(line))
            except Exception as error:  # the next task is done
                answer["error"] = f"{type(error).__name__}: {error}"
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    os._exit(0)  # models and their threads need no farewell


def opened(job: Job) -> Any:
    """What does the job's tasks. Raises ValueError where the job is not ours or of another version."""
    module, _, function = job.opens.partition(":")
    if not module.startswith(ALLOWED) or not function.isidentifier():
        raise ValueError(f"{job.opens} is no job of Vitascope")
    if job.version != vitascope.__version__:
        raise ValueError(
            f"the worker has Vitascope {vitascope.__version__} where the job is from {job.version}: install the same everywhere"
        )
    return getattr(importlib.import_module(module), function)(job.settings)


if __name__ == "__main__":
    main()
