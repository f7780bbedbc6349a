"""Buckets of postings: whatever their widths, what is packed is found again."""

import struct

import numpy as np
import pytest

from cairn.search.model.segments import PackedPostings, Postings


def postings(documents: list[int], counts: list[int]) -> Postings:
    """Return two terms: the first stands in all documents but the last, the second in the last."""
    terms = np.array([7] * (len(documents) - 1) + [2**63 + 5], np.uint64)
    return Postings(terms, np.array(documents, np.int32), np.array(counts, np.int32))


@pytest.mark.parametrize("last_document", [3, 65_535, 65_536, 2_000_000])
@pytest.mark.parametrize("highest_count", [1, 255, 256, 65_535])
def test_a_bucket_is_read_as_it_was_written(last_document: int, highest_count: int) -> None:
    packed = PackedPostings(postings([0, 2, last_document], [1, highest_count, 3]).pack())
    first = packed.find(np.uint64(7))
    last = packed.find(np.uint64(2**63 + 5))
    assert first is not None
    assert last is not None
    assert [part.tolist() for part in first] == [[0, 2], [1, highest_count]]
    assert [part.tolist() for part in last] == [[last_document], [3]]
    assert [packed.find(np.uint64(term)) for term in (0, 6, 8, 2**64 - 1)] == [None] * 4
    again = packed.unpack()
    assert again.terms.tolist() == [7, 7, 2**63 + 5]
    assert (again.documents.tolist(), again.counts.tolist()) == ([0, 2, last_document], [1, highest_count, 3])


def test_small_postings_take_three_bytes() -> None:
    small, wide = postings([1, 2, 3], [1, 1, 1]).pack(), postings([1, 2, 70_000], [1, 1, 300]).pack()
    assert len(wide) - len(small) == 3 * 3


def test_a_count_beyond_sixteen_bits_is_cut() -> None:
    found = PackedPostings(postings([1, 2], [70_000, 1]).pack()).find(np.uint64(7))
    assert found is not None
    assert found[1].tolist() == [65_535]


def test_a_bucket_of_an_older_cairn_is_read() -> None:
    """It had four bytes for a document and two for a count, always."""
    content = struct.pack("<ii2Q2i3i3H", 2, 3, 7, 9, 2, 3, 0, 4, 5, 1, 2, 3)
    packed = PackedPostings(content)
    found = packed.find(np.uint64(7))
    assert found is not None
    assert [part.tolist() for part in found] == [[0, 4], [1, 2]]
    assert packed.unpack().documents.tolist() == [0, 4, 5]
