"""Rules of access to booking: sessions, slots, bookings, waiting list, calendar feeds, capacity."""

from backend.api.access_roles import Rules, Subjects

RULES: Rules = {}
SUBJECTS: Subjects = {}
