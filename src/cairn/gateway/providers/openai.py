"""OpenAI's Chat Completions API (https://platform.openai.com/docs/api-reference/chat), also of compatible servers."""

from collections.abc import AsyncGenerator, Collection, Mapping

import msgspec

from cairn.gateway.domain.calls import Chunk, Native, Order
from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from cairn.gateway.domain.wires import Wire
from cairn.gateway.providers.http import ProviderCall, StreamLimits, fetch_whole, stream_reply
from cairn.gateway.wire import responses_stream
from cairn.gateway.wire.json import replace_fields
from cairn.gateway.wire.openai_chat import write_request
from cairn.gateway.wire.openai_embeddings import read_whole as read_embeddings
from cairn.gateway.wire.openai_stream import ReplyReader, is_usage_only, read_whole_usage
from cairn.platform.egress import EgressSession

_WANTS_USAGE = {"include_usage": True}
_options = msgspec.json.Decoder(dict[str, object])


class OpenAIProvider:
    """Speaks to OpenAI, or to a compatible server: Ollama, vLLM, llama.cpp."""

    wires: Collection[Wire] = frozenset({Wire.OPENAI_CHAT, Wire.OPENAI_RESPONSES, Wire.OPENAI_EMBEDDINGS})
    # OpenAI renamed the limit and refuses the old name for newer models; compatible servers know the old one.
    limit_field = "max_completion_tokens"

    def __init__(self, config: ProviderConfig, session: EgressSession, limits: StreamLimits) -> None:
        self._config = config
        self._session = session
        self._limits = limits
        if config.kind is ProviderKind.OPENAI_COMPATIBLE:
            self.limit_field = "max_tokens"
            # Few of these servers have the Responses API, and those keep no state: chat completions say the same.
            self.wires = frozenset({Wire.OPENAI_CHAT, Wire.OPENAI_EMBEDDINGS})

    def stream(self, order: Order) -> AsyncGenerator[Chunk]:
        """Stream one reply, as `ports.Provider` says."""
        native = order.native
        if native is None or native.wire not in self.wires:
            body = write_request(order.chat(), limit_field=self.limit_field) | {"model": order.model}
            call = self._call(order, "/chat/completions", msgspec.json.encode(body), stream=True)
            return stream_reply(self._session, call, ReplyReader(self._config.name), self._limits, sink=order.sink)
        if native.wire is Wire.OPENAI_EMBEDDINGS:
            body = replace_fields(native.fields, model=order.model)
            call = self._call(order, "/embeddings", body, stream=False)
            return fetch_whole(self._session, call, read_embeddings, self._limits)
        if native.wire is Wire.OPENAI_RESPONSES:
            return self._respond(order, native)
        return self._pass_on(order, native)

    def _respond(self, order: Order, native: Native) -> AsyncGenerator[Chunk]:
        changes: dict[str, object] = {"model": order.model}
        if order.output_tokens_most:
            changes["max_output_tokens"] = order.output_tokens_most
        call = self._call(order, "/responses", replace_fields(native.fields, **changes), stream=native.stream)
        if not native.stream:
            return fetch_whole(self._session, call, responses_stream.read_whole_usage, self._limits)
        reader = responses_stream.ReplyReader(self._config.name)
        return stream_reply(self._session, call, reader, self._limits, sink=order.sink)

    def _pass_on(self, order: Order, native: Native) -> AsyncGenerator[Chunk]:
        changes: dict[str, object] = {"model": order.model}
        if order.output_tokens_most and not {"max_tokens", "max_completion_tokens"} & native.fields.keys():
            changes[self.limit_field] = order.output_tokens_most
        if not native.stream:
            body = replace_fields(native.fields, **changes)
            call = self._call(order, "/chat/completions", body, stream=False)
            return fetch_whole(self._session, call, read_whole_usage, self._limits)
        asked = wants_usage(native.fields)
        if not asked:
            changes["stream_options"] = {**_stream_options(native.fields), **_WANTS_USAGE}
        call = self._call(order, "/chat/completions", replace_fields(native.fields, **changes), stream=True)
        hidden = None if asked else is_usage_only
        reader = ReplyReader(self._config.name)
        return stream_reply(self._session, call, reader, self._limits, sink=order.sink, hidden=hidden)

    def _call(self, order: Order, path: str, body: bytes, *, stream: bool) -> ProviderCall:
        headers = [("content-type", "application/json")]
        if stream:
            headers.append(("accept", "text/event-stream"))
        return ProviderCall(
            provider=self._config.name,
            url=self.url(path),
            headers=[*order.headers, *headers, *self.authorization()],
            body=body,
            key=self._config.key,
            wire=Wire.OPENAI_CHAT,
        )

    def url(self, path: str) -> str:
        """Return where a request goes."""
        return self._config.url + path

    def authorization(self) -> list[tuple[str, str]]:
        """Return the headers that hold the key."""
        return [("authorization", f"Bearer {self._config.key}")] if self._config.key else []


def _stream_options(fields: Mapping[str, msgspec.Raw]) -> dict[str, object]:
    if "stream_options" not in fields:
        return {}
    try:
        return _options.decode(fields["stream_options"])
    except msgspec.ValidationError:
        return {}


def wants_usage(fields: Mapping[str, msgspec.Raw]) -> bool:
    """Tell whether a caller asks for usage at the end of a stream."""
    return _stream_options(fields).get("include_usage") is True
