"""How names are folded for searching."""


def search_key(name: str) -> str:
    """The name as the search compares it: single spaces, case folded. Danish letters stay themselves."""
    return " ".join(name.split()).casefold()
