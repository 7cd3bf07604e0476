"""What sound models mean: names of sounds and music, and vectors that texts can be compared with."""

from .clap import ClapSound

__all__ = ["ClapSound"]
