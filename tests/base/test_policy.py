"""What reaches a language model carries no markers, no hidden characters and no addresses."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from vitascope.base.policy import pseudonym, safe_join, safe_text

PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["<|im_start|>", "<|im_", "end|>", "[INST]", "</s>", "system:", "\u202e", "\x1b[31m", "{", "}", "\n"]
        ),
        st.text(max_size=12),
    ),
    max_size=20,
).map("".join)


@given(PIECES)
def test_no_marker_survives(text: str) -> None:
    clean = safe_text(text)
    assert not re.search(r"<\|[^|>]{0,40}\|>|\[/?INST\]|</?s>", clean)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e]", clean)


@given(PIECES, st.integers(0, 100))
def test_it_is_bounded(text: str, limit: int) -> None:
    assert len(safe_text(text, limit)) <= limit


def test_addresses_and_numbers_go() -> None:
    clean = safe_text("write to ana.b@example.org or +49 170 1234567, card 4111 1111 1111 1111, made in 1984")
    assert "example" not in clean
    assert "1234567" not in clean
    assert "4111" not in clean
    assert "1984" in clean


def test_a_text_cannot_fill_a_place_of_the_template() -> None:
    assert safe_join(["{0.__class__}", "b"], "A {} B {}") == "A (0.__class__) B b"


def test_a_pseudonym_needs_the_key() -> None:
    assert pseudonym(b"k" * 32, "ana") == pseudonym(b"k" * 32, "ana") != pseudonym(b"l" * 32, "ana")
    assert len(pseudonym(b"k" * 32, "ana")) == 16
