"""Tools that a model may use while it writes one reply, and what happens on the way."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cairn.gateway.domain.messages import JsonObject, StreamPart, Usage
from cairn.kernel.errors import CairnError, Code, InvalidArgument


@dataclass(frozen=True, slots=True)
class RunnableTool:
    """A function of ours that a model may call.

    `schema` is the JSON schema of its arguments, an object. `run` gets arguments that obey it and returns what the
    model reads; a `CairnError` that it raises is told to the model, which can then do something else. Several may run
    at once.
    """

    name: str
    description: str
    schema: JsonObject
    run: Callable[[Mapping[str, Any]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """Bounds of one reply with tools.

    `steps`: how often the model is asked; the last time it is to answer without tools. `seconds`: for everything.
    `cost_micros`: a step begins only while less is spent; None leaves it to the caller's budget. `calls`: tools asked
    for in one step, of which `at_once` run together, each for up to `tool_seconds`. `result_characters`: what the model
    reads of one result.
    """

    steps: int = 8
    seconds: float = 120.0
    cost_micros: int | None = None
    calls: int = 16
    at_once: int = 4
    tool_seconds: float = 30.0
    result_characters: int = 40_000


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins to run. `arguments` are as the model wrote them, which may be no JSON."""

    step: int
    id: str
    name: str
    arguments: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """A tool has run, or could not: then `failed`, and `result` is the error that the model reads."""

    step: int
    id: str
    name: str
    failed: bool
    result: str = field(repr=False)
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class StepEnded:
    """The model has been asked once. With `calls` the text of this step was no answer yet, and another step follows."""

    step: int
    calls: int
    usage: Usage
    cost_micros: int


LoopPart: TypeAlias = StreamPart | ToolStarted | ToolEnded | StepEnded


class ToolsExhausted(CairnError):
    """A reply with tools took more time or money than it may."""

    code = Code.RESOURCE_EXHAUSTED


class ToolRefused(InvalidArgument):
    """A tool cannot do what it was asked. The message tells the model what to do instead."""
