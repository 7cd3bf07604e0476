"""The base of every record: frozen, typed, no unknown fields. And the id types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NewType, TypeVar

from pydantic import BaseModel, ConfigDict

ItemKey = NewType("ItemKey", int)
"""Internal id of an item. Outside, an item has its `item_id` (text)."""

AssetKey = NewType("AssetKey", int)
"""Internal id of an asset."""

PersonKey = NewType("PersonKey", int)
"""Internal id of a person. The outside id is never stored in the clear: see `PeopleStore.person`."""


class Record(BaseModel):
    """A frozen record that crosses walls. Sequences are tuples, so that a record can be hashed and shared."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


R = TypeVar("R", bound=Record)


def made_all(record: type[R], columns: Mapping[str, Iterable[Any]]) -> list[R]:
    """Records of values that this code computed itself, a column for each field: not looked at again, a quarter of the time.

    For the lines of long lists only; whatever comes from outside is validated.
    """
    missing = set(record.model_fields) ^ set(columns)
    if missing:
        raise TypeError(f"{record.__name__} is made of all its fields and no others: {sorted(missing)}")
    names, given = tuple(columns), set(columns)
    hold, known, extra, private = (BaseModel.__dict__[name].__set__ for name in _SLOTS)
    out = []
    for row in zip(*columns.values(), strict=True):
        made = record.__new__(record)
        hold(made, dict(zip(names, row, strict=True)))
        known(made, given)
        extra(made, None)
        private(made, None)
        out.append(made)
    return out


_SLOTS = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")


class RoomConfig(BaseModel):
    """Base of every room's own settings: unknown keys are errors, values may come from TOML or the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
