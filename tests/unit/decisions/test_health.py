"""What the doctor finds in a log, and what it leaves alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.domain import LinkKind, Status
from cairn.decisions.domain.health import (
    SEVERITIES,
    Finding,
    FixKind,
    HealthLink,
    HealthRecord,
    Log,
    Problem,
    Severity,
    examine,
)

LOG = UUID(int=1)
NOW = datetime(2026, 3, 14, tzinfo=UTC)
TODAY = date(2026, 3, 14)


def record(number: int | None, status: Status = Status.ACCEPTED, **fields: Any) -> HealthRecord:
    id_ = fields.pop("id", UUID(int=100 + (number or 0)))
    ref = f"ADR-{number:04d}" if number is not None else "bare"
    created = NOW + timedelta(minutes=id_.int)
    return HealthRecord(id_, LOG, "log", number, ref, f"Decision {number}", status, created, **fields)


def link(writer: HealthRecord, target: HealthRecord | None, kind: LinkKind = LinkKind.RELATES_TO) -> HealthLink:
    return HealthLink(writer.id, 0, kind, target.ref if target else "0099-gone.md", target.id if target else None)


def find(
    records: list[HealthRecord], links: list[HealthLink], *, used: set[int] | None = None, meant: UUID | None = None
) -> dict[Problem, list[Finding]]:
    found = examine(Log(records, links, {(LOG, ""): frozenset(used or set())}, TODAY), lambda _: meant)
    by_problem: dict[Problem, list[Finding]] = {}
    for finding in found:
        by_problem.setdefault(finding.problem, []).append(finding)
    return by_problem


def kinds(finding: Finding) -> list[FixKind]:
    return [fix.kind for fix in finding.fixes]


def test_a_log_in_order_has_no_findings() -> None:
    one, two, three = record(1, Status.SUPERSEDED), record(2), record(3)
    links = [link(one, two, LinkKind.SUPERSEDED_BY), link(two, one, LinkKind.SUPERSEDES), link(three, two)]
    assert find([one, two, three], links) == {}


def test_the_later_of_two_records_with_one_number_is_renumbered() -> None:
    first, second = record(1, path="a.md"), record(1, id=UUID(int=900), path="b.md")
    [finding] = find([second, first], [link(first, second)])[Problem.DUPLICATE_NUMBER]
    assert finding.decision_id == second.id
    assert "(a.md)" in finding.message
    assert kinds(finding) == [FixKind.RENUMBER, FixKind.ACKNOWLEDGE]


def test_gaps_are_told_as_ranges_and_deleted_numbers_are_none() -> None:
    records = [record(n) for n in (1, 2, 4, 8, 9, 10, 11)]
    links = [link(records[0], other) for other in records[1:]]
    messages = [finding.message for finding in find(records, links, used={6})[Problem.MISSING_NUMBER]]
    assert messages == ["Number 3 is missing.", "Number 5 is missing.", "Number 7 is missing."]
    dated = [record(n) for n in (20210605, 20220101)]
    assert Problem.MISSING_NUMBER not in find(dated, [link(dated[0], dated[1])])


def test_a_record_without_a_number_is_told_only_among_numbered_ones() -> None:
    bare, one = record(None), record(1)
    assert Problem.NO_NUMBER in find([bare, one], [link(bare, one)])
    other = record(None, id=UUID(int=901))
    assert find([bare, other], [link(bare, other)]) == {}


def test_a_dangling_link_can_be_let_lead_where_it_may_mean() -> None:
    one, two = record(1), record(2)
    links = [link(one, None), link(one, two)]
    [finding] = find([one, two], links)[Problem.DANGLING_LINK]
    assert kinds(finding) == [FixKind.ACKNOWLEDGE]
    [finding] = find([one, two], links, meant=two.id)[Problem.DANGLING_LINK]
    fix = finding.fixes[0]
    assert (fix.kind, fix.target_id, fix.target_ref) == (FixKind.RESOLVE_LINK, two.id, two.ref)
    assert Problem.DANGLING_LINK not in find([one, two], links, meant=one.id)


def test_a_supersession_that_only_one_side_tells() -> None:
    old, new = record(1), record(2)
    [finding] = find([old, new], [link(new, old, LinkKind.SUPERSEDES)])[Problem.ONE_SIDED_LINK]
    assert (finding.decision_id, finding.fixes[0].status) == (old.id, Status.SUPERSEDED)
    assert finding.fixes[0].target_ref == new.ref
    told = record(1, Status.SUPERSEDED)
    [finding] = find([told, new], [link(told, new, LinkKind.SUPERSEDED_BY)])[Problem.ONE_SIDED_LINK]
    assert (finding.decision_id, finding.fixes[0].kind) == (new.id, FixKind.STATE_RELATION)
    assert finding.fixes[0].target_ref == told.ref


def test_superseded_by_nothing_or_by_what_is_not_in_force() -> None:
    old, other = record(1, Status.SUPERSEDED), record(2)
    [finding] = find([old, other], [link(old, other)])[Problem.NO_SUCCESSOR]
    assert finding.fixes[0].status is Status.DEPRECATED
    draft = record(2, Status.PROPOSED)
    found = find([old, draft], [link(draft, old, LinkKind.SUPERSEDES), link(old, draft, LinkKind.SUPERSEDED_BY)])
    assert found[Problem.CONTRADICTORY_STATUS][0].fixes[0].status is Status.ACCEPTED
    assert Problem.NO_SUCCESSOR not in found


def test_words_that_contradict_the_status() -> None:
    one = record(1, stated=Status.REJECTED, status_text="Rejected, see #12")
    two = record(2, stated=Status.ACCEPTED, status_text="Accepted")
    [finding] = find([one, two], [link(one, two)])[Problem.CONTRADICTORY_STATUS]
    assert "“Rejected, see #12”" in finding.message
    assert kinds(finding) == [FixKind.SET_STATUS, FixKind.CLEAR_STATUS_TEXT, FixKind.ACKNOWLEDGE]


def test_two_that_supersede_each_other_are_told_once() -> None:
    one, two = record(1, Status.SUPERSEDED), record(2, Status.SUPERSEDED)
    links = [link(one, two, LinkKind.SUPERSEDES), link(two, one, LinkKind.SUPERSEDES)]
    told = find([one, two], links)[Problem.CONTRADICTORY_STATUS]
    assert [finding.message for finding in told] == ["ADR-0001 and ADR-0002 each supersede the other."]


def test_approvals_and_reviews_are_asked_of_what_is_in_force() -> None:
    short = record(1, approvals=1, approvals_required=2, review_on=TODAY - timedelta(days=1))
    fine = record(2, approvals=2, approvals_required=2, review_on=TODAY)
    draft = record(3, Status.PROPOSED, approvals_required=2, review_on=TODAY - timedelta(days=1))
    found = find([short, fine, draft], [link(short, fine), link(draft, fine)])
    assert {problem: [f.decision_id for f in findings] for problem, findings in found.items()} == {
        Problem.NO_APPROVAL: [short.id],
        Problem.STALE_REVIEW: [short.id],
    }


@st.composite
def _logs(draw: st.DrawFn) -> tuple[list[HealthRecord], list[HealthLink]]:
    records = [
        record(
            draw(st.none() | st.integers(0, 12)),
            draw(st.sampled_from(Status)),
            id=UUID(int=200 + at),
            stated=draw(st.none() | st.sampled_from(Status)),
        )
        for at in range(draw(st.integers(0, 8)))
    ]
    pairs = st.tuples(st.sampled_from(records), st.none() | st.sampled_from(records)) if records else st.nothing()
    links = [
        link(writer, target, draw(st.sampled_from(LinkKind)))
        for writer, target in draw(st.lists(pairs, max_size=10) if records else st.just([]))
    ]
    return records, links


@settings(max_examples=300, deadline=None)
@given(log=_logs())
def test_every_finding_can_be_named_again_and_mended(log: tuple[list[HealthRecord], list[HealthLink]]) -> None:
    records, links = log
    found = examine(Log(records, links, {}, TODAY), lambda _: None)
    assert {f.key for f in found} == {
        f.key for f in examine(Log(records[::-1], links[::-1], {}, TODAY), lambda _: None)
    }
    keys = [f.key for f in found]
    assert len(keys) == len(set(keys))
    assert all(finding.fixes for finding in found)
    severities = [list(Severity).index(SEVERITIES[finding.problem]) for finding in found]
    assert severities == sorted(severities)
