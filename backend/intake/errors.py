"""Why an export cannot be read at all."""

from backend.errors import DomainError


class Unreadable(DomainError):
    """A file is missing, has another header or a broken encoding: one sentence for whoever delivers the export."""

    status = 422
    type = "unreadable-export"
    message = "The export cannot be read."
