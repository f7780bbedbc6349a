"""What people do with questions and answers."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

from cairn.chat.domain.citations import CitationChecker
from cairn.chat.domain.events import Begun, ChatEvent, Citation, Delta, Failed, FailureCode, Finished, FinishReason
from cairn.chat.domain.looks import describe_look
from cairn.chat.domain.prompt import RULES, TOOL_RULES, PastTurn, choose_history, write_question
from cairn.chat.domain.quotes import answer_with_extracts, name_nearest, say_nothing_found
from cairn.chat.domain.relevance import is_near
from cairn.chat.domain.sources import Findings, Source
from cairn.chat.ports import (
    Conversation,
    ConversationStore,
    Desk,
    Looked,
    NewGeneration,
    StoredGeneration,
    Writer,
    Written,
)
from cairn.kernel.errors import CairnError, Code, InvalidArgument, NotFound
from cairn.kernel.phrases import Phrase

QUESTION_CHARACTERS_MOST = 8_000
ANSWER_CHARACTERS_MOST = 100_000
TITLE_CHARACTERS_MOST = 200
_TITLE_CHARACTERS_MOST = 80


class ConversationNotFound(NotFound):
    """There is no such conversation of the caller."""

    def __init__(self) -> None:
        super().__init__(
            Phrase(
                "no_conversation", "There is no such conversation of yours. It may have been deleted; begin a new one."
            ),
            field="id",
        )


class GenerationNotFound(NotFound):
    """There is no such generation of the caller."""

    def __init__(self) -> None:
        super().__init__(
            Phrase("no_answer", "There is no such answer of yours. Its conversation may have been deleted."),
            field="generation_id",
        )


def check_question(text: str) -> str:
    """Return the question without space around it. Raises `InvalidArgument` when it is empty or too long."""
    question = text.replace("\0", "").strip()
    if not question:
        raise InvalidArgument(Phrase("question_empty", "Write a question first."), field="question")
    if len(question) > QUESTION_CHARACTERS_MOST:
        message = Phrase(
            "question_long",
            "A question has up to {most} characters; this one has {length}. Shorten it.",
            most=QUESTION_CHARACTERS_MOST,
            length=len(question),
        )
        raise InvalidArgument(message, field="question")
    return question


async def begin_generation(
    store: ConversationStore,
    generation: NewGeneration,
    *,
    new_conversation: bool,
    instead_of: UUID | None = None,
    draft: bool = False,
) -> NewGeneration:
    """Write down the question, in a new conversation or an old one, and return it with its place.

    It follows the generation it names, or takes the place of `instead_of` as another branch, or else follows the
    latest. The conversation of a `draft` is never listed. Raises `ConversationNotFound`, and `GenerationNotFound` where
    what it names is not in the conversation.
    """
    if new_conversation:
        if instead_of is not None or generation.after_id is not None:
            raise GenerationNotFound
        await store.add_conversation(generation.conversation_id, make_title(generation.question), draft=draft)
    elif not await store.touch_conversation(generation.conversation_id):
        raise ConversationNotFound
    else:
        generation = replace(generation, after_id=await _place(store, generation, instead_of))
    await store.add_generation(generation)
    return generation


async def _place(store: ConversationStore, generation: NewGeneration, instead_of: UUID | None) -> UUID | None:
    named = instead_of or generation.after_id
    if named is None:
        latest = await store.list_generations(generation.conversation_id, 1)
        return latest[-1].id if latest else None
    found = await store.find_generation(named)
    if found is None or found.conversation_id != generation.conversation_id:
        raise GenerationNotFound
    return found.after_id if instead_of else found.id


def branch_of(turns: Sequence[StoredGeneration], last_id: UUID | None) -> list[StoredGeneration]:
    """Return the turns that lead to one of them, oldest first, with it; nothing where it is not among them."""
    by_id = {turn.id: turn for turn in turns}
    branch: list[StoredGeneration] = []
    while last_id is not None and (turn := by_id.pop(last_id, None)) is not None:
        branch.append(turn)
        last_id = turn.after_id
    return branch[::-1]


def check_title(text: str) -> str:
    """Return a title without space around it. Raises `InvalidArgument` when it is empty or too long."""
    title = " ".join(text.replace("\0", "").split())
    if not 1 <= len(title) <= TITLE_CHARACTERS_MOST:
        message = Phrase(
            "title_length",
            "A title has 1 to {most} characters; this one has {length}.",
            most=TITLE_CHARACTERS_MOST,
            length=len(title),
        )
        raise InvalidArgument(message, field="title")
    return title


async def rename_conversation(store: ConversationStore, conversation_id: UUID, title: str) -> Conversation:
    """Give a conversation another title. Raises `ConversationNotFound` and `InvalidArgument`."""
    await store.rename_conversation(conversation_id, check_title(title))
    return await find_own(store, conversation_id)


async def share_conversation(store: ConversationStore, conversation_id: UUID, *, shared: bool) -> Conversation:
    """Let everybody in the organisation read a conversation, or end that. Raises `ConversationNotFound`."""
    await store.share_conversation(conversation_id, shared=shared)
    return await find_own(store, conversation_id)


async def restore_conversation(store: ConversationStore, conversation_id: UUID) -> Conversation:
    """Bring a deleted conversation back. Raises `ConversationNotFound`."""
    await store.restore_conversation(conversation_id)
    return await find_own(store, conversation_id)


async def find_own(store: ConversationStore, conversation_id: UUID) -> Conversation:
    """Return the caller's conversation. Raises `ConversationNotFound`, also for one that another only shares."""
    found = await store.find_conversation(conversation_id)
    if found is None or not found.mine:
        raise ConversationNotFound
    return found


def make_title(question: str) -> str:
    """Return the first words of a question as the name of its conversation."""
    line = " ".join(question.split())
    if len(line) <= _TITLE_CHARACTERS_MOST:
        return line
    return line[: _TITLE_CHARACTERS_MOST - 1].rsplit(" ", 1)[0] + "…"


async def delete_conversation(store: ConversationStore, conversation_id: UUID) -> None:
    """Remove a conversation and everything in it. Raises `ConversationNotFound`."""
    await find_own(store, conversation_id)
    await store.delete_conversation(conversation_id)


class AnswerChanged(CairnError):
    """The records changed, so that an answer that was cut cannot be gone on with."""

    code = Code.ABORTED

    def __init__(self) -> None:
        super().__init__(
            "The server was restarted while it was writing this answer, and the records it rests on changed meanwhile. "
            "What was written is kept. Ask again."
        )


def put_cited_first(findings: Findings, begun: Begun) -> Findings:
    """Return the findings with what an answer cites already in front, in the order of its numbers."""
    by_id = {source.passage.id: source for source in findings.sources}
    cited: list[Source] = []
    for citation in begun.citations:
        found = by_id.pop(citation.source.passage.id, None)
        same = found is not None and found.passage.text == citation.source.passage.text
        cited.append(found if found is not None and same else citation.source)
    return replace(findings, sources=(*cited, *by_id.values()))


def finish_extracts(findings: Findings, begun: Begun) -> Iterator[ChatEvent]:
    """Yield the rest of an answer of `quotes` that was cut. Raises `AnswerChanged`."""
    whole = list(answer_with_extracts(findings))
    again = whole[: begun.pieces]
    text = "".join(event.text for event in again if isinstance(event, Delta))
    cited = [(event.number, event.source.passage.id) for event in again if isinstance(event, Citation)]
    if (text, cited) != (begun.text, [(one.number, one.source.passage.id) for one in begun.citations]):
        raise AnswerChanged
    yield from whole[begun.pieces :]


async def answer_with_model(
    findings: Findings,
    history: Sequence[PastTurn],
    write: Writer,
    desk: Desk | None = None,
    begun: Begun | None = None,
) -> AsyncGenerator[ChatEvent]:
    """Let a language model answer from the findings and its tools, and check its citations while it writes.

    The model is not asked when nothing found comes near the question: what it says then is not the logs' answer.
    It goes on where `begun` ends, without tools; the first findings are then what that cites.
    """
    if begun is None and not is_near(findings):
        for event in say_nothing_found(findings):
            yield event
        return
    messages: list[tuple[str, str]] = []
    for turn in choose_history(history):
        messages += [("user", turn.question), ("assistant", turn.answer)]
    messages.append(("user", write_question(findings)))
    paper = _Paper(findings, begun)
    tools = desk(paper.add) if desk and begun is None else ()
    said = begun.text if begun else ""
    async with aclosing(write(RULES + TOOL_RULES if tools else RULES, messages, tools, said)) as reply:
        async for part in reply:
            for event in paper.take(part):
                yield event
            if paper.ended:
                return
    for event in paper.close(Finished(FinishReason.LENGTH)):
        yield event


class _Paper:
    """An answer as a model writes it, checked."""

    def __init__(self, findings: Findings, begun: Begun | None) -> None:
        self._findings = findings
        sources, phrases = findings.sources, findings.phrases
        if begun:
            self._checker = CitationChecker.resume(sources, begun, phrases=phrases)
        else:
            self._checker = CitationChecker(sources, phrases=phrases)
        self._looked_at: list[Source] = []
        self._written_characters = len(begun.text) if begun else 0
        self.ended = False

    def add(self, sources: Sequence[Source]) -> int:
        """Let the model cite what a tool found. Return the number of the first."""
        self._looked_at += sources
        return self._checker.add_sources(sources)

    def take(self, part: str | Looked | Written) -> Iterator[ChatEvent]:
        """Yield what a part of the reply comes to."""
        match part:
            case Looked():
                ids = list(dict.fromkeys(source.record.id for source in self._looked_at))
                self._looked_at.clear()
                yield describe_look(part.tool, part.arguments, part.elapsed_ms, ids, failed=part.failed)
            case Written():
                yield from self.close(None, part)
            case str():
                yield from self._checker.feed(part)
                self._written_characters += len(part)
                if self._written_characters > ANSWER_CHARACTERS_MOST:
                    yield from self.close(Finished(FinishReason.LENGTH))

    def close(self, end: Finished | None, written: Written | None = None) -> Iterator[ChatEvent]:
        """Yield the end of the answer: what the check found, and the nearest records where it rests on none."""
        yield from self._checker.finish()
        if not self._checker.cited:
            yield from name_nearest(self._findings)
        self.ended = True
        if written is not None:
            yield _end(written, cited=self._checker.cited > 0)
        elif end is not None:
            yield end


def _end(written: Written, *, cited: bool) -> Finished | Failed:
    if written.reason == "filtered":
        message = (
            "The provider's own filter ended the answer. What it wrote is kept. Ask in other words, or another model."
        )
        return Failed(FailureCode.FILTERED, message)
    reason = FinishReason.COMPLETE if cited else FinishReason.NOTHING_FOUND
    if written.reason == "length":
        reason = FinishReason.LENGTH
    return Finished(reason, written.input_tokens, written.output_tokens, written.cost_micros)
