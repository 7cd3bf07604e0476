"""Settings: every room's own settings joined, read from where the owner put them.

Order: what the caller passes (flags) > `VITASCOPE_*` variables (`VITASCOPE_SERVE__PORT=8001`) > the home's
`vitascope.toml` > defaults. Nothing is read at import; `load` reads. A room is given its own part, never the whole.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from vitascope.backends.engines import EngineConfig
from vitascope.backends.home import Config as HomeConfig
from vitascope.backends.mcp import McpConfig
from vitascope.backends.media import MediaConfig
from vitascope.backends.models import ModelsConfig
from vitascope.backends.privacy import PrivacyConfig
from vitascope.backends.signals import SignalsConfig
from vitascope.backends.stores import Config as StoresConfig
from vitascope.base.errors import ConfigError
from vitascope.base.moderation import ModerationPolicy
from vitascope.catalog import CatalogConfig
from vitascope.describe import DescribeConfig
from vitascope.profile import ProfileConfig
from vitascope.recommend import RecommendConfig
from vitascope.serve import ServeConfig
from vitascope.train import TrainConfig

FILE = "vitascope.toml"
PREFIX = "VITASCOPE_"


class Settings(BaseSettings):
    """All settings of one library, a part for each room."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    home: HomeConfig = HomeConfig()
    stores: StoresConfig = StoresConfig()
    models: ModelsConfig = ModelsConfig()
    media: MediaConfig = MediaConfig()
    signals: SignalsConfig = SignalsConfig()
    catalog: CatalogConfig = CatalogConfig()
    describe: DescribeConfig = DescribeConfig()
    engine: EngineConfig = EngineConfig()
    moderation: ModerationPolicy = ModerationPolicy()
    profile: ProfileConfig = ProfileConfig()
    recommend: RecommendConfig = RecommendConfig()
    train: TrainConfig = TrainConfig()
    serve: ServeConfig = ServeConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    mcp: McpConfig = McpConfig()

    def digests(self) -> dict[str, str]:
        """A short digest of each part; secrets count as set or not set, and no value can be read from it."""
        told = self.model_dump(mode="json")
        return {
            name: hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]
            for name, part in told.items()
        }

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """`load` names its own sources."""
        return (init_settings,)


class _Environment(EnvSettingsSource):
    """The variables that name a setting: those with a room and `__`; VITASCOPE_HOME and its like are no settings."""

    def __call__(self) -> dict[str, Any]:
        self.env_vars = {name: value for name, value in self.env_vars.items() if "__" in name}
        return super().__call__()


def load(home: Path | None = None, overrides: dict[str, Any] | None = None) -> Settings:
    """Read the settings of a home.

    Args:
        home: folder of the library; None for defaults and environment only.
        overrides: what the caller decided, by room: {"serve": {"port": 8001}}.

    Raises:
        ConfigError: naming the file or variable, the setting and what is wrong with it.
    """
    stated = read_file(home / FILE) if home is not None else {}
    try:
        environment = _Environment(Settings)()
        merged = InitSettingsSource(Settings, init_kwargs=merge(stated, merge(environment, overrides or {})))()
        return Settings(**merged)
    except ValidationError as error:
        first = error.errors()[0]
        setting = ".".join(str(part) for part in first["loc"])
        variable = PREFIX + "__".join(str(part).upper() for part in first["loc"])
        raise ConfigError(
            f"{first['msg']}: {setting}",
            place=str(home / FILE) if home is not None else variable,
            remedy=f"correct `{setting}` there or the variable {variable}; docs/settings.md lists all settings",
        ) from error
    except ValueError as error:  # a variable that should hold JSON and does not
        raise ConfigError(str(error), place="environment", remedy="lists and tables in variables are JSON") from error


def read_file(path: Path) -> dict[str, Any]:
    """A settings file as nested tables; a missing one is empty."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"cannot be read: {error}", place=str(path), remedy="correct the file, or remove it"
        ) from error


def merge(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Nested tables joined; what `over` states wins."""
    joined = dict(under)
    for name, value in over.items():
        below = joined.get(name)
        joined[name] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return joined
