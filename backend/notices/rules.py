"""When a legal notice is best sent. Pure. A hint to the person who lets it go: deadlines count from the mailbox."""

from datetime import datetime, time

from backend import calendar
from backend.clock import COPENHAGEN

FROM, UNTIL = time(8), time(15)
THURSDAY = 3


def is_good_time(at: datetime) -> bool:
    """Monday to Thursday from 8 to 15, and no public holiday: the reader can call us the same day."""
    wall = at.astimezone(COPENHAGEN)
    return calendar.is_working_day(wall.date()) and wall.weekday() <= THURSDAY and FROM <= wall.time() < UNTIL
