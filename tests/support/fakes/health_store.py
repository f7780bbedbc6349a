"""`HealthStore` in memory, over the decisions of a `MemoryDecisionStore`."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from cairn.decisions.domain.health import HealthLink, HealthRecord
from cairn.kernel.identity import Caller
from support.fakes.decision_store import MemoryDecisionStore


@dataclass
class MemoryHealthStore:
    """See the port for what each method means. Approvals and reviews are kept elsewhere and count as none here."""

    decisions: MemoryDecisionStore
    acknowledged: set[str] = field(default_factory=set)
    reviews: dict[UUID, date] = field(default_factory=dict)

    async def list_health_records(self) -> list[HealthRecord]:
        return [
            HealthRecord(
                id=d.id,
                log_id=d.log_id,
                log_slug=d.log_slug,
                number=d.number,
                ref=d.ref,
                title=d.title,
                status=d.status,
                created_at=d.created_at,
                path=d.source_path,
                prefix=d.prefix,
                status_text=self.decisions.versions[d.id, d.version].content.status_text,
                review_on=self.reviews.get(d.id),
            )
            for d in self.decisions.decisions.values()
            if d.deleted_at is None
        ]

    async def list_health_links(self) -> list[HealthLink]:
        known = self.decisions.decisions
        found: list[HealthLink] = []
        for writer, links in self.decisions.links.items():
            if known[writer].deleted_at is not None:
                continue
            for position, link in enumerate(links):
                target = known.get(link.target_id) if link.target_id else None
                deleted = target is not None and target.deleted_at is not None
                meant = None if deleted else link.target_id
                found.append(HealthLink(writer, position, link.kind, link.target, meant, target_deleted=deleted))
        return found

    async def list_used_numbers(self) -> dict[tuple[UUID, str], frozenset[int]]:
        used: dict[tuple[UUID, str], set[int]] = defaultdict(set)
        for d in self.decisions.decisions.values():
            if d.deleted_at is not None and d.number is not None:
                used[d.log_id, d.prefix].add(d.number)
        return {key: frozenset(numbers) for key, numbers in used.items()}

    async def list_acknowledged(self) -> set[str]:
        return set(self.acknowledged)

    async def acknowledge(self, log_id: UUID, key: str, caller: Caller, at: datetime) -> None:
        del log_id, caller, at
        self.acknowledged.add(key)

    async def report_again(self, keys: Collection[str]) -> int:
        gone = self.acknowledged & set(keys) if keys else set(self.acknowledged)
        self.acknowledged -= gone
        return len(gone)

    async def postpone_review(self, decision_id: UUID, review_on: date) -> None:
        if decision_id in self.reviews:
            self.reviews[decision_id] = review_on
