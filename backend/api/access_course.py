"""Rules of access to the contact course: spells, plans, requirement versions, Min Plan."""

from backend.api.access_roles import Rules, Subjects

RULES: Rules = {}
SUBJECTS: Subjects = {}
