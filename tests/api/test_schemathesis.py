"""Requests made from the contract, good and bad, by every role: no server error, no answer that the contract lacks."""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import hypothesis
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase
from litestar import Litestar
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.alerts import service as alerts
from backend.alerts.service import NewAlert
from backend.api import access, contract
from backend.api.access import RULES
from backend.casework import tasks
from backend.casework.tables import Dispute
from backend.casework.tasks import NewTask
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.db.types import new_id
from backend.members.tables import Member
from backend.notifications import devices, service
from backend.notifications.devices import NewDevice
from backend.notifications.service import NewMessage
from tests import factories
from tests.api import booking_support, survey_support, talk_support
from tests.api.conftest import NOW, connected, signed
from tests.casework import factories as cases

pytestmark = [pytest.mark.db, pytest.mark.e2e, pytest.mark.slow]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
ROLES = ("member", "adviser", "job_consultant", "coordinator", "contact_centre", "manager", "organiser")
# How many requests of each kind (good and bad) an operation gets from one role; the whole file stays below a minute.
EXAMPLES = 2
# Where the ids of paths come from, so that requests meet rows and not only 404s.
TABLES = {
    "member_id": "member",
    "entry_id": "job_log_entry",
    "document_id": "document",
    "dispute_id": "dispute",
    "call_id": "service_call",
    "call_in_id": "call_in",
    "exemption_id": "exemption",
    "grant_id": "staff_access",
    "task_id": "task",
    "letter_id": "case_letter",
    "device_id": "device",
    "message_id": "message",
    "invitation_id": "survey_invitation",
    "response_id": "survey_response",
    "event_id": "activity_session",
    "series_id": "activity_session",
    "delivery_id": "delivery_done",
    "notice_id": "notice",
    "booking_id": "booking",
    "session_id": "activity_session",
    "obligation_id": "obligation",
    "item_id": "obligation",
    "template_id": "session_template",
    "staff_id": "staff",
    "absence_id": "staff_absence",
    "version_id": "my_plan_version",
    "outage_id": "outage",
    "broadcast_id": "broadcast",
    "talk_id": "talk",
    "agreement_id": "agreement",
    "report_id": "registry_report",
    "subject_id": "booking",
}
Headers = dict[str, str]
DEAD_LETTER = """
INSERT INTO delivery_done (id, message_id, member_id, channel, state, attempts, last_error, due_at, created_at,
    finished_at)
SELECT :id, id, member_id, 'sms', 'rejected', 1, 'INVALID_ADDRESS', created_at, created_at, created_at FROM message
LIMIT 1
"""


async def populate(session: AsyncSession) -> dict[str, Headers]:
    """A branch with work of every kind; who the callers are."""
    branch = await factories.branch(session)
    member = await factories.member(session, colour="yellow", branch_id=branch.id)
    await cases.call(session, member.id)
    await cases.call_in(session, member.id)
    await cases.letter(session, member.id, (await factories.staff(session)).id)
    rating = await cases.rating(session, member.id)
    session.add(_of(Dispute, member, rating_id=rating.id, state="open", text="No", opened_at=NOW, due_on=NOW.date()))
    await tasks.open_many(session, [NewTask(member.id, "agreement", "x", NOW.date(), {"n": 1})], now=NOW)
    await alerts.raise_many(session, [NewAlert("job_missing", "rate-members")], now=NOW)
    await service.send(session, [NewMessage(member.id, "N28", "x")], now=NOW)
    await devices.register(session, member.id, NewDevice("a-token-of-a-phone", "ios", "", "", "token"), now=NOW)
    await session.execute(text(DEAD_LETTER), {"id": new_id()})
    await booking_support.populate(session, member, branch)
    await talk_support.populate(session, member)
    await survey_support.populate(session, member.id, branch.id)
    callers = {"member": signed(member_no=member.member_no)}
    for role in ROLES[1:]:
        staff = await factories.staff(session, role=role, branch_id=branch.id)
        callers[role] = signed(staff_no=staff.staff_no)
    return callers


def _of(table: type[Any], member: Member, **values: Any) -> Any:
    return table(id=new_id(), member_id=member.id, **values)


@contextmanager
def serving(app: Litestar, engine: AsyncEngine) -> Iterator[str]:
    """The application in a thread with a loop and connections of its own."""

    async def serve() -> None:
        await server.serve()
        await engine.dispose()

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


async def ids(sessions: Sessions) -> dict[str, list[str]]:
    async with sessions() as session:
        return {
            name: [str(found) for found in await session.scalars(text(f"SELECT id FROM {table}"))]
            for name, table in TABLES.items()
        }


def check(
    document: dict[str, Any], url: str, role: str, headers: Headers, known: Mapping[str, list[str]]
) -> Counter[int]:
    """Send what the contract allows and what it does not to every operation that the role may call; the answers."""
    seen: Counter[int] = Counter()
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        rule = RULES[operation.definition.raw["operationId"]]
        if (rule.roles and role not in rule.roles) or (not rule.roles and role != "member"):
            continue
        for mode, examples in _wanted(rule, role):
            _send(operation, mode, examples, url, headers, known, seen)
    return seen


def _wanted(rule: access.Rule, role: str) -> list[tuple[GenerationMode, int]]:
    """Bad requests are refused before it matters who sends them: one role sends them all, the others a good one."""
    first = next((one for one in ROLES if one in rule.roles), "member")
    return [(mode, EXAMPLES) for mode in GenerationMode] if role == first else [(GenerationMode.POSITIVE, 1)]


def _send(
    operation: Any,
    mode: GenerationMode,
    examples: int,
    url: str,
    headers: Headers,
    known: Mapping[str, list[str]],
    seen: Counter[int],
) -> None:
    turn = cycle((True, True, False))

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        if next(turn):
            for name in case.path_parameters or {}:
                if known.get(name):
                    case.path_parameters[name] = known[name][seen.total() % len(known[name])]
        answer = case.call_and_validate(base_url=url, headers=headers, checks=CHECKS, timeout=10)
        seen[answer.status_code // 100] += 1

    # Nothing can be wrong in a request that takes no input.
    with contextlib.suppress(hypothesis.errors.Unsatisfiable):
        one()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.timeout(120)
async def test_every_role_and_operation(
    application: Callable[[Sessions], Litestar], fresh_database: str, fresh_sessions: Sessions, role: str
) -> None:
    async with transaction(fresh_sessions) as session:
        callers = await populate(session)
    async with connected(application(fresh_sessions)) as client:
        entry = {"appliedOn": "2026-11-17", "status": "applied", "channel": "posted", "employer": "Aros Stål"}
        made = await client.post("/v1/me/job-log", json=entry, headers=callers["member"])
        path = f"/v1/me/job-log/{made.json()['entry']['id']}/documents"
        await client.post(path, files={"file": ("a.pdf", b"%PDF-1.7\n%%EOF\n")}, headers=callers["member"])
    known = await ids(fresh_sessions)
    assert all(known[name] for name in ("member_id", "entry_id", "document_id", "call_id", "call_in_id", "dispute_id"))
    engine = make_engine(fresh_database)
    app = application(make_sessions(engine))
    with serving(app, engine) as url:
        seen = await asyncio.to_thread(check, contract.schema_of(app), url, role, callers[role], known)
    assert role == "organiser" or (seen[2] > 0 and seen[4] > 0), seen
