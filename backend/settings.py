"""Everything that the environment may set, read once at a door and handed down."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DATABASES = ("postgresql://", "postgres://", "postgresql+asyncpg://")
# Settings that are whole numbers, with the largest that makes sense.
NUMBERS = {"port": 65535, "oidc_port": 65535, "workers": 64, "worker_heartbeat": 600, "call_in_reading_seconds": 3600}


class SettingsError(Exception):
    """A setting that the program cannot start with; the text is one sentence for the person who starts it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one deployment (one fund). Names in the environment are JOBVEJ_ and the field in capitals."""

    profile: str = "development"
    data: Path = PROJECT / "var"
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    worker_heartbeat: int = 20
    log_format: str = "console"
    log_level: str = "INFO"
    fund_name: str = "Metal A-kasse"
    fund_phone: str = "13 10 20 30"
    oidc_issuer: str | None = None
    oidc_audience: str = "jobvej"
    oidc_client_secret: str | None = field(default=None, repr=False)
    oidc_port: int | None = None
    oidc_member_claim: str = "member_no"
    oidc_staff_claim: str = "staff_no"
    oidc_roles_claim: str = "roles"
    fcm_credentials: Path | None = None
    fcm_url: str | None = None
    sms_url: str | None = field(default=None, repr=False)
    email_url: str | None = field(default=None, repr=False)
    alert_urls: str | None = field(default=None, repr=False)
    mailbox: Path | None = None
    dfdg_url: str | None = field(default=None, repr=False)
    print_folder: Path | None = None
    public_url: str | None = None
    quiet_hours: str = "on"
    documents_url: str | None = None
    call_queue: str = "branch"
    course_plan_set: str = "metal"
    call_in_reading_seconds: int = 10

    @property
    def production(self) -> bool:
        return self.profile == "production"

    @property
    def identity_port(self) -> int:
        """Port of the built-in identity provider on loopback."""
        return self.oidc_port or self.port + 1


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read settings from the environment. Raises SettingsError with a sentence a person can act on."""
    env = os.environ if env is None else env
    values: dict[str, object] = {}
    for name in Settings.__dataclass_fields__:
        text = env.get(f"JOBVEJ_{name.upper()}", "").strip()
        if text:
            values[name] = _convert(name, text)
    settings = Settings(**values)  # type: ignore[arg-type]
    _check(settings)
    return settings


def _convert(name: str, text: str) -> object:
    if name in NUMBERS:
        if not text.isdecimal() or not 0 < int(text) <= NUMBERS[name]:
            raise SettingsError(f"JOBVEJ_{name.upper()} must be a whole number from 1 to {NUMBERS[name]}.")
        return int(text)
    if name in ("data", "fcm_credentials", "mailbox", "print_folder"):
        return Path(text).expanduser().resolve()
    return text


def _check(settings: Settings) -> None:
    choices = {
        "profile": ("development", "production"),
        "log_format": ("console", "json"),
        "quiet_hours": ("on", "off"),
        "call_queue": ("branch", "contact_centre"),
        "course_plan_set": ("metal", "bupl"),
        "log_level": ("DEBUG", "INFO", "WARNING", "ERROR"),
    }
    for name, allowed in choices.items():
        if getattr(settings, name) not in allowed:
            raise SettingsError(f"JOBVEJ_{name.upper()} must be one of: {', '.join(allowed)}.")
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        raise SettingsError("JOBVEJ_PUBLIC_URL must begin with http:// or https://.")
    if settings.production and settings.public_url and not settings.public_url.startswith("https://"):
        raise SettingsError("JOBVEJ_PUBLIC_URL must begin with https:// in the production profile.")
    if settings.dfdg_url and not settings.dfdg_url.startswith(("http://", "https://")):
        raise SettingsError("JOBVEJ_DFDG_URL must begin with http:// or https://.")
    if settings.database_url and not settings.database_url.startswith(DATABASES):
        raise SettingsError("JOBVEJ_DATABASE_URL must look like postgresql://user:password@host/database.")
    if settings.production and not settings.database_url:
        raise SettingsError(
            "The production profile needs JOBVEJ_DATABASE_URL; the embedded database is for trying out."
        )
    if settings.production and not settings.oidc_issuer:
        raise SettingsError(
            "The production profile needs JOBVEJ_OIDC_ISSUER; the built-in identity provider is for trying out."
        )
