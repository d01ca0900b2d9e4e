"""Letters and overviews as PDF: archivable (PDF/A-2a, which includes 2b) and readable by machines (tagged, PDF/UA-1).

Only the fonts that come inside the library are used, and the document's date is the notice's own: the same content
gives the same bytes wherever this version runs. A letter takes some milliseconds of a processor; nothing here runs
inside a transaction.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import metadata, resources
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import typst

LAYOUT = "letter/1"
PROGRAM = f"typst {metadata.version('typst')}"
FALLBACK = "\N{REPLACEMENT CHARACTER}"
WORDS = {
    "da": {"number": "Brev", "page": "Side", "of": "af", "phone": "Telefon", "member": "Medlemsnummer",
           "regards": "Venlig hilsen"},
    "en": {"number": "Letter", "page": "Page", "of": "of", "phone": "Phone", "member": "Member number",
           "regards": "Kind regards"},
}  # fmt: skip


class Pdf(NamedTuple):
    """The bytes of a document with their hash, and what made them."""

    pdf: bytes
    sha256: str
    layout: str = LAYOUT
    program: str = PROGRAM


def letter(notice_id: UUID, content: Mapping[str, Any], *, fund: str, at: datetime) -> Pdf:
    """The letter of a notice that was written at an instant, from its content as stored."""
    return _pdf(_source("letter-1.typ"), {**content, "id": str(notice_id), "fund": fund}, content["language"], at)


def overview(shown: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """The readable index of a bundle of evidence."""
    return _pdf(_source("overview-1.typ"), shown, "da", made_at).pdf


def document(source: bytes, given: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """A document in Danish of another room, from its own layout."""
    return _pdf(source, given, "da", made_at).pdf


def _source(layout: str) -> bytes:
    return (resources.files("backend.notices") / "texts" / layout).read_bytes()


def _pdf(source: bytes, given: Mapping[str, Any], language: str, at: datetime) -> Pdf:
    made = at.astimezone(UTC)
    whole = {**given, "words": WORDS[language], "made": [*made.timetuple()[:6]]}
    text = msgspec.json.encode(whole).decode()
    pdf = _first_that_shows(source, (text, _displayable(text), _plain(text)))
    return Pdf(pdf, hashlib.sha256(pdf).hexdigest())


def _first_that_shows(source: bytes, texts: Sequence[str]) -> bytes:
    """A name or a place in a script that the fonts lack is no reason for no letter: the rest is worth sending."""
    for text in texts[:-1]:
        try:
            return _compile(source, text)
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
    return _compile(source, texts[-1])


def _compile(source: bytes, letter: str) -> bytes:
    return typst.compile(
        source,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"letter": letter},
        pdf_standards=["a-2a", "ua-1"],
    )


def _displayable(text: str) -> str:
    """Latin, Greek and Cyrillic letters, and the punctuation that goes with them; a sign in place of anything else."""
    return "".join(c if c.isprintable() and (ord(c) < 0x530 or 0x1E00 <= ord(c) < 0x2070) else FALLBACK for c in text)


def _plain(text: str) -> str:
    """The letters of the languages of western Europe alone, which every font of the letters has."""
    return "".join(c if c.isprintable() and ord(c) < 0x180 else FALLBACK for c in text)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
