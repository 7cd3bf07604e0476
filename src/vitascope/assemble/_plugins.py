"""The door for components: what installed packages bring, the built-in ones among them.

Takes entry point groups; gives checked components by name. A package brings one by an entry point:

    [project.entry-points."vitascope.scorers"]
    mine = "my_package:MyScorer"

The entry point names a class that is called without arguments; its `name` must be the entry point's. Two packages that
bring one name are an error: which one would speak must not hang on the order of a folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from vitascope.base.errors import ConfigError
from vitascope.base.ports.components import Components
from vitascope.base.ports.connectors import Connector

GROUPS = (
    "vitascope.connectors",
    "vitascope.extractors",
    "vitascope.rerankers",
    "vitascope.scorers",
    "vitascope.sources",
)
_NEEDS = {
    "vitascope.connectors": ("name", "claims", "read"),
    "vitascope.extractors": (
        "name",
        "version",
        "roles",
        "helpers",
        "after",
        "missing",
        "wanted",
        "options",
        "__call__",
    ),
    "vitascope.rerankers": ("name", "config", "start"),
    "vitascope.scorers": ("name", "weight", "load", "scores", "pulls"),
    "vitascope.sources": ("name", "scorer", "caused", "for_everyone", "rows"),
}


def found(group: str) -> dict[str, Any]:
    """The components of a group by name, the built-in ones first.

    Raises:
        ConfigError: one cannot be loaded, lacks a part of its port, or has a name that is taken.
    """
    out: dict[str, Any] = {}
    for point in _ordered(entry_points(group=group)):
        place = f"{point.name} ({_package(point)})"
        if point.name in out:
            raise ConfigError(
                f"two packages bring a component of {group} with this name",
                place=place,
                remedy="uninstall one of them",
            )
        try:
            component = point.load()()
        except Exception as error:  # a stranger's code: whatever it raises is named with where it comes from
            raise ConfigError(
                f"a component of {group} cannot be loaded: {type(error).__name__}: {error}",
                place=place,
                remedy="repair or uninstall that package",
            ) from error
        lacks = [part for part in _NEEDS[group] if not hasattr(component, part)]
        if lacks or component.name != point.name:
            raise ConfigError(
                f"a component of {group} lacks {', '.join(lacks)}"
                if lacks
                else f"a component of {group} calls itself {component.name}",
                place=place,
                remedy="repair or uninstall that package; base/ports says what a component needs",
            )
        out[point.name] = component
    if not out:
        raise ConfigError(
            f"no component of {group} is installed, not even the built-in ones",
            place="the installed package vitascope",
            remedy="install it again (in a checkout: ./run setup)",
        )
    return out


def components() -> Components:
    """Scorers, sources and re-rankers for pipelines."""
    return Components(found("vitascope.scorers"), found("vitascope.sources"), found("vitascope.rerankers"))


def connectors() -> tuple[Connector, ...]:
    """Connectors, the built-in ones first."""
    return tuple(found("vitascope.connectors").values())


def extractors() -> tuple[Any, ...]:
    """Extractors in reading order: each after those whose results it reads.

    Raises:
        ConfigError: two wait for each other, or one for another that nobody brings.
    """
    waiting = found("vitascope.extractors")
    out: list[Any] = []
    while waiting:
        done = {one.name for one in out}
        ready = [one for one in waiting.values() if set(one.after) <= done]
        if not ready:
            names = ", ".join(sorted(waiting))
            raise ConfigError(
                "extractors wait for others that never come",
                place=names,
                remedy="repair or uninstall the package that brings them",
            )
        out.append(ready[0])
        del waiting[ready[0].name]
    return tuple(out)


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "unknown package"


def _ordered(points: Iterable[EntryPoint]) -> list[EntryPoint]:
    """Ours first and in their order, then strangers' by name; one metadata folder may be found by two paths."""
    unique = {(p.name, p.value, _package(p)): p for p in points}
    return sorted(unique.values(), key=lambda p: (_package(p) != "vitascope", p.name))
