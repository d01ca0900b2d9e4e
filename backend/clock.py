"""The clock and the fund's time zone. Only doors may call `now()`; below them time is an argument."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The calendar day in Denmark at an instant."""
    return instant.astimezone(COPENHAGEN).date()


def local_time(day: date, at: time) -> datetime:
    """The instant of a wall-clock time in Denmark. In the repeated hour of October the first one is meant."""
    return datetime.combine(day, at, tzinfo=COPENHAGEN)


def parse_local(text: str) -> datetime:
    """An ISO date or date-time; without an offset it is Copenhagen time. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=COPENHAGEN)
