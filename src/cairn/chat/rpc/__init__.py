"""ChatService."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from itertools import groupby
from typing import cast
from uuid import UUID

from connectrpc.request import RequestContext

from cairn.chat.formats.conversations import (
    conversation_to_proto,
    decisions_of,
    name_file,
    turns_to_proto,
    write_markdown,
)
from cairn.chat.formats.events import add_up, decode_event
from cairn.chat.ports import Conversation, ConversationStore, NewGeneration, Scope
from cairn.chat.runner.answers import Answering
from cairn.chat.runner.following import follow, read_log
from cairn.chat.runner.generations import STOP_TOPIC, GenerationRunner
from cairn.chat.usecases.answers import (
    ConversationNotFound,
    GenerationNotFound,
    begin_generation,
    branch_of,
    check_question,
    delete_conversation,
    rename_conversation,
    restore_conversation,
    share_conversation,
)
from cairn.decisions.api import list_summaries
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.gen.cairn.chat.v1.chat_connect import ChatService
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform import signals
from cairn.platform.cursor import read_cursor, write_cursor
from cairn.platform.database import Connection, Database
from cairn.platform.rpc import check_page_size, current_caller, parse_id
from cairn.search.api import parse_dates

_TURNS_MOST = 200
_SCOPE_MOST = 100
_QUERY_CHARACTERS_MOST = 200
_LANGUAGE_CHARACTERS_MOST = 35


class ChatRpc(ChatService):
    """Serves `ChatService`. Questions are answered by `answering` as tasks of `runner`."""

    def __init__(self, database: Database, runner: GenerationRunner, answering: Answering) -> None:
        self._database = database
        self._runner = runner
        self._answering = answering

    async def ask(
        self, request: pb.AskRequest, ctx: RequestContext[pb.AskRequest, pb.AskResponse], /
    ) -> AsyncIterator[pb.AskResponse]:
        """Start a generation and stream it."""
        caller = current_caller()
        question = check_question(request.question)
        scope = _read_scope(request)
        conversation_id = parse_id(request.conversation_id, "conversation") if request.conversation_id else uuid7()
        after_id = parse_id(request.after_generation_id, "answer") if request.after_generation_id else None
        instead = parse_id(request.instead_of_generation_id, "answer") if request.instead_of_generation_id else None
        self._runner.check_room(caller)
        async with self._database.transaction(caller) as connection:
            chosen = await self._answering.gateway.choose(connection, request.model)
            generation = await begin_generation(
                self._runner.store(connection),
                NewGeneration(
                    uuid7(),
                    conversation_id,
                    question,
                    chosen.name,
                    chosen.extracts_only,
                    scope,
                    after_id=after_id,
                    language=request.language[:_LANGUAGE_CHARACTERS_MOST],
                ),
                new_conversation=not request.conversation_id,
                instead_of=instead,
            )
        answer = self._answering.answer(caller, generation, chosen)
        running = self._runner.start(caller, generation.id, answer)
        async with aclosing(follow(self._database, self._runner, running)) as events:
            async for event in events:
                yield pb.AskResponse(event=event)

    async def follow_generation(
        self,
        request: pb.FollowGenerationRequest,
        ctx: RequestContext[pb.FollowGenerationRequest, pb.FollowGenerationResponse],
        /,
    ) -> AsyncIterator[pb.FollowGenerationResponse]:
        """Stream a generation from the event after `after_sequence`."""
        caller = current_caller()
        generation_id = parse_id(request.generation_id, "answer")
        after = request.after_sequence
        if after < 0:
            raise InvalidArgument("after_sequence is 0 or more.", field="after_sequence")
        running = self._runner.find(caller, generation_id)
        if running:
            events = follow(self._database, self._runner, running, after)
        else:
            events = read_log(self._database, self._runner, caller, generation_id, after)
        async with aclosing(events):
            async for event in events:
                yield pb.FollowGenerationResponse(event=event)

    async def stop_generation(
        self,
        request: pb.StopGenerationRequest,
        ctx: RequestContext[pb.StopGenerationRequest, pb.StopGenerationResponse],
        /,
    ) -> pb.StopGenerationResponse:
        """Stop a generation, whichever process runs it."""
        caller = current_caller()
        generation_id = parse_id(request.generation_id, "answer")
        if running := self._runner.find(caller, generation_id):
            running.stop()
            # Once it is written down no restart takes it up again.
            await running.settled.wait()
            return pb.StopGenerationResponse()
        async with self._database.transaction(caller) as connection:
            store = self._runner.store(connection)
            generation = await store.find_generation(generation_id)
            if generation is None or not generation.mine:
                raise GenerationNotFound
            await self._stop(connection, store, caller, generation_id)
        return pb.StopGenerationResponse()

    async def list_conversations(
        self,
        request: pb.ListConversationsRequest,
        ctx: RequestContext[pb.ListConversationsRequest, pb.ListConversationsResponse],
        /,
    ) -> pb.ListConversationsResponse:
        """List the caller's conversations, or those that others share, latest first."""
        query = request.query.replace("\0", "").strip()
        if len(query) > _QUERY_CHARACTERS_MOST:
            raise InvalidArgument(f"Look for up to {_QUERY_CHARACTERS_MOST} characters.", field="query")
        size = check_page_size(request.page_size, usual=30, most=100)
        after = read_cursor(request.cursor, datetime, UUID)
        async with self._database.transaction(current_caller()) as connection:
            found = await self._runner.store(connection).list_conversations(
                cast("tuple[datetime, UUID]", tuple(after)) if after else None,
                size + 1,
                query=query,
                others=request.shared_with_me,
            )
        page = found[:size]
        return pb.ListConversationsResponse(
            conversations=[conversation_to_proto(conversation) for conversation in page],
            next_cursor=write_cursor(page[-1].updated_at, page[-1].id) if len(found) > size else "",
        )

    async def get_conversation(
        self,
        request: pb.GetConversationRequest,
        ctx: RequestContext[pb.GetConversationRequest, pb.GetConversationResponse],
        /,
    ) -> pb.GetConversationResponse:
        """Read a conversation with its turns."""
        conversation_id = parse_id(request.id, "conversation")
        async with self._database.transaction(current_caller()) as connection:
            conversation, turns = await self._read(connection, conversation_id)
        return pb.GetConversationResponse(conversation=conversation_to_proto(conversation), turns=turns)

    async def _read(self, connection: Connection, conversation_id: UUID) -> tuple[Conversation, list[pb.Turn]]:
        """Return a conversation with its turns as the caller may see them."""
        store = self._runner.store(connection)
        conversation = await store.find_conversation(conversation_id)
        if conversation is None:
            raise ConversationNotFound
        generations = await store.list_generations(conversation_id, _TURNS_MOST)
        events = await store.list_events([generation.id for generation in generations], 0)
        told = {
            generation_id: add_up(decode_event(body) for _, body in group)
            for generation_id, group in groupby(events, key=lambda event: event[0])
        }
        named = set[UUID]().union(*map(decisions_of, told.values()))
        visible = (await list_summaries(connection, list(named))).keys()
        return conversation, turns_to_proto(generations, told, visible)

    async def rename_conversation(
        self,
        request: pb.RenameConversationRequest,
        ctx: RequestContext[pb.RenameConversationRequest, pb.RenameConversationResponse],
        /,
    ) -> pb.RenameConversationResponse:
        """Give a conversation another title."""
        conversation_id = parse_id(request.id, "conversation")
        async with self._database.transaction(current_caller()) as connection:
            renamed = await rename_conversation(self._runner.store(connection), conversation_id, request.title)
        return pb.RenameConversationResponse(conversation=conversation_to_proto(renamed))

    async def share_conversation(
        self,
        request: pb.ShareConversationRequest,
        ctx: RequestContext[pb.ShareConversationRequest, pb.ShareConversationResponse],
        /,
    ) -> pb.ShareConversationResponse:
        """Let everybody in the organisation read a conversation, or end that."""
        conversation_id = parse_id(request.id, "conversation")
        async with self._database.transaction(current_caller()) as connection:
            shared = await share_conversation(self._runner.store(connection), conversation_id, shared=request.shared)
        return pb.ShareConversationResponse(conversation=conversation_to_proto(shared))

    async def restore_conversation(
        self,
        request: pb.RestoreConversationRequest,
        ctx: RequestContext[pb.RestoreConversationRequest, pb.RestoreConversationResponse],
        /,
    ) -> pb.RestoreConversationResponse:
        """Bring a deleted conversation back."""
        conversation_id = parse_id(request.id, "conversation")
        async with self._database.transaction(current_caller()) as connection:
            restored = await restore_conversation(self._runner.store(connection), conversation_id)
        return pb.RestoreConversationResponse(conversation=conversation_to_proto(restored))

    async def export_conversation(
        self,
        request: pb.ExportConversationRequest,
        ctx: RequestContext[pb.ExportConversationRequest, pb.ExportConversationResponse],
        /,
    ) -> pb.ExportConversationResponse:
        """Write one branch of a conversation as Markdown."""
        conversation_id = parse_id(request.id, "conversation")
        last_id = parse_id(request.generation_id, "answer") if request.generation_id else None
        async with self._database.transaction(current_caller()) as connection:
            conversation, turns = await self._read(connection, conversation_id)
            generations = await self._runner.store(connection).list_generations(conversation_id, _TURNS_MOST)
        branch = branch_of(generations, last_id or (generations[-1].id if generations else None))
        if last_id is not None and not branch:
            raise GenerationNotFound
        by_id = {turn.generation_id: turn for turn in turns}
        markdown = write_markdown(conversation.title, [by_id[str(one.id)] for one in branch])
        return pb.ExportConversationResponse(file_name=name_file(conversation.title), markdown=markdown)

    async def delete_conversation(
        self,
        request: pb.DeleteConversationRequest,
        ctx: RequestContext[pb.DeleteConversationRequest, pb.DeleteConversationResponse],
        /,
    ) -> pb.DeleteConversationResponse:
        """Delete a conversation and everything in it. What is still being written in it ends."""
        caller = current_caller()
        conversation_id = parse_id(request.id, "conversation")
        async with self._database.transaction(caller) as connection:
            store = self._runner.store(connection)
            running = [one.id for one in await store.list_generations(conversation_id, _TURNS_MOST) if not one.ended]
            await delete_conversation(store, conversation_id)
            for generation_id in running:
                await self._stop(connection, store, caller, generation_id)
        return pb.DeleteConversationResponse()

    async def _stop(
        self, connection: Connection, store: ConversationStore, caller: Caller, generation_id: UUID
    ) -> None:
        if running := self._runner.find(caller, generation_id):
            running.stop()
        elif await store.request_stop(generation_id):
            await signals.notify(connection, caller.tenant_id, STOP_TOPIC, generation_id)


def _read_scope(request: pb.AskRequest) -> Scope:
    """Return what to answer from. Raises `InvalidArgument`."""
    for name, values in (("log_ids", request.log_ids), ("decision_ids", request.decision_ids), ("tags", request.tags)):
        if len(values) > _SCOPE_MOST:
            message = f"Name up to {_SCOPE_MOST} {name.replace('_ids', 's')}, or none to ask everywhere."
            raise InvalidArgument(message, field=name)
    return Scope(
        tuple(parse_id(text, "log") for text in request.log_ids),
        tuple(parse_id(text, "decision") for text in request.decision_ids),
        tuple(request.tags),
        parse_dates(request.as_of)[1] if request.as_of else None,
    )
