"""Everything an adviser needs before a talk, in two statements whatever the size of the fund."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.benefit import dates
from backend.clock import local_date
from backend.course import my_plan
from backend.course.tables_goals import MyPlanVersion
from backend.errors import NotFound
from backend.talks import preparation, rules_agenda
from backend.talks.rules_agenda import Known, Point

WEEKS = 4


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """The talk that is next, or under way: a booking or a call-in."""

    booking_id: UUID | None
    call_in_id: UUID | None
    talk_id: UUID | None
    at: datetime
    form: str
    activity: str | None
    wish: str | None
    wish_shared: bool | None


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of one ISO week that count as applied for; `documents` of them uploaded."""

    monday: date
    entries: int
    documents: int


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    month: date
    uploads: int
    needed: int


class LastTalk(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    held_on: date
    form: str
    types: list[str]
    minutes: str
    staff_name: str


class OpenAgreement(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    owner: str
    what: str
    due_on: date


class CvChange(msgspec.Struct, frozen=True, kw_only=True):
    verdict: str
    comment: str | None
    decided_at: datetime


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What is known, newest first where it is a list. `cards` are the months whose benefit card has not come."""

    member_id: UUID
    name: str
    member_no: str
    unemployed_from: date
    colour: str
    colour_since: date | None
    reasons: list[str]
    counted: int
    required: int
    per_week: int | None
    weeks: list[Week]
    uploads: list[Upload]
    cards: list[date]
    cv: str
    cv_changes: list[CvChange]
    plan: dict[str, Any] | None
    plan_missing: list[str]
    last_talk: LastTalk | None
    absent_last_time: bool
    agreements: list[OpenAgreement]
    points: list[Any]
    answers: dict[str, str] | None
    occasion: Occasion | None
    agenda: list[Point]


# One row. Weeks that began after the member's first unemployed day count; months are those in which they were with us.
BRIEF = text("""
WITH m AS (SELECT * FROM member WHERE id = :member),
req AS (SELECT r.* FROM search_requirement AS r, m WHERE r.member_id = m.id AND r.valid_from <= :today
        ORDER BY r.valid_from DESC, r.id DESC LIMIT 1),
log AS (SELECT j.applied_on, j.has_document FROM job_log_entry AS j, m
        WHERE j.member_id = m.id AND j.applied_on >= least(CAST(:first_week AS date), CAST(:last_month AS date))
          AND j.withdrawn_at IS NULL AND j.status NOT IN ('planned', 'withdrawn')),
next AS (
    SELECT b.id AS booking_id, CAST(NULL AS uuid) AS call_in_id, s.starts_at AS at, s.form, s.activity
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id JOIN m ON m.id = b.member_id
    WHERE s.kind IN ('talk', 'joint_talk') AND (b.state = 'booked' OR b.state = 'attended') AND s.ends_at > :since
      AND NOT EXISTS (SELECT FROM talk AS t WHERE t.booking_id = b.id AND t.state = 'closed')
    UNION ALL
    SELECT NULL, c.id, c.talk_at, 'personal', NULL FROM call_in AS c JOIN m ON m.id = c.member_id
    WHERE c.state = 'approved' AND c.talk_at > :since
    ORDER BY at LIMIT 1)
SELECT m.id AS member_id, m.name, m.member_no, m.unemployed_from,
    coalesce(c.colour, 'none') AS colour, c.since AS colour_since, coalesce(c.reasons, '{}') AS reasons,
    coalesce(c.counted, 0) AS counted, coalesce(c.required, 0) AS required, (SELECT min_per_week FROM req) AS per_week,
    (SELECT json_agg(json_build_object('monday', w.monday, 'entries', w.entries, 'documents', w.documents)
                     ORDER BY w.monday DESC)
     FROM (SELECT CAST(g AS date) AS monday, count(l.applied_on) AS entries,
               count(l.applied_on) FILTER (WHERE l.has_document) AS documents
           FROM generate_series(CAST(:first_week AS timestamp), CAST(:last_week AS timestamp), interval '7 days') AS g
           LEFT JOIN log AS l ON l.applied_on BETWEEN CAST(g AS date) AND CAST(g AS date) + 6
           WHERE g + interval '6 days' >= m.unemployed_from GROUP BY g) AS w) AS weeks,
    (SELECT json_agg(json_build_object('month', u.month, 'uploads', u.uploads, 'needed', u.needed)
                     ORDER BY u.month DESC)
     FROM (SELECT n.month, count(l.applied_on) AS uploads, coalesce((SELECT uploads_per_month FROM req), 0) AS needed
           FROM unnest(CAST(:months AS date[])) AS n (month) LEFT JOIN log AS l
               ON l.has_document AND l.applied_on >= n.month AND l.applied_on < n.month + interval '1 month'
           WHERE n.month + interval '1 month' > m.unemployed_from GROUP BY n.month) AS u) AS uploads,
    (SELECT array_agg(n.month ORDER BY n.month DESC) FROM unnest(CAST(:card_months AS date[])) AS n (month)
     WHERE n.month + interval '1 month' > m.unemployed_from AND EXISTS (SELECT FROM benefit_card WHERE month = n.month)
       AND NOT EXISTS (SELECT FROM benefit_card AS b WHERE b.member_id = m.id AND b.month = n.month)) AS cards,
    (SELECT json_agg(json_build_object('verdict', v.verdict, 'comment', v.comment, 'decided_at', v.decided_at)
                     ORDER BY v.decided_at DESC)
     FROM (SELECT * FROM cv_decision AS d WHERE d.member_id = m.id
             AND d.decided_at >= m.unemployed_from::timestamp AT TIME ZONE 'Europe/Copenhagen'
           ORDER BY d.decided_at DESC LIMIT 5) AS v) AS cv_changes,
    (SELECT json_build_object('id', lt.id, 'held_on', lt.held_on, 'form', lt.form, 'types', lt.types,
                              'minutes', lt.minutes, 'staff_name', st.name)
     FROM talk AS lt JOIN staff AS st ON st.id = lt.closed_by WHERE lt.member_id = m.id AND lt.state = 'closed'
     ORDER BY lt.held_on DESC, lt.id DESC LIMIT 1) AS last_talk,
    coalesce((SELECT b.state = 'absent' FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
              WHERE b.member_id = m.id AND s.kind IN ('talk', 'joint_talk') AND b.state IN ('attended', 'absent')
              ORDER BY s.starts_at DESC LIMIT 1), false) AS absent_last_time,
    (SELECT json_agg(json_build_object('id', a.id, 'owner', a.owner, 'what', a.what, 'due_on', a.due_on)
                     ORDER BY a.due_on, a.id)
     FROM agreement AS a LEFT JOIN task AS k
         ON k.member_id = a.member_id AND k.kind = 'agreement' AND k.key = CAST(a.id AS text)
     WHERE a.member_id = m.id AND a.state = 'open' AND coalesce(k.state IN ('open', 'claimed'), true)) AS agreements,
    p.cv_ready_at, p.plan_drafted_at, p.form_filled_at, p.answers, sp.id AS spell_id,
    EXISTS (SELECT FROM obligation AS o WHERE o.spell_id = sp.id AND o.statutory AND o.state = 'done') AS met_before,
    (SELECT json_build_object('booking_id', x.booking_id, 'call_in_id', x.call_in_id, 'at', x.at, 'form', x.form,
                              'activity', x.activity, 'talk_id', t.id, 'wish', w.wish, 'wish_shared', w.shared)
     FROM next AS x LEFT JOIN talk AS t ON t.booking_id = x.booking_id OR t.call_in_id = x.call_in_id
     LEFT JOIN talk_wish AS w ON w.booking_id = x.booking_id OR w.call_in_id = x.call_in_id) AS occasion
FROM m LEFT JOIN rating_current AS c ON c.member_id = m.id
LEFT JOIN spell AS sp ON sp.member_id = m.id AND sp.ended_on IS NULL
LEFT JOIN preparation AS p ON p.spell_id = sp.id
""")
# A talk that began this long ago may still be what somebody prepares for, or writes about.
STILL = timedelta(hours=12)


async def of(session: AsyncSession, member_id: UUID, *, now: datetime) -> Brief:
    """What is known of a member before the next talk, with a proposed agenda. Two statements. Raises NotFound."""
    today = local_date(now)
    row = (await session.execute(BRIEF, _params(member_id, today) | {"since": now - STILL})).mappings().one_or_none()
    if row is None:
        raise NotFound
    version = my_plan.in_force(await my_plan.versions(session, member_id), today)
    given = dict(row) | {name: row[name] or [] for name in LISTS}
    given |= {"plan": _plan(version.plan) if version else None, "plan_missing": my_plan.missing(version)}
    given |= {"cv": given["cv_changes"][0]["verdict"] if given["cv_changes"] else "missing", "agenda": []}
    ready = preparation.points(row["cv_ready_at"], row["plan_drafted_at"], row["form_filled_at"], given["cv"])
    given["points"] = list(ready) if row["spell_id"] and not row["met_before"] else []
    found = msgspec.convert(given, Brief, strict=False)
    return msgspec.structs.replace(found, points=given["points"], agenda=rules_agenda.agenda(known(found, today)))


LISTS = ("weeks", "uploads", "cards", "cv_changes", "agreements")


def _params(member_id: UUID, today: date) -> dict[str, object]:
    month = dates.month_of(today)
    before = calendar.month_before(today)[0]
    this_week = calendar.monday(today)
    return {
        "member": member_id,
        "today": today,
        "first_week": this_week - WEEKS * calendar.WEEK,
        "last_week": this_week - calendar.WEEK,
        "last_month": before,
        "months": [month, before],
        # The card of a month is missing from the day by which it is to be sent.
        "card_months": [one for one in (month, before) if dates.send_by(one) < today],
    }


def _plan(plan: MyPlanVersion) -> Mapping[str, Any]:
    names = ("number", "valid_from", "job_goals", "effort_areas", "search_strategy", "acknowledged_at")
    return {name: getattr(plan, name) for name in names}


def known(brief: Brief, today: date) -> Known:
    """What the agenda goes by. Pure."""
    return Known(
        wish=bool(brief.occasion and brief.occasion.wish),
        not_ready=tuple(one.name for one in brief.points if not one.ready),
        absent_last_time=brief.absent_last_time,
        open_agreements=len(brief.agreements),
        overdue_agreements=sum(one.due_on < today for one in brief.agreements),
        cards_missing=tuple(brief.cards),
        colour=brief.colour,
        empty_weeks=sum(not week.entries for week in brief.weeks) if brief.colour != "paused" else 0,
        uploads_missing=_missing_uploads(brief.uploads, today) if brief.colour != "paused" else 0,
        cv=brief.cv,
        plan_missing=tuple(brief.plan_missing),
    )


def _missing_uploads(uploads: Sequence[Upload], today: date) -> int:
    """Of the months that are over: this month's may still come."""
    return sum(max(one.needed - one.uploads, 0) for one in uploads if one.month < dates.month_of(today))
