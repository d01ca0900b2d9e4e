"""Rules of access to messages: preferences, legal notices, broadcasts, dead letters, alerts, tasks."""

from backend.api.access_roles import Rules, Subjects

RULES: Rules = {}
SUBJECTS: Subjects = {}
