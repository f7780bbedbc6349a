"""`cairn show`: a decision on the command line."""

import click
from rich.markdown import Markdown

from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import (
    Decision,
    DecisionSummary,
    GetDecisionRequest,
    Link,
    LinkKind,
    Status,
)
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    calling,
    find_connection,
    output,
    print_json,
    status_label,
    to_jsonable,
)

_LINK_WORDS: dict[LinkKind, str] = {
    LinkKind.SUPERSEDES: "supersedes",
    LinkKind.SUPERSEDED_BY: "superseded by",
    LinkKind.AMENDS: "amends",
    LinkKind.AMENDED_BY: "amended by",
    LinkKind.DEPENDS_ON: "depends on",
    LinkKind.REQUIRED_BY: "required by",
    LinkKind.RELATES_TO: "relates to",
}


@click.command("show")
@click.argument("ref")
@click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(ref: str, *, log_slug: str, as_json: bool) -> None:
    """Show the decision REF: its id, number (ADR-0012, 12), `log/ADR-0012`, or slug.

    \b
    Examples:
      cairn show ADR-0012
      cairn show payments/ADR-0012 --json
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        request = GetDecisionRequest(ref=ref, log_slug=log_slug)
        decision = client.get_decision(request, headers=connection.headers).decision
    if decision is None:
        raise CommandFailed(f"There is no decision {ref!r}.")
    if as_json:
        print_json(to_jsonable(decision))
    else:
        _print_decision(decision)


def _print_decision(decision: Decision) -> None:
    console = output()
    summary = decision.summary or DecisionSummary()
    console.print(f"{summary.ref}  {summary.title}", style="bold", markup=False)
    status = decision.status_text or status_label(Status(summary.status).name)
    facts = [
        ("status", status),
        ("decided", summary.decided_on),
        ("by", ", ".join(summary.deciders)),
        ("tags", ", ".join(summary.tags)),
        ("log", f"{summary.log_slug}, version {summary.version} by {decision.author_name}"),
        ("file", decision.source_path),
    ]
    for name, value in facts:
        if value:
            console.print(f"{name:>14}  {value}", markup=False, soft_wrap=True)
    # Both ends may write the same relation; it is one.
    relations = {_relation(link): None for link in [*decision.links, *decision.backlinks]}
    for words, target in relations:
        console.print(f"{words:>14}  {target}", markup=False, soft_wrap=True)
    console.print()
    if console.is_terminal:
        console.print(Markdown(decision.body))
    else:
        click.echo(decision.body)


def _relation(link: Link) -> tuple[str, str]:
    words = _LINK_WORDS.get(LinkKind(link.kind), "relates to")
    return words, f"{link.decision.ref} {link.decision.title}" if link.decision else f"{link.target} (not found)"
