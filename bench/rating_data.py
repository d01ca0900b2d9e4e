"""Synthetic members with their job log, made inside the database: 26 entries each over 13 weeks."""

from datetime import date
from typing import Any

import asyncpg

DAY = date(2026, 11, 18)
ENTRIES = 26

BRANCHES = """
INSERT INTO branch (id, branch_no, name, kind, postcode, city, email, phone)
SELECT gen_random_uuid(), 'B' || n, 'Afdeling ' || n, 'satellite', '7100', 'Vejle', n || '@fund.example', '75000000'
FROM generate_series(1, 55) n
"""

# Ids that grow with n, as those made by the program grow with time.
MEMBERS = """
INSERT INTO member (id, member_no, name, search_key, born_on, email, phone, language, branch_id, unemployed_from,
                    insurance, risk, newly_qualified, it_member)
SELECT ('01920000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'M' || n, 'Navn ' || n, 'navn ' || n,
       '1980-01-01', n || '@mail.example', '+4520000000', 'da', b.ids[1 + n % 55], $2::date - 92 - (n % 60)::int,
       'full', 'low', false, false
FROM generate_series(1, $1::int) n, (SELECT array_agg(id) AS ids FROM branch) b
"""

REQUIREMENTS = """
INSERT INTO search_requirement (id, member_id, valid_from, min_per_week, min_posted_per_week, uploads_per_month,
                                source, set_at)
SELECT gen_random_uuid(), id, unemployed_from, 2, 1, 1, 'import', now() FROM member
"""

CURRENT = "INSERT INTO rating_current (member_id, since) SELECT id, unemployed_from FROM member"

# Two applications a week, the last of them in the week of the day rated, so that a run a week later has news. One
# member in twelve only plans every other one; now and then one repeats the application before it.
ENTRIES_OF_MEMBERS = """
INSERT INTO job_log_entry (id, member_id, applied_on, logged_at, logged_on, status, channel, hours, country, postcode,
                           employer, title, has_document, duplicate_key, source)
SELECT gen_random_uuid(), m.id, d.day, d.day + time '19:00', d.day,
       CASE WHEN m.n % 12 = 0 AND k % 2 = 0 THEN 'planned'
            ELSE (ARRAY['applied', 'rejected', 'interview'])[1 + k % 3] END,
       (ARRAY['posted', 'posted', 'unsolicited', 'network'])[1 + (k + m.n) % 4], 'full', 'DK', '7100',
       'Virksomhed ' || d.employer, 'Montør', k % 3 < 2, hashint8extended(d.employer, m.n), 'import'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM member) m
CROSS JOIN generate_series(0, $1::int - 1) k
CROSS JOIN LATERAL (SELECT $2::date + 4 - k * 7 / 2 AS day,
                           (k - ((k + m.n) % 52 = 5)::int + m.n * 31) % 5000 AS employer) d
"""

EXEMPTIONS = """
INSERT INTO exemption (id, member_id, type, from_on, to_on, source, granted_at)
SELECT gen_random_uuid(), id, 'ferie', $1::date - 20, $1::date - 14, 'import', now()
FROM member WHERE right(id::text, 1) = '7'
"""


async def fill(connection: "asyncpg.Connection[Any]", members: int) -> None:
    """Fill an empty, migrated database."""
    await connection.execute(BRANCHES)
    await connection.execute(MEMBERS, members, DAY)
    await connection.execute(REQUIREMENTS)
    await connection.execute(CURRENT)
    await connection.execute(ENTRIES_OF_MEMBERS, ENTRIES, DAY)
    await connection.execute(EXEMPTIONS, DAY)
    await connection.execute("VACUUM ANALYZE")
