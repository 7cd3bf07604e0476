"""Scorers: what a person may think of each item, from taste, content, other people and popularity; and their joining.

Takes histories over the rows of a shelf and a trained model's artifacts; gives a score matrix a scorer, people x items.
`normalised` scales each person's row to at most 1, so that the weights of a blend mean the same for everyone.

taste          R(u, v) = sum of w_i u_i v_i over named features
content        likeness to the middle of what the person took to lately
collaborative  EASE (Steck 2019, arXiv 1905.03375): x B, x being the history with newer acts counting more
neighbours     x N, N being what was taken up together, scaled
factors        alternating least squares, a person folded in from what they took up
sequence       a causal transformer over what the person did, in order (recommend/sequence.py)
popular        how many people took to it
"""

from __future__ import annotations

from vitascope.recommend.scorers._collaborative import Collaborative, Neighbours, Together
from vitascope.recommend.scorers._content import Content
from vitascope.recommend.scorers._factors import Factors
from vitascope.recommend.scorers._joined import Loaded, Scores, load, normalised, score
from vitascope.recommend.scorers._popular import Popular
from vitascope.recommend.scorers._sequence import Sequence
from vitascope.recommend.scorers._taste import Taste, taste_scores
from vitascope.recommend.scorers._weights import Weights

__all__ = [
    "Collaborative",
    "Content",
    "Factors",
    "Loaded",
    "Neighbours",
    "Popular",
    "Scores",
    "Sequence",
    "Taste",
    "Together",
    "Weights",
    "load",
    "normalised",
    "score",
    "taste_scores",
]
