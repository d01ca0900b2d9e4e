"""Rows of joblog.csv as rows of PostgreSQL's binary COPY.

Millions of rows have few different values. Each value is checked and encoded once (checks.py) and remembered, so that a
row is a dozen look-ups and one join. The look-ups stand in the order in which reasons are given for a faulty row.
"""

from collections.abc import Callable, Mapping
from datetime import date
from hashlib import blake2b
from struct import pack
from typing import Generic, TypeVar
from uuid import UUID

from backend.intake import checks
from backend.intake.checks import Fault
from backend.intake.layout import CHANNELS, COLUMNS, HOURS, LOG, LONGEST_ID, LONGEST_TEXT, STATUSES, YES_NO
from backend.job_log.rules import duplicate_key

COPY_COLUMNS = (
    "id", "external_no", "member_id", "applied_on", "logged_at", "logged_on", "employer", "title", "duplicate_key",
    "postcode", "country", "channel", "hours", "has_document", "status", "source", "import_hash",
)  # fmt: skip
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + pack(">ii", 0, 0)
COPY_TAIL = pack(">h", -1)
REMEMBERED = 120_000  # values per column, so that memory stays flat
SUSPECTS = 20_000
# The six last columns have few values together, so they are looked up as one: a record is split into no more than this.
FIELDS = 7
Key = TypeVar("Key")


class _Remembered(dict[Key, bytes], Generic[Key]):
    """The encoded form of every value met, made by `encode` at the first meeting; a faulty value is not kept."""

    def __init__(self, encode: Callable[[Key], bytes]) -> None:
        super().__init__()
        self._encode = encode

    def __missing__(self, value: Key) -> bytes:
        made = self._encode(value)
        if len(self) >= REMEMBERED:
            self.clear()
        self[value] = made
        return made


class LogEncoder:
    """Encodes the rows of one file.

    Ids are UUIDv7 that end in the row's line number: they grow with the file, and a row found faulty later can still be
    named by its line. `suspects` are the external numbers that do not grow from row to row, the only ones that can have
    come before; None when they are too many to remember.
    """

    def __init__(self, members: Mapping[str, UUID], today: date, first_id: UUID) -> None:
        # A row begins with its number of columns, then its id: length 16 and the bytes.
        self._head = pack(">hi", len(COPY_COLUMNS), 16) + first_id.bytes[:10]
        self._members = _Remembered[bytes](lambda value: _uuid(_member(value, members)))
        self._days = _Remembered[bytes](lambda value: _day(checks.past_day(value.decode(), today)))
        self._moments = _Remembered[bytes](lambda value: _moment(value, today))
        self._jobs = _Remembered[tuple[bytes, bytes]](_job)
        self._rests = _Remembered[bytes](_rest)
        self._lengths = [pack(">i", n) for n in range(LONGEST_ID * 4 + 1)]
        self.begin()

    def begin(self) -> None:
        """Begin another part of the file: what was said of the order of numbers is said anew, the values stay known."""
        self.lowest = self.highest = b""
        self.suspects: list[str] | None = []

    def encode(self, number: int, fields: list[bytes], raw: bytes) -> bytes:
        """The row for COPY. `fields` are the first six values and, unsplit, the rest of the record. Raises Fault."""
        try:
            return self._encode(number, fields, raw)
        except Fault:
            checks.width([*fields[:-1], *fields[-1].split(b";")], len(COLUMNS[LOG]))
            raise

    def _encode(self, number: int, fields: list[bytes], raw: bytes) -> bytes:
        if len(fields) != FIELDS:
            raise Fault("wrong_columns", str(len(fields)))
        external, member, applied, logged, employer, title, rest = fields
        if len(raw) > LONGEST_TEXT or b"\0" in raw:
            _check_lengths(fields)
        external = external.strip()
        if not 0 < len(external) <= LONGEST_ID or not external.isalnum():
            checks.identifier(external.decode())
        row = b"".join((
            self._head, number.to_bytes(6, "big"),
            self._lengths[len(external)], external,
            self._members[member],
            self._days[applied],
            self._moments[logged],
            self._jobs[employer, title],
            self._rests[rest],
            blake2b(raw, digest_size=8).digest(),
        ))  # fmt: skip
        if external <= self.highest:
            self._suspect(external)
        else:
            self.highest = external
            self.lowest = self.lowest or external
        return row

    def _suspect(self, external: bytes) -> None:
        if self.suspects is not None:
            self.suspects.append(external.decode())
            if len(self.suspects) > SUSPECTS:
                self.suspects = None


def line_of(row_id: UUID) -> int:
    """The line that an id made here ends in."""
    return int.from_bytes(row_id.bytes[10:], "big")


def _check_lengths(fields: list[bytes]) -> None:
    for field in fields:
        checks.text(field.decode())


def _member(value: bytes, members: Mapping[str, UUID]) -> UUID:
    return checks.code(value.decode(), members, "unknown_member")


def _uuid(value: UUID) -> bytes:
    return pack(">i", 16) + value.bytes


def _day(on: date) -> bytes:
    return pack(">ii", 4, checks.days(on))


def _moment(value: bytes, today: date) -> bytes:
    """Both `logged_at` and, by the wall clock, `logged_on`."""
    at = checks.moment(value.decode(), today)
    return pack(">iq", 8, checks.microseconds(at)) + _day(checks.wall_date(at))


def _job(value: tuple[bytes, bytes]) -> bytes:
    """`employer`, `title` and their `duplicate_key`."""
    employer, title = (checks.text(part.decode()) for part in value)
    if not employer and not title:
        raise Fault("missing_employer_and_title")
    key = duplicate_key(employer, title)
    return _text(employer) + _text(title) + (pack(">i", -1) if key is None else pack(">iq", 8, key))


def _rest(value: bytes) -> bytes:
    """`postcode`, `country`, `channel`, `hours`, `has_document`, `status`, `source` and the length of `import_hash`."""
    values = value.decode().split(";")
    checks.width(values, len(COLUMNS[LOG]) - FIELDS + 1)
    postcode, country, channel, hours, document, status = values
    channel = checks.code(channel, CHANNELS, "unknown_channel")
    status = checks.code(status, STATUSES, "unknown_status")
    hours = checks.code(hours, HOURS, "unknown_hours")
    has_document = checks.code(document, YES_NO, "bad_yes_no")
    country = checks.country(country)
    parts = [_text(checks.text(postcode)), _text(country), _text(channel), _text(hours)]
    parts += [pack(">i?", 1, has_document), _text(status), _text("import"), pack(">i", 8)]
    return b"".join(parts)


def _text(value: str) -> bytes:
    encoded = value.encode()
    return pack(">i", len(encoded)) + encoded
