"""Every kind says something in both languages, with as much as is known."""

from datetime import UTC, datetime

import pytest

from backend.i18n import LANGUAGES
from backend.timeline import texts
from backend.timeline.texts import KINDS

AT = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
WORDINGS = [(kind, value) for kind, entry in KINDS.items() for value in entry.wordings]
PARAMS = {"from_on": "2026-11-02", "to_on": "2026-11-08", "place": "Vejle", "min_per_week": 2}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "value"), WORDINGS)
@pytest.mark.parametrize("params", [PARAMS, {}], ids=["all known", "nothing known"])
def test_every_wording_renders(kind: str, value: str, params: dict[str, object], language: str) -> None:
    by = KINDS[kind].by
    given = params | dict(zip(reversed(by), reversed(value.split(">")), strict=False))
    title, body = texts.render(language, kind, given, at=AT, due_at=None)
    assert title
    assert body
    assert "{" not in title + body


def test_what_is_known_is_said() -> None:
    def body(**params: object) -> str:
        return texts.render("en", "exemption", params, at=AT, due_at=None)[1]

    assert body(from_on="2026-11-02", to_on="2026-11-08").startswith("From 2 November to 8 November.")
    assert body(from_on="2026-11-02", to_on=None).startswith("From 2 November.")
    assert body() == "Stay registered with Jobnet."


def test_the_wording_follows_the_param() -> None:
    titles = {
        texts.render("en", "rating_changed", {"colour": colour}, at=AT, due_at=None)[0]
        for colour in ("green", "yellow", "red", "paused", "none")
    }
    assert len(titles) == 5


def test_yellow_from_red_is_told_as_the_improvement_that_it_is() -> None:
    """No call follows from it, so none is promised."""
    title, body = texts.render("en", "rating_changed", {"before": "red", "colour": "yellow"}, at=AT, due_at=None)
    assert title == "Your job search is moving the right way"
    assert "call" not in body
    worse, _ = texts.render("en", "rating_changed", {"before": "green", "colour": "yellow"}, at=AT, due_at=None)
    assert worse == "Your job search is a little below what you agreed"


def test_a_call_is_told_as_it_stands() -> None:
    def said(**params: object) -> tuple[str, str]:
        return texts.render("da", "service_call", params, at=AT, due_at=AT)

    assert said()[0] == "Vi ringer til dig"
    assert "18. november kl. 12.00" in said(state="chosen")[1]
    assert said(state="agreed_plan")[0] == "Vi har talt i telefon"
    assert said(state="improved")[0] == "Vi behøver ikke at ringe til dig"


def test_no_title_names_a_colour() -> None:
    for entry in KINDS.values():
        for wording in entry.wordings.values():
            assert not {"green", "yellow", "red"} & set(wording.title.lower().split())
