"""How many SMS a text is."""

import pytest

from backend.notifications import gsm


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("æøåÆØÅ" * 20 + "é", 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("–" * 70, 1),
        ("–" + "a" * 70, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments(text: str, segments: int) -> None:
    assert gsm.segments(text) == segments


def test_the_alphabet_has_its_127_characters_and_ten_escaped() -> None:
    assert (len(gsm.SINGLE), len(gsm.DOUBLE)) == (127, 10)
    assert gsm.outside("Ny besked – læs “den”") == {"–", "“", "”"}
