"""Whoever finds something in the menu can go there."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.web import menu
from tests import factories
from tests.web.conftest import Pages

pytestmark = pytest.mark.db


@pytest.mark.parametrize("role", sorted(menu.EVERYBODY))
async def test_every_entry_of_the_menu_opens(pages: Pages, session: AsyncSession, role: str) -> None:
    member = await factories.member(session)
    staff = await factories.staff(session, role=role, branch_id=member.branch_id)
    await session.commit()
    claims = {"sub": staff.staff_no, "staff_no": staff.staff_no, "jobvej.roles": [role]}
    await pages.sign_in("staff", claims)
    entries = [path for path, _ in menu.of([role])]
    answers = {path: (await pages.client.get(path)).status_code for path in entries}
    assert answers == dict.fromkeys(entries, 200)
    assert entries, "everybody has somewhere to go"
