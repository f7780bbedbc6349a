"""What is out of order in a log, and what would mend it. Pure: the records come in, findings go out."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from cairn.decisions.domain import LinkKind, Status
from cairn.kernel.phrases import Phrase

RANGES_MOST = 50


class Problem(StrEnum):
    """What can be out of order."""

    DUPLICATE_NUMBER = "duplicate_number"
    MISSING_NUMBER = "missing_number"
    NO_NUMBER = "no_number"
    DANGLING_LINK = "dangling_link"
    ONE_SIDED_LINK = "one_sided_link"
    NO_SUCCESSOR = "no_successor"
    NO_APPROVAL = "no_approval"
    STALE_REVIEW = "stale_review"
    CONTRADICTORY_STATUS = "contradictory_status"
    UNLINKED = "unlinked"


class Severity(StrEnum):
    """How much it matters: an error misleads readers, a warning may, a note is worth a look."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


SEVERITIES: Mapping[Problem, Severity] = {
    Problem.DUPLICATE_NUMBER: Severity.ERROR,
    Problem.MISSING_NUMBER: Severity.NOTE,
    Problem.NO_NUMBER: Severity.NOTE,
    Problem.DANGLING_LINK: Severity.WARNING,
    Problem.ONE_SIDED_LINK: Severity.WARNING,
    Problem.NO_SUCCESSOR: Severity.ERROR,
    Problem.NO_APPROVAL: Severity.WARNING,
    Problem.STALE_REVIEW: Severity.WARNING,
    Problem.CONTRADICTORY_STATUS: Severity.ERROR,
    Problem.UNLINKED: Severity.NOTE,
}


class FixKind(StrEnum):
    """What can be done about a finding."""

    RENUMBER = "renumber"
    RESOLVE_LINK = "resolve_link"
    SET_STATUS = "set_status"
    CLEAR_STATUS_TEXT = "clear_status_text"
    STATE_RELATION = "state_relation"
    POSTPONE_REVIEW = "postpone_review"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to mend a finding. Which of the last four are set depends on the kind."""

    kind: FixKind
    description: str
    status: Status | None = None
    target_id: UUID | None = None
    position: int = 0
    target_ref: str = ""


_NONE: frozenset[int] = frozenset()
_LEAVE = Fix(FixKind.ACKNOWLEDGE, "leave it as it is, and do not report it again")


@dataclass(frozen=True, slots=True)
class HealthRecord:
    """A record as the examination sees it. `stated` is the status its own words state, None when they say nothing."""

    id: UUID
    log_id: UUID
    log_slug: str
    number: int | None
    ref: str
    title: str
    status: Status
    created_at: datetime
    path: str = ""
    prefix: str = ""
    status_text: str = ""
    stated: Status | None = None
    review_on: date | None = None
    approvals: int = 0
    approvals_required: int = 0


@dataclass(frozen=True, slots=True)
class HealthLink:
    """A link as a record writes it. `target_id` is the living record it means, None when it leads nowhere."""

    writer_id: UUID
    position: int
    kind: LinkKind
    target: str
    target_id: UUID | None
    target_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something out of order. `key` names it for good: the same finding has the same key in the next examination."""

    problem: Problem
    key: str
    log_id: UUID
    log_slug: str
    message: str
    fixes: tuple[Fix, ...]
    decision_id: UUID | None = None
    ref: str = ""

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return SEVERITIES[self.problem]


@dataclass(frozen=True, slots=True)
class Log:
    """Everything an examination looks at. `used_numbers` are those of deleted records and reservations."""

    records: Sequence[HealthRecord]
    links: Sequence[HealthLink]
    used_numbers: Mapping[tuple[UUID, str], frozenset[int]]
    today: date


Resolve = Callable[[HealthLink], UUID | None]


def examine(log: Log, resolve: Resolve) -> list[Finding]:
    """Find what is out of order, worst first, then by log and name.

    `resolve` looks further for the record that a link leading nowhere may mean.
    """
    by_id = {record.id: record for record in log.records}
    edges = _supersessions(log.links, by_id)
    found = [
        *_numbers(log),
        *_links(log, by_id, resolve),
        *_one_sided(edges, by_id),
        *_statuses(log.records, edges, by_id),
        *_care(log),
        *_unlinked(log, by_id),
    ]
    order = list(Severity)
    # A text may name the same lost target in several ways; that is one finding.
    found = list({finding.key: finding for finding in found}.values())
    return sorted(found, key=lambda f: (order.index(f.severity), f.log_slug, f.problem, f.ref, f.key))


def _finding(problem: Problem, record: HealthRecord, message: str, *fixes: Fix, detail: str = "") -> Finding:
    key = f"{problem}:{record.id}" + (f":{detail}" if detail else "")
    named = record.ref
    return Finding(problem, key, record.log_id, record.log_slug, message, (*fixes, _LEAVE), record.id, named)


def _numbers(log: Log) -> Iterator[Finding]:
    by_name: dict[tuple[UUID, str], dict[int, list[HealthRecord]]] = defaultdict(lambda: defaultdict(list))
    bare: dict[UUID, list[HealthRecord]] = defaultdict(list)
    slugs = {record.log_id: record.log_slug for record in log.records}
    for record in log.records:
        if record.number is None:
            bare[record.log_id].append(record)
        else:
            by_name[record.log_id, record.prefix][record.number].append(record)
    for numbers in by_name.values():
        for same in numbers.values():
            kept, *others = sorted(same, key=lambda record: (record.created_at, record.path, record.id))
            for record in others:
                message = Phrase(
                    "number_taken",
                    "{ref} is also the number of “{title}”{place}.",
                    ref=record.ref,
                    title=kept.title,
                    place=_at(kept),
                )
                fix = Fix(FixKind.RENUMBER, "give it the next free number; the old one still leads to the other")
                yield _finding(Problem.DUPLICATE_NUMBER, record, message, fix)
    for (log_id, prefix), numbers in by_name.items():
        yield from _gaps(log_id, prefix, slugs[log_id], set(numbers) | log.used_numbers.get((log_id, prefix), _NONE))
    for log_id, records in bare.items():
        if any(numbered == log_id for numbered, _ in by_name):
            for record in records:
                fix = Fix(FixKind.RENUMBER, "give it the next free number; its old name still leads to it")
                message = Phrase("no_number", "{ref} has no number; others of its log have.", ref=record.ref)
                yield _finding(Problem.NO_NUMBER, record, message, fix)


def _gaps(log_id: UUID, prefix: str, slug: str, used: set[int]) -> Iterator[Finding]:
    """Ranges of numbers below the highest that nothing has. Numbers made of dates leave more gaps than they fill."""
    ordered = sorted(used)
    ranges = [(a + 1, b - 1) for a, b in itertools.pairwise(ordered) if b - a > 1]
    missing = sum(last - first + 1 for first, last in ranges)
    if missing > len(used):
        return
    fix = replace(_LEAVE, description="the numbers were never used; do not report them again")
    for first, last in ranges[:RANGES_MOST]:
        key = f"{Problem.MISSING_NUMBER}:{log_id}:{prefix}:{first}-{last}"
        message = (
            Phrase("number_missing", "Number {first} is missing{among}.", first=first, among=_among(prefix))
            if first == last
            else Phrase(
                "numbers_missing",
                "Numbers {first} to {last} are missing{among}.",
                first=first,
                last=last,
                among=_among(prefix),
            )
        )
        yield Finding(Problem.MISSING_NUMBER, key, log_id, slug, message, (fix,))


def _links(log: Log, by_id: Mapping[UUID, HealthRecord], resolve: Resolve) -> Iterator[Finding]:
    for link in log.links:
        writer = by_id.get(link.writer_id)
        if writer is None or link.target_id is not None:
            continue
        meant = None if link.target_deleted else resolve(link)
        if meant == link.writer_id:
            continue
        fixes: list[Fix] = []
        ref, target = writer.ref, link.target[:120]
        message = Phrase("link_lost", "{ref} links to “{target}”, which leads to no record.", ref=ref, target=target)
        if link.target_deleted:
            message = Phrase(
                "link_to_deleted",
                "{ref} links to “{target}”, which leads to a deleted record.",
                ref=ref,
                target=target,
            )
        elif meant is not None and meant in by_id:
            other = by_id[meant]
            message = Phrase(
                "link_may_mean",
                "{ref} links to “{target}”, which leads to no record; it may mean {other} ({title}).",
                ref=ref,
                target=target,
                other=other.ref,
                title=other.title,
            )
            description = f"let it lead to {other.ref}"
            fixes.append(Fix(FixKind.RESOLVE_LINK, description, None, meant, link.position, other.ref))
        yield _finding(Problem.DANGLING_LINK, writer, message, *fixes, detail=link.target[:120])


@dataclass(frozen=True, slots=True)
class _Edge:
    """One supersession, and which of its ends says so."""

    new_id: UUID
    old_id: UUID
    new_says: bool
    old_says: bool


def _supersessions(links: Iterable[HealthLink], by_id: Mapping[UUID, HealthRecord]) -> list[_Edge]:
    said: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    for link in links:
        if link.target_id is None or link.target_id not in by_id or link.writer_id not in by_id:
            continue
        if link.kind is LinkKind.SUPERSEDES:
            said[link.writer_id, link.target_id].add("new")
        elif link.kind is LinkKind.SUPERSEDED_BY:
            said[link.target_id, link.writer_id].add("old")
    return [_Edge(new, old, "new" in by, "old" in by) for (new, old), by in said.items()]


def _one_sided(edges: Sequence[_Edge], by_id: Mapping[UUID, HealthRecord]) -> Iterator[Finding]:
    for edge in edges:
        new, old = by_id[edge.new_id], by_id[edge.old_id]
        if edge.new_says and edge.old_says:
            continue
        if edge.new_says and new.status is Status.ACCEPTED and old.status is Status.ACCEPTED:
            message = Phrase(
                "superseded_unawares",
                "{ref} supersedes {old}, which is still accepted and says nothing of it.",
                ref=new.ref,
                old=old.ref,
            )
            fix = Fix(
                FixKind.SET_STATUS,
                f"{old.ref} becomes superseded by {new.ref}",
                Status.SUPERSEDED,
                new.id,
                target_ref=new.ref,
            )
            yield _finding(Problem.ONE_SIDED_LINK, old, message, fix, detail=str(new.id))
        elif edge.old_says:
            message = Phrase(
                "supersedes_unawares",
                "{old} says that {ref} supersedes it; {ref} says nothing of it.",
                old=old.ref,
                ref=new.ref,
            )
            fix = Fix(
                FixKind.STATE_RELATION,
                f"state that {new.ref} supersedes {old.ref}",
                target_id=old.id,
                target_ref=old.ref,
            )
            yield _finding(Problem.ONE_SIDED_LINK, new, message, fix, detail=str(old.id))


def _statuses(
    records: Sequence[HealthRecord], edges: Sequence[_Edge], by_id: Mapping[UUID, HealthRecord]
) -> Iterator[Finding]:
    successors: dict[UUID, list[HealthRecord]] = defaultdict(list)
    for edge in edges:
        successors[edge.old_id].append(by_id[edge.new_id])
    mutual = {(edge.new_id, edge.old_id) for edge in edges}
    for record in records:
        after = successors[record.id]
        if record.status is Status.SUPERSEDED and not after:
            message = Phrase(
                "no_successor", "{ref} is superseded, and no record is known to take its place.", ref=record.ref
            )
            fix = Fix(FixKind.SET_STATUS, "nothing took its place: it becomes deprecated", Status.DEPRECATED)
            yield _finding(Problem.NO_SUCCESSOR, record, message, fix)
        elif record.status is Status.SUPERSEDED and all(
            other.status in {Status.DRAFT, Status.PROPOSED, Status.REJECTED} for other in after
        ):
            other = after[0]
            message = Phrase(
                "successor_open",
                "{ref} is superseded, but {other}, which supersedes it, is {status}.",
                ref=record.ref,
                other=other.ref,
                status=other.status,
            )
            fix = Fix(FixKind.SET_STATUS, "it is in force until then: it becomes accepted", Status.ACCEPTED)
            yield _finding(Problem.CONTRADICTORY_STATUS, record, message, fix, detail="successor")
        for other in after:
            if (record.id, other.id) in mutual and record.id < other.id:
                message = Phrase(
                    "mutual", "{ref} and {other} each supersede the other.", ref=record.ref, other=other.ref
                )
                yield _finding(Problem.CONTRADICTORY_STATUS, record, message, detail=str(other.id))
        if record.stated is not None and record.stated is not record.status:
            message = Phrase(
                "words_disagree",
                "{ref} is {status}, but its own words say “{words}”.",
                ref=record.ref,
                status=record.status,
                words=record.status_text[:80],
            )
            follow = Fix(FixKind.SET_STATUS, f"its words hold: it becomes {record.stated}", record.stated)
            clear = Fix(FixKind.CLEAR_STATUS_TEXT, f"it stays {record.status}; the words go")
            yield _finding(Problem.CONTRADICTORY_STATUS, record, message, follow, clear, detail="words")


def _care(log: Log) -> Iterator[Finding]:
    for record in log.records:
        if record.status is not Status.ACCEPTED:
            continue
        if record.approvals < record.approvals_required:
            message = Phrase(
                "approvals_lacking",
                "{ref} is accepted with {given} of {needed} approvals.",
                ref=record.ref,
                given=record.approvals,
                needed=record.approvals_required,
            )
            fix = Fix(FixKind.SET_STATUS, "it becomes proposed again, to be approved", Status.PROPOSED)
            yield _finding(Problem.NO_APPROVAL, record, message, fix)
        if record.review_on is not None and record.review_on < log.today:
            message = Phrase(
                "review_past", "{ref} was due for review on {day}.", ref=record.ref, day=record.review_on.isoformat()
            )
            fix = Fix(FixKind.POSTPONE_REVIEW, "set the review to 30 days from now")
            yield _finding(Problem.STALE_REVIEW, record, message, fix, detail=record.review_on.isoformat())


def _unlinked(log: Log, by_id: Mapping[UUID, HealthRecord]) -> Iterator[Finding]:
    linked: set[UUID] = set()
    sizes: dict[UUID, int] = defaultdict(int)
    for link in log.links:
        if link.target_id is not None and link.target_id in by_id and link.target_id != link.writer_id:
            linked.update((link.writer_id, link.target_id))
    for record in log.records:
        sizes[record.log_id] += 1
    for record in log.records:
        if record.id not in linked and sizes[record.log_id] > 1:
            message = Phrase("unlinked", "No record links to {ref}, and it links to none.", ref=record.ref)
            yield _finding(Problem.UNLINKED, record, message)


def _among(prefix: str) -> str:
    return f" ({prefix})" if prefix else ""


def _at(record: HealthRecord) -> str:
    return f" ({record.path})" if record.path else ""
