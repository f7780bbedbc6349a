"""WritingService."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from uuid import UUID

from connectrpc.request import RequestContext

from cairn.chat.domain.drafting import TEMPLATE, Given
from cairn.chat.domain.events import ChatEvent
from cairn.chat.domain.revising import Revision, Selection
from cairn.chat.domain.sources import Source
from cairn.chat.domain.sweeping import Finding, FindingKind
from cairn.chat.formats.events import citation_to_proto
from cairn.chat.ports import NewGeneration, Scope
from cairn.chat.runner.following import follow
from cairn.chat.runner.generations import GenerationRunner, Interrupted
from cairn.chat.runner.writing import Writing
from cairn.chat.usecases.answers import QUESTION_CHARACTERS_MOST, begin_generation
from cairn.chat.usecases.writing import SELECTION_CHARACTERS_MOST, TEXT_CHARACTERS_MOST, check_text
from cairn.decisions.api import read_for_indexing
from cairn.gateway.api import ChosenModel
from cairn.gen.cairn.chat.v1 import chat_pb
from cairn.gen.cairn.chat.v1 import writing_pb as pb
from cairn.gen.cairn.chat.v1.writing_connect import WritingService
from cairn.kernel.errors import InvalidArgument, NotFound, Unavailable
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller, parse_id, phrase_to_proto

_TEMPLATE_CHARACTERS_MOST = 20_000
_LOGS_MOST = 100
_REVISIONS = {
    pb.Revision.SUMMARISE: Revision.SUMMARISE,
    pb.Revision.EXPAND: Revision.EXPAND,
    pb.Revision.SHARPEN: Revision.SHARPEN,
    pb.Revision.TRANSLATE: Revision.TRANSLATE,
}
_KINDS = {
    FindingKind.CONTRADICTION: pb.FindingKind.CONTRADICTION,
    FindingKind.DUPLICATE: pb.FindingKind.DUPLICATE,
    FindingKind.CANDIDATE: pb.FindingKind.CANDIDATE,
    FindingKind.MISSING_OPTIONS: pb.FindingKind.MISSING_OPTIONS,
    FindingKind.MISSING_CONSEQUENCES: pb.FindingKind.MISSING_CONSEQUENCES,
    FindingKind.MISSING_CONTEXT: pb.FindingKind.MISSING_CONTEXT,
    FindingKind.UNSUPPORTED_CLAIM: pb.FindingKind.UNSUPPORTED_CLAIM,
}


class RecordNotFound(NotFound):
    """There is no such record for the caller."""

    def __init__(self) -> None:
        super().__init__(
            Phrase("record_gone", "There is no such record. It may have been deleted."), field="decision_id"
        )


class WritingRpc(WritingService):
    """Serves `WritingService`. Drafts and revisions are tasks of `runner`, as answers are."""

    def __init__(self, database: Database, runner: GenerationRunner, writing: Writing) -> None:
        self._database = database
        self._runner = runner
        self._writing = writing

    async def draft(
        self, request: pb.DraftRequest, ctx: RequestContext[pb.DraftRequest, pb.DraftResponse], /
    ) -> AsyncIterator[pb.DraftResponse]:
        """Draft a record, and stream it."""
        caller = current_caller()
        text = check_text(request.text, TEXT_CHARACTERS_MOST)
        if len(request.template_body) > _TEMPLATE_CHARACTERS_MOST:
            message = f"A template has up to {_TEMPLATE_CHARACTERS_MOST} characters."
            raise InvalidArgument(message, field="template_body")
        own_id = await self._find_own(caller, request.decision_id)
        scope = Scope(log_ids=_read_logs(request.log_ids))
        given = Given(text, request.template_body or TEMPLATE)

        def write(generation: NewGeneration, chosen: ChosenModel) -> AsyncGenerator[ChatEvent]:
            return self._writing.draft(caller, generation, chosen, given, own_id)

        async with aclosing(self._run(caller, text, request.model, scope, write)) as events:
            async for event in events:
                yield pb.DraftResponse(event=event)

    async def revise(
        self, request: pb.ReviseRequest, ctx: RequestContext[pb.ReviseRequest, pb.ReviseResponse], /
    ) -> AsyncIterator[pb.ReviseResponse]:
        """Rewrite a selection, and stream it."""
        caller = current_caller()
        text = check_text(request.text, SELECTION_CHARACTERS_MOST)
        revision = _REVISIONS.get(request.revision)
        if revision is None:
            raise InvalidArgument("Say what to do: summarise, expand, sharpen or translate.", field="revision")
        await self._find_own(caller, request.decision_id)
        selection = Selection(text, revision, request.language)

        def write(generation: NewGeneration, chosen: ChosenModel) -> AsyncGenerator[ChatEvent]:
            return self._writing.revise(caller, generation, chosen, selection)

        async with aclosing(self._run(caller, text, request.model, Scope(), write)) as events:
            async for event in events:
                yield pb.ReviseResponse(event=event)

    async def sweep(
        self, request: pb.SweepRequest, ctx: RequestContext[pb.SweepRequest, pb.SweepResponse], /
    ) -> pb.SweepResponse:
        """Look for what contradicts or repeats a record, and for what it lacks."""
        caller = current_caller()
        title, body = request.title, request.body
        own_id = parse_id(request.decision_id, "decision") if request.decision_id else None
        async with self._database.transaction(caller) as connection:
            if own_id is not None:
                stored = (await read_for_indexing(connection, [own_id])).get(own_id)
                if stored is None:
                    raise RecordNotFound
                title, body = title or stored.title, body or stored.body
            chosen = await self._writing.gateway.choose(connection, request.model) if request.model else None
        swept = await self._writing.sweep(caller, chosen, title, check_text(body, TEXT_CHARACTERS_MOST), own_id)
        return pb.SweepResponse(
            findings=[_finding_to_proto(one) for one in swept.findings],
            judged=swept.judged,
            notice=swept.notice,
            phrase=phrase_to_proto(swept.notice),
        )

    async def recall(
        self, request: pb.RecallRequest, ctx: RequestContext[pb.RecallRequest, pb.RecallResponse], /
    ) -> pb.RecallResponse:
        """Find decisions that what is being written speaks about."""
        caller = current_caller()
        own_id = parse_id(request.decision_id, "decision") if request.decision_id else None
        near = await self._writing.recall(caller, request.text, _read_logs(request.log_ids), own_id)
        shown = [citation_to_proto(number, source, ()) for number, source in enumerate(near, start=1)]
        return pb.RecallResponse(recalled=[pb.Recalled(decision=one.decision, passage=one.passage) for one in shown])

    async def _find_own(self, caller: Caller, text: str) -> UUID | None:
        """Return the record being written, if one is named. Raises `RecordNotFound`."""
        if not text:
            return None
        own_id = parse_id(text, "decision")
        async with self._database.transaction(caller) as connection:
            if own_id not in await read_for_indexing(connection, [own_id]):
                raise RecordNotFound
        return own_id

    async def _run(
        self,
        caller: Caller,
        text: str,
        model: str,
        scope: Scope,
        write: Callable[[NewGeneration, ChosenModel], AsyncGenerator[ChatEvent]],
    ) -> AsyncGenerator[chat_pb.GenerationEvent]:
        """Run what is written as a generation, and yield its events."""
        self._runner.check_room(caller)
        async with self._database.transaction(caller) as connection:
            chosen = await self._writing.gateway.choose(connection, model)
            kept = text[:QUESTION_CHARACTERS_MOST]
            generation = await begin_generation(
                self._runner.store(connection),
                NewGeneration(uuid7(), uuid7(), kept, chosen.name, chosen.extracts_only, scope),
                new_conversation=True,
                draft=True,
            )
        running = self._runner.start(caller, generation.id, write(generation, chosen))
        try:
            async with aclosing(follow(self._database, self._runner, running)) as events:
                async for event in events:
                    yield event
        except Interrupted as error:
            # A suggestion stands beside a text that its author goes on with, so nobody takes it up later.
            message = Phrase(
                "suggestion_interrupted",
                "The server is being restarted, so the suggestion ends here. Ask for it again in a moment.",
            )
            raise Unavailable(message) from error


def _read_logs(texts: list[str]) -> tuple[UUID, ...]:
    if len(texts) > _LOGS_MOST:
        raise InvalidArgument(f"Name up to {_LOGS_MOST} logs, or none for all.", field="log_ids")
    return tuple(parse_id(text, "log") for text in texts)


def _finding_to_proto(finding: Finding) -> pb.Finding:
    shown = citation_to_proto(0, finding.source, ()) if isinstance(finding.source, Source) else None
    return pb.Finding(
        kind=_KINDS[finding.kind],
        reason=finding.reason,
        ours=finding.ours,
        theirs=finding.theirs,
        decision=shown.decision if shown else None,
        passage=shown.passage if shown else None,
    )
