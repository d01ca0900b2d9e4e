from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

from backend.course import plans, regimes
from backend.course.plans import Item, Person

METAL = plans.for_start("metal", date(2026, 8, 3))
BUPL = plans.for_start("bupl", date(2026, 8, 3))
START = date(2026, 8, 3)
SOMEONE = Person(date(1986, 5, 1), "high")


def weeks(plan: str) -> dict[str, tuple[int, int]]:
    return {item.activity: item.weeks for item in METAL.plans[plan].items}


COMMON = {"cv_job": (1, 2), "follow_up": (4, 13), "avail_job": (9, 10), "joint_1": (11, 12)}
HIGH = COMMON | {"netcafe": (3, 3), "ws_write": (4, 4), "ws_linkedin": (5, 11), "my_way": (7, 8)}


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ("bilag_3", HIGH | {"ws_unsolicited": (5, 5), "td_50plus": (10, 10)}),
        ("bilag_4", HIGH | {"ws_unsolicited": (5, 5), "td_it": (8, 8), "td_50plus": (10, 10)}),
        ("bilag_5", HIGH | {"ws_talk": (5, 5), "td_graduate": (10, 10)}),
        ("bilag_6", HIGH | {"ws_talk": (5, 5), "td_it": (10, 10)}),
        ("bilag_7", HIGH | {"ws_talk": (5, 5), "td_it": (10, 10)}),
        ("bilag_8", HIGH | {"ws_talk": (5, 5)}),
        ("bilag_9", COMMON),
        ("referral_jobcentre", {}),
    ],
)
def test_the_plans_of_metal(plan: str, expected: dict[str, tuple[int, int]]) -> None:
    assert weeks(plan) == expected


def test_who_holds_what_and_what_is_asked() -> None:
    by = {item.activity: (item.provider, item.requirement) for item in METAL.plans["bilag_4"].items}
    assert {name for name, (provider, _) in by.items() if provider == "local"} == {
        "cv_job", "netcafe", "follow_up", "avail_job",
    }  # fmt: skip
    assert {name for name, (_, asked) in by.items() if asked == "mandatory"} == {"cv_job", "avail_job", "joint_1"}
    assert {name for name, (_, asked) in by.items() if asked == "by_need"} == {"netcafe", "ws_linkedin"}
    assert [i.audience for i in METAL.plans["bilag_4"].items if i.activity == "netcafe"] == ["basic_it"]


def test_the_plans_of_bupl() -> None:
    assert [(i.activity, i.weeks) for i in BUPL.plans["bupl_not_at_risk"].items] == [
        ("cv_contact", (1, 2)), ("avail_contact", (8, 8)), ("joint_1", (12, 12)),
    ]  # fmt: skip
    assert [i.weeks[0] for i in BUPL.plans["bupl_at_risk"].items if i.activity == "sparring"] == [4, 6, 10]
    assert [i.may_be_earlier for i in BUPL.plans["bupl_at_risk"].items] == [False] * 5 + [True]
    assert plans.group_of(BUPL, replace(SOMEONE, risk="low"), START) == "bupl_not_at_risk"
    assert plans.group_of(BUPL, SOMEONE, START) == "bupl_at_risk"


@pytest.mark.parametrize(
    ("person", "plan"),
    [
        (replace(SOMEONE, risk="low", it_member=True), "bilag_9"),
        (SOMEONE, "bilag_8"),
        (replace(SOMEONE, it_member=True), "bilag_7"),
        (replace(SOMEONE, newly_qualified=True), "bilag_5"),
        (replace(SOMEONE, newly_qualified=True, it_member=True), "bilag_6"),
        (replace(SOMEONE, born_on=date(1976, 8, 3)), "bilag_3"),
        (replace(SOMEONE, born_on=date(1976, 8, 4)), "bilag_8"),
        (replace(SOMEONE, born_on=date(1960, 1, 1), it_member=True, newly_qualified=True), "bilag_4"),
        (replace(SOMEONE, complex_challenges=True, risk="low"), "referral_jobcentre"),
        (
            replace(SOMEONE, born_on=date(2001, 8, 4), no_education=True, no_dependent_children=True),
            "referral_jobcentre",
        ),
        (replace(SOMEONE, born_on=date(2001, 8, 3), no_education=True, no_dependent_children=True), "bilag_8"),
        (replace(SOMEONE, born_on=date(2004, 1, 1), no_education=True), "bilag_8"),
    ],
)
def test_target_groups(person: Person, plan: str) -> None:
    assert plans.group_of(METAL, person, START) == plan


def test_a_leap_day_birthday_counts_from_1_march() -> None:
    assert plans.age_on(date(2000, 2, 29), date(2026, 2, 28)) == 25
    assert plans.age_on(date(2000, 2, 29), date(2026, 3, 1)) == 26


def test_unknown_sets_and_unsound_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no set of course plans named nobody"):
        plans.versions("nobody")
    with pytest.raises(ValueError, match="do not reach back"):
        plans.for_start("metal", date(2015, 6, 30))
    item = Item("juggling", (1, 2), "local", "course", "high")
    broken = replace(METAL, set="broken", plans={**METAL.plans, "bilag_9": plans.Plan("x", "x", (item,))})
    (tmp_path / "broken-1.yaml").write_bytes(msgspec.yaml.encode(broken))
    monkeypatch.setattr(plans, "DATA", tmp_path)
    with pytest.raises(ValueError, match=r"broken-1 names what it does not hold: \['juggling'\]"):
        plans.versions("broken")


def test_a_later_version_is_for_later_starts_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version, starts_from in ((1, date(2020, 1, 1)), (2, date(2027, 1, 1))):
        made = replace(METAL, set="own", version=version, starts_from=starts_from)
        (tmp_path / f"own-{version}.yaml").write_bytes(msgspec.yaml.encode(made))
    monkeypatch.setattr(plans, "DATA", tmp_path)
    assert plans.for_start("own", date(2026, 12, 31)).version == 1
    assert plans.for_start("own", date(2027, 1, 1)).version == 2
    assert plans.of_version("own", 1).starts_from == date(2020, 1, 1)


@pytest.mark.parametrize(
    ("started_on", "regime"),
    [
        (date(2019, 12, 31), "normal_2020"), (date(2020, 1, 1), "trial_2020"), (date(2023, 12, 31), "trial_2020"),
        (date(2024, 1, 1), "simplified_2024"), (date(2026, 6, 30), "simplified_2024"),
        (date(2026, 7, 1), "flexible_2026"), (date(2027, 1, 1), "trials_2027"),
    ],
)  # fmt: skip
def test_the_regime_follows_the_first_day(started_on: date, regime: str) -> None:
    assert regimes.for_start(METAL, started_on) == regime


def test_a_fund_outside_the_trial_has_the_ordinary_rules() -> None:
    outside = replace(METAL, regimes=tuple(r for r in METAL.regimes if r != "trial_2020"))
    assert regimes.for_start(outside, date(2022, 1, 1)) == "normal_2020"


def test_two_listed_talks_may_be_held_as_one_never_three() -> None:
    trial = regimes.all_regimes()["trial_2020"]
    assert regimes.may_merge(trial, ["cv_talk", "job_talk"])
    assert regimes.may_merge(trial, ["joint_talk", "availability_talk"])
    assert regimes.may_merge(trial, ["job_talk", "job_talk"])
    assert not regimes.may_merge(trial, ["cv_talk", "availability_talk"])
    assert not regimes.may_merge(trial, ["job_talk", "joint_talk"])
    assert not regimes.may_merge(trial, ["cv_talk", "job_talk", "joint_talk"])
    assert not regimes.may_merge(regimes.all_regimes()["flexible_2026"], ["cv_talk", "joint_talk"])


def test_statutory_talks_are_held_in_person_unless_eased() -> None:
    regime = regimes.all_regimes()["flexible_2026"]
    assert regimes.forms_allowed(regime, ["cv_talk", "job_talk"], eased=False) == {"personal"}
    assert "letter" in regimes.forms_allowed(regime, ["job_talk"], eased=True)
    assert regimes.forms_allowed(regime, [], eased=False) == {"personal", "phone", "video"}
