"""What people do with questions and answers."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID

from cairn.chat.domain.citations import CitationChecker
from cairn.chat.domain.events import ChatEvent, Failed, FailureCode, Finished, FinishReason
from cairn.chat.domain.prompt import RULES, PastTurn, choose_history, write_question
from cairn.chat.domain.quotes import say_nothing_found
from cairn.chat.domain.relevance import is_near
from cairn.chat.domain.sources import Findings
from cairn.chat.ports import ConversationStore, NewGeneration, Writer, Written
from cairn.kernel.errors import InvalidArgument, NotFound

QUESTION_CHARACTERS_MOST = 8_000
ANSWER_CHARACTERS_MOST = 100_000
_TITLE_CHARACTERS_MOST = 80


class ConversationNotFound(NotFound):
    """There is no such conversation of the caller."""

    def __init__(self) -> None:
        super().__init__(
            "There is no such conversation of yours. It may have been deleted; begin a new one.", field="id"
        )


class GenerationNotFound(NotFound):
    """There is no such generation of the caller."""

    def __init__(self) -> None:
        super().__init__(
            "There is no such answer of yours. Its conversation may have been deleted.", field="generation_id"
        )


def check_question(text: str) -> str:
    """Return the question without space around it. Raises `InvalidArgument` when it is empty or too long."""
    question = text.replace("\0", "").strip()
    if not question:
        raise InvalidArgument("Write a question first.", field="question")
    if len(question) > QUESTION_CHARACTERS_MOST:
        message = (
            f"A question has up to {QUESTION_CHARACTERS_MOST} characters; this one has {len(question)}. Shorten it."
        )
        raise InvalidArgument(message, field="question")
    return question


async def begin_generation(store: ConversationStore, generation: NewGeneration, *, new_conversation: bool) -> None:
    """Write down the question, in a new conversation or an old one. Raises `ConversationNotFound`."""
    if new_conversation:
        await store.add_conversation(generation.conversation_id, make_title(generation.question))
    elif not await store.touch_conversation(generation.conversation_id):
        raise ConversationNotFound
    await store.add_generation(generation)


def make_title(question: str) -> str:
    """Return the first words of a question as the name of its conversation."""
    line = " ".join(question.split())
    if len(line) <= _TITLE_CHARACTERS_MOST:
        return line
    return line[: _TITLE_CHARACTERS_MOST - 1].rsplit(" ", 1)[0] + "…"


async def delete_conversation(store: ConversationStore, conversation_id: UUID) -> None:
    """Remove a conversation and everything in it. Raises `ConversationNotFound`."""
    if not await store.delete_conversation(conversation_id):
        raise ConversationNotFound


async def answer_with_model(
    findings: Findings, history: Sequence[PastTurn], write: Writer
) -> AsyncGenerator[ChatEvent]:
    """Let a language model answer from the findings, and check its citations while it writes.

    The model is not asked when nothing found comes near the question: what it says then is not the logs' answer.
    """
    if not is_near(findings):
        for event in say_nothing_found(findings):
            yield event
        return
    messages: list[tuple[str, str]] = []
    for turn in choose_history(history):
        messages += [("user", turn.question), ("assistant", turn.answer)]
    messages.append(("user", write_question(findings)))
    checker = CitationChecker(findings.sources)
    written_characters = 0
    async with aclosing(write(RULES, messages)) as reply:
        async for part in reply:
            if isinstance(part, Written):
                for event in checker.finish():
                    yield event
                yield _end(part, cited=checker.cited > 0)
                return
            written_characters += len(part)
            for event in checker.feed(part):
                yield event
            if written_characters > ANSWER_CHARACTERS_MOST:
                break
    for event in checker.finish():
        yield event
    yield Finished(FinishReason.LENGTH)


def _end(written: Written, *, cited: bool) -> Finished | Failed:
    if written.reason == "filtered":
        message = (
            "The provider's own filter ended the answer. What it wrote is kept. Ask in other words, or another model."
        )
        return Failed(FailureCode.FILTERED, message)
    reason = FinishReason.COMPLETE if cited else FinishReason.NOTHING_FOUND
    if written.reason == "length":
        reason = FinishReason.LENGTH
    return Finished(reason, written.input_tokens, written.output_tokens)
