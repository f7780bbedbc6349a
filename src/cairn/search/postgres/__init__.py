"""The search index on Postgres. Row-level security narrows every statement to the caller's organisation."""

import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cairn.decisions.api import governing_ids
from cairn.platform.database import Connection, load_queries
from cairn.search.domain import AttachedText, FacetCount, Filters, IndexState, IndexTotals, Passage
from cairn.search.model.segments import Field
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
from cairn.search.postgres.cache import Cache

QUERIES: Any = load_queries("search")
_NOBODY = UUID(int=0)
_MEGABYTE = 1024 * 1024
# Documents of segments and blocks of signs, which every search reads whole.
_whole = Cache[UUID](128 * _MEGABYTE)
# So many buckets are written at once: what else the process does waits while a statement is put together.
_POSTINGS_BATCH = 1_000
# Buckets of words apart from these: a long query reads thousands. Those of pairs of words are hardly ever read twice.
_buckets = Cache[Bucket](128 * _MEGABYTE)


def _segment(row: Any) -> StoredSegment:  # noqa: ANN401 - asyncpg's records are untyped.
    return StoredSegment(
        row["id"], row["records"], row["passages"], row["bytes"], tuple(row["bucket_bits"]), tuple(row["languages"])
    )


def _listed(numbers: Iterable[int]) -> str:
    """Return numbers with commas between, which asyncpg sends ten times as fast as an array of thousands."""
    return ",".join(map(str, numbers))


def _vector_text(vector: NDArray[np.float32]) -> str:
    """Return pgvector's text form."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


class PostgresIndex:
    """`ports.IndexWriter`, `ports.IndexReader` and `ports.VectorStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        """See the port."""
        await QUERIES.lock_index(self._connection)

    async def lock_merging(self) -> None:
        """See the port."""
        await QUERIES.lock_merging(self._connection)

    async def find_records(self, decision_ids: Sequence[UUID]) -> dict[UUID, RecordState]:
        """See the port."""
        found: dict[UUID, RecordState] = {}
        async for row in QUERIES.find_records(self._connection, decision_ids=list(decision_ids)):
            decision_id, *state = row
            found[decision_id] = RecordState(*state)
        return found

    async def take_numbers(self, *, records: int, passages: int) -> tuple[int, int]:
        """See the port."""
        row = await QUERIES.take_numbers(self._connection, records=records, passages=passages)
        return row["record_no"], row["passage_no"]

    async def save_records(self, records: Sequence[NewRecord]) -> None:
        """See the port."""
        if records:
            await QUERIES.save_records(
                self._connection,
                record_nos=[record.record_no for record in records],
                decision_ids=[record.decision_id for record in records],
                generations=[record.generation for record in records],
                recipes=[record.recipe for record in records],
                languages=[record.language for record in records],
                versions=[record.version for record in records],
            )

    async def drop_records(self, decision_ids: Sequence[UUID]) -> None:
        """See the port."""
        if decision_ids:
            await QUERIES.drop_records(self._connection, decision_ids=list(decision_ids))

    async def find_attached(self, source: str, decision_ids: Sequence[UUID]) -> dict[UUID, RecordState]:
        """See the port."""
        found: dict[UUID, RecordState] = {}
        async for row in QUERIES.find_attached(self._connection, source=source, decision_ids=list(decision_ids)):
            source_id, *state = row
            found[source_id] = RecordState(*state)
        return found

    async def save_attached(self, records: Sequence[NewRecord], texts: Sequence[AttachedText]) -> None:
        """See the port."""
        await QUERIES.save_attached(
            self._connection,
            record_nos=[record.record_no for record in records],
            generations=[record.generation for record in records],
            recipes=[record.recipe for record in records],
            languages=[record.language for record in records],
            versions=[record.version for record in records],
            sources=[text.source for text in texts],
            source_ids=[text.id for text in texts],
            decision_ids=[text.decision_id for text in texts],
            titles=[text.title for text in texts],
            links=[text.link for text in texts],
        )

    async def drop_attached(self, source: str, ids: Sequence[UUID]) -> None:
        """See the port."""
        if ids:
            await QUERIES.drop_attached(self._connection, source=source, ids=list(ids))

    async def known_passages(self, record_nos: Sequence[int]) -> dict[int, list[KnownPassage]]:
        """See the port."""
        found: dict[int, list[KnownPassage]] = {number: [] for number in record_nos}
        if found:
            async for row in QUERIES.stored_passages(self._connection, record_nos=list(found)):
                found[row["record_no"]].append(KnownPassage(row["passage_no"], row["id"], row["content_hash"]))
        return found

    async def drop_passages(self, passage_nos: Sequence[int]) -> None:
        """See the port."""
        if passage_nos:
            await QUERIES.drop_passages(self._connection, passage_nos=list(passage_nos))

    async def save_passages(self, passages: Sequence[NewPassage]) -> None:
        """See the port."""
        if passages:
            paths = [passage.heading_path for passage in passages]
            ends = list(itertools.accumulate(map(len, paths)))
            await QUERIES.save_passages(
                self._connection,
                passage_nos=[passage.passage_no for passage in passages],
                ids=[passage.id for passage in passages],
                record_nos=[passage.record_no for passage in passages],
                versions=[passage.version for passage in passages],
                positions=[passage.position for passage in passages],
                starts=[passage.start for passage in passages],
                ends=[passage.end for passage in passages],
                headings=list(itertools.chain.from_iterable(paths)),
                firsts=[end - len(path) + 1 for end, path in zip(ends, paths, strict=True)],
                lasts=ends,
                anchors=[passage.anchor for passage in passages],
                texts=[passage.text for passage in passages],
                hashes=[passage.content_hash for passage in passages],
            )

    async def add_segment(
        self, segment: StoredSegment, documents: bytes, buckets: Mapping[tuple[int, int], bytes]
    ) -> None:
        """See the port."""
        await QUERIES.add_segment(
            self._connection,
            id=segment.id,
            records=segment.records,
            passages=segment.passages,
            bytes=segment.size_bytes,
            bucket_bits=list(segment.bucket_bits),
            languages=list(segment.languages),
            documents=documents,
        )
        places, contents = list(buckets), list(buckets.values())
        for first in range(0, len(places), _POSTINGS_BATCH):
            some = slice(first, first + _POSTINGS_BATCH)
            await QUERIES.add_postings(
                self._connection,
                segment_id=segment.id,
                fields=[field for field, _ in places[some]],
                buckets=[number for _, number in places[some]],
                contents=contents[some],
            )

    async def list_segments(self) -> list[StoredSegment]:
        """See the port."""
        return [_segment(row) async for row in QUERIES.list_segments(self._connection)]

    async def segment_documents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """See the port."""
        return await self._immutable(QUERIES.segment_documents, ids)

    async def segment_postings(self, segment_id: UUID, field: int) -> list[bytes]:
        """See the port."""
        rows = QUERIES.segment_postings(self._connection, segment_id=segment_id, field=field)
        return [row["content"] async for row in rows]

    async def drop_segments(self, ids: Sequence[UUID]) -> None:
        """See the port."""
        await QUERIES.drop_segments(self._connection, ids=list(ids))

    async def generations(self) -> dict[int, int]:
        """See the port."""
        packed = np.frombuffer(await QUERIES.generations(self._connection) or b"", ">i4").reshape(-1, 2)
        return {int(number): int(generation) for number, generation in packed}

    async def live_records(self, filters: Filters) -> LiveRecords:
        """See the port."""
        governing = await governing_ids(self._connection, filters.governs) if filters.governs else []
        superseded = [found for name in filters.supersedes for found in await self._named(name)]
        nobody = [_NOBODY]
        filtered = replace(filters, as_of=None) != Filters()
        found = await QUERIES.live_records(
            self._connection,
            log_ids=list(filters.log_ids),
            decision_ids=list(filters.decision_ids),
            statuses=list(filters.statuses),
            tags=list(filters.tags),
            excluded_statuses=list(filters.excluded_statuses),
            excluded_tags=list(filters.excluded_tags),
            decided_from=filters.decided_from,
            decided_to=filters.decided_to,
            log_slugs=list(filters.log_slugs),
            authors=list(filters.authors),
            # A name that names nothing must let nothing through.
            superseded_ids=[id_ for id_, _ in superseded] or (nobody if filters.supersedes else []),
            governing_ids=governing or (nobody if filters.governs else []),
            filtered=filtered,
        )
        own = np.frombuffer(found["own"] or b"", ">i4").reshape(-1, 4).astype(np.int32)
        wanted = np.frombuffer(found["wanted"] or b"", ">i4")
        attached = np.frombuffer(found["attached"] or b"", ">i4").reshape(-1, 3)
        return LiveRecords(
            own[:, 0],
            own[:, 1],
            np.isin(own[:, 0], wanted) if filtered else np.ones(len(own), bool),
            own[:, 2] > 0,
            own[:, 3],
            attached.astype(np.int32),
        )

    async def find_postings(self, buckets: Sequence[Bucket]) -> list[bytes | None]:
        """See the port."""
        found = list(map(_buckets.get, buckets))
        missing = [place for place, content in enumerate(found) if content is None]
        if missing:
            # What no row comes for has no postings; that is remembered too.
            read = dict.fromkeys(missing, b"")
            segments, fields, numbers = zip(*(buckets[place] for place in missing), strict=True)
            ids = {id_: place for place, id_ in enumerate(dict.fromkeys(segments), 1)}
            rows = QUERIES.find_postings(
                self._connection,
                segment_ids=list(ids),
                segments=_listed(map(ids.__getitem__, segments)),
                fields=_listed(fields),
                buckets=_listed(numbers),
            )
            async for at, content in rows:
                read[missing[at - 1]] = content
            for place, content in read.items():
                found[place] = content
                if buckets[place].field != Field.PASSAGE_NEIGHBOURS:
                    _buckets.put(buckets[place], content)
        return [content or None for content in found]

    async def links(self, record_nos: Sequence[int]) -> list[tuple[int, int]]:
        """See the port."""
        rows = [row async for row in QUERIES.links_between(self._connection, record_nos=list(record_nos))]
        return [(row["from_no"], row["to_no"]) for row in rows]

    async def versions_at(self, filters: Filters, day: date) -> list[OldVersion]:
        """See the port."""
        rows = QUERIES.versions_at(
            self._connection,
            day=day,
            statuses=list(filters.statuses),
            tags=list(filters.tags),
            excluded_statuses=list(filters.excluded_statuses),
            excluded_tags=list(filters.excluded_tags),
            decided_from=filters.decided_from,
            decided_to=filters.decided_to,
        )
        return [OldVersion(**row) async for row in rows]

    async def list_blocks(self, model: str) -> list[StoredBlock] | None:
        """See the port."""
        rows = [row async for row in QUERIES.list_blocks(self._connection, model=model)]
        return [StoredBlock(**row) for row in rows if row["id"] is not None] if rows else None

    async def block_contents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """See the port."""
        return await self._immutable(QUERIES.block_contents, ids)

    async def cosines(self, model: str, vector: NDArray[np.float32], passage_nos: Sequence[int]) -> dict[int, float]:
        """See the port."""
        content = await QUERIES.cosines(
            self._connection, model=model, vector=_vector_text(vector), passage_nos=_listed(passage_nos)
        )
        packed = np.frombuffer(content or b"", [("passage", ">i4"), ("cosine", ">f4")])
        return dict(zip(packed["passage"].tolist(), packed["cosine"].tolist(), strict=True))

    async def named(self, name: str) -> list[int]:
        """See the port."""
        return [record_no for _, record_no in await self._named(name) if record_no is not None]

    async def successors(self, record_nos: Sequence[int]) -> dict[int, int]:
        """See the port."""
        return {
            row["old_no"]: row["new_no"]
            async for row in QUERIES.successors(self._connection, record_nos=list(record_nos))
        }

    async def facets(self, record_nos: Sequence[int]) -> list[FacetCount]:
        """See the port."""
        rows = QUERIES.facet_counts(self._connection, record_nos=list(record_nos))
        return [FacetCount(row["field"], row["value"], row["count"]) async for row in rows]

    async def title_words(self) -> list[str]:
        """See the port."""
        return [row["word"] async for row in QUERIES.title_words(self._connection)]

    async def record_texts(self, record_nos: Sequence[int], *, attached: bool) -> dict[int, list[str]]:
        """See the port."""
        texts: dict[int, list[str]] = {}
        async for row in QUERIES.record_texts(self._connection, record_nos=list(record_nos), attached=attached):
            texts.setdefault(row["record_no"], []).append(row["content"])
        return texts

    async def suggest(self, words: Sequence[str], most: int) -> list[UUID]:
        """See the port."""
        patterns = [rf"\m{re.escape(word)}" for word in words]
        rows = QUERIES.suggested_decisions(
            self._connection, words=list(words), patterns=patterns, text=" ".join(words), most=most
        )
        return [row["id"] async for row in rows]

    async def mean_vector(self, model: str, record_no: int) -> NDArray[np.float32] | None:
        """See the port."""
        model_id = await QUERIES.find_model(self._connection, name=model)
        text = await QUERIES.mean_vector(self._connection, model=model_id or 0, record_no=record_no)
        return np.array(json.loads(text), np.float32) if text else None

    async def _named(self, name: str) -> list[tuple[UUID, int | None]]:
        """Return ids, and record numbers where they are indexed, of the decisions a name means."""
        log_slug, _, plain = name.strip().rpartition("/")
        number = re.fullmatch(r"(?:[A-Za-z][A-Za-z0-9]{0,15}[-_ ]?)?#?(\d{1,9})", plain)
        rows = QUERIES.named_decisions(
            self._connection, number=int(number[1]) if number else None, slug=plain.lower(), log_slug=log_slug.lower()
        )
        return [(row["id"], row["record_no"]) async for row in rows]

    async def decision_ids(self, record_nos: Sequence[int]) -> dict[int, UUID]:
        """See the port."""
        rows = [row async for row in QUERIES.record_decisions(self._connection, record_nos=list(record_nos))]
        return {row["record_no"]: row["decision_id"] for row in rows}

    async def passages(self, passage_nos: Sequence[int]) -> dict[int, Passage]:
        """See the port."""
        rows = [row async for row in QUERIES.passages_by_no(self._connection, passage_nos=list(passage_nos))]
        return {
            row["passage_no"]: Passage(
                row["id"],
                row["decision_id"],
                row["version"],
                tuple(row["heading_path"]),
                row["anchor"],
                row["content"],
                row["language"],
                source=row["source"],
                source_title=row["source_title"],
                link=row["link"],
            )
            for row in rows
        }

    async def first_passages(self, record_nos: Sequence[int]) -> dict[int, int]:
        """See the port."""
        rows = [row async for row in QUERIES.first_passages(self._connection, record_nos=list(record_nos))]
        return {row["record_no"]: row["passage_no"] for row in rows}

    async def index_state(self, decision_id: UUID) -> IndexState | None:
        """See the port."""
        row = await QUERIES.index_state(self._connection, decision_id=decision_id)
        return IndexState(**row) if row else None

    async def index_totals(self) -> IndexTotals:
        """See the port."""
        return IndexTotals(**await QUERIES.index_totals(self._connection))

    async def audit(self) -> list[tuple[UUID, str]]:
        """See the port."""
        return [(row["decision_id"], row["problem"]) async for row in QUERIES.audit(self._connection)]

    async def passage_numbers(self) -> list[tuple[int, int]]:
        """See the port."""
        packed = np.frombuffer(await QUERIES.passage_numbers(self._connection) or b"", ">i4").reshape(-1, 2)
        return [(int(record_no), int(passage_no)) for record_no, passage_no in packed]

    async def mark_stale(self) -> None:
        """See the port."""
        await QUERIES.mark_stale(self._connection)

    async def drop_vectors(self) -> None:
        """See the port."""
        await QUERIES.drop_vectors(self._connection)

    async def passages_to_embed(self, decision_id: UUID, model: str) -> list[PassageToEmbed]:
        """See the port."""
        model_id = await QUERIES.find_model(self._connection, name=model)
        rows = [
            row
            async for row in QUERIES.passages_to_embed(self._connection, decision_id=decision_id, model=model_id or 0)
        ]
        return [
            PassageToEmbed(
                row["passage_no"], tuple(row["heading_path"]), row["content"], row["content_hash"], row["title"]
            )
            for row in rows
        ]

    async def save_vectors(
        self, model: str, passages: Sequence[PassageToEmbed], vectors: NDArray[np.float32]
    ) -> list[int]:
        """See the port."""
        model_id = await self._model_id(model, vectors.shape[1])
        rows = QUERIES.save_vectors(
            self._connection,
            model=model_id,
            passage_nos=[passage.passage_no for passage in passages],
            hashes=[passage.content_hash for passage in passages],
            vectors=[_vector_text(vector) for vector in vectors],
        )
        return [row["passage_no"] async for row in rows]

    async def add_block(self, model: str, block: StoredBlock, content: bytes) -> None:
        """See the port."""
        model_id = await QUERIES.find_model(self._connection, name=model)
        await QUERIES.add_block(self._connection, id=block.id, model=model_id, passages=block.passages, content=content)

    async def drop_blocks(self, ids: Sequence[UUID]) -> None:
        """See the port."""
        await QUERIES.drop_blocks(self._connection, ids=list(ids))

    async def embedded_passages(self, model: str, passage_nos: Sequence[int]) -> list[int]:
        """See the port."""
        model_id = await QUERIES.find_model(self._connection, name=model)
        rows = QUERIES.embedded_passages(self._connection, model=model_id or 0, passage_nos=list(passage_nos))
        return [row["passage_no"] async for row in rows]

    async def advance_meaning(self, decision_id: UUID, model: str) -> bool:
        """See the port."""
        model_id = await QUERIES.find_model(self._connection, name=model)
        advanced = await QUERIES.advance_meaning(self._connection, decision_id=decision_id, model=model_id or 0)
        return advanced is not None

    async def complete_model(self, model: str) -> None:
        """See the port."""
        await QUERIES.complete_model(self._connection, model=model)

    async def query_model(self) -> tuple[UUID, str]:
        """See the port."""
        row = await QUERIES.query_model(self._connection)
        return row["tenant_id"], row["name"]

    async def _immutable(self, query: Any, ids: Sequence[UUID]) -> dict[UUID, bytes]:  # noqa: ANN401 - aiosql has no types.
        """Return what a query gives for each id, out of the cache where that has it."""
        found = {id_: content for id_ in ids if (content := _whole.get(id_)) is not None}
        missing = [id_ for id_ in ids if id_ not in found]
        if missing:
            async for id_, content in query(self._connection, ids=missing):
                found[id_] = content
                _whole.put(id_, content)
        return found

    async def _model_id(self, name: str, dimensions: int) -> int:
        found = await QUERIES.find_model(self._connection, name=name)
        if found is not None:
            return found
        # Two writers may meet here; the lock lets one add the model and the other find it.
        await self.lock()
        found = await QUERIES.find_model(self._connection, name=name)
        return await QUERIES.add_model(self._connection, name=name, dimensions=dimensions) if found is None else found
