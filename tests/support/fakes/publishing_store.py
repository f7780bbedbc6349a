"""`PublishingStore` in memory, over the decisions of a `MemoryDecisionStore`."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cairn.decisions.domain import Status, Version
from cairn.decisions.domain.publishing import DECIDED, Chosen, PublicLog, PublicRecord, page_name
from support.fakes.decision_store import MemoryDecisionStore


@dataclass
class MemoryPublishingStore:
    """See the port for what each method means."""

    records: MemoryDecisionStore
    logs: dict[UUID, PublicLog] = field(default_factory=dict)
    choices: dict[UUID, tuple[Chosen, datetime]] = field(default_factory=dict)

    async def get_public_log(self, log_id: UUID) -> PublicLog | None:
        return self.logs.get(log_id)

    async def put_public_log(self, log: PublicLog) -> bool:
        if any(other.address == log.address and other.log_id != log.log_id for other in self.logs.values()):
            return False
        self.logs[log.log_id] = log
        return True

    async def get_chosen(self, decision_id: UUID) -> Chosen | None:
        return self.choices[decision_id][0] if decision_id in self.choices else None

    async def choose(self, decision_id: UUID, version: int | None, at: datetime) -> None:
        self.choices[decision_id] = Chosen(version), at

    async def forget_choice(self, decision_id: UUID) -> None:
        self.choices.pop(decision_id, None)

    async def forget_choices(self, log_id: UUID) -> None:
        for decision_id in [id_ for id_ in self.choices if self.records.decisions[id_].log_id == log_id]:
            del self.choices[decision_id]

    async def find_public(self, decision_id: UUID) -> PublicRecord | None:
        summary = self.records.decisions.get(decision_id)
        log = self.logs.get(summary.log_id) if summary else None
        if summary is None or summary.deleted_at or summary.status is Status.DRAFT:
            return None
        if log is None or log.withdrawn_at:
            return None
        version = self._shown(decision_id, log)
        if version is None:
            return None
        twins = [
            other
            for other in self.records.decisions.values()
            if other.log_id == summary.log_id
            and other.number == summary.number is not None
            and other.id != decision_id
            and other.deleted_at is None
        ]
        said_at = self.choices[decision_id][1] if decision_id in self.choices else log.published_at
        return PublicRecord(
            id=decision_id,
            ref=summary.ref,
            name=page_name(summary.ref, decision_id, doubled=bool(twins)),
            version=version.version,
            title=version.content.title,
            status=version.content.status,
            decided_on=version.content.decided_on,
            deciders=version.content.deciders,
            tags=version.content.tags,
            content_hash=version.content_hash,
            written_at=version.created_at,
            published_at=max(said_at, version.created_at),
            current=version.version == summary.version,
        )

    def _shown(self, decision_id: UUID, log: PublicLog) -> Version | None:
        versions = [v for (id_, _), v in self.records.versions.items() if id_ == decision_id]
        versions = [v for v in versions if v.content.status is not Status.DRAFT]
        if decision_id in self.choices:
            wanted = self.choices[decision_id][0].version
            return next((v for v in versions if v.version == wanted), None)
        decided = [v for v in versions if log.whole and v.content.status in DECIDED]
        return max(decided, key=lambda v: v.version, default=None)

    async def count_public(self, log_id: UUID) -> int:
        ids = [d.id for d in self.records.decisions.values() if d.log_id == log_id]
        return len([id_ for id_ in ids if await self.find_public(id_)])
