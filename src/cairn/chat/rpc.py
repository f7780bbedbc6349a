"""ChatService."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from itertools import groupby
from typing import cast
from uuid import UUID

from connectrpc.request import RequestContext

from cairn.chat.formats import Told, add_up, decode_event
from cairn.chat.ports import Conversation, NewGeneration, StoredGeneration
from cairn.chat.runner.answers import Answering
from cairn.chat.runner.generations import STOP_TOPIC, GenerationRunner, settle
from cairn.chat.usecases import (
    ConversationNotFound,
    GenerationNotFound,
    begin_generation,
    check_question,
    delete_conversation,
)
from cairn.decisions.api import timestamp
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.gen.cairn.chat.v1.chat_connect import ChatService
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform import signals
from cairn.platform.cursor import read_cursor, write_cursor
from cairn.platform.database import Database
from cairn.platform.rpc import check_page_size, current_caller, parse_id

_TURNS_MOST = 200
_LOGS_MOST = 100
# A generation of another process is read from its log this often.
_POLL_S = 0.1
_WATCH_S = 5.0


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
        if len(request.log_ids) > _LOGS_MOST:
            raise InvalidArgument(f"Ask in up to {_LOGS_MOST} logs, or in all by naming none.", field="log_ids")
        log_ids = tuple(parse_id(text, "log") for text in request.log_ids)
        conversation_id = parse_id(request.conversation_id, "conversation") if request.conversation_id else uuid7()
        self._runner.check_room(caller)
        async with self._database.transaction(caller) as connection:
            chosen = await self._answering.gateway.choose(connection, request.model)
            generation = NewGeneration(uuid7(), conversation_id, question, chosen.name, chosen.extracts_only, log_ids)
            store = self._runner.store(connection)
            await begin_generation(store, generation, new_conversation=not request.conversation_id)
        answer = self._answering.answer(caller, generation, chosen)
        running = self._runner.start(caller, generation.id, answer)
        async with aclosing(running.follow(0)) as events:
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
        events = running.follow(after) if running else self._read_log(caller, generation_id, after)
        async with aclosing(events):
            async for event in events:
                yield pb.FollowGenerationResponse(event=event)

    async def _read_log(self, caller: Caller, generation_id: UUID, after: int) -> AsyncGenerator[pb.GenerationEvent]:
        """Yield the stored events, and go on while another process writes them."""
        watched_at = 0.0
        while True:
            async with self._database.transaction(caller) as connection:
                store = self._runner.store(connection)
                generation = await store.find_generation(generation_id)
                if generation is None:
                    raise GenerationNotFound
                events = await store.list_events([generation_id], after)
                if not events and not generation.ended:
                    if not generation.alive:
                        await settle(store, generation_id, generation.last_sequence)
                        continue
                    if time.monotonic() - watched_at > _WATCH_S:
                        await store.watch(generation_id)
                        watched_at = time.monotonic()
            for _, body in events:
                event = decode_event(body)
                after = event.sequence
                yield event
            if generation.ended:
                return
            await asyncio.sleep(_POLL_S)

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
            return pb.StopGenerationResponse()
        async with self._database.transaction(caller) as connection:
            store = self._runner.store(connection)
            if await store.find_generation(generation_id) is None:
                raise GenerationNotFound
            if await store.request_stop(generation_id):
                await signals.notify(connection, caller.tenant_id, STOP_TOPIC, generation_id)
        return pb.StopGenerationResponse()

    async def list_conversations(
        self,
        request: pb.ListConversationsRequest,
        ctx: RequestContext[pb.ListConversationsRequest, pb.ListConversationsResponse],
        /,
    ) -> pb.ListConversationsResponse:
        """List the caller's conversations, latest first."""
        size = check_page_size(request.page_size, usual=30, most=100)
        after = read_cursor(request.cursor, datetime, UUID)
        async with self._database.transaction(current_caller()) as connection:
            found = await self._runner.store(connection).list_conversations(
                cast("tuple[datetime, UUID]", tuple(after)) if after else None, size + 1
            )
        page = found[:size]
        return pb.ListConversationsResponse(
            conversations=[_conversation_to_proto(conversation) for conversation in page],
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
            store = self._runner.store(connection)
            conversation = await store.find_conversation(conversation_id)
            if conversation is None:
                raise ConversationNotFound
            generations = await store.list_generations(conversation_id, _TURNS_MOST)
            for generation in generations:
                if not generation.ended and not generation.alive:
                    await settle(store, generation.id, generation.last_sequence)
            events = await store.list_events([generation.id for generation in generations], 0)
        told = {
            generation_id: add_up(decode_event(body) for _, body in group)
            for generation_id, group in groupby(events, key=lambda event: event[0])
        }
        return pb.GetConversationResponse(
            conversation=_conversation_to_proto(conversation),
            turns=[_turn_to_proto(one, told.get(one.id, Told())) for one in generations],
        )

    async def delete_conversation(
        self,
        request: pb.DeleteConversationRequest,
        ctx: RequestContext[pb.DeleteConversationRequest, pb.DeleteConversationResponse],
        /,
    ) -> pb.DeleteConversationResponse:
        """Delete a conversation and everything in it."""
        conversation_id = parse_id(request.id, "conversation")
        async with self._database.transaction(current_caller()) as connection:
            await delete_conversation(self._runner.store(connection), conversation_id)
        return pb.DeleteConversationResponse()


def _conversation_to_proto(conversation: Conversation) -> pb.Conversation:
    return pb.Conversation(
        id=str(conversation.id),
        title=conversation.title,
        created_at=timestamp(conversation.created_at),
        updated_at=timestamp(conversation.updated_at),
    )


def _turn_to_proto(generation: StoredGeneration, told: Told) -> pb.Turn:
    return pb.Turn(
        generation_id=str(generation.id),
        question=generation.question,
        answer=told.answer,
        citations=list(told.citations),
        model=generation.model,
        extracts_only=generation.extracts_only,
        outcome=told.outcome,
        created_at=timestamp(generation.created_at),
        last_sequence=told.last_sequence,
    )
