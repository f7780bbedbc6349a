"""LifecycleService."""

from connectrpc.request import RequestContext

from cairn.decisions.api import status_from_proto, status_to_proto, summary_to_proto, timestamp
from cairn.decisions.domain import LinkKind, Log
from cairn.decisions.domain.lifecycle import Approval, LogPolicy
from cairn.decisions.domain.numbers import Reservation, make_ref
from cairn.decisions.domain.relations import ShownRelation
from cairn.decisions.postgres import OutboxEvents, PostgresDecisionStore
from cairn.decisions.rpc.wire import LINK_KINDS, decision_to_proto, now, stale_edits_with_texts
from cairn.decisions.usecases import lifecycle, numbers, relations
from cairn.decisions.usecases.changes import Work, get_policy
from cairn.gen.cairn.decisions.v1 import lifecycle_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_pb import LinkKind as WireLinkKind
from cairn.gen.cairn.decisions.v1.decisions_pb import Status as WireStatus
from cairn.gen.cairn.decisions.v1.lifecycle_connect import LifecycleService
from cairn.kernel.errors import InvalidArgument
from cairn.platform.database import Connection, Database
from cairn.platform.rpc import current_caller, parse_id

_KINDS_FROM_WIRE = {
    forward: kind
    for kind, (forward, _) in LINK_KINDS.items()
    if kind not in {LinkKind.SUPERSEDED_BY, LinkKind.AMENDED_BY}
}

# Relations that are stated from the other end.
_PASSIVE = {
    WireLinkKind.SUPERSEDED_BY: WireLinkKind.SUPERSEDES,
    WireLinkKind.AMENDED_BY: WireLinkKind.AMENDS,
    WireLinkKind.REQUIRED_BY: WireLinkKind.DEPENDS_ON,
    WireLinkKind.IMPLEMENTED_BY: WireLinkKind.IMPLEMENTS,
}


def work_in(connection: Connection) -> Work:
    """Return what a change by the current caller needs, in the transaction of `connection`."""
    caller = current_caller()
    return Work(PostgresDecisionStore(connection), OutboxEvents(connection, caller.tenant_id), now, caller)


class LifecycleRpc(LifecycleService):
    """Serves `LifecycleService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_lifecycle(
        self, request: pb.GetLifecycleRequest, ctx: RequestContext[pb.GetLifecycleRequest, pb.GetLifecycleResponse], /
    ) -> pb.GetLifecycleResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found = await lifecycle.get_lifecycle(
                PostgresDecisionStore(connection),
                current_caller(),
                decision_id=parse_id(request.decision_id, "decision"),
            )
        return pb.GetLifecycleResponse(
            status=status_to_proto(found.status),
            status_name=found.policy.name_of(found.status),
            next=[pb.NextStatus(status=status_to_proto(n.status), name=n.name, refusal=n.refusal) for n in found.next],
            approvals=[
                _approval(approval, counts=counts, void_since=found.void_since.get(approval.id, 0))
                for approval, counts in found.approvals
            ],
            required_approvals=found.policy.required_approvals,
            approvals_count=found.approvals_count,
            relations=[_relation(relation) for relation in found.relations],
            same_number=[summary_to_proto(summary) for summary in found.same_number],
        )

    async def transition_decision(
        self,
        request: pb.TransitionDecisionRequest,
        ctx: RequestContext[pb.TransitionDecisionRequest, pb.TransitionDecisionResponse],
        /,
    ) -> pb.TransitionDecisionResponse:
        """See the contract."""
        status = status_from_proto(request.status)
        if status is None:
            raise InvalidArgument("Choose a status, for example accepted.", field="status")
        decision_id = parse_id(request.decision_id, "decision")
        async with (
            stale_edits_with_texts(self._database, decision_id),
            self._database.transaction(current_caller()) as connection,
        ):
            decision, changed = await lifecycle.transition_decision(
                work_in(connection),
                decision_id=decision_id,
                status=status,
                expected_version=request.expected_version,
                message=request.message,
            )
        return pb.TransitionDecisionResponse(
            decision=decision_to_proto(decision), also_changed=[summary_to_proto(summary) for summary in changed]
        )

    async def list_transitions(
        self,
        request: pb.ListTransitionsRequest,
        ctx: RequestContext[pb.ListTransitionsRequest, pb.ListTransitionsResponse],
        /,
    ) -> pb.ListTransitionsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found = await lifecycle.list_transitions(
                PostgresDecisionStore(connection), decision_id=parse_id(request.decision_id, "decision")
            )
        return pb.ListTransitionsResponse(
            transitions=[
                pb.Transition(
                    from_=status_to_proto(t.before) if t.before else WireStatus.UNSPECIFIED,
                    to=status_to_proto(t.after),
                    version=t.version,
                    author_name=t.author_name,
                    message=t.message,
                    created_at=timestamp(t.created_at),
                )
                for t in found
            ]
        )

    async def approve_decision(
        self,
        request: pb.ApproveDecisionRequest,
        ctx: RequestContext[pb.ApproveDecisionRequest, pb.ApproveDecisionResponse],
        /,
    ) -> pb.ApproveDecisionResponse:
        """See the contract."""
        decision_id = parse_id(request.decision_id, "decision")
        async with (
            stale_edits_with_texts(self._database, decision_id),
            self._database.transaction(current_caller()) as connection,
        ):
            approval, required, count = await lifecycle.approve_decision(
                work_in(connection), decision_id=decision_id, version=request.version, note=request.note
            )
        return pb.ApproveDecisionResponse(
            approval=_approval(approval, counts=True), required_approvals=required, approvals_count=count
        )

    async def withdraw_approval(
        self,
        request: pb.WithdrawApprovalRequest,
        ctx: RequestContext[pb.WithdrawApprovalRequest, pb.WithdrawApprovalResponse],
        /,
    ) -> pb.WithdrawApprovalResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            withdrawn = await lifecycle.withdraw_approval(
                work_in(connection), decision_id=parse_id(request.decision_id, "decision")
            )
        return pb.WithdrawApprovalResponse(withdrawn=withdrawn)

    async def get_log_policy(
        self, request: pb.GetLogPolicyRequest, ctx: RequestContext[pb.GetLogPolicyRequest, pb.GetLogPolicyResponse], /
    ) -> pb.GetLogPolicyResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            policy = await get_policy(PostgresDecisionStore(connection), parse_id(request.log_id, "log"))
        return pb.GetLogPolicyResponse(policy=_policy(request.log_id, policy))

    async def set_log_policy(
        self, request: pb.SetLogPolicyRequest, ctx: RequestContext[pb.SetLogPolicyRequest, pb.SetLogPolicyResponse], /
    ) -> pb.SetLogPolicyResponse:
        """See the contract."""
        if request.policy is None:
            raise InvalidArgument("Send the policy.", field="policy")
        sent = request.policy
        names = {status: n.name for n in sent.status_names if (status := status_from_proto(n.status))}
        async with self._database.transaction(current_caller()) as connection:
            policy = await lifecycle.set_policy(
                PostgresDecisionStore(connection),
                current_caller(),
                log_id=parse_id(sent.log_id, "log"),
                policy=LogPolicy(names, sent.required_approvals),
            )
        return pb.SetLogPolicyResponse(policy=_policy(sent.log_id, policy))

    async def relate_decisions(
        self,
        request: pb.RelateDecisionsRequest,
        ctx: RequestContext[pb.RelateDecisionsRequest, pb.RelateDecisionsResponse],
        /,
    ) -> pb.RelateDecisionsResponse:
        """See the contract. A relation in the passive is stated from the other end."""
        source, target, wire = request.source_id, request.target_id, request.kind
        if wire in _PASSIVE:
            source, target, wire = target, source, _PASSIVE[wire]
        kind = _KINDS_FROM_WIRE.get(wire)
        if kind is None:
            raise InvalidArgument("Choose a relation, for example supersedes.", field="kind")
        async with self._database.transaction(current_caller()) as connection:
            relation, changed = await relations.relate_decisions(
                work_in(connection),
                source_id=parse_id(source, "decision"),
                kind=kind,
                target_id=parse_id(target, "decision"),
                section=request.section,
            )
        return pb.RelateDecisionsResponse(
            relation=_relation(relation), also_changed=[summary_to_proto(summary) for summary in changed]
        )

    async def unrelate_decisions(
        self,
        request: pb.UnrelateDecisionsRequest,
        ctx: RequestContext[pb.UnrelateDecisionsRequest, pb.UnrelateDecisionsResponse],
        /,
    ) -> pb.UnrelateDecisionsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            changed = await relations.unrelate_decisions(
                work_in(connection), relation_id=parse_id(request.relation_id, "relation")
            )
        return pb.UnrelateDecisionsResponse(also_changed=[summary_to_proto(summary) for summary in changed])

    async def get_graph(
        self, request: pb.GetGraphRequest, ctx: RequestContext[pb.GetGraphRequest, pb.GetGraphResponse], /
    ) -> pb.GetGraphResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            graph = await relations.read_graph(PostgresDecisionStore(connection), log_slugs=request.log_slugs)
        places = {summary.id: place for place, summary in enumerate(graph.decisions)}
        return pb.GetGraphResponse(
            decisions=[summary_to_proto(summary) for summary in graph.decisions],
            edges=[
                pb.GraphEdge(
                    kind=LINK_KINDS[edge.kind][0],
                    source=places[edge.source_id],
                    target=places[edge.target_id],
                    section=edge.section,
                    stated=edge.relation_id is not None,
                )
                for edge in graph.edges
            ],
            truncated=graph.truncated,
        )

    async def reserve_number(
        self,
        request: pb.ReserveNumberRequest,
        ctx: RequestContext[pb.ReserveNumberRequest, pb.ReserveNumberResponse],
        /,
    ) -> pb.ReserveNumberResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            reservation, log = await numbers.reserve_number(
                work_in(connection),
                log_id=parse_id(request.log_id, "log"),
                prefix=request.prefix,
                purpose=request.purpose,
            )
        return pb.ReserveNumberResponse(reservation=_reservation(reservation, log))

    async def list_reservations(
        self,
        request: pb.ListReservationsRequest,
        ctx: RequestContext[pb.ListReservationsRequest, pb.ListReservationsResponse],
        /,
    ) -> pb.ListReservationsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found, log = await numbers.list_reservations(
                PostgresDecisionStore(connection), log_id=parse_id(request.log_id, "log")
            )
        return pb.ListReservationsResponse(reservations=[_reservation(reservation, log) for reservation in found])


def _approval(approval: Approval, *, counts: bool, void_since: int = 0) -> pb.Approval:
    return pb.Approval(
        id=str(approval.id),
        person_id=str(approval.person_id),
        person_name=approval.person_name,
        version=approval.version,
        content_hash=approval.content_hash.hex(),
        note=approval.note,
        created_at=timestamp(approval.created_at),
        withdrawn_at=timestamp(approval.withdrawn_at),
        counts=counts,
        void_since=void_since,
    )


def _relation(relation: ShownRelation) -> pb.Relation:
    edge = relation.edge
    return pb.Relation(
        kind=LINK_KINDS[edge.kind][0],
        source=summary_to_proto(relation.source),
        target=summary_to_proto(relation.target),
        section=edge.section,
        id=str(edge.relation_id or ""),
        in_text=edge.in_text,
        in_force=relation.in_force,
    )


def _policy(log_id: str, policy: LogPolicy) -> pb.LogPolicy:
    return pb.LogPolicy(
        log_id=log_id,
        status_names=[
            pb.StatusName(status=status_to_proto(status), name=name) for status, name in policy.status_names.items()
        ],
        required_approvals=policy.required_approvals,
    )


def _reservation(reservation: Reservation, log: Log) -> pb.Reservation:
    return pb.Reservation(
        id=str(reservation.id),
        log_id=str(reservation.log_id),
        number=reservation.number,
        ref=make_ref(log, reservation.number, "", reservation.prefix),
        person_name=reservation.person_name,
        purpose=reservation.purpose,
        created_at=timestamp(reservation.created_at),
        decision_id=str(reservation.decision_id or ""),
    )
