"""What happens around every handler: who calls, may they, one transaction, one answer.

The transaction is committed before the first byte of the answer leaves; when the commit fails, the caller is told so.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import access, idempotency, identity, problems
from backend.api.identity import Verifier
from backend.api.limits import Limits
from backend.clock import local_date
from backend.db.engine import Sessions, each_statement_alone
from backend.members import access as sight
from backend.members.identity import MemberIdentity, StaffIdentity

AnyRequest = Request[Any, Any, Any]
# Claims that were verified already, put into the scope by the pages of this process. A server builds each scope itself
# from what came over the network, so nobody outside can set it.
TRUSTED = "jobvej.claims"


@dataclass(slots=True)
class Exchange:
    """One request and what the door knows of it; handlers get its parts by name."""

    session: AsyncSession
    now: datetime
    operation: str
    rule: access.Rule
    member: MemberIdentity | None = None
    staff: StaffIdentity | None = None
    subject: UUID | None = None
    key: str | None = None
    repeated: bool = False
    prepared: object = None

    @property
    def caller_id(self) -> UUID:
        caller = self.member or self.staff
        assert caller
        return caller.id


def exchange(scope: Scope) -> Exchange:
    """The exchange of a request that came through the door."""
    found = scope["state"]["exchange"]
    assert isinstance(found, Exchange)
    return found


class Door(ASGIMiddleware):
    """Identity, access, transaction, idempotency and the access log, for every route with a rule."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, sessions: Sessions, verifier: Verifier, clock: Callable[[], datetime], limits: Limits) -> None:
        self._sessions = sessions
        self._verifier = verifier
        self._clock = clock
        self._limits = limits

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: AnyRequest = Request(scope, receive, send)
        operation = problems.operation(request)
        rule = access.RULES.get(operation)
        if rule is None:
            await next_app(scope, receive, send)
            return
        now = self._clock()
        claims = await self._claims(request, rule, now)
        async with self._sessions() as session:
            if rule.relation == "self" and request.method in ("GET", "HEAD"):
                await each_statement_alone(session)
            known = Exchange(session, now, operation, rule)
            scope["state"]["exchange"] = known
            await self._admit(request, known, claims)
            await self._prepare(request, known)
            repeated = await self._claim_key(request, known)
            if repeated is not None:
                await _note(request, known)
                await session.commit()
                await _replay(repeated, request)
                return
            await _Answer(request, known, send).run(next_app, scope, receive)

    async def _claims(self, request: AnyRequest, rule: access.Rule, now: datetime) -> identity.Claims:
        """The token's claims, checked before any connection to the database is taken."""
        address = request.client.host if request.client else "unknown"
        if rule.relation == "public":
            if rule.tries:
                self._limits.check(f"secret:{address}", tries=True)
            return {}
        given = request.scope.get(TRUSTED)
        if isinstance(given, dict):
            self._limits.check(f"subject:{given['sub']}")
            return given
        self._limits.check(f"address:{address}", tries=True)
        claims = await self._verifier.claims(identity.bearer(request.headers.get("authorization")), now)
        self._limits.forgive(f"address:{address}")
        self._limits.check(f"subject:{claims['sub']}")
        return claims

    async def _admit(self, request: AnyRequest, known: Exchange, claims: identity.Claims) -> None:
        if known.rule.relation == "public":
            return
        settings = self._verifier.settings
        if known.rule.relation == "self":
            known.member = await identity.member(known.session, settings, claims)
            return
        staff = known.staff = await identity.staff(known.session, settings, claims)
        access.allow(known.rule, staff.roles)
        if known.rule.relation == "member":
            name, value = access.subject_of(request.path_params)
            known.subject = await access.in_sight(known.session, staff, name, value, local_date(known.now))

    async def _prepare(self, request: AnyRequest, known: Exchange) -> None:
        """What an operation does over the network it does here: access is clear, the transaction has not begun."""
        prepare = request.route_handler.opt.get("prepare")
        if prepare is not None:
            known.prepared = await prepare(request, known)

    async def _claim_key(self, request: AnyRequest, known: Exchange) -> idempotency.Answer | None:
        key = request.headers.get("idempotency-key")
        if key is None or request.method != "POST" or known.rule.relation == "public":
            return None
        print_ = idempotency.fingerprint(
            request.method, request.url.path, request.scope["query_string"], await _body(request)
        )
        answer = await idempotency.claim(known.session, known.caller_id, key, print_, known.now)
        known.key = key
        known.repeated = answer is not None
        return answer


async def _body(request: AnyRequest) -> bytes:
    """The body without the boundary of a multipart form, which each try makes anew."""
    boundary = request.content_type[1].get("boundary", "")
    body = await request.body()
    return body.replace(boundary.encode(), b"") if boundary else body


async def _replay(answer: idempotency.Answer, request: AnyRequest) -> None:
    response: Response[Any] = Response(
        content=answer.body.encode() or None,
        status_code=answer.status,
        media_type="application/json",
        headers={"Idempotency-Replayed": "true"},
    )
    await _send(response, request, request.send)


async def _send(response: Response[Any], request: AnyRequest, send: Send) -> None:
    app = response.to_asgi_response(app=None, request=request)
    await app(request.scope, request.receive, send)


class _Answer:
    """Holds the answer back until its transaction is committed."""

    def __init__(self, request: AnyRequest, known: Exchange, send: Send) -> None:
        self._request = request
        self._known = known
        self._send = send
        self._held: list[Message] = []
        self._open = True
        self._failure: Exception | None = None

    async def run(self, next_app: ASGIApp, scope: Scope, receive: Receive) -> None:
        await next_app(scope, receive, self._take)
        if self._failure is not None:
            await _send(problems.answer(self._request, self._failure), self._request, self._send)

    async def _take(self, message: Message) -> None:
        if self._failure is not None:
            return
        if not self._open:
            await self._send(message)
            return
        self._held.append(message)
        # An answer that is kept for repeats must be whole first; any other may stream once it is committed.
        if self._known.key is None or (message["type"] == "http.response.body" and not message.get("more_body")):
            await self._release()

    async def _release(self) -> None:
        self._open = False
        try:
            await self._finish()
        except Exception as error:
            self._failure = error
            with contextlib.suppress(Exception):
                await self._known.session.rollback()
            return
        for message in self._held:
            await self._send(message)

    async def _finish(self) -> None:
        known, status = self._known, int(self._held[0]["status"])  # type: ignore[typeddict-item]
        if status >= 400:
            await known.session.rollback()
            return
        if known.key is not None:
            body = b"".join(m["body"] for m in self._held if m["type"] == "http.response.body")
            await idempotency.keep(known.session, known.caller_id, known.key, idempotency.Answer(status, body.decode()))
        await _note(self._request, known)
        await known.session.commit()


async def _note(request: AnyRequest, known: Exchange) -> None:
    """The line of the access log, in the transaction of what was done; a repeated answer is read again."""
    if known.staff is None or known.rule.relation not in ("member", "queue"):
        return
    reads = request.method in ("GET", "HEAD") or known.operation in access.READING
    action: sight.Action = "read" if reads or known.repeated else "write"
    await sight.log(known.session, known.staff.id, known.subject, action, known.operation, known.now)


def concerns(scope: Scope, member_id: UUID) -> None:
    """Note which member an operation of relation `queue` turned out to be about, for the access log."""
    exchange(scope).subject = member_id
