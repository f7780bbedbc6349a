"""One answer from its question to its end: search in one transaction, then write without one."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from uuid import UUID

from cairn.chat.domain.days import find_day
from cairn.chat.domain.events import Begun, ChatEvent, Started, Step
from cairn.chat.domain.phrases import phrases_in
from cairn.chat.domain.prompt import PastTurn
from cairn.chat.domain.quotes import answer_with_extracts
from cairn.chat.domain.sources import Findings, Source
from cairn.chat.formats.events import add_up, cited_in, decode_event, read_begun
from cairn.chat.ports import ConversationStore, Desk, Library, NewGeneration, StoredGeneration
from cairn.chat.runner.writers import write_with
from cairn.chat.usecases.answers import (
    AnswerChanged,
    answer_with_model,
    branch_of,
    finish_extracts,
    put_cited_first,
)
from cairn.gateway.api import ChosenModel, Gateway
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.kernel.identity import Caller
from cairn.platform.database import Connection, Database

_TURNS_READ = 6
_TURNS_MOST = 200
_FOLLOW_UP_WORDS_MOST = 6


@dataclass(frozen=True, slots=True)
class _Ground:
    """What an answer stands on: the question with its day, what was found for it, and what was said before."""

    generation: NewGeneration
    findings: Findings
    history: Sequence[PastTurn]


@dataclass(frozen=True, slots=True)
class Answering:
    """Everything an answer needs."""

    database: Database
    gateway: Gateway
    library: Callable[[Connection], Library]
    store: Callable[[Connection], ConversationStore]
    desks: Callable[[Caller, NewGeneration], Desk]

    async def answer(self, caller: Caller, generation: NewGeneration, chosen: ChosenModel) -> AsyncGenerator[ChatEvent]:
        """Yield the whole generation. Raises `CairnError` when the answer cannot be whole."""
        yield Started(generation.id, generation.conversation_id, generation.model, generation.extracts_only)
        begun = time.perf_counter()
        ground = await self._find(caller, generation)
        yield _describe_search(ground.findings, round((time.perf_counter() - begun) * 1000))
        async for event in self._write(caller, ground, chosen):
            yield event

    async def go_on(
        self, caller: Caller, stored: StoredGeneration, events: Sequence[pb.GenerationEvent]
    ) -> AsyncGenerator[ChatEvent]:
        """Yield the rest of a generation that another process began. Raises `CairnError` when nobody can go on."""
        generation = stored.asked_again
        if not events:
            yield Started(generation.id, generation.conversation_id, generation.model, generation.extracts_only)
        since = time.perf_counter()
        async with self.database.transaction(caller) as connection:
            chosen = await self.gateway.choose(connection, generation.model)
            cited = cited_in(events)
            records = await self.library(connection).read_records(list(cited), _day_of(generation))
        if len(records) < len(cited):
            raise AnswerChanged
        begun = read_begun(events, records)
        ground = await self._find(caller, generation)
        if begun is not None:
            ground = replace(ground, findings=put_cited_first(ground.findings, begun))
        elapsed_ms = round((time.perf_counter() - since) * 1000)
        yield _describe_search(ground.findings, elapsed_ms, again=True)
        async for event in self._write(caller, ground, chosen, begun):
            yield event

    async def _find(self, caller: Caller, generation: NewGeneration) -> _Ground:
        scope = replace(generation.scope, as_of=_day_of(generation))
        async with self.database.transaction(caller, isolation="repeatable_read") as connection:
            history = await self._read_history(connection, generation)
            found = await self.library(connection).find(query_of(generation.question, history), scope)
        findings = replace(found, question=generation.question, phrases=phrases_in(generation.language))
        return _Ground(replace(generation, scope=scope), findings, history)

    async def _write(
        self, caller: Caller, ground: _Ground, chosen: ChosenModel, begun: Begun | None = None
    ) -> AsyncGenerator[ChatEvent]:
        findings = ground.findings
        if chosen.extracts_only:
            for event in finish_extracts(findings, begun) if begun else answer_with_extracts(findings):
                yield event
            return
        write = write_with(self.gateway, caller, chosen)
        desk = self.desks(caller, ground.generation)
        async for event in answer_with_model(findings, ground.history, write, desk, begun):
            yield event

    async def _read_history(self, connection: Connection, generation: NewGeneration) -> list[PastTurn]:
        if generation.after_id is None:
            return []
        store = self.store(connection)
        turns = await store.list_generations(generation.conversation_id, _TURNS_MOST)
        past = branch_of(turns, generation.after_id)[-_TURNS_READ:]
        events = await store.list_events([turn.id for turn in past], 0) if past else []
        answers = answers_by_generation(events)
        return [PastTurn(turn.question, answers.get(turn.id, "")) for turn in past]


def _day_of(generation: NewGeneration) -> date | None:
    return generation.scope.as_of or find_day(generation.question, datetime.now(UTC).date())


def answers_by_generation(events: Sequence[tuple[UUID, bytes]]) -> dict[UUID, str]:
    """Return the text of each generation, from its stored events in order."""
    return {
        generation_id: add_up(decode_event(body) for _, body in group).answer
        for generation_id, group in groupby(events, key=lambda event: event[0])
    }


def query_of(question: str, history: Sequence[PastTurn]) -> str:
    """Return what to search for. A follow-up ("and why not Kafka?") needs what it follows."""
    if history and len(question.split()) <= _FOLLOW_UP_WORDS_MOST:
        return f"{question}\n{history[-1].question}"
    return question


def _describe_search(findings: Findings, elapsed_ms: int, *, again: bool = False) -> Step:
    sources: Sequence[Source] = findings.sources
    records = tuple(dict.fromkeys(source.record.id for source in sources))
    told = f"{len(sources)} passage{'s' * (len(sources) != 1)} in {len(records)} record{'s' * (len(records) != 1)}"
    values = [str(len(sources))]
    if findings.as_of is not None:
        told += f", as of {findings.as_of}"
        values.append(str(findings.as_of))
    label, code = ("Took up after a restart", "taken_up") if again else ("Searched", "found")
    return Step(label, told, elapsed_ms, records, code, tuple(values))
