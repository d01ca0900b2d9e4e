"""The member's own particulars."""

from datetime import date
from typing import Literal

from litestar import get, patch
from litestar.params import JSONBody

from backend.api.given import Me, Session
from backend.api.wire import Input, Wire
from backend.members import queries, service


class Contact(Wire):
    """Whom to turn to. `adviser` is null while nobody is assigned."""

    branch: str
    phone: str
    email: str
    adviser: str | None


class ProfileView(Wire):
    member_no: str
    name: str
    email: str
    phone: str
    language: str
    unemployed_from: date
    insurance: str
    digital_exempt: bool
    contact: Contact


class ProfileChange(Input):
    """`language` is that of messages and of answers without `Accept-Language`."""

    language: Literal["da", "en"]


@get("/v1/me", operation_id="getProfile", tags=["me"])
async def get_profile(session: Session, member: Me) -> ProfileView:
    """Who I am to the fund."""
    return _view(await queries.profile(session, member.id))


@patch("/v1/me", operation_id="updateProfile", tags=["me"])
async def update_profile(session: Session, member: Me, data: JSONBody[ProfileChange]) -> ProfileView:
    """Choose my language."""
    await service.set_language(session, member.id, data.language)
    return _view(await queries.profile(session, member.id))


def _view(profile: queries.Profile) -> ProfileView:
    return ProfileView(
        member_no=profile.member_no,
        name=profile.name,
        email=profile.email,
        phone=profile.phone,
        language=profile.language,
        unemployed_from=profile.unemployed_from,
        insurance=profile.insurance,
        digital_exempt=profile.digital_exempt,
        contact=Contact(
            branch=profile.branch_name,
            phone=profile.branch_phone,
            email=profile.branch_email,
            adviser=profile.adviser_name,
        ),
    )


HANDLERS = (get_profile, update_profile)
