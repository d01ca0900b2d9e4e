"""Every table of the house in one place, for migrations' drift check and for nothing else."""

import backend.alerts.tables
import backend.api.tables
import backend.benefit.tables
import backend.benefit.tables_hours
import backend.booking.tables
import backend.booking.tables_calendar
import backend.booking.tables_loans
import backend.booking.tables_staff
import backend.broadcasts.tables
import backend.casework.tables
import backend.casework.tables_letters
import backend.casework.tables_tasks
import backend.course.tables
import backend.course.tables_cv
import backend.course.tables_goals
import backend.course.tables_plans
import backend.job_log.tables
import backend.jobs.tables
import backend.members.tables
import backend.notices.tables
import backend.notifications.tables
import backend.notifications.tables_channels
import backend.notifications.tables_preferences
import backend.notifications.tables_retention
import backend.notifications.tables_staff
import backend.notifications.tables_texts
import backend.rating.tables
import backend.rating.tables_drafts
import backend.surveys.tables
import backend.surveys.tables_counted
import backend.surveys.tables_organised
import backend.talks.tables
import backend.talks.tables_registry
import backend.timeline.tables
import backend.web.tables  # noqa: F401
from backend.db.base import Base

metadata = Base.metadata
