"""Rules of access to surveys: answers, reports, exports."""

from backend.api.access_roles import Rules, Subjects

RULES: Rules = {}
SUBJECTS: Subjects = {}
