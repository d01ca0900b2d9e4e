"""The identity provider that the program brings for trying out: anyone may sign in as anyone, so never in production.

Its key lies in the data folder, so that `jobvej token`, several API processes and a restart agree.
"""

import importlib
import json
import os
import secrets
import socket
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc.jwk import KeySet, RSAKey

from backend import log
from backend.settings import Settings, SettingsError

logger = log.get("identity")
TOKEN_HOURS = 12
REDIRECT = "http://127.0.0.1/signed-in"
# Sign-in names that need no set-up: `member:7000123`, `staff:T12`.
KINDS = ("member", "staff")


def refuse_production(settings: Settings) -> None:
    """Raises SettingsError: this provider lets anyone in."""
    if settings.production:
        raise SettingsError("The production profile has no built-in identity provider; use the fund's own.")


def issuer(settings: Settings) -> str:
    """The provider's address: as the last server recorded it, so that a token made elsewhere names the same."""
    recorded = _folder(settings) / "issuer"
    if recorded.exists():
        return recorded.read_text().strip()
    return f"http://127.0.0.1:{settings.identity_port}"


def key_set(settings: Settings) -> KeySet:
    """The provider's public key, made on first use."""
    refuse_production(settings)
    key = RSAKey.import_key(_key(settings))
    return KeySet([RSAKey.import_key(key.as_dict(private=False))])


def serve_in_thread(settings: Settings, users: Mapping[str, Mapping[str, object]] | None = None) -> bool:
    """Answer on loopback until the process ends. False when another process of ours already does."""
    refuse_production(settings)
    try:
        server = _server(settings, users or {})
    except OSError:
        logger.info("identity.port_taken", port=settings.identity_port)
        return False
    _write(_folder(settings) / "issuer", f"http://127.0.0.1:{settings.identity_port}")
    threading.Thread(target=server.serve_forever, name="identity", daemon=True).start()
    return True


def mint(settings: Settings, claims: Mapping[str, object], *, subject: str) -> str:
    """An id token for these claims, made by the provider's own code flow without a server. Lives 12 hours."""
    refuse_production(settings)
    with _quiet_library():
        return _flow(settings, claims, subject)


def _flow(settings: Settings, claims: Mapping[str, object], subject: str) -> str:
    base = issuer(settings)
    client = _application(settings, {subject: claims}).test_client()
    asked = {"client_id": settings.oidc_audience, "redirect_uri": REDIRECT, "response_type": "code", "scope": "openid"}
    sent = client.post(f"/oauth2/authorize?{urlencode(asked)}", base_url=base, data={"sub": subject})
    code = parse_qs(urlsplit(sent.headers["Location"]).query)["code"][0]
    given = client.post(
        "/oauth2/token",
        base_url=base,
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "client_id": settings.oidc_audience,
            "client_secret": "none",
        },
    )
    return str(given.get_json()["id_token"])


@contextmanager
def _quiet_library() -> Iterator[None]:
    """The provider's library uses what its own dependency calls deprecated; that is not ours to mend."""
    with warnings.catch_warnings():
        importlib.import_module("authlib.deprecate")  # on import it turns its warnings on, so it comes first

        warnings.simplefilter("ignore")
        yield


def _server(settings: Settings, users: Mapping[str, Mapping[str, object]]) -> Any:
    import werkzeug.serving

    class Quiet(werkzeug.serving.WSGIRequestHandler):
        """No line per request: they would hold codes and names."""

        def log(self, *_: object) -> None:
            return

    with _quiet_library():
        application = _application(settings, users)
    # A socket of ours: werkzeug ends the process when the port is taken.
    with socket.create_server(("127.0.0.1", settings.identity_port)) as bound:
        return werkzeug.serving.make_server(
            "127.0.0.1",
            settings.identity_port,
            _Filtered(application),
            threaded=True,
            request_handler=Quiet,
            fd=os.dup(bound.fileno()),
        )


class _Filtered:
    """The application as the server's threads call it, without its library's warnings."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with _quiet_library():
            return self._application(environ, start_response)


def _application(settings: Settings, users: Mapping[str, Mapping[str, object]]) -> Any:
    # Imported here: production never loads it.
    import flask

    jose: Any = importlib.import_module("authlib.jose")
    from oidc_provider_mock import User
    from oidc_provider_mock import app as provider_app

    # It speaks plain http on loopback, which its library refuses unless told that it is meant.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    known = [User(sub=sub, claims=dict(claims)) for sub, claims in users.items()]
    made = provider_app(access_token_max_age=timedelta(hours=TOKEN_HOURS), user_claims=known)
    # The library turns on the interactive debugger, which runs code for whoever asks.
    made.wsgi_app = made.wsgi_app.app
    made.debug = False
    made.secret_key = secrets.token_bytes(16)
    key = jose.JsonWebKey.import_key(_key(settings))

    def use_our_key() -> None:
        storage = flask.g.oidc_provider_mock_storage
        storage.jwk = key
        _introduce(storage, settings, flask.request.form.get("sub") or "")

    made.before_request(use_our_key)
    return made


def _introduce(storage: Any, settings: Settings, subject: str) -> None:
    """Give whoever signs in as `member:NO` or `staff:NO` the claims of that person."""
    from oidc_provider_mock import User

    kind, _, number = subject.partition(":")
    if kind in KINDS and number and storage.get_user(subject) is None:
        storage.store_user(User(sub=subject, claims=claims_of(settings, kind, number)))


def claims_of(settings: Settings, kind: str, number: str) -> dict[str, object]:
    """The claims that make somebody the member or staff member of a number."""
    name = settings.oidc_member_claim if kind == "member" else settings.oidc_staff_claim
    return {name: number}


def _folder(settings: Settings) -> Path:
    return settings.data / "identity"


def _key(settings: Settings) -> dict[str, Any]:
    path = _folder(settings) / "key.json"
    if not path.exists():
        made = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
        _write(path, json.dumps(made.as_dict(private=True)), keep=True)
    return dict(json.loads(path.read_text()))


def _write(path: Path, text: str, *, keep: bool = False) -> None:
    """Write a private file in one step; with `keep`, of several processes the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    if not keep:
        draft.replace(path)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
