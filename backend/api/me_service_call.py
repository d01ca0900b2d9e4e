"""The call that the member waits for, and when it suits."""

from datetime import date, datetime
from typing import Any, Literal

from litestar import Request, Response, delete, get, put
from litestar.params import JSONBody

from backend.api import staff_view, wire
from backend.api.given import Me, Now, Session
from backend.api.staff_view import Instant
from backend.api.wire import Input, Wire
from backend.casework.tables import ServiceCall
from backend.followup import calls


class MyCall(Wire):
    """We ring by `dueOn`, or at `callAt` when the member chose a time. `tried`: how often we rang in vain."""

    state: Literal["waiting", "calling", "paused"]
    due_on: date
    call_at: datetime | None
    tried: int


class MyCallAnswer(Wire):
    """Null when no call is planned."""

    call: MyCall | None


class TimeInput(Input):
    """A time on a working day from 9 to 16, at most five working days ahead."""

    at: Instant


STATES: dict[str, Literal["waiting", "calling", "paused"]] = {
    "open": "waiting",
    "claimed": "calling",
    "suspended": "paused",
}


@get("/v1/me/service-call", operation_id="getMyServiceCall", tags=["service call"], response_headers=wire.TAGGED)
async def my_call(request: Request[Any, Any, Any], session: Session, member: Me) -> Response[MyCallAnswer]:
    """The call that I can expect, if any."""
    call = await calls.of_member(session, member.id)
    return wire.tagged(request, MyCallAnswer(call=_view(call) if call else None))


@put("/v1/me/service-call/time", operation_id="chooseCallTime", tags=["service call"])
async def choose_time(session: Session, member: Me, now: Now, data: JSONBody[TimeInput]) -> MyCall:
    """Ring me at this time."""
    at = staff_view.sensible(data.at, "at")
    return _view(await calls.choose_time(session, member.id, at, now=now))


@delete("/v1/me/service-call/time", operation_id="clearCallTime", tags=["service call"], status_code=200)
async def clear_time(session: Session, member: Me, now: Now) -> MyCall:
    """Ring me whenever it suits you."""
    return _view(await calls.clear_time(session, member.id, now=now))


def _view(call: ServiceCall) -> MyCall:
    return MyCall(state=STATES[call.state], due_on=call.due_on, call_at=call.call_at, tried=call.attempts)


HANDLERS = (my_call, choose_time, clear_time)
