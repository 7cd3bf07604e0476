"""The child that runs one Daft plan: `python -m vitascope.backends.engines._plan`.

Reads a JSON line (address, workers, job), then a line a task; writes an outcome a line as they come. Daft and Ray live and
die here: a runner that hangs or falls over at exit takes nobody with it, and the caller plans anew what was not answered.

The plan is one column of a class UDF over the tasks, one task a partition. UDFs run at least once, which jobs allow; what a
task does happens in a child of the actor (`Hand`), because a UDF process that dies stalls the whole query. `.limit()` is
not used: with partitions it hangs on Ray. When a node dies, the query does not come back although other nodes live (seen
with Daft 0.7.26), so the plan ends itself once the cluster says so, and what is left is planned anew on the nodes that are
left.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

from vitascope.base.ports.work import Job, Outcome, Task

_MOST_PARTITIONS = 2_000
_CPUS = 0.5
"""Of an actor: with whole ones, two actors on two processors starve the rest of the plan."""
_LOOK_S, _GRACE_S = 2.0, 6.0
"""How often the nodes are counted, and how long a plan that lost one may go without an answer."""
NODE_LOST = 3
"""Exit code."""


def main() -> None:
    told = json.loads(sys.stdin.readline())
    tasks = [Task.model_validate_json(line) for line in sys.stdin]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # progress bars and logs of the libraries are no outcomes
    last = [time.monotonic()]
    for row in plan(told["address"], told["workers"], told["job"], tasks, last):
        out.write(row + "\n")
        out.flush()
        last[0] = time.monotonic()
    os._exit(0)  # everything is written; the runner's own end may crash


def _watch(last: list[float]) -> None:
    """End the process when a node was lost and no answer comes any more."""
    import ray

    def alive() -> set[str]:
        return {str(node["NodeID"]) for node in ray.nodes() if node["Alive"]}

    def look() -> None:
        known, lost = alive(), 0.0
        while True:
            time.sleep(_LOOK_S)
            now = alive()
            if known - now and not lost:
                lost = time.monotonic()
            known = now if not lost else known
            if lost and time.monotonic() - max(lost, last[0]) > _GRACE_S:
                os._exit(NODE_LOST)

    threading.Thread(target=look, name="nodes", daemon=True).start()


def plan(address: str | None, workers: int, job: str, tasks: list[Task], last: list[float]) -> Any:
    """Outcomes as JSON, in any order. `last`: when the last one was passed on."""
    import daft

    if address is not None:
        import ray

        ray.init(address=address, logging_level="warning", log_to_driver=False)
        daft.set_runner_ray(address=address, noop_if_initialized=True)
        room = max(
            1, int(ray.cluster_resources().get("CPU", 1) / _CPUS)
        )  # more actors than fit are waited for without end
        workers = min(workers or room, room)
        _watch(last)
    else:
        daft.set_runner_native()
        workers = workers or max(1, os.cpu_count() or 1)
    workers = min(workers, len(tasks))

    @daft.cls(cpus=_CPUS, max_concurrency=workers, use_process=True, max_retries=3)
    class Doer:
        def __init__(self, job: str) -> None:
            from vitascope.backends.engines._hand import Hand

            self._hand = Hand(Job.model_validate_json(job))

        @daft.method.batch(return_dtype=daft.DataType.string(), batch_size=1)
        def do(self, keys: daft.Series, bodies: daft.Series) -> list[str]:
            pairs = zip(keys.to_pylist(), bodies.to_pylist(), strict=True)
            return [self._hand.do(Task(key=k, body=b)).model_dump_json() for k, b in pairs]

    table = daft.from_pydict({"key": [t.key for t in tasks], "body": [t.body for t in tasks]})
    table = table.into_partitions(min(len(tasks), _MOST_PARTITIONS))
    doer = Doer(job)
    for row in table.select(doer.do(table["key"], table["body"]).alias("outcome")).iter_rows():
        yield Outcome.model_validate_json(row["outcome"]).model_dump_json()


if __name__ == "__main__":
    main()
