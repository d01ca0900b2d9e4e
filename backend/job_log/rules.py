"""Pure rules of the job log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, Literal

from backend.job_log import errors

Status = Literal["planned", "applied", "interview", "rejected", "hired", "withdrawn"]
Channel = Literal["posted", "unsolicited", "network", "agency", "contacted"]
Hours = Literal["full", "part"]
Event = Literal["status_changed", "status_corrected", "edited"]

# The usual course of an application. Against it is a correction: allowed, because people tap wrongly, and kept as such.
COURSE: Mapping[str, int] = {"planned": 0, "applied": 1, "interview": 2, "rejected": 3, "hired": 3, "withdrawn": 3}
OLDEST = timedelta(days=731)
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Content:
    """What the member says about one application. When it was logged is not theirs to say."""

    applied_on: date
    status: Status
    channel: Channel
    hours: Hours
    country: str
    postcode: str
    employer: str
    title: str


def checked(content: Content, today: date) -> Content:
    """The content, trimmed. Only what is planned may lie ahead. Raises the errors of this room."""
    content = replace(
        content,
        employer=content.employer.strip(),
        title=content.title.strip(),
        postcode=content.postcode.strip(),
    )
    if not content.employer and not content.title:
        raise errors.NothingNamed(field="employer")
    if content.status != "planned" and content.applied_on > today:
        raise errors.NotYet(field="appliedOn")
    if content.applied_on > today and content.applied_on - today > FURTHEST:
        raise errors.TooLate(field="appliedOn")
    if content.applied_on < today and today - content.applied_on > OLDEST:
        raise errors.TooOld(field="appliedOn")
    return content


def difference(before: Content, after: Content) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changed, before and after, as the history keeps it; empty when nothing did."""
    old, new = asdict(before), asdict(after)
    changed = [name for name in old if old[name] != new[name]]
    return {name: _plain(old[name]) for name in changed}, {name: _plain(new[name]) for name in changed}


def event(before: str, after: str) -> Event:
    """What kind of change two statuses make."""
    if before == after:
        return "edited"
    return "status_changed" if COURSE[after] > COURSE[before] else "status_corrected"


def duplicate_key(employer: str, title: str) -> int | None:
    """A signed 64-bit hash of employer and title, trimmed and case-folded, by which the rating finds duplicates.

    None without an employer: the smiley rule, step 3, compares named employers only.
    """
    folded = employer.strip().casefold()
    if not folded:
        return None
    together = f"{folded}\x1f{title.strip().casefold()}".encode()
    return int.from_bytes(blake2b(together, digest_size=8).digest(), "big", signed=True)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
