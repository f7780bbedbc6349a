"""One call over HTTP, whatever the wire format: time limits, errors, and the proof of a whole reply."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import Protocol, TypeVar

import msgspec

from cairn.gateway.domain.calls import Chunk
from cairn.gateway.domain.failures import FailureCode, ProviderFailure, Refusal
from cairn.gateway.domain.messages import Stopped, StopReason, StreamPart, TextDelta, Usage
from cairn.gateway.domain.wires import Wire
from cairn.gateway.wire.openai_stream import shorten
from cairn.gateway.wire.sse import EventTooLong, ServerSentEvent, SseDecoder
from cairn.kernel.phrases import Phrase
from cairn.platform.egress import (
    AddressRefused,
    ConnectFailed,
    ConnectionBroken,
    EgressError,
    EgressSession,
    Reply,
    Untrusted,
)

_ERROR_BYTES_MOST = 64 * 1024
_ERROR_BODY_S = 5.0
# How long to read on for the end of HTTP's own, after a reply's: the connection then serves the next call.
_LINGER_S = 0.2
# The end of a silence is put off in steps of this share of it, and not by each token.
_EXACT = 0.02
_WAIT_MOST_S = 86_400.0
_BODY_BYTES_MOST = 32 * 1024 * 1024
_REFUSED_KEY = (FailureCode.REFUSED_KEY, "refused the key. Save a valid one under Models.")
_OVERLOADED = (FailureCode.BUSY, "is overloaded. Ask again in a minute, or choose another model.")
_ADVICE = {
    401: _REFUSED_KEY,
    403: _REFUSED_KEY,
    404: (FailureCode.ERROR, "does not know this model or address. Check both under Models."),
    429: (FailureCode.BUSY, "limits how much may be asked of it. Wait a little, or choose another model."),
    503: _OVERLOADED,
    529: _OVERLOADED,  # Anthropic's own.
}
# The request itself is at fault, so that no other target would take it.
_REFUSED_REQUEST = frozenset({400, 413, 415, 422})
_HEADERS_KEPT = frozenset({"content-type", "retry-after", "retry-after-ms", "request-id", "x-request-id"})

Whole = tuple[bool, Usage | None]
Sink = Callable[[Chunk], Chunk | None]
Made = TypeVar("Made")


class _ErrorDetail(msgspec.Struct):
    message: str = ""


class _ErrorBody(msgspec.Struct):
    error: _ErrorDetail | str


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How long to wait, in seconds.

    Until the first token from the start, between any two reads after it, and for a reply that comes in one piece.
    """

    first_token_s: float = 120.0
    silence_s: float = 60.0
    whole_s: float = 600.0


class ReplyDecoder(Protocol):
    """What one wire format says, event by event. Made anew for every reply."""

    @property
    def end(self) -> bytes:
        """What ends a stream whose sender left that out."""
        ...

    def decode(self, event: ServerSentEvent) -> Iterable[StreamPart]:
        """Return what the event says. Raises `ProviderFailure` when it reports an error or makes no sense."""
        ...

    def finish(self) -> Iterable[StreamPart]:
        """Return what remains to be said at the end of the stream: `Stopped` when the reply is whole, else nothing."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderCall:
    """One request, ready to send. Headers hold the key, so they stay out of every repr."""

    provider: str
    url: str
    headers: Sequence[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)
    key: str = field(repr=False)
    wire: Wire


async def stream_reply(
    session: EgressSession,
    call: ProviderCall,
    decoder: ReplyDecoder,
    limits: StreamLimits,
    *,
    sink: Sink | None = None,
    hidden: Callable[[ServerSentEvent], bool] | None = None,
) -> AsyncGenerator[Chunk]:
    """Send the call and yield a chunk a read, so that a burst costs one message downstream.

    The `sink` of the order is offered all but what ends the reply. The raw bytes of an event that is `hidden` are left
    out: we asked for it and the caller did not.
    Raises `ProviderFailure`. A stream that ends without proof of its end is `STREAM_CUT`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limits.first_token_s
    reply = await _open(session, call, deadline)
    linger_s = 0.0
    try:
        await _check_reply(reply, call, "text/event-stream")
        reader = _Reader(decoder, call, hidden, sink or _yield)
        while (chunk := await _make(reply, call, partial(reader.take, reply, limits.silence_s), deadline)) is not None:
            if reader.ended:
                linger_s = _LINGER_S
                yield chunk
                return
            if chunk.parts or chunk.raw:
                yield chunk
            if reader.failure is not None:
                raise reader.failure
            if reader.begun:
                deadline = loop.time() + limits.silence_s
        last = tuple(decoder.finish())
        if not last:
            message = Phrase(
                "provider_cut",
                "{provider} stopped in the middle of its answer. What it sent is kept. Ask again.",
                provider=call.provider,
            )
            raise ProviderFailure(FailureCode.STREAM_CUT, message, sent=True)
        yield Chunk(last, decoder.end)
    finally:
        reply.close(linger_s=linger_s)


async def fetch_whole(
    session: EgressSession, call: ProviderCall, read_usage: Callable[[bytes], Whole], limits: StreamLimits
) -> AsyncGenerator[Chunk]:
    """Send the call and yield the reply as one chunk, if `read_usage` finds it is one. Raises `ProviderFailure`."""
    deadline = asyncio.get_running_loop().time() + limits.whole_s
    reply = await _open(session, call, deadline)
    try:
        await _check_reply(reply, call, "application/json")
        body = await _read_whole(reply, call, deadline)
    finally:
        reply.close()
    whole, usage = read_usage(body)
    if not whole:
        message = Phrase(
            "provider_strange",
            "{provider} sent something that is no reply of its kind. Check its address and kind.",
            provider=call.provider,
        )
        raise ProviderFailure(FailureCode.ERROR, message, sent=True)
    stopped = Stopped(StopReason.COMPLETE)
    yield Chunk((usage, stopped) if usage else (stopped,), body)


async def _read_whole(reply: Reply, call: ProviderCall, deadline: float) -> bytes:
    body = bytearray()
    while read := await _read(reply, call, deadline):
        body += read
        if len(body) > _BODY_BYTES_MOST:
            message = f"{call.provider} sent a reply too long to be an answer. Check its address."
            raise ProviderFailure(FailureCode.ERROR, message, sent=True)
    return bytes(body)


def _yield(chunk: Chunk) -> Chunk:
    return chunk


class _Reader:
    """Reads chunks of one stream.

    `begun` tells that more than usage has come, `ended` that the reply is whole. `failure` is set when one cannot be
    read on; what came before it still counts.
    """

    def __init__(
        self, decoder: ReplyDecoder, call: ProviderCall, hidden: Callable[[ServerSentEvent], bool] | None, sink: Sink
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sse = SseDecoder()
        self._sink = sink
        self._decoder = decoder
        self._call = call
        self._hidden = hidden
        self._postponed = 0.0
        self.begun = False
        self.ended = False
        self.failure: ProviderFailure | None = None

    def take(self, reply: Reply, silence_s: float, read: bytes) -> Chunk | None:
        """Read on, and pass it on at once if the sink can; return what is to be yielded."""
        chunk = self.read(read)
        if self.begun and (now := self._loop.time()) - self._postponed >= silence_s * _EXACT:
            self._postponed = now
            reply.postpone(now + silence_s)
        if self.ended or self.failure is not None:
            return chunk
        return self._sink(chunk) if chunk.parts or chunk.raw else None

    def read(self, chunk: bytes) -> Chunk:
        """Return what a read says, neighbouring texts joined."""
        parts: list[StreamPart] = []
        raw: list[bytes] = []
        try:
            plain = self._sse.take_plain(chunk)
            if plain is None:
                for event in self._sse.feed(chunk):
                    self._gather(event, self._decoder.decode(event), parts, raw)
                    if self.ended:
                        break
            else:
                said = self._decoder.decode(plain)
                if self.begun and isinstance(said, tuple) and len(said) == 1 and isinstance(said[0], TextDelta):
                    # Nearly all reads are a word and nothing else.
                    return Chunk(said, chunk)
                self._gather(plain, said, parts, raw)
        except EventTooLong:
            message = f"{self._call.provider} sent a message too long to be part of an answer. Check its address."
            self.failure = ProviderFailure(FailureCode.ERROR, message, sent=True)
        except ProviderFailure as error:
            self.failure = error
        if not self.begun:
            self.begun = any(not isinstance(part, Usage) for part in parts)
        return Chunk(parts, raw[0] if len(raw) == 1 else b"".join(raw))

    def _gather(
        self, event: ServerSentEvent, said: Iterable[StreamPart], parts: list[StreamPart], raw: list[bytes]
    ) -> None:
        for part in said:
            last = parts[-1] if parts else None
            if isinstance(part, TextDelta) and isinstance(last, TextDelta):
                parts[-1] = TextDelta(last.text + part.text)
            else:
                parts.append(part)
        if self._hidden is None or not (parts and isinstance(parts[-1], Usage) and self._hidden(event)):
            raw.append(event.raw)
        if parts and isinstance(parts[-1], Stopped):
            self.ended = True


async def _open(session: EgressSession, call: ProviderCall, deadline: float) -> Reply:
    try:
        return await session.post(call.url, body=call.body, headers=call.headers, deadline=deadline)
    except AddressRefused as error:
        message = f"{call.provider} is at an address that this server may not call. Its operator can allow it by file."
        raise ProviderFailure(FailureCode.UNREACHABLE, message) from error
    except TimeoutError as error:
        message = Phrase(
            "provider_slow",
            "{provider} did not answer in time. Ask again, or choose another model.",
            provider=call.provider,
        )
        raise ProviderFailure(FailureCode.TIMEOUT, message, sent=not isinstance(error, ConnectFailed)) from error
    except Untrusted as error:
        message = Phrase(
            "provider_insecure",
            "No secure connection to {provider}: its certificate cannot be trusted. Check the address.",
            provider=call.provider,
        )
        raise ProviderFailure(FailureCode.UNREACHABLE, message) from error
    except EgressError as error:
        message = Phrase(
            "provider_away",
            "{provider} cannot be reached. Check that it runs, and its address under Models.",
            provider=call.provider,
        )
        # Once there was a connection, the request may have arrived, and be billed.
        sent = not isinstance(error, ConnectFailed)
        raise ProviderFailure(FailureCode.UNREACHABLE, message, sent=sent) from error


async def _read(reply: Reply, call: ProviderCall, deadline: float) -> bytes:
    return await _make(reply, call, bytes, deadline) or b""


async def _make(reply: Reply, call: ProviderCall, take: Callable[[bytes], Made | None], deadline: float) -> Made | None:
    try:
        return await reply.make(take, deadline)
    except TimeoutError as error:
        message = Phrase(
            "provider_silent",
            "{provider} fell silent. What it sent is kept. Ask again, or choose another model.",
            provider=call.provider,
        )
        raise ProviderFailure(FailureCode.TIMEOUT, message, sent=True) from error
    except ConnectionBroken as error:
        message = Phrase(
            "provider_broke",
            "The connection to {provider} broke in the middle of its answer. What it sent is kept. Ask again.",
            provider=call.provider,
        )
        raise ProviderFailure(FailureCode.STREAM_CUT, message, sent=True) from error


async def _check_reply(reply: Reply, call: ProviderCall, expected: str) -> None:
    if reply.status == HTTPStatus.OK:
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == expected and reply.headers.get("content-encoding", "identity") == "identity":
            return
        message = f"{call.provider} answered with {_shown(reply)} and not with {expected}. Check its address."
        raise ProviderFailure(FailureCode.ERROR, message, sent=True)
    body = await _read_error(reply)
    failure, advice = _judge(reply.status, call.provider)
    words = _words(body, call)
    # What a provider says to a refused key repeats part of the key.
    said = "" if failure is FailureCode.REFUSED_KEY or not words else f" It says: {words}"
    headers = [(name, value) for name, value in reply.headers.items() if name in _HEADERS_KEPT]
    safe = body.replace(call.key.encode(), b"[key]") if call.key else body
    refusal = Refusal(reply.status, safe, None if words is None else call.wire, headers)
    raise ProviderFailure(failure, advice + said, retry_after_s=_retry_after(reply), refusal=refusal)


def _shown(reply: Reply) -> str:
    names = [reply.headers.get("content-encoding", ""), reply.headers.get("content-type", "something unnamed")]
    return shorten(" ".join(name for name in names if name)) or "something unnamed"


def _judge(status: int, provider: str) -> tuple[FailureCode, str]:
    if told := _ADVICE.get(status):
        failure, advice = told
        return failure, f"{provider} {advice}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return FailureCode.ERROR, f"{provider} sent us elsewhere, which we do not follow. Save its final address."
    if status in _REFUSED_REQUEST:
        return FailureCode.REFUSED_REQUEST, f"{provider} did not accept the request (HTTP {status})."
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FailureCode.ERROR, f"{provider} failed (HTTP {status}). Ask again, or choose another model."
    return FailureCode.ERROR, f"{provider} did not accept the request (HTTP {status})."


async def _read_error(reply: Reply) -> bytes:
    """Return the beginning of what the provider says went wrong."""
    body = bytearray()
    deadline = asyncio.get_running_loop().time() + _ERROR_BODY_S
    try:
        while len(body) < _ERROR_BYTES_MOST and (read := await reply.read(deadline)):
            body += read
    except (TimeoutError, ConnectionBroken):
        # The status says enough; the words are an extra that this provider does not give.
        return b""
    return bytes(body)


def _words(body: bytes, call: ProviderCall) -> str | None:
    """Return the first 300 characters of an error's message, without our key; None when it is no error of its kind."""
    try:
        said = msgspec.json.decode(body, type=_ErrorBody).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    text = said if isinstance(said, str) else said.message
    return shorten(text.replace(call.key, "[key]") if call.key else text)


def _retry_after(reply: Reply) -> float | None:
    """Return the seconds that the provider asks to wait: a number or a day of HTTP's (RFC 9110, 10.2.3)."""
    text = reply.headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(0.0, seconds), _WAIT_MOST_S) if math.isfinite(seconds) else None
