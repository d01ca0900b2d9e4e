"""What the pages of staff make of the API's answers, and of forms: pure."""

from datetime import UTC, date, datetime

from backend.web import calendar_week, capacity_view, event_form, talk_form
from backend.web.forms import Form

MONDAY = date(2026, 11, 23)


def _calendar(**more: object) -> dict[str, object]:
    return {"sessions": [], "free": [], "absences": []} | more


def test_a_week_is_monday_to_friday_and_weekends_with_something() -> None:
    sunday = {"startsAt": "2026-11-29T09:00:00Z", "endsAt": "2026-11-29T10:00:00Z"}
    assert [day.on.isoweekday() for day in calendar_week.days(MONDAY, _calendar())] == [1, 2, 3, 4, 5]
    found = calendar_week.days(MONDAY, _calendar(free=[sunday]))
    assert [day.on.isoweekday() for day in found] == [1, 2, 3, 4, 5, 7]
    assert (found[-1].entries[0].what, found[-1].entries[0].start.hour) == ("free", 10)


def test_an_absence_over_days_stands_on_each_of_them_cut_to_the_day() -> None:
    away = {"id": "a", "fromAt": "2026-11-24T11:00:00Z", "toAt": "2026-11-26T12:00:00Z"}
    days = calendar_week.days(MONDAY, _calendar(absences=[away]))
    assert [len(day.entries) for day in days] == [0, 1, 1, 1, 0]
    assert [(one.entries[0].start.hour, one.entries[0].end.hour) for one in days[1:4]] == [(12, 0), (0, 0), (0, 13)]


def test_on_a_weekend_the_coming_week_is_shown_unless_another_is_asked_for() -> None:
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert calendar_week.monday_of(None, sunday) == MONDAY
    assert calendar_week.monday_of(date(2026, 11, 22), sunday) == date(2026, 11, 16)


def test_a_draft_goes_into_the_form_and_back_unchanged() -> None:
    agreed = [{"owner": "staff", "what": "Send it", "dueOn": "2026-12-01", "staffId": "s1"}]
    talk = {
        "minutes": "We met.", "form": "phone", "chair": "fund", "heldOn": "2026-11-20", "version": 4,
        "types": [{"code": "follow_up", "text": "Follow-up"}], "drafted": agreed,
    }  # fmt: skip
    form = Form(talk_form.values(talk))
    assert talk_form.minutes(form) == {
        "minutes": "We met.", "form": "phone", "chair": "fund", "heldOn": "2026-11-20", "types": ["follow_up"],
        "agreements": agreed,
    }  # fmt: skip
    assert (form.value("version"), talk_form.rows(form)) == ("4", 3)


def test_a_row_without_words_is_no_agreement_and_an_empty_draft_says_nothing() -> None:
    assert talk_form.minutes(Form({"due-0": "2026-12-01", "owner-0": "member"})) == {
        "minutes": "", "types": [], "agreements": [],
    }  # fmt: skip


def test_a_session_goes_into_the_form_and_back() -> None:
    audience = {"ageFrom": 50, "ageBelow": None, "newlyQualified": None, "itMember": False, "basicIt": None}
    view = {
        "activity": "ws_write", "form": "personal", "place": "Here", "branchId": None, "staffId": "s",
        "partnerId": None,
        "capacity": 12, "leadMinutes": 0, "ownMinutes": None, "audience": audience,
        "startsAt": "2026-12-09T08:00:00Z", "endsAt": "2026-12-09T10:00:00Z", "closesAt": "2026-12-08T08:00:00Z",
        "localStart": "2026-12-09T09:00:00",
    }  # fmt: skip
    assert event_form.session(Form(event_form.of_session(view))) == {
        "activity": "ws_write", "form": "personal", "place": "Here", "staffId": "s", "capacity": 12, "minutes": 120,
        "leadMinutes": 0, "closesHours": 24, "audience": {"ageFrom": 50, "itMember": False},
        "startsAt": "2026-12-09T09:00",
    }  # fmt: skip


def test_what_is_no_number_is_left_for_the_api_to_refuse() -> None:
    assert event_form.session(Form({"capacity": "many"}))["capacity"] == "many"


def _line(branch: str | None, week: str, shortage: float, activity: str = "talks") -> dict[str, object]:
    return {
        "branch": branch, "week": week, "activity": activity, "title": "T", "unit": "minutes", "need": 60.0,
        "free": 0.0,
        "shortage": shortage, "soon": week < "2026-12-10",
    }  # fmt: skip


def test_what_is_short_soon_comes_week_by_week_and_the_worst_first() -> None:
    lines = [
        _line("A", "2026-11-30", 10), _line("B", "2026-11-23", 10), _line("C", "2026-11-23", 20),
        _line("D", "2026-11-23", 0), _line("E", "2026-12-14", 99),
    ]  # fmt: skip
    assert [one["branch"] for one in capacity_view.soon(lines)] == ["C", "B", "A"]


def test_the_table_has_a_row_for_each_branch_what_is_short_first_and_the_team_by_its_name() -> None:
    lines = [_line("A", "2026-11-23", 0), _line("B", "2026-11-30", 5), _line(None, "2026-11-23", 0, "ws_write")]
    table = capacity_view.talks(lines, "Team")
    assert (table.weeks, [name for name, _ in table.rows]) == (["2026-11-23", "2026-11-30"], ["B", "A"])
    assert table.rows[0][1][0] is None
    assert [name for name, _ in capacity_view.events(lines, "Team").rows] == ["T · Team"]
