"""What a model may look up while it answers: read-only, as its caller, one transaction a look."""

import asyncio
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cairn.chat.domain.prompt import write_passages
from cairn.chat.domain.sources import Source
from cairn.chat.ports import Desk, NewGeneration, Scope, Tool
from cairn.chat.postgres import find_by_name, read_versions
from cairn.chat.runner.library import SearchLibrary
from cairn.decisions.api import DecisionSummary, governing_ids, list_summaries
from cairn.kernel.errors import InvalidArgument, NotFound
from cairn.kernel.identity import Caller
from cairn.platform.database import Connection, Database
from cairn.search.api import Search

_RELATED_MOST = 6
_GOVERNING_MOST = 10
_VERSIONS_MOST = 30
_DIFF_LINES_MOST = 400
_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 500}
_REF: Mapping[str, Any] = {**_TEXT, "description": "A record's name as passages give it, like ADR-0012."}
_VERSION: Mapping[str, Any] = {"type": "integer", "minimum": 1, "maximum": 1_000_000}


class RecordNotFound(NotFound):
    """There is no such record for the caller."""

    def __init__(self, ref: str) -> None:
        super().__init__(f"There is no record {ref[:100]!r}. Use a name that a passage gives, or search.", field="ref")


def _schema(**fields: Mapping[str, Any]) -> Mapping[str, Any]:
    required = [name for name, field in fields.items() if "default" not in field]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def open_desks(database: Database, search: Search) -> Callable[[Caller, NewGeneration], Desk]:
    """Return what gives every answer the tools of its caller."""

    def desk_of(caller: Caller, generation: NewGeneration) -> Desk:
        return lambda add: _Reading(database, search, caller, generation.scope, generation.question, add).tools()

    return desk_of


@dataclass(frozen=True, slots=True)
class _Reading:
    """The looks of one answer. Logs and tags that were not asked about are not searched."""

    database: Database
    search: Search
    caller: Caller
    scope: Scope
    question: str
    add: Callable[[Sequence[Source]], int]

    def tools(self) -> list[Tool]:
        """Return the tools."""
        return [
            Tool(
                "search",
                "Find passages of the records by words and meaning. Use other words than the question's.",
                _schema(query=_TEXT),
                self._search,
            ),
            Tool("fetch", "Read the passages of one record.", _schema(ref=_REF), self._fetch),
            Tool("related", "Name the records most like one.", _schema(ref=_REF), self._related),
            Tool(
                "governs",
                "Name the decisions that bind a path in a repository or a component.",
                _schema(name={**_TEXT, "description": "A path like src/app.py, or a component's name."}),
                self._governs,
            ),
            Tool("history", "List the versions of a record, with status and day.", _schema(ref=_REF), self._history),
            Tool(
                "diff",
                "Compare two versions of a record, line by line.",
                _schema(ref=_REF, before=_VERSION, after=_VERSION),
                self._diff,
            ),
        ]

    async def _search(self, arguments: Mapping[str, Any]) -> str:
        async with self._transaction() as connection:
            found = await SearchLibrary(self.search, connection).find(arguments["query"], self.scope)
        return self._tell(found.sources)

    async def _fetch(self, arguments: Mapping[str, Any]) -> str:
        async with self._transaction() as connection:
            record = await self._find(connection, arguments["ref"])
            sources = await SearchLibrary(self.search, connection).read(record.id, self.question)
        return self._tell(sources)

    async def _related(self, arguments: Mapping[str, Any]) -> str:
        async with self._transaction() as connection:
            record = await self._find(connection, arguments["ref"])
            related = await self.search.list_related(connection, record.id, limit=_RELATED_MOST)
            return await self._name(connection, [one.decision_id for one in related])

    async def _governs(self, arguments: Mapping[str, Any]) -> str:
        async with self._transaction() as connection:
            found = await governing_ids(connection, [arguments["name"]])
            return await self._name(connection, found[:_GOVERNING_MOST])

    async def _history(self, arguments: Mapping[str, Any]) -> str:
        async with self._transaction() as connection:
            record = await self._find(connection, arguments["ref"])
            versions = await read_versions(connection, record.id, limit=_VERSIONS_MOST)
        lines = [
            f"version {one.version}, {one.created_at.date()}, {one.status}, by {one.author_name}: {one.message or '-'}"
            for one in versions
        ]
        return "\n".join([f"{record.ref} {record.title}", *lines])

    async def _diff(self, arguments: Mapping[str, Any]) -> str:
        async with self._transaction() as connection:
            record = await self._find(connection, arguments["ref"])
            wanted = (arguments["before"], arguments["after"])
            found = {one.version: one for one in await read_versions(connection, record.id, numbers=wanted)}
        if missing := [number for number in wanted if number not in found]:
            message = f"{record.ref} has no version {missing[0]}. The tool `history` lists its versions."
            raise InvalidArgument(message, field="before")
        before, after = (found[number] for number in wanted)
        # Comparing long texts takes a while, in which others are to be served.
        lines = await asyncio.to_thread(_compare, before.body, after.body)
        told = [f"{record.ref}, version {before.version} ({before.status}) to {after.version} ({after.status})", *lines]
        return "\n".join(told[:_DIFF_LINES_MOST])

    def _transaction(self) -> Any:  # noqa: ANN401 - the context manager of asyncpg's pool has no public name.
        return self.database.transaction(self.caller, isolation="repeatable_read")

    async def _find(self, connection: Connection, ref: str) -> DecisionSummary:
        ids = await find_by_name(connection, ref, self.scope.log_ids)
        records = await list_summaries(connection, ids)
        if not records:
            raise RecordNotFound(ref)
        return next(records[id_] for id_ in ids if id_ in records)

    async def _name(self, connection: Connection, ids: Sequence[UUID]) -> str:
        """Return records by their first passage, so that they can be cited."""
        library = SearchLibrary(self.search, connection)
        records = await list_summaries(connection, ids)
        sources: list[Source] = []
        for id_ in ids:
            if id_ in records:
                sources += (await library.read(id_, self.question))[:1]
        return self._tell(sources)

    def _tell(self, sources: Sequence[Source]) -> str:
        return write_passages(sources, self.add(sources)) if sources else "Nothing was found."


def _compare(before: str, after: str) -> list[str]:
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", n=2, lineterm=""))
