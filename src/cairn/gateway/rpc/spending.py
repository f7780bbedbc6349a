"""SpendingService."""

from datetime import UTC, datetime
from uuid import UUID

from connectrpc.request import RequestContext

from cairn.gateway.domain.spending import EVERYONE, Rule
from cairn.gateway.ports import SpendingEvent
from cairn.gateway.postgres import PostgresSpendingStore
from cairn.gateway.usecases.spending import resume_calls, set_rule, stop_calls, sum_usage, view_spending
from cairn.gen.cairn.gateway.v1 import spending_pb as pb
from cairn.gen.cairn.gateway.v1.spending_connect import SpendingService
from cairn.kernel.errors import InvalidArgument
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller, parse_id

_USUAL_DAYS = 30
_USUAL_HOURS = 24
_ORGANISATION = "organisation"
_EVERYONE = "everyone"
_LIMITS = ("budget_micros", "requests_per_minute", "streams", "tokens_per_day", "first_day_requests")


class SpendingRpc(SpendingService):
    """Serves `SpendingService`. The database shows each caller what is theirs to see."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_usage(
        self, request: pb.GetUsageRequest, ctx: RequestContext[pb.GetUsageRequest, pb.GetUsageResponse], /
    ) -> pb.GetUsageResponse:
        """Add up calls."""
        async with self._database.transaction(current_caller()) as connection:
            store = PostgresSpendingStore(connection)
            sums = await sum_usage(store, request.days or _USUAL_DAYS, request.by or "day", datetime.now(UTC))
        return pb.GetUsageResponse(
            sums=[
                pb.UsageSum(
                    name=one.name,
                    calls=one.calls,
                    estimated_calls=one.estimated_calls,
                    input_tokens=one.input_tokens,
                    output_tokens=one.output_tokens,
                    cached_input_tokens=one.cached_input_tokens,
                    cost_micros=one.cost_micros,
                )
                for one in sums
            ]
        )

    async def get_spending(
        self, request: pb.GetSpendingRequest, ctx: RequestContext[pb.GetSpendingRequest, pb.GetSpendingResponse], /
    ) -> pb.GetSpendingResponse:
        """Show rules and state."""
        caller = current_caller()
        now = datetime.now(UTC)
        async with self._database.transaction(caller) as connection:
            view = await view_spending(PostgresSpendingStore(connection), caller.tenant_id, now)
        spending = view.spending
        lifted = spending.override_until if spending.overridden(now) else None
        return pb.GetSpendingResponse(
            rules=[_write_rule(subject, rule, caller.tenant_id) for subject, rule in spending.rules.items()],
            month_micros=view.month_micros,
            projected_micros=view.projected_micros,
            stopped=spending.stopped_at is not None and lifted is None,
            override_until=lifted.isoformat() if lifted else "",
            events=[_write_event(event, caller.tenant_id) for event in view.events],
        )

    async def set_spending_rule(
        self,
        request: pb.SetSpendingRuleRequest,
        ctx: RequestContext[pb.SetSpendingRuleRequest, pb.SetSpendingRuleResponse],
        /,
    ) -> pb.SetSpendingRuleResponse:
        """Set a rule."""
        caller = current_caller()
        rule = request.rule
        if rule is None:
            raise InvalidArgument("Say what may be spent.", field="rule")
        subjects = {_ORGANISATION: caller.tenant_id, _EVERYONE: EVERYONE}
        subject = subjects.get(rule.subject) or parse_id(rule.subject, "person")
        limits = {name: getattr(rule, name) if rule.has_field(name) else None for name in _LIMITS}
        async with self._database.transaction(caller) as connection:
            await set_rule(PostgresSpendingStore(connection), caller, subject, Rule(soft=rule.soft, **limits))
        return pb.SetSpendingRuleResponse()

    async def stop_calls(
        self, request: pb.StopCallsRequest, ctx: RequestContext[pb.StopCallsRequest, pb.StopCallsResponse], /
    ) -> pb.StopCallsResponse:
        """Refuse every new call."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            await stop_calls(PostgresSpendingStore(connection), caller, request.reason)
        return pb.StopCallsResponse()

    async def resume_calls(
        self, request: pb.ResumeCallsRequest, ctx: RequestContext[pb.ResumeCallsRequest, pb.ResumeCallsResponse], /
    ) -> pb.ResumeCallsResponse:
        """Let calls through again."""
        caller = current_caller()
        hours = request.hours or _USUAL_HOURS
        async with self._database.transaction(caller) as connection:
            store = PostgresSpendingStore(connection)
            until = await resume_calls(store, caller, hours, request.reason, datetime.now(UTC))
        return pb.ResumeCallsResponse(override_until=until.isoformat())


def _write_subject(subject: UUID, organisation: UUID) -> str:
    return {organisation: _ORGANISATION, EVERYONE: _EVERYONE}.get(subject, str(subject))


def _write_rule(subject: UUID, rule: Rule, organisation: UUID) -> pb.SpendingRule:
    limits = {name: value for name in _LIMITS if (value := getattr(rule, name)) is not None}
    return pb.SpendingRule(subject=_write_subject(subject, organisation), soft=rule.soft, **limits)


def _write_event(event: SpendingEvent, organisation: UUID) -> pb.SpendingEvent:
    return pb.SpendingEvent(
        at=event.at.isoformat(),
        kind=event.kind,
        subject=_write_subject(event.subject, organisation),
        level=event.level or 0,
        person_id=str(event.person_id) if event.person_id else "",
        detail=event.detail,
    )
