"""One answer from its question to its end: search in one transaction, then write without one."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from uuid import UUID

from cairn.chat.domain.events import ChatEvent, Started, Step
from cairn.chat.domain.prompt import PastTurn
from cairn.chat.domain.quotes import answer_with_extracts
from cairn.chat.domain.sources import Findings
from cairn.chat.formats import add_up, decode_event
from cairn.chat.ports import ConversationStore, Library, NewGeneration, Writer, Written
from cairn.chat.usecases import answer_with_model
from cairn.gateway.api import ChatRequest, ChosenModel, Gateway, Stopped, TextDelta, Usage, say
from cairn.kernel.identity import Caller
from cairn.platform.database import Connection, Database

_TURNS_READ = 6
_FOLLOW_UP_WORDS_MOST = 6


@dataclass(frozen=True, slots=True)
class Answering:
    """Everything an answer needs."""

    database: Database
    gateway: Gateway
    library: Callable[[Connection], Library]
    store: Callable[[Connection], ConversationStore]

    async def answer(self, caller: Caller, generation: NewGeneration, chosen: ChosenModel) -> AsyncGenerator[ChatEvent]:
        """Yield the whole generation. Raises `CairnError` when the answer cannot be whole."""
        yield Started(generation.id, generation.conversation_id, generation.model, generation.extracts_only)
        begun = time.perf_counter()
        async with self.database.transaction(caller, isolation="repeatable_read") as connection:
            history = await self._read_history(connection, generation)
            found = await self.library(connection).find(query_of(generation.question, history), generation.log_ids)
        findings = replace(found, question=generation.question)
        elapsed_ms = round((time.perf_counter() - begun) * 1000)
        yield Step("Searched", _count(findings), elapsed_ms)
        if generation.extracts_only:
            for event in answer_with_extracts(findings):
                yield event
            return
        async for event in answer_with_model(findings, history, self._writer(caller, chosen)):
            yield event

    async def _read_history(self, connection: Connection, generation: NewGeneration) -> list[PastTurn]:
        store = self.store(connection)
        past = await store.list_generations(generation.conversation_id, _TURNS_READ + 1)
        past = [turn for turn in past if turn.id != generation.id]
        events = await store.list_events([turn.id for turn in past], 0) if past else []
        answers = answers_by_generation(events)
        return [PastTurn(turn.question, answers.get(turn.id, "")) for turn in past]

    def _writer(self, caller: Caller, chosen: ChosenModel) -> Writer:
        async def write(system: str, messages: Sequence[tuple[str, str]]) -> AsyncGenerator[str | Written]:
            said = [say("user" if role == "user" else "assistant", text) for role, text in messages]
            usage = Usage(0, 0)
            stream = self.gateway.stream(caller, chosen, ChatRequest(chosen.name, system, said))
            try:
                async for part in stream:
                    if isinstance(part, TextDelta):
                        yield part.text
                    elif isinstance(part, Usage):
                        usage = part
                    elif isinstance(part, Stopped):
                        yield Written(part.reason.value, usage.input_tokens, usage.output_tokens)
            finally:
                await stream.aclose()

        return write


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


def _count(findings: Findings) -> str:
    passages = len(findings.sources)
    records = len({source.record.id for source in findings.sources})
    return f"{passages} passage{'s' * (passages != 1)} in {records} record{'s' * (records != 1)}"
