"""Whom a broadcast is to: a filter over members, as data and as SQL.

There is no filter by colour, and none by exemptions or cases: what the fund notes to follow up one member's job search
is not there to sort members for announcements (docs/decisions/a-broadcast-knows-no-colour.md).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts import errors

MOST_NUMBERS = 5000
Weeks = Annotated[int, msgspec.Meta(ge=0, le=520)]
PlanName = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
MemberNo = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Audience(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """All members for whom every given part fits; a part that is empty or null leaves nobody out.

    `plans` are the course plans (target groups) that members follow now. Weeks count from the first day of
    unemployment: `weeks_from` is included, `weeks_to` is not. `member_nos`: these members alone.
    """

    branches: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=200)] = ()
    plans: Annotated[tuple[PlanName, ...], msgspec.Meta(max_length=50)] = ()
    weeks_from: Weeks | None = None
    weeks_to: Weeks | None = None
    risk: Literal["low", "high"] | None = None
    language: Literal["da", "en"] | None = None
    member_nos: Annotated[tuple[MemberNo, ...], msgspec.Meta(max_length=MOST_NUMBERS)] = ()


class Count(NamedTuple):
    """How many members fit, and how each would hear of it: by a push, in the inbox alone for one of these reasons.

    Whoever has another language than English reads Danish.
    """

    members: int
    pushed: int
    no_phone: int
    not_wanted: int
    digital_exempt: int
    danish: int
    english: int


# The member is `m`. Parts that are not given are true for everybody.
FITS = """
    (cardinality(CAST(:branches AS uuid[])) = 0 OR m.branch_id = ANY(CAST(:branches AS uuid[])))
    AND (cardinality(CAST(:plans AS text[])) = 0 OR EXISTS (
        SELECT FROM spell s JOIN spell_plan p ON p.spell_id = s.id AND p.ended_at IS NULL
        WHERE s.member_id = m.id AND s.ended_on IS NULL AND p.plan = ANY(CAST(:plans AS text[]))))
    AND (CAST(:weeks_from AS int) IS NULL OR m.unemployed_from <= CAST(:today AS date) - 7 * CAST(:weeks_from AS int))
    AND (CAST(:weeks_to AS int) IS NULL OR m.unemployed_from > CAST(:today AS date) - 7 * CAST(:weeks_to AS int))
    AND (CAST(:risk AS text) IS NULL OR m.risk = :risk)
    AND (CAST(:language AS text) IS NULL OR m.language = :language)
    AND (cardinality(CAST(:member_nos AS text[])) = 0 OR m.member_no = ANY(CAST(:member_nos AS text[])))
"""
# Who wants no pushes of the category is pushed none; it lies in the inbox.
WANTS_PUSH = """
    NOT EXISTS (SELECT FROM notification_preference x
                WHERE x.member_id = m.id AND x.category = :category AND x.channel = 'push' AND NOT x.wanted)
"""
_COUNT = text(f"""
SELECT count(*) AS members,
    count(*) FILTER (WHERE NOT exempt AND phone AND wanted) AS pushed,
    count(*) FILTER (WHERE NOT exempt AND NOT phone) AS no_phone,
    count(*) FILTER (WHERE NOT exempt AND phone AND NOT wanted) AS not_wanted,
    count(*) FILTER (WHERE exempt) AS digital_exempt,
    count(*) FILTER (WHERE language <> 'en') AS danish,
    count(*) FILTER (WHERE language = 'en') AS english
FROM (
    SELECT m.digital_exempt AS exempt, m.language, {WANTS_PUSH} AS wanted,
        EXISTS (SELECT FROM device v WHERE v.member_id = m.id AND v.revoked_at IS NULL) AS phone
    FROM member m WHERE {FITS}
) fitting
""")  # noqa: S608 - SQL of ours
_KNOWN = text("SELECT count(*) FROM member WHERE member_no = ANY(:numbers)")


def values(audience: Audience, today: date) -> dict[str, Any]:
    """What FITS is filled with, as of a day."""
    return {
        "branches": list(audience.branches),
        "plans": list(audience.plans),
        "weeks_from": audience.weeks_from,
        "weeks_to": audience.weeks_to,
        "risk": audience.risk,
        "language": audience.language,
        "member_nos": list(audience.member_nos),
        "today": today,
    }


def stored(audience: Mapping[str, Any]) -> Audience:
    """The filter as it lies in the database."""
    return msgspec.convert(audience, Audience)


async def count(session: AsyncSession, audience: Audience, category: str, *, today: date) -> Count:
    """Nothing is sent: how many would be reached, and how. One statement."""
    row = (await session.execute(_COUNT, values(audience, today) | {"category": category})).one()
    return Count(*row)


async def check(session: AsyncSession, numbers: Sequence[str]) -> None:
    """Raises UnknownNumbers when somebody's own selection holds numbers that nobody has."""
    wanted = set(numbers)
    known = await session.scalar(_KNOWN, {"numbers": list(wanted)}) if wanted else 0
    if known != len(wanted):
        raise errors.UnknownNumbers(field="audience", count=len(wanted) - (known or 0))
