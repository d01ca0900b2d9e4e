"""The database's own wall around answers: what a role of people or reports may read, and what never."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Everything that belongs to one member.
RAW = (
    "survey_answer",
    "survey_text",
    "survey_response",
    "survey_invitation",
    "survey_attendance",
    "survey_opt_out",
)
# Sums of five answers or more, and what is asked.
OPEN = ("survey_block", "survey_release", "survey", "survey_question", "survey_item", "survey_target", "survey_policy")


def statements(role: str) -> Sequence[str]:
    """What raises the wall for a role, whose name is a plain identifier."""
    return (
        f"REVOKE ALL ON {', '.join(RAW)} FROM {role}",
        f"GRANT SELECT ON {', '.join(OPEN)} TO {role}",
    )


async def readable(session: AsyncSession, role: str) -> list[str]:
    """The tables of raw answers that the role can read all the same, through whatever grant."""
    found = await session.execute(_READABLE, {"role": role, "tables": list(RAW)})
    return list(found.scalars())


_READABLE = text("""
SELECT name FROM unnest(CAST(:tables AS text[])) AS name
WHERE has_any_column_privilege(CAST(:role AS name), name, 'SELECT') ORDER BY name
""")
