"""The identity provider for trying out: its key is kept, production never has it."""

import stat
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from joserfc import jwt

from backend.api import builtin_identity, identity
from backend.api.problems import Unauthenticated
from backend.clock import now
from backend.settings import Settings, SettingsError


@pytest.fixture
def settings(tmp_path: Path, unused_port: int) -> Settings:
    return Settings(data=tmp_path, oidc_port=unused_port)


async def test_a_minted_token_is_accepted_and_outlives_a_restart(settings: Settings) -> None:
    made = builtin_identity.mint(settings, {"member_no": "7000001"}, subject="member:7000001")
    claims = await identity.verifier(settings).claims(made, now())
    assert (claims["member_no"], claims["sub"]) == ("7000001", "member:7000001")
    assert 11.9 * 3600 < claims["exp"] - now().timestamp() < 12.1 * 3600
    again = builtin_identity.mint(settings, {"staff_no": "T1"}, subject="staff:T1")
    assert (await identity.verifier(settings).claims(again, now()))["staff_no"] == "T1"


async def test_the_token_names_the_issuer_of_the_server_that_runs(settings: Settings) -> None:
    assert builtin_identity.serve_in_thread(settings)
    elsewhere = Settings(data=settings.data)
    claims = await identity.verifier(elsewhere).claims(builtin_identity.mint(elsewhere, {}, subject="x"), now())
    assert claims["iss"] == f"http://127.0.0.1:{settings.oidc_port}"


async def test_another_folders_key_is_not_ours(settings: Settings, tmp_path: Path) -> None:
    foreign = builtin_identity.mint(Settings(data=tmp_path / "other"), {"member_no": "1"}, subject="x")
    with pytest.raises(Unauthenticated):
        await identity.verifier(settings).claims(foreign, now())


def test_the_key_is_readable_by_its_owner_alone(settings: Settings) -> None:
    builtin_identity.key_set(settings)
    folder = settings.data / "identity"
    assert stat.S_IMODE((folder / "key.json").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["key.json"]
    assert "d" not in builtin_identity.key_set(settings).as_dict()["keys"][0]


async def test_it_answers_on_loopback_and_signs_in_whoever_is_named(settings: Settings) -> None:
    assert builtin_identity.serve_in_thread(settings)
    assert not builtin_identity.serve_in_thread(settings)
    base = f"http://127.0.0.1:{settings.oidc_port}"
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
        found = (await client.get("/.well-known/openid-configuration")).json()
        assert found["issuer"] == base
        asked = {
            "client_id": "jobvej",
            "redirect_uri": "http://127.0.0.1/x",
            "response_type": "code",
            "scope": "openid",
        }
        sent = await client.post("/oauth2/authorize", params=asked, data={"sub": "staff:T7"})
        code = httpx.URL(sent.headers["location"]).params["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://127.0.0.1/x"}
        given = await client.post("/oauth2/token", data=form | {"client_id": "jobvej", "client_secret": "none"})
        keys = builtin_identity.key_set(settings)
        assert jwt.decode(given.json()["id_token"], keys, algorithms=["RS256"]).claims["staff_no"] == "T7"
        console = await client.get("/console")
        assert console.status_code == 404


@pytest.mark.parametrize(
    "act",
    [
        lambda settings: builtin_identity.mint(settings, {}, subject="x"),
        builtin_identity.serve_in_thread,
        builtin_identity.key_set,
    ],
)
def test_production_has_none(tmp_path: Path, act: Callable[[Settings], object]) -> None:
    settings = Settings(profile="production", data=tmp_path, oidc_issuer="https://login.fund.example")
    with pytest.raises(SettingsError):
        act(settings)
    assert not (tmp_path / "identity").exists()
