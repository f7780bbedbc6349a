"""One streamed call over HTTP, whatever the wire format: time limits, errors, and the proof of a whole reply."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

import aiohttp
import msgspec

from cairn.gateway.domain import FailureCode, ProviderFailure, Stopped, StreamPart, TextDelta
from cairn.gateway.providers.sse import EventTooLong, ServerSentEvent, SseDecoder
from cairn.platform.egress import AddressRefused, EgressSession

_ERROR_BYTES_MOST = 64 * 1024
_ERROR_BODY_S = 5.0
_DRAIN_S = 0.2
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
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


class _ErrorDetail(msgspec.Struct):
    message: str = ""


class _ErrorBody(msgspec.Struct):
    error: _ErrorDetail | str


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How long to wait, in seconds: until the first token from the start, and between any two reads after it."""

    first_token_s: float = 120.0
    silence_s: float = 60.0


class ReplyDecoder(Protocol):
    """What one wire format says, event by event. Made anew for every reply."""

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


async def stream_reply(
    session: EgressSession, call: ProviderCall, decoder: ReplyDecoder, limits: StreamLimits
) -> AsyncGenerator[StreamPart]:
    """Send the call and yield its parts: at most one text a read, so that a burst costs one message downstream.

    Raises `ProviderFailure`. A stream that ends without proof of its end is `STREAM_CUT`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limits.first_token_s
    response = await _open(session, call, deadline)
    try:
        await _check_response(response, call)
        sse = SseDecoder()
        begun = False
        while True:
            chunk = await _read(response, call, deadline)
            for part in _decode(sse, decoder, chunk, call) if chunk else decoder.finish():
                if isinstance(part, Stopped):
                    # Reading to the end lets the connection, and its TLS handshake, serve the next call.
                    await _drain(response)
                    yield part
                    return
                begun = begun or isinstance(part, TextDelta)
                yield part
            if not chunk:
                message = f"{call.provider} stopped in the middle of its answer. What it sent is kept. Ask again."
                raise ProviderFailure(FailureCode.STREAM_CUT, message)
            if begun:
                deadline = loop.time() + limits.silence_s
    finally:
        response.close()


async def _open(session: EgressSession, call: ProviderCall, deadline: float) -> aiohttp.ClientResponse:
    try:
        async with asyncio.timeout_at(deadline):
            return await session.post(call.url, body=call.body, headers=call.headers)
    except AddressRefused as error:
        message = f"{call.provider} is at an address that this server may not call. Its operator can allow it by file."
        raise ProviderFailure(FailureCode.UNREACHABLE, message) from error
    except TimeoutError as error:
        message = f"{call.provider} did not answer in time. Ask again, or choose another model."
        raise ProviderFailure(FailureCode.TIMEOUT, message) from error
    except aiohttp.ClientSSLError as error:
        message = f"No secure connection to {call.provider}: its certificate cannot be trusted. Check the address."
        raise ProviderFailure(FailureCode.UNREACHABLE, message) from error
    except (aiohttp.ClientError, OSError) as error:
        message = f"{call.provider} cannot be reached. Check that it runs, and its address under Models."
        raise ProviderFailure(FailureCode.UNREACHABLE, message) from error


async def _read(response: aiohttp.ClientResponse, call: ProviderCall, deadline: float) -> bytes:
    try:
        async with asyncio.timeout_at(deadline):
            return await response.content.readany()
    except TimeoutError as error:
        message = f"{call.provider} fell silent. What it sent is kept. Ask again, or choose another model."
        raise ProviderFailure(FailureCode.TIMEOUT, message) from error
    except (aiohttp.ClientError, OSError) as error:
        message = (
            f"The connection to {call.provider} broke in the middle of its answer. What it sent is kept. Ask again."
        )
        raise ProviderFailure(FailureCode.STREAM_CUT, message) from error


def _decode(sse: SseDecoder, decoder: ReplyDecoder, chunk: bytes, call: ProviderCall) -> Iterator[StreamPart]:
    """Yield what a chunk says, its texts joined. Text that came before a failure is yielded before it is raised."""
    texts: list[str] = []
    failure: ProviderFailure | None = None
    try:
        for event in sse.feed(chunk):
            for part in decoder.decode(event):
                if isinstance(part, TextDelta):
                    texts.append(part.text)
                    continue
                if texts:
                    yield TextDelta("".join(texts))
                    texts.clear()
                yield part
    except EventTooLong:
        message = f"{call.provider} sent a message too long to be part of an answer. Check its address."
        failure = ProviderFailure(FailureCode.ERROR, message)
    except ProviderFailure as error:
        failure = error
    if texts:
        yield TextDelta("".join(texts))
    if failure is not None:
        raise failure


async def _drain(response: aiohttp.ClientResponse) -> None:
    try:
        async with asyncio.timeout(_DRAIN_S):
            while await response.content.readany():
                pass
    except (TimeoutError, aiohttp.ClientError, OSError):
        # The reply is whole already; only the connection's reuse is lost.
        response.close()


async def _check_response(response: aiohttp.ClientResponse, call: ProviderCall) -> None:
    if response.status == HTTPStatus.OK:
        if response.content_type == "text/event-stream":
            return
        message = f"{call.provider} answered with {response.content_type} and not with a stream. Check its address."
        raise ProviderFailure(FailureCode.ERROR, message)
    said = await _read_error(response, call)
    failure, advice = _judge(response.status, call.provider)
    # What a provider says to a refused key repeats part of the key.
    said = "" if failure is FailureCode.REFUSED_KEY or not said else f" It says: {said}"
    raise ProviderFailure(failure, advice + said, retry_after_s=_retry_after(response))


def _judge(status: int, provider: str) -> tuple[FailureCode, str]:
    if told := _ADVICE.get(status):
        failure, advice = told
        return failure, f"{provider} {advice}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return FailureCode.ERROR, f"{provider} sent us elsewhere, which we do not follow. Save its final address."
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FailureCode.ERROR, f"{provider} failed (HTTP {status}). Ask again, or choose another model."
    return FailureCode.ERROR, f"{provider} did not accept the request (HTTP {status})."


async def _read_error(response: aiohttp.ClientResponse, call: ProviderCall) -> str:
    """Return the first 300 characters of what the provider says went wrong, without our key."""
    body = bytearray()
    try:
        async with asyncio.timeout(_ERROR_BODY_S):
            while len(body) < _ERROR_BYTES_MOST and (chunk := await response.content.readany()):
                body += chunk
        said = msgspec.json.decode(bytes(body), type=_ErrorBody).error
    except (TimeoutError, aiohttp.ClientError, OSError, msgspec.MsgspecError, UnicodeDecodeError):
        # The status says enough; the words are an extra that this provider does not give.
        return ""
    text = said if isinstance(said, str) else said.message
    return shorten(text.replace(call.key, "[key]") if call.key else text)


def shorten(text: str) -> str:
    """Return a provider's words as one printable line of at most 300 characters."""
    return _UNPRINTABLE.sub(" ", text).strip()[:300]


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None
