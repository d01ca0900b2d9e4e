"""What members of the demo fund said: events of the last weeks, talks of the last months, who was asked, who answered.

Everybody is asked by the surveys' own rules at the time; figures are counted as ever, in blocks of five.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, product
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.booking import templates
from backend.booking.rules_sessions import Setup
from backend.booking.templates import Series
from backend.clock import local_date, local_time
from backend.demo import appointments, phones
from backend.surveys import answers, attendance, catalogue, counting, forms, invitations
from backend.surveys.answers import Given, Open
from backend.surveys.attendance import NewAttendance
from backend.surveys.forms import Form, Question
from backend.surveys.invitations import Known
from backend.surveys.policy import Policy


class Event(NamedTuple):
    """A weekly event: on which weekday, how many come, and how many of ten are pleased."""

    activity: str
    touchpoint: str
    weekday: int
    seats: int
    pleased: int


class Talk(NamedTuple):
    """A kind of talk: how many a week in each of some branches, and how many of ten are pleased."""

    touchpoint: str
    compulsory: bool
    a_week: int
    pleased: int


SEED, WEEKS, WEEKS_OF_TALKS, BRANCHES = 7, 8, 14, 3
EVENTS = (
    Event("ws_write", "T4", 1, 16, 8),
    Event("ws_linkedin", "T4", 2, 16, 5),
    Event("td_50plus", "T5", 3, 16, 6),
)
TALKS = (Talk("T1", True, 3, 8), Talk("T2", True, 2, 5), Talk("T2", False, 2, 7))
ANSWER = 0.7
COUNTED_EVERY = timedelta(days=14)
INVITED_AFTER = timedelta(hours=3)
DELIVERED_AFTER = timedelta(minutes=45)
WORDS = (
    "Godt tempo og gode eksempler. Jeg fik skrevet en ansøgning færdig.",
    "Mere tid til egne spørgsmål, tak.",
    "Mette var god til at forklare, ring gerne til mig på 20 12 34 56.",
    "Lokalet var for varmt, men indholdet kan bruges i morgen.",
)
# Of those who were asked: nobody of `spared` has answered yet.
STORED = text("""
SELECT i.id, i.variant, i.survey_id, i.policy_version, i.expires_at, i.invited_at, a.occasion
FROM survey_invitation i JOIN survey_attendance a ON a.id = i.attendance_id
WHERE NOT i.member_id = ANY(:spared) ORDER BY i.invited_at, i.id
""")
HELD = text("""
SELECT id, activity, template_id, starts_at, ends_at FROM activity_session
WHERE template_id = ANY(:templates) AND ends_at < :now ORDER BY starts_at, id
""")
STAFF = text("SELECT id FROM staff WHERE role = 'organiser' ORDER BY staff_no")
PLACES = text("""
SELECT b.id, min(s.staff_no) AS staff_no,
    (array_agg(s.id ORDER BY s.id IS DISTINCT FROM CAST(:visited AS uuid), s.staff_no))[1] AS adviser
FROM branch b JOIN staff s ON s.branch_id = b.id AND s.role = 'adviser'
GROUP BY b.id ORDER BY bool_or(s.id = CAST(:visited AS uuid)) IS NOT TRUE, 2 LIMIT :n
""")


# The people whom visitors sign in as: of each colour the first.
FIRST = text("""
SELECT DISTINCT ON (r.colour) m.id FROM member m JOIN rating_current r ON r.member_id = m.id
ORDER BY r.colour, m.member_no
""")


class Held(NamedTuple):
    """Something that was held: when it ended, how many of ten were pleased, and who took part."""

    ended_at: datetime
    pleased: int
    items: Sequence[NewAttendance]


async def tell(session: AsyncSession, members: Sequence[UUID], *, now: datetime, plan_set: str) -> None:
    """Events and talks of some months, invitations, answers, figures."""
    chance = random.Random(SEED)  # noqa: S311 -- a demo, nothing secret
    await catalogue.load(session)
    spared = (await session.execute(FIRST)).scalars().all()
    free = iter(chance.sample([one for one in members if one not in spared], len(members) - len(spared)))
    held = [*await _events(session, free, spared, now, plan_set), *await _talks(session, free, now)]
    await _ask(session, held)
    await _answer(session, chance, held, spared)
    await counting.close_ripe(session, now=now)


async def _ask(session: AsyncSession, held: Sequence[Held]) -> None:
    """In the order of time, as the job does it: what ended at the same time together."""
    by_time: dict[datetime, list[NewAttendance]] = defaultdict(list)
    for one in held:
        by_time[one.ended_at] += one.items
    for ended_at, items in sorted(by_time.items()):
        at = ended_at + INVITED_AFTER
        await attendance.record(session, items, now=at)
        await invitations.invite(session, {one.member_id: Known() for one in items}, now=at)
        await phones.send(session, now=at + DELIVERED_AFTER)


async def _answer(session: AsyncSession, chance: random.Random, held: Sequence[Held], spared: Sequence[UUID]) -> None:
    pleased = {item.occasion: one.pleased for one in held for item in one.items}
    known: dict[tuple[UUID, int], tuple[Form, Policy]] = {}
    rows = (await session.execute(STORED, {"spared": list(spared)})).all()
    counted_at = rows[0].invited_at
    for row in rows:
        if chance.random() > ANSWER:
            continue
        if row.invited_at - counted_at > COUNTED_EVERY:
            counted_at = row.invited_at
            await counting.close_ripe(session, now=counted_at)
        key = (row.survey_id, row.policy_version)
        if key not in known:
            known[key] = (await catalogue.form_of(session, key[0]), await catalogue.policy_of(session, key[1]))
        form, policy = known[key]
        asked = forms.asked(form, row.variant, policy.most_questions)
        opened = Open(invitation_id=row.id, form=form, questions=asked, expires_at=row.expires_at)
        given = _given(chance, asked, pleased[row.occasion])
        await answers.submit(session, opened, given, now=row.invited_at + timedelta(hours=chance.randrange(1, 40)))


def _given(chance: random.Random, asked: Sequence[Question], pleased: int) -> Given:
    codes = {one.key: [_code(chance, pleased)] for one in asked if one.kind == "scale"}
    texts = {one.key: chance.choice(WORDS) for one in asked if one.kind == "text" and chance.random() < 0.2}
    return Given(codes=codes, texts=texts)


def _code(chance: random.Random, pleased: int) -> str:
    return chance.choice("5544455" if chance.randrange(10) < pleased else "3322210")


async def _events(
    session: AsyncSession, free: Iterator[UUID], spared: Sequence[UUID], now: datetime, plan_set: str
) -> list[Held]:
    """Weekly events that have ended. The visitors' members were at the last theme day: about it everybody is asked."""
    hosts = (await session.execute(STAFF)).scalars().all()
    first = calendar.monday(local_date(now)) - WEEKS * calendar.WEEK
    made = {}
    for n, event in enumerate(EVENTS):
        made[await _series(session, event, hosts[n // 2], first, plan_set)] = event
    rows = (await session.execute(HELD, {"templates": list(made), "now": now})).all()
    last = max(row.starts_at for row in rows if made[row.template_id] == EVENTS[-1])
    return [_held(row, made[row.template_id], chain(spared, free) if row.starts_at == last else free) for row in rows]


async def _series(session: AsyncSession, event: Event, host: UUID, first: date, plan_set: str) -> UUID:
    setup = Setup(
        activity=event.activity, form="personal", place="Jobteamets lokaler, Fredericia", capacity=16, minutes=120,
        staff_id=host,
    )  # fmt: skip
    first_on = first + event.weekday * calendar.DAY
    series = Series(first_on, first_on + WEEKS * calendar.WEEK, 1, time(13))
    published = local_time(first_on - calendar.WEEK, time(9))
    made, _ = await templates.create(session, setup, series, set_name=plan_set, by=host, now=published)
    return made


def _held(row: Row[Any], event: Event, free: Iterator[UUID]) -> Held:
    series, ended = str(row.template_id), row.ends_at
    went = [
        _went(next(free), event.touchpoint, ended, None, series, str(row.id), compulsory=False)
        for _ in range(event.seats)
    ]
    return Held(ended, event.pleased, went)


async def _talks(session: AsyncSession, free: Iterator[UUID], now: datetime) -> list[Held]:
    """Talks of some branches, the visitors' adviser's first of all, each on a working day."""
    visited = await session.scalar(appointments.ADVISER)
    places = (await session.execute(PLACES, {"n": BRANCHES, "visited": visited})).all()
    found = []
    for week, place, talk in product(range(1, WEEKS_OF_TALKS), places, TALKS):
        day = calendar.monday(local_date(now)) - week * calendar.WEEK + (week % 3) * calendar.DAY
        ended = local_time(calendar.add_working_days(day - calendar.DAY, 1), time(11))
        own = str(place.adviser)
        went = [
            _went(next(free), talk.touchpoint, ended, place.id, own, own, compulsory=talk.compulsory)
            for _ in range(talk.a_week)
        ]
        found.append(Held(ended, talk.pleased, went))
    return found


def _went(  # noqa: PLR0917 - one row
    member_id: UUID, touchpoint: str, ended: datetime, branch: UUID | None, series: str, event: str, *, compulsory: bool
) -> NewAttendance:  # fmt: skip
    return NewAttendance(
        member_id=member_id, touchpoint=touchpoint, occasion=f"demo:{member_id}", branch_id=branch, series_key=series,
        event_key=event, ended_at=ended, attended=True, compulsory=compulsory,
    )  # fmt: skip
