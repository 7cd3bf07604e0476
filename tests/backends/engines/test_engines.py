"""Engines against the contract, and what is special to each: children that end with their parent, nodes that die."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from benchmarks.describe._cluster import Cluster
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
