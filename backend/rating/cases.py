"""Worked cases of the rule as JSON, in and out: `jobvej rate --cases FILE` and the tests speak this format."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import msgspec

from backend.errors import Invalid
from backend.i18n import N_
from backend.rating import rules
from backend.rating.figures import Colour, Entry, Exemption, Facts, Mode, Override, Quantity, Result, duplicate_key
from backend.rating.policy_values import Policy, PolicyError

Whole = int | float
_MISSING = re.compile(r"missing required field `(\w+)`")


class CaseError(Invalid):
    """A case that cannot be read; the text names the case and the field."""

    type = "invalid-case"
    message = N_("The file of cases is not as it should be.")


class _Plan(msgspec.Struct):
    min_per_week: Whole
    min_posted_per_week: Whole
    uploads_per_month: Whole


class _Member(msgspec.Struct):
    start: date
    insurance: Literal["full", "part"]
    plan: _Plan


class _Previous(msgspec.Struct):
    colour: Colour = "none"
    reset_on: date | None = None


class _LogEntry(msgspec.Struct):
    applied_on: date
    logged_on: date | None = None
    employer: str | None = None
    title: str | None = None
    status: str = "applied"
    channel: Literal["posted", "unsolicited", "network", "agency", "contacted"] = "posted"
    hours: Literal["full", "part"] = "full"
    country: str = "DK"
    doc: bool = False
    deleted: bool = False


class _Period(msgspec.Struct):
    type: str
    first: date = msgspec.field(name="from")
    last: date | None = msgspec.field(name="to", default=None)


class _Contact(msgspec.Struct):
    type: str
    on: date
    outcome: str | None = None


class _Override(msgspec.Struct):
    colour: Colour
    until: date


class _Case(msgspec.Struct):
    mode: Mode
    today: date
    member: _Member
    previous: _Previous | None = None
    log: list[_LogEntry] | None = None
    exemptions: list[_Period] | None = None
    contacts: list[_Contact] | None = None
    override: _Override | None = None
    config: dict[str, Any] | None = None


def rate_cases(document: Any) -> Iterator[dict[str, Any]]:
    """Rate the cases of a document in its order, one plain object each. Raises CaseError at the first bad case."""
    if not isinstance(document, Mapping) or not isinstance(document.get("vectors"), list):
        raise CaseError(N_("The file has no list of cases named vectors."), field="vectors")
    config = document.get("config") or {}
    if not isinstance(config, Mapping):
        raise CaseError(N_("The policy of the file is not an object."), field="config")
    for place, vector in enumerate(document["vectors"], 1):
        yield _rated(_name(vector, place), vector, config)


def _name(vector: Any, place: int) -> str:
    if not isinstance(vector, Mapping) or not isinstance(vector.get("id"), str):
        raise CaseError(N_("Case number {place} is not an object with an id."), field="id", place=place)
    return str(vector["id"])


def _rated(name: str, vector: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    case = _read(name, vector)
    try:
        policy = Policy.from_mapping({**config, **(case.config or {})})
    except PolicyError as error:
        raise _bad(name, f"config.{error.field}", str(error)) from error
    return _shown(name, rules.rate(_facts(case), policy, case.today, case.mode))


def _read(name: str, vector: Any) -> _Case:
    try:
        return msgspec.convert(vector, _Case)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        missing = _MISSING.search(problem)
        names = [path.rstrip("`"), missing[1] if missing else ""]
        raise _bad(name, ".".join(filter(None, names)), problem) from error


def _bad(name: str, field: str, problem: str) -> CaseError:
    return CaseError(N_("Case {case}, {place}: {problem}"), field=field, case=name, place=field, problem=problem)


def _facts(case: _Case) -> Facts:
    plan, previous = case.member.plan, case.previous or _Previous()
    return Facts(
        start=case.member.start,
        insurance=case.member.insurance,
        min_per_week=_exact(plan.min_per_week),
        min_posted_per_week=_exact(plan.min_posted_per_week),
        uploads_per_month=_exact(plan.uploads_per_month),
        previous=previous.colour,
        reset_on=previous.reset_on,
        entries=[_entry(place, each) for place, each in enumerate(case.log or ())],
        exemptions=[Exemption(each.type, each.first, each.last) for each in case.exemptions or ()],
        calls=[each.on for each in case.contacts or () if _is_completed_call(each)],
        override=Override(case.override.colour, case.override.until) if case.override else None,
    )


def _exact(number: Whole) -> Quantity:
    return number if isinstance(number, int) else Fraction(str(number))


def _is_completed_call(contact: _Contact) -> bool:
    return contact.type == "service_call" and contact.outcome == "completed"


def _entry(place: int, each: _LogEntry) -> Entry:
    return Entry(
        each.applied_on,
        each.logged_on or each.applied_on,
        duplicate_key(each.employer, each.title),
        each.status,
        each.channel,
        each.hours,
        each.country,
        each.doc,
        each.deleted,
        place,
    )


def _shown(name: str, result: Result) -> dict[str, Any]:
    return {
        "id": name,
        "colour": result.colour,
        "counted": result.counted,
        "required": result.required,
        "due_days": result.due_days,
        "trailing_zero_weeks": result.trailing_zero_weeks,
        "reasons": list(result.reasons),
        "actions": list(result.actions),
    }
