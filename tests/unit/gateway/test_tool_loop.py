"""The loop of tools, with a model that is played."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from cairn.gateway.domain.calls import Chunk
from cairn.gateway.domain.messages import (
    ChatRequest,
    Stopped,
    StopReason,
    StreamPart,
    TextDelta,
    ToolCallBegun,
    ToolCallDelta,
    ToolResult,
    Usage,
    say,
)
from cairn.gateway.domain.routing import Route
from cairn.gateway.domain.tools import (
    LoopPart,
    RunnableTool,
    StepEnded,
    ToolEnded,
    ToolLimits,
    ToolRefused,
    ToolsExhausted,
    ToolStarted,
)
from cairn.gateway.usecases.calls import Call
from cairn.gateway.usecases.tools import Toolbox, answer_with_tools

SCHEMA = {
    "type": "object",
    "properties": {"topic": {"type": "string"}, "most": {"type": "integer", "maximum": 5}},
    "required": ["topic"],
    "additionalProperties": False,
}
REQUEST = ChatRequest("m", "", [say("user", "Why Kafka?")])
Turn = Sequence[tuple[str, str]] | str


class Model:
    """Says one turn after the other: a text, or calls of tools. Each turn costs 100."""

    def __init__(self, *turns: Turn, after_last: Turn = "Because.", stop: StopReason | None = None) -> None:
        self.turns = list(turns)
        self.after_last = after_last
        self.stop = stop
        self.asked: list[ChatRequest] = []

    async def __call__(self, request: ChatRequest) -> tuple[Call, AsyncGenerator[Chunk]]:
        self.asked.append(request)
        turn = self.turns.pop(0) if self.turns else self.after_last
        call = Call(Route("m", ()), lambda *_: pytest.fail("not asked"))

        async def reply() -> AsyncGenerator[Chunk]:
            for part in self.parts(turn):
                yield Chunk((part,))
            call.cost_micros = 100

        return call, reply()

    def parts(self, turn: Turn) -> list[StreamPart]:
        usage = Usage(10, 5)
        if isinstance(turn, str):
            return [TextDelta(turn), usage, Stopped(self.stop or StopReason.COMPLETE)]
        parts: list[StreamPart] = [TextDelta("Let me see.")]
        for number, (name, arguments) in enumerate(turn):
            parts += [ToolCallBegun(number, f"call_{number}", name), ToolCallDelta(number, arguments)]
        return [*parts, usage, Stopped(self.stop or StopReason.TOOL_CALLS)]


def tool(run: Callable[..., Any], name: str = "find") -> RunnableTool:
    return RunnableTool(name, "Find records.", SCHEMA, run)


async def find(arguments: Mapping[str, Any]) -> str:
    return f"Found {arguments['topic']}."


async def play(model: Model, *tools: RunnableTool, limits: ToolLimits | None = None) -> list[LoopPart]:
    loop = answer_with_tools(model, REQUEST, Toolbox(tools or (tool(find),)), limits or ToolLimits())
    async with aclosing(loop) as parts:
        return [part async for part in parts]


def ends(parts: Sequence[LoopPart]) -> list[ToolEnded]:
    return [part for part in parts if isinstance(part, ToolEnded)]


async def test_the_model_gets_what_its_tools_found() -> None:
    model = Model([("find", '{"topic": "Kafka"}')])
    parts = await play(model)
    before, after = [TextDelta, StepEnded, ToolStarted, ToolEnded], [TextDelta, StepEnded, Usage, Stopped]
    assert [type(part) for part in parts] == before + after
    assert parts[-2] == Usage(20, 10)
    assert parts[-1] == Stopped(StopReason.COMPLETE)
    assert [(end.result, end.failed) for end in ends(parts)] == [("Found Kafka.", False)]
    assert [one.name for one in model.asked[0].tools] == ["find"]
    asked, answered = model.asked[1].messages[-2:]
    assert asked.role == "assistant"
    assert asked.text == "Let me see."
    assert answered.role == "user"
    assert [part.id for part in answered.parts if isinstance(part, ToolResult)] == ["call_0"]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("find", '{"topic": 3}', "at topic"),
        ("find", '{"topic": "a", "most": 9}', "maximum"),
        ("find", '{"topic": "a", "all": true}', "all"),
        ("find", "{}", "topic"),
        ("find", "[]", "object"),
        ("find", "{not json", "not JSON"),
        ("find", "[" * 100_000, "not JSON"),
        ("search", "{}", "There are: find"),
    ],
)
async def test_wrong_arguments_are_told_to_the_model(name: str, arguments: str, told: str) -> None:
    ran: list[Any] = []

    async def run(arguments: Mapping[str, Any]) -> str:
        ran.append(arguments)
        return ""

    model = Model([(name, arguments)])
    parts = await play(model, tool(run))
    (end,) = ends(parts)
    assert end.failed
    assert told in end.result
    assert not ran
    (result,) = model.asked[1].messages[-1].parts
    assert isinstance(result, ToolResult)
    assert result.failed


async def test_an_error_of_a_tool_is_told_to_the_model() -> None:
    async def run(_: Mapping[str, Any]) -> str:
        raise ToolRefused("There is no record 7. Ask for another.")

    (end,) = ends(await play(Model([("find", '{"topic": "a"}')]), tool(run)))
    assert end.failed
    assert end.result == "There is no record 7. Ask for another."


async def test_a_fault_of_ours_is_not_hidden() -> None:
    async def run(_: Mapping[str, Any]) -> str:
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        await play(Model([("find", '{"topic": "a"}')]), tool(run))


async def test_calls_of_one_step_run_together_and_are_answered_in_order() -> None:
    both = asyncio.Barrier(2)

    async def run(arguments: Mapping[str, Any]) -> str:
        await both.wait()
        return str(arguments["topic"])

    model = Model([("find", '{"topic": "a"}'), ("find", '{"topic": "b"}')])
    parts = await play(model, tool(run))
    assert sorted(end.result for end in ends(parts)) == ["a", "b"]
    results = [part for part in model.asked[1].messages[-1].parts if isinstance(part, ToolResult)]
    assert [result.id for result in results] == ["call_0", "call_1"]


async def test_the_last_step_is_asked_to_answer() -> None:
    model = Model(after_last=[("find", '{"topic": "a"}')])
    parts = await play(model, limits=ToolLimits(steps=3))
    assert len(model.asked) == 3
    assert model.asked[1].tool_choice is None
    assert model.asked[2].tool_choice is not None
    assert model.asked[2].tool_choice.mode == "none"
    assert isinstance(parts[-1], Stopped)


async def test_money_ends_the_steps() -> None:
    model = Model(after_last=[("find", '{"topic": "a"}')])
    parts = await play(model, limits=ToolLimits(cost_micros=250))
    # After 200 another step could pass 250, so that the second was the last.
    assert sum(part.cost_micros for part in parts if isinstance(part, StepEnded)) == 200
    with pytest.raises(ToolsExhausted, match="cost"):
        await play(Model(after_last=[("find", '{"topic": "a"}')]), limits=ToolLimits(cost_micros=100))


async def test_time_ends_a_tool_and_the_reply() -> None:
    stopped = asyncio.Event()

    async def run(_: Mapping[str, Any]) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return ""

    call = [("find", '{"topic": "a"}')]
    (end,) = ends(await play(Model(call), tool(run), limits=ToolLimits(tool_seconds=0.01)))
    assert end.failed
    assert "longer" in end.result
    stopped.clear()
    with pytest.raises(ToolsExhausted, match="longer"):
        await play(Model(call), tool(run), limits=ToolLimits(seconds=0.01))
    assert stopped.is_set()


async def test_a_reader_who_leaves_ends_the_tools() -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def run(_: Mapping[str, Any]) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return ""

    async def read() -> None:
        await play(Model([("find", '{"topic": "a"}')]), tool(run))

    reading = asyncio.create_task(read())
    await begun.wait()
    reading.cancel()
    await asyncio.wait({reading})
    assert stopped.is_set()


async def test_what_is_too_much_is_cut_and_said() -> None:
    async def run(_: Mapping[str, Any]) -> str:
        return "x" * 1_000

    calls = [("find", json.dumps({"topic": str(number)})) for number in range(5)]
    got = ends(await play(Model(calls), tool(run), limits=ToolLimits(calls=4, result_characters=200)))
    assert {len(end.result) for end in got if not end.failed} == {200}
    assert [end.id for end in got if end.failed] == ["call_4"]


async def test_a_call_that_the_length_limit_cut_is_not_run() -> None:
    model = Model([("find", '{"topic": "Kaf')], stop=StopReason.LENGTH)
    parts = await play(model)
    assert not ends(parts)
    assert parts[-1] == Stopped(StopReason.LENGTH)


def test_a_schema_must_be_one_and_leads_nowhere() -> None:
    with pytest.raises(ValueError, match="one name"):
        Toolbox([tool(find), tool(find)])
    with pytest.raises(ValueError, match="bogus"):
        Toolbox([RunnableTool("find", "", {"type": "bogus"}, find)])
    with pytest.raises(ValueError, match="http"):
        Toolbox([RunnableTool("find", "", {"$ref": "http://127.0.0.1:9/schema"}, find)])
