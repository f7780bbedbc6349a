"""Calling a model: one target after the other until one answers, never more at once than they bear."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import cast
from uuid import UUID

from cairn.gateway.domain.calls import Chunk, Order
from cairn.gateway.domain.capabilities import Capability
from cairn.gateway.domain.failures import FailureCode, ProviderFailure, Untranslatable
from cairn.gateway.domain.messages import (
    Continued,
    Stopped,
    StreamPart,
    TextDelta,
    ThinkingDelta,
    ToolCallBegun,
    ToolCallDelta,
    Usage,
)
from cairn.gateway.domain.routing import Breaker, Health, Route, Standing, Target, order_targets
from cairn.gateway.ports import ProviderFactory
from cairn.gateway.usecases.affinity import chance_of
from cairn.gateway.usecases.capabilities import Needs, missing
from cairn.gateway.usecases.continuation import Seam, can_continue, continue_request
from cairn.gateway.usecases.providers import require_key
from cairn.kernel.errors import CairnError
from cairn.kernel.phrases import Phrase

CONCURRENT_MOST = 50
WAITING_MOST = 1_000
WAIT_S = 30.0
_TARGETS_KEPT = 10_000
# Before a target is asked again whose connection was refused or closed: not all callers at one moment.
_AGAIN_S = (0.01, 0.05)


class Outcome(StrEnum):
    """How an attempt to get a reply ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    FAILED_OVER = "failed_over"
    ABORTED = "aborted"


@dataclass(slots=True)
class Attempt:
    """One attempt at one target. `characters` counts what came, for when the provider does not count it."""

    target: Target
    begun_at: float
    outcome: Outcome = Outcome.ABORTED
    failure: ProviderFailure | None = None
    usage: Usage | None = None
    characters: int = 0
    whole: bool = False
    first_token_s: float | None = None
    duration_s: float = 0.0
    sent: bool = False
    # The provider speaks the caller's own format, so that raw bytes are passed on.
    native: bool = False
    # It goes on where the one before was cut.
    continued: bool = False
    # What it said, kept where another target may have to go on; a tool that was asked for cannot be gone on with.
    texts: list[str] | None = None
    asked_tool: bool = False
    # What came before the reply itself, and a chunk that is counted and not handed on yet.
    held: list[Chunk] = field(default_factory=list[Chunk])
    ready: Chunk | None = None
    # Where it goes on.
    seam: Seam | None = None

    def release(self, chunk: Chunk) -> Chunk | None:
        """Count a chunk; return what is to be handed on now.

        What comes before the reply itself is held back: until it begins another target can still take over.
        """
        parts = chunk.parts
        if (
            self.first_token_s is not None
            and self.texts is None
            and len(parts) == 1
            and isinstance(parts[0], TextDelta)
        ):
            # Nearly all chunks are a word and nothing else.
            self.characters += len(parts[0].text)
            return chunk
        self.take(chunk)
        if self.first_token_s is not None:
            return chunk
        self.held.append(chunk)
        if all(isinstance(part, Usage) for part in chunk.parts):
            return None
        self.first_token_s = time.monotonic() - self.begun_at
        ready = chunk if len(self.held) == 1 else _join(self.held)
        self.held.clear()
        return ready

    def take(self, chunk: Chunk) -> None:
        """Count what a chunk brought."""
        for part in chunk.parts:
            if isinstance(part, TextDelta):
                self.characters += len(part.text)
                if self.texts is not None and not self.continued:
                    self.texts.append(part.text)
            elif isinstance(part, ThinkingDelta):
                self.characters += len(part.text)
            elif isinstance(part, ToolCallDelta):
                self.characters += len(part.arguments)
            elif isinstance(part, ToolCallBegun):
                self.asked_tool = True
            elif isinstance(part, Usage):
                self.usage = part
            elif isinstance(part, Stopped):
                self.whole = True


@dataclass(slots=True)
class Call:
    """One call of a model. `attempts` are there while it runs, the last one the current one.

    What is not `streamed` is handed on when it is whole, so that another target can take over until then.
    """

    route: Route
    order: Callable[[Target, int | None], Order]
    streamed: bool = True
    # What is there of the reply from an earlier call that was cut; the rest is asked for.
    said: str = ""
    # Bounds the reply where its caller set no bound.
    output_tokens_most: int | None = None
    # Asked before another attempt where one before may be billed; it raises when nothing is left to pay for it.
    admit: Callable[[], Awaitable[None]] | None = None
    headers: Sequence[tuple[str, str]] = ()
    # What calls share whose prompts begin the same, so that they go to one target, whose cache has it.
    prefix: bytes | None = None
    # Of each target: what the call would cost there, and whether the model is large enough for it.
    prices: Sequence[float] = ()
    # What it asks for that not every model can do; targets that cannot are not asked.
    needs: Needs = field(default_factory=dict[Capability, str])
    fits: Sequence[bool] = ()
    # What a reply that was there already would have cost, in micro-dollars.
    saved_micros: int | None = None
    # Hands a chunk on where it arrives, if that can be done at once; else it is yielded.
    sink: Callable[[Chunk], bool] | None = None
    # What all its attempts cost, once it has ended.
    cost_micros: int = 0
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    # Its client has gone before the reply was whole.
    left: bool = False

    def leave(self) -> float:
        """Note that the client has gone; return for how many seconds the reply is read on, to be counted."""
        last = self.attempts[-1] if self.attempts else None
        self.left = last is None or not last.whole
        return last.target.provider.drain_s if last is not None and last.sent and not last.whole else 0.0

    @property
    def target(self) -> Target | None:
        """Where the reply comes from."""
        return self.attempts[-1].target if self.attempts else None


@dataclass(slots=True)
class _State:
    """What this process knows about one target."""

    breaker: Breaker
    permits: asyncio.Semaphore
    waiting: int = 0
    running: int = 0

    def leave(self) -> None:
        """Make room for another call."""
        self.running -= 1
        self.permits.release()


class Targets:
    """Health of every target in this process, and room for calls to it."""

    def __init__(
        self, *, concurrent_most: int = CONCURRENT_MOST, waiting_most: int = WAITING_MOST, wait_s: float = WAIT_S
    ) -> None:
        self._concurrent_most = concurrent_most
        self._waiting_most = waiting_most
        self._wait_s = wait_s
        self._states: dict[tuple[UUID, str], _State] = {}

    def breaker(self, target: Target) -> Breaker:
        """Return the breaker of a target."""
        return self._state(target).breaker

    def _state(self, target: Target) -> _State:
        state = self._states.get(target.key)
        if state is None:
            if len(self._states) >= _TARGETS_KEPT:
                # Targets of tenants long gone; one that is in use keeps its state alive by itself.
                self._states.pop(next(iter(self._states)))
            state = self._states[target.key] = _State(Breaker(), asyncio.Semaphore(self._concurrent_most))
        return state

    async def enter(self, target: Target) -> "_State":
        """Wait for room at a target, to be left. Raises `ProviderFailure` when too many wait, or it takes too long."""
        state = self._state(target)
        if not state.permits.locked():
            await state.permits.acquire()
        else:
            if state.waiting >= self._waiting_most:
                message = Phrase(
                    "provider_crowded",
                    "Too many requests wait for {name}. Try again in a minute, or choose another model.",
                    name=target.name,
                )
                raise ProviderFailure(FailureCode.QUEUE_FULL, message, retry_after_s=60.0)
            state.waiting += 1
            try:
                async with asyncio.timeout(self._wait_s):
                    await state.permits.acquire()
            except TimeoutError as error:
                message = Phrase(
                    "provider_busy",
                    "{name} was busy for too long. Try again in a minute, or choose another model.",
                    name=target.name,
                )
                raise ProviderFailure(FailureCode.QUEUE_FULL, message, retry_after_s=30.0) from error
            finally:
                state.waiting -= 1
        state.running += 1
        return state

    def look(self, target: Target, now: float) -> Health | None:
        """Return how a target does, or None when it has not been asked."""
        state = self._states.get(target.key)
        if state is None:
            return None
        breaker = state.breaker
        resting_s = max(0.0, breaker.open_until - now)
        return Health(
            target.name,
            resting_s,
            breaker.first_token_s,
            state.running,
            state.waiting,
            breaker.failures,
            breaker.last_failure,
        )

    def sort(self, call: Call) -> list[Target]:
        """Return the targets of a call in the order in which to try them."""
        route = call.route
        if len(route.targets) == 1:
            return list(route.targets)
        standings = [
            Standing(
                chance_of(call.prefix, target.key) if call.prefix else 1.0 - random.random(),  # noqa: S311 - no secret.
                self.breaker(target).first_token_s,
                call.prices[at] if call.prices else 0.0,
                fits=call.fits[at] if call.fits else True,
            )
            for at, target in enumerate(route.targets)
        ]
        return order_targets(route, standings)


class Dispatcher:
    """Calls models through a factory of providers."""

    def __init__(self, providers: ProviderFactory, targets: Targets) -> None:
        self._providers = providers
        self._targets = targets

    async def run(self, call: Call) -> AsyncGenerator[Chunk]:
        """Yield the reply of the first target that gives one.

        Nothing is yielded before a reply begins, so that another target can take over until then. A stream that is cut
        after that goes on from another target, with `Continued` where it does, if the request allows for it; else the
        failure is raised, as `ProviderFailure`. Raises what providers raise for an order that they cannot take.
        """
        targets = [target for target in self._targets.sort(call) if missing(call.needs, target) is None]
        if not targets:
            call.attempts.append(Attempt(call.route.targets[0], time.monotonic(), Outcome.FAILED))
            raise cast("Untranslatable", missing(call.needs, call.route.targets[0]))
        failures: list[CairnError] = []
        said = [call.said]
        for target, breaker in self._candidates(targets, failures):
            for retry in (True, False):
                attempt = Attempt(target, time.monotonic())
                try:
                    order = await _prepare(call, attempt, "".join(said))
                    async with aclosing(self._attempt(call, attempt, breaker, order)) as chunks:
                        async for chunk in chunks:
                            yield chunk
                except Untranslatable as error:
                    # This target cannot take the request; the next one may.
                    failures.append(error)
                    break
                except ProviderFailure as error:
                    failures.insert(0, error)
                    again = retry and error.failure is FailureCode.UNREACHABLE
                    if _is_final(call, error) or (target is targets[-1] and not again):
                        raise
                    attempt.outcome = Outcome.FAILED_OVER
                    said.extend(attempt.texts or ())
                    if not again:
                        break
                    await asyncio.sleep(random.uniform(*_AGAIN_S))  # noqa: S311 - no secret.
                else:
                    return
        raise _give_up(call, targets, failures)

    def _candidates(self, targets: Sequence[Target], failures: list[CairnError]) -> Generator[tuple[Target, Breaker]]:
        """Yield the targets that may be asked now, and note why the others may not."""
        for target in targets:
            breaker = self._targets.breaker(target)
            now = time.monotonic()
            if breaker.allows(now):
                yield target, breaker
            else:
                failures.append(_open(target, breaker.open_until - now))

    async def _attempt(self, call: Call, attempt: Attempt, breaker: Breaker, order: Order) -> AsyncGenerator[Chunk]:
        """Yield one target's reply, all at its end if it is not streamed, and note how it went."""
        told = False
        held: list[Chunk] = []
        try:
            require_key(attempt.target.provider)
            room = await self._targets.enter(attempt.target)
            try:
                provider = self._providers(attempt.target.provider)
                attempt.native = order.native is not None and order.native.wire in provider.wires
                attempt.sent = True
                async with aclosing(provider.stream(order)) as chunks:
                    async for chunk in chunks:
                        ready = chunk if chunk is attempt.ready else attempt.release(chunk)
                        if ready is None:
                            continue
                        if attempt.whole:
                            attempt.outcome = Outcome.COMPLETED
                            breaker.succeed(attempt.first_token_s)
                            told = True
                        if not call.streamed:
                            held.append(ready)
                        else:
                            yield ready if attempt.seam is None else _mark(attempt.seam, ready, attempt)
            finally:
                room.leave()
        except ProviderFailure as failure:
            attempt.outcome, attempt.failure, attempt.sent = Outcome.FAILED, failure, failure.sent
            if failure.failure is not FailureCode.QUEUE_FULL:
                breaker.fail(failure, time.monotonic(), 1.0 - random.random())  # noqa: S311 - no secret.
                told = True
            raise
        except CairnError:
            attempt.outcome, attempt.sent = Outcome.FAILED, False
            raise
        finally:
            attempt.duration_s = time.monotonic() - attempt.begun_at
            if not told:
                breaker.abandon()
        for chunk in held:
            yield chunk


def _is_final(call: Call, failure: ProviderFailure) -> bool:
    """Tell whether no other target may be asked: the request itself is at fault, or nobody can go on from here."""
    if not failure.elsewhere or call.left:
        return True
    attempt = call.attempts[-1]
    if not call.streamed or attempt.first_token_s is None:
        return False
    if attempt.asked_tool or not (attempt.continued or "".join(attempt.texts or ()).strip()):
        return True
    try:
        return not can_continue(call.order(attempt.target, call.output_tokens_most).chat())
    except CairnError:
        # What only its own vendor understands cannot be put to another.
        return True


def _give_up(call: Call, targets: Sequence[Target], failures: Sequence[CairnError]) -> CairnError:
    """Return the error of a call that no target took. A route has one, which failed or was left alone."""
    if not call.attempts and isinstance(failures[0], ProviderFailure):
        # Nobody was asked, which is written down as well.
        call.attempts.append(Attempt(targets[0], time.monotonic(), Outcome.FAILED, failures[0]))
    elif call.attempts and call.attempts[-1].outcome is Outcome.FAILED_OVER:
        # Nobody took over after all.
        call.attempts[-1].outcome = Outcome.FAILED
    return failures[0]


async def _prepare(call: Call, attempt: Attempt, said: str) -> Order:
    """Begin an attempt, which goes on from what was `said` by others before it, and return what it asks for."""
    if any(one.sent for one in call.attempts):
        await _admit(call)
    call.attempts.append(attempt)
    if call.streamed and len(call.route.targets) > 1:
        attempt.texts = []
    order = call.order(attempt.target, call.output_tokens_most)
    if call.headers:
        order = replace(order, headers=call.headers)
    if said:
        attempt.continued = True
        attempt.seam = Seam(said)
        return replace(order, native=None, chat=partial(continue_request, order.chat(), said))
    if call.streamed and call.sink is not None:
        order.sink = partial(_offer, attempt, call.sink)
    return order


async def _admit(call: Call) -> None:
    try:
        if call.admit is not None:
            await call.admit()
    except CairnError:
        # Nobody took over after all.
        call.attempts[-1].outcome = Outcome.FAILED
        raise


def _offer(attempt: Attempt, hand_on: Callable[[Chunk], bool], chunk: Chunk) -> Chunk | None:
    """Hand a chunk on where it arrived; return what has to be yielded instead, which is counted then."""
    ready = attempt.release(chunk)
    if ready is None or hand_on(ready):
        return None
    attempt.ready = ready
    return ready


def _mark(seam: Seam, chunk: Chunk, attempt: Attempt) -> Chunk:
    """Return a chunk of a continuation, without what repeats the text before; the first says who goes on."""
    parts: list[StreamPart] = []
    if not seam.begun:
        parts.append(Continued(attempt.target.name))
    for part in chunk.parts:
        if isinstance(part, TextDelta):
            text = seam.join(part.text)
        elif isinstance(part, Stopped):
            text = seam.end()
        else:
            text = ""
        if text:
            parts.append(TextDelta(text))
            attempt.texts = [*(attempt.texts or ()), text]
        if not isinstance(part, TextDelta):
            parts.append(part)
    seam.begun = True
    return Chunk(parts)


def _join(chunks: Sequence[Chunk]) -> Chunk:
    return Chunk([part for one in chunks for part in one.parts], b"".join(one.raw for one in chunks))


def _open(target: Target, wait_s: float) -> ProviderFailure:
    message = Phrase(
        "provider_rests",
        "{name} failed several times and is left alone for a moment. Choose another model, or try later.",
        name=target.name,
    )
    return ProviderFailure(FailureCode.BUSY, message, retry_after_s=max(1.0, wait_s))
