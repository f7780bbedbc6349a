"""`LifecycleStore` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, LinkKind, Log, Version, WrittenLink
from cairn.decisions.domain.lifecycle import Approval, LogPolicy, People, Transition, text_hash
from cairn.decisions.domain.numbers import Reservation
from cairn.decisions.domain.relations import Edge, Relation, turn_edge


@dataclass
class MemoryLifecycleStore:
    """See the port for what each method means."""

    logs: dict[UUID, Log] = field(default_factory=dict)
    decisions: dict[UUID, DecisionSummary] = field(default_factory=dict)
    versions: dict[tuple[UUID, int], Version] = field(default_factory=dict)
    links: dict[UUID, list[WrittenLink]] = field(default_factory=dict)
    next_numbers: dict[tuple[UUID, str], int] = field(default_factory=dict)
    policies: dict[UUID, LogPolicy] = field(default_factory=dict)
    approvals: list[Approval] = field(default_factory=list)
    relations: dict[UUID, Relation] = field(default_factory=dict)
    reservations: dict[tuple[UUID, str, int], Reservation] = field(default_factory=dict)
    owners: dict[UUID, UUID] = field(default_factory=dict)

    async def get_policy(self, log_id: UUID) -> LogPolicy | None:
        return self.policies.get(log_id, LogPolicy()) if log_id in self.logs else None

    async def set_policy(self, log_id: UUID, policy: LogPolicy) -> None:
        self.policies[log_id] = policy

    async def get_people(self, decision_id: UUID) -> People:
        return People(self.versions[decision_id, 1].author_id, self.owners.get(decision_id))

    async def add_approval(self, approval: Approval) -> None:
        key = (approval.decision_id, approval.person_id, approval.text_hash)
        if all((a.decision_id, a.person_id, a.text_hash) != key for a in self.approvals if a.withdrawn_at is None):
            self.approvals.append(approval)

    async def withdraw_approvals(self, decision_id: UUID, person_id: UUID, at: datetime) -> int:
        taken = [
            a
            for a in self.approvals
            if (a.decision_id, a.person_id) == (decision_id, person_id) and a.withdrawn_at is None
        ]
        self.approvals = [replace(a, withdrawn_at=at) if a in taken else a for a in self.approvals]
        return len(taken)

    async def list_approvals(self, decision_id: UUID) -> list[Approval]:
        return sorted((a for a in self.approvals if a.decision_id == decision_id), key=lambda a: (a.created_at, a.id))

    async def list_void_approvals(self, decision_id: UUID) -> dict[UUID, int]:
        hashes = {v: text_hash(one.content) for (id_, v), one in self.versions.items() if id_ == decision_id}
        living = [a for a in self.approvals if a.decision_id == decision_id and a.withdrawn_at is None]
        last = {a.id: max(v for v, hash_ in hashes.items() if hash_ == a.text_hash) for a in living}
        return {id_: version + 1 for id_, version in last.items() if version < max(hashes)}

    async def hold_relations(self) -> None:
        return

    async def add_relation(self, relation: Relation) -> None:
        key = (relation.source_id, relation.kind, relation.target_id, relation.section)
        if all((r.source_id, r.kind, r.target_id, r.section) != key for r in self.relations.values()):
            self.relations[relation.id] = relation

    async def get_relation(self, relation_id: UUID) -> Relation | None:
        return self.relations.get(relation_id)

    async def remove_relation(self, relation_id: UUID) -> None:
        self.relations.pop(relation_id, None)

    async def list_edges(self, ids: Sequence[UUID], *, kind: LinkKind | None = None) -> list[Edge]:
        return [
            edge
            for edge in self._edges()
            if kind in {None, edge.kind} and (edge.source_id in ids or edge.target_id in ids)
        ]

    async def list_edges_from(self, ids: Sequence[UUID], kind: LinkKind) -> list[Edge]:
        return [edge for edge in self._edges() if edge.kind is kind and edge.source_id in ids]

    def _edges(self) -> list[Edge]:
        stated = [Edge(r.source_id, r.kind, r.target_id, r.section, relation_id=r.id) for r in self.relations.values()]
        written = [
            turn_edge(writer, link.kind, link.target_id)
            for writer, links in self.links.items()
            for link in links
            if link.target_id is not None and link.target_id != writer
        ]
        return stated + written

    async def list_latest(self, log_ids: Sequence[UUID], limit: int) -> list[UUID]:
        living = [d for d in self.decisions.values() if d.deleted_at is None and (not log_ids or d.log_id in log_ids)]
        written = {d.id: self.versions[d.id, 1].created_at.date() for d in living}

        def order(decision: DecisionSummary) -> tuple[date, bool, int, UUID]:
            number = decision.number
            return (decision.decided_on or written[decision.id], number is not None, number or 0, decision.id)

        return [decision.id for decision in sorted(living, key=order, reverse=True)][:limit]

    async def list_statuses(self, decision_id: UUID) -> list[Transition]:
        versions = sorted((v for v in self.versions.values() if v.decision_id == decision_id), key=lambda v: v.version)
        before = [None, *(v.content.status for v in versions)]
        return [
            Transition(old, v.content.status, v.version, v.author_name, v.message, v.created_at)
            for old, v in zip(before, versions, strict=False)
            if old is not v.content.status
        ]

    async def take_number(self, log_id: UUID, prefix: str = "") -> int:
        number = self.next_numbers.get((log_id, prefix), 1)
        self.next_numbers[log_id, prefix] = number + 1
        return number

    async def pass_number(self, log_id: UUID, number: int, prefix: str = "") -> None:
        self.next_numbers[log_id, prefix] = max(self.next_numbers.get((log_id, prefix), 1), number + 1)

    async def add_reservation(self, reservation: Reservation) -> None:
        self.reservations[reservation.log_id, reservation.prefix, reservation.number] = reservation

    async def hold_reservation(self, log_id: UUID, prefix: str, number: int) -> Reservation | None:
        found = self.reservations.get((log_id, prefix, number))
        return self._with_decision(found) if found else None

    async def list_reservations(self, log_id: UUID, limit: int) -> list[Reservation]:
        found = [self._with_decision(r) for r in self.reservations.values() if r.log_id == log_id]
        return sorted(found, key=lambda r: (r.created_at, r.id), reverse=True)[:limit]

    def _with_decision(self, reservation: Reservation) -> Reservation:
        key = (reservation.log_id, reservation.prefix, reservation.number)
        users = sorted(d.id for d in self.decisions.values() if (d.log_id, d.prefix, d.number) == key)
        return replace(reservation, decision_id=users[0] if users else None)
