"""One answer from its question to its end: search in one transaction, then write without one."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from cairn.chat.domain.days import find_day
from cairn.chat.domain.events import ChatEvent, Started, Step
from cairn.chat.domain.phrases import phrases_in
from cairn.chat.domain.prompt import PastTurn
from cairn.chat.domain.quotes import answer_with_extracts
from cairn.chat.domain.sources import Findings, Source
from cairn.chat.formats.events import add_up, decode_event
from cairn.chat.ports import ConversationStore, Desk, Library, NewGeneration
from cairn.chat.runner.writers import write_with
from cairn.chat.usecases.answers import answer_with_model, branch_of
from cairn.gateway.api import ChosenModel, Gateway
from cairn.kernel.identity import Caller
from cairn.platform.database import Connection, Database

_TURNS_READ = 6
_TURNS_MOST = 200
_FOLLOW_UP_WORDS_MOST = 6


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
        scope = generation.scope
        if scope.as_of is None:
            scope = replace(scope, as_of=find_day(generation.question, datetime.now(UTC).date()))
            generation = replace(generation, scope=scope)
        async with self.database.transaction(caller, isolation="repeatable_read") as connection:
            history = await self._read_history(connection, generation)
            found = await self.library(connection).find(query_of(generation.question, history), scope)
        findings = replace(found, question=generation.question, phrases=phrases_in(generation.language))
        yield _describe_search(findings, round((time.perf_counter() - begun) * 1000))
        if generation.extracts_only:
            for event in answer_with_extracts(findings):
                yield event
            return
        write = write_with(self.gateway, caller, chosen)
        async for event in answer_with_model(findings, history, write, self.desks(caller, generation)):
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


def _describe_search(findings: Findings, elapsed_ms: int) -> Step:
    sources: Sequence[Source] = findings.sources
    records = tuple(dict.fromkeys(source.record.id for source in sources))
    told = f"{len(sources)} passage{'s' * (len(sources) != 1)} in {len(records)} record{'s' * (len(records) != 1)}"
    values = [str(len(sources))]
    if findings.as_of is not None:
        told += f", as of {findings.as_of}"
        values.append(str(findings.as_of))
    return Step("Searched", told, elapsed_ms, records, "found", tuple(values))
