"""Anthropic's Messages API (https://docs.anthropic.com/en/api/messages).

Version and authentication are those of Anthropic's own Python SDK 2.11, which sends the key as a bearer token.
"""

from collections.abc import AsyncGenerator, Collection

import msgspec

from cairn.gateway.domain.calls import Chunk, Native, Order
from cairn.gateway.domain.messages import Usage
from cairn.gateway.domain.providers import ProviderConfig
from cairn.gateway.domain.wires import Wire
from cairn.gateway.providers.http import ProviderCall, StreamLimits, Whole, fetch_whole, stream_reply
from cairn.gateway.wire.anthropic import write_request
from cairn.gateway.wire.anthropic_stream import ReplyReader, read_whole_usage
from cairn.gateway.wire.json import replace_fields
from cairn.platform.egress import EgressSession

_VERSION = "2026-10-21"


class AnthropicProvider:
    """Speaks to Anthropic, or to a server that speaks like it."""

    wires: Collection[Wire] = frozenset({Wire.ANTHROPIC, Wire.ANTHROPIC_COUNT})

    def __init__(self, config: ProviderConfig, session: EgressSession, limits: StreamLimits) -> None:
        self._config = config
        self._session = session
        self._limits = limits

    def stream(self, order: Order) -> AsyncGenerator[Chunk]:
        """Stream one reply, as `ports.Provider` says."""
        native = order.native
        if native is not None and native.wire is Wire.ANTHROPIC_COUNT:
            call = self._call(
                order, replace_fields(native.fields, model=order.model), native, "/v1/messages/count_tokens"
            )
            return fetch_whole(self._session, call, _read_count, self._limits)
        if native is not None and native.wire in self.wires:
            call = self._call(order, replace_fields(native.fields, model=order.model), native)
            if not native.stream:
                return fetch_whole(self._session, call, read_whole_usage, self._limits)
        else:
            call = self._call(order, msgspec.json.encode(write_request(order.chat()) | {"model": order.model}), None)
        return stream_reply(self._session, call, ReplyReader(self._config.name), self._limits, sink=order.sink)

    def _call(self, order: Order, body: bytes, native: Native | None, path: str = "/v1/messages") -> ProviderCall:
        headers = {"authorization": f"Bearer {self._config.key}", "anthropic-version": _VERSION}
        headers |= dict(order.headers)
        headers |= dict(native.headers) if native else {}
        headers["content-type"] = "application/json"
        if native is None or native.stream:
            headers["accept"] = "text/event-stream"
        return ProviderCall(
            provider=self._config.name,
            url=self._config.url + path,
            headers=tuple(headers.items()),
            body=body,
            key=self._config.key,
            wire=Wire.ANTHROPIC,
        )


class _Count(msgspec.Struct):
    input_tokens: int


def _read_count(body: bytes) -> Whole:
    """Tell whether a reply is a count of tokens. To count costs nothing."""
    try:
        msgspec.json.decode(body, type=_Count)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False, None
    return True, Usage(0, 0)
