"""A Ray cluster of two nodes on this machine, started with Ray's own command, so that a node can be killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import psutil


class Cluster:
    """Two nodes of one processor each; ended by `close`, with what they started and nothing else.

    Args:
        folder: of Ray's sockets; a short path (they must stay under 108 characters).
        environment: of the nodes, over this process's.
    """

    def __init__(self, folder: Path, port: int, environment: dict[str, str] | None = None) -> None:
        quiet = {"RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "true"}
        self._env = {**os.environ, **quiet, **(environment or {})}
        self.address = f"127.0.0.1:{port}"
        self._nodes: list[psutil.Process] = []
        self._folder, self._mine = str(folder), set[int]()
        self._add("--head", f"--port={port}", f"--temp-dir={folder}", "--include-dashboard=false")
        self.add()

    def add(self) -> int:
        """One more node; the process id of its raylet."""
        return self._add(f"--address={self.address}")

    def kill(self) -> int:
        """The last node goes, with all that runs on it, at once; answers how many processes were killed."""
        node, killed = self._nodes.pop(), 0
        for process in [node, *node.children(recursive=True)]:
            try:
                process.kill()
                killed += 1
            except psutil.NoSuchProcess:
                continue
        return killed

    def kill_actor(self) -> int:
        """The process of one working actor of these nodes goes; its id, 0 where none works."""
        for process in [p for node in self._nodes for p in node.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                actor = process.parent()
                if actor is not None and "vitascope.backends.engines._child" in process.cmdline():
                    actor.kill()
                    return int(actor.pid)
        return 0

    def close(self) -> None:
        """End what was started here."""
        while self._nodes:
            self.kill()
        for pid in self._mine:
            try:
                process = psutil.Process(pid)
                command = " ".join(process.cmdline())
                if self._folder in command or self.address in command:
                    process.kill()
            except psutil.Error:
                continue

    def _add(self, *options: str) -> int:
        before = set(psutil.pids())
        command = [str(Path(sys.executable).parent / "ray"), "start", *options, "--num-cpus=1", "--disable-usage-stats"]
        subprocess.run(
            [*command, "--object-store-memory=100000000"],
            env=self._env,
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        new = set(psutil.pids()) - before
        self._mine |= new
        for pid in new:
            try:
                process = psutil.Process(pid)
                if process.name() == "raylet":
                    self._nodes.append(process)
                    return pid
            except psutil.NoSuchProcess:
                continue
        raise RuntimeError("no node came up")
