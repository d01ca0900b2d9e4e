"""Settings are read from the environment; what cannot work is said in one sentence."""

import re
from pathlib import Path

import pytest

from backend.settings import PROJECT, Settings, SettingsError, load


def test_defaults_need_no_environment() -> None:
    found = load({})
    assert found == Settings()
    assert (found.port, found.identity_port, found.data.name) == (8000, 8001, "var")


def test_values_are_converted() -> None:
    found = load({"JOBVEJ_PORT": "9000", "JOBVEJ_DATA": "/tmp/some where", "JOBVEJ_FUND_NAME": " FOA "})
    assert (found.port, found.data, found.fund_name) == (9000, Path("/tmp/some where").resolve(), "FOA")


@pytest.mark.parametrize(
    "env",
    [
        {"JOBVEJ_PORT": "eighty"},
        {"JOBVEJ_PORT": "70000"},
        {"JOBVEJ_PROFILE": "prod"},
        {"JOBVEJ_QUIET_HOURS": "maybe"},
        {"JOBVEJ_WORKER_HEARTBEAT": "0"},
        {"JOBVEJ_DATABASE_URL": "mysql://db/jobvej"},
        {"JOBVEJ_DATABASE_URL": "rubbish"},
        {"JOBVEJ_PROFILE": "production", "JOBVEJ_OIDC_ISSUER": "https://idp.example"},
        {"JOBVEJ_PROFILE": "production", "JOBVEJ_DATABASE_URL": "postgresql://db/jobvej"},
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(env: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^[^\n]+\.$"):
        load(env)


def test_production_starts_with_a_real_database_and_provider() -> None:
    found = load(
        {
            "JOBVEJ_PROFILE": "production",
            "JOBVEJ_DATABASE_URL": "postgresql://db/jobvej",
            "JOBVEJ_OIDC_ISSUER": "https://idp.example",
        }
    )
    assert found.production


def test_every_setting_is_on_the_page_of_operations_and_no_other() -> None:
    page = (PROJECT / "docs" / "operations.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`(JOBVEJ_\w+)`", row)}
    told |= {f"JOBVEJ_OIDC{name}" for row in rows for name in re.findall(r"`(_\w+)`", row)}
    assert told == {f"JOBVEJ_{name.upper()}" for name in Settings.__dataclass_fields__}
