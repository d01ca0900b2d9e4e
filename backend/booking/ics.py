"""Bookings as iCalendar (RFC 5545), and links that add one to a calendar. Pure.

No names of people are in it: calendars are kept by others than the fund. Times carry the zone, whose rules come along.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from backend.clock import COPENHAGEN

Method = Literal["PUBLISH", "CANCEL"]
WINTER, SUMMER = timedelta(hours=1), timedelta(hours=2)


class Entry(NamedTuple):
    """One thing in a calendar. `uid` never changes, `sequence` rises with every change that matters."""

    uid: UUID
    sequence: int
    cancelled: bool
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str | None
    changed_at: datetime


def calendar(entries: Iterable[Entry], *, name: str, method: Method = "PUBLISH") -> bytes:
    """The entries as one calendar. CANCEL is for a single entry that is sent on its own.

    REQUEST would be an invitation, which calendars answer to its organiser: there is none to answer to.
    """
    found = Calendar()
    found.add("prodid", "-//Jobvej//Calendar//EN")
    found.add("version", "2.0")
    found.add("method", method)
    found.add("x-wr-calname", name)
    found.add("x-wr-timezone", COPENHAGEN.key)
    found.add_component(_zone())
    for entry in entries:
        found.add_component(_event(entry))
    return bytes(found.to_ical())


def one(entry: Entry, *, name: str) -> bytes:
    """A single booking to add to a calendar, or to take out of it when it was cancelled."""
    return calendar([entry], name=name, method="CANCEL" if entry.cancelled else "PUBLISH")


def links(entry: Entry) -> dict[str, str]:
    """Pages of well-known calendars that open with the entry filled in."""
    start, end = entry.starts_at.astimezone(UTC), entry.ends_at.astimezone(UTC)
    google = {
        "action": "TEMPLATE",
        "text": entry.title,
        "dates": f"{start:%Y%m%dT%H%M%SZ}/{end:%Y%m%dT%H%M%SZ}",
        "ctz": COPENHAGEN.key,
        "location": entry.place or "",
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.title,
        "startdt": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "location": entry.place or "",
    }
    return {
        "google": "https://calendar.google.com/calendar/render?" + urlencode(google),
        "outlook": "https://outlook.office.com/calendar/0/deeplink/compose?" + urlencode(outlook),
    }


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@jobvej")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(COPENHAGEN))
    event.add("dtend", entry.ends_at.astimezone(COPENHAGEN))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    if entry.place:
        event.add("location", entry.place)
    return event


def _zone() -> Timezone:
    """The rule of the clock changes, as it has been since 1996: every calendar understands this form of it."""
    zone = Timezone()
    zone.add("tzid", COPENHAGEN.key)
    summer, winter = TimezoneDaylight(), TimezoneStandard()
    for part, name, month, day, hour in ((summer, "CEST", 3, 31, 2), (winter, "CET", 10, 27, 3)):
        part.add("tzname", name)
        part.add("tzoffsetfrom", SUMMER if part is winter else WINTER)
        part.add("tzoffsetto", WINTER if part is winter else SUMMER)
        part.add("dtstart", datetime(1996, month, day, hour))  # noqa: DTZ001 - wall-clock time, as RFC 5545 asks
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1SU"})
        zone.add_component(part)
    return zone
