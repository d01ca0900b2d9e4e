"""What a kind of timeline item is: its wordings, and what chooses among them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """A title, and bodies from the fullest to the plainest: the first whose fields are all known is shown."""

    title: str
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item. Where `by` names params, their values chosen by joining them with ">", or by the last alone,
    choose the wording; `wordings[""]` serves all the others.

    Fields whose names end in `_on` are dates, in `_at` instants; `at` and `due_at` of the item itself are always known.
    A value that is stored as {"da": …, "en": …} is shown in the reader's language.
    """

    wordings: Mapping[str, Wording]
    by: tuple[str, ...] = ()
