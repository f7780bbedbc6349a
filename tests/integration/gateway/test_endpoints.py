"""The official SDKs, unchanged, against Cairn: streams, whole replies, both formats over both kinds of provider."""

import asyncio
import base64
import json
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import anthropic
import openai
import pytest
from support.gateway import anthropic_client, openai_client, write_providers
from support.providers.scenarios import TEXT, WORDS, Scenario
from support.providers.server import TestProviders
from support.server import run_server
from support.tenants import create_tenant

from cairn.gateway.endpoints.asgi import Response
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import create_token

ASKED = [{"role": "user", "content": "Why Kafka?"}]
KINDS = ["claude", "gpt", "house", "gemini", "azure"]


@pytest.fixture
async def address(database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path) -> AsyncIterator[str]:
    write_providers(tmp_path, servers)
    async with run_server(database_urls, tmp_path) as address:
        yield address


async def gather_text(stream: Any, into: list[str]) -> None:
    async for chunk in stream:
        into.append(chunk.choices[0].delta.content or "")  # noqa: PERF401 - what came before a cut counts.


@pytest.mark.parametrize("kind", KINDS)
async def test_openai_streams(address: str, kind: str) -> None:
    async with openai_client(address) as client:
        stream = await client.chat.completions.create(
            model=f"{kind}/words", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == len(WORDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_openai_streams_no_usage_unless_asked(address: str, kind: str) -> None:
    async with openai_client(address) as client:
        stream = await client.chat.completions.create(model=f"{kind}/words", messages=ASKED, stream=True)
        chunks = [chunk async for chunk in stream]
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT


@pytest.mark.parametrize("kind", KINDS)
async def test_openai_answers_whole(address: str, kind: str) -> None:
    async with openai_client(address) as client:
        raw = await client.chat.completions.with_raw_response.create(model=f"{kind}/length", messages=ASKED)
    completion = raw.parse()
    assert completion.choices[0].message.content == TEXT
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage is not None
    assert completion.usage.completion_tokens > 0
    assert raw.headers["cairn-model"] == f"{kind}/length"
    assert raw.headers["cairn-attempts"] == "1"
    assert completion._request_id == raw.headers["x-request-id"]
    assert raw.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("kind", KINDS)
async def test_anthropic_streams(address: str, kind: str) -> None:
    async with (
        anthropic_client(address) as client,
        client.messages.stream(
            model=f"{kind}/words", max_tokens=50, messages=ASKED, system=[{"type": "text", "text": "Be brief."}]
        ) as stream,
    ):
        text = "".join([piece async for piece in stream.text_stream])
        message = await stream.get_final_message()
        assert stream.request_id is not None
    assert text == TEXT
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens == len(WORDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_anthropic_answers_whole(address: str, kind: str) -> None:
    async with anthropic_client(address) as client:
        message = await client.messages.create(model=f"{kind}/length", max_tokens=50, messages=ASKED)
    assert message.content[0].text == TEXT
    assert message.stop_reason == "max_tokens"
    assert message.usage.input_tokens > 0
    assert message._request_id is not None
    assert message._request_id.startswith("req_")


async def test_a_request_of_the_providers_own_format_is_passed_on_untouched(
    address: str, servers: TestProviders
) -> None:
    cached = {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    async with anthropic_client(address) as client:
        await client.messages.create(
            model="claude/words",
            max_tokens=50,
            messages=ASKED,
            system=[cached],
            extra_body={"unknown_to_us": {"a": [1.0, 2e3]}},
            extra_headers={"anthropic-beta": "something-2026"},
        )
    sent = servers.calls[0]
    assert sent.body["system"] == [cached]
    assert sent.body["unknown_to_us"] == {"a": [1.0, 2e3]}
    assert sent.body["model"] == "words"
    assert sent.headers["anthropic-beta"] == "something-2026"


ANTHROPIC_ERRORS = [
    ("missing", anthropic.NotFoundError),
    ("refuses", anthropic.BadRequestError),
    ("busy", anthropic.RateLimitError),
    ("broken", anthropic.InternalServerError),
    ("forbidden", anthropic.InternalServerError),
    ("html", anthropic.InternalServerError),
    ("cut-at-once", anthropic.InternalServerError),
]


@pytest.mark.parametrize("kind", ["claude", "gpt", "gemini"])
@pytest.mark.parametrize(("model", "error"), ANTHROPIC_ERRORS)
async def test_anthropic_errors(address: str, kind: str, model: str, error: type[Exception]) -> None:
    async with anthropic_client(address) as client:
        with pytest.raises(error) as caught:
            await client.messages.create(model=f"{kind}/{model}", max_tokens=50, messages=ASKED)
    assert isinstance(caught.value, anthropic.APIStatusError)
    assert caught.value.body["type"] == "error"
    assert caught.value.body["error"]["message"]
    assert caught.value.request_id is not None
    assert caught.value.response.headers.get("retry-after") == ("7" if model == "busy" else None)


OPENAI_ERRORS = [
    ("missing", openai.NotFoundError),
    ("refuses", openai.BadRequestError),
    ("busy", openai.RateLimitError),
    ("broken", openai.InternalServerError),
    ("forbidden", openai.InternalServerError),
    ("html", openai.InternalServerError),
    ("cut-at-once", openai.InternalServerError),
]


@pytest.mark.parametrize("kind", ["claude", "gpt", "gemini"])
@pytest.mark.parametrize(("model", "error"), OPENAI_ERRORS)
async def test_openai_errors(address: str, kind: str, model: str, error: type[Exception]) -> None:
    async with openai_client(address) as client:
        with pytest.raises(error) as caught:
            await client.chat.completions.create(model=f"{kind}/{model}", messages=ASKED)
    assert isinstance(caught.value, openai.APIStatusError)
    assert caught.value.body["message"]
    assert caught.value.request_id is not None
    assert caught.value.response.headers.get("retry-after") == ("7" if model == "busy" else None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", ["cut", "cut-cleanly", "fails-halfway"])
async def test_a_cut_stream_is_never_a_clean_end(address: str, kind: str, model: str) -> None:
    async with openai_client(address) as client:
        stream = await client.chat.completions.create(model=f"{kind}/{model}", messages=ASKED, stream=True)
        seen: list[str] = []
        with pytest.raises(openai.APIError, match=r"What it sent is kept|overloaded"):
            await gather_text(stream, seen)
    assert "".join(seen) == " ".join(WORDS[:5])
    async with anthropic_client(address) as client:
        with pytest.raises(anthropic.APIStatusError, match=r"What it sent is kept|overloaded"):
            async with client.messages.stream(model=f"{kind}/{model}", max_tokens=50, messages=ASKED) as stream:
                _ = [piece async for piece in stream.text_stream]


@pytest.mark.parametrize("kind", ["claude", "gpt"])
async def test_a_client_that_leaves_is_a_stop(address: str, servers: TestProviders, kind: str) -> None:
    async with openai_client(address) as client:
        stream = await client.chat.completions.create(model=f"{kind}/endless", messages=ASKED, stream=True)
        await anext(aiter(stream))
        call = await servers.wait_for_call()
        await call.begun.wait()
        left_at = asyncio.get_running_loop().time()
        await stream.close()
        await call.ended.wait()
        assert call.client_left
        assert asyncio.get_running_loop().time() - left_at < 1


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_a_client_that_reads_late_gets_every_word(
    address: str, servers: TestProviders, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    pieces = [f"{at}: {'word ' * 2_000}" for at in range(1_000)]
    servers.scenarios["words"] = Scenario(answer=lambda _: pieces)
    write, waits = Response.write, asyncio.Event()

    async def note(response: Response, *arguments: Any) -> None:
        # What cannot be written where it comes has to wait for the client.
        waits.set()
        await write(response, *arguments)

    monkeypatch.setattr(Response, "write", note)
    asked = {"model": "gpt/words", "max_tokens": 50, "stream": True, "messages": ASKED}
    async with aiohttp.ClientSession() as session, session.post(address + path, json=asked) as response:
        await waits.wait()
        said = [json.loads(line[6:]) for line in (await response.read()).splitlines() if line.startswith(b"data: {")]
    if path == "/v1/messages":
        text = "".join(one["delta"].get("text", "") for one in said if "delta" in one)
    else:
        text = "".join(choice["delta"].get("content") or "" for one in said for choice in one["choices"])
    assert text == "".join(pieces)


@pytest.mark.parametrize("kind", ["gpt", "house", "gemini"])
@pytest.mark.parametrize("encoding", ["float", "base64", None])
async def test_embeddings(address: str, kind: str, encoding: Any) -> None:
    asked: Any = {"encoding_format": encoding} if encoding else {}
    async with openai_client(address) as client:
        reply = await client.embeddings.create(model=f"{kind}/words", input=["one", "three"], **asked)
        one = await client.embeddings.create(model=f"{kind}/words", input="x")
    expected: Any = [[3.0, 0.5], [5.0, 0.5]]
    if encoding == "base64":
        assert [array("f", base64.b64decode(item.embedding)).tolist() for item in reply.data] == expected  # type: ignore[arg-type]
    else:
        assert [item.embedding for item in reply.data] == expected
    assert reply.usage.prompt_tokens > 0
    assert len(one.data) == 1


async def test_anthropic_has_no_embeddings(address: str) -> None:
    async with openai_client(address) as client:
        with pytest.raises(openai.BadRequestError, match="Embeddings cannot be passed on"):
            await client.embeddings.create(model="claude/words", input="x")


async def test_tokens_are_counted(address: str) -> None:
    async with anthropic_client(address) as client:
        exact = await client.messages.with_raw_response.count_tokens(model="claude/words", messages=ASKED)
        estimated = await client.messages.with_raw_response.count_tokens(model="gpt/words", messages=ASKED)
    assert (await exact.parse()).input_tokens == 10
    assert "cairn-estimated" not in exact.headers
    assert (await estimated.parse()).input_tokens > 0
    assert estimated.headers["cairn-estimated"] == "true"


async def test_models_are_listed_to_both(address: str) -> None:
    async with openai_client(address) as client:
        names = [model.id async for model in client.models.list()]
        assert "claude/words" in names
        assert (await client.models.retrieve("gpt/words")).owned_by == "gpt"
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("gpt/none")
    async with anthropic_client(address) as client:
        assert [model.id async for model in client.models.list()] == names
        assert (await client.models.retrieve("claude/words")).type == "model"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        (b"{not json", 400, None),
        (b"[]", 400, None),
        (b'{"messages": []}', 400, "model"),
        (b'{"model": 7, "messages": []}', 400, "model"),
        (b'{"model": "gpt/words", "stream": "yes", "messages": []}', 400, "stream"),
        (b'{"model": "claude/words", "messages": []}', 400, "messages"),
        (b'{"model": "claude/words", "messages": [{"role": "wizard", "content": "x"}]}', 400, "messages[0].role"),
        (b'{"model": "claude/words", "n": 3, "messages": [{"role": "user", "content": "x"}]}', 400, "n"),
        (b'{"model": "nobody/words", "messages": [{"role": "user", "content": "x"}]}', 404, "model"),
        (b"[" * 100_000, 400, None),
    ],
)
async def test_a_malformed_request_gets_openais_own_error(
    address: str, body: bytes, status: int, param: str | None
) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{address}/v1/chat/completions", data=body) as reply:
        said = await reply.json()
        assert reply.status == status
    assert said["error"]["param"] == param
    assert said["error"]["type"] == "invalid_request_error"
    assert said["error"]["message"]


async def test_a_malformed_request_gets_anthropics_own_error(address: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{address}/v1/messages", data=b'{"model": "gpt/words", "messages": []}') as reply:
            said = await reply.json()
            assert reply.status == 400
        async with session.post(f"{address}/v1/nothing", headers={"anthropic-version": "2026-10-21"}) as reply:
            assert reply.status == 404
            assert (await reply.json())["error"]["type"] == "not_found_error"
    assert said["type"] == "error"
    assert said["error"]["type"] == "invalid_request_error"
    assert "max_tokens" in said["error"]["message"]
    assert said["request_id"].startswith("req_")


async def test_a_request_has_a_bound(address: str) -> None:
    body = b'{"model": "gpt/words", "messages": "' + b"x" * (33 * 1024 * 1024) + b'"}'
    async with anthropic_client(address) as client:
        with pytest.raises(anthropic.APIStatusError) as caught:
            await client.messages.create(
                model="gpt/words", max_tokens=5, messages=[{"role": "user", "content": body.decode()}]
            )
    assert caught.value.status_code == 413
    assert caught.value.body["error"]["type"] == "request_too_large"


async def test_a_shared_server_wants_a_token(
    database: Database, database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path
) -> None:
    write_providers(tmp_path, servers)
    person = await create_tenant(database)
    token = await create_token(database, person, "SDK")
    async with run_server(database_urls, tmp_path, local=False) as address:
        for key in ("any", "cairn_" + "x" * 43):
            async with openai_client(address, key) as client:
                with pytest.raises(openai.AuthenticationError) as caught:
                    await client.chat.completions.create(model="gpt/words", messages=ASKED)
                assert caught.value.code == "invalid_api_key"
            async with anthropic_client(address, key) as client:
                with pytest.raises(anthropic.AuthenticationError):
                    await client.messages.create(model="gpt/words", max_tokens=5, messages=ASKED)
        assert servers.calls == []
        async with openai_client(address, token) as client:
            completion = await client.chat.completions.create(model="gpt/words", messages=ASKED)
        assert completion.choices[0].message.content == TEXT
        headers = {"x-api-key": token, "anthropic-version": "2026-10-21"}
        body = {"model": "gpt/words", "max_tokens": 5, "messages": ASKED}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{address}/v1/messages", json=body, headers=headers) as reply,
        ):
            assert (await reply.json())["content"][0]["text"] == TEXT
