"""Errors as OpenAI and Anthropic report them, so that their SDKs raise what their users expect.

https://platform.openai.com/docs/guides/error-codes and https://docs.anthropic.com/en/api/errors
"""

import math
from dataclasses import dataclass

import msgspec

from cairn.gateway.domain.calls import Wire
from cairn.gateway.domain.failures import FailureCode, ModelNotFound, ProviderFailure, Untranslatable
from cairn.gateway.endpoints.asgi import BodyTooLarge
from cairn.gateway.wire import anthropic_stream, openai_stream, responses_stream
from cairn.kernel.errors import CairnError, Code

_OVERLOADED = 529


@dataclass(frozen=True, slots=True)
class WireError:
    """An error in the terms of HTTP and of both vendors."""

    status: int
    anthropic: str
    openai: str
    code: str | None
    message: str
    param: str | None = None
    retry_after_s: float | None = None


_BY_CODE = {
    Code.INVALID_ARGUMENT: (400, "invalid_request_error", "invalid_request_error", None),
    Code.NOT_FOUND: (404, "not_found_error", "invalid_request_error", "not_found"),
    Code.ALREADY_EXISTS: (409, "invalid_request_error", "invalid_request_error", None),
    Code.PERMISSION_DENIED: (403, "permission_error", "invalid_request_error", "insufficient_permissions"),
    Code.UNAUTHENTICATED: (401, "authentication_error", "invalid_request_error", "invalid_api_key"),
    Code.RESOURCE_EXHAUSTED: (429, "rate_limit_error", "requests", "rate_limit_exceeded"),
    Code.FAILED_PRECONDITION: (400, "invalid_request_error", "invalid_request_error", None),
    Code.ABORTED: (409, "invalid_request_error", "invalid_request_error", None),
    Code.UNAVAILABLE: (503, "api_error", "server_error", None),
}
# Our own key is no matter of the caller's: a 401 would make them doubt theirs.
_BY_FAILURE = {
    FailureCode.REFUSED_KEY: (502, "api_error"),
    FailureCode.REFUSED_REQUEST: (400, "invalid_request_error"),
    FailureCode.UNREACHABLE: (502, "api_error"),
    FailureCode.BUSY: (_OVERLOADED, "overloaded_error"),
    FailureCode.ERROR: (502, "api_error"),
    FailureCode.STREAM_CUT: (502, "api_error"),
    FailureCode.TIMEOUT: (504, "timeout_error"),
    FailureCode.QUEUE_FULL: (503, "overloaded_error"),
}
_TOO_MANY = 429
_NOT_FOUND = 404


def to_wire_error(error: CairnError) -> WireError:
    """Return an error in the vendors' terms."""
    # A phrase that knows its other languages is more than JSON can say.
    message = str(error.message)
    if isinstance(error, ProviderFailure):
        status, kind = _BY_FAILURE[error.failure]
        if error.status == _TOO_MANY:
            return WireError(
                _TOO_MANY,
                "rate_limit_error",
                "requests",
                "rate_limit_exceeded",
                message,
                retry_after_s=error.retry_after_s,
            )
        if error.status == _NOT_FOUND:
            return WireError(_NOT_FOUND, "not_found_error", "invalid_request_error", "model_not_found", message)
        openai = kind if status < 500 else "server_error"  # noqa: PLR2004 - HTTP's own border.
        return WireError(status, kind, openai, error.failure.value, message, retry_after_s=error.retry_after_s)
    if isinstance(error, BodyTooLarge):
        return WireError(413, "request_too_large", "invalid_request_error", "request_too_large", message)
    status, anthropic, openai, code = _BY_CODE[error.code]
    if isinstance(error, ModelNotFound):
        code = "model_not_found"
    elif isinstance(error, Untranslatable):
        code = "unsupported_parameter"
    return WireError(
        status,
        anthropic,
        openai,
        code,
        message,
        param=error.field or None,
        retry_after_s=getattr(error, "retry_after_s", None),
    )


def write_error(wire: Wire, error: WireError, request_id: str) -> bytes:
    """Return an error's body."""
    if wire.is_anthropics:
        inner = {"type": error.anthropic, "message": error.message}
        return msgspec.json.encode({"type": "error", "error": inner, "request_id": request_id})
    inner = {"message": error.message, "type": error.openai, "param": error.param, "code": error.code}
    return msgspec.json.encode({"error": inner})


def write_event(wire: Wire, error: WireError, request_id: str) -> bytes:
    """Return the event that says that a stream has failed."""
    if wire.is_anthropics:
        return anthropic_stream.write_failure(error.anthropic, error.message, request_id)
    if wire is Wire.OPENAI_RESPONSES:
        return responses_stream.write_failure(error.code or "server_error", error.message)
    return openai_stream.write_failure(error.openai, error.code or "error", error.message)


def retry_header(error: WireError) -> list[tuple[bytes, bytes]]:
    """Return the header that says when to try again."""
    if error.retry_after_s is None:
        return []
    return [(b"retry-after", str(max(1, math.ceil(error.retry_after_s))).encode())]
