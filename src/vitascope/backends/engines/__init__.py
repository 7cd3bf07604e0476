"""Who does heavy work: processes of this machine, or a Daft plan on a Ray cluster. Daft and Ray load in a child alone.

An engine does jobs, which are functions of Vitascope named by text and asked with text; no code travels.
"""

from ._config import EngineConfig
from .cluster import DaftEngine
from .local import LocalEngine

__all__ = ["DaftEngine", "EngineConfig", "LocalEngine"]
