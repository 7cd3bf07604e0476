"""The cache of signals that the libraries of one user share."""

from ._config import SignalsConfig
from ._folder import SignalFolder, shared_folder

__all__ = ["SignalFolder", "SignalsConfig", "shared_folder"]
