"""A member's course: the clarification form, another plan, a spell that begins or ends. Looked at before it is done."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.i18n import N_
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_member import API, ONE, found, show
from backend.web.staff_member_plan import sent

COURSE = ONE + "/plan/course"
QUESTIONS: Mapping[str, str] = {
    "jobGoal": N_("What job does the member want?"),
    "strengths": N_("What is the member good at?"),
    "searchSoFar": N_("How has the search gone so far?"),
    "obstacles": N_("What stands in the way?"),
    "helpWanted": N_("What help does the member want?"),
}
FACTS: Mapping[str, str] = {
    "complexChallenges": N_("Has challenges beside unemployment that are not solved by a job"),
    "noEducation": N_("Has no education that qualifies for a job"),
    "noDependentChildren": N_("Has no children to provide for"),
    "basicIt": N_("Needs help with basic IT"),
}


@get(COURSE, name="member_course")
async def course(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    return await _show(page, member_id, Form())


@post(COURSE + "/clarification", name="member_clarify")
async def clarify(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """The form of the CV talk; the adviser's judgement goes before the model's."""
    page, form = await sent(request)
    body = {name: form.value(name) for name in (*QUESTIONS, "risk", "reason")}
    facts = {name: form.value(name) == "yes" for name in FACTS}
    return await _tried(page, member_id, form, "clarification", body | facts)


@post(COURSE + "/choice", name="member_choose_plan")
async def choose(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """A plan by hand, against what the target groups say."""
    page, form = await sent(request)
    body = {"plan": form.value("plan"), "reason": form.value("plan_reason")}
    return await _tried(page, member_id, form, "plan", body)


@post(COURSE + "/spell", name="member_spell")
async def spell(request: AnyRequest, member_id: FromPath[UUID]) -> Response[Any]:
    """The first or the last day of unemployment."""
    page, form = await sent(request)
    try:
        if form.value("act") == "end":
            await page.api.post(f"{API}{member_id}/spell/end", {"endedOn": form.value("ended_on")}, key=form.key)
        else:
            await page.api.post(f"{API}{member_id}/spells", {"startedOn": form.value("started_on")}, key=form.key)
    except Refused as refusal:
        names = {"endedOn": "ended_on", "startedOn": "started_on"}
        return await _show(page, member_id, forms.refused(form, refusal, names), status=422)
    return page.go(f"/staff/members/{member_id}/plan")


async def _tried(page: Page, member_id: UUID, form: Form, what: str, body: dict[str, Any]) -> Response[Any]:
    """Show what it would change, or do it."""
    path, names = f"{API}{member_id}/{what}", {"reason": "plan_reason"} if what == "plan" else {}
    look = form.value("act") == "look"
    try:
        if look:
            asked = {"plan": body["plan"]} if what == "plan" else body
            return await _show(page, member_id, form, change=await page.api.post(f"{path}/preview", asked), of=what)
        await page.api.post(path, body, key=form.key)
    except Refused as refusal:
        return await _show(page, member_id, forms.refused(form, refusal, names), status=422)
    return page.go(f"/staff/members/{member_id}/plan")


async def _show(
    page: Page, member_id: UUID, form: Form, *, status: int = 200, change: Any = None, of: str = ""
) -> Response[Any]:
    return await show(
        page, member_id, "course", status=status, form=form, change=change, of=of, questions=QUESTIONS, facts=FACTS,
        plan=await found(page, f"{API}{member_id}/plan"), plans=await page.api.get("/v1/staff/course-plans"),
    )  # fmt: skip


HANDLERS: tuple[Any, ...] = (course, clarify, choose, spell)
