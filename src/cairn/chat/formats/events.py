"""Events as the wire schema has them. Stored bytes are these, so a replay is the same byte for byte."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from protobuf import Oneof

from cairn.chat.domain import events
from cairn.chat.domain.sources import Record, Source, Span
from cairn.decisions.api import DecisionSummary, summary_to_proto
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.gen.cairn.search.v1 import search_pb

_PASSAGE_CHARACTERS_MOST = 8_000
_MARKS = {
    events.MarkKind.FIGURE: pb.MarkKind.FIGURE,
    events.MarkKind.NAME: pb.MarkKind.NAME,
    events.MarkKind.QUOTE: pb.MarkKind.QUOTE,
}
_REASONS = {
    events.FinishReason.COMPLETE: pb.FinishReason.COMPLETE,
    events.FinishReason.STOPPED: pb.FinishReason.STOPPED,
    events.FinishReason.LENGTH: pb.FinishReason.LENGTH,
    events.FinishReason.NOTHING_FOUND: pb.FinishReason.NOTHING_FOUND,
}


def encode_event(sequence: int, event: events.ChatEvent) -> pb.GenerationEvent:
    """Return the wire form of an event."""
    return pb.GenerationEvent(sequence=sequence, event=_encode(event))


def decode_event(body: bytes) -> pb.GenerationEvent:
    """Return the wire form of a stored event."""
    return pb.GenerationEvent.from_binary(body)


_EventProto: TypeAlias = (
    Oneof[Literal["delta"], pb.Delta]
    | Oneof[Literal["started"], pb.Started]
    | Oneof[Literal["step"], pb.Step]
    | Oneof[Literal["citation"], pb.Citation]
    | Oneof[Literal["finished"], pb.Finished]
    | Oneof[Literal["failed"], pb.Failed]
    | Oneof[Literal["mark"], pb.Mark]
)


def _encode(event: events.ChatEvent) -> _EventProto:
    match event:
        case events.Delta():
            return Oneof("delta", _encode_delta(event))
        case events.Citation():
            return Oneof("citation", citation_to_proto(event.number, event.source, event.spans))
        case events.Mark():
            return Oneof("mark", pb.Mark(text=event.text, kind=_MARKS[event.kind]))
        case events.Failed():
            return Oneof("failed", pb.Failed(message=event.message, code=event.code))
        case _:
            return _encode_course(event)


def _encode_delta(delta: events.Delta) -> pb.Delta:
    return pb.Delta(
        text=delta.text,
        removed_citations=delta.removed,
        repaired_citations=delta.repaired,
        removed_quotation_marks=delta.unquoted,
    )


def _encode_course(event: events.Started | events.Step | events.Finished) -> _EventProto:
    match event:
        case events.Started():
            started = pb.Started(
                generation_id=str(event.generation_id),
                conversation_id=str(event.conversation_id),
                model=event.model,
                extracts_only=event.extracts_only,
            )
            return Oneof("started", started)
        case events.Step():
            step = pb.Step(
                label=event.label,
                detail=event.detail,
                elapsed_ms=event.elapsed_ms,
                decision_ids=[str(id_) for id_ in event.decision_ids],
                code=event.code,
                values=list(event.values),
                failed=event.failed,
            )
            return Oneof("step", step)
        case events.Finished():
            finished = pb.Finished(
                reason=_REASONS[event.reason],
                input_tokens=event.input_tokens,
                output_tokens=event.output_tokens,
                cost_micros=event.cost_micros,
            )
            return Oneof("finished", finished)


def citation_to_proto(number: int, source: Source, spans: Sequence[Span]) -> pb.Citation:
    """Return the wire form of a passage with its record."""
    if not isinstance(source.record, DecisionSummary):
        raise TypeError(type(source.record))
    return pb.Citation(number=number, decision=summary_to_proto(source.record), passage=_encode_passage(source, spans))


def _encode_passage(source: Source, spans: Sequence[Span]) -> search_pb.Passage:
    passage = source.passage
    text, start = passage.text, 0
    if len(text) > _PASSAGE_CHARACTERS_MOST:
        start = max(0, spans[0].start - _PASSAGE_CHARACTERS_MOST // 4) if spans else 0
        text = text[start : start + _PASSAGE_CHARACTERS_MOST]
    highlights = [
        search_pb.Highlight(start=_utf16(text[: span.start - start]), end=_utf16(text[: span.end - start]))
        for span in spans
    ]
    return search_pb.Passage(
        id=str(passage.id),
        decision_id=str(source.record.id),
        version=passage.version,
        heading_path=list(passage.heading_path),
        anchor=passage.anchor,
        text=text,
        highlights=highlights,
    )


def _utf16(text: str) -> int:
    """Return the length of a text in UTF-16 code units, which is how browsers count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


EndProto: TypeAlias = Oneof[Literal["finished"], pb.Finished] | Oneof[Literal["failed"], pb.Failed]


@dataclass(frozen=True, slots=True)
class Told:
    """What a generation's events add up to. `outcome` is None while it runs."""

    answer: str = ""
    citations: tuple[pb.Citation, ...] = ()
    steps: tuple[pb.Step, ...] = ()
    marks: tuple[pb.Mark, ...] = ()
    outcome: EndProto | None = None
    last_sequence: int = 0


def add_up(messages: Iterable[pb.GenerationEvent]) -> Told:
    """Return the answer that a generation's events tell, in order."""
    texts: list[str] = []
    citations: dict[int, pb.Citation] = {}
    steps: list[pb.Step] = []
    marks: list[pb.Mark] = []
    outcome: EndProto | None = None
    last = 0
    for message in messages:
        last = message.sequence
        match message.event:
            case Oneof(field="delta", value=delta):
                texts.append(delta.text)
            case Oneof(field="citation", value=citation):
                citations[citation.number] = citation
            case Oneof(field="step", value=step):
                steps.append(step)
            case Oneof(field="mark", value=mark):
                marks.append(mark)
            case Oneof(field="finished") | Oneof(field="failed") as end:
                outcome = end
            case _:
                pass
    return Told("".join(texts), tuple(citations.values()), tuple(steps), tuple(marks), outcome, last)


@dataclass(frozen=True, slots=True)
class KeptPassage:
    """A passage as an answer's log has it."""

    id: UUID
    version: int
    anchor: str
    heading_path: tuple[str, ...]
    text: str


def cited_in(messages: Iterable[pb.GenerationEvent]) -> set[UUID]:
    """Return the decisions that a generation cites."""
    return {UUID(one.decision.id) for one in add_up(messages).citations if one.decision is not None}


def read_begun(messages: Sequence[pb.GenerationEvent], records: Mapping[UUID, Record]) -> events.Begun | None:
    """Return what is there of an answer, with the records it cites; None where no word of it is."""
    told = add_up(messages)
    if not told.answer.strip():
        return None
    values = [message.event.value for message in messages if message.event is not None]
    deltas = [value for value in values if isinstance(value, pb.Delta)]
    citations = sum(1 for value in values if isinstance(value, pb.Citation))
    return events.Begun(
        told.answer,
        tuple(_read_citation(one, records) for one in told.citations),
        len(deltas) + citations,
        frozenset(mark.text for mark in told.marks if mark.kind is pb.MarkKind.QUOTE),
        sum(delta.removed_citations for delta in deltas),
        sum(delta.repaired_citations for delta in deltas),
        sum(delta.removed_quotation_marks for delta in deltas),
    )


def _read_citation(citation: pb.Citation, records: Mapping[UUID, Record]) -> events.Citation:
    passage, decision = citation.passage, citation.decision
    if passage is None or decision is None:
        raise ValueError(citation.number)
    kept = KeptPassage(UUID(passage.id), passage.version, passage.anchor, tuple(passage.heading_path), passage.text)
    units = passage.text.encode("utf-16-le", "surrogatepass")
    spans = tuple(
        Span(_characters(units, highlight.start), _characters(units, highlight.end)) for highlight in passage.highlights
    )
    return events.Citation(citation.number, Source(records[UUID(decision.id)], kept, 0.0), spans)


def _characters(units: bytes, count: int) -> int:
    """Return how many characters so many UTF-16 code units are."""
    return len(units[: 2 * count].decode("utf-16-le", "surrogatepass"))
