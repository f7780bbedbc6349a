"""What every RPC goes through: authentication, authorization, and errors in the protocol's terms."""

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
from connectrpc.code import Code
from connectrpc.codec import Codec, proto_binary_codec, proto_json_codec
from connectrpc.errors import ConnectError
from connectrpc.request import Headers, RequestContext
from protobuf import Message

from cairn.gen.cairn.text.v1 import text_pb as wire
from cairn.kernel.errors import CairnError, InvalidArgument, NotFound, PermissionDenied
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import parse_uuid, uuid7
from cairn.kernel.phrases import Phrase
from cairn.platform.database import DRIVER_LOST

_LOG = logging.getLogger(__name__)
_CALLER: ContextVar[Caller] = ContextVar("caller")

# Refused, cut off, shutting down or starting up.
_DATABASE_AWAY = (
    *DRIVER_LOST,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
)

Authenticate = Callable[[Headers], Awaitable[Caller]]


def current_caller() -> Caller:
    """Return who makes the RPC that is being served."""
    return _CALLER.get()


def parse_id(text: str, what: str) -> UUID:
    """Return an id from the wire. Raises `NotFound`: an id that is none names nothing."""
    if (id_ := parse_uuid(text)) is None:
        raise NotFound(
            Phrase("nothing_here", "There is no {what} '{text}' here.", what=what, text=text[:60]), field="id"
        )
    return id_


AnyMessage = TypeVar("AnyMessage", bound=Message)


class _ReadyMessage:
    """A message whose JSON form is made already."""

    def __init__(self, kind: type[Message], text: str) -> None:
        self.text = text
        self._kind = kind

    def to_binary(self) -> bytes:
        return self._kind.from_json(self.text).to_binary()


def message_of_json(kind: type[AnyMessage], text: str) -> AnyMessage:
    """Return an answer of `kind` from its JSON form, which goes to clients of that form as it is.

    It can only be given to the protocol, whose codecs must be `CODECS`.
    """
    return cast("AnyMessage", _ReadyMessage(kind, text))


class _JsonCodec:
    """The JSON form of messages; of those that are ready, without making them."""

    def __init__(self) -> None:
        self._codec: Codec[Any, Any] = proto_json_codec()
        self.name = self._codec.name
        self.decode = self._codec.decode

    def encode(self, message: object) -> bytes:
        return message.text.encode() if isinstance(message, _ReadyMessage) else self._codec.encode(message)


CODECS: tuple[Codec[Any, Any], ...] = (proto_binary_codec(), _JsonCodec())


def phrase_to_proto(sentence: str) -> wire.Phrase | None:
    """Return what a page needs to say the sentence in its language; None where it knows the English alone."""
    return wire.Phrase(code=sentence.code, values=dict(sentence.values)) if isinstance(sentence, Phrase) else None


def check_page_size(asked: int, *, usual: int, most: int) -> int:
    """Return how many entries a page has. 0 asks for the usual number."""
    if not 0 <= asked <= most:
        raise InvalidArgument(f"A page holds 1 to {most} entries, not {asked}.", field="page_size")
    return asked or usual


class Guard:
    """Lets an RPC through when its caller is known and the caller's role may do it.

    `roles` names the roles allowed for every RPC, as `cairn.search.v1.SearchService/Search`; an RPC that is not
    in it is refused. `scopes` names what a token must be for, where it is bound to anything.
    """

    def __init__(
        self, authenticate: Authenticate, roles: Mapping[str, frozenset[Role]], scopes: Mapping[str, str]
    ) -> None:
        self._authenticate = authenticate
        self._roles = roles
        self._scopes = scopes

    async def on_start(self, ctx: RequestContext[object, object]) -> None:
        """Check the caller before the request's body is read."""
        caller = await self._authenticate(ctx.request_headers)
        method = f"{ctx.method.service_name}/{ctx.method.name}"
        if caller.role not in self._roles.get(method, frozenset()):
            raise PermissionDenied(
                Phrase(
                    "role_refused",
                    "Your role, {role}, may not do this. Ask an admin of your organisation.",
                    role=caller.role.value,
                )
            )
        scope = self._scopes.get(method, "")
        if caller.scopes is not None and scope not in caller.scopes:
            held = ", ".join(sorted(caller.scopes))
            raise PermissionDenied(f"This token is for {held} only, and this needs {scope or 'more'}.")
        _CALLER.set(caller)

    async def on_end(self, token: None, ctx: RequestContext[object, object], error: Exception | None, /) -> None:
        """Nothing is left to undo."""


class Errors:
    """Turns domain errors into Connect errors. What nobody foresaw becomes `internal` with a request id."""

    async def on_start(self, ctx: RequestContext[object, object]) -> None:
        """Nothing to prepare."""

    async def on_end(self, token: None, ctx: RequestContext[object, object], error: Exception | None, /) -> None:
        """Raise what the caller should see instead of `error`."""
        if error is None or isinstance(error, ConnectError):
            return
        raise to_connect_error(error, f"{ctx.method.service_name}/{ctx.method.name}")


def to_connect_error(error: Exception, method: str) -> ConnectError:
    """Return the Connect error for an exception."""
    if isinstance(error, CairnError):
        return _said(Code(error.code.value), error.message)
    request_id = uuid7()
    # A message may hold a person's words; type and place are what is logged.
    frames = "".join(traceback.format_tb(error.__traceback__, limit=-6))
    _LOG.error("request %s of %s failed with %s\n%s", request_id, method, type(error).__qualname__, frames)
    if isinstance(error, asyncpg.QueryCanceledError):
        told = Phrase("too_long", "The database took too long. Try again. Request {request}.", request=request_id)
        return _said(Code.DEADLINE_EXCEEDED, told)
    if isinstance(error, asyncpg.exceptions.TransactionRollbackError):
        told = Phrase(
            "changed_at_once",
            "Others changed the same things at this moment. Nothing was changed; try again. Request {request}.",
            request=request_id,
        )
        return _said(Code.ABORTED, told)
    if isinstance(error, _DATABASE_AWAY):
        told = Phrase(
            "database_away",
            "The database does not answer. Nothing was changed; try again in a moment. Request {request}.",
            request=request_id,
        )
        return _said(Code.UNAVAILABLE, told)
    told = Phrase(
        "our_fault", "Something went wrong on our side. Nothing was changed. Request {request}.", request=request_id
    )
    return _said(Code.INTERNAL, told)


def _said(code: Code, message: str) -> ConnectError:
    phrase = phrase_to_proto(message)
    return ConnectError(code, message, details=[phrase] if phrase else [])
