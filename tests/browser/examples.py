"""Every page that there is, from the application's own table of routes, with an address and somebody to look at it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text

from backend.web.app import HANDLERS
from tests.browser.conftest import Site

# Who looks, by how the path begins; the longest counts. A role of the demo's people, or nobody.
WHO: Mapping[str, str | None] = {
    "/": None,
    "/me": "a member with a red smiley",
    "/staff": "a coordinator",
    "/staff/feedback": "an organiser",
    "/staff/feedback/figures": "a manager",
    "/staff/feedback/talks": "an adviser",
    "/staff/calendar": "an adviser",
}
# Where the ids of a path come from, by how it begins; the longest counts. A column `who` says whose page it is.
_MINE = "SELECT 'member:' || m.member_no AS who, {what} FROM {table} JOIN member AS m ON m.id = x.member_id "
_TAUGHT = (
    "SELECT 'staff:' || w.staff_no AS who, s.{what} FROM activity_session AS s JOIN staff AS w ON w.id = s.staff_id"
    " WHERE EXISTS (SELECT FROM survey_block AS b WHERE b.event_key = s.id::text) ORDER BY s.starts_at DESC, s.id"
)
IDS: Mapping[str, str] = {
    "/language/{chosen}": "SELECT 'en' AS chosen",
    "/s/{token}": "SELECT :token AS token",
    "/me/log/{entry_id}": _MINE.format(what="x.id AS entry_id", table="job_log_entry AS x") + "ORDER BY x.id DESC",
    "/me/log/{entry_id}/documents/{document_id}": _MINE.format(
        what="x.entry_id, x.id AS document_id", table="document AS x"
    ),
    "/me/bookings/{booking_id}": _MINE.format(
        what="x.id AS booking_id", table="activity_session AS s JOIN booking AS x ON x.session_id = s.id"
    )
    + "WHERE x.state = 'booked' AND s.kind = 'talk' ORDER BY s.starts_at DESC",
    "/me/book/{obligation_id}": _MINE.format(what="x.id AS obligation_id", table="obligation AS x")
    + "WHERE m.member_no = :new AND x.state = 'planned' AND x.kind = 'talk' ORDER BY x.due_on",
    "/me/inbox/{message_id}": _MINE.format(what="x.id AS message_id", table="message AS x") + "ORDER BY x.id",
    "/me/notices/{notice_id}": _MINE.format(what="x.id AS notice_id", table="notice AS x")
    + "WHERE EXISTS (SELECT FROM notice_letter AS l WHERE l.notice_id = x.id) ORDER BY x.id",
    "/me/surveys/{invitation_id}": _MINE.format(what="x.id AS invitation_id", table="survey_invitation AS x")
    + "WHERE x.answered_at IS NULL AND x.declined_at IS NULL AND x.expires_at > now() ORDER BY x.id",
    "/staff/members/{member_id}": "SELECT id AS member_id FROM member WHERE member_no = :red",
    "/staff/members/{member_id}/messages/{message_id}": "SELECT member_id, id AS message_id FROM message ORDER BY id",
    "/staff/members/{member_id}/notices/{notice_id}": "SELECT member_id, id AS notice_id FROM notice ORDER BY id",
    "/staff/notices/{notice_id}": "SELECT notice_id FROM notice_letter ORDER BY notice_id",
    "/staff/members/{member_id}/objections/{dispute_id}": "SELECT member_id, id AS dispute_id FROM dispute ORDER BY id",
    "/staff/members/{member_id}/messages/letters/{letter_id}": (
        "SELECT member_id, id AS letter_id FROM case_letter ORDER BY id"
    ),
    "/staff/members/{member_id}/book/{obligation_id}": "SELECT member_id, id AS obligation_id FROM obligation"
    " WHERE state = 'planned' AND kind = 'talk' ORDER BY due_on, id",
    "/staff/members/{member_id}/bookings/{booking_id}": "SELECT b.member_id, b.id AS booking_id FROM booking AS b"
    " JOIN activity_session AS s ON s.id = b.session_id WHERE b.state = 'booked' AND s.starts_at > now() ORDER BY b.id",
    "/staff/broadcasts/{broadcast_id}": "SELECT id AS broadcast_id FROM broadcast WHERE state = 'draft' ORDER BY id",
    "/staff/broadcasts/{broadcast_id}/stop": "SELECT id AS broadcast_id FROM broadcast ORDER BY state DESC, id",
    "/staff/calls/{call_id}": "SELECT id AS call_id FROM service_call WHERE state = 'open' ORDER BY id",
    "/staff/call-ins/{case_id}": "SELECT id AS case_id FROM call_in WHERE state = 'approved' ORDER BY id",
    "/staff/tasks/{task_id}": "SELECT id AS task_id FROM task WHERE state = 'open' ORDER BY id",
    "/staff/policy/drafts/{draft_id}": "SELECT id AS draft_id FROM policy_draft ORDER BY id",
    "/staff/feedback/events/{event_id}": _TAUGHT.format(what="id AS event_id, 'pdf' AS form"),
    "/staff/feedback/series/{series_id}": _TAUGHT.format(what="template_id AS series_id, 'csv' AS form"),
    "/staff/feedback/figures/download": "SELECT to_char(now(), 'YYYY-Q') AS quarter",
    "/staff/calendar/absences/{absence_id}": (
        "SELECT 'staff:' || w.staff_no AS who, a.id AS absence_id FROM staff_absence AS a"
        " JOIN staff AS w ON w.id = a.staff_id ORDER BY a.id"
    ),
    "/staff/events/{session_id}": (
        "SELECT id AS session_id FROM activity_session WHERE kind <> 'talk' AND taken > 0 ORDER BY starts_at DESC, id"
    ),
    "/staff/events/series/{series_id}": "SELECT id AS series_id FROM session_template ORDER BY id",
    "/staff/talks/of/{member_id}/{booking_id}": (
        "SELECT b.member_id, b.id AS booking_id FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id"
        " WHERE s.kind = 'talk' AND b.state = 'booked' AND s.starts_at > now() ORDER BY s.starts_at DESC"
    ),
    "/staff/talks/of/{member_id}/call-in/{call_in_id}": (
        "SELECT member_id, id AS call_in_id FROM call_in WHERE state = 'approved' ORDER BY id"
    ),
    "/staff/talks/{talk_id}": "SELECT id AS talk_id FROM talk ORDER BY state DESC, id",
}
# What a page is asked with.
ASKED: Mapping[str, str] = {"/sign-in": "?back=/me", "/staff/feedback/figures/download": "?form=csv&quarter={quarter}"}
# The same pages for other people, with other questions or about what stands otherwise.
ALSO: tuple[tuple[str, str], ...] = (
    ("/me", "a member with a green smiley"),
    ("/me", "a member who is new"),
    ("/me/smiley", "a member with a yellow smiley"),
    ("/me/bookings", "a member who is new"),
    ("/staff/members?view=1", "an adviser"),
    ("/staff/calls", "a contact centre agent"),
    ("/staff/tasks?show=escalated", "an adviser"),
    ("/staff/events", "an organiser"),
    ("/staff/feedback/figures?touchpoint=T2", "a manager"),
)
OTHERWISE: tuple[tuple[str, str], ...] = (
    ("/staff/calls/{call_id}", "SELECT id AS call_id FROM service_call WHERE state = 'done' ORDER BY id DESC"),
    ("/staff/call-ins/{case_id}", "SELECT id AS case_id FROM call_in WHERE state = 'proposed' ORDER BY id"),
    ("/staff/call-ins/{case_id}", "SELECT id AS case_id FROM call_in WHERE state = 'rejected' ORDER BY id"),
    (
        "/staff/events/{session_id}/attendance",
        "SELECT id AS session_id FROM activity_session WHERE kind <> 'talk' AND starts_at < now() AND taken > 0"
        " ORDER BY starts_at DESC, id",
    ),
    ("/staff/talks/{talk_id}", "SELECT id AS talk_id FROM talk WHERE state = 'closed' ORDER BY id"),
    ("/staff/talks/{talk_id}?large=true", IDS["/staff/talks/{talk_id}"]),
    (
        "/staff/broadcasts/{broadcast_id}",
        "SELECT id AS broadcast_id FROM broadcast WHERE state <> 'draft' ORDER BY state DESC, id",
    ),
)


@dataclass(frozen=True, slots=True)
class Example:
    """One address to look at, and who looks: `member:NO`, `staff:NO` or nobody."""

    route: str
    path: str
    who: str | None


def routes() -> list[str]:
    """The path of every page that is got, its parameters as {name}."""
    found: list[str] = []
    for handler in HANDLERS:
        assert isinstance(handler, HTTPRouteHandler)
        if "GET" in handler.http_methods:
            found += [_plain(path) for path in handler.paths]
    return sorted(found)


async def every(site: Site, routes: Iterable[str], **values: str) -> list[Example]:
    """An example of each route, then those that look otherwise; fails where a parameter stands for nothing."""
    found = [await _example(site, route, "", values) for route in routes]
    asked = {one.route for one in found}
    found += [Example(_route(path), path, site.people[who]) for path, who in ALSO if _route(path) in asked]
    more = [(route, statement) for route, statement in OTHERWISE if _route(route) in asked]
    return found + [await _example(site, route, statement, values) for route, statement in more]


async def _example(site: Site, route: str, statement: str, values: Mapping[str, str]) -> Example:
    path = route + ASKED.get(route, "")
    row: dict[str, str] = {}
    if "{" in path:
        row = await _row(site, route, statement or IDS[_longest(IDS, route)], values)
    assert set(re.findall(r"{(\w+)}", path)) <= set(row), f"{route}: say in IDS what stands for its parameters"
    who = row.get("who", WHO[_longest(WHO, route)])
    return Example(_route(route), path.format_map(row), None if who is None else site.people.get(who, who))


async def _row(site: Site, route: str, statement: str, values: Mapping[str, str]) -> dict[str, str]:
    found = text(statement)
    known = {"red": _number(site, "a member with a red smiley"), "new": _number(site, "a member who is new"), **values}
    asked = {name: known[name] for name in found.compile().params}
    async with site.sessions() as session:
        row = (await session.execute(found, asked)).mappings().first()
    assert row is not None, f"{route}: the demo fund has none"
    return dict(row)


def _route(path: str) -> str:
    return path.partition("?")[0]


def _number(site: Site, who: str) -> str:
    return site.people[who].partition(":")[2]


def _longest(table: Mapping[str, object], route: str) -> str:
    begins = [one for one in table if route == one or route.startswith(one.rstrip("/") + "/")]
    assert begins, f"{route}: say in {__name__} who looks at it and what stands for its parameters"
    return max(begins, key=len)


def _plain(path: str) -> str:
    """`/a/{id:uuid}` as `/a/{id}`."""
    parts = (f"{part.partition(':')[0]}}}" if part.startswith("{") else part for part in path.split("/"))
    return "/".join(parts)
