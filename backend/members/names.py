"""How names are folded for searching, and shortened for messages."""


def search_key(name: str) -> str:
    """The name as the search compares it: single spaces, case folded. Danish letters stay themselves."""
    return " ".join(name.split()).casefold()


def first_name(name: str) -> str:
    """What a colleague is called in a message to a member."""
    return name.split(maxsplit=1)[0] if name.split() else name
