"""Segments: immutable pieces of the word index, packed for numpy.

A segment holds the words of some records in four fields. Its *documents* say which records and passages stand in it;
its *postings* say which term stands where, cut into buckets by the leading bits of the term's hash, so that a small
segment is a few rows of the database and a large one is read only where a query needs it.
"""

import itertools
import struct
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cairn.search.model.words import Terms

BUCKET_BITS_MAX = 20
_SMALL_POSTINGS_MAX = 4_096
# After so many buckets a thread that joins segments lets the others go on: about a millisecond.
_TURN = 32
_TURN_SECONDS = 0.0001
_Item = TypeVar("_Item")

Ints = NDArray[np.int32]


class Field(IntEnum):
    """What is counted. A record's field counts in whole records, a passage's in passages."""

    RECORD_WORDS = 0
    PASSAGE_WORDS = 1
    PASSAGE_NEIGHBOURS = 2
    TITLE_WORDS = 3

    @property
    def counts_records(self) -> bool:
        """Whether its documents are records, not passages."""
        return self in {Field.RECORD_WORDS, Field.TITLE_WORDS}


# So many postings are a bucket, or up to half of them. Most pairs of words stand in one passage only, so a bucket of
# pairs is mostly terms; what takes less than 2 KB is read without a second look-up.
_BUCKET_POSTINGS = {
    Field.RECORD_WORDS: 512,
    Field.PASSAGE_WORDS: 512,
    Field.PASSAGE_NEIGHBOURS: 128,
    Field.TITLE_WORDS: 512,
}


@dataclass(frozen=True, slots=True)
class RecordTerms:
    """A record taken apart: its terms in order, and those of each passage under the passage's number.

    `generation` counts how often the record was indexed: of all entries with one `record_no`, only the one whose
    generation is the record's current one is alive.
    """

    record_no: int
    generation: int
    words: Terms
    title: Terms
    passages: Sequence[tuple[int, Terms, Terms]]


@dataclass(frozen=True, slots=True)
class Documents:
    """The records and passages of a segment. Passages of one record stand together, in the order of the records.

    `first_passage` has one entry more than there are records: record `i` has the passages
    `first_passage[i]` to `first_passage[i + 1]`. Lengths are in terms.
    """

    record_nos: Ints
    generations: Ints
    record_lengths: Ints
    first_passage: Ints
    passage_nos: Ints
    word_lengths: Ints
    neighbour_lengths: Ints
    title_lengths: Ints

    def pack(self) -> bytes:
        """Return the arrays as bytes: the counts of records and passages, then each array, little-endian."""
        counts = np.array([len(self.record_nos), len(self.passage_nos)], "<i4")
        arrays = (
            self.record_nos,
            self.generations,
            self.record_lengths,
            self.first_passage,
            self.passage_nos,
            self.word_lengths,
            self.neighbour_lengths,
            self.title_lengths,
        )
        return b"".join([counts.tobytes(), *(array.astype("<i4").tobytes() for array in arrays)])

    @classmethod
    def unpack(cls, content: bytes) -> "Documents":
        """Read what `pack` wrote."""
        values = np.frombuffer(content, "<i4")
        records, passages = int(values[0]), int(values[1])
        sizes = (records, records, records, records + 1, passages, passages, passages, records)
        bounds = np.cumsum((2, *sizes))
        return cls(*(values[first:last] for first, last in itertools.pairwise(bounds)))

    def lengths(self, field: Field) -> Ints:
        """Return the lengths of a field's documents."""
        return (self.record_lengths, self.word_lengths, self.neighbour_lengths, self.title_lengths)[field]


def join_documents(parts: Sequence[Documents]) -> Documents:
    """Put the documents of segments one after the other."""
    if len(parts) == 1:
        return parts[0]

    def joined(arrays: Iterable[Ints]) -> Ints:
        return np.concatenate([np.empty(0, np.int32), *arrays])

    starts = np.cumsum([0, *(len(part.passage_nos) for part in parts)])
    return Documents(
        record_nos=joined(part.record_nos for part in parts),
        generations=joined(part.generations for part in parts),
        record_lengths=joined(part.record_lengths for part in parts),
        first_passage=np.append(
            joined(part.first_passage[:-1] + start for part, start in zip(parts, starts[:-1], strict=True)), starts[-1]
        ).astype(np.int32),
        passage_nos=joined(part.passage_nos for part in parts),
        word_lengths=joined(part.word_lengths for part in parts),
        neighbour_lengths=joined(part.neighbour_lengths for part in parts),
        title_lengths=joined(part.title_lengths for part in parts),
    )


@dataclass(frozen=True, slots=True)
class Postings:
    """Terms with where they stand: entry `i` says that `terms[i]` stands `counts[i]` times in document `documents[i]`.

    Sorted by term, then document. Documents are places in the segment's arrays.
    """

    terms: Terms
    documents: Ints
    counts: Ints

    def pack(self) -> bytes:
        """Return the postings as bytes, each term written once, documents and counts in as few bytes as hold them all.

        The counts of terms and postings, the terms, where each one's postings end, documents, counts; little-endian.
        """
        ends = np.append(_changes(self.terms), len(self.terms))[1:]
        terms = self.terms[ends - 1]
        document = "<u2" if self.documents.max(initial=0) < 1 << 16 else "<i4"
        count = "u1" if self.counts.max(initial=0) < 1 << 8 else "<u2"
        return b"".join(
            [
                _HEAD.pack(len(terms), len(self.terms)),
                terms.astype("<u8").tobytes(),
                ends.astype("<i4").tobytes(),
                self.documents.astype(document).tobytes(),
                np.minimum(self.counts, 65_535).astype(count).tobytes(),
            ]
        )


_HEAD = struct.Struct("<ii")
_END = struct.Struct("<i")
_TERM_BYTES = 8
# How many bytes a posting takes says how its document and its count are written.
_KINDS = {
    document.itemsize + count.itemsize: (document, count)
    for document, count in itertools.product((np.dtype("<u2"), np.dtype("<i4")), (np.dtype("u1"), np.dtype("<u2")))
}
_SIZES = {width: (document.itemsize, count.itemsize) for width, (document, count) in _KINDS.items()}
# How many postings a term has, the bytes of one, and its documents and counts as they are packed.
Found = tuple[int, int, bytes, bytes]
Places = NDArray[np.int64]
Counted = NDArray[np.uint8 | np.uint16]


def find_term(content: bytes, term: bytes) -> Found | None:
    """Return what a packed bucket has of a term, given as it is packed; None when it is not there.

    A long query asks thousands of buckets, for which anything but a search of bytes takes ten times as long.
    """
    distinct, total = _HEAD.unpack_from(content)
    ends_at = _HEAD.size + _TERM_BYTES * distinct
    at = content.find(term, _HEAD.size, ends_at)
    while at % _TERM_BYTES:  # The end of one term and the beginning of the next; -1 ends it too, below.
        if at < 0:
            return None
        at = content.find(term, at + 1, ends_at)
    end_at = ends_at + _END.size * (at - _HEAD.size) // _TERM_BYTES
    first = _END.unpack_from(content, end_at - _END.size)[0] if at > _HEAD.size else 0
    last = _END.unpack_from(content, end_at)[0]
    documents_at = ends_at + _END.size * distinct
    width = (len(content) - documents_at) // total
    document, count = _SIZES[width]
    counts_at = documents_at + document * total
    return (
        last - first,
        width,
        content[documents_at + document * first : documents_at + document * last],
        content[counts_at + count * first : counts_at + count * last],
    )


def join_found(found: Sequence[tuple[int, Found]]) -> tuple[Places, Counted]:
    """Return the documents of terms in several buckets, one bucket after the other, and the counts there.

    Each comes with the place where the documents of its segment begin.
    """
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.uint8)
    starts, postings = zip(*found, strict=True)
    sizes, widths, documents, counts = zip(*postings, strict=True)
    document, count = _KINDS[widths[0]]
    if len(set(widths)) > 1:
        document = max((_KINDS[width][0] for width in widths), key=lambda kind: kind.itemsize)
        count = max((_KINDS[width][1] for width in widths), key=lambda kind: kind.itemsize)
        documents = [
            np.frombuffer(one, _KINDS[width][0]).astype(document).tobytes()
            for width, one in zip(widths, documents, strict=True)
        ]
        counts = [
            np.frombuffer(one, _KINDS[width][1]).astype(count).tobytes()
            for width, one in zip(widths, counts, strict=True)
        ]
    places = np.frombuffer(b"".join(documents), document).astype(np.int64)
    if len(set(starts)) > 1:
        places += np.repeat(np.array(starts, np.int64), sizes)
    else:
        places += starts[0]
    return places, np.frombuffer(b"".join(counts), count)


def unpack_postings(content: bytes) -> Postings:
    """Return all postings of a packed bucket."""
    distinct, total = _HEAD.unpack_from(content)
    terms = np.frombuffer(content, "<u8", distinct, _HEAD.size)
    ends_at = _HEAD.size + _TERM_BYTES * distinct
    sizes = np.diff(np.frombuffer(content, "<i4", distinct, ends_at), prepend=0)
    documents_at = ends_at + _END.size * distinct
    document, count = _KINDS[(len(content) - documents_at) // total if total else min(_KINDS)]
    documents = np.frombuffer(content, document, total, documents_at)
    counts = np.frombuffer(content, count, total, documents_at + document.itemsize * total)
    return Postings(np.repeat(terms, sizes), documents.astype(np.int32), counts.astype(np.int32))


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment ready to be stored: documents, and per field the bits of its buckets and their content."""

    documents: Documents
    bucket_bits: tuple[int, ...]
    buckets: Mapping[tuple[Field, int], bytes]


def build_segment(records: Iterable[RecordTerms]) -> Segment:
    """Pack records into a segment."""
    ordered = sorted(records, key=lambda record: record.record_no)
    passages = [passage for record in ordered for passage in record.passages]
    documents = Documents(
        record_nos=_ints(record.record_no for record in ordered),
        generations=_ints(record.generation for record in ordered),
        record_lengths=_ints(len(record.words) for record in ordered),
        first_passage=np.cumsum([0, *(len(record.passages) for record in ordered)], dtype=np.int32),
        passage_nos=_ints(number for number, _, _ in passages),
        word_lengths=_ints(len(words) for _, words, _ in passages),
        neighbour_lengths=_ints(len(pairs) for _, _, pairs in passages),
        title_lengths=_ints(len(record.title) for record in ordered),
    )
    return pack_segment(
        documents,
        {
            Field.RECORD_WORDS: _count(record.words for record in ordered),
            Field.PASSAGE_WORDS: _count(words for _, words, _ in passages),
            Field.PASSAGE_NEIGHBOURS: _count(pairs for _, _, pairs in passages),
            Field.TITLE_WORDS: _count(record.title for record in ordered),
        },
    )


def pack_segment(documents: Documents, postings: Mapping[Field, Postings]) -> Segment:
    """Cut postings into buckets of a few kilobytes and pack them."""
    bits: list[int] = []
    buckets: dict[tuple[Field, int], bytes] = {}
    for field in Field:
        field_bits, packed = pack_field(field, postings[field])
        bits.append(field_bits)
        buckets |= {(field, bucket): content for bucket, content in packed.items()}
    return Segment(documents, tuple(bits), buckets)


def pack_field(field: Field, postings: Postings) -> tuple[int, dict[int, bytes]]:
    """Return how many bits tell the buckets of a field, and what is in each."""
    count = len(postings.terms)
    # What a record's own segment has is read together, and written as one row a field.
    small = count <= _SMALL_POSTINGS_MAX
    bits = 0 if small else min(BUCKET_BITS_MAX, (count // _BUCKET_POSTINGS[field]).bit_length())
    return bits, {bucket: part.pack() for bucket, part in _giving_way(_cut(postings, bits))}


def alive_records(documents: Documents, alive: Mapping[int, int]) -> NDArray[np.bool_]:
    """Return which records of a segment are of the generation that `alive` gives for their number."""
    return np.fromiter(
        (
            alive.get(number) == generation
            for number, generation in zip(documents.record_nos.tolist(), documents.generations.tolist(), strict=True)
        ),
        bool,
        len(documents.record_nos),
    )


def merge_documents(parts: Sequence[Documents], alive: Mapping[int, int]) -> tuple[Documents, list[Ints], list[Ints]]:
    """Join the documents of segments, without records that are not of the generation that `alive` gives for them.

    Also return, for each segment, the new place of each old record and passage, -1 for the dead.
    """
    masks = [alive_records(part, alive) for part in parts]
    order = np.argsort(
        np.concatenate([part.record_nos[mask] for part, mask in zip(parts, masks, strict=True)]), kind="stable"
    )
    return _merge_documents(parts, masks, order)


def merge_field(field: Field, parts: Sequence[Sequence[bytes]], places: Sequence[Ints]) -> tuple[int, dict[int, bytes]]:
    """Join the buckets that each segment has of a field. Return what `pack_field` does.

    `places` are the new places of each segment's documents, as `merge_documents` returns them.
    """
    terms: list[Terms] = []
    documents: list[Ints] = []
    counts: list[Ints] = []
    for contents, new_places in zip(parts, places, strict=True):
        for content in _giving_way(contents):
            postings = unpack_postings(content)
            moved = new_places[postings.documents]
            alive = moved >= 0
            terms.append(postings.terms[alive])
            documents.append(moved[alive])
            counts.append(postings.counts[alive])
    if not terms:
        return pack_field(field, _count([]))
    return pack_field(field, _sorted(np.concatenate(terms), np.concatenate(documents), np.concatenate(counts)))


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), np.int32)


def _giving_way(some: Iterable[_Item]) -> Iterator[_Item]:
    """Let the other threads have their turn now and then: Python itself gives it away after five milliseconds only."""
    for number, one in enumerate(some, 1):
        if number % _TURN == 0:
            time.sleep(_TURN_SECONDS)
        yield one


def _changes(values: Terms | Places) -> NDArray[np.int64]:
    """Return where a sorted array begins and where its value changes."""
    return np.flatnonzero(np.append(True, values[1:] != values[:-1])) if len(values) else np.empty(0, np.int64)


def _count(documents: Iterable[Terms]) -> Postings:
    """Count the terms of each document."""
    everything = [np.empty(0, np.uint64), *documents]
    terms = np.concatenate(everything)
    places = np.repeat(np.arange(-1, len(everything) - 1, dtype=np.int32), [len(words) for words in everything])
    order = np.lexsort((places, terms))
    terms, places = terms[order], places[order]
    changed = (terms[1:] != terms[:-1]) | (places[1:] != places[:-1])
    firsts = np.flatnonzero(np.append(True, changed)) if len(terms) else np.empty(0, np.int64)
    counts = np.diff(firsts, append=len(terms)).astype(np.int32)
    return Postings(terms[firsts], places[firsts], counts)


def _sorted(terms: Terms, documents: Ints, counts: Ints) -> Postings:
    order = np.lexsort((documents, terms))
    return Postings(terms[order], documents[order], counts[order])


def _cut(postings: Postings, bits: int) -> Iterator[tuple[int, Postings]]:
    if not len(postings.terms):
        return
    owners = (
        (postings.terms >> np.uint64(64 - bits)).astype(np.int64) if bits else np.zeros(len(postings.terms), np.int64)
    )
    firsts = _changes(owners)
    for first, last in itertools.pairwise([*firsts.tolist(), len(owners)]):
        yield (
            int(owners[first]),
            Postings(postings.terms[first:last], postings.documents[first:last], postings.counts[first:last]),
        )


def _merge_documents(
    parts: Sequence[Documents], masks: Sequence[NDArray[np.bool_]], order: NDArray[np.int64]
) -> tuple[Documents, list[Ints], list[Ints]]:
    """Join documents. Also return, per part, the new place of each old record and passage, -1 for the dead."""
    sizes = [np.diff(part.first_passage) for part in parts]
    new_sizes = np.concatenate([size[mask] for size, mask in zip(sizes, masks, strict=True)])[order]
    first_passage = np.append(0, np.cumsum(new_sizes)).astype(np.int32)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    record_places: list[Ints] = []
    passage_places: list[Ints] = []
    seen = 0
    for part, size, mask in zip(parts, sizes, masks, strict=True):
        places = np.full(len(mask), -1, np.int32)
        alive = int(mask.sum())
        places[mask] = rank[seen : seen + alive]
        seen += alive
        record_places.append(places)
        inside = np.arange(len(part.passage_nos), dtype=np.int32) - np.repeat(part.first_passage[:-1], size)
        owners = np.repeat(places, size)
        passage_places.append(np.where(owners < 0, -1, first_passage[owners] + inside).astype(np.int32))

    def gather(places: Sequence[Ints], arrays: Sequence[Ints], length: int) -> Ints:
        out = np.empty(length, np.int32)
        for place, array in zip(places, arrays, strict=True):
            out[place[place >= 0]] = array[place >= 0]
        return out

    records, passages = len(order), int(first_passage[-1])
    documents = Documents(
        record_nos=gather(record_places, [part.record_nos for part in parts], records),
        generations=gather(record_places, [part.generations for part in parts], records),
        record_lengths=gather(record_places, [part.record_lengths for part in parts], records),
        first_passage=first_passage,
        passage_nos=gather(passage_places, [part.passage_nos for part in parts], passages),
        word_lengths=gather(passage_places, [part.word_lengths for part in parts], passages),
        neighbour_lengths=gather(passage_places, [part.neighbour_lengths for part in parts], passages),
        title_lengths=gather(record_places, [part.title_lengths for part in parts], records),
    )
    return documents, record_places, passage_places
