"""The life of a decision: its status, the approvals it has, and what its log asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from cairn.decisions.domain import Decision, DecisionSummary, Ref, StaleEdit, Status, Version
from cairn.decisions.domain.lifecycle import (
    TRANSITIONS,
    Act,
    Approval,
    LogPolicy,
    NextStatus,
    Transition,
    check_policy,
    check_transition,
    count_approvals,
    require_right,
    text_hash,
)
from cairn.decisions.domain.relations import ShownRelation
from cairn.decisions.ports import DecisionStore
from cairn.decisions.usecases.changes import (
    Work,
    apply_change,
    get_policy,
    hold_living,
    list_successors,
    lock_living,
    read_version,
    require,
)
from cairn.decisions.usecases.records import get_decision
from cairn.decisions.usecases.relations import list_relations
from cairn.kernel.errors import CairnError, FailedPrecondition, InvalidArgument, PermissionDenied
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase

NOTE_MOST = 2000
# How far back the author of a text is looked for; versions since it was written changed other fields only.
_AUTHOR_VERSIONS_MOST = 100


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where a decision stands, what may come next, and who approved it."""

    status: Status
    policy: LogPolicy
    next: tuple[NextStatus, ...]
    approvals: tuple[tuple[Approval, bool], ...]
    approvals_count: int
    relations: tuple[ShownRelation, ...]
    same_number: tuple[DecisionSummary, ...]
    # Approvals that a later text made void, with the version that did.
    void_since: Mapping[UUID, int]


class OwnApproval(PermissionDenied):
    """Nobody approves their own text."""

    def __init__(self) -> None:
        super().__init__(Phrase("own_text", "You wrote this text, so another person has to approve it."))


async def get_lifecycle(store: DecisionStore, caller: Caller, *, decision_id: UUID) -> Lifecycle:
    """Return what may happen next to a decision, its approvals and its relations."""
    summary = await require(store, decision_id)
    policy = await get_policy(store, summary.log_id)
    current = await read_version(store, decision_id, summary.version)
    approvals = await store.list_approvals(decision_id)
    hash_ = text_hash(current.content)
    return Lifecycle(
        status=summary.status,
        policy=policy,
        next=tuple(
            await _list_next(store, caller, summary=summary, current=current, policy=policy, approvals=approvals)
        ),
        approvals=tuple((a, a.withdrawn_at is None and a.text_hash == hash_) for a in approvals),
        approvals_count=count_approvals(approvals, current.content),
        relations=tuple(await list_relations(store, decision_id)),
        same_number=tuple(await _list_same_number(store, summary)),
        void_since=await store.list_void_approvals(decision_id) if approvals else {},
    )


async def _list_next(
    store: DecisionStore,
    caller: Caller,
    *,
    summary: DecisionSummary,
    current: Version,
    policy: LogPolicy,
    approvals: list[Approval],
) -> list[NextStatus]:
    people = await store.get_people(summary.id)
    successors = [s.ref for s in await list_successors(store, summary.id)]
    found: list[NextStatus] = []
    for before, status in TRANSITIONS:
        if before is not summary.status:
            continue
        refusal = ""
        try:
            check_transition(
                caller=caller,
                people=people,
                policy=policy,
                summary=summary,
                new=replace(current.content, status=status),
                approvals=approvals,
                successors=successors,
            )
        except CairnError as error:
            refusal = error.message
        found.append(NextStatus(status, policy.name_of(status), refusal))
    return found


async def _list_same_number(store: DecisionStore, summary: DecisionSummary) -> list[DecisionSummary]:
    if summary.number is None:
        return []
    prefix = summary.ref.partition("-")[0]
    found = await store.find(Ref(summary.log_slug, prefix=prefix, number=summary.number))
    return [other for other in found if other.id != summary.id]


async def transition_decision(
    work: Work, *, decision_id: UUID, status: Status, expected_version: int, message: str
) -> tuple[Decision, list[DecisionSummary]]:
    """Change the status, as a new version; return the decision and the others whose status changed with it.

    An acceptance without a date gets today's. Setting the status it has changes nothing.
    """
    await work.store.hold_relations()
    held = await hold_living(work.store, decision_id)
    current = held.current
    if expected_version not in {0, current.version}:
        raise StaleEdit(expected_version, current.version)
    changed: list[DecisionSummary] = []
    if status is not current.content.status:
        content = replace(current.content, status=status, status_text="")
        if status is Status.ACCEPTED and content.decided_on is None:
            content = replace(content, decided_on=work.clock().date())
        changed = (await apply_change(work, held, content, message)).others
    return await get_decision(work.store, str(decision_id)), changed


async def list_transitions(store: DecisionStore, *, decision_id: UUID) -> list[Transition]:
    """Return the changes of a decision's status, oldest first."""
    await require(store, decision_id)
    return await store.list_statuses(decision_id)


async def approve_decision(work: Work, *, decision_id: UUID, version: int, note: str) -> tuple[Approval, int, int]:
    """Approve the text of the current version; return the approval, how many are asked for and how many count.

    Raises `StaleEdit` when `version` is not the current one: nobody approves a text they did not read.
    """
    store, caller = work.store, work.caller
    summary = await lock_living(store, decision_id)
    if version != summary.version:
        raise StaleEdit(version, summary.version)
    if summary.status not in {Status.DRAFT, Status.PROPOSED, Status.ACCEPTED}:
        message = Phrase(
            "nothing_to_approve",
            "{ref} is {status}, so there is nothing to approve. Propose it again first.",
            ref=summary.ref,
            status=summary.status.value,
        )
        raise FailedPrecondition(message)
    require_right(Act.APPROVE, caller)
    current = await read_version(store, decision_id, version)
    if await _find_text_author(store, current) == caller.person_id:
        raise OwnApproval
    note = note.strip()
    if len(note) > NOTE_MOST or "\x00" in note:
        raise InvalidArgument(
            Phrase("note_long", "A note has at most {most} characters and no NUL.", most=NOTE_MOST), field="note"
        )
    approval = Approval(
        id=uuid7(),
        decision_id=decision_id,
        version=version,
        content_hash=current.content_hash,
        text_hash=text_hash(current.content),
        person_id=caller.person_id,
        person_name=caller.person_name,
        note=note,
        created_at=work.clock(),
    )
    await store.add_approval(approval)
    policy = await get_policy(store, summary.log_id)
    approvals = await store.list_approvals(decision_id)
    kept = next(
        a
        for a in approvals
        if (a.person_id, a.text_hash, a.withdrawn_at) == (caller.person_id, approval.text_hash, None)
    )
    return kept, policy.required_approvals, count_approvals(approvals, current.content)


async def _find_text_author(store: DecisionStore, current: Version) -> UUID:
    """Return who wrote the text of a version: later versions may have changed its status only."""
    hash_, author = text_hash(current.content), current.author_id
    for number in range(current.version - 1, max(0, current.version - _AUTHOR_VERSIONS_MOST), -1):
        earlier = await read_version(store, current.decision_id, number)
        if text_hash(earlier.content) != hash_:
            break
        author = earlier.author_id
    return author


async def withdraw_approval(work: Work, *, decision_id: UUID) -> int:
    """Take the caller's approvals of a decision back, and return how many there were."""
    await require(work.store, decision_id)
    return await work.store.withdraw_approvals(decision_id, work.caller.person_id, work.clock())


async def set_policy(store: DecisionStore, caller: Caller, *, log_id: UUID, policy: LogPolicy) -> LogPolicy:
    """Change what a log calls the statuses and how many approvals it asks for."""
    require_right(Act.SET_POLICY, caller)
    await get_policy(store, log_id)
    policy = check_policy(policy)
    await store.set_policy(log_id, policy)
    return policy
