"""Making decisions findable, first by words, then by meaning."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cairn.kernel.ids import uuid7
from cairn.search.domain import AttachedText, PassageDraft
from cairn.search.model.passages import context_line, index_text, make_passages
from cairn.search.model.segments import (
    Documents,
    Field,
    Postings,
    RecordTerms,
    Segment,
    build_segment,
    merge_segments,
    pack_segment,
    unpack_postings,
)
from cairn.search.model.words import Terms, guess_language, pair_hashes, text_terms
from cairn.search.ports import (
    Embedder,
    IndexableRecord,
    IndexWriter,
    KnownPassage,
    NewPassage,
    NewRecord,
    PassageToEmbed,
    RecordState,
    StoredSegment,
)

# Raised whenever the same text would make other passages or other terms.
RECIPE = 3
SEGMENTS_MAX = 40


async def index_words(writer: IndexWriter, decisions: Sequence[tuple[UUID, IndexableRecord | None]]) -> int:
    """Bring the word index up to the given texts; None takes a decision out. Return how many records changed.

    Call it with the index locked and the texts read after that, so that the newest text wins. What is indexed already
    is left alone. It adds a segment; see `merge_when_many`.
    """
    gone = [decision_id for decision_id, record in decisions if record is None]
    await writer.drop_records(gone)
    states = await writer.find_records([decision_id for decision_id, record in decisions if record is not None])
    changed = [record for _, record in decisions if record is not None and _is_news(record, states.get(record.id))]
    if changed:
        await _store(writer, changed, states, writer.save_records)
    return len(changed) + len(gone)


def _is_news(record: IndexableRecord | AttachedText, state: RecordState | None) -> bool:
    return state is None or state.words_version != record.version or state.recipe != RECIPE


async def attach_texts(
    writer: IndexWriter, source: str, decision_ids: Sequence[UUID], texts: Sequence[AttachedText]
) -> int:
    """Bring what is attached to decisions from a source up to `texts`; what is not among them is found no more.

    Return how many texts changed. Call it with the index locked. It adds a segment; see `merge_when_many`.
    """
    states = await writer.find_attached(source, decision_ids)
    wanted = {text.id for text in texts}
    gone = [id_ for id_ in states if id_ not in wanted]
    await writer.drop_attached(source, gone)
    changed = [text for text in texts if _is_news(text, states.get(text.id))]
    if changed:
        known = {text.id: states[text.id] for text in changed if text.id in states}
        await _store(writer, changed, known, partial(_save_attached, writer, {text.id: text for text in changed}))
    return len(changed) + len(gone)


async def _save_attached(writer: IndexWriter, texts: Mapping[UUID, AttachedText], records: Sequence[NewRecord]) -> None:
    await writer.save_attached(records, [texts[record.decision_id] for record in records])


async def _store(
    writer: IndexWriter,
    records: Sequence[IndexableRecord | AttachedText],
    states: Mapping[UUID, RecordState],
    save: Callable[[Sequence[NewRecord]], Awaitable[None]],
) -> None:
    """Store the passages of records, and their terms as one segment."""
    drafts = [make_passages(record.body) for record in records]
    new = [record.id for record in records if record.id not in states]
    next_record, next_passage = await writer.take_numbers(records=len(new), passages=sum(map(len, drafts)))
    numbers = {id_: state.record_no for id_, state in states.items()}
    numbers |= {id_: next_record + place for place, id_ in enumerate(new)}
    known = await writer.known_passages([state.record_no for state in states.values()])
    stored: list[NewRecord] = []
    passages: list[NewPassage] = []
    entries: list[RecordTerms] = []
    dropped: list[int] = []
    for record, parts in zip(records, drafts, strict=True):
        state, record_no = states.get(record.id), numbers[record.id]
        generation = state.generation + 1 if state else 1
        language = guess_language(f"{record.title}\n{record.body}")
        stored.append(NewRecord(record_no, record.id, generation, RECIPE, language, record.version))
        before = known.get(record_no, [])
        numbered = number_passages(record, parts, before, record_no=record_no, first_no=next_passage)
        if isinstance(record, AttachedText):
            numbered = [replace(passage, anchor=record.anchor) for passage in numbered]
        next_passage += len(parts)
        kept = {passage.passage_no for passage in numbered}
        dropped += [entry.passage_no for entry in before if entry.passage_no not in kept]
        passages += numbered
        entries.append(record_terms(record, numbered, language, record_no=record_no, generation=generation))
    await save(stored)
    await writer.drop_passages(dropped)
    await writer.save_passages(passages)
    await _add_segment(writer, build_segment(entries), {record.language for record in stored})


def number_passages(
    record: IndexableRecord | AttachedText,
    drafts: Sequence[PassageDraft],
    known: Sequence[KnownPassage],
    *,
    record_no: int,
    first_no: int,
) -> list[NewPassage]:
    """Give passages their old numbers where nothing that is embedded changed, and new ones elsewhere."""
    free: dict[bytes, list[KnownPassage]] = {}
    for entry in reversed(known):
        free.setdefault(entry.content_hash, []).append(entry)
    passages: list[NewPassage] = []
    for position, draft in enumerate(drafts):
        content_hash = _content_hash(record.title, draft.heading_path, draft.text)
        old = free[content_hash].pop() if free.get(content_hash) else None
        passages.append(
            NewPassage(
                passage_no=old.passage_no if old else first_no + position,
                id=old.id if old else uuid7(),
                record_no=record_no,
                version=record.version,
                position=position,
                start=draft.start,
                end=draft.end,
                heading_path=draft.heading_path,
                anchor=draft.anchor,
                text=draft.text,
                content_hash=content_hash,
            )
        )
    return passages


def record_terms(
    record: IndexableRecord | AttachedText,
    passages: Sequence[NewPassage],
    language: str,
    *,
    record_no: int,
    generation: int,
) -> RecordTerms:
    """Take a record apart into the terms of its fields. The title of an attached text is none of its decision."""
    slug_words = text_terms(" ".join(record.slug.split("-")), language).content
    title = text_terms(record.title, language)
    whole = [title.all]
    parts: list[tuple[int, Terms, Terms]] = []
    for passage in passages:
        context = text_terms(context_line(record.title, passage.heading_path), language)
        own = text_terms(index_text(passage.text), language)
        whole.append(own.all)
        words = np.concatenate([slug_words, context.content, own.content])
        parts.append((passage.passage_no, words, pair_hashes(np.concatenate([context.plain, own.plain]))))
    titled = np.unique(np.concatenate([slug_words, title.content]))
    if isinstance(record, AttachedText):
        titled = titled[:0]
    return RecordTerms(record_no, generation, np.concatenate(whole), titled, parts)


def embedded_text(title: str, heading_path: Sequence[str], text: str) -> str:
    """Return what is embedded of a passage: `title - heading path`, then the text without URLs and comments."""
    return " ".join(f"{context_line(title, heading_path)}\n{index_text(text)}".split())


async def has_many_segments(writer: IndexWriter) -> bool:
    """Return whether it is time for `merge_when_many`: a search reads every segment."""
    return len(await writer.list_segments()) > SEGMENTS_MAX


async def merge_when_many(writer: IndexWriter) -> None:
    """Join the smallest segments when there are more than 40, so that each entry is rewritten a few times only.

    Call it with the index locked, after what added a segment and where possible in a transaction of its own: what was
    indexed is found without waiting for it.
    """
    segments = sorted(await writer.list_segments(), key=lambda segment: segment.size_bytes)
    if len(segments) <= SEGMENTS_MAX:
        return
    chosen, size = segments[:2], sum(segment.size_bytes for segment in segments[:2])
    for segment in segments[2:]:
        # A much larger segment waits until the small ones have grown to its size. Joining three quarters of all at once
        # leaves the next thirty edits without a merge: fewer than one in twenty waits for one.
        if len(chosen) >= SEGMENTS_MAX * 3 // 4 and segment.size_bytes > size:
            break
        chosen.append(segment)
        size += segment.size_bytes
    await merge(writer, chosen)


async def merge(writer: IndexWriter, segments: Sequence[StoredSegment]) -> None:
    """Join segments into one and leave the dead entries behind."""
    ids = [segment.id for segment in segments]
    documents = await writer.segment_documents(ids)
    parts: list[tuple[Documents, dict[Field, Postings]]] = []
    for segment in segments:
        by_field: dict[Field, list[Postings]] = {field: [] for field in Field}
        for field, _, content in await writer.segment_postings(segment.id):
            by_field[Field(field)].append(unpack_postings(content))
        parts.append(
            (
                Documents.unpack(documents[segment.id]),
                {field: _concatenate(found) for field, found in by_field.items()},
            )
        )
    alive = await writer.generations()
    merged, postings = merge_segments(parts, alive)
    await writer.drop_segments(ids)
    if len(merged.record_nos):
        languages = {language for segment in segments for language in segment.languages}
        await _add_segment(writer, pack_segment(merged, postings), languages)


def _concatenate(parts: Sequence[Postings]) -> Postings:
    if not parts:
        return Postings(np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.int32))
    return Postings(
        np.concatenate([part.terms for part in parts]),
        np.concatenate([part.documents for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )


async def _add_segment(writer: IndexWriter, segment: Segment, languages: set[str]) -> None:
    packed = segment.documents.pack()
    stored = StoredSegment(
        id=uuid7(),
        records=len(segment.documents.record_nos),
        passages=len(segment.documents.passage_nos),
        size_bytes=len(packed) + sum(len(content) for content in segment.buckets.values()),
        bucket_bits=segment.bucket_bits,
        languages=tuple(sorted(languages)),
    )
    buckets = {(int(field), number): content for (field, number), content in segment.buckets.items()}
    await writer.add_segment(stored, packed, buckets)


def is_embeddable(passage: PassageToEmbed, title: str) -> bool:
    """Return whether the passage is of the text that `title` heads, so that its vector will be of what is stored."""
    return (
        _content_hash(title if passage.title is None else passage.title, passage.heading_path, passage.text)
        == passage.content_hash
    )


async def embed_passages(
    embedder: Embedder, title: str, passages: Sequence[PassageToEmbed], tenant_id: UUID | None = None
) -> NDArray[np.float32]:
    """Return the vectors of passages, one row each. Runs in a thread; about 23 ms a passage."""
    texts = [
        embedded_text(title if passage.title is None else passage.title, passage.heading_path, passage.text)
        for passage in passages
    ]
    return await asyncio.to_thread(embedder.embed, texts, tenant_id)


def _content_hash(title: str, heading_path: Sequence[str], text: str) -> bytes:
    return hashlib.sha256(embedded_text(title, heading_path, text).encode("utf-8", "surrogatepass")).digest()
