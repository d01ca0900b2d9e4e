"""Which times an adviser can offer: working hours, less absences, less what is booked or held. Pure.

Spans are half-open and made of instants, so an hour that the clock skips or repeats is neither lost nor counted twice.
Wall-clock times become instants in one place only (`working`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from backend import calendar
from backend.clock import COPENHAGEN
from backend.notifications.sending import is_quiet_day


class Span(NamedTuple):
    """From an instant up to, not including, another."""

    start: datetime
    end: datetime


class Hours(NamedTuple):
    """Wall-clock hours on one weekday (1 Monday to 7), in a range of dates, and how talks can be held in them."""

    weekday: int
    from_time: time
    to_time: time
    valid_from: date
    valid_to: date | None
    forms: frozenset[str]
    place: str | None = None

    def hold_on(self, day: date) -> bool:
        return self.weekday == day.isoweekday() and self.valid_from <= day <= (self.valid_to or day)


class Slot(NamedTuple):
    start: datetime
    end: datetime
    forms: frozenset[str]
    place: str | None


def free(
    hours: Sequence[Hours], busy: Iterable[Span], first: date, last: date, *, minutes: int, not_before: datetime,
    closed: Callable[[date], bool] = is_quiet_day, zone: ZoneInfo = COPENHAGEN,
) -> list[Slot]:  # fmt: skip
    """The slots from `first` to `last` (days inclusive) that lie in working hours and touch nothing that is busy.

    Each begins a whole number of talks after the hours begin, so that what others book shifts no slot.
    """
    taken = merged(busy)
    found = []
    for day in _days(first, last):
        if closed(day):
            continue
        for own in hours:
            if own.hold_on(day):
                grid = _grid(working(own, day, zone), minutes)
                found += [Slot(s.start, s.end, own.forms, own.place) for s in grid if s.start >= not_before]
    return [slot for slot in sorted(found) if not touches(taken, Span(slot.start, slot.end))]


def working(own: Hours, day: date, zone: ZoneInfo = COPENHAGEN) -> Span:
    """The hours of one day as instants. A wall-clock time that the clock skips means the same moment after the gap."""
    return Span(_instant(day, own.from_time, zone), _instant(day, own.to_time, zone))


def remaining(
    hours: Sequence[Hours], busy: Iterable[Span], first: date, last: date, *, not_before: datetime,
    closed: Callable[[date], bool] = is_quiet_day,
) -> list[Span]:  # fmt: skip
    """The working hours of those days less what is busy or past, as they come: for counting, not for booking."""
    taken = merged(busy)
    days = [day for day in _days(first, last) if not closed(day)]
    spans = [working(own, day) for day in days for own in hours if own.hold_on(day)]
    return [gap for span in spans for gap in _gaps(Span(max(span.start, not_before), span.end), taken)]


def _gaps(span: Span, taken: Sequence[Span]) -> Iterator[Span]:
    start = span.start
    for one in taken:
        if one.end > start and one.start < span.end:
            if one.start > start:
                yield Span(start, one.start)
            start = one.end
    if start < span.end:
        yield Span(start, span.end)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans that lie apart, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def touches(apart: Sequence[Span], span: Span) -> bool:
    """Whether a span shares time with any of those, which lie apart and in order."""
    low, high = 0, len(apart)
    while low < high:
        middle = (low + high) // 2
        if apart[middle].end <= span.start:
            low = middle + 1
        else:
            high = middle
    return low < len(apart) and apart[low].start < span.end


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    # Through UTC, since arithmetic and comparison within one zone are of wall clocks.
    return datetime.combine(day, at, tzinfo=zone).astimezone(ZoneInfo("UTC"))


def _grid(span: Span, minutes: int) -> Iterator[Span]:
    step = timedelta(minutes=minutes)
    start = span.start
    while start + step <= span.end:
        yield Span(start, start + step)
        start += step


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += calendar.DAY
