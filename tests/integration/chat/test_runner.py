"""The bounds of a generation: time, company, number, and a database that goes away."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

import pytest
from support.knowledge import fields_of
from support.tenants import create_tenant

from cairn.chat.domain.events import ChatEvent, Delta, Finished, FinishReason
from cairn.chat.ports import NewGeneration
from cairn.chat.runner.generations import (
    GenerationRunner,
    Interrupted,
    RunnerLimits,
    RunningGeneration,
    TooManyGenerations,
)
from cairn.chat.usecases.answers import begin_generation
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.kernel.errors import Unavailable
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database, DatabaseUrls
from cairn.platform.signals import SignalHub

LIMITS = RunnerLimits(flush_s=0.01, heartbeat_s=0.01)


class Bench:
    def __init__(self, database: Database, hub: SignalHub, caller: Caller) -> None:
        self.database = database
        self.hub = hub
        self.caller = caller
        self.runners: list[GenerationRunner] = []

    def runner(self, limits: RunnerLimits) -> GenerationRunner:
        self.runners.append(GenerationRunner(self.database, self.hub, limits))
        return self.runners[-1]

    async def start(self, runner: GenerationRunner, answer: AsyncGenerator[ChatEvent]) -> RunningGeneration:
        generation = NewGeneration(uuid7(), uuid7(), "Why?", "m", extracts_only=False)
        runner.check_room(self.caller)
        async with self.database.transaction(self.caller) as connection:
            await begin_generation(runner.store(connection), generation, new_conversation=True)
        return runner.start(self.caller, generation.id, answer)

    async def stored(self, runner: GenerationRunner, running: RunningGeneration) -> list[pb.GenerationEvent]:
        async with self.database.transaction(self.caller) as connection:
            events = await runner.store(connection).list_events([running.id], 0)
        return [pb.GenerationEvent.from_binary(body) for _, body in events]


@pytest.fixture
async def bench(database: Database, database_urls: DatabaseUrls) -> AsyncIterator[Bench]:
    async with SignalHub(database_urls.app) as hub:
        bench = Bench(database, hub, await create_tenant(database))
        yield bench
        for runner in bench.runners:
            await runner.close()


async def words_then_silence() -> AsyncGenerator[ChatEvent]:
    yield Delta("one ")
    yield Delta("two")
    await asyncio.Event().wait()


async def end_of(running: RunningGeneration) -> tuple[str, object]:
    return fields_of([event async for event in running.follow(0)][-1])


async def test_an_answer_that_nobody_follows_is_ended_after_its_grace(bench: Bench) -> None:
    runner = bench.runner(replace(LIMITS, grace_s=0.05))
    running = await bench.start(runner, words_then_silence())
    await running.settled.wait()
    kind, end = fields_of(running.events[-1])
    assert (kind, end.code) == ("failed", "abandoned")
    assert await bench.stored(runner, running) == running.events


async def test_an_answer_that_somebody_follows_is_not(bench: Bench) -> None:
    runner = bench.runner(replace(LIMITS, grace_s=0.0))
    released = asyncio.Event()

    async def slow() -> AsyncGenerator[ChatEvent]:
        yield Delta("one")
        await released.wait()
        yield Finished(FinishReason.COMPLETE)

    running = await bench.start(runner, slow())
    following = asyncio.create_task(end_of(running))
    heartbeats = 0
    async with bench.database.transaction(bench.caller) as connection:
        before = await connection.fetchval("select heartbeat_at from generation where id = $1", running.id)
    while heartbeats < 3:
        async with bench.database.transaction(bench.caller) as connection:
            now = await connection.fetchval("select heartbeat_at from generation where id = $1", running.id)
        heartbeats += now != before
        before = now
    released.set()
    kind, _ = await following
    assert kind == "finished"


async def test_an_answer_has_a_longest_duration(bench: Bench) -> None:
    running = await bench.start(bench.runner(replace(LIMITS, duration_most_s=0.05)), words_then_silence())
    kind, end = await end_of(running)
    assert (kind, end.code) == ("failed", "timeout")  # type: ignore[attr-defined]


async def test_a_failure_nobody_foresaw_ends_the_answer_and_logs_no_words(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    words = "canary" + " words of a person"

    async def broken() -> AsyncGenerator[ChatEvent]:
        yield Delta("one")
        raise RuntimeError(words)

    kind, end = await end_of(await bench.start(bench.runner(LIMITS), broken()))
    assert (kind, end.code) == ("failed", "internal")  # type: ignore[attr-defined]
    assert "RuntimeError" in caplog.text
    assert "canary words" not in caplog.text


async def test_an_answer_without_an_end_gets_one(bench: Bench) -> None:
    async def endless() -> AsyncGenerator[ChatEvent]:
        yield Delta("one")

    kind, _ = await end_of(await bench.start(bench.runner(LIMITS), endless()))
    assert kind == "failed"


async def test_a_person_has_so_many_answers_at_once(bench: Bench) -> None:
    runner = bench.runner(replace(LIMITS, running_most_person=2))
    first = await bench.start(runner, words_then_silence())
    await bench.start(runner, words_then_silence())
    with pytest.raises(TooManyGenerations):
        await bench.start(runner, words_then_silence())
    first.stop()
    await first.settled.wait()
    await bench.start(runner, words_then_silence())


async def test_stopping_before_the_first_word(bench: Bench) -> None:
    running = await bench.start(bench.runner(LIMITS), words_then_silence())
    running.stop()
    kind, end = await end_of(running)
    assert (kind, end.reason) == ("finished", pb.FinishReason.STOPPED)  # type: ignore[attr-defined]
    assert len(running.events) == 1


async def test_a_database_that_comes_back_loses_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = bench.runner(LIMITS)
    failures = iter([Unavailable("away"), OSError("away"), TimeoutError()])
    transaction = bench.database.transaction
    written_again = asyncio.Event()

    def flaky(*arguments: object, **named: object) -> object:
        error = next(failures, None)
        if isinstance(error, OSError | TimeoutError):
            raise error
        written_again.set()
        return transaction(*arguments, **named)  # type: ignore[arg-type]

    async def answer() -> AsyncGenerator[ChatEvent]:
        yield Delta("one")
        await written_again.wait()
        yield Finished(FinishReason.COMPLETE)

    running = await bench.start(runner, answer())
    monkeypatch.setattr(bench.database, "transaction", flaky)
    assert (await end_of(running))[0] == "finished"
    assert await bench.stored(runner, running) == running.events


async def test_a_database_that_stays_away_shows_nothing_that_is_not_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = bench.runner(replace(LIMITS, database_retries=2))
    running = await bench.start(runner, words_then_silence())

    def away(*_: object, **__: object) -> object:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(bench.database, "transaction", away)
        with pytest.raises(Interrupted):
            await anext(running.follow(0))
    assert await bench.stored(runner, running) == []
    assert runner.find(bench.caller, running.id) is None


async def test_what_another_process_took_up_is_written_by_that_one_alone(bench: Bench) -> None:
    runner = bench.runner(LIMITS)
    running = await bench.start(runner, words_then_silence())
    events = running.follow(0)
    before = [await anext(events), await anext(events)]
    async with bench.database.transaction(bench.caller) as connection:
        await connection.execute("update generation set heartbeat_at = '-infinity' where id = $1", running.id)
        term = await runner.store(connection).take_up(running.id)
        assert term == 1
        assert await runner.store(connection).take_up(running.id) is None
    # The process before learns it when it next says that it lives, and ends without a word.
    assert [event async for event in events] == []
    assert running.superseded
    assert await bench.stored(runner, running) == before


async def test_closing_leaves_what_runs_to_another_process_at_once(bench: Bench) -> None:
    runner = bench.runner(LIMITS)
    running = await bench.start(runner, words_then_silence())
    events = running.follow(0)
    before = [await anext(events), await anext(events)]
    await runner.close()
    with pytest.raises(Interrupted):
        await anext(events)
    with pytest.raises(Interrupted):
        runner.check_room(bench.caller)
    assert await bench.stored(runner, running) == before
    async with bench.database.transaction(bench.caller) as connection:
        assert await runner.store(connection).take_up(running.id) == 1


async def test_what_was_stopped_stays_stopped_when_its_process_ends(bench: Bench) -> None:
    runner = bench.runner(LIMITS)
    running = await bench.start(runner, words_then_silence())
    await anext(running.follow(0))
    running.stop()
    await runner.close()
    kind, end = fields_of((await bench.stored(runner, running))[-1])
    assert (kind, end.reason) == ("finished", pb.FinishReason.STOPPED)
