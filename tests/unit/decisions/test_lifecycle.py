"""Who may do what to a decision, and what follows what: tables that are reviewed like code."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.decisions.domain import Content, DecisionSummary, Status
from cairn.decisions.domain.lifecycle import (
    RIGHTS,
    TRANSITIONS,
    Approval,
    ApprovalsMissing,
    LogPolicy,
    NoSuchTransition,
    NotAllowed,
    People,
    StillSuperseded,
    SuccessorNeeded,
    check_change,
    check_policy,
    count_approvals,
    text_hash,
)
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.identity import Caller, Role

MATRIX = """
                   author reviewer maintainer admin
edit               yes    yes      yes        yes
edit in force      own    yes      yes        yes
propose            own    yes      yes        yes
withdraw           own    own      yes        yes
approve            -      yes      yes        yes
accept             -      yes      yes        yes
reject             -      yes      yes        yes
reopen             -      own      yes        yes
deprecate          -      own      yes        yes
supersede          -      yes      yes        yes
reinstate          -      -        yes        yes
relate             own    yes      yes        yes
comment            yes    yes      yes        yes
resolve            own    yes      yes        yes
reserve            yes    yes      yes        yes
set review, owner  own    yes      yes        yes
delete             own    own      yes        yes
set log policy     -      -        yes        yes
"""

FOLLOWING = """
draft      -> proposed: propose
proposed   -> draft: withdraw, accepted: accept, rejected: reject
accepted   -> proposed: reopen, deprecated: deprecate, superseded: supersede
rejected   -> proposed: reopen
deprecated -> proposed: reopen, accepted: reinstate, superseded: supersede
superseded -> accepted: reinstate, deprecated: reinstate
"""

TENANT, AUTHOR, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2026, 3, 14, tzinfo=UTC)


def caller(role: Role, person: UUID = OTHER) -> Caller:
    return Caller(TENANT, person, "Ada", role)


def content(status: Status, body: str = "Because.") -> Content:
    return Content(title="Use a queue", status=status, body=body)


def summary(status: Status) -> DecisionSummary:
    return DecisionSummary(
        UUID(int=9), UUID(int=8), "log", 1, "x", "ADR-0001", "x", status, None, (), (), 1, "", NOW, NOW
    )


def approval(person: int, of: Content, *, withdrawn: bool = False) -> Approval:
    return Approval(
        id=UUID(int=person),
        decision_id=UUID(int=9),
        version=1,
        content_hash=of.hash(),
        text_hash=text_hash(of),
        person_id=UUID(int=person),
        person_name="P",
        note="",
        created_at=NOW,
        withdrawn_at=NOW if withdrawn else None,
    )


def check(who: Caller, old: Content, new: Content, **given: object) -> None:
    defaults: dict[str, object] = {"policy": LogPolicy(), "approvals": [], "successors": []}
    check_change(caller=who, people=People(AUTHOR), summary=summary(old.status), old=old, new=new, **(defaults | given))


def test_the_table_of_rights() -> None:
    roles = [Role.AUTHOR, Role.REVIEWER, Role.MAINTAINER, Role.ADMIN]
    lines = [" " * 19 + " ".join(roles)]
    for act, grants in RIGHTS.items():
        cells = [grants[role].value.ljust(len(role)) for role in roles]
        lines.append(f"{act.value:<18} {' '.join(cells)}".rstrip())
    assert "\n".join(lines) == MATRIX.strip("\n")


def test_the_table_of_what_follows_what() -> None:
    lines = []
    for status in Status:
        steps = ", ".join(f"{to.value}: {act.value}" for (before, to), act in TRANSITIONS.items() if before is status)
        lines.append(f"{status.value:<10} -> {steps}")
    assert "\n".join(lines) == FOLLOWING.strip("\n")


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER, Role.MAINTAINER, Role.ADMIN])
@pytest.mark.parametrize("old", list(Status))
@pytest.mark.parametrize("new", list(Status))
def test_a_status_changes_only_along_the_table_and_by_those_it_names(role: Role, old: Status, new: Status) -> None:
    act = TRANSITIONS.get((old, new))
    who = caller(role)
    if old is new:
        return
    if act is None:
        with pytest.raises(NoSuchTransition):
            check(who, content(old), content(new))
    elif RIGHTS[act][role].value != "yes":
        with pytest.raises(NotAllowed, match=r"Those who may: .*maintainers"):
            check(who, content(old), content(new))
    elif new is Status.SUPERSEDED:
        with pytest.raises(SuccessorNeeded):
            check(who, content(old), content(new))
        check(who, content(old), content(new), successors=["ADR-2"])
    else:
        check(who, content(old), content(new))


def test_what_is_ones_own_is_what_one_wrote() -> None:
    check(caller(Role.AUTHOR, AUTHOR), content(Status.DRAFT), content(Status.PROPOSED))
    with pytest.raises(NotAllowed, match="neither wrote nor own"):
        check(caller(Role.AUTHOR), content(Status.DRAFT), content(Status.PROPOSED))


def test_a_successor_in_force_keeps_the_old_one_superseded() -> None:
    with pytest.raises(StillSuperseded, match="ADR-2"):
        check(caller(Role.ADMIN), content(Status.SUPERSEDED), content(Status.ACCEPTED), successors=["ADR-2"])


def test_an_acceptance_needs_approvals_of_this_very_text() -> None:
    old, new = content(Status.PROPOSED), content(Status.ACCEPTED)
    policy = LogPolicy(required_approvals=2)
    for approvals in (
        [],
        [approval(1, old)],
        [approval(1, old), approval(1, old)],
        [approval(1, old), approval(2, old, withdrawn=True)],
        [approval(1, old), approval(2, content(Status.PROPOSED, "Other."))],
    ):
        with pytest.raises(ApprovalsMissing, match="asks for 2 approvals"):
            check(caller(Role.ADMIN), old, new, policy=policy, approvals=approvals)
    both = [approval(1, old), approval(2, old)]
    check(caller(Role.ADMIN), old, new, policy=policy, approvals=both)
    with pytest.raises(ApprovalsMissing):
        check(caller(Role.ADMIN), old, content(Status.ACCEPTED, "Edited on the way."), policy=policy, approvals=both)


def test_an_accepted_text_does_not_change_without_new_approvals() -> None:
    old, new = content(Status.ACCEPTED), content(Status.ACCEPTED, "Other.")
    policy = LogPolicy(required_approvals=1)
    with pytest.raises(ApprovalsMissing):
        check(caller(Role.ADMIN), old, new, policy=policy, approvals=[approval(1, old)])
    check(caller(Role.ADMIN), old, new)
    tagged = Content(title=old.title, status=old.status, body=old.body, tags=("data",))
    check(caller(Role.ADMIN), old, tagged, policy=policy, approvals=[approval(1, old)])


@given(st.text(), st.text(), st.sampled_from(Status), st.sampled_from(Status))
def test_an_approval_is_of_the_text_whatever_the_status(one: str, two: str, first: Status, second: Status) -> None:
    approvals = [approval(1, content(first, one))]
    assert count_approvals(approvals, content(second, two)) == (one == two)


def test_a_log_names_the_statuses_its_own_way() -> None:
    policy = check_policy(LogPolicy({Status.ACCEPTED: " In  force ", Status.DRAFT: "draft"}, 3))
    assert policy == LogPolicy({Status.ACCEPTED: "In force"}, 3)
    assert (policy.name_of(Status.ACCEPTED), policy.name_of(Status.DRAFT)) == ("In force", "draft")
    for bad in (
        LogPolicy({Status.ACCEPTED: "Rejected"}),
        LogPolicy({Status.ACCEPTED: "x" * 41}),
        LogPolicy(required_approvals=21),
    ):
        with pytest.raises(InvalidArgument):
            check_policy(bad)
