"""What one value of the export means. Pure; a value that means nothing raises Fault with the reason code."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from backend.clock import COPENHAGEN
from backend.intake.layout import LONGEST_ID, LONGEST_TEXT

Meaning = TypeVar("Meaning")
DAY = re.compile(r"(\d\d)-(\d\d)-(\d{4})", re.ASCII)
MOMENT = re.compile(r"(\d\d-\d\d-\d{4}) (\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
NUMBER = re.compile(r"\d{1,3}", re.ASCII)
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
YEARS = range(1900, 2101)


class Fault(Exception):
    """A row cannot be stored: the reason code, and the value at fault (never more of the row than that)."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value


def width(fields: Sequence[object], columns: int) -> None:
    if len(fields) != columns:
        raise Fault("wrong_columns", str(len(fields)))


def text(value: str) -> str:
    """Free text, trimmed. PostgreSQL stores no NUL; hundreds of characters are a misplaced quote and not a name."""
    if "\0" in value or len(value) > LONGEST_TEXT:
        raise Fault("bad_text", value[:20].replace("\0", ""))
    return value.strip()


def identifier(value: str) -> str:
    value = value.strip()
    if not value:
        raise Fault("missing_id")
    if len(value) > LONGEST_ID or not value.isprintable():
        raise Fault("bad_id", value[:LONGEST_ID])
    return value


def day(value: str) -> date:
    """`dd-mm-yyyy`, a day that exists."""
    found = DAY.fullmatch(value.strip())
    try:
        if found and int(found[3]) in YEARS:
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise Fault("bad_date", value)


def month(value: str) -> date:
    """`mm-yyyy`, as the month's first day."""
    try:
        return day(f"01-{value.strip()}")
    except Fault:
        raise Fault("bad_date", value) from None


def optional_day(value: str) -> date | None:
    return day(value) if value.strip() else None


def past_day(value: str, today: date) -> date:
    found = day(value)
    if found > today:
        raise Fault("future_date", value)
    return found


def moment(value: str, today: date) -> datetime:
    """`dd-mm-yyyy HH:MM` by the clock on the wall in Denmark; in October's repeated hour the first one is meant."""
    found = MOMENT.fullmatch(value.strip())
    if not found:
        raise Fault("bad_date", value)
    hour, minute, second = (int(part or 0) for part in found.groups()[1:])
    if hour > 23 or minute > 59 or second > 59:
        raise Fault("bad_date", value)
    on = past_day(found[1], today)
    wall = datetime(on.year, on.month, on.day, hour, minute, second, tzinfo=COPENHAGEN)
    return wall.astimezone(UTC)


def wall_date(instant: datetime) -> date:
    return instant.astimezone(COPENHAGEN).date()


def code(value: str, known: Mapping[str, Meaning], reason: str) -> Meaning:
    try:
        return known[value.strip()]
    except KeyError:
        raise Fault(reason, value) from None


def country(value: str) -> str:
    found = value.strip().upper()
    if not COUNTRY.fullmatch(found):
        raise Fault("bad_country", value)
    return found


def number(value: str, most: int) -> int:
    value = value.strip()
    if not NUMBER.fullmatch(value) or int(value) > most:
        raise Fault("bad_number", value)
    return int(value)


def period(value_from: str, value_to: str) -> tuple[date, date | None]:
    """Both days inclusive; without a last day it is open."""
    first, last = day(value_from), optional_day(value_to)
    if last is not None and last < first:
        raise Fault("bad_period", value_to)
    return first, last


EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(2000, 1, 1)


def microseconds(instant: datetime) -> int:
    """Since 2000-01-01 UTC, as PostgreSQL's binary format wants an instant."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def days(on: date) -> int:
    """Since 2000-01-01, as PostgreSQL's binary format wants a date."""
    return (on - EPOCH_DAY).days
