"""GovernanceService."""

from connectrpc.request import RequestContext

from cairn.decisions.api import status_to_proto, summary_to_proto
from cairn.decisions.domain.health import Finding, Fix, FixKind, Problem, Severity
from cairn.decisions.domain.scopes import Component
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.governance import PostgresScopeStore
from cairn.decisions.postgres.health import PostgresHealthStore
from cairn.decisions.postgres.names import PostgresNameStore
from cairn.decisions.rpc.lifecycle import work_in
from cairn.decisions.rpc.wire import now
from cairn.decisions.usecases import doctor, governance
from cairn.gen.cairn.decisions.v1 import governance_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_pb import Status as WireStatus
from cairn.gen.cairn.decisions.v1.governance_connect import GovernanceService
from cairn.kernel.errors import CairnError, InvalidArgument
from cairn.platform.database import Database, savepoint
from cairn.platform.rpc import check_page_size, current_caller, parse_id, phrase_to_proto

FINDINGS_MOST = 10_000


class GovernanceRpc(GovernanceService):
    """Serves `GovernanceService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def governs_paths(
        self, request: pb.GovernsPathsRequest, ctx: RequestContext[pb.GovernsPathsRequest, pb.GovernsPathsResponse], /
    ) -> pb.GovernsPathsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            answer = await governance.find_governing_decisions(
                PostgresDecisionStore(connection),
                PostgresScopeStore(connection),
                paths=list(request.paths),
                components=list(request.components),
                log_slugs=list(request.log_slugs),
                all_statuses=request.all_statuses,
            )
        return pb.GovernsPathsResponse(
            decisions=[_governing(found) for found in answer.decisions], free_paths=list(answer.free_paths)
        )

    async def list_components(
        self,
        request: pb.ListComponentsRequest,
        ctx: RequestContext[pb.ListComponentsRequest, pb.ListComponentsResponse],
        /,
    ) -> pb.ListComponentsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found = await governance.list_components(
                PostgresDecisionStore(connection),
                PostgresScopeStore(connection),
                log_id=parse_id(request.log_id, "log"),
            )
        return pb.ListComponentsResponse(components=[_component(component, count) for component, count in found])

    async def save_component(
        self,
        request: pb.SaveComponentRequest,
        ctx: RequestContext[pb.SaveComponentRequest, pb.SaveComponentResponse],
        /,
    ) -> pb.SaveComponentResponse:
        """See the contract."""
        if request.component is None:
            raise InvalidArgument("Send the component: a name and its paths.", field="component")
        async with self._database.transaction(current_caller()) as connection:
            component, count = await governance.save_component(
                PostgresDecisionStore(connection),
                PostgresScopeStore(connection),
                log_id=parse_id(request.log_id, "log"),
                component=Component(request.component.name, tuple(request.component.paths)),
            )
        return pb.SaveComponentResponse(component=_component(component, count))

    async def delete_component(
        self,
        request: pb.DeleteComponentRequest,
        ctx: RequestContext[pb.DeleteComponentRequest, pb.DeleteComponentResponse],
        /,
    ) -> pb.DeleteComponentResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            await governance.delete_component(
                PostgresDecisionStore(connection),
                PostgresScopeStore(connection),
                log_id=parse_id(request.log_id, "log"),
                name=request.name,
            )
        return pb.DeleteComponentResponse()

    async def run_doctor(
        self, request: pb.RunDoctorRequest, ctx: RequestContext[pb.RunDoctorRequest, pb.RunDoctorResponse], /
    ) -> pb.RunDoctorResponse:
        """See the contract."""
        limit = check_page_size(request.limit, usual=1000, most=FINDINGS_MOST)
        slugs = frozenset(request.log_slugs)
        async with self._database.transaction(current_caller(), isolation="repeatable_read") as connection:
            await governance.choose_logs(PostgresDecisionStore(connection), list(request.log_slugs))
            examined = await doctor.examine_logs(PostgresHealthStore(connection), now, log_slugs=slugs)
        counts = doctor.group_findings(examined.findings)
        return pb.RunDoctorResponse(
            findings=[_finding(finding) for finding in examined.findings[:limit]],
            counts=[pb.ProblemCount(problem=_PROBLEMS[problem], count=count) for problem, count in counts.items()],
            records=examined.records,
            acknowledged=examined.acknowledged,
        )

    async def apply_fixes(
        self, request: pb.ApplyFixesRequest, ctx: RequestContext[pb.ApplyFixesRequest, pb.ApplyFixesResponse], /
    ) -> pb.ApplyFixesResponse:
        """See the contract."""
        if len(request.fixes) > doctor.FIXES_MOST:
            raise InvalidArgument(f"Mend at most {doctor.FIXES_MOST} findings at a time.", field="fixes")
        results: list[pb.FixResult] = []
        async with self._database.transaction(current_caller()) as connection:
            health, work = PostgresHealthStore(connection), work_in(connection)
            await work.store.hold_relations()
            examined = await doctor.examine_logs(health, now)
            findings = {finding.key: finding for finding in examined.findings}
            for chosen in request.fixes:
                kind = _FIXES_FROM.get(chosen.kind)
                if kind is None:
                    raise InvalidArgument("Say how to mend each finding.", field="fixes.kind")
                try:
                    # A fix that fails half way must leave nothing behind.
                    async with savepoint(connection):
                        finding, fix = doctor.choose_fix(findings, chosen.key, kind)
                        done = await doctor.apply_fix(work, health, PostgresNameStore(connection), finding, fix)
                except CairnError as error:
                    said, mended = error.message, False
                else:
                    said, mended = done, True
                phrase = phrase_to_proto(said)
                results.append(pb.FixResult(key=chosen.key, done=mended, message=said, phrase=phrase))
        return pb.ApplyFixesResponse(results=results)

    async def report_again(
        self, request: pb.ReportAgainRequest, ctx: RequestContext[pb.ReportAgainRequest, pb.ReportAgainResponse], /
    ) -> pb.ReportAgainResponse:
        """See the contract."""
        if len(request.keys) > _KEYS_MOST:
            raise InvalidArgument(f"Name up to {_KEYS_MOST} findings at a time.", field="keys")
        async with self._database.transaction(current_caller()) as connection:
            reported = await PostgresHealthStore(connection).report_again(request.keys)
        return pb.ReportAgainResponse(reported=reported)


_KEYS_MOST = 1_000
_PROBLEMS = {problem: pb.Problem[problem.name] for problem in Problem}
_SEVERITIES = {severity: pb.Severity[severity.name] for severity in Severity}
_FIXES = {kind: pb.FixKind[kind.name] for kind in FixKind}
_FIXES_FROM = {wire: kind for kind, wire in _FIXES.items()}


def _fix(fix: Fix) -> pb.Fix:
    return pb.Fix(
        kind=_FIXES[fix.kind],
        description=fix.description,
        status=status_to_proto(fix.status) if fix.status else WireStatus.UNSPECIFIED,
        target_ref=fix.target_ref,
    )


def _finding(finding: Finding) -> pb.Finding:
    return pb.Finding(
        key=finding.key,
        problem=_PROBLEMS[finding.problem],
        severity=_SEVERITIES[finding.severity],
        log_slug=finding.log_slug,
        decision_id=str(finding.decision_id) if finding.decision_id else "",
        ref=finding.ref,
        message=finding.message,
        phrase=phrase_to_proto(finding.message),
        fixes=[_fix(fix) for fix in finding.fixes],
    )


def _governing(found: governance.GoverningDecision) -> pb.GoverningDecision:
    summary = found.governing.decision
    return pb.GoverningDecision(
        decision=summary_to_proto(summary),
        gist=found.gist,
        matches=[
            pb.PathMatch(path=match.path, pattern=match.pattern, component=match.component)
            for match in found.governing.matches
        ],
        source_path=summary.source_path,
    )


def _component(component: Component, count: int) -> pb.Component:
    return pb.Component(name=component.name, paths=list(component.paths), decision_count=count)
