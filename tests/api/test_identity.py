"""Tokens: only what the issuer signed, for us, now."""

import base64
import hmac
import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from backend.api.identity import Verifier, roles_of
from backend.api.keys import FAILED_SECONDS, UNKNOWN_SECONDS, RemoteKeys
from backend.api.problems import Unauthenticated, Unavailable
from backend.settings import Settings
from tests.api.conftest import ISSUER, KEY, NOW, token

SETTINGS = Settings(oidc_issuer=ISSUER)
OTHER = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "two"}, private=True)
CLAIMS = {"iss": ISSUER, "aud": "jobvej", "sub": "x", "exp": int(NOW.timestamp()) + 60}


class Provider:
    """An identity provider behind a transport: what it publishes can change, and it can be away."""

    def __init__(self, *keys: Any) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.away = False
        self.issuer = ISSUER

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json={"issuer": self.issuer, "jwks_uri": f"{ISSUER}/keys"})
        self.asked += 1
        return httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def verifier(provider: Provider, clock: Clock | None = None) -> Verifier:
    keys = RemoteKeys(ISSUER, transport=httpx.MockTransport(provider), clock=clock or Clock())
    return Verifier(SETTINGS, keys)


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_a_good_token_gives_its_claims() -> None:
    claims = await verifier(Provider(KEY)).claims(token(member_no="7000001"), NOW)
    assert claims["member_no"] == "7000001"


async def test_elliptic_keys_are_good_too() -> None:
    key = ECKey.generate_key("P-256", {"kid": "ec", "alg": "ES256"}, private=True)
    signed = jwt.encode({"alg": "ES256", "kid": "ec"}, dict(CLAIMS), key)
    assert (await verifier(Provider(key)).claims(signed, NOW))["sub"] == "x"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": "http://127.0.0.1:8001"},
        {"exp": int(NOW.timestamp()) - 31},
        {"exp": None},
        {"exp": float("nan")},
        {"nbf": int(NOW.timestamp()) + 31},
        {"sub": None},
    ],
)
async def test_claims_that_are_not_for_us_or_not_for_now(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await verifier(Provider(KEY)).claims(token(**claims), NOW)


async def test_clocks_may_differ_by_half_a_minute() -> None:
    late = token(exp=int(NOW.timestamp()) - 20)
    assert await verifier(Provider(KEY)).claims(late, NOW)


async def test_an_unsigned_token_is_worth_nothing() -> None:
    unsigned = f"{part({'alg': 'none'})}.{part(CLAIMS)}."
    with pytest.raises(Unauthenticated):
        await verifier(Provider(KEY)).claims(unsigned, NOW)


async def test_the_public_key_is_no_shared_secret() -> None:
    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(CLAIMS)}"
    mac = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    forged = f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    with pytest.raises(Unauthenticated):
        await verifier(Provider(KEY)).claims(forged, NOW)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "..", "é.é.é", "a" * 20_000])
async def test_what_is_no_token_at_all(text: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier(Provider(KEY)).claims(text, NOW)


async def test_another_signature_under_a_known_key_id() -> None:
    forged = jwt.encode({"alg": "RS256", "kid": "one"}, dict(CLAIMS), OTHER)
    with pytest.raises(Unauthenticated):
        await verifier(Provider(KEY)).claims(forged, NOW)


async def test_a_new_key_is_found_when_a_token_names_it() -> None:
    clock, provider = Clock(), Provider(KEY)
    checks = verifier(provider, clock)
    await checks.claims(token(), NOW)
    provider.keys = [OTHER]
    clock.seconds += UNKNOWN_SECONDS
    rotated = jwt.encode({"alg": "RS256", "kid": "two"}, dict(CLAIMS), OTHER)
    assert (await checks.claims(rotated, NOW))["sub"] == "x"
    with pytest.raises(Unauthenticated):
        await checks.claims(token(), NOW)


async def test_unknown_key_ids_do_not_make_us_ask_again_and_again() -> None:
    clock, provider = Clock(), Provider(KEY)
    checks = verifier(provider, clock)
    await checks.claims(token(), NOW)
    unknown = jwt.encode({"alg": "RS256", "kid": "two"}, dict(CLAIMS), OTHER)
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await checks.claims(unknown, NOW)
    assert provider.asked == 1
    clock.seconds += UNKNOWN_SECONDS
    with pytest.raises(Unauthenticated):
        await checks.claims(unknown, NOW)
    assert provider.asked == 2


async def test_an_outage_of_the_provider_changes_nothing_while_its_keys_are_known() -> None:
    clock, provider = Clock(), Provider(KEY)
    checks = verifier(provider, clock)
    await checks.claims(token(), NOW)
    provider.away = True
    clock.seconds += 24 * 3600
    assert await checks.claims(token(), NOW)
    assert provider.asked == 1


async def test_a_provider_never_reached_is_said_to_be_so_and_asked_again_soon() -> None:
    clock, provider = Clock(), Provider(KEY)
    provider.away = True
    checks = verifier(provider, clock)
    with pytest.raises(Unavailable):
        await checks.claims(token(), NOW)
    provider.away = False
    with pytest.raises(Unavailable):
        await checks.claims(token(), NOW)
    clock.seconds += FAILED_SECONDS
    assert await checks.claims(token(), NOW)


async def test_keys_of_a_provider_that_names_itself_otherwise_are_not_taken() -> None:
    provider = Provider(KEY)
    provider.issuer = "https://other.example"
    with pytest.raises(Unavailable):
        await verifier(provider).claims(token(), NOW)


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        (["adviser", "unknown"], {"adviser"}),
        ("jobvejleder koordinator", {"adviser", "coordinator"}),
        (["Leder"], {"manager"}),
        (None, set()),
        ({"roles": "adviser"}, set()),
        (["member", "admin"], set()),
    ],
)
def test_roles_of_a_token(claim: object, roles: set[str]) -> None:
    assert roles_of(claim) == roles
