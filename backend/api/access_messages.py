"""Rules of access to messages: preferences, legal notices, broadcasts, dead letters, alerts, tasks."""

from sqlalchemy import select

from backend.api.access_roles import LISTS, READ, SUMS, Rules, Subject, Subjects
from backend.casework.tables_tasks import Task
from backend.members.tables import Member

RULES: Rules = {
    "listTasks": LISTS,
    **dict.fromkeys(("getTask", "claimTask", "releaseTask", "completeTask", "undoTask"), READ),
    "listAlerts": SUMS,
}
SUBJECTS: Subjects = {
    "task_id": Subject(select(Member.id).join(Task, Task.member_id == Member.id), Task.id.expression),
}
