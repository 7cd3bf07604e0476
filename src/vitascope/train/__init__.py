"""Room 6: feedback becomes evaluated, versioned models, and weights that learn online."""

from vitascope.train.config import TrainConfig

__all__ = ["TrainConfig"]
