"""Ids and the few value helpers that tables share."""

import time
from uuid import UUID

import uuid_utils
import uuid_utils.compat


def new_id() -> UUID:
    """A UUIDv7: made in the program before anything is stored, so that a retry meets the same id; grows with time."""
    return uuid_utils.compat.uuid7()


def id_floor(unix_seconds: float) -> UUID:
    """The lowest UUIDv7 of an instant: a keyset bound for "everything since"."""
    return UUID(int=(int(unix_seconds * 1000) & ((1 << 48) - 1)) << 80 | 0x7 << 76 | 0x2 << 62)


def monotonic_ms() -> int:
    """Milliseconds of a clock that never goes back, for leases and timeouts inside one process."""
    return time.monotonic_ns() // 1_000_000
