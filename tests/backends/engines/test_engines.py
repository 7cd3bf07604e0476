"""Engines against the contract, and what is special to each: children that end with their parent, nodes that die."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.contracts.engines import EngineContract, job, tasks

from vitascope.backends.engines import DaftEngine, LocalEngine
from vitascope.base.errors import EngineFailed
from vitascope.base.ports.work import Engine


class TestLocal(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return LocalEngine(2)

    def test_children_end_with_the_run(self, engine: Engine) -> None:
        running = engine.run(job(), tasks("pid", "pid", "sleep 60 x", "sleep 60 y"))
        pids = {int(next(running).body), int(next(running).body)}
        running.close()  # type: ignore[attr-defined]  # an iterator of ours is a generator
        assert not [pid for pid in pids if psutil.pid_exists(pid)]


def _needs(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed (docs/scale.md)")


@pytest.mark.slow
@pytest.mark.may_skip  # Daft and Ray are an extra of 750 MB that the test machines need not have
class TestNative(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        _needs("daft")
        return DaftEngine(None, 2, stall_seconds=60)


class Cluster:
    """Two nodes of one processor each, started with Ray's own command on this machine; ended with it."""

    def __init__(self, folder: Path, port: int) -> None:
        self._env = os.environ | {"RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "true"}
        self.address, self._nodes = f"127.0.0.1:{port}", []
        before = set(psutil.pids())
        self._start("--head", f"--port={port}", f"--temp-dir={folder}", "--include-dashboard=false")
        self._nodes.append(self._raylet(before))
        self.add()
        self._mine = set(psutil.pids()) - before

    def add(self) -> None:
        """One more node."""
        before = set(psutil.pids())
        self._start(f"--address={self.address}")
        self._nodes.append(self._raylet(before))

    def kill(self) -> None:
        """The last node goes, with all that runs on it, at once."""
        node = self._nodes.pop()
        for process in [node, *node.children(recursive=True)]:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue

    def close(self) -> None:
        """End what was started here, and nothing else."""
        while self._nodes:
            self.kill()
        for pid in self._mine:
            try:
                process = psutil.Process(pid)
                if "ray" in " ".join(process.cmdline()):
                    process.kill()
            except psutil.Error:
                continue

    def _start(self, *options: str) -> None:
        command = [str(Path(sys.executable).parent / "ray"), "start", *options, "--num-cpus=1", "--disable-usage-stats"]
        subprocess.run([*command, "--object-store-memory=100000000"], env=self._env, check=True, timeout=120)

    @staticmethod
    def _raylet(before: set[int]) -> psutil.Process:
        new = [psutil.Process(p) for p in set(psutil.pids()) - before if psutil.pid_exists(p)]
        return next(p for p in new if p.name() == "raylet")


@pytest.mark.slow
@pytest.mark.may_skip  # Daft and Ray are an extra of 750 MB that the test machines need not have
class TestRay(EngineContract):
    @pytest.fixture(scope="class")
    def cluster(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
        _needs("daft")
        _needs("ray")
        import tempfile

        with tempfile.TemporaryDirectory(
            prefix="vr", dir="/tmp"
        ) as short:  # Ray's socket paths must stay under 108 characters
            made = Cluster(Path(short), 6_411)
            yield made
            made.close()

    @pytest.fixture
    def engine(self, cluster: Cluster) -> Engine:
        return DaftEngine(cluster.address, stall_seconds=120)

    def test_a_node_that_dies_loses_no_task(self, engine: Engine, cluster: Cluster) -> None:
        asked = tasks(*[f"sleep 0.5 {i}" for i in range(16)])
        got: list[str] = []
        for outcome in engine.run(job(), asked):
            assert outcome.error == ""
            got.append(outcome.body)
            if len(got) == 4:
                cluster.kill()
        assert sorted(got) == sorted(f"<{i}" for i in range(16))
        cluster.add()

    def test_an_address_without_a_cluster_is_an_error_that_names_it(self) -> None:
        _needs("ray")
        with pytest.raises(EngineFailed, match=r"127\.0\.0\.1:9"):
            list(DaftEngine("127.0.0.1:9", stall_seconds=60).run(job(), tasks("say a")))
