"""The days of the benefit card. Pure: a month is its first day; days are Danish banking days.

A card opens on the fifth last banking day of its month. Sent by the third last, it is paid on the last. The final
deadline lies one month and ten days after the month's end; after it nothing is paid for that month.
"""

from datetime import date, timedelta

from backend import calendar

OPENS, SEND_BY, PAID_ON = 5, 3, 1  # the n-th banking day from the end of the month
WARNED_BEFORE_FINAL = timedelta(days=10)
# Ascension Day is the only public holiday on a Thursday between these; the Friday after it banks are closed.
ASCENSION_EARLIEST, ASCENSION_LATEST = (4, 30), (6, 3)


def is_banking_day(day: date) -> bool:
    """A working day other than 5 June, 24 and 31 December and the day after Ascension Day. On 1 May banks are open."""
    closed = (day.month, day.day) in ((6, 5), (12, 24), (12, 31)) or _after_ascension(day)
    return calendar.is_working_day(day) and not closed


def _after_ascension(day: date) -> bool:
    eve = day - calendar.DAY
    in_season = ASCENSION_EARLIEST <= (eve.month, eve.day) <= ASCENSION_LATEST
    return in_season and eve.weekday() == 3 and calendar.is_public_holiday(eve)


def month_of(day: date) -> date:
    """The month that a day lies in, as its first day."""
    return day.replace(day=1)


def last_day(month: date) -> date:
    return _first_of_next(month) - calendar.DAY


def opens_on(month: date) -> date:
    return _from_the_end(month, OPENS)


def send_by(month: date) -> date:
    """The last day to send the card and be paid on the month's last banking day."""
    return _from_the_end(month, SEND_BY)


def paid_on(month: date) -> date:
    return _from_the_end(month, PAID_ON)


def final_deadline(month: date) -> date:
    """One month and ten days after the month's end: the 10th of the month after the next."""
    return _first_of_next(_first_of_next(month)).replace(day=10)


def last_working_day(month: date) -> date:
    """The last working day up to the final deadline: when somebody can still ring."""
    day = final_deadline(month)
    while not calendar.is_working_day(day):
        day -= calendar.DAY
    return day


def opening(day: date) -> date | None:
    """The month whose card opens on this day."""
    return month_of(day) if opens_on(month_of(day)) == day else None


def to_be_sent(day: date) -> date | None:
    """The month whose card must be sent on this day to be paid in time."""
    return month_of(day) if send_by(month_of(day)) == day else None


def nearly_lost(day: date) -> date | None:
    """The month whose final deadline lies ten days ahead of this day."""
    month = calendar.month_before(day)[0]
    return month if final_deadline(month) - WARNED_BEFORE_FINAL == day else None


def about_to_be_lost(day: date) -> date | None:
    """The month whose card somebody can still save on this day, and on no later one."""
    month = calendar.month_before(calendar.month_before(day)[0])[0]
    return month if last_working_day(month) == day else None


def _from_the_end(month: date, place: int) -> date:
    day = _first_of_next(month)
    while place:
        day -= calendar.DAY
        place -= is_banking_day(day)
    return day


def _first_of_next(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
