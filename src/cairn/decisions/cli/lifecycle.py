"""`cairn propose`, `accept`, `supersede`, `approve`, `reserve`, `policy`, `history` and more: a decision's life."""

import click
from rich.table import Table

from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import (
    DecisionSummary,
    GetDecisionRequest,
    LinkKind,
    ListLogsRequest,
    ListVersionsRequest,
    Log,
    Status,
    Version,
)
from cairn.gen.cairn.decisions.v1.lifecycle_connect import LifecycleServiceClientSync
from cairn.gen.cairn.decisions.v1.lifecycle_pb import (
    ApproveDecisionRequest,
    GetLifecycleRequest,
    GetLogPolicyRequest,
    LogPolicy,
    RelateDecisionsRequest,
    Relation,
    ReserveNumberRequest,
    SetLogPolicyRequest,
    StatusName,
    TransitionDecisionRequest,
    UnrelateDecisionsRequest,
    WithdrawApprovalRequest,
)
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    Connection,
    Misused,
    calling,
    find_connection,
    output,
    print_json,
    status_label,
    to_jsonable,
)

_PAGE_SIZE = 500
_HISTORY_MOST = 10_000


def find_summary(connection: Connection, ref: str, log_slug: str) -> DecisionSummary:
    """Return the decision a person names. Raises `CommandFailed`."""
    with DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        request = GetDecisionRequest(ref=ref, log_slug=log_slug)
        found = client.get_decision(request, headers=connection.headers).decision
    if found is None or found.summary is None:
        raise CommandFailed(f"There is no decision {ref!r}.")
    return found.summary


def _lives(connection: Connection) -> LifecycleServiceClientSync:
    return LifecycleServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


def _say_status(summary: DecisionSummary) -> str:
    by = f" by {summary.successor.ref}" if summary.successor else ""
    return f"{summary.ref} is {status_label(Status(summary.status).name)}{by} (version {summary.version})."


def _transition(ref: str, log_slug: str, status: Status, message: str, *, as_json: bool) -> None:
    connection = find_connection()
    with calling(), _lives(connection) as client:
        summary = find_summary(connection, ref, log_slug)
        request = TransitionDecisionRequest(decision_id=summary.id, status=status, message=message)
        answer = client.transition_decision(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(answer))
        return
    changed = [answer.decision.summary] if answer.decision and answer.decision.summary else []
    for each in [*changed, *answer.also_changed]:
        output().print(_say_status(each), markup=False, soft_wrap=True)


def _status_command(name: str, status: Status, told: str, example: str) -> click.Command:
    """Return the command that gives a decision one status."""

    @click.command(name, help=f"{told}\n\n\b\nExamples:\n  {example}", short_help=told)
    @click.argument("ref")
    @click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
    @click.option("--message", "-m", default="", help="Why, for the history.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    def command(ref: str, *, log_slug: str, message: str, as_json: bool) -> None:
        _transition(ref, log_slug, status, message, as_json=as_json)

    return command


propose = _status_command(
    "propose", Status.PROPOSED, "Put a draft up for decision, or reopen one.", 'cairn propose ADR-0012 -m "Ready."'
)
accept = _status_command(
    "accept", Status.ACCEPTED, "Accept a proposal; what it supersedes is superseded with it.", "cairn accept ADR-0012"
)
reject = _status_command("reject", Status.REJECTED, "Reject a proposal.", 'cairn reject ADR-0012 -m "Too dear to run."')
deprecate = _status_command(
    "deprecate", Status.DEPRECATED, "Say that a decision no longer guides new work.", "cairn deprecate ADR-0012"
)


@click.command("supersede")
@click.argument("ref")
@click.option("--by", "successor", required=True, help="The newer decision.")
@click.option("--section", default="", help="Only the section under this heading.")
@click.option("--undo", is_flag=True, help="Take the relation back; the old status returns.")
@click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def supersede(ref: str, *, successor: str, section: str, undo: bool, log_slug: str, as_json: bool) -> None:
    """Say that the decision REF is superseded by a newer one. It takes effect when the newer one is accepted.

    \b
    Examples:
      cairn supersede ADR-0003 --by ADR-0012
      cairn supersede ADR-0003 --by ADR-0012 --section Consequences
      cairn supersede ADR-0003 --by ADR-0012 --undo
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _lives(connection) as client:
        old, new = find_summary(connection, ref, log_slug), find_summary(connection, successor, log_slug)
        if undo:
            relation = _find_relation(client, connection, old, new, section)
            undone = UnrelateDecisionsRequest(relation_id=relation.id)
            answer = client.unrelate_decisions(undone, headers=connection.headers)
        else:
            request = RelateDecisionsRequest(
                source_id=new.id, kind=LinkKind.SUPERSEDES, target_id=old.id, section=section
            )
            answer = client.relate_decisions(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(answer))
        return
    part = f" section {section!r} of" if section else ""
    told = [_say_status(summary) for summary in answer.also_changed]
    if undo:
        first = f"{new.ref} no longer supersedes{part} {old.ref}."
    elif new.status in {Status.DRAFT, Status.PROPOSED, Status.REJECTED}:
        first = f"{new.ref} supersedes{part} {old.ref} once it is accepted."
    else:
        first = f"{new.ref} supersedes{part} {old.ref}."
    for line in [first, *told]:
        output().print(line, markup=False, soft_wrap=True)


def _find_relation(
    client: LifecycleServiceClientSync,
    connection: Connection,
    old: DecisionSummary,
    new: DecisionSummary,
    section: str,
) -> Relation:
    found = client.get_lifecycle(GetLifecycleRequest(decision_id=old.id), headers=connection.headers).relations
    for relation in found:
        ends = (relation.source.id if relation.source else "", relation.target.id if relation.target else "")
        if relation.kind is LinkKind.SUPERSEDES and ends == (new.id, old.id) and relation.section == section:
            if not relation.id:
                told = f"The text of {new.ref} or {old.ref} says so. Edit the text; the relation goes with it."
                raise CommandFailed(told)
            return relation
    raise CommandFailed(f"{new.ref} does not supersede {old.ref}.")


@click.command("approve")
@click.argument("ref")
@click.option("--version", type=click.IntRange(1), default=None, help="The version you read; the current one if unset.")
@click.option("--note", default="", help="A word to the author.")
@click.option("--withdraw", is_flag=True, help="Take your approval back.")
@click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def approve(ref: str, *, version: int | None, note: str, withdraw: bool, log_slug: str, as_json: bool) -> None:
    """Approve the text of a proposal. A later change of the text needs it again.

    \b
    Examples:
      cairn approve ADR-0012 --version 3
      cairn approve ADR-0012 --withdraw
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _lives(connection) as client:
        summary = find_summary(connection, ref, log_slug)
        if withdraw:
            answer = client.withdraw_approval(
                WithdrawApprovalRequest(decision_id=summary.id), headers=connection.headers
            )
            told = f"{answer.withdrawn} approvals of {summary.ref} taken back."
        else:
            request = ApproveDecisionRequest(decision_id=summary.id, version=version or summary.version, note=note)
            answer = client.approve_decision(request, headers=connection.headers)
            needed = f" of {answer.required_approvals}" if answer.required_approvals else ""
            told = f"{summary.ref} version {request.version} has {answer.approvals_count}{needed} approvals."
    if as_json:
        print_json(to_jsonable(answer))
    else:
        output().print(told, markup=False, soft_wrap=True)


@click.command("reserve")
@click.option("--log", "log_slug", default="", help="The log; needed when there are several.")
@click.option("--prefix", default="", help="Count under another prefix than the log's, for example SEC.")
@click.option("--for", "purpose", default="", help="What it is for, for example the name of a branch.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reserve(*, log_slug: str, prefix: str, purpose: str, as_json: bool) -> None:
    """Reserve the next number of a log, so that no other branch takes it.

    \b
    Examples:
      cairn reserve --for my-branch
      cairn reserve --log payments --prefix SEC --json
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _lives(connection) as client:
        log = _choose_log(connection, log_slug)
        request = ReserveNumberRequest(log_id=log.id, prefix=prefix, purpose=purpose)
        made = client.reserve_number(request, headers=connection.headers).reservation
    if made is None:
        raise CommandFailed("The server reserved no number.")
    if as_json:
        print_json(to_jsonable(made))
    else:
        click.echo(made.ref)


def _choose_log(connection: Connection, slug: str) -> Log:
    with DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        logs = list(client.list_logs(ListLogsRequest(), headers=connection.headers).logs)
    found = [log for log in logs if slug in {"", log.slug}]
    if len(found) != 1:
        names = ", ".join(log.slug for log in logs) or "none yet; `cairn import DIR` makes one"
        raise Misused(f"Name one log with --log. The logs are: {names}.")
    return found[0]


@click.command("policy")
@click.option("--log", "log_slug", default="", help="The log; needed when there are several.")
@click.option("--approvals", type=click.IntRange(0, 20), default=None, help="How many approvals an acceptance needs.")
@click.option("--name", "names", multiple=True, metavar="STATUS=NAME", help="Call a status so; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def policy(*, log_slug: str, approvals: int | None, names: tuple[str, ...], as_json: bool) -> None:
    """Show or change what a log calls the statuses and how many approvals it asks for.

    \b
    Examples:
      cairn policy --log payments
      cairn policy --log payments --approvals 2 --name accepted=Adopted
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _lives(connection) as client:
        log = _choose_log(connection, log_slug)
        found = client.get_log_policy(GetLogPolicyRequest(log_id=log.id), headers=connection.headers).policy
        if found is None:
            raise CommandFailed("The server gave no policy back.")
        if approvals is not None or names:
            named = {Status(entry.status): entry.name for entry in found.status_names} | dict(map(_read_name, names))
            changed = LogPolicy(
                log_id=log.id,
                status_names=[StatusName(status=status, name=name) for status, name in named.items()],
                required_approvals=found.required_approvals if approvals is None else approvals,
            )
            request = SetLogPolicyRequest(policy=changed)
            found = client.set_log_policy(request, headers=connection.headers).policy or changed
    if as_json:
        print_json(to_jsonable(found))
        return
    click.echo(f"{log.slug} asks for {found.required_approvals} approvals.")
    for entry in found.status_names:
        click.echo(f"{status_label(Status(entry.status).name)} is called {entry.name}.")


def _read_name(text: str) -> tuple[Status, str]:
    status, _, name = text.partition("=")
    known = {each.name.lower(): each for each in Status if each is not Status.UNSPECIFIED}
    if status.strip().lower() not in known:
        raise Misused(f"{text!r} names no status. Write STATUS=NAME with one of: {', '.join(known)}.")
    return known[status.strip().lower()], name


@click.command("history")
@click.argument("ref")
@click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(ref: str, *, log_slug: str, as_json: bool) -> None:
    """List the versions of a decision, newest first.

    \b
    Examples:
      cairn history ADR-0012
      cairn history ADR-0012 --json
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    found: list[Version] = []
    with calling(), DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        summary = find_summary(connection, ref, log_slug)
        request = ListVersionsRequest(decision_id=summary.id, page_size=_PAGE_SIZE)
        while len(found) < _HISTORY_MOST:
            page = client.list_versions(request, headers=connection.headers)
            found.extend(page.versions)
            if not page.next_cursor:
                break
            request.cursor = page.next_cursor
    if as_json:
        print_json({"ref": summary.ref, "versions": [to_jsonable(version) for version in found]})
        return
    table = Table("version", "when", "who", "status", "title", "why", box=None, pad_edge=False)
    for version in found:
        when = version.created_at.to_datetime().strftime("%Y-%m-%d %H:%M") if version.created_at else ""
        status = status_label(Status(version.status).name)
        table.add_row(str(version.version), when, version.author_name, status, version.title, version.message)
    output().print(table)
