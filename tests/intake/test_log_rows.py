"""Rows of the job log: the order of reasons, and what is remembered."""

from datetime import date
from uuid import UUID

import pytest

from backend.db.types import new_id
from backend.intake import log_rows
from backend.intake.checks import Fault
from backend.intake.layout import COLUMNS, LOG
from backend.intake.log_rows import LogEncoder
from tests.intake.exports import entry

TODAY = date(2026, 11, 18)
MEMBER = new_id()
# In the documented order: with all of them wrong the first is given, and so on.
SPOILS = [
    ("joblog_id", "", "missing_id"),
    ("medlemsnr", "123456", "unknown_member"),
    ("soegt_dato", "31-02-2026", "bad_date"),
    ("registreret", "yesterday", "bad_date"),
    ("virksomhed", "", "missing_employer_and_title"),
    ("kanal", "brevdue", "unknown_channel"),
    ("status", "drømt", "unknown_status"),
    ("tid", "altid", "unknown_hours"),
    ("ansoegning_vedhaeftet", "måske", "bad_yes_no"),
    ("land", "Danmark", "bad_country"),
]


def encoder() -> LogEncoder:
    return LogEncoder({"700001": MEMBER}, TODAY, new_id())


def encode(found: LogEncoder, number: int, row: list[str]) -> bytes:
    raw = ";".join(row).encode()
    return found.encode(number, raw.split(b";", 6), raw)


@pytest.mark.parametrize("first", range(len(SPOILS)))
def test_the_first_reason_in_the_documented_order_is_given(first: int) -> None:
    spoilt = {column: value for column, value, _ in SPOILS[first:]} | {"stilling": "" if first <= 4 else "Smed"}
    with pytest.raises(Fault) as caught:
        encode(
            encoder(),
            2,
            entry(**spoilt) if first else entry("", **{k: v for k, v in spoilt.items() if k != "joblog_id"}),
        )
    assert caught.value.reason == SPOILS[first][2]


def test_a_fault_does_not_spill_over_to_the_next_row() -> None:
    found = encoder()
    with pytest.raises(Fault):
        encode(found, 2, entry(kanal="brevdue"))
    assert encode(found, 3, entry())


def test_missing_columns_come_before_everything() -> None:
    with pytest.raises(Fault) as caught:
        encode(encoder(), 2, ["", "123456"])
    assert (caught.value.reason, caught.value.value) == ("wrong_columns", "2")


@pytest.mark.parametrize("column", [name for name in COLUMNS[LOG] if name not in ("joblog_id", "medlemsnr")])
def test_nul_and_endless_text_are_rejected_anywhere(column: str) -> None:
    for value in ("a\0b", "x" * 600):
        with pytest.raises(Fault):
            encode(encoder(), 2, entry(**{column: value}))


def test_the_id_ends_in_the_line() -> None:
    first = new_id()
    row = LogEncoder({"700001": MEMBER}, TODAY, first).encode(4711, ";".join(entry()).encode().split(b";", 6), b"raw")
    assert log_rows.line_of(UUID(bytes=row[6:22])) == 4711


def test_only_numbers_that_do_not_grow_are_suspected(monkeypatch: pytest.MonkeyPatch) -> None:
    found = encoder()
    for line, number in enumerate(["J1", "J2", "J4", "J2", "J4", "J5"]):
        encode(found, line, entry(number))
    assert found.suspects == ["J2", "J4"]
    monkeypatch.setattr(log_rows, "SUSPECTS", 2)
    encode(found, 9, entry("J0"))
    assert found.suspects is None


def test_memory_for_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_rows, "REMEMBERED", 3)
    found = encoder()
    rows = [encode(found, n, entry(f"J{n}", stilling=f"Job {n}")) for n in range(10)]
    assert len(set(rows)) == 10
    assert len(found._jobs) <= 3


def test_too_many_columns_come_before_what_else_is_wrong() -> None:
    with pytest.raises(Fault) as caught:
        encode(encoder(), 2, [*entry(medlemsnr="123456"), "more"])
    assert (caught.value.reason, caught.value.value) == ("wrong_columns", "13")
