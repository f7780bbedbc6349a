"""Google's Gemini API (https://ai.google.dev/api)."""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import msgspec

from cairn.gateway.domain.calls import Chunk, Native, Order
from cairn.gateway.domain.messages import Stopped, StopReason, Usage
from cairn.gateway.domain.providers import ProviderConfig
from cairn.gateway.domain.wires import Wire
from cairn.gateway.providers.http import ProviderCall, StreamLimits, Whole, fetch_whole, stream_reply
from cairn.gateway.wire import openai_embeddings
from cairn.gateway.wire.gemini import ReplyReader, read_embeddings, write_embeddings, write_request
from cairn.platform.egress import EgressSession

_CHARACTERS_A_TOKEN = 4


class GeminiProvider:
    """Speaks to Gemini. Embeddings are translated here, as no other provider asks for them in its way."""

    wires: Collection[Wire] = frozenset({Wire.OPENAI_EMBEDDINGS})

    def __init__(self, config: ProviderConfig, session: EgressSession, limits: StreamLimits) -> None:
        self._config = config
        self._session = session
        self._limits = limits

    def stream(self, order: Order) -> AsyncGenerator[Chunk]:
        """Stream one reply, as `ports.Provider` says."""
        native = order.native
        if native is not None and native.wire is Wire.OPENAI_EMBEDDINGS:
            return self._embed(order, native)
        call = self._call(order, "streamGenerateContent?alt=sse", write_request(order.chat()))
        return stream_reply(self._session, call, ReplyReader(self._config.name), self._limits, sink=order.sink)

    async def _embed(self, order: Order, native: Native) -> AsyncGenerator[Chunk]:
        asked = openai_embeddings.read_request(dict(native.fields))
        texts = asked.texts
        call = self._call(order, "batchEmbedContents", write_embeddings(order.model, texts, asked.dimensions))
        async with aclosing(fetch_whole(self._session, call, _is_whole, self._limits)) as chunks:
            async for chunk in chunks:
                # Gemini does not say how many tokens it read.
                tokens = sum(len(text) for text in texts) // _CHARACTERS_A_TOKEN + 1
                written = openai_embeddings.write_whole(asked, read_embeddings(chunk.raw) or [], tokens)
                yield Chunk((Usage(tokens, 0), Stopped(StopReason.COMPLETE)), written)

    def _call(self, order: Order, method: str, body: Mapping[str, Any]) -> ProviderCall:
        return ProviderCall(
            provider=self._config.name,
            url=f"{self._config.url}/v1beta/models/{quote(order.model, safe='')}:{method}",
            headers=(*order.headers, ("x-goog-api-key", self._config.key), ("content-type", "application/json")),
            body=msgspec.json.encode(body),
            key=self._config.key,
            wire=Wire.GEMINI,
        )


def _is_whole(body: bytes) -> Whole:
    return read_embeddings(body) is not None, None
