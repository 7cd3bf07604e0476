"""Pure privacy rules: what text may leave the machine, how a person's outside id becomes a pseudonym."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from typing import NewType
from urllib.parse import urlsplit

SafeText = NewType("SafeText", str)
"""Text that this module made safe to hand to a language model; only `safe_text` and `safe_join` make it."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\w)(?:\+|00)?\d[\d ()./-]{7,}\d(?!\w)")
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")
_MARKER = re.compile(
    r"<\|[^|>]{0,40}\|>|\[/?INST\]|</?s>|<<SYS>>|^\s*(?:system|assistant|user)\s*:", re.IGNORECASE | re.MULTILINE
)


def safe_text(text: str, limit: int = 4_000) -> SafeText:
    """Make hostile or personal text fit for a prompt.

    Control and direction characters and chat-template markers are taken out, e-mail addresses, phone and card numbers
    are replaced by a word, and the text is cut at `limit` characters. It does not make an instruction in the text
    harmless by itself: prompts still fence it and answers are still checked.
    """
    clean = unicodedata.normalize("NFC", text)
    clean = _CONTROL.sub(" ", clean)
    for _ in range(8):  # a marker can appear once the one inside it was taken out; bounded
        after = _MARKER.sub(" ", clean)
        if after == clean:
            break
        clean = after
    clean = _EMAIL.sub("(e-mail)", clean)
    clean = _CARD.sub("(number)", clean)
    clean = _PHONE.sub("(number)", clean)
    return SafeText(clean[:limit])


def safe_join(parts: list[SafeText | str], template: str) -> SafeText:
    """Fill the `{}` places of a template of our own with texts, each made safe."""
    return SafeText(template.format(*[p.replace("{", "(").replace("}", ")") for p in map(safe_text, parts)]))


def pseudonym(key: bytes, external_id: str) -> bytes:
    """Keyed pseudonym of a person's outside id: 16 bytes of HMAC-SHA256 (RFC 2104)."""
    return hmac.new(key, b"person\0" + external_id.encode(), hashlib.sha256).digest()[:16]


def stays_here(address: str) -> bool:
    """Whether what is sent to an address stays on this machine: localhost and loopback addresses, nothing looked up."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
