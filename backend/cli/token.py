"""`jobvej token`: a bearer token of the built-in identity provider, for trying the API out."""

import sys

import typer
from sqlalchemy import select

from backend.api import builtin_identity
from backend.cli.common import CliError, database, run, settings
from backend.members.tables import Member, Staff
from backend.settings import Settings


def register(app: typer.Typer) -> None:
    @app.command()
    def token(
        member: str | None = typer.Option(None, "--member", help="Member number to sign in as.", show_default=False),
        staff: str | None = typer.Option(None, "--staff", help="Staff number to sign in as.", show_default=False),
    ) -> None:
        """Print a bearer token of the built-in identity provider, for trying out. Refused in production."""
        found = settings()
        kind, number = _wanted(member, staff)
        _refuse(found)
        run(lambda: _known(found, kind, number))
        claims = builtin_identity.claims_of(found, kind, number)
        sys.stdout.write(builtin_identity.mint(found, claims, subject=f"{kind}:{number}") + "\n")


def _wanted(member: str | None, staff: str | None) -> tuple[str, str]:
    if (member is None) == (staff is None):
        raise CliError("Give either --member NUMBER or --staff NUMBER.")
    return ("member", member) if member is not None else ("staff", staff or "")


def _refuse(found: Settings) -> None:
    if found.production:
        raise CliError("The production profile has no built-in identity provider; sign in with the fund's own.")
    if found.oidc_issuer:
        raise CliError("JOBVEJ_OIDC_ISSUER is set, so only its tokens are accepted; get one there.")


async def _known(found: Settings, kind: str, number: str) -> None:
    async with database(found) as opened, opened.sessions() as session:
        column = Member.member_no if kind == "member" else Staff.staff_no
        if await session.scalar(select(column).where(column == number)) is None:
            raise CliError(f"There is no {'member' if kind == 'member' else 'staff member'} with the number {number}.")
