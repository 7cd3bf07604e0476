"""Hostile text made plain: for keeping and showing, not for prompts (those take SafeText)."""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_CUE_TAG = re.compile(r"<[^<>]{0,80}>|\{\\[^{}]{0,80}\}")
_SOUND_NOTE = re.compile(r"\[[^\[\]]{0,80}\]|[♪♫#]+")


def tidy(text: str, limit: int = 2_000) -> str:
    """One line without control and direction characters, single spaces, NFC, cut at `limit`."""
    clean = _CONTROL.sub(" ", unicodedata.normalize("NFC", text[: limit * 4]))
    return " ".join(clean.split())[:limit].rstrip()


def cue_text(text: str) -> str:
    """A subtitle cue as speech: styling tags and bracketed sound notes taken out."""
    return tidy(_SOUND_NOTE.sub(" ", _CUE_TAG.sub("", text[:4_000])))


def looped(text: str) -> str:
    """A text with words or groups of words that repeat more than three times in a row cut down to one of them."""
    return re.sub(r"\b(\S+(?:\s+\S+){0,5}?)(?:[\s,.!]+\1\b){3,}", r"\1", text, flags=re.IGNORECASE)
