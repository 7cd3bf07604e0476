"""Describing as a job that an engine's workers do: what the library sends, and what a worker makes of it.

`describe_settings` is the library's side, `describe_job` the worker's (base.ports.work.Job). A worker has no library and no
home: it finds media under the paths that the library knows, models in its own cache (`VITASCOPE_MODELS`), keys of endpoints
in its own environment (`VITASCOPE_MODELS__ENDPOINT__KEY`; keys never travel), and decodes into `VITASCOPE_WORK`, else the
user's cache folder.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.assemble import _plugins

if TYPE_CHECKING:
    from vitascope.config import Settings

JOB = "vitascope.assemble._job:describe_job"
_PARTS = ("models", "media", "catalog", "describe", "moderation")


def describe_settings(settings: Settings, work: Path | None = None) -> str:
    """The settings that a description depends on, as JSON, without keys; `work`: where workers of this machine decode."""
    told: dict[str, Any] = settings.model_dump(mode="json", include=set(_PARTS))
    told["models"]["threads"] = settings.models.threads or 1  # many workers stand beside one another
    for endpoint in (told["models"]["endpoint"], *told["models"]["endpoints"].values()):
        endpoint.pop("key", None)
    return json.dumps({"settings": told, "work": str(work) if work is not None else None})


class DescribeWork:
    """Does one task after another.

    Raises:
        ConfigError: the settings do not hold here.
    """

    def __init__(self, told: str) -> None:
        from vitascope.backends.media import PyAvReader
        from vitascope.backends.roles import PackModels, open_models
        from vitascope.base.ports.accounts import AccountStore
        from vitascope.config import load
        from vitascope.describe.away import AwayDescriber

        asked = json.loads(told)
        settings = load(None, asked["settings"])
        base = Path(asked["work"]) if asked["work"] else _work_folder()
        self._reader = PyAvReader(_own_folder(base), settings.media)
        self._models: PackModels | None = None

        def models(accounts: AccountStore) -> PackModels:
            self._models = open_models(settings.models, accounts=accounts)
            return self._models

        self._describe = AwayDescriber(
            self._reader,
            models,
            settings.describe,
            time.time,
            limits=settings.catalog.limits,
            extractors=_plugins.extractors(),
            policy=settings.moderation,
        )

    def __call__(self, body: str) -> str:
        """A task's JSON in, its answer's out."""
        from vitascope.describe.away import DescribeTask

        task = DescribeTask.model_validate_json(body)
        answer = self._describe(task)
        for asset in task.assets:
            self._reader.forget(asset.sha256)  # a worker sees the same bytes once
        return answer.model_dump_json()

    def close(self) -> None:
        """Stop the decoder and unload the models (a worker's process just ends)."""
        self._reader.close()
        if self._models is not None:
            self._models.close()


def describe_job(told: str) -> DescribeWork:
    """What the job opens on a worker."""
    return DescribeWork(told)


def _work_folder() -> Path:
    if said := os.environ.get("VITASCOPE_WORK"):
        return Path(said).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("vitascope")) / "work"


def _own_folder(base: Path) -> Path:
    """A folder of this process; what dead ones of this machine left is cleared (a worker may be killed at any moment)."""
    import psutil

    host = socket.gethostname()
    base.mkdir(parents=True, exist_ok=True)
    for old in base.glob(f"{host}-*"):
        number = old.name.rpartition("-")[2]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(old, ignore_errors=True)
    own = base / f"{host}-{os.getpid()}"
    own.mkdir(exist_ok=True)
    return own
