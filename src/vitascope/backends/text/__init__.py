"""What text models mean: texts to vectors."""

from .endpoint import EndpointText
from .hf import HfText
from .minilm import MiniLmText

__all__ = ["EndpointText", "HfText", "MiniLmText"]
