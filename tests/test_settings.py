"""Settings are read from the environment; what cannot work is said in one sentence."""

from pathlib import Path

import pytest

from backend.settings import Settings, SettingsError, load


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
