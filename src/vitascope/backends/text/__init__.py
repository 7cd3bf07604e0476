"""What text models mean: texts to vectors."""

from .minilm import MiniLmText

__all__ = ["MiniLmText"]
