"""The evidence sheet in sentences: what speaks for the member comes first, and no code is left without words."""

from datetime import datetime
from typing import Any, get_args

from backend.casework import rules_calls
from backend.casework.tables import CALL_OUTCOMES, CALL_STATES
from backend.clock import COPENHAGEN
from backend.course.rules import ExemptionType
from backend.followup import sheet
from backend.followup import sheet_texts as texts
from backend.job_log.tables import CHANNELS, STATUSES

ENTRY = {
    "id": "7", "applied_on": "2026-11-06", "days_late": 0, "status": "applied", "channel": "posted", "title": "Smed",
    "employer": "Vestas", "has_document": False, "withdrawn": False,
}  # fmt: skip
ATTEMPT = {"at": "2026-11-10T08:00:00+00:00", "result": "no_answer"}
CALL = {
    "id": "1",
    "state": "done",
    "outcome": "not_reached",
    "opened_at": "2026-11-09T09:00:00Z",
    "attempts": [ATTEMPT],
}
FLAGGED = datetime(2026, 11, 17, 23, 30, tzinfo=COPENHAGEN)


def codes(evidence: dict[str, Any], flagged_at: datetime | None = None) -> list[str]:
    return [line.code for line in sheet.parts(evidence, flagged_at)[0].lines]


def test_what_speaks_for_the_member_comes_first() -> None:
    assert sheet.parts({}, None)[0].code == "member"
    late = ENTRY | {"days_late": 8}
    assert codes({"entries": [late], "calls": [CALL]}) == ["late_entry", "never_reached"]
    assert codes({"entries": [late, late], "calls": [CALL]}, FLAGGED) == ["improved", "late_entries", "never_reached"]
    assert codes({"entries": [late | {"withdrawn": True}, ENTRY | {"days_late": 7}]}) == ["never_rung"]
    exempt = {"from_on": "2026-11-25", "to_on": None, "type": "ferie", "pending": True}
    found = codes(
        {
            "exemptions": [exempt, exempt | {"pending": False}],
            "disputes": [{"opened_at": "2026-11-09T09:00Z", "text": "No"}],
        }
    )
    assert found == ["pending", "exempt", "disputed", "never_rung"]
    spoken = CALL | {"attempts": [ATTEMPT | {"result": "reached"}]}
    assert codes({"calls": [CALL, spoken]}) == []
    assert codes({"calls": [CALL | {"attempts": []}]}) == ["never_rung"]


def test_a_line_tells_what_is_known_of_an_application() -> None:
    entries = [
        ENTRY,
        ENTRY | {"days_late": 1, "has_document": True, "withdrawn": True, "status": "planned", "title": ""},
    ]
    part = next(one for one in sheet.parts({"entries": entries}, None) if one.code == "entries")
    plain, other = part.lines
    assert (plain.entries, [phrase.msgid for phrase in plain.phrases]) == (
        ["7"], [texts.ENTRY, texts.CHANNELS["posted"]],
    )  # fmt: skip
    assert [phrase.msgid for phrase in other.phrases][2:] == [
        texts.STATUSES["planned"], texts.LOGGED_A_DAY_LATER, texts.UPLOADED, texts.WITHDRAWN,
    ]  # fmt: skip
    assert (plain.phrases[0].params["what"], other.phrases[0].params["what"]) == ("Smed, Vestas", "Vestas")


def test_every_code_has_words() -> None:
    assert texts.CHANNELS.keys() == set(CHANNELS)
    assert texts.STATUSES.keys() == set(STATUSES) - {"applied"}
    assert texts.KINDS.keys() == set(get_args(ExemptionType))
    assert texts.CALL_STATES.keys() == set(CALL_STATES)
    assert texts.OUTCOMES.keys() == set(CALL_OUTCOMES) == set(rules_calls.OUTCOMES)
    assert texts.RESULTS.keys() == set(get_args(rules_calls.AttemptResult))
