"""The decision store on Postgres. Row-level security narrows every statement to the caller's organisation."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cairn.decisions.domain import (
    Content,
    DecisionSummary,
    FieldReport,
    FileOutcome,
    FileReport,
    Import,
    LinkKind,
    Log,
    Neighbour,
    Ref,
    Status,
    Successor,
    Version,
    WrittenLink,
)
from cairn.decisions.domain.lifecycle import People
from cairn.decisions.domain.relations import Edge, turn_edge
from cairn.decisions.domain.scopes import Scope
from cairn.decisions.ports import Held
from cairn.decisions.postgres.lifecycle import PostgresLifecycleStore, to_policy, to_status_names
from cairn.kernel.events import NewEvent
from cairn.kernel.phrases import Phrase, Sentences, phrases_of
from cairn.platform import outbox
from cairn.platform.database import Connection, load_queries

QUERIES: Any = load_queries("decisions")
_STATUSES: Mapping[str, Status] = {status.value: status for status in Status}


class PostgresDecisionStore(PostgresLifecycleStore):
    """`ports.DecisionStore` inside the transaction of `connection`."""

    async def list_logs(self) -> list[Log]:
        """See the port."""
        return [
            Log(row["id"], row["slug"], row["name"], row["prefix"], row["decision_count"], to_status_names(row))
            async for row in QUERIES.list_logs(self._connection)
        ]

    async def get_log(self, log_id: UUID) -> Log | None:
        """See the port."""
        row = await QUERIES.get_log(self._connection, id=log_id)
        return Log(**row) if row else None

    async def add_log(self, log: Log) -> bool:
        """See the port."""
        row = await QUERIES.add_log(self._connection, id=log.id, slug=log.slug, name=log.name, prefix=log.prefix)
        return row is not None

    async def add_decision(self, summary: DecisionSummary, version: Version) -> None:
        """See the port."""
        await QUERIES.add_decision(
            self._connection,
            id=summary.id,
            log_id=summary.log_id,
            number=summary.number,
            prefix=summary.prefix,
            slug=summary.slug,
            author_id=version.author_id,
            source_path=summary.source_path,
            version=version.version,
            **_fields(version.content),
            now=version.created_at,
        )
        await QUERIES.add_version(self._connection, **_version_fields(version))

    async def append_version(self, version: Version) -> None:
        """See the port."""
        await QUERIES.append_version(self._connection, **_version_fields(version))

    async def append_edit(self, version: Version, event: NewEvent) -> tuple[list[Neighbour], list[Neighbour]]:
        """See the port."""
        fields = {**_version_fields(version), **outbox.fields_of(event)}
        rows = [row async for row in QUERIES.append_edit(self._connection, **fields)]
        return await self._to_neighbours(version.decision_id, [row for row in rows if row["link_kind"] is not None])

    async def lock(self, decision_id: UUID) -> DecisionSummary | None:
        """See the port."""
        await QUERIES.lock_in_status(self._connection, id=decision_id, status=None)
        found = await self.find(Ref(log_slug="", id=decision_id))
        return found[0] if found else None

    async def hold(self, decision_id: UUID, *, status: Status | None = None) -> Held | None:
        """See the port."""
        wanted = status.value if status else None
        row = await QUERIES.hold_decision(self._connection, id=decision_id, status=wanted)
        if row is None and await QUERIES.lock_in_status(self._connection, id=decision_id, status=wanted) is not None:
            row = await QUERIES.get_held(self._connection, id=decision_id)
        if row is None:
            return None
        successors = await self._list_successors([row])
        return Held(
            summary=_to_summary(row, successors),
            current=_to_held_version(row),
            people=People(row["author_id"], row["owner_id"]),
            policy=to_policy(row),
        )

    async def find(self, ref: Ref) -> list[DecisionSummary]:
        """See the port."""
        if ref.id is not None:
            rows = QUERIES.find_by_id(self._connection, id=ref.id)
        elif ref.number is not None:
            rows = QUERIES.find_by_number(self._connection, number=ref.number, prefix=ref.prefix, log_slug=ref.log_slug)
        else:
            rows = QUERIES.find_by_slug(self._connection, slug=ref.slug, log_slug=ref.log_slug)
        return await self._to_summaries(rows)

    async def find_many(self, ids: Sequence[UUID]) -> list[DecisionSummary]:
        """See the port."""
        return await self._to_summaries(QUERIES.find_by_ids(self._connection, ids=list(ids)))

    async def list_texts(self, ids: Sequence[UUID]) -> list[tuple[DecisionSummary, str]]:
        """Return the living decisions with these ids, each with the text of its current version, in no order."""
        return [
            (_to_summary(row, {}), row["body"]) async for row in QUERIES.list_texts(self._connection, ids=list(ids))
        ]

    async def find_by_source(self, log_id: UUID, path: str) -> DecisionSummary | None:
        """See the port."""
        row = await QUERIES.find_by_source(self._connection, log_id=log_id, path=path)
        return _to_summary(row, {}) if row else None

    async def _to_summaries(self, rows: AsyncIterator[Any]) -> list[DecisionSummary]:
        found = [row async for row in rows]
        successors = await self._list_successors(found)
        return [_to_summary(row, successors) for row in found]

    async def _list_successors(self, rows: Sequence[Any]) -> dict[UUID, Successor]:
        superseded = [row["id"] for row in rows if row["status"] == Status.SUPERSEDED]
        if not superseded:
            return {}
        found = QUERIES.list_successors(self._connection, ids=superseded)
        return {row["old_id"]: Successor(id=row["id"], ref=row["ref"], title=row["title"]) async for row in found}

    async def get_version(self, decision_id: UUID, version: int) -> Version | None:
        """See the port."""
        row = await QUERIES.get_version(self._connection, decision_id=decision_id, version=version)
        return _to_version(row) if row else None

    async def get_latest_source(self, decision_id: UUID) -> Version | None:
        """See the port."""
        row = await QUERIES.get_latest_source(self._connection, decision_id=decision_id)
        return _to_version(row) if row else None

    async def list_versions(self, decision_id: UUID, before: int, limit: int) -> list[Version]:
        """See the port."""
        rows = QUERIES.list_versions(self._connection, decision_id=decision_id, before=before, limit=limit)
        return [_to_version(row) async for row in rows]

    async def set_deleted(self, decision_id: UUID, at: datetime | None) -> None:
        """See the port."""
        await QUERIES.set_deleted(self._connection, id=decision_id, at=at)

    async def replace_links(self, decision_id: UUID, links: Sequence[WrittenLink]) -> None:
        """See the port."""
        await QUERIES.delete_links(self._connection, decision_id=decision_id)
        rows = [
            {
                "decision_id": decision_id,
                "position": position,
                "kind": link.kind.value,
                "target": link.target,
                "target_id": link.target_id,
            }
            for position, link in enumerate(links)
        ]
        if rows:
            await QUERIES.add_links(self._connection, rows)

    async def list_written_links(self, decision_id: UUID) -> list[WrittenLink]:
        """See the port."""
        rows = QUERIES.list_written_links(self._connection, decision_id=decision_id)
        return [WrittenLink(LinkKind(row["kind"]), row["target"], row["target_id"]) async for row in rows]

    async def list_links(self, decision_id: UUID) -> tuple[list[Neighbour], list[Neighbour]]:
        """See the port."""
        rows = [row async for row in QUERIES.list_links(self._connection, decision_id=decision_id)]
        return await self._to_neighbours(decision_id, rows)

    async def _to_neighbours(
        self, decision_id: UUID, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[list[Neighbour], list[Neighbour]]:
        living = [row for row in rows if row["id"] is not None and row["deleted_at"] is None]
        successors = await self._list_successors(living)
        others = {row["id"]: _to_summary(row, successors) for row in living}
        links: list[Neighbour] = []
        backlinks: list[Neighbour] = []
        shown: set[Edge] = set()
        # What texts say comes first. What is said twice is one edge, seen already.
        for row in rows:
            other, outgoing, relation_id = row["other_id"], row["outgoing"], row["relation_id"]
            neighbour = Neighbour(
                LinkKind(row["link_kind"]), row["target"], others.get(other), row["section"], relation_id
            )
            edge = _seen_edge(decision_id, row) if other else None
            if relation_id is None and outgoing:
                links.append(neighbour)
            elif neighbour.decision is not None and edge not in shown:
                (links if outgoing else backlinks).append(neighbour)
            else:
                continue
            if edge is not None and relation_id is None:
                shown.add(edge)
        return links, backlinks

    async def list_log_links(self, log_id: UUID) -> list[tuple[UUID, int, WrittenLink]]:
        """See the port."""
        rows = QUERIES.list_log_links(self._connection, log_id=log_id)
        return [
            (row["decision_id"], row["position"], WrittenLink(LinkKind(row["kind"]), row["target"], row["target_id"]))
            async for row in rows
        ]

    async def set_link_targets(self, targets: Sequence[tuple[UUID, int, UUID]]) -> None:
        """See the port."""
        rows = [{"decision_id": d, "position": position, "target_id": target} for d, position, target in targets]
        if rows:
            await QUERIES.set_link_targets(self._connection, rows)

    async def list_log_decisions(self, log_id: UUID) -> list[DecisionSummary]:
        """See the port."""
        return await self._to_summaries(QUERIES.list_log_decisions(self._connection, log_id=log_id))

    async def list_ids(self) -> list[UUID]:
        """Return the ids of every living decision."""
        return [row["id"] async for row in QUERIES.list_ids(self._connection)]

    async def add_import(self, import_: Import, person_id: UUID) -> None:
        """See the port."""
        await QUERIES.add_import(
            self._connection,
            id=import_.id,
            log_id=import_.log_id,
            person_id=person_id,
            source=import_.source,
            started_at=import_.started_at,
        )

    async def get_import(self, import_id: UUID) -> Import | None:
        """See the port."""
        rows = [row async for row in QUERIES.list_imports(self._connection, id=import_id, limit=1)]
        return _to_import(rows[0]) if rows else None

    async def list_imports(self, limit: int) -> list[Import]:
        """See the port."""
        return [_to_import(row) async for row in QUERIES.list_imports(self._connection, id=None, limit=limit)]

    async def add_file_report(self, import_id: UUID, report: FileReport, source: bytes | None) -> None:
        """See the port."""
        await QUERIES.add_file_report(
            self._connection,
            import_id=import_id,
            path=report.path,
            outcome=report.outcome.value,
            format=report.format,
            message=report.message,
            phrases=json.dumps([_kept(part) for part in phrases_of(report.message)]),
            fields=json.dumps(
                [[f.field, f.outcome, f.value, f.reason, f.line, *_kept(f.reason)] for f in report.fields]
            ),
            decision_id=report.decision_id,
            source=source,
        )

    async def list_file_reports(self, import_id: UUID) -> list[FileReport]:
        """See the port."""
        return [
            FileReport(
                path=row["path"],
                outcome=FileOutcome(row["outcome"]),
                format=row["format"],
                message=_said_again(row["message"], json.loads(row["phrases"])),
                fields=tuple(_field_report(values) for values in json.loads(row["fields"])),
                decision_id=row["decision_id"],
                ref=row["ref"],
                title=row["title"],
            )
            async for row in QUERIES.list_file_reports(self._connection, import_id=import_id)
        ]

    async def finish_import(self, import_id: UUID, at: datetime, resolved: int, unresolved: int) -> None:
        """See the port."""
        await QUERIES.finish_import(self._connection, id=import_id, at=at, resolved=resolved, unresolved=unresolved)


def _kept(said: str) -> list[Any]:
    """Return what it takes to say a sentence again in another language: nothing where it is known in English alone."""
    return [said.code, dict(said.values), said] if isinstance(said, Phrase) else []


def _field_report(kept: Sequence[Any]) -> FieldReport:
    field, outcome, value, reason, line, *more = kept
    return FieldReport(field, outcome, value, Phrase.again(reason, *more[:2]) if more else reason, line)


def _said_again(message: str, kept: Sequence[Sequence[Any]]) -> str:
    """Return the message with its sentences, whose words it has."""
    parts = [Phrase.again(said, code, values) for code, values, said in kept]
    return Sentences.again(message, parts) if parts else message


class OutboxEvents:
    """`ports.Events` in the outbox of the transaction of `connection`."""

    def __init__(self, connection: Connection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def append(self, events: Sequence[NewEvent]) -> None:
        """See the port."""
        await outbox.append(self._connection, self._tenant_id, events)


def _fields(content: Content) -> dict[str, Any]:
    return {
        "title": content.title,
        "status": content.status.value,
        "decided_on": content.decided_on,
        "deciders": list(content.deciders),
        "tags": list(content.tags),
        "applies_to": list(content.scope.paths),
        "components": list(content.scope.components),
        "categories": list(content.scope.categories),
    }


def _version_fields(version: Version) -> dict[str, Any]:
    return {
        **_fields(version.content),
        "id": version.id,
        "decision_id": version.decision_id,
        "version": version.version,
        "status_text": version.content.status_text,
        "body": version.content.body,
        "content_hash": version.content_hash,
        "source": version.source,
        "author_id": version.author_id,
        "author_name": version.author_name,
        "message": version.message,
        "now": version.created_at,
    }


def _to_summary(row: Any, successors: Mapping[UUID, Successor]) -> DecisionSummary:  # noqa: ANN401 - asyncpg rows are untyped.
    return DecisionSummary(
        id=row["id"],
        log_id=row["log_id"],
        log_slug=row["log_slug"],
        number=row["number"],
        slug=row["slug"],
        ref=row["ref"],
        title=row["title"],
        status=_STATUSES[row["status"]],
        decided_on=row["decided_on"],
        deciders=tuple(row["deciders"]),
        tags=tuple(row["tags"]),
        version=row["version"],
        source_path=row["source_path"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
        successor=successors.get(row["id"]),
        prefix=row["prefix"],
    )


def _to_content(row: Any) -> Content:  # noqa: ANN401 - asyncpg rows are untyped.
    return Content(
        title=row["title"],
        status=_STATUSES[row["status"]],
        body=row["body"],
        decided_on=row["decided_on"],
        deciders=tuple(row["deciders"]),
        tags=tuple(row["tags"]),
        status_text=row["status_text"],
        scope=Scope(tuple(row["applies_to"]), tuple(row["components"]), tuple(row["categories"])),
    )


def _to_version(row: Any) -> Version:  # noqa: ANN401 - asyncpg rows are untyped.
    return Version(
        id=row["id"],
        decision_id=row["decision_id"],
        version=row["version"],
        content=_to_content(row),
        author_id=row["author_id"],
        author_name=row["author_name"],
        message=row["message"],
        created_at=row["created_at"],
        content_hash=row["content_hash"],
        source=row["source"],
    )


def _to_held_version(row: Any) -> Version:  # noqa: ANN401 - asyncpg rows are untyped.
    return Version(
        id=row["version_id"],
        decision_id=row["id"],
        version=row["version"],
        content=_to_content(row),
        author_id=row["writer_id"],
        author_name=row["author_name"],
        message=row["message"],
        created_at=row["written_at"],
        content_hash=row["content_hash"],
        source=row["source"],
    )


def _seen_edge(decision_id: UUID, row: Any) -> Edge:  # noqa: ANN401 - asyncpg rows are untyped.
    source, target = (decision_id, row["other_id"]) if row["outgoing"] else (row["other_id"], decision_id)
    return replace(turn_edge(source, LinkKind(row["link_kind"]), target), section=row["section"])


def _to_import(row: Any) -> Import:  # noqa: ANN401 - asyncpg rows are untyped.
    return Import(
        id=row["id"],
        log_id=row["log_id"],
        log_slug=row["log_slug"],
        source=row["source"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        totals={outcome: row[outcome.value] for outcome in FileOutcome},
        links_resolved=row["links_resolved"],
        links_unresolved=row["links_unresolved"],
    )
