"""A role of a pack as something the keeper can load: files checked first, fetched once more when they were damaged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from vitascope.backends.models import FIRST_USE, ModelCache, ModelFiles, RoleSpec
from vitascope.base.ports.models import ModelInfo

from ._keeper import Loader

T = TypeVar("T")


def role_loader(
    cache: ModelCache,
    role: RoleSpec,
    load: Callable[[ModelFiles], T],
    close: Callable[[T], None] | None = None,
) -> Loader[T]:
    """How the keeper loads that role's model."""
    return Loader(
        key=f"{role.role}/{role.model}",
        bytes=role.memory_bytes,
        load=lambda: load(cache.files(role)),
        close=close,
        renew=lambda: cache.renew(role),
    )


def role_info(role: RoleSpec, dimensions: int | None = None) -> ModelInfo:
    """What the model of a role says it is."""
    return ModelInfo(
        id=role.model,
        sha256=role.files[0].sha256 if role.files and role.files[0].sha256 != FIRST_USE else "",
        licence=role.licence,
        languages=role.languages,
        dimensions=dimensions,
    )
