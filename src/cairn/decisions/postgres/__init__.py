"""The decision store on Postgres. Row-level security narrows every statement to the caller's organisation."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cairn.decisions.domain import (
    Content,
    Counts,
    DecisionSummary,
    FieldReport,
    FileOutcome,
    FileReport,
    Filter,
    Import,
    LinkKind,
    Log,
    Neighbour,
    Order,
    Ref,
    Status,
    Successor,
    Version,
    WrittenLink,
)
from cairn.decisions.domain.relations import Edge, turn_edge
from cairn.decisions.domain.scopes import Scope
from cairn.decisions.postgres.lifecycle import PostgresLifecycleStore
from cairn.kernel.events import NewEvent
from cairn.platform import outbox
from cairn.platform.database import Connection, load_queries

QUERIES: Any = load_queries("decisions")
_EVERYTHING = Filter()
_STATUSES: Mapping[str, Status] = {status.value: status for status in Status}
_PAGES: Mapping[Order, tuple[Any, tuple[str, ...]]] = {
    Order.NUMBER: (QUERIES.list_by_number, ("log_id", "number", "id")),
    Order.NUMBER_DESC: (QUERIES.list_by_number_desc, ("log_id", "number", "id")),
    Order.UPDATED_DESC: (QUERIES.list_by_update, ("updated_at", "id")),
    Order.TITLE: (QUERIES.list_by_title, ("title", "id")),
}
_FIRST_PAGES: Mapping[Order, Any] = {
    Order.NUMBER: QUERIES.first_by_number,
    Order.NUMBER_DESC: QUERIES.first_by_number_desc,
    Order.UPDATED_DESC: QUERIES.first_by_update,
    Order.TITLE: QUERIES.first_by_title,
}


class PostgresDecisionStore(PostgresLifecycleStore):
    """`ports.DecisionStore` inside the transaction of `connection`."""

    async def list_logs(self) -> list[Log]:
        """See the port."""
        return [Log(**row) async for row in QUERIES.list_logs(self._connection)]

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

    async def lock(self, decision_id: UUID) -> DecisionSummary | None:
        """See the port."""
        await QUERIES.lock_decision(self._connection, id=decision_id)
        found = await self.find(Ref(log_slug="", id=decision_id))
        return found[0] if found else None

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

    async def find_by_source(self, log_id: UUID, path: str) -> DecisionSummary | None:
        """See the port."""
        row = await QUERIES.find_by_source(self._connection, log_id=log_id, path=path)
        return _to_summary(row, {}) if row else None

    async def _to_summaries(self, rows: AsyncIterator[Any]) -> list[DecisionSummary]:
        found = [row async for row in rows]
        superseded = [row["id"] for row in found if row["status"] == Status.SUPERSEDED]
        successors: dict[UUID, Successor] = {}
        if superseded:
            async for row in QUERIES.list_successors(self._connection, ids=superseded):
                successors[row["old_id"]] = Successor(id=row["id"], ref=row["ref"], title=row["title"])
        return [_to_summary(row, successors) for row in found]

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

    async def list_page(
        self, filter_: Filter, order: Order, after: Sequence[str | int | datetime | UUID] | None, limit: int
    ) -> list[DecisionSummary]:
        """See the port."""
        if after is None and filter_ == _EVERYTHING:
            return await self._to_summaries(_FIRST_PAGES[order](self._connection, limit=limit))
        query, keys = _PAGES[order]
        position = dict(zip(keys, after, strict=True)) if after else dict.fromkeys(keys)
        rows = query(self._connection, **_filter(filter_), first=after is None, **position, limit=limit)
        return await self._to_summaries(rows)

    async def count(self, filter_: Filter) -> Counts:
        """See the port."""
        everything = filter_ == _EVERYTHING
        rows = (
            QUERIES.count_all(self._connection)
            if everything
            else QUERIES.count_decisions(self._connection, **_filter(filter_))
        )
        by_kind: dict[str, dict[str, int]] = {"total": {}, "status": {}, "tag": {}}
        async for row in rows:
            by_kind[row["kind"]][row["name"]] = row["count"]
        by_status = {Status(name): count for name, count in by_kind["status"].items()}
        return Counts(total=by_kind["total"][""], by_status=by_status, by_tag=by_kind["tag"])

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
        edges = [edge for edge in await self.list_edges([decision_id]) if edge.relation_id]
        others = {other for row in rows if (other := row["other_id"])}
        others |= {end for edge in edges for end in (edge.source_id, edge.target_id)}
        known = {s.id: s for s in await self.find_many(list(others))} if others else {}
        living = {id_: summary for id_, summary in known.items() if summary.deleted_at is None}
        links: list[Neighbour] = []
        backlinks: list[Neighbour] = []
        shown: set[Edge] = set()
        for row in rows:
            kind, other = LinkKind(row["kind"]), row["other_id"]
            neighbour = Neighbour(kind, row["target"], living.get(other))
            if row["outgoing"]:
                links.append(neighbour)
                if other is not None:
                    shown.add(turn_edge(decision_id, kind, other))
            # What both texts say is one edge, seen from this end already.
            elif neighbour.decision is not None and turn_edge(other, kind, decision_id) not in shown:
                backlinks.append(neighbour)
                shown.add(turn_edge(other, kind, decision_id))
        for edge in edges:
            other = living.get(edge.target_id if edge.source_id == decision_id else edge.source_id)
            if other is None or replace(edge, relation_id=None, in_text=True) in shown:
                continue
            neighbour = Neighbour(edge.kind, "", other, edge.section, edge.relation_id)
            (links if edge.source_id == decision_id else backlinks).append(neighbour)
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
            fields=json.dumps([[f.field, f.outcome, f.value, f.reason, f.line] for f in report.fields]),
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
                message=row["message"],
                fields=tuple(FieldReport(*values) for values in json.loads(row["fields"])),
                decision_id=row["decision_id"],
                ref=row["ref"],
                title=row["title"],
            )
            async for row in QUERIES.list_file_reports(self._connection, import_id=import_id)
        ]

    async def finish_import(self, import_id: UUID, at: datetime, resolved: int, unresolved: int) -> None:
        """See the port."""
        await QUERIES.finish_import(self._connection, id=import_id, at=at, resolved=resolved, unresolved=unresolved)


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


def _filter(filter_: Filter) -> dict[str, Any]:
    return {
        "log_ids": list(filter_.log_ids),
        "statuses": [status.value for status in filter_.statuses],
        "tags": list(filter_.tags),
        "text": filter_.text,
        "deleted": filter_.deleted,
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


def _to_version(row: Any) -> Version:  # noqa: ANN401 - asyncpg rows are untyped.
    return Version(
        id=row["id"],
        decision_id=row["decision_id"],
        version=row["version"],
        content=Content(
            title=row["title"],
            status=_STATUSES[row["status"]],
            body=row["body"],
            decided_on=row["decided_on"],
            deciders=tuple(row["deciders"]),
            tags=tuple(row["tags"]),
            status_text=row["status_text"],
            scope=Scope(tuple(row["applies_to"]), tuple(row["components"]), tuple(row["categories"])),
        ),
        author_id=row["author_id"],
        author_name=row["author_name"],
        message=row["message"],
        created_at=row["created_at"],
        content_hash=row["content_hash"],
        source=row["source"],
    )


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
