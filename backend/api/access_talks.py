"""Rules of access to talks: preparation, attendance, minutes, agreements, reports to DFDG."""

from backend.api.access_roles import Rules, Subjects

RULES: Rules = {}
SUBJECTS: Subjects = {}
