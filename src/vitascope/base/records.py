"""The base of every record: frozen, typed, no unknown fields. And the id types."""

from __future__ import annotations

from typing import NewType

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


class RoomConfig(BaseModel):
    """Base of every room's own settings: unknown keys are errors, values may come from TOML or the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
