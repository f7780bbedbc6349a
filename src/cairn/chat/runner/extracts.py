"""`quotes` for whoever asks models without the pages, as over the gateway's endpoints."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace

from cairn.chat.domain.events import Delta
from cairn.chat.domain.prompt import PastTurn
from cairn.chat.domain.quotes import answer_with_extracts
from cairn.chat.ports import Library, Scope
from cairn.chat.runner.answers import query_of
from cairn.kernel.identity import Caller
from cairn.platform.database import Connection, Database


class LogExtracts:
    """The gateway's port `Extracts` over every log that the caller may read."""

    def __init__(self, database: Database, library: Callable[[Connection], Library]) -> None:
        self._database = database
        self._library = library

    async def __call__(self, caller: Caller, question: str, earlier: Sequence[str]) -> AsyncGenerator[str]:
        """Yield the answer in pieces of Markdown, as `quotes` writes it on the pages."""
        history = [PastTurn(earlier[0], "")] if earlier else []
        async with self._database.transaction(caller, isolation="repeatable_read") as connection:
            found = await self._library(connection).find(query_of(question, history), Scope())
        for event in answer_with_extracts(replace(found, question=question)):
            if isinstance(event, Delta):
                yield event.text
