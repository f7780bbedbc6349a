"""Searching what the logs said on a day: today's index, with the versions of then laid over what has changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cairn.search.domain import FacetCount, Filters, IndexState, IndexTotals, Notice, NoticeCode, Passage
from cairn.search.model.passages import make_passages
from cairn.search.model.segments import Documents, Field, RecordTerms, Segment, build_segment
from cairn.search.model.words import guess_language
from cairn.search.ports import (
    Bucket,
    IndexReader,
    KnownPassage,
    LiveRecords,
    NewPassage,
    OldVersion,
    StoredBlock,
    StoredSegment,
)
from cairn.search.usecases.indexing import number_passages, record_terms

# Reading a version takes some 10 ms, so that more would keep a person waiting.
OLD_VERSIONS_MAX = 200
FACET_VALUES_MAX = 20
_OVERLAY = UUID(int=1)


@dataclass(frozen=True, slots=True)
class _Text:
    """A version as it is indexed."""

    id: UUID
    version: int
    title: str
    slug: str
    body: str


class AsOf:
    """`ports.IndexReader` for one day. Passages that have not changed since keep their numbers and their vectors."""

    def __init__(
        self, reader: IndexReader, versions: Sequence[OldVersion], passages: Sequence[NewPassage], terms: Segment
    ) -> None:
        self._reader = reader
        self._versions = {version.record_no: version for version in versions}
        self._passages = {passage.passage_no: passage for passage in passages}
        self._terms = terms
        self._languages = {
            version.record_no: guess_language(f"{version.title}\n{version.body}") for version in versions
        }

    @classmethod
    async def open(cls, reader: IndexReader, filters: Filters, day: date) -> tuple["AsOf", list[Notice]]:
        """Read what the logs said at the end of a day. Also return what to tell of it."""
        versions = await reader.versions_at(filters, day)
        changed = [version for version in versions if version.body is not None]
        told = [Notice(NoticeCode.AS_OF, f"As the logs were at the end of {day}.", (str(day),))]
        if len(changed) > OLD_VERSIONS_MAX:
            limited = f"{len(changed)} records have changed since; {OLD_VERSIONS_MAX} of these were searched."
            told += [Notice(NoticeCode.AS_OF_LIMITED, limited, (str(len(changed)), str(OLD_VERSIONS_MAX)))]
            left_out = {version.record_no for version in changed[OLD_VERSIONS_MAX:]}
            versions = [version for version in versions if version.record_no not in left_out]
            changed = changed[:OLD_VERSIONS_MAX]
        stored = await reader.segment_documents([segment.id for segment in await reader.list_segments()])
        last = max((int(Documents.unpack(one).passage_nos.max(initial=0)) for one in stored.values()), default=0)
        known = await reader.known_passages([version.record_no for version in changed])
        passages: list[NewPassage] = []
        terms: list[RecordTerms] = []
        for version in changed:
            text = _Text(version.decision_id, version.version, version.title, version.slug, version.body or "")
            number, before = version.record_no, known.get(version.record_no, [])
            # What stands in today's text too has its number from there, and so its vector.
            own = number_passages(text, make_passages(text.body), before, record_no=number, first_no=last + 1)
            last = max([last, *(passage.passage_no for passage in own)])
            passages += own
            language = guess_language(f"{text.title}\n{text.body}")
            terms.append(
                record_terms(text, own, language, record_no=version.record_no, generation=version.generation + 1)
            )
        return cls(reader, versions, passages, build_segment(terms)), told

    async def live_records(self, filters: Filters) -> LiveRecords:
        """Return the records there were, in the version of the day."""
        # What a version says of itself was narrowed when the versions were read.
        plain = replace(
            filters,
            statuses=(),
            excluded_statuses=(),
            tags=(),
            excluded_tags=(),
            decided_from=None,
            decided_to=None,
            as_of=None,
        )
        live = await self._reader.live_records(plain)
        numbers = live.record_nos.tolist()
        there = np.array([number in self._versions for number in numbers], bool)
        versions = [self._versions[number] for number in numbers if number in self._versions]
        changed = np.array([version.body is not None for version in versions], np.int32)
        return LiveRecords(
            live.record_nos[there],
            live.generations[there] + changed,
            live.wanted[there] & np.array([version.wanted for version in versions], bool),
            np.array([version.retired for version in versions], bool),
            live.logs[there],
            # What was said about them, and when, is not asked here.
            live.attached[:0],
        )

    async def list_segments(self) -> list[StoredSegment]:
        """Return the segments, and the overlay's."""
        stored = await self._reader.list_segments()
        if not self._passages:
            return stored
        languages = tuple(sorted(set(self._languages.values())))
        return [*stored, StoredSegment(_OVERLAY, 0, len(self._passages), 0, self._terms.bucket_bits, languages)]

    async def segment_documents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return the packed documents of segments."""
        found = await self._reader.segment_documents([id_ for id_ in ids if id_ != _OVERLAY])
        return {**found, _OVERLAY: self._terms.documents.pack()} if _OVERLAY in ids else found

    async def find_postings(self, buckets: Sequence[Bucket]) -> list[bytes | None]:
        """Return what is in each bucket, None where there is none."""
        found = iter(await self._reader.find_postings([one for one in buckets if one.segment_id != _OVERLAY]))
        return [
            self._terms.buckets.get((Field(one.field), one.number)) if one.segment_id == _OVERLAY else next(found)
            for one in buckets
        ]

    async def passages(self, passage_nos: Sequence[int]) -> dict[int, Passage]:
        """Return passages by number, those of the overlay with the version they are of."""
        found = await self._reader.passages([number for number in passage_nos if number not in self._passages])
        for number in passage_nos:
            passage = self._passages.get(number)
            if passage is not None:
                found[number] = Passage(
                    id=passage.id,
                    decision_id=self._versions[passage.record_no].decision_id,
                    version=passage.version,
                    heading_path=passage.heading_path,
                    anchor=passage.anchor,
                    text=passage.text,
                    language=self._languages[passage.record_no],
                )
        return found

    async def first_passages(self, record_nos: Sequence[int]) -> dict[int, int]:
        """Return the number of each record's first passage."""
        found = await self._reader.first_passages(record_nos)
        for passage in self._passages.values():
            if passage.position == 0 and passage.record_no in set(record_nos):
                found[passage.record_no] = passage.passage_no
        return found

    async def record_texts(self, record_nos: Sequence[int], *, attached: bool) -> dict[int, list[str]]:
        """Return each record's title and passages; what is attached is of today."""
        del attached
        found = await self._reader.record_texts(record_nos, attached=False)
        for number in record_nos:
            version = self._versions.get(number)
            if version is not None and version.body is not None:
                found[number] = [version.title, version.body]
        return found

    async def versions_at(self, filters: Filters, day: date) -> list[OldVersion]:
        """See the port."""
        return await self._reader.versions_at(filters, day)

    async def known_passages(self, record_nos: Sequence[int]) -> dict[int, list[KnownPassage]]:
        """See the port."""
        return await self._reader.known_passages(record_nos)

    async def links(self, record_nos: Sequence[int]) -> list[tuple[int, int]]:
        """See the port."""
        return await self._reader.links(record_nos)

    async def list_blocks(self, model: str) -> list[StoredBlock] | None:
        """See the port."""
        return await self._reader.list_blocks(model)

    async def block_contents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """See the port."""
        return await self._reader.block_contents(ids)

    async def cosines(self, model: str, vector: NDArray[np.float32], passage_nos: Sequence[int]) -> dict[int, float]:
        """See the port."""
        return await self._reader.cosines(model, vector, passage_nos)

    async def named(self, name: str) -> list[int]:
        """See the port."""
        return await self._reader.named(name)

    async def successors(self, record_nos: Sequence[int]) -> dict[int, int]:
        """Return nothing: on that day, what took a place may not have been there."""
        del record_nos
        return {}

    async def facets(self, record_nos: Sequence[int]) -> list[FacetCount]:
        """Count what the versions of the day say."""
        versions = [self._versions[number] for number in record_nos]
        counted = {
            "log": Counter(version.log_slug for version in versions),
            "status": Counter(version.status for version in versions),
            "tag": Counter(tag for version in versions for tag in version.tags),
            "year": Counter(str(version.decided_on.year) for version in versions if version.decided_on),
        }
        return [
            FacetCount(name, value, count)
            for name, counts in counted.items()
            for value, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:FACET_VALUES_MAX]
        ]

    def version_of(self, record_no: int) -> OldVersion:
        """Return the version of the day of a record that was there then."""
        return self._versions[record_no]

    async def title_words(self) -> list[str]:
        """See the port."""
        return await self._reader.title_words()

    async def suggest(self, words: Sequence[str], most: int) -> list[UUID]:
        """See the port."""
        return await self._reader.suggest(words, most)

    async def query_model(self) -> tuple[UUID, str]:
        """See the port."""
        return await self._reader.query_model()

    async def mean_vector(self, model: str, record_no: int) -> NDArray[np.float32] | None:
        """See the port."""
        return await self._reader.mean_vector(model, record_no)

    async def decision_ids(self, record_nos: Sequence[int]) -> dict[int, UUID]:
        """See the port."""
        return await self._reader.decision_ids(record_nos)

    async def index_state(self, decision_id: UUID) -> IndexState | None:
        """See the port."""
        return await self._reader.index_state(decision_id)

    async def index_totals(self) -> IndexTotals:
        """See the port."""
        return await self._reader.index_totals()
