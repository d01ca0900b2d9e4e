"""What a handler may ask for by name; `app.py` provides it."""

from datetime import date, datetime

from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.members.identity import MemberIdentity, StaffIdentity
from backend.settings import Settings

# session: the request's one transaction, committed by the door before the answer leaves.
Session = NamedDependency[AsyncSession]
# member, staff: who calls; which of the two there is follows from the operation's rule.
Me = NamedDependency[MemberIdentity]
Colleague = NamedDependency[StaffIdentity]
# now, today: the instant of the request and its day in Denmark. language: da or en.
Now = NamedDependency[datetime]
Today = NamedDependency[date]
Language = NamedDependency[str]
Configured = NamedDependency[Settings]
