"""How a decision lives: which status follows which, who may do it, and what approvals count."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cairn.decisions.domain import Content, DecisionSummary, Status
from cairn.kernel.errors import FailedPrecondition, InvalidArgument, PermissionDenied
from cairn.kernel.identity import Caller, Role
from cairn.kernel.phrases import Phrase

APPROVALS_MOST = 20
NAME_MOST = 40


class Act(StrEnum):
    """What a person may want to do to a decision, beyond reading it."""

    EDIT = "edit"
    EDIT_IN_FORCE = "edit in force"
    PROPOSE = "propose"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    ACCEPT = "accept"
    REJECT = "reject"
    REOPEN = "reopen"
    DEPRECATE = "deprecate"
    SUPERSEDE = "supersede"
    REINSTATE = "reinstate"
    RELATE = "relate"
    COMMENT = "comment"
    RESOLVE = "resolve"
    RESERVE = "reserve"
    CARE = "set review, owner"
    DELETE = "delete"
    SET_POLICY = "set log policy"


class Grant(StrEnum):
    """How far a role may do something. `own` means decisions the person wrote or owns."""

    YES = "yes"
    OWN = "own"
    NO = "-"


def _grants(author: Grant, reviewer: Grant, maintainer: Grant, admin: Grant) -> Mapping[Role, Grant]:
    return {Role.AUTHOR: author, Role.REVIEWER: reviewer, Role.MAINTAINER: maintainer, Role.ADMIN: admin}


_YES, _OWN, _NO = Grant.YES, Grant.OWN, Grant.NO

# The one table of who may do what. Its snapshot is tests/unit/decisions/test_lifecycle.py.
RIGHTS: Mapping[Act, Mapping[Role, Grant]] = {
    Act.EDIT: _grants(_YES, _YES, _YES, _YES),
    Act.EDIT_IN_FORCE: _grants(_OWN, _YES, _YES, _YES),
    Act.PROPOSE: _grants(_OWN, _YES, _YES, _YES),
    Act.WITHDRAW: _grants(_OWN, _OWN, _YES, _YES),
    Act.APPROVE: _grants(_NO, _YES, _YES, _YES),
    Act.ACCEPT: _grants(_NO, _YES, _YES, _YES),
    Act.REJECT: _grants(_NO, _YES, _YES, _YES),
    Act.REOPEN: _grants(_NO, _OWN, _YES, _YES),
    Act.DEPRECATE: _grants(_NO, _OWN, _YES, _YES),
    Act.SUPERSEDE: _grants(_NO, _YES, _YES, _YES),
    Act.REINSTATE: _grants(_NO, _NO, _YES, _YES),
    Act.RELATE: _grants(_OWN, _YES, _YES, _YES),
    Act.COMMENT: _grants(_YES, _YES, _YES, _YES),
    Act.RESOLVE: _grants(_OWN, _YES, _YES, _YES),
    Act.RESERVE: _grants(_YES, _YES, _YES, _YES),
    Act.CARE: _grants(_OWN, _YES, _YES, _YES),
    Act.DELETE: _grants(_OWN, _OWN, _YES, _YES),
    Act.SET_POLICY: _grants(_NO, _NO, _YES, _YES),
}

# Which act leads from one status to another. What is not here cannot happen in one step.
TRANSITIONS: Mapping[tuple[Status, Status], Act] = {
    (Status.DRAFT, Status.PROPOSED): Act.PROPOSE,
    (Status.PROPOSED, Status.DRAFT): Act.WITHDRAW,
    (Status.PROPOSED, Status.ACCEPTED): Act.ACCEPT,
    (Status.PROPOSED, Status.REJECTED): Act.REJECT,
    (Status.ACCEPTED, Status.PROPOSED): Act.REOPEN,
    (Status.REJECTED, Status.PROPOSED): Act.REOPEN,
    (Status.DEPRECATED, Status.PROPOSED): Act.REOPEN,
    (Status.ACCEPTED, Status.DEPRECATED): Act.DEPRECATE,
    (Status.DEPRECATED, Status.ACCEPTED): Act.REINSTATE,
    (Status.ACCEPTED, Status.SUPERSEDED): Act.SUPERSEDE,
    (Status.DEPRECATED, Status.SUPERSEDED): Act.SUPERSEDE,
    (Status.SUPERSEDED, Status.ACCEPTED): Act.REINSTATE,
    (Status.SUPERSEDED, Status.DEPRECATED): Act.REINSTATE,
}

# What a new record may be at once, as one act: old decisions are written down after the fact.
_CREATED_AS: Mapping[Status, Act] = {
    Status.DRAFT: Act.EDIT,
    Status.PROPOSED: Act.EDIT,
    Status.ACCEPTED: Act.ACCEPT,
    Status.REJECTED: Act.REJECT,
    Status.DEPRECATED: Act.DEPRECATE,
    Status.SUPERSEDED: Act.SUPERSEDE,
}

# A decision in one of these was accepted once, so what it supersedes stays superseded.
IN_FORCE_ONCE = frozenset({Status.ACCEPTED, Status.DEPRECATED, Status.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """What a log calls the statuses, where it differs from Cairn, and how many approvals an acceptance needs."""

    status_names: Mapping[Status, str] = field(default_factory=dict[Status, str])
    required_approvals: int = 0

    def name_of(self, status: Status) -> str:
        """Return what the log calls a status."""
        return self.status_names.get(status, status.value)


@dataclass(frozen=True, slots=True)
class People:
    """Whose a decision is."""

    author_id: UUID
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's word that one text is right."""

    id: UUID
    decision_id: UUID
    version: int
    content_hash: bytes
    text_hash: bytes
    person_id: UUID
    person_name: str
    note: str
    created_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NextStatus:
    """A status that may follow; `refusal` says why the caller cannot set it now."""

    status: Status
    name: str
    refusal: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of status. The first version has no `before`."""

    before: Status | None
    after: Status
    version: int
    author_name: str
    message: str
    created_at: datetime


class NotAllowed(PermissionDenied):
    """The caller's role does not allow this act on this decision."""

    def __init__(self, act: Act, role: Role) -> None:
        grants = RIGHTS[act]
        able = [f"{r.value}s" for r, grant in grants.items() if grant is Grant.YES]
        own = " on a decision you neither wrote nor own" if grants.get(role) is Grant.OWN else ""
        super().__init__(f"Your role, {role.value}, may not {act.value}{own}. Those who may: {', '.join(able)}.")


class NoSuchTransition(FailedPrecondition):
    """One status does not follow the other."""

    def __init__(self, old: Status, new: Status) -> None:
        possible = [to.value for (from_, to) in TRANSITIONS if from_ is old]
        told = f" It can become {' or '.join(possible)}." if possible else ""
        super().__init__(f"A decision that is {old.value} cannot become {new.value} in one step.{told}", field="status")


class ApprovalsMissing(FailedPrecondition):
    """The log asks for more approvals of this very text."""

    def __init__(self, required: int, there: int) -> None:
        super().__init__(
            f"This log asks for {required} approval{'s' * (required > 1)} of the text, and this text has {there}. "
            "An approval of an earlier text does not count. Ask a reviewer: cairn approve.",
            field="status",
        )


class SuccessorNeeded(FailedPrecondition):
    """A decision is superseded by another one, not by itself."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            Phrase(
                "successor_needed",
                "{ref} becomes superseded when an accepted decision supersedes it. Name the one that does: "
                "cairn supersede {ref} --by REF.",
                ref=ref,
            ),
            field="status",
        )


class StillSuperseded(FailedPrecondition):
    """The decision's successor is in force."""

    def __init__(self, ref: str, successors: Sequence[str]) -> None:
        super().__init__(
            f"{ref} is superseded by {', '.join(successors)}. Take that relation back first, and its status returns.",
            field="status",
        )


def text_hash(content: Content) -> bytes:
    """Return the SHA-256 of what approvers read: title, text and deciders, without status, date and tags."""
    values = [content.title, content.body, list(content.deciders)]
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")).digest()


def count_approvals(approvals: Iterable[Approval], content: Content) -> int:
    """Return how many people approved this very text and did not take it back."""
    hash_ = text_hash(content)
    return len({a.person_id for a in approvals if a.withdrawn_at is None and a.text_hash == hash_})


def may(act: Act, caller: Caller, people: People | None = None) -> bool:
    """Tell whether a caller may do something, to a decision of these people if there is one."""
    grant = RIGHTS[act].get(caller.role, Grant.NO)
    own = people is not None and caller.person_id in {people.author_id, people.owner_id}
    return grant is Grant.YES or (grant is Grant.OWN and own)


def require_right(act: Act, caller: Caller, people: People | None = None) -> None:
    """Raise `NotAllowed` unless the caller may do this."""
    if not may(act, caller, people):
        raise NotAllowed(act, caller.role)


def check_change(
    *,
    caller: Caller,
    people: People,
    policy: LogPolicy,
    summary: DecisionSummary,
    old: Content,
    new: Content,
    approvals: Collection[Approval],
    successors: Sequence[str],
) -> None:
    """Raise unless the caller may put `new` in the place of `old`.

    `successors` are the decisions in force that supersede this one whole.
    """
    if old.status is not new.status:
        check_transition(
            caller=caller, people=people, policy=policy, summary=summary, new=new, approvals=approvals,
            successors=successors,
        )  # fmt: skip
    elif old.status in IN_FORCE_ONCE:
        require_right(Act.EDIT_IN_FORCE, caller, people)
        if old.status is Status.ACCEPTED and policy.required_approvals and text_hash(old) != text_hash(new):
            there = count_approvals(approvals, new)
            if there < policy.required_approvals:
                raise ApprovalsMissing(policy.required_approvals, there)
    else:
        require_right(Act.EDIT, caller, people)


def check_transition(
    *,
    caller: Caller,
    people: People,
    policy: LogPolicy,
    summary: DecisionSummary,
    new: Content,
    approvals: Collection[Approval],
    successors: Sequence[str],
) -> None:
    """Raise unless the caller may give the decision the status and text of `new`."""
    act = TRANSITIONS.get((summary.status, new.status))
    if act is None:
        raise NoSuchTransition(summary.status, new.status)
    require_right(act, caller, people)
    if act is Act.SUPERSEDE and not successors:
        raise SuccessorNeeded(summary.ref)
    if summary.status is Status.SUPERSEDED and successors:
        raise StillSuperseded(summary.ref, successors)
    there = count_approvals(approvals, new)
    if act is Act.ACCEPT and there < policy.required_approvals:
        raise ApprovalsMissing(policy.required_approvals, there)


def check_creation(caller: Caller, policy: LogPolicy, status: Status) -> None:
    """Raise unless the caller may write a new decision that has this status at once."""
    own = People(author_id=caller.person_id)
    require_right(_CREATED_AS[status], caller, own)
    if status is Status.ACCEPTED and policy.required_approvals:
        raise ApprovalsMissing(policy.required_approvals, 0)


def check_policy(policy: LogPolicy) -> LogPolicy:
    """Return the policy with its names trimmed. Raises `InvalidArgument` that names what is wrong."""
    if not 0 <= policy.required_approvals <= APPROVALS_MOST:
        message = Phrase(
            "approvals_range",
            "A log asks for 0 to {most} approvals, not {asked}.",
            most=APPROVALS_MOST,
            asked=policy.required_approvals,
        )
        raise InvalidArgument(message, field="required_approvals")
    names = {status: " ".join(name.split()) for status, name in policy.status_names.items()}
    names = {status: name for status, name in names.items() if name and name != status.value}
    for name in names.values():
        if len(name) > NAME_MOST or "\x00" in name:
            raise InvalidArgument(
                Phrase("status_name_long", "A status has a name of at most {most} characters.", most=NAME_MOST),
                field="status_names",
            )
    shown = [names.get(status, status.value).casefold() for status in Status]
    if len(set(shown)) < len(shown):
        raise InvalidArgument(
            Phrase("status_names_same", "Two statuses would have one name. Give each its own."), field="status_names"
        )
    return LogPolicy(names, policy.required_approvals)
