import pytest

from backend.delivery import addresses


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("20 12 34 56", "+4520123456"),
        ("+45 2012-3456", "+4520123456"),
        ("0046 (70) 123.45.67", "+46701234567"),
        ("", None),
        ("12", None),
        ("ring til min søster", None),
        ("20123456,20123457", None),
        ("+4520123456/+4520123457", None),
    ],
)
def test_a_number_is_one_persons_with_its_country_or_none(typed: str, found: str | None) -> None:
    assert addresses.phone(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (" a.b+c@mail.example ", "a.b+c@mail.example"),
        ("a@b@c.example", None),
        ("a@mail.example,b@mail.example", None),
        ("a@mail.example\nBcc: b@mail.example", None),
        ("a@mail..example", None),
        ("none", None),
    ],
)
def test_an_address_is_one_persons_or_none(typed: str, found: str | None) -> None:
    assert addresses.email(typed) == found
