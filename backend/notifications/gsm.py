"""How long an SMS is: the characters of 3GPP TS 23.038, and the segments that a text takes (TS 23.040)."""

# The default alphabet, and the characters that take an escape before them and so two places.
SINGLE = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("^{}\\[~]|€\f")
# One segment, and each of several: the rest is the header that joins them.
SEPTETS, SEPTETS_OF_MANY = 160, 153
UCS2, UCS2_OF_MANY = 70, 67


def outside(text: str) -> set[str]:
    """The characters that the alphabet lacks: one of them, and the whole SMS has room for 70 instead of 160."""
    return set(text) - SINGLE - DOUBLE


def segments(text: str) -> int:
    """How many SMS the text is sent, and paid, as."""
    if outside(text):
        return _parts(len(text.encode("utf-16-be")) // 2, UCS2, UCS2_OF_MANY)
    return _parts(sum(2 if character in DOUBLE else 1 for character in text), SEPTETS, SEPTETS_OF_MANY)


def _parts(length: int, alone: int, of_many: int) -> int:
    return 1 if length <= alone else -(-length // of_many)
