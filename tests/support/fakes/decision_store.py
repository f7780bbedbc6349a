"""`DecisionStore` in memory, for one tenant and one person who may see everything."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from cairn.decisions.domain import (
    DecisionSummary,
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
from cairn.decisions.domain.lifecycle import IN_FORCE_ONCE, LogPolicy
from cairn.decisions.domain.relations import turn_edge
from cairn.decisions.ports import Held
from cairn.kernel.events import NewEvent
from support.fakes.lifecycle_store import MemoryLifecycleStore

_LAST = 2**31 - 1


@dataclass
class MemoryDecisionStore(MemoryLifecycleStore):
    """See the port for what each method means."""

    imports: dict[UUID, Import] = field(default_factory=dict)
    reports: dict[UUID, dict[str, FileReport]] = field(default_factory=dict)
    # The events that came with edits.
    written: list[NewEvent] = field(default_factory=list)

    async def list_logs(self) -> list[Log]:
        counts = Counter(d.log_id for d in self.decisions.values() if d.deleted_at is None)
        logs = [
            replace(
                log, decision_count=counts[log.id], status_names=self.policies.get(log.id, LogPolicy()).status_names
            )
            for log in self.logs.values()
        ]
        return sorted(logs, key=lambda log: log.slug)

    async def get_log(self, log_id: UUID) -> Log | None:
        return self.logs.get(log_id)

    async def add_log(self, log: Log) -> bool:
        if any(other.slug == log.slug for other in self.logs.values()):
            return False
        self.logs[log.id] = log
        return True

    async def add_decision(self, summary: DecisionSummary, version: Version) -> None:
        self.decisions[summary.id] = summary
        self.versions[summary.id, version.version] = version

    async def append_version(self, version: Version) -> None:
        content = version.content
        self.versions[version.decision_id, version.version] = version
        self.decisions[version.decision_id] = replace(
            self.decisions[version.decision_id],
            version=version.version,
            title=content.title,
            status=content.status,
            decided_on=content.decided_on,
            deciders=content.deciders,
            tags=content.tags,
            updated_at=version.created_at,
        )

    async def append_edit(self, version: Version, event: NewEvent) -> tuple[list[Neighbour], list[Neighbour]]:
        await self.append_version(version)
        self.written.append(event)
        return await self.list_links(version.decision_id)

    async def lock(self, decision_id: UUID) -> DecisionSummary | None:
        return next(iter(await self.find(Ref("", id=decision_id))), None)

    async def hold(self, decision_id: UUID, *, status: Status | None = None) -> Held | None:
        summary = await self.lock(decision_id)
        if summary is None or status not in {None, summary.status}:
            return None
        current = self.versions[decision_id, summary.version]
        policy = self.policies.get(summary.log_id, LogPolicy())
        return Held(summary, current, await self.get_people(decision_id), policy)

    async def find(self, ref: Ref) -> list[DecisionSummary]:
        if ref.id is not None:
            return [self._shown(d) for d in self.decisions.values() if d.id == ref.id]
        found = [
            d
            for d in self.decisions.values()
            if d.deleted_at is None
            and ref.log_slug in {"", d.log_slug}
            and (d.number == ref.number if ref.number is not None else d.slug == ref.slug)
            and ref.prefix.upper() in {"", self.logs[d.log_id].prefix.upper()}
        ]
        return [self._shown(d) for d in sorted(found, key=lambda d: (d.log_slug, d.id))[:6]]

    async def find_many(self, ids: Sequence[UUID]) -> list[DecisionSummary]:
        return [self._shown(self.decisions[id_]) for id_ in dict.fromkeys(ids) if id_ in self.decisions]

    async def find_by_source(self, log_id: UUID, path: str) -> DecisionSummary | None:
        found = (d for d in self.decisions.values() if (d.log_id, d.source_path) == (log_id, path))
        return next(found, None)

    async def get_version(self, decision_id: UUID, version: int) -> Version | None:
        return self.versions.get((decision_id, version))

    async def get_latest_source(self, decision_id: UUID) -> Version | None:
        found = [v for v in self.versions.values() if v.decision_id == decision_id and v.source is not None]
        return max(found, key=lambda v: v.version, default=None)

    async def list_versions(self, decision_id: UUID, before: int, limit: int) -> list[Version]:
        found = [v for v in self.versions.values() if v.decision_id == decision_id and v.version < before]
        bare = [replace(v, content=replace(v.content, body=""), source=None) for v in found]
        return sorted(bare, key=lambda v: -v.version)[:limit]

    async def set_deleted(self, decision_id: UUID, at: datetime | None) -> None:
        self.decisions[decision_id] = replace(self.decisions[decision_id], deleted_at=at)

    async def replace_links(self, decision_id: UUID, links: Sequence[WrittenLink]) -> None:
        self.links[decision_id] = list(links)

    async def list_written_links(self, decision_id: UUID) -> list[WrittenLink]:
        return list(self.links.get(decision_id, []))

    async def list_links(self, decision_id: UUID) -> tuple[list[Neighbour], list[Neighbour]]:
        links = [Neighbour(k.kind, k.target, self._living(k.target_id)) for k in self.links.get(decision_id, [])]
        shown = {turn_edge(decision_id, k.kind, k.decision.id) for k in links if k.decision}
        backlinks: list[Neighbour] = []
        for writer, written in self.links.items():
            for k in written:
                edge = turn_edge(writer, k.kind, decision_id)
                if k.target_id == decision_id != writer and edge not in shown and (other := self._living(writer)):
                    backlinks.append(Neighbour(k.kind, k.target, other))
                    shown.add(edge)
        for edge in await self.list_edges([decision_id]):
            outgoing = edge.source_id == decision_id
            other = self._living(edge.target_id if outgoing else edge.source_id)
            if edge.relation_id and other and replace(edge, relation_id=None, in_text=True) not in shown:
                neighbour = Neighbour(edge.kind, "", other, edge.section, edge.relation_id)
                (links if outgoing else backlinks).append(neighbour)
        return links, backlinks

    async def list_log_links(self, log_id: UUID) -> list[tuple[UUID, int, WrittenLink]]:
        writers = sorted(d.id for d in self.decisions.values() if d.log_id == log_id and d.deleted_at is None)
        return [(id_, position, k) for id_ in writers for position, k in enumerate(self.links.get(id_, []))]

    async def set_link_targets(self, targets: Sequence[tuple[UUID, int, UUID]]) -> None:
        for decision_id, position, target in targets:
            self.links[decision_id][position] = replace(self.links[decision_id][position], target_id=target)

    async def list_log_decisions(self, log_id: UUID) -> list[DecisionSummary]:
        living = [d for d in self.decisions.values() if d.log_id == log_id and d.deleted_at is None]
        return [self._shown(d) for d in sorted(living, key=lambda d: (_LAST if d.number is None else d.number, d.id))]

    async def add_import(self, import_: Import, person_id: UUID) -> None:
        del person_id
        self.imports[import_.id] = import_
        self.reports[import_.id] = {}

    async def get_import(self, import_id: UUID) -> Import | None:
        import_ = self.imports.get(import_id)
        if import_ is None:
            return None
        counts = Counter(report.outcome for report in self.reports[import_id].values())
        return replace(import_, totals={outcome: counts[outcome] for outcome in FileOutcome})

    async def list_imports(self, limit: int) -> list[Import]:
        newest = sorted(self.imports.values(), key=lambda i: (i.started_at, i.id), reverse=True)
        return [found for i in newest[:limit] if (found := await self.get_import(i.id))]

    async def add_file_report(self, import_id: UUID, report: FileReport, source: bytes | None) -> None:
        del source
        self.reports[import_id][report.path] = report

    async def list_file_reports(self, import_id: UUID) -> list[FileReport]:
        return [report for _, report in sorted(self.reports[import_id].items())]

    async def finish_import(self, import_id: UUID, at: datetime, resolved: int, unresolved: int) -> None:
        self.imports[import_id] = replace(
            self.imports[import_id], finished_at=at, links_resolved=resolved, links_unresolved=unresolved
        )

    def _living(self, decision_id: UUID | None) -> DecisionSummary | None:
        found = self.decisions.get(decision_id) if decision_id else None
        return self._shown(found) if found and found.deleted_at is None else None

    def _shown(self, d: DecisionSummary) -> DecisionSummary:
        if d.status is not Status.SUPERSEDED:
            return d
        edges = [e for e in self._edges() if e.kind is LinkKind.SUPERSEDES and e.target_id == d.id and not e.section]
        sources = [self.decisions[e.source_id] for e in edges]
        best = max(
            (s for s in sources if not s.deleted_at),
            key=lambda s: (s.status in IN_FORCE_ONCE, str(s.decided_on or ""), -1 if s.number is None else s.number),
            default=None,
        )
        return replace(d, successor=Successor(best.id, best.ref, best.title) if best else None)


@dataclass
class MemoryEvents:
    """Events kept in a list."""

    written: list[NewEvent] = field(default_factory=list)

    async def append(self, events: Sequence[NewEvent]) -> None:
        self.written.extend(events)
