"""What picture models mean: labels, vectors, unfit pictures, text on screen."""

from .hf import HfClassifier, HfPictures, HfUnsafe
from .lite0 import Lite0Pictures
from .opennsfw import OpenNsfw
from .rapid import RapidScreenReader

__all__ = ["HfClassifier", "HfPictures", "HfUnsafe", "Lite0Pictures", "OpenNsfw", "RapidScreenReader"]
