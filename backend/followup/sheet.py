"""The evidence sheet of a call-in in sentences: what speaks for the member first, then everything that was found. Pure.

The sheet's codes stay as they were written; each sentence here is a msgid with what fills it, to be translated.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from backend.clock import local_date
from backend.followup import sheet_texts as texts

Evidence = Mapping[str, Any]
# An application is noted within the week by most; later than this it was probably not seen by the rating in time.
LATE = timedelta(days=7)


class Phrase(NamedTuple):
    """A sentence: `params` fill the translated msgid; those in `words` are translated first."""

    msgid: str
    params: Mapping[str, object] = {}
    words: Mapping[str, str] = {}


class Line(NamedTuple):
    """Sentences about one thing. `entries` are the ids of the job log entries that it is about."""

    code: str
    phrases: Sequence[Phrase]
    entries: Sequence[str] = ()


class Part(NamedTuple):
    """`code` names the part, `heading` is a msgid; `empty` is said where there are no lines."""

    code: str
    heading: str
    empty: str
    lines: Sequence[Line]


def parts(evidence: Evidence, flagged_at: datetime | None) -> list[Part]:
    """The whole sheet. `flagged_at`: when the colour improved after the proposal."""
    made = {
        "member": list(_for_the_member(evidence, flagged_at)),
        "entries": [_entry(one) for one in evidence.get("entries", [])],
        "exemptions": [_exemption(one) for one in evidence.get("exemptions", [])],
        "requirements": [_requirement(one) for one in evidence.get("requirements", [])],
        "calls": [_call(one) for one in evidence.get("calls", [])],
        "disputes": [_dispute(one) for one in evidence.get("disputes", [])],
    }
    return [Part(code, *texts.PARTS[code], lines) for code, lines in made.items()]


def _for_the_member(evidence: Evidence, flagged_at: datetime | None) -> Iterator[Line]:
    if flagged_at is not None:
        yield _line("improved", on=local_date(flagged_at))
    late = [one for one in evidence.get("entries", []) if one["days_late"] > LATE.days and not one["withdrawn"]]
    if late:
        yield _line("late_entry" if len(late) == 1 else "late_entries", entries=late, n=len(late), days=LATE.days)
    for one in evidence.get("exemptions", []):
        yield _line("pending" if one["pending"] else "exempt", from_on=_day(one["from_on"]))
    if evidence.get("disputes"):
        yield _line("disputed")
    yield from _tried(evidence.get("calls", []))


def _line(code: str, *, entries: Sequence[Evidence] = (), **params: object) -> Line:
    return Line(code, [Phrase(texts.FOR_THE_MEMBER[code], params)], [str(one["id"]) for one in entries])


def _tried(calls: Sequence[Evidence]) -> Iterator[Line]:
    results = [each["result"] for one in calls for each in one["attempts"]]
    if not results:
        yield _line("never_rung")
    elif "reached" not in results:
        yield _line("never_reached")


def _entry(one: Evidence) -> Line:
    said = [Phrase(texts.ENTRY, {"day": _day(one["applied_on"]), "what": _what(one)})]
    said.append(Phrase(texts.CHANNELS[one["channel"]]))
    if one["status"] != "applied":
        said.append(Phrase(texts.STATUSES[one["status"]]))
    if one["days_late"] > 0:
        late = texts.LOGGED_A_DAY_LATER if one["days_late"] == 1 else texts.LOGGED_LATER
        said.append(Phrase(late, {"days": one["days_late"]}))
    if one["has_document"]:
        said.append(Phrase(texts.UPLOADED))
    if one["withdrawn"]:
        said.append(Phrase(texts.WITHDRAWN))
    return Line("entry", said, [str(one["id"])])


def _what(one: Evidence) -> str:
    return ", ".join(filter(None, (one["title"], one["employer"]))) or "–"


def _exemption(one: Evidence) -> Line:
    days = {name: _day(one[name]) for name in ("from_on", "to_on") if one[name]}
    kind = {"kind": texts.KINDS[one["type"]]}
    said = [Phrase(texts.PERIOD if "to_on" in days else texts.OPEN_PERIOD, days, kind)]
    if one["pending"]:
        said.append(Phrase(texts.PENDING))
    return Line("exemption", said)


def _requirement(one: Evidence) -> Line:
    numbers = {name: one[name] for name in ("min_per_week", "min_posted_per_week", "uploads_per_month")}
    day = _day(one["valid_from"])
    return Line("requirement", [Phrase(texts.REQUIREMENT, {"day": day, "year": day.year, **numbers})])


def _call(one: Evidence) -> Line:
    said = [Phrase(texts.CALL, {"day": local_date(_at(one["opened_at"]))}, {"state": texts.CALL_STATES[one["state"]]})]
    if one["outcome"]:
        said.append(Phrase(texts.OUTCOME, {}, {"outcome": texts.OUTCOMES[one["outcome"]]}))
    said += [_try(each) for each in one["attempts"]]
    return Line("call", said)


def _try(one: Evidence) -> Phrase:
    return Phrase(texts.TRIED, {"at": _at(one["at"])}, {"result": texts.RESULTS[one["result"]]})


def _dispute(one: Evidence) -> Line:
    return Line("dispute", [Phrase(texts.DISPUTE, {"day": local_date(_at(one["opened_at"])), "text": one["text"]})])


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _at(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
