"""Templates: autoescaped, in the reader's language, with dates and numbers as that reader writes them."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend import i18n
from backend.clock import COPENHAGEN
from backend.i18n import N_
from backend.notifications.pages import TEMPLATES as CATALOGUE

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
QUARTER = N_("Quarter {n} of {year}")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The one environment of all pages. A name that a page did not give is an error, never an empty place."""
    made = Environment(
        loader=FileSystemLoader([HERE / "templates", CATALOGUE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static_url
    return made


def render(name: str, language: str, values: Mapping[str, Any]) -> str:
    """A page in the language. In templates, `_("…", n=…)` translates and fills in; the filters take JSON's texts."""
    tools = {
        "_": lambda msgid, **params: i18n.text(language, msgid, **params),
        "language": language,
        "day": lambda value: i18n.shown(language, as_date(value)),
        "weekday": lambda value: i18n.shown(language, i18n.WithWeekday(as_date(value))),
        "moment": lambda value: i18n.shown(language, _instant(value)),
        "clock_time": lambda value: i18n.shown(language, _instant(value).astimezone(COPENHAGEN).time()),
        "phone": i18n.phone,
        "quarter_name": lambda word: quarter_name(language, word),
        "number": lambda value: i18n.shown(language, float(value)) if isinstance(value, float) else value,
        "weekday_no": lambda value: as_date(value).isoweekday(),
        "iso_week": lambda value: as_date(value).isocalendar().week,
    }
    return environment().get_template(name).render(tools | dict(values))


@lru_cache(maxsize=256)
def static_url(path: str) -> str:
    """A file of the pages, with its content in the address: it may be kept for a year."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


def quarter_name(language: str, word: str) -> str:
    """A quarter as the API names it, 2026-3, as people do."""
    year, _, n = word.partition("-")
    return i18n.text(language, QUARTER, n=n, year=year)


def as_date(value: object) -> date:
    if isinstance(value, datetime):
        return value.astimezone(COPENHAGEN).date()
    if isinstance(value, date):
        return value
    text = str(value)
    return date.fromisoformat(text) if len(text) == 10 else as_date(_instant(text))


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
