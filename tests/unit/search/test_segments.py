"""Buckets of postings: whatever their widths, what is packed is found again."""

import struct

import numpy as np
import pytest

from cairn.search.model.segments import Postings, find_term, join_found, unpack_postings


def postings(documents: list[int], counts: list[int]) -> Postings:
    """Return two terms: the first stands in all documents but the last, the second in the last."""
    terms = np.array([7] * (len(documents) - 1) + [2**63 + 5], np.uint64)
    return Postings(terms, np.array(documents, np.int32), np.array(counts, np.int32))


def standing(content: bytes, term: int, start: int = 0) -> list[list[int]] | None:
    """Return the documents and counts of a term in a bucket of a segment whose documents begin at `start`."""
    found = find_term(content, term.to_bytes(8, "little"))
    return None if found is None else [part.tolist() for part in join_found([(start, found)])]


@pytest.mark.parametrize("last_document", [3, 65_535, 65_536, 2_000_000])
@pytest.mark.parametrize("highest_count", [1, 255, 256, 65_535])
def test_a_bucket_is_read_as_it_was_written(last_document: int, highest_count: int) -> None:
    packed = postings([0, 2, last_document], [1, highest_count, 3]).pack()
    assert standing(packed, 7) == [[0, 2], [1, highest_count]]
    assert standing(packed, 2**63 + 5, start=10) == [[last_document + 10], [3]]
    assert [standing(packed, term) for term in (0, 6, 8, 2**64 - 1)] == [None] * 4
    again = unpack_postings(packed)
    assert again.terms.tolist() == [7, 7, 2**63 + 5]
    assert (again.documents.tolist(), again.counts.tolist()) == ([0, 2, last_document], [1, highest_count, 3])


def test_a_term_is_not_found_across_two_others() -> None:
    terms = [0x0202020201010101, 0x0303030302020202, 0x0404040403030303]
    packed = Postings(np.array(terms, np.uint64), np.arange(3, dtype=np.int32), np.ones(3, np.int32)).pack()
    assert [standing(packed, term) for term in terms] == [[[place], [1]] for place in range(3)]
    # The first four bytes of one and the last four of the one before it, and the same where the terms end.
    assert standing(packed, 0x0202020202020202) is None
    assert standing(packed, 0x0303030303030303) is None
    assert standing(packed, 0x0000000104040404) is None


def test_a_term_found_across_two_others_is_looked_for_behind_them() -> None:
    terms = [0x0202020201010101, 0x0303030302020202, 0x0303030303030303]
    packed = Postings(np.array(terms, np.uint64), np.arange(3, dtype=np.int32), np.ones(3, np.int32)).pack()
    assert standing(packed, 0x0303030303030303) == [[2], [1]]


def test_buckets_of_different_widths_are_joined() -> None:
    buckets = [(0, [1, 2, 3], [1, 1, 1]), (10, [1, 70_000, 3], [1, 300, 1]), (100_000, [5, 6, 7], [2, 2, 2])]
    found = [
        (start, one)
        for start, documents, counts in buckets
        if (one := find_term(postings(documents, counts).pack(), (7).to_bytes(8, "little")))
    ]
    documents, counts = join_found(found)
    assert list(zip(documents.tolist(), counts.tolist(), strict=True)) == [
        (1, 1),
        (2, 1),
        (11, 1),
        (70_010, 300),
        (100_005, 2),
        (100_006, 2),
    ]
    assert [part.tolist() for part in join_found([])] == [[], []]


def test_a_bucket_without_postings_is_read() -> None:
    nothing = np.empty(0, np.int32)
    packed = Postings(np.empty(0, np.uint64), nothing, nothing).pack()
    assert standing(packed, 7) is None
    assert unpack_postings(packed).terms.tolist() == []


def test_small_postings_take_three_bytes() -> None:
    small, wide = postings([1, 2, 3], [1, 1, 1]).pack(), postings([1, 2, 70_000], [1, 1, 300]).pack()
    assert len(wide) - len(small) == 3 * 3


def test_a_count_beyond_sixteen_bits_is_cut() -> None:
    assert standing(postings([1, 2], [70_000, 1]).pack(), 7) == [[1], [65_535]]


def test_a_bucket_of_an_older_cairn_is_read() -> None:
    """It had four bytes for a document and two for a count, always."""
    content = struct.pack("<ii2Q2i3i3H", 2, 3, 7, 9, 2, 3, 0, 4, 5, 1, 2, 3)
    assert standing(content, 7) == [[0, 4], [1, 2]]
    assert unpack_postings(content).documents.tolist() == [0, 4, 5]
