"""How the form of a draft becomes what the API takes."""

from backend.web.forms import Form
from backend.web.staff_policy import entry

VALUES = [{"name": name} for name in ("window_weeks", "red_ratio", "grace_due_days", "counting_statuses")]


def test_numbers_are_read_as_danes_write_them_and_nonsense_is_left_to_the_api() -> None:
    form = Form(
        {"window_weeks": "6", "red_ratio": "0,5", "grace_due_days": "nan", "note": "why", "valid_from": "2026-12-01"}
    )
    assert entry(form, ["applied"], VALUES) == {
        "numbers": {"window_weeks": 6, "red_ratio": 0.5, "grace_due_days": ["nan"], "counting_statuses": ["applied"]},
        "note": "why",
        "validFrom": "2026-12-01",
    }
