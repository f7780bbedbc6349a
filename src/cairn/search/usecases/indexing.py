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
    RecordTerms,
    Segment,
    alive_records,
    build_segment,
    merge_documents,
    merge_field,
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
# No segment is made larger by joining others.
SEGMENT_BYTES_MAX = 96 * 1024 * 1024
_DEAD_SHARE = 0.5


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


async def count_small_segments(writer: IndexWriter) -> int:
    """Return how many segments may still be joined with others: a search reads every segment."""
    return sum(not _is_large(segment) for segment in await writer.list_segments())


async def merge_when_many(writer: IndexWriter) -> None:
    """Join the smallest segments when more than 40 are small, so that each entry is rewritten a few times only.

    Call it in a transaction of its own, without the lock of `index_words`: what is read here never changes, and whoever
    indexes need not wait. Others that join wait their turn.
    """
    await writer.lock_merging()
    segments = await writer.list_segments()
    if sum(not _is_large(segment) for segment in segments) <= SEGMENTS_MAX:
        return
    generations = await writer.generations()
    documents = await writer.segment_documents([segment.id for segment in segments if _is_large(segment)])
    living = {
        id_: float(alive_records(Documents.unpack(content), generations).mean()) for id_, content in documents.items()
    }
    for chosen in choose_segments(segments, living):
        await merge(writer, chosen, generations)


def _is_large(segment: StoredSegment) -> bool:
    return segment.size_bytes > SEGMENT_BYTES_MAX // 2


def choose_segments(segments: Sequence[StoredSegment], living: Mapping[UUID, float]) -> list[list[StoredSegment]]:
    """Return which segments to join: the small ones, smallest first, and a large one to be made anew without its dead.

    `living` says which share of a large one's records lives. What comes of it has at most `SEGMENT_BYTES_MAX`, which
    bounds the time and the memory it takes.
    """
    large = [segment for segment in segments if _is_large(segment)]
    decayed = [segment for segment in large if 0 < living[segment.id] < _DEAD_SHARE][:1]
    chosen: list[StoredSegment] = []
    size = 0
    for segment in sorted((one for one in segments if not _is_large(one)), key=lambda one: one.size_bytes):
        # A much larger segment waits until the small ones have grown to its size. Joining three quarters of all at once
        # leaves the next thirty edits without a merge.
        enough = len(chosen) >= max(SEGMENTS_MAX * 3 // 4, 2)
        if (enough and segment.size_bytes > size) or size + segment.size_bytes > SEGMENT_BYTES_MAX:
            break
        chosen.append(segment)
        size += segment.size_bytes
    chosen += [segment for segment in large if not living[segment.id]]
    return [chosen, decayed] if decayed else [chosen]


async def merge(writer: IndexWriter, segments: Sequence[StoredSegment], generations: Mapping[int, int]) -> None:
    """Join segments into one and leave behind the entries that are not of the generations given for their records."""
    ids = [segment.id for segment in segments]
    contents = await writer.segment_documents(ids)
    parts = [Documents.unpack(contents[id_]) for id_ in ids]
    documents, records, passages = await asyncio.to_thread(merge_documents, parts, generations)
    bits: list[int] = []
    buckets: dict[tuple[Field, int], bytes] = {}
    # One field after the other, so that the arrays of one only are in memory.
    for field in Field:
        places = records if field.counts_records else passages
        # Of a segment of which nothing lives nothing is read.
        stored = [
            await writer.segment_postings(id_, field) if moved.max(initial=-1) >= 0 else []
            for id_, moved in zip(ids, places, strict=True)
        ]
        field_bits, packed = await asyncio.to_thread(merge_field, field, stored, places)
        bits.append(field_bits)
        buckets |= {(field, number): content for number, content in packed.items()}
    await writer.drop_segments(ids)
    if len(documents.record_nos):
        languages = {language for segment in segments for language in segment.languages}
        await _add_segment(writer, Segment(documents, tuple(bits), buckets), languages)


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
