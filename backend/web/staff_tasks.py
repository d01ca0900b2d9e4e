"""Tasks for people: the list with what is overdue first, and one task from taking it to what came of it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from backend.casework.rules_tasks import OUTCOMES
from backend.casework.task_kinds import TITLES
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

LIST, API = "/staff/tasks", "/v1/staff/tasks"


@get("/staff/tasks", name="tasks")
async def tasks(
    request: AnyRequest,
    show: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """What nobody has done yet, the longest overdue first."""
    page = pages.of(request)
    page.staff()
    narrowed = {show: True} if show in ("mine", "overdue", "escalated") else {}
    found = await page.api.get(API, kind=kind if kind in TITLES else None, cursor=cursor, limit=30, **narrowed)
    return page.render("staff/cases/tasks.html", tasks=found, show=show or "", kind=kind or "", kinds=TITLES)


@get("/staff/tasks/{task_id:uuid}", name="task")
async def one(request: AnyRequest, task_id: FromPath[UUID]) -> Response[Any]:
    page = pages.of(request)
    page.staff()
    return await _show(page, task_id, Form())


@post("/staff/tasks/{task_id:uuid}/claim", name="claim_task")
async def claim(request: AnyRequest, task_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, task_id, "claim")


@post("/staff/tasks/{task_id:uuid}/release", name="release_task")
async def release(request: AnyRequest, task_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, task_id, "release")


@post("/staff/tasks/{task_id:uuid}/outcome", name="task_outcome")
async def complete(request: AnyRequest, task_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, task_id, "outcome")


@post("/staff/tasks/{task_id:uuid}/undo", name="undo_task")
async def undo(request: AnyRequest, task_id: FromPath[UUID]) -> Response[Any]:
    return await _act(request, task_id, "undo")


async def _act(request: AnyRequest, task_id: UUID, what: str) -> Response[Any]:
    """Do something to the task, then show how it stands; what was refused is told there."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    body = forms.without_empty({name: form.value(name) for name in ("outcome", "note")}) if what == "outcome" else None
    try:
        await page.api.post(f"{API}/{task_id}/{what}", body, key=form.key)
    except Refused as refusal:
        return await _show(page, task_id, forms.refused(form, refusal), status=422)
    return page.go(f"{LIST}/{task_id}")


async def _show(page: Page, task_id: UUID, form: Form, *, status: int = 200) -> Response[Any]:
    task = await page.api.get(f"{API}/{task_id}")
    return page.render("staff/cases/task.html", status=status, task=task, form=form, outcomes=OUTCOMES)


HANDLERS: tuple[Any, ...] = (tasks, one, claim, release, complete, undo)
