"""A reply with tools: the model asks for them, we run them and tell it, until it answers, all within bounds."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, cast

import jsonschema_rs

from cairn.gateway.domain.calls import Chunk
from cairn.gateway.domain.messages import (
    ChatRequest,
    Continued,
    Message,
    Part,
    Reply,
    StopReason,
    Text,
    TextDelta,
    ThinkingDelta,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Usage,
)
from cairn.gateway.domain.tools import (
    LoopPart,
    RunnableTool,
    StepEnded,
    ToolEnded,
    ToolLimits,
    ToolsExhausted,
    ToolStarted,
)
from cairn.gateway.usecases.calls import Call
from cairn.kernel.errors import CairnError

_ERRORS_TOLD = 5
_ERROR_CHARACTERS_MOST = 200
_CUT = "\n[The rest is left out: the result is too long. Ask for less.]"

Ask = Callable[[ChatRequest], Awaitable[tuple[Call, AsyncGenerator[Chunk]]]]


class _Refused(Exception):
    """A call that is not run; its text goes to the model."""


class Toolbox:
    """Tools with their schemas compiled. Raises `ValueError` for a schema that is none, and for a name twice."""

    def __init__(self, tools: Sequence[RunnableTool]) -> None:
        self._tools = {tool.name: tool for tool in tools}
        if len(self._tools) < len(tools):
            raise ValueError("Two tools have one name.")
        # Offline: a schema that points elsewhere must not make the server go there.
        self._validators = {tool.name: jsonschema_rs.validator_for(dict(tool.schema), offline=True) for tool in tools}

    @property
    def offered(self) -> list[Tool]:
        """The tools as the model is told of them."""
        return [Tool(tool.name, tool.description, tool.schema) for tool in self._tools.values()]

    async def run(self, call: ToolCall, limits: ToolLimits) -> tuple[str, bool]:
        """Return what the model is to read, and whether it is an error."""
        try:
            tool, arguments = self._check(call)
            async with asyncio.timeout(limits.tool_seconds):
                result = await tool.run(arguments)
        except _Refused as refused:
            return str(refused), True
        except CairnError as error:
            return str(error.message), True
        except TimeoutError:
            return f"The tool took longer than {limits.tool_seconds:g} seconds. Ask it for less.", True
        if len(result) > limits.result_characters:
            result = result[: max(0, limits.result_characters - len(_CUT))] + _CUT
        return result, False

    def _check(self, call: ToolCall) -> tuple[RunnableTool, Mapping[str, Any]]:
        tool = self._tools.get(call.name)
        if tool is None:
            names = ", ".join(self._tools)
            raise _Refused(f"There is no tool {call.name[:100]!r}. There are: {names}.")
        try:
            arguments = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError) as error:
            raise _Refused("The arguments are not JSON. Write one JSON object that obeys the tool's schema.") from error
        errors = [_describe(error) for error in self._validators[call.name].iter_errors(arguments)]
        if errors or not isinstance(arguments, dict):
            told = "; ".join(errors[:_ERRORS_TOLD]) or "they are not an object"
            raise _Refused(f"The arguments do not obey the tool's schema: {told}. Correct them and call again.")
        return tool, cast("Mapping[str, Any]", arguments)


def _describe(error: jsonschema_rs.ValidationError) -> str:
    place = "/".join(str(one) for one in error.instance_path)
    return f"{f'at {place}: ' if place else ''}{error.message[:_ERROR_CHARACTERS_MOST]}"


@dataclass(slots=True)
class _Step:
    """One turn of the model."""

    number: int
    reply: Reply = field(default_factory=Reply)
    cost_micros: int = 0

    @property
    def calls(self) -> list[ToolCall]:
        # A call that the length limit cut is not to be run.
        whole = self.reply.stopped is not None and self.reply.stopped.reason is StopReason.TOOL_CALLS
        return self.reply.tool_calls if whole else []


async def answer_with_tools(
    ask: Ask, request: ChatRequest, toolbox: Toolbox, limits: ToolLimits
) -> AsyncGenerator[LoopPart]:
    """Yield the texts of a reply and every step on its way, the usage of all steps and `Stopped` at its end.

    The last step, by number or by money, is asked to answer without tools. Raises what `ask` and its reply raise, and
    `ToolsExhausted`. Closing it ends the call and the tools that run.
    """
    deadline = time.monotonic() + limits.seconds
    messages = list(request.messages)
    spent = 0
    dearest = 0
    usages: list[Usage] = []
    for number in range(1, limits.steps + 1):
        # A step costs at least what the dearest before it did: it reads all that came so far.
        last = number == limits.steps or (limits.cost_micros is not None and spent + 2 * dearest > limits.cost_micros)
        choice = ToolChoice("none") if last else request.tool_choice if number == 1 else None
        asked = replace(request, messages=tuple(messages), tools=tuple(toolbox.offered), tool_choice=choice)
        step = _Step(number)
        async with aclosing(_say(ask, asked, step, deadline)) as parts:
            async for part in parts:
                yield part
        usage = step.reply.usage or Usage(0, 0)
        usages.append(usage)
        spent += step.cost_micros
        dearest = max(dearest, step.cost_micros)
        calls = [] if last else step.calls
        yield StepEnded(number, len(calls), usage, step.cost_micros)
        if not calls:
            yield add_up(usages)
            assert step.reply.stopped is not None  # noqa: S101 - a reply that ends without it raises.
            yield step.reply.stopped
            return
        if limits.cost_micros is not None and spent >= limits.cost_micros:
            raise ToolsExhausted("The answer cost as much as it may before it was whole. Ask for less at once.")
        results: dict[str, ToolResult] = {}
        async with aclosing(_run_calls(toolbox, calls, number, limits, deadline)) as events:
            async for event in events:
                if isinstance(event, ToolEnded):
                    results[event.id] = ToolResult(event.id, (Text(event.result),), failed=event.failed)
                yield event
        said: list[Part] = [Text(step.reply.text)] if step.reply.text else []
        messages.append(Message("assistant", (*said, *calls)))
        messages.append(Message("user", tuple(results[call.id] for call in calls)))


async def _say(ask: Ask, request: ChatRequest, step: _Step, deadline: float) -> AsyncGenerator[LoopPart]:
    """Yield the texts of one turn, and note all of it in `step`."""
    call, chunks = await ask(request)
    async with aclosing(chunks):
        while True:
            try:
                async with asyncio.timeout_at(_loop_time(deadline)):
                    chunk = await anext(chunks, None)
            except TimeoutError as error:
                raise _too_slow() from error
            if chunk is None:
                break
            for part in chunk.parts:
                step.reply.add(part)
                if isinstance(part, TextDelta | ThinkingDelta | Continued):
                    yield part
    step.cost_micros = call.cost_micros
    for number, one in enumerate(step.reply.tool_calls):
        # Results are told apart by id, which some servers leave out or repeat.
        if not one.id or any(other.id == one.id for other in step.reply.tool_calls[:number]):
            step.reply.tool_calls[number] = replace(one, id=f"call_{step.number}_{number}")


async def _run_calls(
    toolbox: Toolbox, calls: Sequence[ToolCall], step: int, limits: ToolLimits, deadline: float
) -> AsyncGenerator[ToolStarted | ToolEnded]:
    """Run the calls of one step, several at once, and yield each end as it comes."""
    room = asyncio.Semaphore(limits.at_once)

    async def run(number: int, call: ToolCall) -> ToolEnded:
        if number >= limits.calls:
            message = f"Not run: up to {limits.calls} calls are run in one step. Call again if you still need it."
            return ToolEnded(step, call.id, call.name, failed=True, result=message)
        async with room:
            begun = time.perf_counter()
            result, failed = await toolbox.run(call, limits)
            took_ms = round((time.perf_counter() - begun) * 1000)
            return ToolEnded(step, call.id, call.name, failed=failed, result=result, duration_ms=took_ms)

    for call in calls:
        yield ToolStarted(step, call.id, call.name, call.arguments)
    tasks = [asyncio.ensure_future(run(number, call)) for number, call in enumerate(calls)]
    try:
        waiting = set(tasks)
        while waiting:
            rest = max(0.0, deadline - time.monotonic())
            done, waiting = await asyncio.wait(waiting, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                raise _too_slow()
            for task in (task for task in tasks if task in done):
                yield task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def add_up(usages: Sequence[Usage]) -> Usage:
    """Return the usage of several calls together."""
    return Usage(
        sum(usage.input_tokens for usage in usages),
        sum(usage.output_tokens for usage in usages),
        sum(usage.cached_input_tokens for usage in usages),
        sum(usage.cache_write_tokens for usage in usages),
        sum(usage.thinking_tokens for usage in usages),
    )


def _loop_time(deadline: float) -> float:
    return asyncio.get_running_loop().time() + deadline - time.monotonic()


def _too_slow() -> ToolsExhausted:
    return ToolsExhausted("The answer took longer than it may. What was written is kept. Ask for less at once.")
