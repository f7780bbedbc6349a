"""Examining logs, and mending what is out of order."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from cairn.decisions.domain import LinkKind, Status
from cairn.decisions.domain.health import Finding, Fix, FixKind, HealthLink, HealthRecord, Log, Problem, examine
from cairn.decisions.formats.resolve import Known, LinkIndex
from cairn.decisions.formats.statuses import find_status
from cairn.decisions.ports import Clock
from cairn.decisions.ports.health import HealthStore
from cairn.decisions.ports.names import NameStore
from cairn.decisions.usecases.changes import Work, announce, apply_change, hold_living, lock_living, settle
from cairn.decisions.usecases.relations import relate_decisions
from cairn.kernel.errors import FailedPrecondition, InvalidArgument
from cairn.kernel.phrases import Phrase

POSTPONED_DAYS = 30
FIXES_MOST = 1000


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found. `acknowledged` counts findings that people chose to leave, which are not among them."""

    findings: list[Finding]
    records: int
    acknowledged: int


async def examine_logs(health: HealthStore, clock: Clock, *, log_slugs: Collection[str] = ()) -> Examination:
    """Examine these logs, or all. Every log is read, because a record may be superseded by one of another log."""
    records = [_with_stated(record) for record in await health.list_health_records()]
    log = Log(
        records=records,
        links=await health.list_health_links(),
        used_numbers=await health.list_used_numbers(),
        today=clock().date(),
    )
    left = await health.list_acknowledged()
    # Seconds of work for a large organisation: in a thread, so that other requests go on meanwhile.
    found = await asyncio.to_thread(examine, log, _Resolver(records))
    chosen = [finding for finding in found if not log_slugs or finding.log_slug in log_slugs]
    open_ = [finding for finding in chosen if finding.key not in left]
    examined = sum(not log_slugs or record.log_slug in log_slugs for record in records)
    return Examination(open_, examined, len(chosen) - len(open_))


def _with_stated(record: HealthRecord) -> HealthRecord:
    """Read what the record's own words say of its status."""
    if not record.status_text or record.status_text.casefold() == record.status:
        return record
    stated = _read_status(record.status_text)
    return replace(record, stated=stated) if stated else record


@lru_cache(maxsize=4096)
def _read_status(words: str) -> Status | None:
    found = find_status(words)
    return Status(found.status) if found and not found.rule else None


class _Resolver:
    """Looks for the record that a lost link may mean: first in its log, by titles too, then by file in every log."""

    def __init__(self, records: list[HealthRecord]) -> None:
        self._known = {record.id: record for record in records}
        self._records: dict[UUID, list[HealthRecord]] = defaultdict(list)
        for record in records:
            self._records[record.log_id].append(record)
        self._by_log: dict[UUID, LinkIndex[UUID]] = {}
        self._everywhere: LinkIndex[UUID] | None = None

    def __call__(self, link: HealthLink) -> UUID | None:
        """Return the record, or None when that is not certain."""
        writer = self._known[link.writer_id]
        index = self._by_log.get(writer.log_id)
        if index is None:
            known = (Known(r.id, r.path, r.number, "", r.title, r.prefix) for r in self._records[writer.log_id])
            index = self._by_log[writer.log_id] = LinkIndex(known)
        found = index.match(link.target, writer.path)
        if found is None and len(self._records) > 1:
            if self._everywhere is None:
                # Numbers repeat from log to log, so only files are looked for.
                self._everywhere = LinkIndex(Known(r.id, r.path, None, "") for r in self._known.values() if r.path)
            found = self._everywhere.match(link.target, writer.path)
        return found


def choose_fix(findings: dict[str, Finding], key: str, kind: FixKind) -> tuple[Finding, Fix]:
    """Return a finding and one of its fixes. Raises `FailedPrecondition` when it is mended or left already."""
    finding = findings.get(key)
    if finding is None:
        raise FailedPrecondition(
            Phrase("in_order_by_now", "This is in order by now, or was left as it is. Examine again."), field="key"
        )
    for fix in finding.fixes:
        if fix.kind is kind:
            return finding, fix
    known = ", ".join(fix.kind.value for fix in finding.fixes)
    raise InvalidArgument(f"{kind} does not mend this. What does: {known}.", field="fix")


async def apply_fix(work: Work, health: HealthStore, names: NameStore, finding: Finding, fix: Fix) -> str:
    """Mend one finding; return what was done, in words."""
    if fix.kind is FixKind.ACKNOWLEDGE:
        await health.acknowledge(finding.log_id, finding.key, work.caller, work.clock())
        return Phrase("done_left", "left as it is")
    if finding.decision_id is None:
        raise InvalidArgument("This finding is about no single record.", field="fix")
    done: str
    if fix.kind is FixKind.RENUMBER:
        done = await _renumber(work, names, finding.decision_id)
    elif fix.kind is FixKind.STATE_RELATION and fix.target_id is not None:
        await relate_decisions(
            work, source_id=finding.decision_id, kind=LinkKind.SUPERSEDES, target_id=fix.target_id, section=""
        )
        done = Phrase("done_related", "the relation is stated")
    elif fix.kind is FixKind.RESOLVE_LINK and fix.target_id is not None:
        await lock_living(work.store, finding.decision_id)
        await work.store.set_link_targets([(finding.decision_id, fix.position, fix.target_id)])
        await settle(work, [finding.decision_id, fix.target_id])
        done = Phrase("done_linked", "the link leads there now")
    elif fix.kind is FixKind.POSTPONE_REVIEW:
        day = work.clock().date() + timedelta(days=POSTPONED_DAYS)
        await health.postpone_review(finding.decision_id, day)
        done = Phrase("done_postponed", "the review is due on {day}", day=day.isoformat())
    elif finding.problem is Problem.ONE_SIDED_LINK:
        changed = await settle(work, [finding.decision_id])
        done = _is_now(changed[0].status) if changed else Phrase("done_nothing", "nothing was left to change")
    else:
        done = await _set_status(work, finding.decision_id, fix)
    summary = await lock_living(work.store, finding.decision_id)
    await announce(work.events, summary.id, summary.version)
    return done


def _is_now(status: Status) -> Phrase:
    return Phrase("done_status", "it is {status} now", status=status)


async def _renumber(work: Work, names: NameStore, decision_id: UUID) -> str:
    summary = await lock_living(work.store, decision_id)
    number = await work.store.take_number(summary.log_id, summary.prefix)
    await names.set_number(decision_id, number)
    await names.add_former_name(summary.log_id, summary.ref, decision_id, work.clock())
    renamed = await lock_living(work.store, decision_id)
    return Phrase("done_renumbered", "it is {ref} now", ref=renamed.ref)


async def _set_status(work: Work, decision_id: UUID, fix: Fix) -> str:
    held = await hold_living(work.store, decision_id)
    current = held.current
    if fix.status is current.content.status:
        return Phrase("done_already", "it is {status} already", status=fix.status)
    words = current.content.status_text
    stated = find_status(words) if words else None
    agree = fix.status is not None and stated is not None and stated.status == fix.status.value
    status = fix.status or current.content.status
    content = replace(current.content, status=status, status_text=words if agree else "")
    await apply_change(work, held, content, f"Mended: {fix.description}"[:2000])
    return _is_now(content.status) if fix.status else Phrase("done_words_gone", "the words are gone")


def group_findings(findings: list[Finding]) -> dict[Problem, int]:
    """Count findings by problem."""
    counts: dict[Problem, int] = defaultdict(int)
    for finding in findings:
        counts[finding.problem] += 1
    return dict(counts)
