"""The endpoints under /v1: OpenAI's and Anthropic's, as their own SDKs call them."""

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import msgspec
from connectrpc.request import Headers as RequestHeaders

from cairn.gateway.api import Asked, Gateway
from cairn.gateway.domain.calls import Chunk, Native
from cairn.gateway.domain.failures import FailureCode, InvalidRequest, ModelNotFound, ProviderFailure
from cairn.gateway.domain.messages import Reply
from cairn.gateway.domain.providers import QUOTES, ProviderKind
from cairn.gateway.domain.routing import Route
from cairn.gateway.domain.sizes import measure
from cairn.gateway.domain.wires import Wire
from cairn.gateway.endpoints.asgi import (
    ClientLeft,
    Receive,
    Response,
    Scope,
    Send,
    read_body,
    while_client_is_there,
)
from cairn.gateway.endpoints.dialects import DIALECTS, Dialect, Writer, read_model, read_stream
from cairn.gateway.endpoints.errors import WireError, retry_header, to_wire_error, write_error, write_event
from cairn.gateway.usecases.calls import Call
from cairn.gateway.usecases.metering import CHARACTERS_A_TOKEN
from cairn.gateway.wire.json import RawObject, read_object
from cairn.kernel.errors import CairnError, NotFound, PermissionDenied
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.line import find_line
from cairn.tenancy.api import PERMISSIONS, TOKEN_PREFIX, Action

_log = logging.getLogger(__name__)
_CALLER_S = 2.0
_CALLERS_MOST = 10_000
_TRACE = ("traceparent", "tracestate")

Authenticate = Callable[[RequestHeaders], Awaitable[Caller]]


_Said = tuple[bytes | None, bytes | None]


class Authentication:
    """Knows the holders of tokens for two seconds, and asks again behind the back of a call, so that none waits."""

    def __init__(self, authenticate: Authenticate, *, local: bool) -> None:
        self._authenticate = authenticate
        self._local = local
        # By what a request says of its caller, as it came.
        self._known: dict[_Said, tuple[float, Caller]] = {}
        self._asking: dict[_Said, asyncio.Task[Caller]] = {}

    async def __call__(self, headers: dict[bytes, bytes]) -> Caller:
        """Return who asks. Raises `Unauthenticated`, and `PermissionDenied` when their role may not ask."""
        said = headers.get(b"authorization"), headers.get(b"x-api-key")
        asked_at, caller = self._known.get(said, (0.0, None))
        age_s = time.monotonic() - asked_at
        if caller is None or age_s >= _CALLER_S:
            return await asyncio.shield(self._ask(said, headers))
        if age_s >= _CALLER_S / 2:
            self._ask(said, headers)
        return caller

    def _ask(self, said: _Said, headers: dict[bytes, bytes]) -> "asyncio.Task[Caller]":
        """Return the asking that runs, or begin one."""
        task = self._asking.get(said)
        if task is None:
            task = self._asking[said] = asyncio.create_task(self._find(said, headers))
            task.add_done_callback(lambda done: self._end(said, done))
        return task

    def _end(self, said: _Said, task: "asyncio.Task[Caller]") -> None:
        del self._asking[said]
        if not task.cancelled() and task.exception() is not None:
            # Who may not ask any more is told so at once; where it could not be found out, the next call asks.
            self._known.pop(said, None)

    async def _find(self, said: _Said, headers: dict[bytes, bytes]) -> Caller:
        token = _token(headers)
        if self._local and not token.startswith(TOKEN_PREFIX):
            # Tools insist on some key. On the owner's own machine none is needed, so any that is not ours will do.
            token = ""
        asked_at = time.monotonic()
        caller = await self._authenticate(RequestHeaders({"authorization": f"Bearer {token}"} if token else {}))
        allowed: frozenset[Role] = PERMISSIONS[Action.ASK]
        if caller.role not in allowed:
            raise PermissionDenied("Your role may not ask models. Ask an admin of your organisation.")
        if caller.scopes is not None and Action.ASK not in caller.scopes:
            raise PermissionDenied("This token may not ask models. Make one with the scope 'ask'.")
        if len(self._known) >= _CALLERS_MOST:
            self._known.clear()
        self._known[said] = (asked_at, caller)
        return caller


def _token(headers: dict[bytes, bytes]) -> str:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return headers.get(b"x-api-key", b"").decode("latin-1").strip()


@dataclass(frozen=True, slots=True)
class _Request:
    """A request that has been read as far as every endpoint needs it."""

    caller: Caller
    dialect: Dialect
    body: bytes
    fields: RawObject
    model: str
    stream: bool
    request_id: UUID


class Endpoints:
    """Serves everything under /v1."""

    def __init__(self, gateway: Gateway, authenticate: Authenticate, *, local: bool) -> None:
        self._gateway = gateway
        self._authenticate = Authentication(authenticate, local=local)

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Serve one request."""
        request_id = uuid7()
        shown = f"req_{request_id.hex}".encode()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        line = find_line(scope)
        response = Response(line, [(b"request-id", shown), (b"x-request-id", shown)])
        dialect = DIALECTS.get(scope["path"])
        anthropic = b"anthropic-version" in headers or (dialect is not None and dialect.wire.is_anthropics)
        wire = Wire.ANTHROPIC if anthropic else dialect.wire if dialect else Wire.OPENAI_CHAT
        try:
            caller = await self._authenticate(headers)
            if dialect is not None and scope["method"] == "POST":
                body = await read_body(receive, line, headers.get(b"content-length", b""))
                asked = _read(caller, dialect, body, request_id)
                await while_client_is_there(line, self._serve(asked, headers, response), response)
            else:
                await self._look_up(caller, scope, wire, response)
        except ClientLeft:
            return
        except CairnError as error:
            await _fail(response, wire, error, shown.decode())
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller must be told that there is no reply.
            # A message may hold a person's words; type and place are what is logged.
            frames = "".join(traceback.format_tb(error.__traceback__, limit=-6))
            _log.error("request %s failed with %s\n%s", shown.decode(), type(error).__qualname__, frames)
            message = f"Something went wrong on our side. Try again. Request {shown.decode()}."
            await _send_error(
                response, wire, WireError(500, "api_error", "server_error", "internal", message), shown.decode()
            )

    async def _serve(self, asked: _Request, headers: dict[bytes, bytes], response: Response) -> None:
        configuration = await self._gateway.configuration(asked.caller)
        route: Route = configuration.find_route(asked.model)
        if asked.dialect.wire is Wire.ANTHROPIC_COUNT and route.targets[0].provider.kind is not ProviderKind.ANTHROPIC:
            # Nobody else counts for Anthropic's format. An estimate, marked, is what a client can plan with.
            estimate = {"input_tokens": measure(asked.body).characters // CHARACTERS_A_TOKEN + 1}
            await response.whole(200, msgspec.json.encode(estimate), [(b"cairn-estimated", b"true")])
            return
        kept = [(name.decode(), headers[name].decode("latin-1")) for name in asked.dialect.headers if name in headers]
        native = Native(asked.dialect.wire, asked.fields, asked.stream, kept)
        call, chunks = await self._gateway.call(
            Asked(
                asked.caller,
                asked.request_id,
                route,
                native,
                lambda: asked.dialect.read(asked.body),
                size=measure(asked.body),
                trace=[(name, headers[name.encode()].decode("latin-1")) for name in _TRACE if name.encode() in headers],
                keep=b"no-store" not in headers.get(b"cache-control", b""),
                output_tokens_most=0 if asked.dialect.silent else asked.dialect.read_limit(asked.fields),
                configuration=configuration,
            )
        )
        response.left = call.leave
        async with aclosing(chunks):
            if asked.stream:
                await _Streaming(asked, call, response).run(chunks)
            else:
                await _whole(asked, call, chunks, response)

    async def _look_up(self, caller: Caller, scope: Scope, wire: Wire, response: Response) -> None:
        path: str = scope["path"]
        if scope["method"] != "GET" or not (path + "/").startswith("/v1/models/"):
            raise NotFound(f"There is no {scope['method']} {path[:100]} here.")
        configuration = await self._gateway.configuration(caller)
        names = configuration.names
        wanted = path.removeprefix("/v1/models").removeprefix("/")
        models = [_model(name, wire) for name in names if not wanted or name == wanted]
        if wanted:
            if not models:
                raise ModelNotFound(wanted)
            await response.whole(200, msgspec.json.encode(models[0]))
        elif wire is Wire.ANTHROPIC:
            listed = {"data": models, "has_more": False, "first_id": names[0], "last_id": names[-1]}
            await response.whole(200, msgspec.json.encode(listed))
        else:
            await response.whole(200, msgspec.json.encode({"object": "list", "data": models}))


def _model(name: str, wire: Wire) -> Mapping[str, object]:
    if wire is Wire.ANTHROPIC:
        known = {"type": "model", "id": name, "display_name": name, "lifecycle": "active"}
        return known | {"created_at": "1970-01-01T00:00:00Z"}
    return {
        "id": name,
        "object": "model",
        "created": 0,
        "owned_by": name.partition("/")[0] if name != QUOTES else "cairn",
    }


def _read(caller: Caller, dialect: Dialect, body: bytes, request_id: UUID) -> _Request:
    fields = read_object(body)
    return _Request(caller, dialect, body, fields, read_model(fields), read_stream(fields), request_id)


class _Streaming:
    """Writes one streamed reply: a chunk where it arrives, if the client takes it at once, or when it is yielded."""

    def __init__(self, asked: _Request, call: Call, response: Response) -> None:
        self._asked = asked
        self._call = call
        self._response = response
        self._names = asked.request_id.hex, asked.model, asked.fields
        self._writer: Writer | None = None
        # What went out as it came is kept where another target may have to go on with it.
        self._sent: list[bytes] | None = [] if len(call.route.targets) > 1 else None
        self._error: Exception | None = None
        # The reply's head, and after how many attempts it was written.
        self._head = b""
        self._headed = 0

    async def run(self, chunks: AsyncGenerator[Chunk]) -> None:
        """Write the reply to its end."""
        self._call.sink = self._take
        # Once the request is out, and before anything can be there of the reply.
        asyncio.get_running_loop().call_soon(self._find_head)
        response = self._response
        last = b""
        async for chunk in chunks:
            if self._error is not None:
                raise self._error
            piece = self._piece(chunk)
            if self._call.attempts[-1].whole:
                # It goes out with the end, in one write.
                last += piece
            else:
                await response.write(piece, b"" if response.begun else self._find_head())
        if not response.begun:
            await response.write(last, self._find_head())
            last = b""
        await response.end(last)

    def _take(self, chunk: Chunk) -> bool:
        response = self._response
        if response.line.waits:
            return False
        attempt = self._call.attempts[-1]
        if response.begun and attempt.native and self._sent is None:
            # Nearly all chunks are passed on as they came.
            if chunk.raw:
                response.line.write(chunk.raw)
            return True
        if attempt.continued:
            return False
        try:
            piece = self._piece(chunk)
        except Exception as error:  # noqa: BLE001 - it is no failure of the provider's, and is raised where we are asked.
            self._error = error
            return False
        response.write_now(piece, b"" if response.begun else self._find_head())
        return True

    def _find_head(self) -> bytes:
        attempts = len(self._call.attempts)
        if attempts != self._headed:
            self._head, self._headed = self._response.head_stream(_told(self._call)), attempts
        return self._head

    def _piece(self, chunk: Chunk) -> bytes:
        attempt = self._call.attempts[-1]
        if self._sent and attempt.continued:
            self._writer = self._asked.dialect.resume(*self._names, b"".join(self._sent))
            self._sent = None
        if not attempt.native:
            writer = self._writer = self._writer or self._asked.dialect.writer(*self._names)
            return b"".join([writer.write(part) for part in chunk.parts])
        if self._sent is not None:
            self._sent.append(chunk.raw)
        return chunk.raw


async def _whole(asked: _Request, call: Call, chunks: AsyncGenerator[Chunk], response: Response) -> None:
    reply = Reply()
    raw: list[bytes] = []
    async for chunk in chunks:
        raw.append(chunk.raw)
        for part in chunk.parts:
            reply.add(part)
    if call.attempts[-1].native:
        await response.whole(200, b"".join(raw), _told(call))
        return
    try:
        written = asked.dialect.write_whole(asked.request_id.hex, asked.model, reply, asked.fields)
    except InvalidRequest as error:
        # The arguments of a tool call are what the model wrote.
        message = "The model asked for a tool with arguments that are no JSON. Ask again, or choose another model."
        raise ProviderFailure(FailureCode.ERROR, message, sent=True) from error
    await response.whole(200, written, _told(call))


def _told(call: Call) -> list[tuple[bytes, bytes]]:
    """Say where the reply comes from, and what it took: an attempt that failed may have been billed too."""
    target = call.target
    told = [(b"cairn-model", target.name.encode() if target else b"")]
    if call.saved_micros is not None:
        return [*told, (b"cairn-cache", b"hit"), (b"cairn-saved-micros", str(call.saved_micros).encode())]
    return [*told, (b"cairn-attempts", str(len(call.attempts)).encode())]


async def _fail(response: Response, wire: Wire, error: CairnError, request_id: str) -> None:
    """Send an error; a provider's own, as it came, when it speaks the caller's format."""
    if isinstance(error, ProviderFailure) and error.refusal is not None and not response.begun:
        refusal = error.refusal
        if (
            refusal.wire is not None
            and refusal.wire.family == wire.family
            and error.failure is not FailureCode.REFUSED_KEY
            and refusal.body
        ):
            headers = [(name.encode(), value.encode("latin-1")) for name, value in refusal.headers if name in _PASSED]
            await response.whole(refusal.status, refusal.body, headers)
            return
    await _send_error(response, wire, to_wire_error(error), request_id)


_PASSED = frozenset({"content-type", "retry-after", "retry-after-ms"})


async def _send_error(response: Response, wire: Wire, error: WireError, request_id: str) -> None:
    if response.begun:
        await response.end(write_event(wire, error, request_id))
    else:
        await response.whole(error.status, write_error(wire, error, request_id), retry_header(error))
