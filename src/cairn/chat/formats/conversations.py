"""Conversations and their turns as the wire schema has them, shown to whoever reads, and as Markdown."""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from protobuf import Oneof

from cairn.chat.formats.events import Told
from cairn.chat.ports import Conversation, StoredGeneration
from cairn.decisions.api import Status, status_from_proto, timestamp
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.gen.cairn.decisions.v1 import decisions_pb
from cairn.gen.cairn.search.v1 import search_pb

_FILE_NAME_CHARACTERS_MOST = 60


def conversation_to_proto(conversation: Conversation) -> pb.Conversation:
    """Return the wire form of a conversation."""
    return pb.Conversation(
        id=str(conversation.id),
        title=conversation.title,
        created_at=timestamp(conversation.created_at),
        updated_at=timestamp(conversation.updated_at),
        shared=conversation.shared,
        mine=conversation.mine,
        person_name=conversation.person_name,
    )


def decisions_of(told: Told) -> set[UUID]:
    """Return every decision that an answer was made from or cites."""
    read = {UUID(id_) for step in told.steps for id_ in step.decision_ids}
    return read | {UUID(one.decision.id) for one in told.citations if one.decision}


def turns_to_proto(
    turns: Sequence[StoredGeneration], told: dict[UUID, Told], visible: AbstractSet[UUID]
) -> list[pb.Turn]:
    """Return the wire form of turns for a reader who may see the decisions `visible`.

    Of the reader's own answers, passages that are gone meanwhile are left out. Another's answer is withheld whole when
    it was made from anything the reader may not see, and so is everything that follows it.
    """
    withheld: set[UUID] = set()
    shown: list[pb.Turn] = []
    for turn in turns:
        one = told.get(turn.id, Told())
        if not turn.mine and (turn.after_id in withheld or not decisions_of(one) <= visible):
            withheld.add(turn.id)
        shown.append(
            _turn_to_proto(turn, Told() if turn.id in withheld else one, visible, withheld=turn.id in withheld)
        )
    return shown


def _turn_to_proto(turn: StoredGeneration, told: Told, visible: AbstractSet[UUID], *, withheld: bool) -> pb.Turn:
    scope = turn.scope
    return pb.Turn(
        generation_id=str(turn.id),
        question=turn.question,
        answer=told.answer,
        citations=[_as_seen(one, visible) for one in told.citations],
        model=turn.model,
        extracts_only=turn.extracts_only,
        outcome=told.outcome if not withheld else Oneof("finished", pb.Finished(reason=pb.FinishReason.COMPLETE)),
        created_at=timestamp(turn.created_at),
        last_sequence=told.last_sequence,
        after_generation_id=str(turn.after_id) if turn.after_id else "",
        steps=list(told.steps),
        marks=list(told.marks),
        log_ids=[str(id_) for id_ in scope.log_ids],
        decision_ids=[str(id_) for id_ in scope.decision_ids],
        tags=list(scope.tags),
        as_of=scope.as_of.isoformat() if scope.as_of else "",
        withheld=withheld,
    )


def _as_seen(citation: pb.Citation, visible: AbstractSet[UUID]) -> pb.Citation:
    decision, passage = citation.decision, citation.passage
    if decision is None or UUID(decision.id) in visible:
        return citation
    return pb.Citation(
        number=citation.number,
        decision=decisions_pb.DecisionSummary(id=decision.id, ref=decision.ref, status=decision.status),
        passage=search_pb.Passage(id=passage.id, decision_id=passage.decision_id) if passage else None,
        gone=True,
    )


def name_file(title: str) -> str:
    """Return a file name for a conversation of that title."""
    slug = re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:_FILE_NAME_CHARACTERS_MOST].strip("-")
    return f"{slug or 'conversation'}.md"


def write_markdown(title: str, turns: Iterable[pb.Turn]) -> str:
    """Return a branch of a conversation as Markdown, each answer with its sources and what they say of themselves."""
    parts = [f"# {' '.join(title.split())}"]
    for turn in turns:
        parts.append(f"## {' '.join(turn.question.split())}")
        if turn.withheld:
            parts.append("*This answer rests on records that you may not see.*")
            continue
        parts.append(turn.answer.strip() or "*No answer was written.*")
        if turn.citations:
            parts.append("\n".join(["Sources:", "", *(_write_source(one) for one in turn.citations)]))
        parts.append(f"*{_write_origin(turn)}*")
    return "\n\n".join(parts) + "\n"


def _write_source(citation: pb.Citation) -> str:
    decision, passage = citation.decision, citation.passage
    if decision is None or citation.gone:
        return f"- [{citation.number}] a record that is gone"
    status = status_from_proto(decision.status)
    standing = f"superseded by {decision.successor.ref}" if decision.successor else (status or Status.DRAFT).value
    place = f", {' / '.join(passage.heading_path)}" if passage and passage.heading_path else ""
    version = f", version {passage.version}" if passage else ""
    return f"- [{citation.number}] {decision.ref} {decision.title} ({standing}){place}{version}"


def _write_origin(turn: pb.Turn) -> str:
    told = (
        "Extracts of the records; no language model wrote this." if turn.extracts_only else f"Written by {turn.model}."
    )
    if turn.as_of:
        told += f" As of {turn.as_of}."
    return told
