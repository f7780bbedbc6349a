"""The official SDKs accept the test providers: so the test providers speak the real wire formats."""

import anthropic
import openai
import pytest
from support.providers.scenarios import TEXT, WORDS
from support.providers.server import KEY, TestProviders

ASKED = [{"role": "user", "content": "Why Kafka?"}]


def anthropic_client(servers: TestProviders, key: str = KEY) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(api_key=key, base_url=servers.anthropic_url, max_retries=0)


def openai_client(servers: TestProviders, key: str = KEY) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key=key, base_url=servers.openai_url, max_retries=0)


async def test_anthropic_streams(servers: TestProviders) -> None:
    async with (
        anthropic_client(servers) as client,
        client.messages.stream(model="words", max_tokens=50, messages=ASKED, system="Be brief.") as stream,
    ):
        text = "".join([piece async for piece in stream.text_stream])
        message = await stream.get_final_message()
    assert text == TEXT
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens == len(WORDS)
    assert message.usage.input_tokens > 0


async def test_anthropic_answers_whole(servers: TestProviders) -> None:
    async with anthropic_client(servers) as client:
        message = await client.messages.create(model="length", max_tokens=50, messages=ASKED)
    assert message.content[0].text == TEXT
    assert message.stop_reason == "max_tokens"


async def test_openai_streams(servers: TestProviders) -> None:
    async with openai_client(servers) as client:
        stream = await client.chat.completions.create(
            model="words", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == len(WORDS)


async def test_openai_answers_whole(servers: TestProviders) -> None:
    async with openai_client(servers) as client:
        completion = await client.chat.completions.create(model="words", messages=ASKED)
    assert completion.choices[0].message.content == TEXT
    assert completion.usage is not None


@pytest.mark.parametrize(
    ("model", "key", "error"),
    [
        ("words", "wrong", anthropic.AuthenticationError),
        ("forbidden", KEY, anthropic.PermissionDeniedError),
        ("missing", KEY, anthropic.NotFoundError),
        ("refuses", KEY, anthropic.BadRequestError),
        ("busy", KEY, anthropic.RateLimitError),
        ("broken", KEY, anthropic.InternalServerError),
        ("overloaded", KEY, anthropic.InternalServerError),
    ],
)
async def test_anthropic_errors(servers: TestProviders, model: str, key: str, error: type[Exception]) -> None:
    async with anthropic_client(servers, key) as client:
        with pytest.raises(error) as caught:
            await client.messages.create(model=model, max_tokens=50, messages=ASKED)
    assert isinstance(caught.value, anthropic.APIStatusError)
    assert caught.value.body["error"]["message"]
    if model == "busy":
        assert caught.value.response.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("model", "key", "error"),
    [
        ("words", "wrong", openai.AuthenticationError),
        ("forbidden", KEY, openai.PermissionDeniedError),
        ("missing", KEY, openai.NotFoundError),
        ("refuses", KEY, openai.BadRequestError),
        ("busy", KEY, openai.RateLimitError),
        ("broken", KEY, openai.InternalServerError),
    ],
)
async def test_openai_errors(servers: TestProviders, model: str, key: str, error: type[Exception]) -> None:
    async with openai_client(servers, key) as client:
        with pytest.raises(error) as caught:
            await client.chat.completions.create(model=model, messages=ASKED)
    assert isinstance(caught.value, openai.APIStatusError)
    assert caught.value.body["message"]


async def test_openai_reports_an_error_inside_the_stream(servers: TestProviders) -> None:
    async with openai_client(servers) as client:
        stream = await client.chat.completions.create(model="fails-halfway", messages=ASKED, stream=True)
        with pytest.raises(openai.APIError, match="Overloaded"):
            _ = [chunk async for chunk in stream]


async def test_anthropic_reports_an_error_inside_the_stream(servers: TestProviders) -> None:
    async with anthropic_client(servers) as client:
        with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
            async with client.messages.stream(model="fails-halfway", max_tokens=50, messages=ASKED) as stream:
                _ = [piece async for piece in stream.text_stream]


async def test_the_servers_see_a_client_leave(servers: TestProviders) -> None:
    async with (
        anthropic_client(servers) as client,
        client.messages.stream(model="endless", max_tokens=50, messages=ASKED) as stream,
    ):
        await anext(aiter(stream.text_stream))
    call = await servers.wait_for_call()
    await call.ended.wait()
    assert call.client_left
