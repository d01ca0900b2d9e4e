"""Rules of access to messages: preferences, legal notices, broadcasts, dead letters, alerts, tasks."""

from sqlalchemy import select

from backend.api.access_roles import DECIDE, LISTS, READ, SELF, SUMS, Rules, Subject, Subjects, staff
from backend.casework.tables_letters import CaseLetter
from backend.casework.tables_tasks import Task
from backend.members.tables import Member
from backend.notices.tables import Notice
from backend.notifications.tables import Message

RULES: Rules = {
    **dict.fromkeys(("getPreferences", "updatePreferences", "getMessageReason"), SELF),
    "listTasks": LISTS,
    **dict.fromkeys(("getTask", "claimTask", "releaseTask", "completeTask", "undoTask"), READ),
    "listAlerts": SUMS,
    **dict.fromkeys(
        ("listDeadLetters", "replayDeadLetter", "replayDeadLetters", "listChannels"), staff("queue", "coordinator")
    ),
    "getMessageSteps": READ,
    **dict.fromkeys(("getMyMessageSteps", "listPushes"), SELF),
    **dict.fromkeys(
        (
            "listBroadcasts",
            "writeBroadcast",
            "getBroadcast",
            "editBroadcast",
            "previewBroadcast",
            "tryBroadcast",
            "submitBroadcast",
            "returnBroadcast",
            "approveBroadcast",
            "withdrawBroadcast",
            "pauseBroadcast",
            "resumeBroadcast",
            "stopBroadcast",
        ),
        staff("aggregate", "coordinator"),
    ),
    **dict.fromkeys(("listNotices", "openNotice", "getNoticeLetter"), SELF),
    **dict.fromkeys(
        (
            "listMemberNotices",
            "getMemberNotice",
            "getMemberNoticeLetter",
            "getNoticeEvidence",
            "addNoticeNote",
            "addDigitalGuidance",
            "listLetters",
            "writeLetter",
            "getLetter",
            "editLetter",
            "openLetter",
            "returnLetter",
            "withdrawLetter",
            "sendLetter",
        ),
        DECIDE,
    ),
}
SUBJECTS: Subjects = {
    "message_id": Subject(select(Member.id).join(Message, Message.member_id == Member.id), Message.id.expression),
    "task_id": Subject(select(Member.id).join(Task, Task.member_id == Member.id), Task.id.expression),
    "letter_id": Subject(
        select(Member.id).join(CaseLetter, CaseLetter.member_id == Member.id), CaseLetter.id.expression
    ),
    "notice_id": Subject(select(Member.id).join(Notice, Notice.member_id == Member.id), Notice.id.expression),
}
