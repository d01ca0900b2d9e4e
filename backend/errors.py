"""Errors that a user can be told. Small classes with a status; the API maps them to problem details in one place."""

from collections.abc import Mapping


class DomainError(Exception):
    """Something the caller can mend or must know.

    `type` is the stable slug of the problem (RFC 9457), `message` an English msgid translated at the door, `params`
    fill it after translation; `field` names the input at fault in camelCase. Never
    holds a name, CPR number or free text.
    """

    status = 400
    type = "bad-request"
    message = "The request could not be understood."

    def __init__(self, message: str | None = None, *, field: str | None = None, **params: object) -> None:
        self.message = message or type(self).message
        self.field = field
        self.params: Mapping[str, object] = params
        super().__init__(self.message.format(**params) if params else self.message)


class NotFound(DomainError):
    status = 404
    type = "not-found"
    message = "It does not exist, or it is not yours to see."


class Forbidden(DomainError):
    status = 403
    type = "forbidden"
    message = "You may not do this."


class Conflict(DomainError):
    status = 409
    type = "conflict"
    message = "Somebody else changed this first. Fetch it again."


class Invalid(DomainError):
    status = 422
    type = "invalid"
    message = "A field is not as it should be."
