"""Contract suite of the port `base.ports.work.Engine`. An implementation's test gives the fixture `engine`."""

from __future__ import annotations

import vitascope
from vitascope.backends.engines.check import JOB
from vitascope.base.ports.work import Engine, Job, Task


def job(seconds: float = 60.0, settings: str = "<", version: str = vitascope.__version__) -> Job:
    """The job that does what each task says."""
    return Job(opens=JOB, settings=settings, version=version, seconds=seconds)


def tasks(*bodies: str) -> list[Task]:
    return [Task(key=f"k{i}", body=body) for i, body in enumerate(bodies)]


class EngineContract:
    """Each task has one outcome; an error, a death and a time limit are outcomes and stop nobody else."""

    def test_every_task_has_one_outcome(self, engine: Engine) -> None:
        asked = tasks("say a", "fail because", "die", "say b", "sleep 30 never", "say 文字 \u2028 \\n")
        got = {o.key: o for o in engine.run(job(seconds=2.5), asked)}
        assert set(got) == {t.key for t in asked}
        assert [got[k].body for k in ("k0", "k3", "k5")] == ["<a", "<b", "<文字 \u2028 \\n"]
        assert [got[k].error for k in ("k0", "k3", "k5")] == ["", "", ""]
        assert got["k1"].error == "ValueError: because"
        assert "signal 9" in got["k2"].error
        assert "given up" in got["k4"].error

    def test_a_job_of_another_version_or_of_strangers_is_refused(self, engine: Engine) -> None:
        (other,) = engine.run(job(version="0.0.1"), tasks("say a"))
        assert "0.0.1" in other.error
        (stranger,) = engine.run(job().model_copy(update={"opens": "os:system"}), tasks("say a"))
        assert "no job of Vitascope" in stranger.error

    def test_it_stops_when_asked_and_has_nothing_to_do_with_nothing(self, engine: Engine) -> None:
        assert list(engine.run(job(), [])) == []
        seen: list[str] = []
        for outcome in engine.run(job(), tasks("say a", "sleep 60 b", "sleep 60 c"), lambda: bool(seen)):
            seen.append(outcome.body)
        assert seen == ["<a"]
