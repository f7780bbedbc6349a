"""VersionsService."""

import asyncio
from collections.abc import Sequence

from connectrpc.request import RequestContext

from cairn.decisions.api import timestamp
from cairn.decisions.domain.comments import PlacedComment
from cairn.decisions.domain.diffing import Hunk, Side
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.care import PostgresCommentStore
from cairn.decisions.rpc.lifecycle import work_in
from cairn.decisions.rpc.wire import (
    content_from_proto,
    decision_to_proto,
    stale_edits_with_texts,
    version_to_proto,
)
from cairn.decisions.usecases import versions
from cairn.gen.cairn.decisions.v1 import versions_pb as pb
from cairn.gen.cairn.decisions.v1.versions_connect import VersionsService
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller, parse_id


class VersionsRpc(VersionsService):
    """Serves `VersionsService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def diff_versions(
        self, request: pb.DiffVersionsRequest, ctx: RequestContext[pb.DiffVersionsRequest, pb.DiffVersionsResponse], /
    ) -> pb.DiffVersionsResponse:
        """See the contract."""
        draft = content_from_proto(request.draft) if request.draft is not None else None
        async with self._database.transaction(current_caller()) as connection:
            found = await versions.compare_versions(
                PostgresDecisionStore(connection),
                asyncio.to_thread,
                decision_id=parse_id(request.decision_id, "decision"),
                old_version=request.old_version,
                new_version=request.new_version,
                draft=draft,
                context=request.context if request.has_field("context") else versions.CONTEXT_USUAL,
            )
        rows = [row for hunk in found.hunks for row in hunk.rows if row.changed]
        return pb.DiffVersionsResponse(
            old_version=found.old_version,
            new_version=found.new_version,
            fields=[pb.FieldChange(field=change.field, old=change.old, new=change.new) for change in found.fields],
            hunks=_hunks(found.hunks),
            lines_added=sum(row.new is not None for row in rows),
            lines_removed=sum(row.old is not None for row in rows),
        )

    async def blame_version(
        self, request: pb.BlameVersionRequest, ctx: RequestContext[pb.BlameVersionRequest, pb.BlameVersionResponse], /
    ) -> pb.BlameVersionResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            lines, named = await versions.blame_version(
                PostgresDecisionStore(connection),
                asyncio.to_thread,
                decision_id=parse_id(request.decision_id, "decision"),
                version=request.version,
            )
        return pb.BlameVersionResponse(
            lines=[pb.BlameLine(text=text, version=version) for version, text in lines],
            versions=[version_to_proto(version) for version in named],
        )

    async def roll_back_decision(
        self,
        request: pb.RollBackDecisionRequest,
        ctx: RequestContext[pb.RollBackDecisionRequest, pb.RollBackDecisionResponse],
        /,
    ) -> pb.RollBackDecisionResponse:
        """See the contract."""
        decision_id = parse_id(request.decision_id, "decision")
        async with (
            stale_edits_with_texts(self._database, decision_id),
            self._database.transaction(current_caller()) as connection,
        ):
            decision = await versions.roll_back_version(
                work_in(connection),
                decision_id=decision_id,
                version=request.version,
                expected_version=request.expected_version,
                message=request.message,
            )
        return pb.RollBackDecisionResponse(decision=decision_to_proto(decision))

    async def add_comment(
        self, request: pb.AddCommentRequest, ctx: RequestContext[pb.AddCommentRequest, pb.AddCommentResponse], /
    ) -> pb.AddCommentResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            comment = await versions.add_comment(
                work_in(connection),
                PostgresCommentStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
                version=request.version,
                lines=(request.first_line, request.last_line),
                section=request.section,
                body=request.body,
                parent_id=parse_id(request.parent_id, "comment") if request.parent_id else None,
            )
        return pb.AddCommentResponse(comment=_comment(comment))

    async def list_comments(
        self, request: pb.ListCommentsRequest, ctx: RequestContext[pb.ListCommentsRequest, pb.ListCommentsResponse], /
    ) -> pb.ListCommentsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found, open_count = await versions.list_comments(
                PostgresDecisionStore(connection),
                PostgresCommentStore(connection),
                asyncio.to_thread,
                decision_id=parse_id(request.decision_id, "decision"),
                version=request.version,
                only_open=request.only_open,
            )
        return pb.ListCommentsResponse(comments=[_comment(comment) for comment in found], open=open_count)

    async def resolve_comment(
        self,
        request: pb.ResolveCommentRequest,
        ctx: RequestContext[pb.ResolveCommentRequest, pb.ResolveCommentResponse],
        /,
    ) -> pb.ResolveCommentResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            comment = await versions.resolve_comment(
                work_in(connection),
                PostgresCommentStore(connection),
                comment_id=parse_id(request.comment_id, "comment"),
                reopen=request.reopen,
            )
        return pb.ResolveCommentResponse(comment=_comment(comment))


def _hunks(hunks: Sequence[Hunk]) -> list[pb.DiffHunk]:
    return [
        pb.DiffHunk(
            old_start=hunk.old_start,
            old_lines=hunk.old_lines,
            new_start=hunk.new_start,
            new_lines=hunk.new_lines,
            heading=hunk.heading,
            rows=[pb.DiffRow(old=_side(row.old), new=_side(row.new), changed=row.changed) for row in hunk.rows],
        )
        for hunk in hunks
    ]


def _side(side: Side | None) -> pb.DiffSide | None:
    if side is None:
        return None
    return pb.DiffSide(line=side.line, spans=[pb.Span(text=span.text, changed=span.changed) for span in side.spans])


def _comment(placed: PlacedComment) -> pb.Comment:
    comment = placed.comment
    return pb.Comment(
        id=str(comment.id),
        decision_id=str(comment.decision_id),
        parent_id=str(comment.parent_id or ""),
        version=comment.version,
        first_line=comment.first_line,
        last_line=comment.last_line,
        body=comment.body,
        author_name=comment.author_name,
        created_at=timestamp(comment.created_at),
        resolved_at=timestamp(comment.resolved_at),
        resolved_by=comment.resolved_by,
        shown_first_line=placed.first_line,
        shown_last_line=placed.last_line,
        quote=placed.quote,
        outdated=placed.outdated,
        section=placed.section,
    )
