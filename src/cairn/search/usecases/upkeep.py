"""Comparing the index with the decisions, and having it made anew."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np

from cairn.search.model.segments import Documents
from cairn.search.ports import IndexKeeper

PROBLEMS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class IndexProblem:
    """A decision that the index has wrongly, and what is wrong."""

    decision_id: UUID
    problem: str


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an index holds, and where it differs from the decisions."""

    problems: tuple[IndexProblem, ...]
    decisions: int
    passages: int
    segments: int
    words_bytes: int


async def check_index(index: IndexKeeper) -> IndexReport:
    """Compare the index with the decisions: versions, vectors, and that every passage stands in one segment alive."""
    found = [IndexProblem(decision_id, problem) for decision_id, problem in await index.audit()]
    segments = await index.list_segments()
    packed = await index.segment_documents([segment.id for segment in segments])
    generations = await index.generations()
    alive: dict[int, list[frozenset[int]]] = {number: [] for number in generations}
    for content in packed.values():
        documents = Documents.unpack(content)
        for place, number in enumerate(documents.record_nos.tolist()):
            if generations.get(number) == int(documents.generations[place]):
                first, last = documents.first_passage[place : place + 2]
                alive[number].append(frozenset(documents.passage_nos[first:last].tolist()))
    stored: dict[int, set[int]] = {number: set() for number in generations}
    for record_no, passage_no in await index.passage_numbers():
        stored[record_no].add(passage_no)
    wrong = [number for number in generations if alive[number] != [stored[number]]]
    ids = await index.decision_ids(wrong)
    found += [
        IndexProblem(ids[number], f"stands in {len(alive[number])} segments, or with other passages than are stored")
        for number in wrong
        if number in ids
    ]
    return IndexReport(
        problems=tuple(found[:PROBLEMS_MAX]),
        decisions=(await index.index_totals()).decisions,
        passages=int(np.sum([len(numbers) for numbers in stored.values()], dtype=int)),
        segments=len(segments),
        words_bytes=sum(segment.size_bytes for segment in segments),
    )


async def make_stale(index: IndexKeeper, *, embed_anew: bool) -> None:
    """Mark everything as to be indexed anew. Lock the index before."""
    await index.mark_stale()
    if embed_anew:
        await index.drop_vectors()
