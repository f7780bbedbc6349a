"""What the use cases need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from cairn.decisions.domain import (
    Content,
    DecisionSummary,
    FileReport,
    Import,
    LinkKind,
    Log,
    Neighbour,
    Ref,
    Status,
    Version,
    WrittenLink,
)
from cairn.decisions.domain.lifecycle import Approval, LogPolicy, People, Transition
from cairn.decisions.domain.numbers import Reservation
from cairn.decisions.domain.relations import Edge, Relation
from cairn.kernel.events import NewEvent


@dataclass(frozen=True, slots=True)
class Held:
    """A decision that is held for change: its current version, whose it is, and what its log asks for."""

    summary: DecisionSummary
    current: Version
    people: People
    policy: LogPolicy


class LifecycleStore(Protocol):
    """Policies, approvals, relations and numbers of the decisions one caller may see, inside one transaction."""

    async def get_policy(self, log_id: UUID) -> LogPolicy | None:
        """Return a log's policy; None when there is no such log."""
        ...

    async def set_policy(self, log_id: UUID, policy: LogPolicy) -> None:
        """Change a log's policy."""
        ...

    async def get_people(self, decision_id: UUID) -> People:
        """Return whose a decision is."""
        ...

    async def add_approval(self, approval: Approval) -> None:
        """Keep an approval. A second one of the same person and text changes nothing."""
        ...

    async def withdraw_approvals(self, decision_id: UUID, person_id: UUID, at: datetime) -> int:
        """Take a person's approvals of a decision back, and return how many there were."""
        ...

    async def list_approvals(self, decision_id: UUID) -> list[Approval]:
        """Return a decision's approvals, withdrawn ones too, oldest first."""
        ...

    async def list_void_approvals(self, decision_id: UUID) -> dict[UUID, int]:
        """Return approvals whose text is not the current one, with the version that first had another since."""
        ...

    async def hold_relations(self) -> None:
        """Keep other transactions of the organisation from stating relations until this one ends."""
        ...

    async def add_relation(self, relation: Relation) -> None:
        """Keep a relation that a person states."""
        ...

    async def get_relation(self, relation_id: UUID) -> Relation | None:
        """Return a relation that a person stated."""
        ...

    async def remove_relation(self, relation_id: UUID) -> None:
        """Forget a relation that a person stated."""
        ...

    async def list_edges(self, ids: Sequence[UUID], *, kind: LinkKind | None = None) -> list[Edge]:
        """Return the edges that begin or end at any of these decisions, each once for each who says it."""
        ...

    async def list_edges_from(self, ids: Sequence[UUID], kind: LinkKind) -> list[Edge]:
        """Return the edges of one kind that begin at any of these decisions."""
        ...

    async def list_latest(self, log_ids: Sequence[UUID], limit: int) -> list[UUID]:
        """Return living decisions of these logs, of all where none is named, the latest decided (or written) first."""
        ...

    async def list_statuses(self, decision_id: UUID) -> list[Transition]:
        """Return the versions at which a decision's status changed, oldest first."""
        ...

    async def take_number(self, log_id: UUID, prefix: str = "") -> int:
        """Return the next free number of the log, or of its numbers with this prefix, and move past it.

        No other transaction gets it.
        """
        ...

    async def pass_number(self, log_id: UUID, number: int, prefix: str = "") -> None:
        """See to it that the next number taken is higher than `number`."""
        ...

    async def add_reservation(self, reservation: Reservation) -> None:
        """Keep a number that was given out."""
        ...

    async def hold_reservation(self, log_id: UUID, prefix: str, number: int) -> Reservation | None:
        """Return a reservation, held until the transaction ends, with the decision that has its number."""
        ...

    async def list_reservations(self, log_id: UUID, limit: int) -> list[Reservation]:
        """Return the numbers given out in a log, newest first."""
        ...


class DecisionStore(LifecycleStore, Protocol):
    """The decisions one caller may see, inside one transaction."""

    async def list_logs(self) -> list[Log]:
        """Return every log, by slug, with its living decisions counted."""
        ...

    async def get_log(self, log_id: UUID) -> Log | None:
        """Return a log, without counting its decisions."""
        ...

    async def add_log(self, log: Log) -> bool:
        """Add a log; False when its slug is taken."""
        ...

    async def add_decision(self, summary: DecisionSummary, version: Version) -> None:
        """Add a decision with its first version."""
        ...

    async def append_version(self, version: Version) -> None:
        """Append a version to its decision and make it the current one."""
        ...

    async def append_edit(self, version: Version, event: NewEvent) -> tuple[list[Neighbour], list[Neighbour]]:
        """Append a version that writes the same links as the one before, with its event; return what `list_links` does.

        The event reaches consumers as one that `Events` takes. This is one round trip in the place of three.
        """
        ...

    async def lock(self, decision_id: UUID) -> DecisionSummary | None:
        """Return a decision and hold it until the transaction ends, so that edits of it come one by one."""
        ...

    async def hold(self, decision_id: UUID, *, status: Status | None = None) -> Held | None:
        """Hold a decision as `lock` does, and return all that a change of it is judged by.

        None when there is none, or when it is in another status than `status`; then nothing is held.
        """
        ...

    async def find(self, ref: Ref) -> list[DecisionSummary]:
        """Return the decisions a name means, deleted ones only by id; at most 6."""
        ...

    async def find_many(self, ids: Sequence[UUID]) -> list[DecisionSummary]:
        """Return the decisions with these ids, deleted ones too, in no order."""
        ...

    async def find_by_source(self, log_id: UUID, path: str) -> DecisionSummary | None:
        """Return the decision that was imported from this path, deleted or not."""
        ...

    async def get_version(self, decision_id: UUID, version: int) -> Version | None:
        """Return one version with its text and source."""
        ...

    async def get_latest_source(self, decision_id: UUID) -> Version | None:
        """Return the newest version that was read from a file."""
        ...

    async def list_versions(self, decision_id: UUID, before: int, limit: int) -> list[Version]:
        """Return versions numbered below `before`, newest first, without text and source."""
        ...

    async def set_deleted(self, decision_id: UUID, at: datetime | None) -> None:
        """Delete a decision softly, or bring it back with None."""
        ...

    async def replace_links(self, decision_id: UUID, links: Sequence[WrittenLink]) -> None:
        """Put these links in the place of those the decision had."""
        ...

    async def list_written_links(self, decision_id: UUID) -> list[WrittenLink]:
        """Return the links that a decision's own text and file write, in order."""
        ...

    async def list_links(self, decision_id: UUID) -> tuple[list[Neighbour], list[Neighbour]]:
        """Return the links a decision writes, and those other decisions write to it."""
        ...

    async def list_log_links(self, log_id: UUID) -> list[tuple[UUID, int, WrittenLink]]:
        """Return every link of a log as (decision id, position, link)."""
        ...

    async def set_link_targets(self, targets: Sequence[tuple[UUID, int, UUID]]) -> None:
        """Point links, named by decision id and position, at the decisions they mean."""
        ...

    async def list_log_decisions(self, log_id: UUID) -> list[DecisionSummary]:
        """Return every living decision of a log, by number."""
        ...

    async def add_import(self, import_: Import, person_id: UUID) -> None:
        """Open an import."""
        ...

    async def get_import(self, import_id: UUID) -> Import | None:
        """Return an import with its totals."""
        ...

    async def list_imports(self, limit: int) -> list[Import]:
        """Return imports, newest first."""
        ...

    async def add_file_report(self, import_id: UUID, report: FileReport, source: bytes | None) -> None:
        """Keep a file's report. `source` holds the bytes of a file that became no record."""
        ...

    async def list_file_reports(self, import_id: UUID) -> list[FileReport]:
        """Return an import's reports, by path."""
        ...

    async def finish_import(self, import_id: UUID, at: datetime, resolved: int, unresolved: int) -> None:
        """Close an import."""
        ...


class Events(Protocol):
    """Where facts for other slices are written, in the same transaction."""

    async def append(self, events: Sequence[NewEvent]) -> None:
        """Write the events; they reach consumers if and only if the transaction commits."""
        ...


class Clock(Protocol):
    """The time."""

    def __call__(self) -> datetime:
        """Return now, in UTC."""
        ...


class RecordReader(Protocol):
    """Finds the links a text writes."""

    def __call__(self, content: Content) -> tuple[WrittenLink, ...]:
        """Return the links of a record's text, in the order they stand."""
        ...
