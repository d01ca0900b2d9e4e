"""`jobvej token` prints a token and nothing else, for those who exist, never in production."""

import sys
from pathlib import Path

import pytest
from joserfc import jwt

from backend.api import builtin_identity
from backend.cli.main import main
from backend.db.engine import Sessions, transaction
from backend.settings import load
from tests import factories

pytestmark = pytest.mark.db


@pytest.fixture
async def numbers(fresh_sessions: Sessions) -> tuple[str, str]:
    async with transaction(fresh_sessions) as session:
        member, staff = await factories.member(session), await factories.staff(session)
        return member.member_no, staff.staff_no


@pytest.fixture(autouse=True)
def environment(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBVEJ_DATABASE_URL", fresh_database)
    monkeypatch.setenv("JOBVEJ_DATA", str(tmp_path))


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["jobvej", "token", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(("option", "claim", "place"), [("--member", "member_no", 0), ("--staff", "staff_no", 1)])
def test_the_token_is_all_that_is_printed(
    numbers: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    claim: str,
    place: int,
) -> None:
    assert run(monkeypatch, option, numbers[place]) == 0
    printed = capsys.readouterr().out
    keys = builtin_identity.key_set(load())
    assert printed.count("\n") == 1
    assert jwt.decode(printed.strip(), keys, algorithms=["RS256"]).claims[claim] == numbers[place]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--member", "0000000"), "no member with the number 0000000"),
        (("--staff", "T-none"), "no staff member with the number T-none"),
        ((), "Give either"),
        (("--member", "1", "--staff", "2"), "Give either"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert run(monkeypatch, *options) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("JOBVEJ_PROFILE", "production", "production profile"),
        ("JOBVEJ_OIDC_ISSUER", "https://login.fund.example", "only its tokens"),
    ],
)
def test_where_the_built_in_provider_is_not_used(
    numbers: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("JOBVEJ_OIDC_ISSUER", "https://login.fund.example")
    assert run(monkeypatch, "--member", numbers[0]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
