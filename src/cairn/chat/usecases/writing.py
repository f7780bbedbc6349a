"""Help with writing: drafts, revisions of a selection, and the sweep before acceptance."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from cairn.chat.domain.citations import CitationChecker
from cairn.chat.domain.drafting import DRAFT_RULES, Given, draft_with_extracts, write_order
from cairn.chat.domain.events import ChatEvent, Delta, Finished, FinishReason, Mark, MarkKind
from cairn.chat.domain.revising import REVISE_RULES, Revision, Selection, summarise_with_extracts, write_revision
from cairn.chat.domain.sources import Findings, Source
from cairn.chat.domain.sweeping import JUDGE_RULES, Finding, read_verdicts, write_case
from cairn.chat.ports import Writer, Written
from cairn.kernel.errors import CairnError, Code, InvalidArgument
from cairn.kernel.phrases import Phrase

TEXT_CHARACTERS_MOST = 60_000
SELECTION_CHARACTERS_MOST = 20_000
_REPLY_CHARACTERS_MOST = 100_000


class NeedsModel(CairnError):
    """Only a language model can do that."""

    code = Code.FAILED_PRECONDITION

    def __init__(self) -> None:
        super().__init__(
            Phrase(
                "needs_model",
                "Only a language model can do that; `quotes` writes nothing of its own. Connect one under Models.",
            ),
            field="model",
        )


def check_text(text: str, most: int) -> str:
    """Return a text without space around it. Raises `InvalidArgument` when it is empty or too long."""
    kept = text.replace("\0", "").strip()
    if not kept:
        raise InvalidArgument(Phrase("selection_empty", "Write or choose some text first."), field="text")
    if len(kept) > most:
        message = Phrase(
            "selection_long",
            "Up to {most} characters can be worked on at once; these are {length}. Choose less.",
            most=most,
            length=len(kept),
        )
        raise InvalidArgument(message, field="text")
    return kept


async def draft_record(given: Given, findings: Findings, write: Writer | None) -> AsyncGenerator[ChatEvent]:
    """Yield a draft: by a language model, checked like an answer, or of the author's words and extracts."""
    if write is None:
        for event in draft_with_extracts(given, findings):
            yield event
        return
    checker = CitationChecker(findings.sources, by_name=True)
    async with aclosing(write(DRAFT_RULES, [("user", write_order(given, findings.sources))])) as reply:
        async for part in reply:
            if isinstance(part, Written):
                for event in checker.finish():
                    if not _is_given(event, given):
                        yield event
                yield _end(part)
                return
            if isinstance(part, str):
                for event in checker.feed(part):
                    yield event


def _is_given(event: ChatEvent, given: Given) -> bool:
    """Tell whether a mark names what the author wrote: it needs no record behind it."""
    return isinstance(event, Mark) and event.kind is not MarkKind.QUOTE and event.text.lower() in given.text.lower()


async def revise_selection(selection: Selection, write: Writer | None) -> AsyncGenerator[ChatEvent]:
    """Yield the words that could take a selection's place. Raises `NeedsModel` where extracts cannot do it."""
    if write is None:
        if selection.revision is not Revision.SUMMARISE:
            raise NeedsModel
        for event in summarise_with_extracts(selection.text):
            yield event
        return
    written = 0
    async with aclosing(write(REVISE_RULES, [("user", write_revision(selection))])) as reply:
        async for part in reply:
            if isinstance(part, Written):
                yield _end(part)
                return
            if isinstance(part, str):
                written += len(part)
                yield Delta(part)
                if written > _REPLY_CHARACTERS_MOST:
                    break
    yield Finished(FinishReason.LENGTH)


async def judge_candidates(title: str, body: str, candidates: Sequence[Source], write: Writer) -> list[Finding] | None:
    """Return what a model says of the candidates; None when its reply is no judgement."""
    pieces: list[str] = []
    async with aclosing(write(JUDGE_RULES, [("user", write_case(title, body, candidates))])) as reply:
        async for part in reply:
            if isinstance(part, str):
                pieces.append(part)
            if isinstance(part, Written) or sum(map(len, pieces)) > _REPLY_CHARACTERS_MOST:
                break
    return read_verdicts("".join(pieces), body, candidates)


def _end(written: Written) -> Finished:
    reason = FinishReason.LENGTH if written.reason == "length" else FinishReason.COMPLETE
    return Finished(reason, written.input_tokens, written.output_tokens, written.cost_micros)
