"""What people do, written into the scratch database as the product itself would have it. Set by set."""

import random
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.rules_call_ins import Approval
from backend.casework.rules_calls import Outcome
from backend.casework.tables import CallIn, ServiceCall
from backend.clock import local_time
from backend.db.series import Series
from backend.followup import call_ins, calls
from backend.members.identity import StaffIdentity
from backend.notifications import devices
from backend.notifications.categories import CATEGORIES
from backend.simulation import people
from backend.simulation.people import Entry, Person
from backend.simulation.phones import World

OUTCOMES: tuple[tuple[Outcome, int], ...] = (("agreed_plan", 6), ("misregistered", 2), ("needs_help", 2))
TALK_AFTER_DAYS = 7
READING = timedelta(minutes=5)
APPROVED = 0.7


async def log(session: AsyncSession, entries: Sequence[Entry], now: datetime) -> None:
    """Applications into the job log; their members are rated again by the job for changed facts."""
    if not entries:
        return
    series = Series()
    values = {
        "ids": [series.at(n) for n in range(len(entries))],
        "members": [one.member_id for one in entries],
        "days": [one.applied_on for one in entries],
        "employers": [one.employer for one in entries],
        "titles": [one.title for one in entries],
        "documents": [one.document for one in entries],
        "keys": [zlib.crc32(one.employer.encode()) for one in entries],
        "now": now,
    }
    await session.execute(_LOG, values)
    await session.execute(_STALE, {"members": values["members"]})


async def new_phones(session: AsyncSession, persons: Sequence[Person], world: World, now: datetime) -> None:
    """The app on a phone of each; some are the second one."""
    for person in persons:
        token = f"phone-{world.chance.getrandbits(64):016x}"
        platform = world.chance.choice(("android", "ios"))
        phone = devices.NewDevice(token, platform, "Telefon", "1.0.0", "token")  # type: ignore[arg-type]
        await devices.register(session, person.member_id, phone, now=now)
        person.phones.append(token)


async def settings(session: AsyncSession, persons: Sequence[Person], chance: random.Random, now: datetime) -> None:
    """Some want no pushes of a category, some have quiet hours of their own, some get everything on paper."""
    categories = [one.key for one in CATEGORIES]
    opting = [one.member_id for one in persons if chance.random() < people.OPTS_OUT]
    await session.execute(
        _OPT_OUT, {"members": opting, "categories": [chance.choice(categories) for _ in opting], "now": now}
    )
    quiet = [one.member_id for one in persons if chance.random() < people.OWN_QUIET]
    await session.execute(_OWN_QUIET, {"members": quiet, "now": now})
    paper = [one.member_id for one in persons if chance.random() < people.ON_PAPER]
    await session.execute(_EXEMPT, {"members": paper})


async def evening(session: AsyncSession, chance: random.Random, now: datetime) -> None:
    """Members read what is in their inbox, and open the app; an app that is opened shows that its phone is in use."""
    await session.execute(_READ, {"now": now, "draw": str(chance.random()), "share": people.READS})
    await session.execute(_SEEN, {"now": now, "draw": str(chance.random())})


async def send_cards(session: AsyncSession, chance: random.Random, month: date, today: date) -> None:
    """Some of those who have not sent the month's benefit card do."""
    values = {"month": month, "today": today, "draw": str(chance.random()), "share": people.SENDS_CARD}
    await session.execute(_CARDS, values)


async def ring(session: AsyncSession, adviser: StaffIdentity, chance: random.Random, now: datetime) -> int:
    """Somebody makes the calls that are due."""
    statement = select(ServiceCall.id).where(ServiceCall.state == "open").order_by(ServiceCall.due_on, ServiceCall.id)
    found = list(await session.scalars(statement.limit(400)))
    for call_id in found:
        outcome = chance.choices([o for o, _ in OUTCOMES], [w for _, w in OUTCOMES])[0]
        await calls.claim(session, call_id, adviser, now=now)
        await calls.attempt(session, call_id, adviser, "reached", now=now)
        await calls.complete(session, call_id, adviser, outcome, note=None, excuse=None, now=now, call_queue="branch")
    return len(found)


async def decide(session: AsyncSession, chief: StaffIdentity, chance: random.Random, now: datetime, on: date) -> None:
    """A person decides the proposed call-ins; `on` is the day of the talks."""
    found = list(await session.scalars(select(CallIn.id).where(CallIn.state == "proposed").order_by(CallIn.id)))
    for case_id in found:
        await call_ins.open_sheet(session, case_id, chief, now=now - READING)
        if chance.random() < APPROVED:
            approval = Approval(reason="Drøftet", talk_at=local_time(on, _TEN), talk_place="Afdelingen", form="phone")
            await call_ins.approve(session, case_id, chief, approval, now=now)
        else:
            await call_ins.reject(session, case_id, chief, "Søgningen er drøftet", now=now)


async def hold(session: AsyncSession, chief: StaffIdentity, today: date, now: datetime) -> None:
    """The talks of the day are held."""
    statement = select(CallIn.id).where(CallIn.state == "approved", CallIn.due_on <= today).order_by(CallIn.id)
    for case_id in list(await session.scalars(statement)):
        await call_ins.hold(session, case_id, chief, today, now=now, call_queue="branch")


_TEN = time(10)
_LOG = text("""
INSERT INTO job_log_entry (id, member_id, applied_on, logged_at, logged_on, status, channel, hours, postcode, employer,
    title, has_document, duplicate_key, source)
SELECT id, member_id, day, :now, day, 'applied', 'posted', 'full', '', employer, title, document, dup, 'app'
FROM unnest(CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:days AS date[]), CAST(:employers AS text[]),
    CAST(:titles AS text[]), CAST(:documents AS boolean[]), CAST(:keys AS bigint[]))
    AS e (id, member_id, day, employer, title, document, dup)
""")
_STALE = text("UPDATE rating_current SET stale = true WHERE member_id = ANY(:members) AND rated_on IS NOT NULL")
# A draw of its own for each entry and evening, the same in each run of the same seed.
_READ = text("""
UPDATE inbox_entry e SET read_at = :now
FROM message m
WHERE m.id = e.message_id AND e.read_at IS NULL AND e.at < :now
  AND abs(hashtext(m.member_id::text || m.key || m.period || :draw) % 1000) < 1000 * CAST(:share AS float)
""")
_SEEN = text("""
UPDATE device SET last_seen_at = :now WHERE revoked_at IS NULL AND abs(hashtext(token || :draw) % 10) < 4
""")
_OPT_OUT = text("""
INSERT INTO notification_preference (member_id, category, channel, wanted, changed_at)
SELECT member_id, category, 'push', false, :now
FROM unnest(CAST(:members AS uuid[]), CAST(:categories AS text[])) AS o (member_id, category)
""")
_OWN_QUIET = text("""
INSERT INTO notification_setting (member_id, quiet_from, quiet_until, changed_at)
SELECT member_id, '17:00', '09:00', :now FROM unnest(CAST(:members AS uuid[])) AS q (member_id)
""")
_EXEMPT = text("UPDATE member SET digital_exempt = true WHERE id = ANY(:members)")
_CARDS = text("""
INSERT INTO benefit_card (member_id, month, sent_on, source)
SELECT id, :month, :today, 'import' FROM member
WHERE unemployed_from <= :month
  AND abs(hashtext(member_no || :draw) % 1000) < 1000 * CAST(:share AS float)
ON CONFLICT DO NOTHING
""")
