"""Every rating can be told in plain words with its figures, in any situation."""

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend import i18n
from backend.rating import rules, texts
from backend.rating.explain import Line, explain
from backend.rating.figures import FULLY_EXEMPTING, Colour, Facts, Mode, Override
from backend.rating.policy_values import Policy
from backend.rating.way_back import Obstacle, WayBack, way_back
from tests.rating.builders import TODAY, day, entry, event, exempt, facts, weekly, weeks
from tests.rating.strategies import MODES, situations


def _told(lines: Sequence[Line], group: str) -> dict[str, str]:
    return {line.code: i18n.text("en", line.msgid, **line.params) for line in lines if line.group == group}


def _explained(member: Facts, mode: Mode = "weekly", back: WayBack | None = None) -> list[Line]:
    return explain((weekly if mode == "weekly" else event)(member), Policy(), back)


@pytest.mark.parametrize(
    ("member", "told"),
    [
        (
            facts(*weeks(2, 2, 2, 2)),
            {"meets_agreement": "You do what we agreed. Applications that count: 8. Agreed: 8."},
        ),
        (facts(*weeks(2, 2, 1, 1)), {"below_agreement": "Applications that count: 6. We agreed on 8."}),
        (facts(*weeks(2, 2, 2, 0)), {"zero_week": "There is no application that counts in week 46."}),
        (
            facts(*weeks(2, 2, 0, 0), previous="yellow"),
            {"zero_weeks": "There are no applications that count in weeks 45 and 46."},
        ),
        (
            facts(*weeks(2, 2, 2, 2, channel="network"), min_posted_per_week=1),
            {"too_few_posted": "Applications to advertised jobs that count: 0. We agreed on 4."},
        ),
        (
            facts(*weeks(2, 2, 2, 2), uploads_per_month=2),
            {"upload_missing": "Applications from 1 October to 31 October that are uploaded: 0. We agreed on 2."},
        ),
        (
            facts(override=Override("green", day("12-02"))),
            {"caseworker_override": "An adviser has set the colour until 2 December."},
        ),
        (facts(exemptions=[exempt("11-16", None)]), {"exempt": "You are on holiday, so the rating rests."}),
        (
            facts(start=day("11-09")),
            {"new_member_grace": "You are new here. The first colour comes after 10 days of job search; so far 5."},
        ),
        (
            facts(reset_on=day("11-10")),
            {
                "insufficient_basis": "Days of job search in this period: 3. "
                "That is too few to judge, so the colour stays."
            },
        ),
    ],
)
def test_a_reason_tells_its_figures(member: Facts, told: dict[str, str]) -> None:
    assert _told(_explained(member), "reason") == told


def test_reasons_that_name_a_call_and_the_weeks() -> None:
    lasting = _explained(facts(*weeks(2, 2, 1, 1), previous="yellow", calls=[day("10-01"), day("11-17")]))
    told = _told(lasting, "reason")
    assert "4 weeks or more after our call on 1 October" in told["yellow_persisted"]
    assert told["call_protection"].startswith("We talked on 17 November. You have 7 days")


def test_weeks_that_are_not_due_are_not_blamed() -> None:
    member = facts(*weeks(2, 0, 0, 0), previous="yellow", exemptions=[exempt("11-02", "11-04")])
    assert _told(_explained(member), "reason")["zero_weeks"].endswith("in weeks 44 and 46.")


def test_the_figures_of_a_plain_week() -> None:
    lines = [line for line in _explained(facts(*weeks(2, 1, 0, 3))) if line.group == "figure"]
    assert [i18n.text("en", line.msgid, **line.params) for line in lines] == [
        "The rating looks at 19 October to 15 November.",
        "Applications that count: 6. Agreed for 20 days of job search: 8.",
        "Week 43. Applications that count: 2. Days of job search: 5.",
        "Week 44. Applications that count: 1. Days of job search: 5.",
        "Week 45. Applications that count: 0. Days of job search: 5.",
        "Week 46. Applications that count: 3. Days of job search: 5.",
    ]


def test_figures_that_are_asked_for_are_shown() -> None:
    told = _told(
        _explained(facts(*weeks(1, 0, 0, 0, 2), min_posted_per_week=1, uploads_per_month=2), "event"), "figure"
    )
    assert told["posted"] == "To advertised jobs: 3. Agreed: 4."
    assert told["uploads"] == "Uploaded from 1 October to 31 October: 0. Agreed: 2."
    assert told["this_week"] == "Applications this week that count: 2."


def test_days_off_are_shown() -> None:
    away = [exempt("10-26", "10-30"), exempt("11-11", "11-11"), exempt("12-01", None)]
    told = _told(_explained(facts(exemptions=away)), "figure")
    assert told["exempt"] == "You were exempt from 26 October to 30 October. Nothing is expected on those days."
    assert told["exempt_day"] == "You were exempt on 11 November. Nothing is expected on that day."
    assert told["week_not_due"] == "Week 44. Applications that count: 0. Days of job search: 0, so nothing is expected."


def test_holidays_are_shown_once_and_only_where_they_matter() -> None:
    easter = facts(start=date(2026, 1, 5), exemptions=[exempt("04-06", "04-06")])
    lines = explain(weekly(easter, today=date(2026, 4, 15)), Policy())
    assert [line.params["day"] for line in lines if line.code == "holiday"] == [date(2026, 4, 2), date(2026, 4, 3)]
    late = facts(start=date(2026, 4, 3))
    lines = explain(weekly(late, today=date(2026, 4, 22)), Policy())
    assert [line.params["day"] for line in lines if line.code == "holiday"] == [date(2026, 4, 3), date(2026, 4, 6)]


def test_where_the_count_begins_is_said() -> None:
    assert _told(_explained(facts(reset_on=day("10-28"))), "figure")["after_talk"] == (
        "Only days after our talk on 28 October count."
    )
    new = _told(_explained(facts(start=day("10-28"), reset_on=day("10-02"))), "figure")
    assert new["after_start"] == "Only days from 28 October count, because you became unemployed then."
    assert not {"after_talk", "after_start"} & set(_told(_explained(facts()), "figure"))


def test_entries_that_do_not_count_are_named() -> None:
    [line] = [each for each in _explained(facts(entry("11-10", country="SE", id="e1"))) if each.group == "entry"]
    assert line.entries == ("e1",)
    assert i18n.text("en", line.msgid, **line.params) == (
        "The entry of 10 November does not count, because the job is outside Denmark."
    )


@pytest.mark.parametrize(
    ("applied", "logged", "told"),
    [
        ("11-17", "11-19", "The entry of 17 November was logged after this rating. It is looked at in the next one."),
        ("11-20", "11-20", "The entry of 20 November does not count yet, because its day comes after this rating."),
    ],
)
def test_an_entry_after_the_rating_is_told_truly_whenever_it_is_read(applied: str, logged: str, told: str) -> None:
    member = facts(entry(applied, logged_on=day(logged), id="e1"))
    [line] = [each for each in _explained(member) if each.group == "entry"]
    assert (line.code, i18n.text("en", line.msgid, **line.params)) == ("future", told)


def _way(member: Facts) -> list[str]:
    back = way_back(member, Policy(), TODAY)
    lines = _explained(member, "event", back)
    return [i18n.text("en", line.msgid, **line.params) for line in lines if line.group == "way_back"]


def test_the_way_back_in_words() -> None:
    assert _way(facts(*weeks(2, 2, 1, 1), previous="yellow")) == [
        "This makes you green:",
        "2 more applications by Sunday 22 November",
    ]
    assert _way(facts(*weeks(2, 2, 2, 1), previous="yellow", uploads_per_month=1))[1:] == [
        "1 more application by Sunday 22 November",
        "Upload 1 application that you sent from 1 October to 31 October, by Sunday 22 November",
    ]
    assert _way(facts(*weeks(0, 0, 4, 4), entry("10-09", id=7), previous="yellow", uploads_per_month=2))[1:] == [
        "Upload 1 application that you sent from 1 October to 31 October, by Sunday 22 November",
        "If you sent 1 more from 1 October to 31 October: log it and upload it by Sunday 22 November",
    ]
    assert _way(facts(*weeks(0, 0, 4, 4), previous="yellow", uploads_per_month=2))[1:] == [
        "If you sent 2 more from 1 October to 31 October: log them and upload them by Sunday 22 November",
    ]
    assert _way(facts(*weeks(2, 2, 2, 2), previous="yellow", uploads_per_month=2))[1:] == [
        "Upload 2 applications that you sent from 1 October to 31 October, by Sunday 22 November",
    ]
    assert _way(facts(*weeks(2, 2, 2, 2), previous="yellow")) == [
        "This makes you green:",
        "You need to do nothing more.",
    ]
    assert _way(facts(*weeks(2, 2, 2, 1, channel="network"), previous="yellow", min_posted_per_week=1)) == [
        "This makes you green:",
        "4 more applications by Sunday 22 November",
        "Of these to advertised jobs, at least: 4",
    ]
    assert _way(facts(previous="red"))[0] == "This lifts you to yellow:"
    assert _way(facts(previous="yellow", reset_on=day("11-10"))) == [
        "This makes you green:",
        "3 more applications by Sunday 22 November",
        "It takes effect in the weekly rating on Wednesday 25 November.",
    ]
    assert _way(facts()) == ["You are green. Just keep going."]
    assert "until 2 December" in _way(facts(override=Override("red", day("12-02"))))[0]


def test_documents_name_their_entries() -> None:
    member = facts(*weeks(0, 0, 4, 4), entry("10-20", id="doc"), previous="yellow", uploads_per_month=1)
    lines = explain(event(member), Policy(), way_back(member, Policy(), TODAY))
    assert [line.entries for line in lines if line.code == "document"] == [("doc",)]


def test_there_are_words_for_every_code() -> None:
    assert set(texts.LABELS) == {*texts.REASONS, "exempt"}
    assert set(texts.EXEMPT) == FULLY_EXEMPTING
    assert set(texts.COLOURS) == set(get_args(Colour))
    assert set(get_args(Obstacle)) <= set(texts.WAY_BACK)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(situations(), st.sampled_from(MODES))
def test_every_rating_can_be_told(situation: tuple[Facts, Policy, date], mode: Mode) -> None:
    facts_, policy, today = situation
    result = rules.rate(facts_, policy, today, mode)
    lines = explain(result, policy, way_back(facts_, policy, today))
    assert [line.code for line in lines if line.group == "reason"] == [r.partition(":")[0] for r in result.reasons]
    assert len([line for line in lines if line.group == "entry"]) == len(result.figures.skipped)
    assert any(line.group == "way_back" for line in lines)
    for line in lines:
        _assert_filled(line)


def _assert_filled(line: Line) -> None:
    told: dict[str, Any] = {key: value for key, value in line.params.items() if "{" + key + "}" in line.msgid}
    assert None not in told.values(), line
    text = i18n.text("en", line.msgid, **line.params)
    assert "{" not in text
    assert "None" not in text
