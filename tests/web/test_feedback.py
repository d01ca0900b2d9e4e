"""What the pages of feedback make of forms and dates on their own."""

from datetime import date

import pytest

from backend.web import staff_feedback_figures as figures
from backend.web import staff_feedback_forms as texts
from backend.web.forms import Form


@pytest.mark.parametrize(
    ("typed", "share"), [("", None), ("65", 0.65), ("62,5", 0.625), ("170", 1.7), ("many", "many")]
)
def test_a_target_in_per_cent_is_a_share(typed: str, share: object) -> None:
    assert figures._share(typed) == share


def test_eight_quarters_back_across_new_year_and_one_ahead() -> None:
    found = figures._quarters(date(2026, 2, 14))
    words = ["2026-1", "2025-4", "2025-3", "2025-2", "2025-1", "2024-4", "2024-3", "2024-2"]
    assert [figures._word(one) for one in found] == words
    assert [figures._word(figures._next(one)) for one in found[:2]] == ["2026-2", "2026-1"]


def test_a_text_is_shown_in_pieces_with_what_is_proposed_to_be_left_out() -> None:
    one = {"text": "Ring 20123456 til Bo", "spans": [{"start": 5, "end": 13, "why": "phone"}]}
    assert texts._parts(one, "en") == [("Ring ", ""), ("20123456", "looks like a phone number"), (" til Bo", "")]
    assert texts._parts({"text": "", "spans": []}, "en") == []


def test_a_question_of_ones_own_goes_to_the_api_as_it_is_asked() -> None:
    form = Form({"kind1": "agree", "da1": "A", "en1": "B", "options1": "x | y", "kind2": "single", "da2": "C",
                 "en2": "D", "options2": "Ja | Yes\n\n10", "kind3": "text", "da3": ""})  # fmt: skip
    assert texts._questions(form) == [
        {"kind": "scale", "scale": "agree", "da": "A", "en": "B", "options": []},
        {
            "kind": "single",
            "scale": "",
            "da": "C",
            "en": "D",
            "options": [{"da": "Ja", "en": "Yes"}, {"da": "10", "en": "10"}],
        },
    ]
