"""What a server process serves."""

from litestar import Litestar

from backend.api.app import create_app
from backend.api.metrics import Overdue
from backend.api.staff_operations import Jobs
from backend.db.engine import Sessions
from backend.settings import Settings


def build(settings: Settings, sessions: Sessions, overdue: Overdue | None = None, jobs: Jobs | None = None) -> Litestar:
    """The application of one process, on its own connections."""
    return create_app(settings, sessions, overdue=overdue, jobs=jobs)
