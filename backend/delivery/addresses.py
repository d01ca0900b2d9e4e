"""Phone numbers and e-mail addresses as a gateway takes them. Pure. What is none is not sent, and not logged."""

import re

DENMARK = "+45"
_NOISE = re.compile(r"[\s().\-/]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DANISH = re.compile(r"[1-9][0-9]{7}")
# Nothing that could add a second recipient or a header.
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def phone(text: str) -> str | None:
    """The number with its country (E.164); eight digits are Danish. None when it is no number."""
    plain = _NOISE.sub("", text)
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if _DANISH.fullmatch(plain):
        plain = DENMARK + plain
    return plain if _E164.fullmatch(plain) else None


def email(text: str) -> str | None:
    """The address. None when it is not one of a single person."""
    plain = text.strip()
    return plain if _EMAIL.fullmatch(plain) and ".." not in plain else None
