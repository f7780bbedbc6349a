"""Errors that a caller can act on. Entry points map `code` to their protocol in one table."""

from enum import StrEnum


class Code(StrEnum):
    """What kind of error it is, under the names of the Connect protocol."""

    INVALID_ARGUMENT = "invalid_argument"
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    PERMISSION_DENIED = "permission_denied"
    UNAUTHENTICATED = "unauthenticated"
    RESOURCE_EXHAUSTED = "resource_exhausted"
    FAILED_PRECONDITION = "failed_precondition"
    ABORTED = "aborted"
    UNAVAILABLE = "unavailable"


class CairnError(Exception):
    """An error with a code, a message that tells the next step, and the field at fault if there is one."""

    code: Code = Code.FAILED_PRECONDITION

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidArgument(CairnError):
    """A value the caller sent cannot be used."""

    code = Code.INVALID_ARGUMENT


class NotFound(CairnError):
    """The thing does not exist, or the caller may not know that it does."""

    code = Code.NOT_FOUND


class AlreadyExists(CairnError):
    """A thing with this name is there already."""

    code = Code.ALREADY_EXISTS


class PermissionDenied(CairnError):
    """The caller's role does not allow this."""

    code = Code.PERMISSION_DENIED


class Unauthenticated(CairnError):
    """The caller is not known."""

    code = Code.UNAUTHENTICATED


class Conflict(CairnError):
    """Someone else changed it first."""

    code = Code.ABORTED


class Unavailable(CairnError):
    """Something this needs is not there right now; trying again may help."""

    code = Code.UNAVAILABLE


class FailedPrecondition(CairnError):
    """The state of things does not allow this now; the message says what to do first."""

    code = Code.FAILED_PRECONDITION
