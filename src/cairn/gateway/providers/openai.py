"""OpenAI's Chat Completions API (https://platform.openai.com/docs/api-reference/chat), also of compatible servers."""

from collections.abc import AsyncGenerator, Iterator

import msgspec

from cairn.gateway.domain import (
    ChatRequest,
    FailureCode,
    ProviderConfig,
    ProviderFailure,
    ProviderKind,
    Stopped,
    StopReason,
    StreamPart,
    TextDelta,
    Usage,
)
from cairn.gateway.providers.http import ProviderCall, StreamLimits, shorten, stream_reply
from cairn.gateway.providers.sse import ServerSentEvent
from cairn.platform.egress import EgressSession

_DONE = b"[DONE]"
_STOP_REASONS = {"length": StopReason.LENGTH, "content_filter": StopReason.FILTERED}


class _Delta(msgspec.Struct, frozen=True):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _CachedTokens(msgspec.Struct, frozen=True):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _CachedTokens | None = None


class _Error(msgspec.Struct, frozen=True):
    message: str = ""


class _Chunk(msgspec.Struct, frozen=True):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: _Error | str | None = None


_decoder = msgspec.json.Decoder(_Chunk)


class OpenAIProvider:
    """Speaks to OpenAI, or to a compatible server: Ollama, vLLM, llama.cpp."""

    def __init__(self, config: ProviderConfig, session: EgressSession, limits: StreamLimits) -> None:
        self._config = config
        self._session = session
        self._limits = limits

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamPart]:
        """Stream one reply, as `ports.Provider` says."""
        messages = [{"role": message.role, "content": message.text} for message in request.messages]
        if request.system:
            messages.insert(0, {"role": "system", "content": request.system})
        # OpenAI renamed the limit and refuses the old name for newer models; compatible servers know the old one.
        limit = "max_completion_tokens" if self._config.kind is ProviderKind.OPENAI else "max_tokens"
        body: dict[str, object] = {
            "model": request.model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            limit: request.output_tokens_most,
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        headers = [("content-type", "application/json"), ("accept", "text/event-stream")]
        if self._config.key:
            headers.append(("authorization", f"Bearer {self._config.key}"))
        call = ProviderCall(
            provider=self._config.name,
            url=f"{self._config.url}/chat/completions",
            headers=headers,
            body=msgspec.json.encode(body),
            key=self._config.key,
        )
        return stream_reply(self._session, call, _Reply(self._config.name), self._limits)


class _Reply:
    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._reason: str | None = None

    def decode(self, event: ServerSentEvent) -> Iterator[StreamPart]:
        if event.data == _DONE:
            yield from self.finish()
            return
        try:
            said = _decoder.decode(event.data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"{self._provider} sent something that is no OpenAI chunk. Check its address and kind."
            raise ProviderFailure(FailureCode.ERROR, message) from error
        if said.error is not None:
            words = said.error if isinstance(said.error, str) else said.error.message
            message = f"{self._provider} stopped with an error: {shorten(words)}. What it sent is kept. Ask again."
            raise ProviderFailure(FailureCode.ERROR, message)
        # We ask for one choice; the usage chunk has none.
        for choice in said.choices[:1]:
            text = choice.delta.content or choice.delta.refusal
            if text:
                yield TextDelta(text)
            self._reason = choice.finish_reason or self._reason
        if said.usage is not None:
            details = said.usage.prompt_tokens_details
            cached = (details.cached_tokens or 0) if details else 0
            yield Usage(said.usage.prompt_tokens, said.usage.completion_tokens, cached)

    def finish(self) -> Iterator[StreamPart]:
        """End the reply: a finish reason proves that the text is whole, also from servers that leave `[DONE]` out."""
        if self._reason is not None:
            yield Stopped(_STOP_REASONS.get(self._reason, StopReason.COMPLETE))
