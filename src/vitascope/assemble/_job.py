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
from collections.abc import Callable
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
    for endpoint in (told["models"]["endpoint"], *told["models"]["endpoints"].values()):
        endpoint.pop("key", None)
    return json.dumps({"settings": told, "work": str(work) if work is not None else None})


def describe_job(told: str) -> Callable[[str], str]:
    """What does one task after another. Raises ConfigError where the settings do not hold here."""
    from vitascope.backends.media import PyAvReader
    from vitascope.backends.roles import open_models
    from vitascope.config import load
    from vitascope.describe.away import AwayDescriber, DescribeTask

    asked = json.loads(told)
    settings = load(None, asked["settings"])
    reader = PyAvReader(_own_folder(Path(asked["work"]) if asked["work"] else _work_folder()), settings.media)
    describe = AwayDescriber(
        reader,
        lambda accounts: open_models(settings.models, accounts=accounts),
        settings.describe,
        time.time,
        limits=settings.catalog.limits,
        extractors=_plugins.extractors(),
        policy=settings.moderation,
    )

    def do(body: str) -> str:
        task = DescribeTask.model_validate_json(body)
        answer = describe(task)
        for asset in task.assets:
            reader.forget(asset.sha256)  # a worker sees the same bytes once
        return answer.model_dump_json()

    return do


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
