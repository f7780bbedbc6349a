"""Anthropic's Messages API (https://docs.anthropic.com/en/api/messages-streaming).

Version and authentication are those of Anthropic's own Python SDK 2.11, which sends the key as a bearer token.
"""

from collections.abc import AsyncGenerator, Iterator

import msgspec
import msgspec.structs

from cairn.gateway.domain import (
    ChatRequest,
    FailureCode,
    ProviderConfig,
    ProviderFailure,
    Stopped,
    StopReason,
    StreamPart,
    TextDelta,
    Usage,
)
from cairn.gateway.providers.http import ProviderCall, StreamLimits, shorten, stream_reply
from cairn.gateway.providers.sse import ServerSentEvent
from cairn.platform.egress import EgressSession

_VERSION = "2026-10-21"
_STOP_REASONS = {
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.LENGTH,
    "refusal": StopReason.FILTERED,
}


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Message(msgspec.Struct, frozen=True):
    usage: _Usage = _Usage()


class _Delta(msgspec.Struct, frozen=True):
    type: str = ""
    text: str = ""
    stop_reason: str | None = None


class _Error(msgspec.Struct, frozen=True):
    type: str = ""
    message: str = ""


class _Event(msgspec.Struct, frozen=True):
    type: str
    message: _Message = _Message()
    delta: _Delta = _Delta()
    usage: _Usage = _Usage()
    error: _Error = _Error()


_decoder = msgspec.json.Decoder(_Event)


class AnthropicProvider:
    """Speaks to Anthropic, or to a server that speaks like it."""

    def __init__(self, config: ProviderConfig, session: EgressSession, limits: StreamLimits) -> None:
        self._config = config
        self._session = session
        self._limits = limits

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamPart]:
        """Stream one reply, as `ports.Provider` says."""
        body: dict[str, object] = {
            "model": request.model,
            "max_tokens": request.output_tokens_most,
            "messages": [{"role": message.role, "content": message.text} for message in request.messages],
            "stream": True,
        }
        if request.system:
            body["system"] = request.system
        if request.temperature is not None:
            body["temperature"] = request.temperature
        call = ProviderCall(
            provider=self._config.name,
            url=f"{self._config.url}/v1/messages",
            headers=(
                ("authorization", f"Bearer {self._config.key}"),
                ("anthropic-version", _VERSION),
                ("content-type", "application/json"),
                ("accept", "text/event-stream"),
            ),
            body=msgspec.json.encode(body),
            key=self._config.key,
        )
        return stream_reply(self._session, call, _Reply(self._config.name), self._limits)


class _Reply:
    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._usage = _Usage()
        self._reason: str | None = None

    def decode(self, event: ServerSentEvent) -> Iterator[StreamPart]:
        try:
            said = _decoder.decode(event.data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"{self._provider} sent something that is no Anthropic message. Check its address and kind."
            raise ProviderFailure(FailureCode.ERROR, message) from error
        if said.type == "content_block_delta":
            if said.delta.type == "text_delta" and said.delta.text:
                yield TextDelta(said.delta.text)
        elif said.type == "message_start":
            yield from self._count(said.message.usage)
        elif said.type == "message_delta":
            self._reason = said.delta.stop_reason or self._reason
            yield from self._count(said.usage)
        elif said.type == "message_stop":
            yield Stopped(_STOP_REASONS.get(self._reason or "", StopReason.COMPLETE))
        elif said.type == "error":
            raise self._failure(said.error)

    def finish(self) -> Iterator[StreamPart]:
        """Only `message_stop` proves the end, and it has not come."""
        yield from ()

    def _count(self, new: _Usage) -> Iterator[Usage]:
        """Later counts are totals and replace earlier ones; a count left out keeps its value."""
        told = {name: value for name, value in msgspec.structs.asdict(new).items() if value is not None}
        usage = self._usage = msgspec.structs.replace(self._usage, **told)
        cached = usage.cache_read_input_tokens or 0
        sent = (usage.input_tokens or 0) + cached + (usage.cache_creation_input_tokens or 0)
        yield Usage(input_tokens=sent, output_tokens=usage.output_tokens or 0, cached_input_tokens=cached)

    def _failure(self, error: _Error) -> ProviderFailure:
        if error.type in {"overloaded_error", "rate_limit_error"}:
            message = f"{self._provider} is overloaded and stopped in the middle. Ask again, or choose another model."
            return ProviderFailure(FailureCode.BUSY, message)
        message = f"{self._provider} stopped with an error: {shorten(error.message)}. What it sent is kept. Ask again."
        return ProviderFailure(FailureCode.ERROR, message)
