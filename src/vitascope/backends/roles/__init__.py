"""All model roles of the configured pack behind one object."""

from ._roles import PackModels, open_models

__all__ = ["PackModels", "open_models"]
