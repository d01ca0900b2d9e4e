"""Two languages: English msgids in the code, Danish in locales/da. Text is formatted after translation.

Catalogues are read straight from their .po files, so that nothing has to be compiled before a start.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import babel.dates
import babel.lists
import babel.numbers
from babel.messages.pofile import read_po

from backend.clock import COPENHAGEN

LOCALES = Path(__file__).resolve().parent.parent / "locales"
LANGUAGES = ("da", "en")
DEFAULT = "da"
WITH_WEEKDAY = {"da": "EEEE 'den' d. MMMM", "en": "EEEE d MMMM"}
MOMENTS = {"da": "d. MMMM 'kl.' HH.mm", "en": "d MMMM 'at' HH:mm"}
# What a text may ask of a day or an instant, as in {at:weekday}: babel's patterns; the bare field gives all of it.
FORMS = {
    "weekday": {"da": "EEEE", "en": "EEEE"},
    "month": {"da": "MMMM", "en": "MMMM"},
    "day": {"da": "d. MMMM", "en": "d MMMM"},
    "time": {"da": "HH.mm", "en": "HH:mm"},
}


@dataclass(frozen=True, slots=True)
class WithWeekday:
    """A day near at hand, shown with its weekday: people plan by weekdays."""

    day: date


def N_(msgid: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark a msgid for the catalogue; it is translated later, at the door."""
    return msgid


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> dict[str, str]:
    path = LOCALES / language / "LC_MESSAGES" / "jobvej.po"
    with path.open("rb") as stream:
        found = read_po(stream, locale=language)
    return {str(m.id): str(m.string) for m in found if m.id and m.string and not m.fuzzy}


def translate(language: str, msgid: str) -> str:
    """The text in the reader's language; the msgid itself where there is none."""
    return _catalogue(language if language in LANGUAGES else DEFAULT).get(msgid, msgid)


def text(language: str, msgid: str, /, **params: object) -> str:
    """Translate, then fill in the params; dates, times and numbers are written as the reader writes them."""
    if not params:
        return translate(language, msgid)
    if any(isinstance(value, date) for value in params.values()):
        return _Formatter(language).vformat(translate(language, msgid), (), params)
    return translate(language, msgid).format(**{key: shown(language, value) for key, value in params.items()})


class _Formatter(Formatter):
    """Fills in values as the reader's language writes them; days and instants take the FORMS as well."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec in FORMS and isinstance(value, date):
            at = value.astimezone(COPENHAGEN) if isinstance(value, datetime) else value
            pattern = FORMS[format_spec][self.language if self.language in LANGUAGES else DEFAULT]
            return babel.dates.format_datetime(_naive(at), pattern, locale=_locale(self.language))
        return str(super().format_field(shown(self.language, value), format_spec))


def _naive(at: date) -> datetime:
    """The wall-clock time as such: babel turns an instant into UTC."""
    return at.replace(tzinfo=None) if isinstance(at, datetime) else datetime.combine(at, time())


def shown(language: str, value: object) -> object:
    """A value as a reader of this language writes it: 5. november, 3. november kl. 14.30, 2,5, "43, 44 og 46"."""
    if isinstance(value, WithWeekday | date | time):
        return _moment(language, value)
    if isinstance(value, tuple):
        return babel.lists.format_list([str(shown(language, one)) for one in value], locale=_locale(language))
    if isinstance(value, float):
        return babel.numbers.format_decimal(value, locale=_locale(language))
    return value


def phone(number: str) -> str:
    """A Danish number in pairs, as 12 34 56 78, without the country's +45; any other number as it stands."""
    digits = number.replace(" ", "").removeprefix("+45")
    if len(digits) != 8 or not digits.isdigit():
        return number
    return " ".join(digits[at : at + 2] for at in range(0, 8, 2))


def _moment(language: str, value: WithWeekday | date | time) -> str:
    locale = _locale(language)
    if isinstance(value, WithWeekday):
        return babel.dates.format_date(value.day, WITH_WEEKDAY[language], locale=locale)
    if isinstance(value, datetime):
        return babel.dates.format_datetime(value.astimezone(COPENHAGEN), MOMENTS[language], locale=locale)
    if isinstance(value, date):
        return _day(locale, value)
    return babel.dates.format_time(value, "short", locale=locale)


# Finding the pattern costs babel milliseconds, and a page of a list shows the same few days again and again.
@lru_cache(maxsize=2048)
def _day(locale: str, value: date) -> str:
    return str(babel.dates.format_skeleton("dMMMM", value, locale=locale))


def _locale(language: str) -> str:
    return "en_GB" if language == "en" else "da_DK"


def negotiate(accept_language: str | None) -> str:
    """The best language for an Accept-Language header: English where it is preferred to Danish, else Danish."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "").split(",")):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        if language in LANGUAGES:
            ranked.append((-_quality(quality), place, language))
    return min(ranked)[2] if ranked else DEFAULT


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
