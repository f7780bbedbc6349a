"""A language model of the gateway as the use cases know it."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from cairn.chat.ports import Looked, Tool, Writer, Written
from cairn.gateway.api import (
    ChatRequest,
    ChosenModel,
    Continued,
    FailureCode,
    Gateway,
    LoopPart,
    ProviderFailure,
    RunnableTool,
    StepEnded,
    Stopped,
    StopReason,
    TextDelta,
    ToolEnded,
    ToolLimits,
    ToolStarted,
    Usage,
    say,
)
from cairn.kernel.identity import Caller

LIMITS = ToolLimits(steps=6, seconds=300.0, calls=6, tool_seconds=10.0, result_characters=24_000)


def write_with(gateway: Gateway, caller: Caller, chosen: ChosenModel) -> Writer:
    """Return a writer that asks the chosen model, for the caller's money."""

    async def ask(
        system: str, messages: Sequence[tuple[str, str]], tools: Sequence[Tool], said: str
    ) -> AsyncGenerator[str | Looked | Written]:
        before = [say("user" if role == "user" else "assistant", text) for role, text in messages]
        offered = [RunnableTool(tool.name, tool.description, tool.schema, tool.run) for tool in tools]
        course = _Course()
        request = ChatRequest(chosen.name, system, before)
        stream = gateway.stream_with_tools(caller, chosen, request, offered, LIMITS, said=said)
        async with aclosing(stream) as parts:
            async for part in parts:
                if (told := course.take(part)) is not None:
                    yield told

    async def write(
        system: str, messages: Sequence[tuple[str, str]], tools: Sequence[Tool] = (), said: str = ""
    ) -> AsyncGenerator[str | Looked | Written]:
        begun = False
        try:
            async for part in ask(system, messages, tools if chosen.takes_tools and not said else (), said):
                begun = True
                yield part
        except ProviderFailure as failure:
            # A model that knows no tools says so before its first word; it can still answer from what was found.
            if begun or not tools or failure.failure is not FailureCode.REFUSED_REQUEST:
                raise
            async for part in ask(system, messages, (), said):
                yield part

    return write


@dataclass(slots=True)
class _Course:
    """How far a reply with tools is."""

    usage: Usage = field(default_factory=lambda: Usage(0, 0))
    cost_micros: int = 0
    wrote: bool = False
    arguments: dict[str, str] = field(default_factory=dict[str, str])

    def take(self, part: LoopPart) -> str | Looked | Written | None:
        """Return what a part of the stream means to a reader, if anything."""
        match part:
            case TextDelta():
                self.wrote = True
                return part.text
            case Continued():
                return Looked("continued", json.dumps({"by": part.by}), failed=False, elapsed_ms=0)
            case ToolStarted():
                self.arguments[part.id] = part.arguments
            case ToolEnded():
                return Looked(part.name, self.arguments.get(part.id, ""), part.failed, part.duration_ms)
            case StepEnded():
                # What was said before a tool is a thought of its own.
                thought, self.wrote = self.wrote and part.calls > 0, False
                self.cost_micros += part.cost_micros
                return "\n\n" if thought else None
            case Usage():
                self.usage = part
            case Stopped():
                reason = StopReason.COMPLETE if part.reason is StopReason.TOOL_CALLS else part.reason
                return Written(reason.value, self.usage.input_tokens, self.usage.output_tokens, self.cost_micros)
            case _:
                pass
        return None
