"""The running of the house: alerts and jobs, deliveries and dead letters, reports to the registry, who saw whom."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.i18n import N_
from backend.notifications import catalogue
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

PATH = "/staff/operations"
LETTERS, REGISTRY = "/v1/staff/dead-letters", "/v1/staff/registry"
CHANNELS: Mapping[str, str] = {
    "push": N_("Push"),
    "sms": N_("SMS"),
    "email": N_("E-mail"),
    "mailbox": N_("Digital Post"),
    "paper": N_("Letter"),
}
# What each message is called; what it is filled with is left out.
MESSAGES: Mapping[str, str] = {kind.id: kind.title for kind in catalogue.CATALOGUE if "{" not in kind.title}
# What waits, then how it ended, in the order of the table's columns.
STATES: Mapping[str, str] = {
    "due": N_("Planned"),
    "late": N_("Due now"),
    "sending": N_("Being sent"),
    "sent": N_("Sent"),
    "bundled": N_("Part of another"),
    "gone": N_("Phone is gone"),
    "cancelled": N_("Not needed any more"),
    "expired": N_("Too late"),
    "rejected": N_("Refused"),
    "failed": N_("Failed"),
}
# The operations that staff are asked about most; others stand by their code.
OPERATIONS: Mapping[str, str] = {
    "listTriage": N_("The list of members"),
    "searchMembers": N_("Searched for members"),
    "getMemberCard": N_("A member's page"),
    "listMemberJobLog": N_("The job log"),
    "listMemberRatings": N_("Earlier colours"),
    "getMemberRating": N_("Why the colour is what it is"),
    "listMemberMessages": N_("Messages"),
    "listMemberTimeline": N_("The timeline"),
    "listServiceCalls": N_("The list of calls"),
    "getServiceCall": N_("A service call"),
    "takeNextServiceCall": N_("Took the next call"),
    "completeServiceCall": N_("Ended a call"),
    "listCallIns": N_("The list of call-ins"),
    "getCallIn": N_("The ground for a call-in"),
    "approveCallIn": N_("Approved a call-in"),
    "rejectCallIn": N_("Turned down a call-in"),
    "getLetter": N_("A hearing or a decision"),
    "sendLetter": N_("Sent a hearing or a decision"),
    "listTasks": N_("The list of tasks"),
    "setOverride": N_("Set the colour"),
    "grantExemption": N_("Exempted from job search"),
    "setRequirement": N_("Changed what is agreed"),
    "listDeadLetters": N_("The list of dead letters"),
    "listPolicyChanges": N_("Who a new rule would change"),
    "searchAccessLog": N_("Searched this log"),
}


@get(PATH, name="operations")
async def operations(request: AnyRequest) -> Response[Any]:
    """What is wrong, and the jobs expected against actual."""
    page = pages.of(request)
    page.staff()
    alerts = await page.api.get("/v1/staff/alerts")
    jobs = await page.api.get("/v1/staff/operations/jobs")
    return page.render("staff/operations/jobs.html", alerts=alerts, jobs=jobs)


@get(f"{PATH}/deliveries", name="deliveries")
async def deliveries(
    request: AnyRequest, cursor: FromQuery[str | None] = None, again: FromQuery[int | None] = None
) -> Response[Any]:
    """Deliveries by channel and state, channels that are down, dead letters."""
    page = pages.of(request)
    page.staff()
    return await _deliveries(page, Form(), cursor=cursor, again=again)


@post(f"{PATH}/deliveries/{{delivery_id:uuid}}/replay", name="replay_one")
async def replay_one(request: AnyRequest, delivery_id: FromPath[UUID]) -> Response[Any]:
    """Send one again."""
    return await _replay(request, f"{LETTERS}/{delivery_id}/replay")


@post(f"{PATH}/deliveries/replay", name="replay_many")
async def replay_many(request: AnyRequest) -> Response[Any]:
    """Send all of one reason again."""
    return await _replay(request, f"{LETTERS}/replay", "reason", "channel")


@get(f"{PATH}/registry", name="registry")
async def registry(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Reports to the shared registry that somebody must look at."""
    page = pages.of(request)
    page.staff()
    return await _registry(page, Form(), cursor=cursor)


@post(f"{PATH}/registry/{{report_id:uuid}}/retry", name="registry_retry")
async def registry_retry(request: AnyRequest, report_id: FromPath[UUID]) -> Response[Any]:
    return await _report(request, f"{REGISTRY}/reports/{report_id}/retry")


@post(f"{PATH}/registry/{{report_id:uuid}}/give-up", name="registry_give_up")
async def registry_give_up(request: AnyRequest, report_id: FromPath[UUID]) -> Response[Any]:
    return await _report(request, f"{REGISTRY}/reports/{report_id}/give-up", "reason")


@get(f"{PATH}/access", name="access_log")
async def access_log(request: AnyRequest) -> Response[Any]:
    """The form of the search; what is found is only shown to who asked, for that is noted too."""
    page = pages.of(request)
    page.staff()
    return page.render("staff/operations/access.html", form=Form(), found=None, words=OPERATIONS)


@post(f"{PATH}/access", name="access_log_search")
async def search_access_log(request: AnyRequest) -> Response[Any]:
    """Who saw whom. A POST, so that no number stands in an address."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    names = {"staff_no": "staffNo", "member_no": "memberNo", "day": "day", "cursor": "cursor"}
    wanted = forms.without_empty({sent: form.value(name) for name, sent in names.items()})
    try:
        found = await page.api.post("/v1/staff/access-log/search", wanted)
    except Refused as refusal:
        faulty = forms.refused(form, refusal, {sent: name for name, sent in names.items()})
        return page.render("staff/operations/access.html", status=422, form=faulty, found=None, words=OPERATIONS)
    return page.render("staff/operations/access.html", form=form, found=found, words=OPERATIONS)


async def _replay(request: AnyRequest, path: str, *fields: str) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    body = forms.without_empty({name: form.value(name) for name in fields}) if fields else None
    try:
        done = await page.api.post(path, body, key=form.key)
    except Refused as refusal:
        return await _deliveries(page, forms.refused(form, refusal), status=422)
    return page.go(f"{PATH}/deliveries?again={done['replayed']}")


async def _deliveries(
    page: Page, form: Form, *, cursor: str | None = None, again: int | None = None, status: int = 200
) -> Response[Any]:
    counts = await page.api.get("/v1/staff/operations/deliveries")
    channels = await page.api.get("/v1/staff/channels")
    letters = await page.api.get(LETTERS, cursor=cursor, limit=30)
    table = {(one["channel"], one["state"]): one["deliveries"] for one in counts}
    return page.render(
        "staff/operations/deliveries.html",
        status=status,
        form=form,
        table=table,
        shown=[state for state in STATES if any(found == state for _, found in table)],
        standing={one["name"]: one for one in channels},
        letters=letters,
        again=again,
        channels=CHANNELS,
        messages=MESSAGES,
        states=STATES,
    )


async def _report(request: AnyRequest, path: str, *fields: str) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    body = {name: form.value(name) for name in fields} if fields else None
    try:
        await page.api.post(path, body, key=form.key)
    except Refused as refusal:
        return await _registry(page, forms.refused(form, refusal), status=422)
    return page.go(f"{PATH}/registry")


async def _registry(page: Page, form: Form, *, cursor: str | None = None, status: int = 200) -> Response[Any]:
    found = await page.api.get(f"{REGISTRY}/errors", cursor=cursor)
    return page.render("staff/operations/registry.html", status=status, errors=found, form=form)


HANDLERS: tuple[Any, ...] = (
    operations,
    deliveries,
    replay_one,
    replay_many,
    registry,
    registry_retry,
    registry_give_up,
    access_log,
    search_access_log,
)
