"""The server: both wire formats on one loopback port, and a record of every call."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from support.providers.counting import count, embed, embed_gemini
from support.providers.gemini import GeminiWire
from support.providers.responses import ResponsesWire
from support.providers.scenarios import SCENARIOS, Asked, Scenario
from support.providers.wire import AnthropicWire, AzureWire, InvalidRequest, OpenAIWire, Wire

KEY = "sk-test-0123456789"


@dataclass
class Call:
    """One request. Times are `time.monotonic()` in seconds, which other processes of the machine share."""

    path: str
    model: str
    body: dict[str, Any] = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    received_at: float = 0.0
    first_token_at: float = 0.0
    ended_at: float = 0.0
    pieces: int = 0
    whole: bool = False
    # Set when the answer has ended, or when the client left.
    ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    # The same, for a test whose thread runs no loop.
    over: threading.Event = field(default_factory=threading.Event, repr=False)
    # Set when the first token has been sent.
    begun: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def count_piece(self) -> None:
        self.first_token_at = self.first_token_at or time.monotonic()
        self.pieces += 1

    @property
    def client_left(self) -> bool:
        return self.ended.is_set() and not self.whole


class TestProviders:
    """Both providers. `base` is the address without a path."""

    __test__ = False

    def __init__(self) -> None:
        self.base = ""
        self.calls: list[Call] = []
        self.scenarios: dict[str, Scenario] = dict(SCENARIOS)
        self.called = asyncio.Condition()
        # Where each connection that was used came from.
        self.connections: set[object] = set()

    @property
    def anthropic_url(self) -> str:
        return self.base

    @property
    def openai_url(self) -> str:
        return f"{self.base}/v1"

    async def wait_for_call(self, count: int = 1) -> Call:
        """Wait until `count` calls have come, and return the last of them."""
        async with self.called:
            await self.called.wait_for(lambda: len(self.calls) >= count)
        return self.calls[count - 1]

    def application(self) -> web.Application:
        application = web.Application(client_max_size=16 * 1024 * 1024)
        for wire in (AnthropicWire(), OpenAIWire(), AzureWire(), GeminiWire(), ResponsesWire()):
            application.router.add_post(wire.path, self._handler(wire))
        application.router.add_post("/v1/messages/count_tokens", count)
        application.router.add_post("/v1/embeddings", embed)
        application.router.add_post("/v1beta/models/{model}:batchEmbedContents", embed_gemini)
        application.router.add_get("/_calls", self._list_calls)
        return application

    def _handler(self, wire: Wire) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answer(wire, request)

        return handle

    async def _list_calls(self, _: web.Request) -> web.Response:
        names = ("path", "model", "received_at", "first_token_at", "ended_at", "pieces", "whole")
        return web.json_response([{name: getattr(call, name) for name in names} for call in self.calls])

    async def _answer(self, wire: Wire, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if request.transport is not None:
            self.connections.add(request.transport.get_extra_info("peername"))
        model = request.match_info.get("model") or str(body.get("model", ""))
        call = Call(request.path, model, body, dict(request.headers), received_at=time.monotonic())
        async with self.called:
            self.calls.append(call)
            self.called.notify_all()
        try:
            return await self._play(wire, request, call)
        finally:
            scenario = self.scenarios.get(model)
            if scenario is not None and scenario.closes_after and request.transport is not None:
                asyncio.get_running_loop().call_soon(request.transport.close)
            call.ended_at = time.monotonic()
            call.ended.set()
            call.over.set()

    async def _play(self, wire: Wire, request: web.Request, call: Call) -> web.StreamResponse:
        scenario = self.scenarios.get(call.model)
        if refusal := self._refuse(wire, request, call, scenario):
            return refusal
        assert scenario is not None
        try:
            asked = wire.read(request.headers, call.body)
            if scenario.calls and asked.has_results:
                scenario = replace(scenario, calls=())
            elif scenario.calls:
                scenario = replace(scenario, answer=lambda _: ["Let me see."], stop="tool_calls")
        except InvalidRequest as error:
            return self._error(wire, call, 400, "invalid_request_error", str(error))
        if not call.body.get("stream") and not isinstance(wire, GeminiWire):
            if scenario.cut_after is not None or scenario.error_after is not None or scenario.gap_s > 1:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            if scenario.raw is not None:
                return web.Response(body=b"".join(scenario.raw), content_type=scenario.content_type)
            call.whole = True
            return web.json_response(wire.whole(call.model, "".join(scenario.answer(asked)), scenario, asked))
        return await self._stream(wire, request, call, scenario, asked)

    def _refuse(self, wire: Wire, request: web.Request, call: Call, scenario: Scenario | None) -> web.Response | None:
        if wire.key(request.headers) != KEY:
            message = f"Incorrect API key provided: {wire.key(request.headers)}."
            return self._error(wire, call, 401, "authentication_error", message)
        if scenario is None:
            return self._error(wire, call, 404, "not_found_error", f"model: {call.model}")
        if scenario.hangs_up:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if scenario.location:
            return web.Response(status=scenario.status, headers={"Location": scenario.location})
        if scenario.status != 200:
            return self._error(wire, call, scenario.status, scenario.error_type, scenario.error_message)
        return None

    async def _stream(
        self, wire: Wire, request: web.Request, call: Call, scenario: Scenario, asked: Asked
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": scenario.content_type, "Cache-Control": "no-cache"})
        await response.prepare(request)
        if scenario.raw is not None:
            for chunk in scenario.raw:
                await response.write(chunk)
        else:
            await response.write(wire.begin(call.model, asked))
            await asyncio.sleep(scenario.first_token_s)
            async for chunk in self._pieces(wire, call, scenario, asked):
                if chunk is None:
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                await self._write(response, chunk, scenario)
                call.begun.set()
        await response.write_eof()
        call.whole = scenario.cut_after is None
        return response

    async def _write(self, response: web.StreamResponse, chunk: bytes, scenario: Scenario) -> None:
        if scenario.byte_gap_s is None:
            await response.write(chunk)
            return
        for at in range(len(chunk)):
            await response.write(chunk[at : at + 1])
            await asyncio.sleep(scenario.byte_gap_s)

    async def _pieces(self, wire: Wire, call: Call, scenario: Scenario, asked: Asked) -> AsyncIterator[bytes | None]:
        """Yield what to write; None says that the connection breaks here."""
        pieces = scenario.answer(asked)
        due = asyncio.get_running_loop().time()
        for at, piece in enumerate(pieces):
            if scenario.error_after == at:
                yield wire.failure(scenario.error_type, scenario.error_message)
                return
            if scenario.cut_after == at:
                if not scenario.cut_cleanly:
                    yield None
                return
            if at and scenario.gap_s:
                due += scenario.gap_s
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            call.count_piece()
            yield wire.piece(call.model, piece)
        if scenario.calls:
            yield wire.calls(call.model, scenario.calls)
        if scenario.cut_calls:
            yield None
        for _ in range(2 if scenario.repeats_end else 1):
            for chunk in wire.end(call.model, scenario, asked, len(pieces) * scenario.miscounts):
                yield chunk

    def _error(self, wire: Wire, call: Call, status: int, kind: str, message: str) -> web.Response:
        call.whole = True
        scenario = self.scenarios.get(call.model)
        headers: dict[str, str] = {}
        if scenario and scenario.retry_after_s is not None:
            headers["Retry-After"] = str(scenario.retry_after_s)
        return web.json_response(wire.error(kind, message), status=status, headers=headers)


@asynccontextmanager
async def run_test_providers(port: int = 0) -> AsyncIterator[TestProviders]:
    """Serve both providers on loopback until the block ends."""
    providers = TestProviders()
    # Cancelling the handler is how the server learns that its client left.
    runner = web.AppRunner(providers.application(), handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    providers.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield providers
    finally:
        await runner.cleanup()
