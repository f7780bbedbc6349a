"""`quotes` through the SDKs: the caller's own records, in all three formats, streamed and whole."""

from typing import Any

import anthropic
import openai
import pytest
from support.gateway import anthropic_client, openai_client
from support.knowledge import Knowledge

from cairn.platform.database import Database
from cairn.tenancy.api import ensure_local_owner

ASKED: Any = [{"role": "user", "content": "Why did we choose Kafka as the event bus?"}]
QUOTE = "because a consumer can read the log again from any position"

pytestmark = pytest.mark.usefixtures("knowledge")


async def test_it_is_listed(address: str) -> None:
    async with openai_client(address) as client:
        assert (await client.models.retrieve("quotes")).owned_by == "cairn"
    async with anthropic_client(address) as client:
        assert "quotes" in [model.id async for model in client.models.list()]


async def test_chat_completions(address: str) -> None:
    async with openai_client(address) as client:
        reply = await client.chat.completions.with_raw_response.create(model="quotes", messages=ASKED)
        stream = await client.chat.completions.create(model="quotes", messages=ASKED, stream=True)
        chunks = [chunk async for chunk in stream]
    text = reply.parse().choices[0].message.content
    assert text is not None
    assert QUOTE in text
    assert reply.headers["cairn-model"] == "cairn/quotes"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == text
    assert chunks[-1].choices[0].finish_reason == "stop"


async def test_responses(address: str) -> None:
    async with openai_client(address) as client:
        response = await client.responses.create(model="quotes", input=ASKED[0]["content"])
        async with client.responses.stream(model="quotes", input=ASKED[0]["content"]) as stream:
            streamed = await stream.get_final_response()
    assert QUOTE in response.output_text
    assert streamed.output_text == response.output_text


async def test_messages(address: str) -> None:
    async with anthropic_client(address) as client:
        message = await client.messages.create(model="quotes", max_tokens=500, messages=ASKED)
        async with client.messages.stream(model="quotes", max_tokens=500, messages=ASKED) as stream:
            streamed = await stream.get_final_message()
        short = await client.messages.create(model="quotes", max_tokens=10, messages=ASKED)
    assert QUOTE in message.content[0].text
    assert streamed.content[0].text == message.content[0].text
    assert short.stop_reason == "max_tokens"
    assert message.content[0].text.startswith(short.content[0].text)


async def test_a_follow_up_knows_what_it_follows(address: str) -> None:
    said: Any = [*ASKED, {"role": "assistant", "content": "Because."}, {"role": "user", "content": "And why?"}]
    async with openai_client(address) as client:
        reply = await client.chat.completions.create(model="quotes", messages=said)
    assert "Kafka" in (reply.choices[0].message.content or "")


async def test_what_quotes_cannot_do_is_refused(address: str) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    asked: list[dict[str, Any]] = [
        {"messages": ASKED, "response_format": {"type": "json_object"}},
        {"messages": ASKED, "tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "required"},
        {"messages": [{"role": "user", "content": [picture]}]},
        {"messages": [{"role": "user", "content": " "}]},
    ]
    async with openai_client(address) as client:
        for one in asked:
            with pytest.raises(openai.BadRequestError) as caught:
                await client.chat.completions.create(model="quotes", **one)
            assert caught.value.body["param"]
        with pytest.raises(openai.BadRequestError):
            await client.embeddings.create(model="quotes", input="a")
    async with anthropic_client(address) as client:
        with pytest.raises(anthropic.BadRequestError):
            await client.messages.create(model="quotes", max_tokens=10, messages=[])


async def test_it_is_written_down_and_costs_nothing(address: str, own_database: Database, knowledge: Knowledge) -> None:
    async with openai_client(address) as client:
        await client.chat.completions.create(model="quotes", messages=ASKED)
    owner = await ensure_local_owner(own_database)
    rows: list[Any] = []
    while not rows:
        async with own_database.transaction(owner) as connection:
            rows = await connection.fetch("select * from model_call where model = 'quotes'")
    assert [(row["outcome"], row["cost_micros"], row["estimated"]) for row in rows] == [("completed", 0, False)]
    assert knowledge.owner.person_id == rows[0]["person_id"]
