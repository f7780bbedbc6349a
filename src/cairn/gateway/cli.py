"""`cairn gateway`: providers of models, what they cost, and what may be spent."""

import sys
from decimal import Decimal, InvalidOperation

import click
from rich.table import Table

from cairn.gen.cairn.gateway.v1 import gateway_pb as pb
from cairn.gen.cairn.gateway.v1 import spending_pb
from cairn.gen.cairn.gateway.v1.gateway_connect import GatewayServiceClientSync
from cairn.gen.cairn.gateway.v1.spending_connect import SpendingServiceClientSync
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

_MICROS = 1_000_000
_KINDS = {
    "anthropic": pb.ProviderKind.ANTHROPIC,
    "openai": pb.ProviderKind.OPENAI,
    "compatible": pb.ProviderKind.OPENAI_COMPATIBLE,
    "gemini": pb.ProviderKind.GEMINI,
    "azure": pb.ProviderKind.AZURE_OPENAI,
}
_LIMITS = ("budget_micros", "requests_per_minute", "streams", "tokens_per_day", "first_day_requests")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _models(connection: Connection) -> GatewayServiceClientSync:
    return GatewayServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


def _spending(connection: Connection) -> SpendingServiceClientSync:
    return SpendingServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


@click.group("gateway")
def gateway() -> None:
    """Connect providers of models, see what they cost, and set what may be spent.

    Your own tools reach every model at the address of Cairn, as OpenAI's or Anthropic's API: see docs/gateway.md.
    """


@gateway.command("add")
@click.argument("kind", type=click.Choice(list(_KINDS)))
@click.option("--name", default="", help="Its name, the first part of its models' names; the kind when left out.")
@click.option("--model", "models", multiple=True, required=True, help="A model of it; may be given several times.")
@click.option("--url", default="", help="Its address, for kinds that have none of their own.")
@click.option("--no-key", is_flag=True, help="It needs no key.")
@_json
def add(*, kind: str, name: str, models: tuple[str, ...], url: str, no_key: bool, as_json: bool) -> None:
    """Connect a provider of KIND. Its key is read from standard input, so that no shell remembers it.

    \b
    Examples:
      cairn gateway add anthropic --model claude-sonnet-5-5 < key.txt
      cairn gateway add compatible --name ollama --url http://localhost:11434/v1 --model llama3.3 --no-key
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    key = "" if no_key else _read_key()
    connection = find_connection()
    with calling(), _models(connection) as client:
        request = pb.SaveProviderRequest(
            kind=_KINDS[kind], name=name or kind, base_url=url, models=list(models), key=key
        )
        saved = client.save_provider(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(saved))
    elif saved.provider is not None:
        output().print(f"Connected {saved.provider.name}. Try it: cairn gateway test {saved.provider.name}")


def _read_key() -> str:
    key = click.prompt("Key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.read()
    if not key.strip():
        raise Misused("There is no key on standard input. Pipe one in, or say --no-key.")
    return str(key).strip()


@gateway.command("test")
@click.argument("name")
@_json
def test(*, name: str, as_json: bool) -> None:
    """Send one short request to the provider NAME, and tell how it went."""
    connection = find_connection()
    with calling(), _models(connection) as client:
        providers = client.list_providers(pb.ListProvidersRequest(), headers=connection.headers).providers
        found = next((one for one in providers if one.name == name), None)
        if found is None:
            names = ", ".join(one.name for one in providers) or "none yet; `cairn gateway add` connects one"
            raise CommandFailed(f"There is no provider {name!r}. The providers are: {names}.")
        result = client.test_provider(pb.TestProviderRequest(id=found.id), headers=connection.headers)
    if as_json:
        print_json(to_jsonable(result))
    if not result.ok:
        raise CommandFailed(result.message)
    if not as_json:
        output().print(f"{result.message} First token after {result.first_token_ms} ms.")


@gateway.command("list")
@_json
def list_(*, as_json: bool) -> None:
    """List providers and their models."""
    connection = find_connection()
    with calling(), _models(connection) as client:
        listed = client.list_providers(pb.ListProvidersRequest(), headers=connection.headers)
    if as_json:
        print_json(to_jsonable(listed))
        return
    console = output()
    for problem in listed.problems:
        console.print(problem, style="yellow", markup=False)
    if not listed.providers:
        console.print("No provider is connected. `cairn gateway add` connects one.")
        return
    table = Table("name", "kind", "models", "key", "from", box=None, pad_edge=False)
    for one in listed.providers:
        kind = status_label(pb.ProviderKind(one.kind).name)
        key = "yes" if one.has_key else "no"
        table.add_row(one.name, kind, ", ".join(one.models), key, "file" if one.from_file else "page")
    console.print(table)


@gateway.command("usage")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How far back.")
@click.option("--by", type=click.Choice(["day", "person", "model", "outcome"]), default="day", show_default=True)
@_json
def usage(*, days: int, by: str, as_json: bool) -> None:
    """Add up calls, their tokens and cost: yours, or all of the organisation for an admin."""
    connection = find_connection()
    with calling(), _spending(connection) as client:
        request = spending_pb.GetUsageRequest(days=days, by=by)
        found = client.get_usage(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(found))
        return
    console = output()
    if not found.sums:
        console.print(f"No model was asked in the last {days} days.")
        return
    table = Table(by, "calls", "tokens in", "cached", "tokens out", "cost", "estimated", box=None, pad_edge=False)
    for one in found.sums:
        tokens = (f"{one.input_tokens:,}", f"{one.cached_input_tokens:,}", f"{one.output_tokens:,}")
        estimated = str(one.estimated_calls) if one.estimated_calls else ""
        table.add_row(one.name, str(one.calls), *tokens, _dollars(one.cost_micros), estimated)
    console.print(table)


def _dollars(micros: int) -> str:
    return f"${micros / _MICROS:,.4f}" if 0 < micros < _MICROS else f"${micros / _MICROS:,.2f}"


@gateway.command("limits")
@click.option(
    "--for", "subject", default="organisation", show_default=True, help="organisation, everyone, or a person's id."
)
@click.option("--budget", default=None, help="US dollars a month; 'none' for no budget.")
@click.option("--soft", is_flag=True, help="Alert on the budget, and stop at 110 % of it, not at 100 %.")
@click.option("--requests", type=click.IntRange(0), default=None, help="Requests a minute.")
@click.option("--streams", type=click.IntRange(0), default=None, help="Streams at once.")
@click.option("--tokens", type=click.IntRange(0), default=None, help="Tokens a day.")
@click.option("--first-day", type=click.IntRange(0), default=None, help="Requests in an account's first 24 hours.")
@click.option("--stop", is_flag=True, help="Refuse every new call from now on. Needs --reason.")
@click.option("--resume", is_flag=True, help="Let calls through whatever the budget says. Needs --reason.")
@click.option(
    "--hours", type=click.IntRange(1, 744), default=24, show_default=True, help="For how long --resume holds."
)
@click.option("--reason", default="", help="Why; others will read it.")
@_json
def limits(  # noqa: PLR0917 - click passes each option by name.
    subject: str,
    budget: str | None,
    soft: bool,  # noqa: FBT001 - as above.
    requests: int | None,
    streams: int | None,
    tokens: int | None,
    first_day: int | None,
    stop: bool,  # noqa: FBT001 - as above.
    resume: bool,  # noqa: FBT001 - as above.
    hours: int,
    reason: str,
    as_json: bool,  # noqa: FBT001 - as above.
) -> None:
    """Show what may be spent and what has been, or change it. What is not named stays as it is.

    \b
    Examples:
      cairn gateway limits
      cairn gateway limits --budget 200 --soft
      cairn gateway limits --for everyone --tokens 500000 --streams 10
      cairn gateway limits --resume --hours 4 --reason "The release must go out."
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    values = {
        "budget_micros": _read_budget(budget),
        "requests_per_minute": requests,
        "streams": streams,
        "tokens_per_day": tokens,
        "first_day_requests": first_day,
    }
    given = {name: value for name, value in values.items() if value is not None}
    with calling(), _spending(connection) as client:
        if stop:
            client.stop_calls(spending_pb.StopCallsRequest(reason=reason), headers=connection.headers)
        elif resume:
            resumed = spending_pb.ResumeCallsRequest(hours=hours, reason=reason)
            client.resume_calls(resumed, headers=connection.headers)
        elif given or soft or budget is not None:
            known = client.get_spending(spending_pb.GetSpendingRequest(), headers=connection.headers).rules
            old = next((rule for rule in known if rule.subject == subject), spending_pb.SpendingRule())
            kept = {name: getattr(old, name) for name in _LIMITS if old.has_field(name)}
            if budget is not None:
                kept.pop("budget_micros", None)
            else:
                soft = soft or old.soft
            rule = spending_pb.SpendingRule(subject=subject, soft=soft, **kept | given)
            client.set_spending_rule(spending_pb.SetSpendingRuleRequest(rule=rule), headers=connection.headers)
        found = client.get_spending(spending_pb.GetSpendingRequest(), headers=connection.headers)
    if as_json:
        print_json(to_jsonable(found))
    else:
        _print_limits(found)


def _read_budget(text: str | None) -> int | None:
    if text is None or text == "none":
        return None
    try:
        micros = int(Decimal(text.removeprefix("$")) * _MICROS)
    except (InvalidOperation, ValueError, OverflowError):
        raise Misused(f"A budget is an amount of US dollars as 200 or 19.90, or 'none', and not {text!r}.") from None
    if micros < 0:
        raise Misused("A budget is 0 or more.")
    return micros


def _print_limits(found: spending_pb.GetSpendingResponse) -> None:
    console = output()
    console.print(f"This month: {_dollars(found.month_micros)}, on the way to {_dollars(found.projected_micros)}.")
    if found.stopped:
        console.print("Calls are stopped. `cairn gateway limits --resume --reason ...` lets them through.", style="red")
    if found.override_until:
        console.print(f"The budget is lifted until {found.override_until}.")
    if found.rules:
        table = Table("for", "budget", "", "a minute", "streams", "tokens a day", "first day", box=None, pad_edge=False)
        for rule in found.rules:
            budget = _dollars(rule.budget_micros) if rule.has_field("budget_micros") else ""
            numbers = [f"{getattr(rule, name):,}" if rule.has_field(name) else "" for name in _LIMITS[1:]]
            table.add_row(rule.subject, budget, ("soft" if rule.soft else "hard") if budget else "", *numbers)
        console.print(table)
    else:
        console.print("No rule is set.")
    for event in found.events[:10]:
        console.print(f"{event.at[:16]}  {event.kind}  {event.subject}  {event.detail}", style="dim", markup=False)
