"""The search index in memory: the fake of the ports, and what the evaluation runs on."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cairn.search.domain import RETIRED, AttachedText, FacetCount, Filters, IndexState, IndexTotals, Passage
from cairn.search.model.words import fold
from cairn.search.ports import (
    Bucket,
    KnownPassage,
    LiveRecords,
    NewPassage,
    NewRecord,
    OldVersion,
    PassageToEmbed,
    RecordState,
    StoredBlock,
    StoredSegment,
)


@dataclass(frozen=True, slots=True)
class MemoryDecision:
    """What the index asks of a decision besides its text."""

    log_id: UUID
    version: int = 1
    status: str = "accepted"
    tags: tuple[str, ...] = ()
    linked_ids: frozenset[UUID] = frozenset()
    hidden: bool = False
    title: str = ""
    slug: str = ""
    successor_id: UUID | None = None


@dataclass
class MemoryIndex:
    """`ports.IndexWriter`, `ports.IndexReader` and `ports.VectorStore` for one organisation.

    `decisions` stands for the decisions slice: who writes or deletes a decision changes it there.
    """

    decisions: dict[UUID, MemoryDecision] = field(default_factory=dict[UUID, MemoryDecision])
    _records: dict[UUID, RecordState] = field(default_factory=dict[UUID, RecordState])
    _by_number: dict[int, UUID] = field(default_factory=dict[int, UUID])
    _passages: dict[int, NewPassage] = field(default_factory=dict[int, NewPassage])
    _segments: dict[UUID, tuple[StoredSegment, bytes]] = field(default_factory=dict[UUID, tuple[StoredSegment, bytes]])
    _postings: dict[Bucket, bytes] = field(default_factory=dict[Bucket, bytes])
    _vectors: dict[str, dict[int, NDArray[np.float32]]] = field(
        default_factory=dict[str, dict[int, NDArray[np.float32]]]
    )
    _blocks: dict[UUID, tuple[str, StoredBlock, bytes]] = field(
        default_factory=dict[UUID, tuple[str, StoredBlock, bytes]]
    )
    _attached: dict[int, AttachedText] = field(default_factory=dict[int, AttachedText])
    _attached_states: dict[int, RecordState] = field(default_factory=dict[int, RecordState])
    _languages: dict[UUID, str] = field(default_factory=dict[UUID, str])
    _answering: str = ""
    _next: tuple[int, int] = (1, 1)

    async def lock(self) -> None:
        """See the port. There is one writer."""

    async def lock_merging(self) -> None:
        """See the port. Nobody else joins segments."""

    async def find_records(self, decision_ids: Sequence[UUID]) -> dict[UUID, RecordState]:
        """See the port."""
        return {id_: self._records[id_] for id_ in decision_ids if id_ in self._records}

    async def take_numbers(self, *, records: int, passages: int) -> tuple[int, int]:
        """See the port."""
        first = self._next
        self._next = (first[0] + records, first[1] + passages)
        return first

    async def save_records(self, records: Sequence[NewRecord]) -> None:
        """See the port."""
        for record in records:
            self._languages[record.decision_id] = record.language
            old = self._records.get(record.decision_id)
            meaning_version = old.meaning_version if old else 0
            self._records[record.decision_id] = RecordState(
                record.record_no, record.generation, record.recipe, record.version, meaning_version
            )
            self._by_number[record.record_no] = record.decision_id

    async def drop_records(self, decision_ids: Sequence[UUID]) -> None:
        """See the port."""
        for decision_id in decision_ids:
            state = self._records.pop(decision_id, None)
            if state:
                del self._by_number[state.record_no]
                await self.drop_passages([one.passage_no for one in self._of(state.record_no)])
            self._drop_attached([text for text in self._attached.values() if text.decision_id == decision_id])

    async def find_attached(self, source: str, decision_ids: Sequence[UUID]) -> dict[UUID, RecordState]:
        """See the port."""
        return {
            text.id: self._attached_states[number]
            for number, text in self._attached.items()
            if text.source == source and text.decision_id in decision_ids
        }

    async def save_attached(self, records: Sequence[NewRecord], texts: Sequence[AttachedText]) -> None:
        """See the port."""
        for record, text in zip(records, texts, strict=True):
            number = record.record_no
            self._attached[number] = text
            self._attached_states[number] = RecordState(number, record.generation, record.recipe, record.version, 0)
            self._languages[text.id] = record.language

    async def drop_attached(self, source: str, ids: Sequence[UUID]) -> None:
        """See the port."""
        self._drop_attached([text for text in self._attached.values() if text.source == source and text.id in ids])

    def _drop_attached(self, texts: Sequence[AttachedText]) -> None:
        for number in [number for number, text in self._attached.items() if text in texts]:
            del self._attached[number], self._attached_states[number]
            for passage in self._of(number):
                del self._passages[passage.passage_no]
                for vectors in self._vectors.values():
                    vectors.pop(passage.passage_no, None)

    async def known_passages(self, record_nos: Sequence[int]) -> dict[int, list[KnownPassage]]:
        """See the port."""
        return {
            number: [KnownPassage(one.passage_no, one.id, one.content_hash) for one in self._of(number)]
            for number in record_nos
        }

    async def drop_passages(self, passage_nos: Sequence[int]) -> None:
        """See the port."""
        for number in passage_nos:
            self._passages.pop(number, None)
            for vectors in self._vectors.values():
                vectors.pop(number, None)

    async def save_passages(self, passages: Sequence[NewPassage]) -> None:
        """See the port."""
        self._passages.update({passage.passage_no: passage for passage in passages})

    async def add_segment(
        self, segment: StoredSegment, documents: bytes, buckets: Mapping[tuple[int, int], bytes]
    ) -> None:
        """See the port."""
        self._segments[segment.id] = (segment, documents)
        for (part, number), content in buckets.items():
            self._postings[Bucket(segment.id, part, number)] = content

    async def list_segments(self) -> list[StoredSegment]:
        """See the port."""
        return [segment for segment, _ in self._segments.values()]

    async def segment_documents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """See the port."""
        return {id_: self._segments[id_][1] for id_ in ids}

    async def segment_postings(self, segment_id: UUID, field: int) -> list[bytes]:
        """See the port."""
        places = sorted(place for place in self._postings if (place.segment_id, place.field) == (segment_id, field))
        return [self._postings[place] for place in places]

    async def drop_segments(self, ids: Sequence[UUID]) -> None:
        """See the port."""
        for id_ in ids:
            del self._segments[id_]
        self._postings = {place: content for place, content in self._postings.items() if place.segment_id not in ids}

    async def generations(self) -> dict[int, int]:
        """See the port."""
        states = (*self._records.values(), *self._attached_states.values())
        return {state.record_no: state.generation for state in states}

    async def live_records(self, filters: Filters) -> LiveRecords:
        """See the port."""
        live = [
            (id_, state, decision)
            for id_, state in self._records.items()
            if (decision := self.decisions.get(id_)) and not decision.hidden
        ]
        return LiveRecords(
            np.array([state.record_no for _, state, _ in live], np.int32),
            np.array([state.generation for _, state, _ in live], np.int32),
            np.array([_passes(id_, decision, filters) for id_, _, decision in live], bool),
            np.array([decision.status in RETIRED for _, _, decision in live], bool),
            np.unique([decision.log_id.bytes for _, _, decision in live], return_inverse=True)[1].astype(np.int32),
            np.array(
                [
                    (number, self._attached_states[number].generation, self._records[text.decision_id].record_no)
                    for number, text in self._attached.items()
                    if text.decision_id in self._records
                ],
                np.int32,
            ).reshape(-1, 3),
        )

    async def find_postings(self, buckets: Sequence[Bucket]) -> list[bytes | None]:
        """See the port."""
        return [self._postings.get(bucket) for bucket in buckets]

    async def links(self, record_nos: Sequence[int]) -> list[tuple[int, int]]:
        """See the port."""
        wanted = {self._by_number[number]: number for number in record_nos}
        pairs: set[tuple[int, int]] = set()
        for from_id, decision in self.decisions.items():
            for to_id in decision.linked_ids:
                for here, there in ((from_id, to_id), (to_id, from_id)):
                    if here in wanted and there in self._records and here != there:
                        pairs.add((wanted[here], self._records[there].record_no))
        return sorted(pairs)

    async def versions_at(self, filters: Filters, day: date) -> list[OldVersion]:
        """See the port. There are no versions but the current ones here."""
        del day
        return [
            OldVersion(
                record_no=state.record_no,
                generation=state.generation,
                decision_id=id_,
                version=state.words_version,
                title=one.title,
                slug=one.slug,
                body=None,
                wanted=_passes(id_, one, filters),
                status=one.status,
                tags=one.tags,
                decided_on=None,
                log_slug="",
            )
            for id_, state in self._records.items()
            if (one := self.decisions.get(id_)) and not one.hidden
        ]

    async def list_blocks(self, model: str) -> list[StoredBlock] | None:
        """See the port."""
        if model not in self._vectors:
            return None
        return [block for of, block, _ in self._blocks.values() if of == model]

    async def block_contents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """See the port."""
        return {id_: self._blocks[id_][2] for id_ in ids}

    async def cosines(self, model: str, vector: NDArray[np.float32], passage_nos: Sequence[int]) -> dict[int, float]:
        """See the port."""
        kept = self._vectors.get(model, {})
        known = [number for number in passage_nos if number in kept]
        if not known:
            return {}
        return dict(zip(known, (np.stack([kept[number] for number in known]) @ vector).tolist(), strict=True))

    async def named(self, name: str) -> list[int]:
        """See the port. Names are slugs here."""
        return [self._records[id_].record_no for id_, one in self.decisions.items() if one.slug == name.lower()]

    async def successors(self, record_nos: Sequence[int]) -> dict[int, int]:
        """See the port."""
        found: dict[int, int] = {}
        for number in record_nos:
            successor = self.decisions[self._by_number[number]].successor_id
            if successor is not None and successor in self._records:
                found[number] = self._records[successor].record_no
        return found

    async def facets(self, record_nos: Sequence[int]) -> list[FacetCount]:
        """See the port. Only statuses and tags are known here."""
        chosen = [self.decisions[self._by_number[number]] for number in record_nos]
        counts = {
            "status": Counter(one.status for one in chosen),
            "tag": Counter(tag for one in chosen for tag in one.tags),
        }
        return [
            FacetCount(name, value, count)
            for name, counted in counts.items()
            for value, count in sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))[:20]
        ]

    async def title_words(self) -> list[str]:
        """See the port."""
        titles = " ".join(one.title for one in self.decisions.values() if not one.hidden)
        return sorted(set(re.findall(r"\w{4,40}", titles.lower())))

    async def record_texts(self, record_nos: Sequence[int], *, attached: bool) -> dict[int, list[str]]:
        """See the port."""
        return {
            number: [
                self.decisions[self._by_number[number]].title,
                *(one.text for one in self._of(number)),
                *(one.text for other in self._attached_to(number) if attached for one in self._of(other)),
            ]
            for number in record_nos
        }

    def _attached_to(self, record_no: int) -> list[int]:
        decision_id = self._by_number[record_no]
        return [number for number, text in self._attached.items() if text.decision_id == decision_id]

    async def suggest(self, words: Sequence[str], most: int) -> list[UUID]:
        """See the port."""
        patterns = [re.compile(rf"\b{re.escape(word)}") for word in words]
        return [
            id_
            for id_, one in sorted(self.decisions.items(), key=lambda entry: len(entry[1].title))
            if not one.hidden and all(pattern.search(fold(one.title)) for pattern in patterns)
        ][:most]

    async def mean_vector(self, model: str, record_no: int) -> NDArray[np.float32] | None:
        """See the port."""
        kept = self._vectors.get(model, {})
        found = [kept[one.passage_no] for one in self._of(record_no) if one.passage_no in kept]
        return np.mean(found, axis=0).astype(np.float32) if found else None

    async def decision_ids(self, record_nos: Sequence[int]) -> dict[int, UUID]:
        """See the port."""
        return {number: self._by_number[number] for number in record_nos if number in self._by_number}

    async def passages(self, passage_nos: Sequence[int]) -> dict[int, Passage]:
        """See the port."""
        return {number: self._passage(self._passages[number]) for number in passage_nos if number in self._passages}

    def _passage(self, one: NewPassage) -> Passage:
        text = self._attached.get(one.record_no)
        decision_id = text.decision_id if text else self._by_number[one.record_no]
        language = self._languages[text.id if text else decision_id]
        where = (one.heading_path, one.anchor, one.text, language)
        if text is None:
            return Passage(one.id, decision_id, one.version, *where)
        told = {"source": text.source, "source_title": text.title, "link": text.link}
        return Passage(one.id, decision_id, one.version, *where, **told)

    async def first_passages(self, record_nos: Sequence[int]) -> dict[int, int]:
        """See the port."""
        return {number: self._of(number)[0].passage_no for number in record_nos if self._of(number)}

    async def index_state(self, decision_id: UUID) -> IndexState | None:
        """See the port."""
        decision = self.decisions.get(decision_id)
        if decision is None or decision.hidden:
            return None
        state = self._records.get(decision_id)
        return IndexState(
            decision_id,
            decision.version,
            state.words_version if state else 0,
            state.meaning_version if state else 0,
        )

    async def index_totals(self) -> IndexTotals:
        """See the port."""
        found = [state for id_ in self.decisions if (state := await self.index_state(id_))]
        return IndexTotals(
            len(found),
            sum(state.words_version == state.version for state in found),
            sum(state.meaning_version == state.version for state in found),
        )

    async def passages_to_embed(self, decision_id: UUID, model: str) -> list[PassageToEmbed]:
        """See the port."""
        state = self._records.get(decision_id)
        vectors = self._vectors.get(model, {})
        numbers = [state.record_no, *self._attached_to(state.record_no)] if state else []
        return [
            PassageToEmbed(
                one.passage_no,
                one.heading_path,
                one.text,
                one.content_hash,
                self._attached[number].title if number in self._attached else None,
            )
            for number in numbers
            for one in self._of(number)
            if one.passage_no not in vectors
        ]

    async def save_vectors(
        self, model: str, passages: Sequence[PassageToEmbed], vectors: NDArray[np.float32]
    ) -> list[int]:
        """See the port."""
        kept = self._vectors.setdefault(model, {})
        saved: list[int] = []
        for passage, vector in zip(passages, vectors, strict=True):
            stored = self._passages.get(passage.passage_no)
            if stored and stored.content_hash == passage.content_hash and passage.passage_no not in kept:
                kept[passage.passage_no] = vector
                saved.append(passage.passage_no)
        return saved

    async def add_block(self, model: str, block: StoredBlock, content: bytes) -> None:
        """See the port."""
        self._blocks[block.id] = (model, block, content)

    async def drop_blocks(self, ids: Sequence[UUID]) -> None:
        """See the port."""
        for id_ in ids:
            del self._blocks[id_]

    async def embedded_passages(self, model: str, passage_nos: Sequence[int]) -> list[int]:
        """See the port."""
        return [number for number in passage_nos if number in self._vectors.get(model, {})]

    async def advance_meaning(self, decision_id: UUID, model: str) -> bool:
        """See the port."""
        state = self._records.get(decision_id)
        if state is None or state.meaning_version == state.words_version:
            return False
        if await self.passages_to_embed(decision_id, model):
            return False
        self._records[decision_id] = RecordState(
            state.record_no, state.generation, state.recipe, state.words_version, state.words_version
        )
        return True

    async def complete_model(self, model: str) -> None:
        """See the port."""
        if model in self._vectors and not (await self.index_totals()).pending:
            self._answering = model
            self._vectors = {model: self._vectors[model]}
            self._blocks = {id_: kept for id_, kept in self._blocks.items() if kept[0] == model}

    async def query_model(self) -> tuple[UUID, str]:
        """See the port."""
        return UUID(int=0), self._answering

    def _of(self, record_no: int) -> list[NewPassage]:
        found: Iterable[NewPassage] = (one for one in self._passages.values() if one.record_no == record_no)
        return sorted(found, key=lambda one: one.position)


def _passes(id_: UUID, decision: MemoryDecision, filters: Filters) -> bool:
    return (
        (not filters.decision_ids or id_ in filters.decision_ids)
        and (not filters.log_ids or decision.log_id in filters.log_ids)
        and (not filters.statuses or decision.status in filters.statuses)
        and (not filters.tags or bool(set(decision.tags) & set(filters.tags)))
    )
